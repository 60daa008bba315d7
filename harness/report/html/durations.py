"""How long a run's requests took, by method: numbers, and the positions of the bars of a histogram."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from harness.http.exchange import Exchange

# Upper ends of the classes, in milliseconds; the last class has none.
ENDS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)
HEIGHT = 20
WIDTH = 8
"""Of a class, in units of the picture."""


@dataclass(frozen=True)
class DurationBar:
    """One class of a histogram."""

    x: int
    y: float
    height: float


@dataclass(frozen=True)
class Spread:
    """Durations of one method's requests, in milliseconds."""

    method: str
    number: int
    median: float
    most: float
    longest: float
    bars: list[DurationBar]


def durations(exchanges: Iterable[Exchange]) -> list[Spread]:
    """How long answers took, the method with the most requests first; requests without an answer are left out."""
    taken: dict[str, list[float]] = {}
    for one in exchanges:
        if one.status is not None and one.ended >= one.started:
            taken.setdefault(one.method, []).append((one.ended - one.started) * 1_000)
    spreads = [_spread(method, sorted(values)) for method, values in taken.items()]
    return sorted(spreads, key=lambda spread: (-spread.number, spread.method))


def _spread(method: str, values: list[float]) -> Spread:
    classes = [0] * (len(ENDS) + 1)
    for value in values:
        classes[next((place for place, end in enumerate(ENDS) if value <= end), len(ENDS))] += 1
    tallest = max(classes)
    # A class that is not empty must be visible.
    heights = [round(max(number / tallest * HEIGHT, 1 if number else 0), 1) for number in classes]
    bars = [
        DurationBar(place * WIDTH, round(HEIGHT - height, 1), height)
        for place, height in enumerate(heights)
        if height
    ]
    most = values[min(len(values) - 1, int(0.95 * len(values)))]
    return Spread(method, len(values), median(values), most, values[-1], bars)
