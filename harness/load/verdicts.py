"""From samples to a judgement that allows for chance and for a busy harness. Pure.

A breach needs all three: the lower confidence bound is beyond the limit; the excess is ten times what the harness
itself was late; and on a machine with nothing to spare, which may be the target's as well, twice as much.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.load.latency import duration, least_share
from harness.load.machine import SATURATED
from harness.load.sample import Lag, Sample, Series, tally

MARGIN = 10.0
"""Multiple of the harness' own lag that must lie between a limit and what is called a breach."""
TOO_LATE = 0.5
"""Seconds of own lag from which on nothing is decided."""
FEWEST = 3
"""Failures that are no accident."""
FEWEST_SAMPLES = 20
ERRORS = 0.01
"""Share of failures that a client may see."""


@dataclass(frozen=True)
class Conditions:
    """Under what circumstances the harness measured."""

    lag: Lag
    use: float

    @property
    def saturated(self) -> bool:
        return self.use >= SATURATED

    def clear(self, limit: float) -> float:
        """Seconds beyond which a latency breaks a limit, whatever the harness itself adds."""
        return (limit + MARGIN * self.lag.usual) * (2 if self.saturated else 1)

    def shown(self) -> str:
        busy = f"; {100 * self.use:.0f} % of this machine's processors were in use" if self.saturated else ""
        return self.lag.shown() + busy


@dataclass(frozen=True)
class Judged:
    """A judgement.

    Attributes:
        holds: None where it cannot be decided.
        text: what was observed.
    """

    holds: bool | None
    text: str


def slow(series: Series, q: float, limit: float, under: Conditions) -> Judged:
    """Whether a quantile of a series keeps a limit.

    Args:
        q: from 0 to 1.
        limit: seconds.
    """
    name = f"p{100 * q:g}"
    if series.count < FEWEST_SAMPLES // 2:
        return Judged(None, f"only {series.count} requests were measured")
    found = series.latencies
    value, surely, clear = found.quantile(q), found.lower(q), under.clear(limit)
    text = f"{name} {duration(value)} ({found.shown()}), limit {duration(limit)}"
    if under.lag.usual > TOO_LATE:
        return Judged(None, f"{text}; {under.shown()}")
    if surely > clear:
        return Judged(False, f"{text}; with 95 % confidence at least {duration(surely)}; {under.shown()}")
    # What the harness itself was late is no latency of the target's.
    if value <= limit + under.lag.usual:
        return Judged(True, text)
    return Judged(
        None,
        f"{text}; with 95 % confidence at least {duration(surely)}, and {under.shown()}: a breach is certain from "
        f"{duration(clear)} on",
    )


def failing(failed: tuple[Sample, ...], count: int, share: float, under: Conditions) -> Judged:
    """Whether no more than a share of requests failed.

    Args:
        failed: those that count as failures.
        count: of all requests.
    """
    text = f"{len(failed)} of {count} requests failed"
    if not failed:
        return Judged(True, text)
    text += f": {tally(one.outcome for one in failed)}"
    if len(failed) >= FEWEST and least_share(len(failed), count) > share:
        return Judged(None if under.lag.usual > TOO_LATE else False, text)
    return Judged(True if len(failed) <= max(1, share * count) else None, text)
