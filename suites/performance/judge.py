"""What was measured of an operation, judged. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from harness.load.latency import Latencies, duration
from harness.load.sample import Series
from harness.load.verdicts import MARGIN, TOO_LATE, Conditions, Judged, failing, slow

DEEPER = 2.0
"""Multiple of the latency near the beginning that a deep page may take."""
EXTRA = 0.02
"""Seconds more that it may take in any case."""
STEEPER = 1.25
"""Multiple of the latency in the middle from which on that at the end has grown with depth."""


def in_time(series: Series, percentile: float, ms: float, under: Conditions) -> Judged:
    """Whether an objective for latency is met: surely, where it holds.

    Args:
        percentile: of the requests, from 0 to 100.
        ms: milliseconds.
    """
    q, limit = percentile / 100, ms / 1000
    judged = slow(series, q, limit, under)
    if judged.holds is not True:
        return judged
    upper = series.latencies.upper(q)
    if upper <= limit:
        return Judged(True, f"{judged.text}; with 95 % confidence at most {duration(upper)}")
    if math.isinf(upper):
        return Judged(None, f"{judged.text}: too few requests to prove it, raise `samples` in [[slo]]")
    return Judged(None, f"{judged.text}; with 95 % confidence only at most {duration(upper)}")


def available(series: Series, percentage: float | None, under: Conditions) -> Judged:
    """Whether an objective for availability is broken; that it is met, a few hundred requests cannot prove.

    Args:
        percentage: of the requests that are to be answered without a server error; None for no objective.
    """
    failed = tuple(one for one in series.failed if one.status is None or one.status >= 500)
    if percentage is None:
        return Judged(True, f"{len(failed)} of {series.count} requests failed")
    return failing(failed, series.count, 1 - percentage / 100, under)


@dataclass(frozen=True)
class Depth:
    """A page of a list.

    Attributes:
        before: items before it.
        latencies: seconds, one for each time that it was read.
    """

    before: int
    latencies: tuple[float, ...]


def growing(depths: Sequence[Depth], under: Conditions) -> Judged:
    """Whether pages take about the same time at any depth.

    Args:
        depths: near the beginning, in the middle, and near the end.
    """
    first, middle, last = (Latencies(one.latencies) for one in depths)
    medians = ", ".join(
        f"{duration(found.quantile(0.5))} after {one.before} items"
        for one, found in zip(depths, (first, middle, last), strict=True)
    )
    text = f"median of {last.count} requests each: {medians}"
    if under.lag.usual > TOO_LATE:
        return Judged(None, f"{text}; {under.shown()}")
    surely, limit = last.lower(0.5), DEEPER * first.quantile(0.5) + EXTRA
    # All were measured in turns: what keeps the machine busy slows the pages alike, and a median does not see what
    # is late now and then.
    clear = max(DEEPER * first.upper(0.5) + EXTRA, STEEPER * middle.upper(0.5)) + MARGIN * under.lag.middle
    if surely > clear:
        return Judged(
            False, f"{text}; with 95 % confidence at least {duration(surely)} at the end; {under.shown()}"
        )
    flat = last.quantile(0.5) <= STEEPER * middle.quantile(0.5)
    if last.quantile(0.5) <= limit + under.lag.usual or (
        flat and last.lower(0.5) <= STEEPER * middle.upper(0.5)
    ):
        return Judged(True, text)
    return Judged(None, f"{text}; a breach is certain from {duration(clear)} on; {under.shown()}")
