"""Other ways to limit a rate: a fixed window, a token bucket, a leaky bucket; each a quota for each client."""

from __future__ import annotations

import math

from harness.reference import times
from harness.reference.call import Call
from harness.reference.rate_limits import Limiter, QuotaPolicy

SECOND = 1_000_000


class FixedWindow(Limiter):
    """At most `limit` requests in each window of the clock; twice as many across the seam of two."""

    def count(self, call: Call, client: str) -> QuotaPolicy:
        """Charge one request to the present window."""
        span = self.window * SECOND
        with call.store.write() as tx:
            now = times.now()
            begun = now - now % span
            tx.execute("DELETE FROM hits WHERE client = ? AND at < ?", (client, begun))
            (used,) = tx.execute("SELECT count(*) FROM hits WHERE client = ?", (client,)).fetchone()
            admitted = used < self.limit
            if admitted:
                tx.execute("INSERT INTO hits VALUES (?, ?)", (client, now))
        reset = math.ceil((begun + span - now) / SECOND)
        return QuotaPolicy(admitted, max(0, self.limit - used - admitted), max(1, reset))


class TokenBucket(Limiter):
    """Bursts of `burst` requests, and `limit` in a window in the long run."""

    burst: int | None = None

    @property
    def capacity(self) -> int:
        return self.limit if self.burst is None else self.burst

    def count(self, call: Call, client: str) -> QuotaPolicy:
        """Take one token, if there is one."""
        rate = self.limit / (self.window * SECOND)
        with call.store.write() as tx:
            now = times.now()
            row = tx.execute("SELECT level, at FROM buckets WHERE client = ?", (client,)).fetchone()
            level, at = row or (float(self.capacity), now)
            level = min(float(self.capacity), level + (now - at) * rate)
            admitted = level >= 1
            level -= admitted
            tx.execute("INSERT OR REPLACE INTO buckets VALUES (?, ?, ?)", (client, level, now))
        reset = math.ceil((self.capacity - level) / rate / SECOND)
        return QuotaPolicy(admitted, math.floor(level), max(1, reset))


class LeakyBucket(TokenBucket):
    """One request in each `window / limit` seconds and no burst; advertises no quota, like a proxy's limiter."""

    burst = 1

    def fields(self, quota: QuotaPolicy) -> dict[str, str]:
        """None: no quota is advertised."""
        return {}
