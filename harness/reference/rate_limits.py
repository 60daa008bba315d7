"""A quota for each client, counted in the database: over all connections and processes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NoReturn

from harness.reference import times
from harness.reference.call import Call
from harness.reference.errors import Problem


@dataclass(frozen=True)
class QuotaPolicy:
    """What is left, and after how many seconds more is granted."""

    admitted: bool
    remaining: int
    reset: int


class Limiter:
    """At most `limit` requests in any `window` seconds (a sliding log)."""

    def __init__(self, limit: int = 10, window: int = 1) -> None:
        self.limit = limit
        self.window = window

    def admit(self, call: Call) -> dict[str, str]:
        """The fields with the quota, or 429."""
        quota = self.count(call, self.client(call))
        fields = self.fields(quota)
        if not quota.admitted:
            self.refuse(call, quota, fields)
        return fields

    def check(self, call: Call) -> None:
        """429 for a request that is not charged, while the quota is used up."""
        since = times.now() - self.window * 1_000_000
        with call.store.read() as connection:
            used, oldest = connection.execute(
                "SELECT count(*), min(at) FROM hits WHERE client = ? AND at > ?", (self.client(call), since)
            ).fetchone()
        if used >= self.limit:
            quota = QuotaPolicy(False, 0, max(1, math.ceil((oldest - since) / 1_000_000)))
            self.refuse(call, quota, self.fields(quota))

    def client(self, call: Call) -> str:
        """Whose quota is charged: the credential's, whatever the request claims of its origin."""
        return call.principal.name

    def count(self, call: Call, client: str) -> QuotaPolicy:
        """Charge one request; a refused one costs nothing."""
        with call.store.write() as tx:
            now = times.now()
            tx.execute(
                "DELETE FROM hits WHERE client = ? AND at <= ?", (client, now - self.window * 1_000_000)
            )
            used, oldest = tx.execute(
                "SELECT count(*), min(at) FROM hits WHERE client = ?", (client,)
            ).fetchone()
            admitted = used < self.limit
            if admitted:
                tx.execute("INSERT INTO hits VALUES (?, ?)", (client, now))
        reset = math.ceil(((oldest or now) + self.window * 1_000_000 - now) / 1_000_000)
        return QuotaPolicy(admitted, max(0, self.limit - used - admitted), max(1, reset))

    def fields(self, quota: QuotaPolicy) -> dict[str, str]:
        """RateLimit fields (draft-ietf-httpapi-ratelimit-headers-11), and the older X- ones."""
        return {
            "RateLimit-Policy": f'"default";q={self.limit};w={self.window}',
            "RateLimit": f'"default";r={quota.remaining};t={quota.reset}',
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(quota.remaining),
            "X-RateLimit-Reset": str(quota.reset),
        }

    def retry_after(self, quota: QuotaPolicy) -> str:
        """Delay in whole seconds (RFC 9110 section 10.2.3)."""
        return str(quota.reset)

    def refuse(self, call: Call, quota: QuotaPolicy, fields: dict[str, str]) -> NoReturn:
        """429 (RFC 6585 section 4)."""
        detail = f"The quota is {self.limit} requests in {self.window} seconds."
        raise Problem("rate_limited", detail, {**fields, "Retry-After": self.retry_after(quota)})
