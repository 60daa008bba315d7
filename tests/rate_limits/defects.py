"""Defects of rate limits: for each RATE rule at least one bug that real APIs have."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NoReturn

from starlette.types import Receive, Scope

from harness.reference import Policies, times
from harness.reference.application import Api
from harness.reference.call import Call, Reply
from harness.reference.errors import Problem, Problems
from harness.reference.extra_endpoints import Limited
from harness.reference.rate_limit_kinds import TokenBucket
from harness.reference.rate_limits import Limiter, QuotaPolicy
from harness.reference.server import serve
from harness.reference.store import Store
from tests.matrix.defect import Defect
from tests.matrix.serving import defect

# -- how it refuses --------------------------------------------------------------------------------------


class BusyInstead(Limiter):
    """A limiter that calls the client's excess the server's trouble."""

    def refuse(self, call: Call, quota: QuotaPolicy, fields: dict[str, str]) -> NoReturn:
        raise Problem("busy", "Too many requests.", {**fields, "Retry-After": self.retry_after(quota)})


class ForbiddenInstead(Limiter):
    """A gateway that refuses what is too much like everything else, and says nothing of the wait."""

    def refuse(self, call: Call, quota: QuotaPolicy, fields: dict[str, str]) -> NoReturn:
        raise Problem("forbidden", "Too many requests.", fields)


class ErrorInSuccess(Limited):
    """A handler that wraps every error in a 200."""

    def get(self, call: Call) -> Reply:
        try:
            return super().get(call)
        except Problem as problem:
            content = json.dumps({"success": False, "error": {"code": problem.code}}).encode()
            return Reply(200, content, {"Content-Type": "application/json", **problem.fields})


class OneTooMany(Limiter):
    """The counter is compared before it is raised."""

    def __init__(self) -> None:
        super().__init__(limit=11)

    def fields(self, quota: QuotaPolicy) -> dict[str, str]:
        return Limiter().fields(replace(quota, remaining=max(0, quota.remaining - 1)))


class NoFieldsOn429(Problems):
    """An error renderer that drops the fields that came with the refusal."""

    def fields(self, call: Call, problem: Problem) -> dict[str, str]:
        return {} if problem.code == "rate_limited" else super().fields(call, problem)


class NoRetryAfter(Problems):
    """Only the quota fields go with a refusal."""

    def fields(self, call: Call, problem: Problem) -> dict[str, str]:
        return {name: value for name, value in super().fields(call, problem).items() if name != "Retry-After"}


class NoQuotaOn429(Problems):
    """Middleware adds the quota fields to what the handler returns, and a refusal is raised."""

    def fields(self, call: Call, problem: Problem) -> dict[str, str]:
        fields = super().fields(call, problem)
        return {name: value for name, value in fields.items() if "RateLimit" not in name}


class ResetAsTime(Limiter):
    """The fields of the earlier drafts, with the reset as the older X- fields often have it."""

    def fields(self, quota: QuotaPolicy) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(quota.remaining),
            "RateLimit-Reset": str(times.now() // 1_000_000 + quota.reset),
        }


class FractionalRetryAfter(Limiter):
    """The difference of two floats, written as it is."""

    def retry_after(self, quota: QuotaPolicy) -> str:
        return f"{quota.reset - 0.63:.2f}"


class NegativeRetryAfter(Limiter):
    """The difference taken the wrong way round."""

    def retry_after(self, quota: QuotaPolicy) -> str:
        return str(-quota.reset)


class ProlongsTheBan(Limiter):
    """Every refused request prolongs the ban, and Retry-After is that of the window."""

    ban = 3

    def __init__(self) -> None:
        # So large that the flood budget allows nothing further, as each ban takes seconds.
        super().__init__(limit=60, window=5)
        self.until: dict[str, int] = {}

    def count(self, call: Call, client: str) -> QuotaPolicy:
        now = times.now()
        quota = QuotaPolicy(False, 0, 1) if self.until.get(client, 0) > now else super().count(call, client)
        if not quota.admitted:
            self.until[client] = now + self.ban * 1_000_000
        return quota

    def fields(self, quota: QuotaPolicy) -> dict[str, str]:
        return {name: value for name, value in super().fields(quota).items() if name.startswith("X-")}

    def retry_after(self, quota: QuotaPolicy) -> str:
        return "1"


class StorableRefusal(Limiter):
    """A CDN's default put on every response, refusals included."""

    def refuse(self, call: Call, quota: QuotaPolicy, fields: dict[str, str]) -> NoReturn:
        super().refuse(call, quota, {**fields, "Cache-Control": "public, max-age=60"})


class TextRefusal(Problems):
    """A middleware in front of the error handling, with a page of its own."""

    def content(self, call: Call, problem: Problem) -> bytes:
        return b"" if problem.code == "rate_limited" else super().content(call, problem)

    def content_type(self, call: Call, problem: Problem) -> str:
        return "text/plain" if problem.code == "rate_limited" else super().content_type(call, problem)


class NextTokenOrFull(TokenBucket):
    """Retry-After until the next token, t until the bucket is full: computed in two places."""

    def __init__(self) -> None:
        super().__init__(limit=60, window=12)

    def retry_after(self, quota: QuotaPolicy) -> str:
        return "1"


# -- how it tells ----------------------------------------------------------------------------------------


class LimitAlone(Limiter):
    """The limit is in the configuration; what is left would have to be counted."""

    def fields(self, quota: QuotaPolicy) -> dict[str, str]:
        return {"X-RateLimit-Limit": str(self.limit)}


class TokenForName(Limiter):
    """Structured fields put together by hand: the name lacks its quotes."""

    def fields(self, quota: QuotaPolicy) -> dict[str, str]:
        return {**super().fields(quota), "RateLimit-Policy": f"default;q={self.limit};w={self.window}"}


class FractionalReset(Limiter):
    """t as a float of seconds."""

    def fields(self, quota: QuotaPolicy) -> dict[str, str]:
        return {**super().fields(quota), "RateLimit": f'"default";r={quota.remaining};t={quota.reset - 0.25}'}


class RemainingNeverFalls(Limiter):
    """Remaining is told from before the count, of a counter that was copied."""

    def fields(self, quota: QuotaPolicy) -> dict[str, str]:
        return super().fields(replace(quota, remaining=self.limit - 1 if quota.admitted else 0))


class MillisecondsToWait(Limiter):
    """Retry-After from a clock in milliseconds."""

    def retry_after(self, quota: QuotaPolicy) -> str:
        return str(1000 * max(1, quota.reset))


class RemainingBelowZero(Limiter):
    """The difference of two numbers, in refusals as well."""

    def fields(self, quota: QuotaPolicy) -> dict[str, str]:
        return super().fields(quota if quota.admitted else replace(quota, remaining=-1))


class ResetInThePast(Limiter):
    """The start of the window told for its end, in another time zone."""

    def fields(self, quota: QuotaPolicy) -> dict[str, str]:
        past = times.now() // 1_000_000 - 3600
        return {**super().fields(quota), "X-RateLimit-Reset": str(past)}


class LimitInWords(Limiter):
    """A unit in the number."""

    def fields(self, quota: QuotaPolicy) -> dict[str, str]:
        return {**super().fields(quota), "X-RateLimit-Limit": f"{self.limit}/{self.window}s"}


# -- how it is enforced ----------------------------------------------------------------------------------


class LogsOnly(Limiter):
    """Left in the mode in which it only logs."""

    def count(self, call: Call, client: str) -> QuotaPolicy:
        with call.store.write() as tx:
            now = times.now()
            tx.execute("INSERT INTO hits VALUES (?, ?)", (client, now))
            since = now - self.window * 1_000_000
            (used,) = tx.execute(
                "SELECT count(*) FROM hits WHERE client = ? AND at > ?", (client, since)
            ).fetchone()
        return QuotaPolicy(True, max(0, self.limit - used), self.window)


class NeverEnforced(LogsOnly):
    """The same with a window that no rule waits for."""

    def __init__(self) -> None:
        super().__init__(window=60)


class CutsEarly(Limiter):
    """A safety margin that nobody is told of."""

    margin = 3

    def count(self, call: Call, client: str) -> QuotaPolicy:
        quota = Limiter(self.limit - self.margin, self.window).count(call, client)
        return replace(quota, remaining=quota.remaining + self.margin)


class Counted(Limiter):
    """Counts for each of something that the server sees of the connection."""

    def client(self, call: Call) -> str:
        return f"{super().client(call)} {self.place(int(call.headers['x-client-port']))}"

    def place(self, port: int) -> str:
        return str(port)


class PerConnection(Counted):
    """A counter kept in the connection's state."""


class PerProcess(Counted):
    """A counter in the memory of each of two processes; the balancer deals connections out in turn."""

    def __init__(self) -> None:
        super().__init__()
        self.nodes: dict[int, int] = {}

    def place(self, port: int) -> str:
        return str(self.nodes.setdefault(port, len(self.nodes)) % 2)


class KnowsItsClients(Api):
    """Tells the policies the client's end of each connection."""

    async def receive(self, scope: Scope, receive: Receive) -> Call:
        port = str(scope["client"][1]).encode()
        return await super().receive(
            {**scope, "headers": [*scope["headers"], (b"x-client-port", port)]}, receive
        )


@contextmanager
def seeing_connections(limiter: type[Limiter]) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="defect-", ignore_cleanup_errors=True) as folder:
        policies = replace(Policies(), limiter=limiter())
        with serve(KnowsItsClients(policies, Store(Path(folder) / "defect.db"))) as url:
            yield url


# -- what is declared, and is not there ------------------------------------------------------------------


class FieldsStripped(Limiter):
    """A gateway passes on only the fields that it knows."""

    def fields(self, quota: QuotaPolicy) -> dict[str, str]:
        return {}


class LimitedCrashes(Limited):
    """The store of the counters cannot be reached."""

    def get(self, call: Call) -> Reply:
        raise RuntimeError("a bug")


# -- whose quota it is -----------------------------------------------------------------------------------


class OneForAll(Limiter):
    """A key without the client in it: one tenant throttles all the others."""

    def client(self, call: Call) -> str:
        return "everybody"


class BelievesForwarded(Limiter):
    """The left end of X-Forwarded-For, which anybody may write."""

    def client(self, call: Call) -> str:
        claimed = call.headers.get("x-forwarded-for")
        return claimed.split(",")[0].strip() if claimed else super().client(call)


class BelievesRealIp(Limiter):
    """X-Real-IP, as the proxy of another deployment sets it."""

    def client(self, call: Call) -> str:
        return call.headers.get("x-real-ip") or super().client(call)


class ByAgent(Limiter):
    """The key has the User-Agent in it, so that browsers of one office are told apart."""

    def client(self, call: Call) -> str:
        return f"{super().client(call)} {call.headers.get('user-agent', '')}"


class ByAddress(Limiter):
    """The key has the whole URL in it, as the cache's has."""

    def client(self, call: Call) -> str:
        return f"{super().client(call)} {call.path}?{call.query}"


DEFECTS: tuple[Defect, ...] = (
    defect("RATE-001", "503 instead of 429", limiter=BusyInstead),
    defect("RATE-001", "403 instead of 429, without a wait", limiter=ForbiddenInstead),
    defect("RATE-001", "a refusal in a 200", limited=ErrorInSuccess),
    # The document has the quota fields for a 429 as well.
    defect("RATE-002", "429 without any field", also=frozenset({"RATE-008"}), problems=NoFieldsOn429),
    defect("RATE-002", "429 without the documented Retry-After", problems=NoRetryAfter),
    defect("RATE-003", "Retry-After as a fraction", limiter=FractionalRetryAfter),
    defect("RATE-003", "negative Retry-After", limiter=NegativeRetryAfter),
    defect("RATE-003", "Retry-After in milliseconds", limiter=MillisecondsToWait),
    defect("RATE-004", "refused requests prolong the ban", limiter=ProlongsTheBan),
    defect("RATE-005", "429 that caches may store", limiter=StorableRefusal),
    defect("RATE-005", "429 without content", problems=TextRefusal),
    defect("RATE-006", "the limit alone", limiter=LimitAlone),
    defect("RATE-007", "a Token for a policy's name", limiter=TokenForName),
    defect("RATE-007", "t as a fraction", limiter=FractionalReset),
    defect("RATE-008", "Retry-After of the next token, t of the full bucket", limiter=NextTokenOrFull),
    defect("RATE-008", "429 without the documented quota fields", problems=NoQuotaOn429),
    defect("RATE-009", "RateLimit-Reset is Unix time", limiter=ResetAsTime),
    # It is sent in RateLimit, too, which has no negative number.
    defect(
        "RATE-009", "remaining goes below zero", perhaps=frozenset({"RATE-007"}), limiter=RemainingBelowZero
    ),
    defect("RATE-009", "remaining never falls", limiter=RemainingNeverFalls),
    # RATE-006 sees the same reset in the refusals, where it has a flood's.
    defect("RATE-009", "a reset in the past", perhaps=frozenset({"RATE-006"}), limiter=ResetInThePast),
    defect("RATE-009", "a limit with its unit", limiter=LimitInWords),
    defect("RATE-010", "a counter that is off by one", limiter=OneTooMany),
    defect("RATE-010", "a limit that only logs", limiter=LogsOnly),
    defect("RATE-010", "a limit that cuts early", limiter=CutsEarly),
    defect("RATE-010", "a declared limit for each minute that only logs", limiter=NeverEnforced),
    Defect(
        "RATE-011",
        "counted for each connection",
        partial(seeing_connections, PerConnection),
        # The parts of a batch come over no connection; a forwarded address has one of its own.
        perhaps=frozenset({"BULK-001", "RATE-012"}),
    ),
    Defect(
        "RATE-011",
        "counted in each process",
        partial(seeing_connections, PerProcess),
        # The parts of a batch come over no connection; a forwarded address has one of its own.
        perhaps=frozenset({"BULK-001", "RATE-012"}),
    ),
    defect("RATE-012", "one tenant throttles another", limiter=OneForAll),
    defect("RATE-012", "X-Forwarded-For is believed", limiter=BelievesForwarded),
    defect("RATE-012", "X-Real-IP is believed", limiter=BelievesRealIp),
    defect("RATE-012", "a counter for each User-Agent", limiter=ByAgent),
    defect("RATE-012", "a counter for each query", limiter=ByAddress),
    defect("RATE-013", "documented quota fields are never sent", limiter=FieldsStripped),
    defect("RATE-013", "the endpoint with the declared limit crashes", limited=LimitedCrashes),
)
