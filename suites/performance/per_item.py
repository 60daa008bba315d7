"""What each further item of a page takes, judged. Pure; seconds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from harness.load.latency import Latencies, duration
from harness.load.verdicts import TOO_LATE, Conditions, Judged

STEEPER = 5.0
"""Multiple of what an item takes without related resources that it may take with them."""
EXTRA = 0.05
"""Seconds that the largest page may take longer than the smallest in any case."""
LONG = 0.2
"""The same for a list without related resources: less than that hurts nobody."""
TIMES = 4.0
"""Multiple of the smallest page from which on the largest one consists of work for each item."""
EVEN = 0.5
"""Part of its share of the growth that each step has at least, where the growth is one for each item."""
WINDOW = 14_600
"""Bytes that a server sends before it waits for a first acknowledgement (RFC 6928)."""
BANDWIDTH = 1_000_000.0
"""Bytes a second, so little that content is never taken for work."""


@dataclass(frozen=True)
class Size:
    """A page of some size.

    Attributes:
        items: on it.
        content: bytes.
        latencies: seconds, one for each time that it was read.
    """

    items: int
    content: int
    latencies: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.latencies)


def shown(sizes: Sequence[Size]) -> str:
    """`12 ms for 5 items, 40 ms for 80 (median of 20 requests each)`."""
    parts = ", ".join(f"{duration(one.median)} for {one.items}" for one in sizes)
    return f"{parts} items (median of {len(sizes[0].latencies)} requests each)"


def transfer(sizes: Sequence[Size]) -> float:
    """Seconds that the content of the largest page may take longer on its way than that of the smallest."""
    more = max(0, sizes[-1].content - sizes[0].content)
    round_trip = min(min(one.latencies) for one in sizes)
    return more / BANDWIDTH + round_trip * math.log2(1 + more / WINDOW)


def even(sizes: Sequence[Size]) -> bool:
    """Whether latency grows with each item, rather than by a step: a query for fifty items at once is in order."""
    small, middle, large = sizes
    each = (large.median - small.median) / (large.items - small.items)
    return all(
        (more.median - less.median) >= EVEN * each * (more.items - less.items)
        for less, more in ((small, middle), (middle, large))
    )


def growth(sizes: Sequence[Size]) -> tuple[float, float]:
    """How much longer the largest page takes than the smallest, at least and at most, with 95 % confidence each."""
    small, large = Latencies(sizes[0].latencies), Latencies(sizes[-1].latencies)
    return large.lower(0.5) - small.upper(0.5), large.upper(0.5) - small.lower(0.5)


def listed(sizes: Sequence[Size], under: Conditions) -> Judged:
    """Whether a page takes no work for each of its items that makes it slow.

    Args:
        sizes: a small, a medium and a large page, read in turns.
    """
    small, large = sizes[0], sizes[-1]
    limit = LONG + transfer(sizes)
    return _judged(
        sizes,
        under,
        limit,
        # A page that is slow whatever its size does not take longer for each item.
        Latencies(large.latencies).lower(0.5) >= TIMES * Latencies(small.latencies).upper(0.5),
    )


def embedding(plain: Sequence[Size], sizes: Sequence[Size], under: Conditions) -> Judged:
    """Whether an item takes about as long with a related resource as without.

    Args:
        plain: pages without related resources, as in `listed()`.
        sizes: pages of the same items with them.
    """
    spans = [one[-1].items - one[0].items for one in (plain, sizes)]
    without = max(0.0, growth(plain)[1]) * spans[1] / spans[0]
    judged = _judged(sizes, under, STEEPER * without + EXTRA + transfer(sizes), True)
    return Judged(judged.holds, f"{judged.text}; without: {shown(plain)}")


def _judged(sizes: Sequence[Size], under: Conditions, limit: float, steep: bool) -> Judged:
    least, _ = growth(sizes)
    usual, clear = sizes[-1].median - sizes[0].median, under.clear(limit)
    each = duration(max(0.0, usual) / (sizes[-1].items - sizes[0].items))
    text = f"{shown(sizes)}, {each} for each further item"
    if usual <= limit:
        return Judged(True, text)
    if under.lag.usual > TOO_LATE:
        return Judged(None, f"{text}; {under.shown()}")
    if not even(sizes):
        return Judged(True, f"{text}, by steps")
    if least > clear and steep:
        return Judged(
            False, f"{text}; with 95 % confidence {duration(least)} longer at least; {under.shown()}"
        )
    if least > clear:
        return Judged(True, text)
    return Judged(None, f"{text}; a breach is certain from {duration(clear)} longer on; {under.shown()}")
