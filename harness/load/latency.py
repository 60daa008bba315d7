"""Latencies of a series of requests, with confidence bounds. Pure; seconds in and out.

Bounds of a quantile are order statistics: they hold for every distribution. An HdrHistogram keeps the values with
three significant digits, so that a run of any length takes the same memory.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from hdrh.histogram import HdrHistogram

CONFIDENCE = 0.95
LONGEST = 3_600.0
"""Seconds; longer latencies count as this."""
_MICROSECONDS = 1e6


class Latencies:
    """A distribution of latencies.

    Args:
        seconds: one for each request, from the instant at which it was due.
    """

    def __init__(self, seconds: Iterable[float]) -> None:
        self._histogram = HdrHistogram(1, int(LONGEST * _MICROSECONDS), 3)
        self._longest = 0.0
        for one in seconds:
            self._longest = max(self._longest, one)
            self._histogram.record_value(max(1, round(min(one, LONGEST) * _MICROSECONDS)))

    @property
    def count(self) -> int:
        return int(self._histogram.get_total_count())

    @property
    def longest(self) -> float:
        return self._longest

    def quantile(self, q: float) -> float:
        """The value below which a part `q` of the requests lies.

        Raises:
            ValueError: there is no request.
        """
        return self._ranked(max(1, math.ceil(q * self.count)))

    def lower(self, q: float) -> float:
        """A value that the true quantile exceeds with 95 percent confidence; 0 where there are too few requests."""
        rank = lower_rank(self.count, q)
        return self._ranked(rank) if rank else 0.0

    def upper(self, q: float) -> float:
        """A value that exceeds the true quantile with 95 percent confidence; infinite for too few requests."""
        rank = upper_rank(self.count, q)
        return self._ranked(rank) if rank else math.inf

    def shown(self) -> str:
        """`p50 12 ms, p95 30 ms, p99 41 ms of 60 requests`."""
        if not self.count:
            return "no request"
        parts = [f"p{round(100 * q)} {duration(self.quantile(q))}" for q in (0.5, 0.95, 0.99)]
        return f"{', '.join(parts)} of {self.count} requests"

    def _ranked(self, rank: int) -> float:
        """The value at a rank, of which the least is 1."""
        if not self.count:
            raise ValueError("there is no request")
        if rank >= self.count:
            return self._longest
        # Between two ranks, so that rounding cannot lead to the next one.
        found = self._histogram.get_value_at_percentile(100 * (rank - 0.5) / self.count)
        return float(found) / _MICROSECONDS


def lower_rank(count: int, q: float) -> int:
    """The greatest rank whose value the quantile exceeds with 95 percent confidence; 0 if no rank is enough.

    The k-th of n values is at most the quantile if at least k values are: a binomial variable.
    """
    below = 0.0
    for rank in range(count + 1):
        # The probability that fewer than `rank` + 1 values lie below the quantile.
        below += _binomial(count, rank, q)
        if below > 1 - CONFIDENCE:
            return rank
    return count


def upper_rank(count: int, q: float) -> int:
    """The least rank whose value exceeds the quantile with 95 percent confidence; 0 if no rank is enough."""
    below = 0.0
    for rank in range(count):
        below += _binomial(count, rank, q)
        if below >= CONFIDENCE:
            return rank + 1
    return 0


def _binomial(n: int, k: int, p: float) -> float:
    if p in (0.0, 1.0):
        return float(k == (n if p else 0))
    # In logarithms: the coefficients of a long series do not fit a float.
    coefficient = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return math.exp(coefficient + k * math.log(p) + (n - k) * math.log1p(-p))


def least_share(failed: int, count: int) -> float:
    """The share that the true share of failures exceeds with 95 percent confidence (Clopper and Pearson)."""
    if not failed:
        return 0.0
    low, high = 0.0, failed / count
    for _ in range(40):
        middle = (low + high) / 2
        at_least = 1 - sum(_binomial(count, k, middle) for k in range(failed))
        low, high = (middle, high) if at_least < 1 - CONFIDENCE else (low, middle)
    return low


def duration(seconds: float) -> str:
    """`12 ms`, `1.3 s`."""
    return f"{1000 * seconds:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"
