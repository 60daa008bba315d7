"""How many requests were in flight at once, and when: pure functions on instants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


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


def drawing(members: Sequence[Mapping[str, Any]], width: int = 48) -> str:
    """A timeline as text, one line for each member: `-` waiting for the answer, `=` receiving it.

    Args:
        members: as in `Race.timeline()["members"]`.
        width: columns for the time axis.
    """
    ends = [member["done_us"] for member in members if member["done_us"] is not None]
    whole = max([*ends, 1.0])
    label = max((len(str(member["label"])) for member in members), default=0)
    return "\n".join(
        f"{member['label']!s:<{label}} |{_bar(member, whole, width)}| {_end(member)}" for member in members
    )


def _bar(member: Mapping[str, Any], whole: float, width: int) -> str:
    if member["released_us"] is None or member["done_us"] is None:
        return " " * width
    column = [
        min(width - 1, int((member[name] or 0.0) / whole * width))
        for name in ("released_us", "first_us", "done_us")
    ]
    released, first, done = column
    return f"{' ' * released}{'-' * (first - released)}{'=' * (done - first + 1)}".ljust(width)


def _end(member: Mapping[str, Any]) -> str:
    if member["done_us"] is None:
        return str(member["note"])
    return f"{member['status']} after {member['done_us'] - member['released_us']:.0f} us"
