"""The slowest requests of a series, whether they come regularly, and the first one after a rest. Pure; seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from statistics import median

from harness.load.latency import Latencies, duration
from harness.load.sample import Series
from harness.load.verdicts import TOO_LATE, Conditions

MUCH = 10.0
"""Multiple of the usual latency that a tail, or a first request, may come to."""
NOTICED = 0.2
"""Seconds more than usual that are noted at all."""
LONG = 1.0
"""Seconds from which on a tail hurts: clients give up, or repeat the request."""
COLD = 3.0
"""The same for the first request after a rest, which is rare."""
EPISODES = 4
"""Slow times of which the last three come as regularly as the first, so that it is no chance."""
REGULAR = 0.2
"""Part of the usual distance by which one may differ."""


class Grade(Enum):
    """How a latency compares with the usual one."""

    USUAL = "usual"
    NOTED = "noted"
    LONG = "long"
    UNSURE = "unsure"


@dataclass(frozen=True)
class Graded:
    """A grade, and what was observed."""

    grade: Grade
    text: str


@dataclass(frozen=True)
class First:
    """The first request after a rest.

    Attributes:
        fresh: whether it opened a connection.
        latency: seconds.
    """

    fresh: bool
    latency: float


def tail(series: Series, under: Conditions) -> Graded:
    """How the slowest one of a hundred compares with the median."""
    found = series.latencies
    middle = found.quantile(0.5)
    ratio = found.quantile(0.99) / max(middle, 1e-6)
    text = f"{found.shown()}: p99 is {ratio:.3g} times the median"
    if (every := period(slow_times(series, max(MUCH * middle, NOTICED)), _spacing(series))) is not None:
        text += f"; slow requests come every {duration(every)}"
    upper = found.upper(0.5)
    noted, long = max(MUCH * upper, upper + NOTICED), max(MUCH * upper, LONG)
    return _graded(found.quantile(0.99), found.lower(0.99), noted, long, under, text)


def first_after(
    rest: float, firsts: Sequence[First], warm: dict[bool, Latencies], under: Conditions
) -> Graded:
    """How the first request after a rest compares with others on the same kind of connection.

    Args:
        rest: seconds without requests before each.
        firsts: at least two; the one that differs least decides.
        warm: latencies without a rest before them, on new connections (True) and on kept ones (False).
    """
    usual = "; ".join(
        f"usually {duration(found.quantile(0.5))} on a {'new' if fresh else 'kept'} connection"
        for fresh, found in sorted(warm.items())
    )
    seen = ", ".join(
        f"{duration(one.latency)} on a {'new' if one.fresh else 'kept'} connection" for one in firsts
    )
    text = f"the first request after {duration(rest)} without any took {seen}; {usual}"
    graded = []
    for one in firsts:
        upper = warm[one.fresh].upper(0.5)
        noted, long = max(MUCH * upper, upper + NOTICED), max(MUCH * upper, COLD)
        graded.append(_graded(one.latency, one.latency, noted, long, under, text))
    order = (Grade.USUAL, Grade.UNSURE, Grade.NOTED, Grade.LONG)
    return min(graded, key=lambda one: order.index(one.grade))


def slow_times(series: Series, limit: float) -> list[float]:
    """When the requests were due that took longer than a limit."""
    return [one.due for one in series.samples if one.latency > limit]


def period(times: Sequence[float], spacing: float) -> float | None:
    """The distance of slow times that come regularly; None where they do not.

    Args:
        times: when slow requests were due, in order.
        spacing: between two requests; what follows without a gap is one slow time.
    """
    begins = [
        at
        for before, at in zip((None, *times), times, strict=False)
        if before is None or at - before > 1.5 * spacing
    ]
    if len(begins) < EPISODES:
        return None
    gaps = [after - before for before, after in pairwise(begins)]
    usual = median(gaps)
    differ = max(REGULAR * usual, 1.5 * spacing)
    return usual if usual > 3 * spacing and all(abs(one - usual) <= differ for one in gaps) else None


def _spacing(series: Series) -> float:
    due = [one.due for one in series.samples]
    return (due[-1] - due[0]) / (len(due) - 1) if len(due) > 1 else 0.0


def _graded(value: float, surely: float, noted: float, long: float, under: Conditions, text: str) -> Graded:
    """Grade a value by what it surely exceeds, beyond what the harness itself was late."""
    if value <= noted:
        return Graded(Grade.USUAL, text)
    if under.lag.usual <= TOO_LATE:
        for grade, limit in ((Grade.LONG, long), (Grade.NOTED, noted)):
            # On a machine with nothing to spare a pause of the target's may be one of the machine's.
            if surely > under.clear(limit) and not (grade is Grade.NOTED and under.saturated):
                return Graded(grade, f"{text}; {under.shown()}")
    return Graded(Grade.UNSURE, f"{text}; {under.shown()}")
