"""A rate limit under test: what rules send against it, within `--flood-budget`, and how long they wait for it."""

from __future__ import annotations

import math
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar

import httpx

from harness.client import Client, exchange_of
from harness.content import MISSING, json_of
from harness.errors.content import json_body
from harness.errors.markers import markers, unusual
from harness.exchange import Exchange
from harness.fields import retry_after
from harness.figures import QuotaFigure, Request
from harness.limits.fields import best, read
from harness.limits.judging import FIRST, Edge, edge_of
from harness.limits.series import Attempt, Hit
from harness.limits.syntax import retry_after_fault
from harness.oracle import Undecided, control, draw, inconclusive
from harness.profile import RateLimit, State
from harness.recorder import Recorder, Unanswered
from harness.wire import connection

T = TypeVar("T")
SAMPLE = 10
"""GETs that a rule sends to see what the fields tell, where the quota has room for them."""
FRESH = 0.95
"""Share of the limit that must be left where a quota is taken for unused."""
PARALLEL = 16
MARGIN = 1.0
"""Seconds that are added to a Retry-After: it is rounded, and so is an HTTP-date."""


@dataclass(frozen=True)
class Exhaustion:
    """A quota that was used up once, and what came after the wait that was asked for.

    Attributes:
        hits: until it was refused, or half as many again as the limit.
        used: requests that had been served in the window before.
        after: the requests after each wait: the second only where the first was refused once more.
        waited: seconds before each of them.
        why: why nothing was sent after the wait; empty where something was.
    """

    hits: tuple[Hit, ...]
    used: int = 0
    after: tuple[Hit, ...] = ()
    waited: tuple[float, ...] = ()
    why: str = ""


@dataclass
class _Shared:
    """What the rules of one process share of a target's quotas."""

    served: dict[str, list[float]] = field(default_factory=dict)
    exhaustions: dict[str, Exhaustion] = field(default_factory=dict)
    samples: dict[str, tuple[Hit, ...]] = field(default_factory=dict)


_of: weakref.WeakKeyDictionary[Recorder, _Shared] = weakref.WeakKeyDictionary()


class QuotaUnderTest:
    """A rate limit, as a rule works with it.

    Args:
        known: what the profile says of it.
        client: sends the requests, under the quota's own credential where it has one.
        witnessed: exchanges of the survey, which say how the API presents itself.
    """

    def __init__(self, known: RateLimit, client: Client, witnessed: Sequence[Exchange] = ()) -> None:
        self.known = known
        self.name = known.name
        self.client = client if known.credential is None else client.under(known.credential)
        self.witnessed = witnessed
        self.from_edge: Edge = edge_of(witnessed)
        self._shared = _of.setdefault(client.recorder, _Shared())
        self._taken: set[str] = set()
        self._latency = 0.0
        asked = [
            one for one in witnessed if one.method == "GET" and one.url == self.url and one.status == 200
        ]
        self._ordinary = [body for one in asked if (body := json_body(one)) is not MISSING]
        if self.client.credential not in self._shared.served:
            same = [one.ended for one in asked if one.credential == self.client.credential]
            self._shared.served[self.client.credential] = same

    @property
    def url(self) -> str:
        return self.client.url(self.known.path)

    @property
    def declared(self) -> bool:
        """Whether the profile declares it, so that its endpoint surely counts."""
        return self.known.state is State.DECLARED

    @property
    def limit(self) -> int:
        """Requests in a window.

        Raises:
            Undecided: nobody tells.
        """
        if self.known.limit is None:
            inconclusive(
                f"the limit of {self.known.path} is not known ({self.known.because}): "
                "give `limit` in [[rate_limits]]"
            )
        return self.known.limit

    @property
    def window(self) -> float:
        """Seconds of a window.

        Raises:
            Undecided: nobody tells, or it is longer than a rule waits.
        """
        if self.known.window is None:
            inconclusive(
                f"the window of {self.known.path} is not known ({self.known.because}): "
                "give `window` in [[rate_limits]]"
            )
        self._bearable(self.known.window)
        return self.known.window

    def tier(self, credential: str, limit: int) -> QuotaUnderTest:
        """The same quota for another credential, which has another limit."""
        known = self.known.model_copy(update={"credential": credential, "limit": limit, "tiers": {}})
        return QuotaUnderTest(known, self.client, self.witnessed)

    def of_other(self, credential: str) -> QuotaUnderTest:
        """The same quota as another client meets it."""
        return self.tier(credential, self.limit)

    def room(self, requests: int) -> None:
        """Go on only if so many requests fit what is left of the budgets."""
        self.client.recorder.budget.room_to_flood(requests)

    # -- single requests -------------------------------------------------------------------------------

    def get(self, url: str | None = None, headers: Mapping[str, str | None] | None = None) -> Hit:
        """One GET, and whether it was served; a 429 is an answer like any other here."""
        try:
            reply = self.client.get(url or self.url, headers=headers, obey_throttling=False)
        except Unanswered as problem:
            return self._hit(problem.exchange, f"no answer: {problem.exchange.error}")
        return self._hit(exchange_of(reply), self._error_in(reply))

    def _error_in(self, reply: httpx.Response) -> str:
        """What says that the request failed although its status is 2xx; empty where nothing does."""
        if not reply.is_success:
            return ""
        body = json_of(reply)
        self._ordinary = self._ordinary or [body]
        found = unusual(markers(body), self._ordinary)
        return ", ".join(f"its body says {name} = {value}" for name, value in found.items())

    def _hit(self, exchange: Exchange, why: str = "") -> Hit:
        good = exchange.status is not None and 200 <= exchange.status < 300 and not why
        told = exchange.field("retry-after")
        valid = told is not None and retry_after_fault(told) is None
        readings = read(exchange.response_fields)
        if good:
            self._served.append(exchange.ended)
            self._latency = exchange.ended - exchange.started
        return Hit(
            exchange.started,
            exchange.ended,
            good,
            exchange.status,
            exchange,
            readings,
            best(readings),
            retry_after(told, exchange.field("date")) if valid else None,
            why,
        )

    @property
    def _served(self) -> list[float]:
        return self._shared.served.setdefault(self.client.credential, [])

    # -- waiting ---------------------------------------------------------------------------------------

    def _bearable(self, seconds: float) -> None:
        most = self.known.longest_wait
        if seconds > most:
            inconclusive(
                f"the quota of {self.known.path} takes {seconds:g} s to come back, and {most:g} s is the longest "
                "wait: raise `longest_wait` in [[rate_limits]]"
            )

    def _wait(self, seconds: float) -> None:
        self._bearable(seconds)
        time.sleep(max(0.0, seconds))

    def rest(self, allowed: int) -> int:
        """Wait until at most `allowed` requests of ours count still; how many do."""
        window = self.known.window
        if window is None:
            return 0
        span = 1.02 * window + 0.01
        counting = [at for at in self._served if at > time.monotonic() - span]
        if len(counting) > allowed:
            self._wait(counting[-allowed - 1] + span - time.monotonic())
            counting = [at for at in self._served if at > time.monotonic() - span]
        return len(counting)

    def counting(self) -> list[Attempt]:
        """Requests of ours that were served within the last window."""
        since = time.monotonic() - (self.known.window or 0.0)
        return [Attempt(at, at, True) for at in self._served if at > since]

    def wait_until(self, instant: float) -> None:
        """Wait until an instant of the monotonic clock, if it is to come."""
        self._wait(instant - time.monotonic())

    def begin(self, allowed: int = 0) -> tuple[Hit, int]:
        """The first request against a quota that is unused, and how many of ours count still beside it.

        Args:
            allowed: how many may.

        Raises:
            Undecided: the endpoint is not served, or somebody else uses the quota.
        """
        used = 0

        def unused(hit: Hit) -> bool:
            return hit.remaining is None or self.known.limit is None or self.unused(hit, used)

        def rest() -> None:
            nonlocal used
            used = self.rest(allowed)

        return self._served_after_waiting(unused, rest), used

    def _served_after_waiting(
        self, good: Callable[[Hit], bool], prepare: Callable[[], None] = lambda: None
    ) -> Hit:
        waited, pause = 0.0, 0.0
        while True:
            prepare()
            hit = self.get()
            if hit.accepted and good(hit):
                return hit
            if not hit.accepted and hit.status not in (429, 503):
                control(False, f"the limited endpoint should be served: {hit.told()}")
            if waited >= self.known.longest_wait:
                raise Undecided(
                    f"the quota of {self.known.path} is never unused, although {waited:g} s were waited: "
                    f"{hit.told()}; does somebody else use it?"
                )
            asked = max(self._asked(hit), self.known.window or 0.0)
            pause = min(max(asked, 2 * pause), max(asked, self.known.longest_wait))
            self._wait(pause)
            waited += pause

    def served_first(self) -> Hit:
        """A request that is served, after a wait where the quota is used up."""
        return self._served_after_waiting(lambda hit: True)

    def unused(self, first: Hit, before: int = 0) -> bool:
        """Whether an answer says that nothing was used before it, but for so many of ours."""
        limit, left = self.known.limit, first.remaining
        return left is not None and limit is not None and left + 1 + before >= FRESH * limit

    def _asked(self, hit: Hit) -> float:
        """Seconds that an answer asks to wait."""
        reset = None if hit.quota is None else hit.quota.reset
        told = [one for one in (hit.retry_after, reset) if one is not None and one > 0]
        return max(told, default=self.known.window or 1.0)

    @contextmanager
    def restored(self) -> Iterator[None]:
        """Leave the quota as it was: afterwards, wait until it is back, as far as that is bearable."""
        before = len(self.client.recorder.exchanges)
        try:
            yield
        finally:
            last = self.client.recorder.exchanges[before:][-1:]
            if last and last[0].status in (429, 503):
                hit = self._hit(last[0])
                # What a refusal asks for, not what the rule may wait for: nothing depends on it.
                time.sleep(min(self._asked(hit), self.known.longest_wait))

    # -- series ----------------------------------------------------------------------------------------

    def burst(self, count: int, seconds: float) -> list[Hit]:
        """So many requests at once: one after the other where that takes no longer than `seconds`, else in parallel."""
        if self._latency * count <= seconds:
            return [self.get() for _ in range(count)]
        workers = min(PARALLEL, count, math.ceil(self._latency * count / seconds)) if seconds else PARALLEL
        return self._together([self.get] * count, workers)

    def _together(self, calls: Sequence[Callable[[], Hit]], workers: int) -> list[Hit]:
        with ThreadPoolExecutor(workers) as threads:
            running = [threads.submit(call) for call in calls]
        return sorted((one.result() for one in running), key=lambda hit: hit.at)

    def spread(self, count: int, start: float, step: float) -> list[Hit]:
        """So many requests, each a step of seconds after the one before, the first at `start`."""
        hits: list[Hit] = []
        with ThreadPoolExecutor(PARALLEL) as threads:
            running = []
            for number in range(count):
                time.sleep(max(0.0, start + number * step - time.monotonic()))
                if self._latency < 0.5 * step:
                    hits.append(self.get())
                else:
                    running.append(threads.submit(self.get))
        hits += [one.result() for one in running]
        return sorted(hits, key=lambda hit: hit.at)

    def until_refused(self, most: int, refused: int = FIRST) -> list[Hit]:
        """Requests until so many are refused, or `most` are sent."""
        hits: list[Hit] = []
        quick = 0.4 * (self.known.window or 10.0)
        while len(hits) < most and sum(not hit.accepted for hit in hits) < refused:
            slow = hits and self._latency * most > quick
            hits += self.burst(min(8, most - len(hits)), 0.0) if slow else [self.get()]
        return hits

    def fresh_connections(self, count: int) -> list[Hit]:
        """So many requests, each over a connection of its own that is opened for it; up to 16 at once."""
        return self._together([self._over_fresh_connection] * count, min(PARALLEL, count))

    def _over_fresh_connection(self) -> Hit:
        started = time.monotonic()
        try:
            with connection(self.client) as wire:
                return self._hit(wire.send("GET", self.url))
        except Undecided as problem:
            if self.client.recorder.died is not None:
                raise
            return Hit(started, time.monotonic(), False, why=str(problem))

    # -- what several rules look at --------------------------------------------------------------------

    def sample(self) -> tuple[Hit, ...]:
        """GETs in a row, as many as the quota surely has room for.

        They are sent once for all rules of this process; a rule that asks a second time gets fresh ones.
        """
        return self._once(self._shared.samples, "sample", self._sample, lambda hits: hits)

    def _sample(self) -> tuple[Hit, ...]:
        hits = [self.served_first()]
        while len(hits) < SAMPLE and hits[-1].accepted:
            left, limit = hits[-1].remaining, self.known.limit
            told = SAMPLE if left is None else left
            own = SAMPLE if limit is None else limit - max(len(hits), len(self.counting()))
            # One is left for who comes next: no rule of this kind provokes a refusal.
            if min(told, own) <= 1:
                break
            hits.append(self.get())
        return tuple(hits)

    def exhaustion(self) -> Exhaustion:
        """The quota used up, and the wait that was asked for kept; once for all rules, as `sample()`."""
        return self._once(
            self._shared.exhaustions,
            "exhaustion",
            self._exhaustion,
            lambda found: (*found.hits, *found.after),
        )

    def _exhaustion(self) -> Exhaustion:
        limit = self.limit
        most = max(math.ceil(1.5 * limit), limit + FIRST)
        self.room(most + 3)
        with self.restored():
            first = self.served_first()
            used = len(self.counting()) - 1
            hits = (first, *self.until_refused(most - 1))
            self.draw("until it was refused", hits)
            found = Exhaustion(hits, max(0, used))
            last = hits[-1]
            for _ in range(2):
                if last.accepted:
                    break
                if last.retry_after is None:
                    return replace(found, why=f"{last.told()} has no valid Retry-After")
                wait = last.retry_after + MARGIN
                if wait > self.known.longest_wait:
                    return replace(
                        found,
                        why=f"Retry-After asks to wait {last.retry_after:g} s, longer than `longest_wait` "
                        f"({self.known.longest_wait:g} s)",
                    )
                time.sleep(wait)
                last = self.get()
                found = replace(found, after=(*found.after, last), waited=(*found.waited, wait))
            return found

    def _once(
        self, kept: dict[str, T], what: str, make: Callable[[], T], hits: Callable[[T], Sequence[Hit]]
    ) -> T:
        known = kept.get(self.name)
        if known is None or what in self._taken:
            known = kept[self.name] = make()
        else:
            recorder = self.client.recorder
            recorder.exchanges += [hit.exchange for hit in hits(known) if hit.exchange is not None]
        self._taken.add(what)
        return known

    # -- pictures --------------------------------------------------------------------------------------

    def draw(self, title: str, series: Sequence[Hit]) -> None:
        """Keep a series as a figure of the running rule."""
        draw(figure(f"{self.known.path}: {title}", series, self.known.limit, self.known.window))


def figure(title: str, series: Sequence[Hit], limit: int | None, window: float | None) -> QuotaFigure:
    """A series as plain data for the report."""
    start = min((one.at for one in series), default=0.0)
    return QuotaFigure(
        title=title,
        limit=limit,
        window=window,
        requests=[
            Request(
                at=round(one.at - start, 6),
                status=one.status,
                accepted=one.accepted,
                remaining=one.remaining,
                exchange=None if one.exchange is None else one.exchange.id,
            )
            for one in series
        ],
    )
