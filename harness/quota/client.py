"""Requests against a rate limit: one, in series, over fresh connections; and the waits in between."""

from __future__ import annotations

import math
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

from harness.client.budget import BudgetSpent
from harness.client.client import Client, exchange_of
from harness.client.raw import connection
from harness.client.recorder import Recorder, TargetDied, Unanswered
from harness.http.content import MISSING, json_of, parsed
from harness.http.error_body import json_body
from harness.http.error_markers import markers, unusual
from harness.http.exchange import Exchange
from harness.http.fields import retry_after
from harness.profile.models import RateLimit, State
from harness.quota.fields import best, read
from harness.quota.series import Hit, QuotaAttempt
from harness.quota.syntax import retry_after_fault
from harness.rules.checks import Undecided, control, inconclusive

FRESH = 0.95
"""Share of the limit that must be left where a quota is taken for unused."""
PARALLEL = 16
PATIENCE = 10.0
"""Seconds to wait for an endpoint that fails although it was served before: that may be how a quota refuses."""

_served: weakref.WeakKeyDictionary[Recorder, dict[str, list[float]]] = weakref.WeakKeyDictionary()
"""When requests of the run were served, by credential."""


class QuotaClient:
    """Sends requests against a rate limit.

    Args:
        known: what the profile says of it.
        client: sends the requests, under the quota's own credential where it has one.
        witnessed: exchanges of the survey, which say how the API presents itself.
    """

    def __init__(self, known: RateLimit, client: Client, witnessed: Sequence[Exchange] = ()) -> None:
        self.known = known
        self.client = client if known.credential is None else client.under(known.credential)
        self._latency = 0.0
        asked = [
            one for one in witnessed if one.method == "GET" and one.url == self.url and one.status == 200
        ]
        self._ordinary = [body for one in asked if (body := json_body(one)) is not MISSING]
        same = [one.ended for one in asked if one.credential == self.client.credential]
        served = _served.setdefault(client.recorder, {})
        self._served = served.setdefault(self.client.credential, same)

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
            Undecided: neither the profile nor the target gives it.
        """
        if self.known.limit is None:
            inconclusive(
                f"the limit of {self.known.path} is unknown ({self.known.because}): "
                "set `limit` in [[rate_limits]]"
            )
        return self.known.limit

    @property
    def window(self) -> float:
        """Seconds of a window.

        Raises:
            Undecided: neither the profile nor the target gives it, or it is longer than a rule waits.
        """
        if self.known.window is None:
            inconclusive(
                f"the window of {self.known.path} is unknown ({self.known.because}): "
                "set `window` in [[rate_limits]]"
            )
        self._bearable(self.known.window)
        return self.known.window

    # -- single requests -------------------------------------------------------------------------------

    def get(self, url: str | None = None, headers: Mapping[str, str | None] | None = None) -> Hit:
        """One GET, and whether it was served; a 429 is an answer like any other here."""
        try:
            reply = self.client.get(url or self.url, headers=headers, obey_throttling=False)
        except Unanswered as problem:
            return self._hit(problem.exchange, f"no answer: {problem.exchange.error}")
        return self._hit(exchange_of(reply), self._error_in(json_of(reply)) if reply.is_success else "")

    def _error_in(self, body: Any) -> str:
        """What says in the body of a 2xx that the request failed; empty where nothing does."""
        self._ordinary = self._ordinary or [body]
        found = unusual(markers(body), self._ordinary)
        return ", ".join(f"its body says {name} = {value}" for name, value in found.items())

    def _hit(self, exchange: Exchange, why: str = "") -> Hit:
        good = exchange.status is not None and 200 <= exchange.status < 300 and not why
        shown = exchange.field("retry-after")
        valid = shown is not None and retry_after_fault(shown) is None
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
            retry_after(shown, exchange.field("date")) if valid else None,
            why,
        )

    # -- waiting ---------------------------------------------------------------------------------------

    def _bearable(self, seconds: float) -> None:
        most = self.known.longest_wait
        if seconds > most:
            inconclusive(
                f"the quota of {self.known.path} takes {seconds:g} s to recover, and the longest wait is {most:g} s: "
                "raise `longest_wait` in [[rate_limits]]"
            )

    def _wait(self, seconds: float) -> None:
        self._bearable(seconds)
        self.client.recorder.budget.sleep(seconds)

    def rest(self, allowed: int) -> int:
        """Wait until at most `allowed` requests of the run still count; returns how many do."""
        window = self.known.window
        if window is None:
            return 0
        span = 1.02 * window + 0.01
        counting = [at for at in self._served if at > time.monotonic() - span]
        if len(counting) > allowed:
            self._wait(counting[-allowed - 1] + span - time.monotonic())
            counting = [at for at in self._served if at > time.monotonic() - span]
        return len(counting)

    def counting(self) -> list[QuotaAttempt]:
        """Requests of the run that were served within the last window."""
        since = time.monotonic() - (self.known.window or 0.0)
        return [QuotaAttempt(at, at, True) for at in self._served if at > since]

    def wait_until(self, instant: float) -> None:
        """Wait until an instant of the monotonic clock, if it is to come."""
        self.client.recorder.budget.sleep(instant - time.monotonic())

    def begin(self, allowed: int = 0) -> tuple[Hit, int]:
        """The first request against an unused quota, and how many other requests of the run still count.

        If less than the limit is left even after a window without requests of the run, that counts as the whole quota.

        Args:
            allowed: how many may.

        Raises:
            Undecided: the endpoint is not served, or the quota is always used up.
        """
        used, most = 0, -1

        def unused(hit: Hit) -> bool:
            nonlocal most
            if hit.remaining is None or self.known.limit is None or self.unused(hit, used):
                return True
            # It does not grow any more: a bucket smaller than the limit, or another client takes the rest.
            if hit.remaining <= most:
                return True
            most = hit.remaining
            return False

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
            patient = bool(self._served) and waited < min(PATIENCE, self.known.longest_wait)
            if not hit.accepted and hit.status not in (429, 503) and not patient:
                control(False, f"the limited endpoint should be served: {hit.shown()}")
            if waited >= self.known.longest_wait:
                raise Undecided(
                    f"the quota of {self.known.path} has not recovered after {waited:g} s: "
                    f"{hit.shown()}; does another client use it?"
                )
            asked = max(self._asked(hit), self.known.window or 0.0)
            pause = min(max(asked, 2 * pause), max(asked, self.known.longest_wait))
            self._wait(pause)
            waited += pause

    def served_first(self) -> Hit:
        """A request that is served, after a wait where the quota is used up."""
        return self._served_after_waiting(lambda hit: True)

    def unused(self, first: Hit, before: int = 0) -> bool:
        """Whether a response shows that nothing was used before it, except so many requests of the run."""
        shown = None if first.quota is None else first.quota.limit
        limit, left = shown or self.known.limit, first.remaining
        return left is not None and limit is not None and left + 1 + before >= FRESH * limit

    def _asked(self, hit: Hit) -> float:
        """Seconds that an answer asks to wait."""
        reset = None if hit.quota is None else hit.quota.reset
        shown = [one for one in (hit.retry_after, reset) if one is not None and one > 0]
        return max(shown, default=self.known.window or 1.0)

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
                with suppress(BudgetSpent):
                    self.client.recorder.budget.sleep(min(self._asked(hit), self.known.longest_wait))

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
                self.client.recorder.budget.sleep(start + number * step - time.monotonic())
                if self._latency < 0.5 * step:
                    hits.append(self.get())
                else:
                    running.append(threads.submit(self.get))
        hits += [one.result() for one in running]
        return sorted(hits, key=lambda hit: hit.at)

    def until_refused(self, most: int, refused: int) -> list[Hit]:
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
                exchange = wire.send("GET", self.url)
                length = exchange.field("content-length") or ""
                served = exchange.status is not None and 200 <= exchange.status < 300
                shown = wire.peek(int(length)) if served and length.isdigit() and len(length) < 6 else b""
                return self._hit(exchange, self._error_in(_json(shown)) if shown else "")
        except (BudgetSpent, TargetDied):
            raise
        except Undecided as problem:
            return Hit(started, time.monotonic(), False, why=str(problem))


def _json(content: bytes) -> Any:
    try:
        return parsed(content)
    except ValueError:
        return MISSING
