"""Literal samples."""

from __future__ import annotations

from collections.abc import Iterable

from harness.load.sample import Lag, Sample, Series
from harness.load.verdicts import Conditions

QUIET = Conditions(Lag([0.001] * 100), 0.3)
BUSY = Conditions(Lag([0.08] * 100), 0.97)
"""A machine with nothing to spare: the harness wakes up 80 ms late."""
FROZEN = Conditions(Lag([0.9] * 100), 1.0)


def series(
    latencies: Iterable[float], status: int | None = 200, start: float = 0.0, **more: object
) -> Series:
    """A series of requests, ten a second."""
    return Series(
        tuple(
            Sample(start + place / 10, start + place / 10, start + place / 10 + one, status, **more)
            for place, one in enumerate(latencies)
        )
    )


def both(*some: Series) -> Series:
    """All samples of several series."""
    return Series(tuple(one for each in some for one in each.samples))
