"""How many requests were in flight at once, and when: pure functions on instants."""

from __future__ import annotations

from collections.abc import Iterable


def overlap(intervals: Iterable[tuple[float, float]]) -> int:
    """The greatest number of intervals that share an instant; those that only touch do not overlap.

    Args:
        intervals: release and end of each request, in seconds.
    """
    instants: list[tuple[float, int]] = []
    for begun, ended in intervals:
        instants += [(begun, 1), (ended, -1)]
    most = now = 0
    for _, step in sorted(instants):
        now += step
        most = max(most, now)
    return most


def microseconds(instant: float | None, origin: float) -> float | None:
    """An instant relative to another, in microseconds, to a tenth; None stays None."""
    return None if instant is None else round((instant - origin) * 1e6, 1)
