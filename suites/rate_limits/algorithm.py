"""Which rate limiter explains a series of responses: fixed window, sliding window, token or leaky bucket. Pure.

Each kind is simulated over the attempts and charged with the requests that were served. Its fit is the share of
responses that it would have given too. Where several kinds explain one trace, the result is undecided.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from harness.quota.series import QuotaAttempt

PHASES = 50
"""Offsets in a window at which a clock-bound fixed window is tried."""
SLACK = 0.004
"""The least drift between the clocks of client and server, in seconds."""
FEWEST = 8
LEAST_FIT = 0.85
MARGIN = 2
"""Responses that the next kind must miss, beyond twice those that the best one misses."""


class AlgorithmKind(str, Enum):
    FIXED = "fixed window"
    SLIDING = "sliding window"
    TOKEN = "token bucket"
    LEAKY = "leaky bucket"


class LimiterModel(Protocol):
    def admits(self, at: float) -> bool:
        """Whether a request at an instant would be served, given all earlier charges."""

    def charge(self, at: float) -> None:
        """Count a request that was served at an instant."""


class FixedWindowModel:
    """At most `limit` in each window; windows follow the clock, or begin with a request.

    Args:
        phase: an instant at which a window begins; None for windows that begin with the first request after
            the last one ended.
    """

    def __init__(self, limit: int, window: float, phase: float | None = None) -> None:
        self.limit, self.window, self.phase = limit, window, phase
        self.start = float("-inf")
        self.used = 0

    def _begun(self, at: float) -> float:
        if self.phase is None:
            return self.start if at < self.start + self.window else at
        return self.phase + (at - self.phase) // self.window * self.window

    def admits(self, at: float) -> bool:
        return self._begun(at) > self.start or self.used < self.limit

    def charge(self, at: float) -> None:
        begun = self._begun(at)
        if begun > self.start:
            self.start, self.used = begun, 0
        self.used += 1


class SlidingWindow:
    """At most `limit` in any span of `window` seconds."""

    def __init__(self, limit: int, window: float) -> None:
        self.limit, self.window = limit, window
        self.served: deque[float] = deque()

    def admits(self, at: float) -> bool:
        return sum(one > at - self.window for one in self.served) < self.limit

    def charge(self, at: float) -> None:
        self.served.append(at)
        while self.served and self.served[0] <= at - self.window:
            self.served.popleft()


class Bucket:
    """`burst` requests at once, and then one in each `interval` seconds."""

    def __init__(self, burst: int, interval: float) -> None:
        self.burst, self.interval = burst, interval
        self.level = float(burst)
        self.at = float("-inf")

    def _level(self, at: float) -> float:
        if self.at == float("-inf"):
            return float(self.burst)
        return min(self.burst, self.level + max(0.0, at - self.at) / self.interval)

    def admits(self, at: float) -> bool:
        return self._level(at) >= 1

    def charge(self, at: float) -> None:
        # Not below zero, so that one difference counts once.
        self.level = max(0.0, self._level(at) - 1)
        self.at = max(self.at, at)


@dataclass(frozen=True)
class Fit:
    """How well one kind explains a trace.

    Attributes:
        limit: requests in a window.
        window: seconds.
        burst: requests that are served at once.
        missed: responses that it does not explain.
        answers: number of responses.
    """

    kind: AlgorithmKind
    limit: int
    window: float
    burst: int
    missed: int
    answers: int

    @property
    def share(self) -> float:
        """Share of the responses that it explains, from 0 to 1."""
        return 1 - self.missed / self.answers

    def __str__(self) -> str:
        burst = f", bursts of {self.burst}" if self.burst != self.limit else ""
        return f"{self.kind.value}, {self.limit} in {self.window:g} s{burst}: {self.share:.0%}"


@dataclass(frozen=True)
class Named:
    """What explains a trace.

    Attributes:
        kind: the one that explains it best by a clear margin; None where none does.
        fits: the best fit of each kind, best first; empty where too little was refused.
        sentence: the same in words.
    """

    kind: AlgorithmKind | None
    fits: tuple[Fit, ...]
    sentence: str

    @property
    def possible(self) -> list[Fit]:
        """The fits that explain the trace well, and about as well as the best one."""
        return [
            fit
            for fit in self.fits
            if fit.share >= LEAST_FIT and fit.missed < 2 * self.fits[0].missed + MARGIN
        ]


def name(attempts: Sequence[QuotaAttempt], limit: int, window: float) -> Named:
    """Name the limiter that explains a trace best.

    Args:
        attempts: in the order in which they were sent, beginning with an unused quota.
        limit: as advertised or declared; limits that the trace suggests are tried too.
        window: seconds.
    """
    if len(attempts) < FEWEST or all(one.accepted for one in attempts):
        return Named(None, (), "the algorithm cannot be identified: too few requests were refused")
    fits = tuple(
        sorted((_best(kind, attempts, limit, window) for kind in AlgorithmKind), key=lambda fit: fit.missed)
    )
    best = fits[0]
    near = Named(None, fits, "").possible
    listed = "; ".join(str(fit) for fit in fits)
    if not near:
        return Named(None, fits, f"no known algorithm explains it well ({listed})")
    if len(near) > 1:
        words = " and ".join(fit.kind.value for fit in near)
        return Named(None, fits, f"the algorithm is undecided between {words} ({listed})")
    said = f"it behaves like a {best.kind.value} of {best.limit} in {best.window:g} s"
    if best.burst != best.limit:
        said += f", with bursts of at most {best.burst}"
    if best.kind is AlgorithmKind.TOKEN:
        said += " (a leaky bucket used as a meter is the same)"
    return Named(best.kind, fits, f"{said} (explained responses: {listed})")


def misses(attempts: Sequence[QuotaAttempt], model: LimiterModel, slack: float = SLACK) -> int:
    """How many responses a limiter would not have given at any instant at which it may have decided."""
    count, blur = 0, slack
    for one in attempts:
        possible = {model.admits(one.at - blur), model.admits(one.done + blur)}
        count += one.accepted not in possible
        if one.accepted:
            model.charge((one.at + one.done) / 2)
            # The charge may have been at either end, so later decisions are as uncertain.
            blur = slack + (one.done - one.at) / 2
    return count


Maker = Callable[[], LimiterModel]


def _best(kind: AlgorithmKind, attempts: Sequence[QuotaAttempt], limit: int, window: float) -> Fit:
    slack = max(SLACK, min(0.01 * window, 0.1 * window / limit))
    found = [
        (misses(attempts, make(), slack), order, known, burst)
        for order, (make, known, burst) in enumerate(_candidates(kind, attempts, limit, window))
    ]
    missed, _, known, burst = min(found)
    return Fit(kind, known, window, burst, missed, len(attempts))


def _candidates(
    kind: AlgorithmKind, attempts: Sequence[QuotaAttempt], limit: int, window: float
) -> Iterator[tuple[Maker, int, int]]:
    runs = _first_runs(attempts, window)
    limits = [limit, *sorted({run for run in runs if run > 0 and run != limit})]
    for known in limits:
        if kind is AlgorithmKind.SLIDING:
            yield (lambda known=known: SlidingWindow(known, window)), known, known  # type: ignore[misc]
        elif kind is AlgorithmKind.FIXED:
            yield (lambda known=known: FixedWindowModel(known, window)), known, known  # type: ignore[misc]
            start = attempts[0].at
            for step in range(PHASES):
                phase = start + window * step / PHASES
                yield (
                    (lambda known=known, phase=phase: FixedWindowModel(known, window, phase)),  # type: ignore[misc]
                    known,
                    known,
                )
        elif kind is AlgorithmKind.LEAKY:
            yield (lambda known=known: Bucket(1, window / known)), known, 1  # type: ignore[misc]
        else:
            for burst in {limit, *(run for run in runs if run > 1)}:
                if burst > 1:
                    yield (
                        (lambda known=known, burst=burst: Bucket(burst, window / known)),  # type: ignore[misc]
                        known,
                        burst,
                    )


def _first_runs(attempts: Sequence[QuotaAttempt], window: float) -> set[int]:
    """Numbers of requests served in a row after each pause of a window: limits that the trace suggests."""
    runs: set[int] = set()
    run, counting, last = 0, True, float("-inf")
    for one in attempts:
        if one.at - last > 0.8 * window:
            run, counting = 0, True
        last = one.at
        if counting and one.accepted:
            run += 1
        elif counting:
            runs.add(run)
            counting = False
    return runs
