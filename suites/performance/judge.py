"""What was measured of an operation, judged. Pure."""

from __future__ import annotations

import math

from harness.load.latency import duration
from harness.load.sample import Series
from harness.load.verdicts import Conditions, Judged, failing, slow


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
