"""Quantiles and their confidence bounds, on literal samples."""

from __future__ import annotations

import math
import random

import pytest

from harness.load.latency import LONGEST, Latencies, duration, least_share, lower_rank, upper_rank

HUNDRED = [one / 1000 for one in range(1, 101)]


@pytest.mark.parametrize(
    ("q", "value"), [(0.5, 0.050), (0.95, 0.095), (0.99, 0.099), (1.0, 0.1), (0.0, 0.001)]
)
def test_quantiles_are_order_statistics(q: float, value: float) -> None:
    assert Latencies(HUNDRED).quantile(q) == pytest.approx(value, rel=0.01)


# Ranks of the binomial bounds: n, q, lower, upper. The last two lines are the well-known 59 and 299 samples.
@pytest.mark.parametrize(
    ("count", "q", "lower", "upper"),
    [
        (10, 0.5, 2, 9),
        (100, 0.5, 42, 59),
        (30, 0.95, 26, 0),
        (58, 0.95, 52, 0),
        (59, 0.95, 53, 59),
        (298, 0.99, 292, 0),
        (299, 0.99, 293, 299),
    ],
)
def test_bounds_are_those_of_the_binomial_distribution(count: int, q: float, lower: int, upper: int) -> None:
    assert (lower_rank(count, q), upper_rank(count, q)) == (lower, upper)


def test_bounds_cover_the_true_quantile_as_often_as_they_promise() -> None:
    numbers = random.Random(19)
    true = -math.log(1 - 0.9)
    series = [Latencies(numbers.expovariate(1) for _ in range(60)) for _ in range(400)]
    assert sum(one.lower(0.9) <= true for one in series) >= 0.93 * 400
    assert sum(one.upper(0.9) >= true for one in series) >= 0.93 * 400


def test_too_few_samples_prove_nothing() -> None:
    few = Latencies([5.0, 5.0])
    assert few.lower(0.5) == 0.0
    assert few.upper(0.95) == math.inf
    assert Latencies([]).shown() == "no request"
    with pytest.raises(ValueError, match="no request"):
        Latencies([]).quantile(0.5)


def test_a_latency_beyond_the_scale_is_not_lost() -> None:
    assert Latencies([10 * LONGEST]).quantile(1.0) == 10 * LONGEST


# Clopper and Pearson, one-sided 95 %: 1 - 0.95 ** (1 / n) for one failure of n.
@pytest.mark.parametrize(
    ("failed", "count", "share"),
    [(0, 50, 0.0), (1, 30, 1 - 0.95 ** (1 / 30)), (5, 10, 0.2224), (10, 10, 0.05**0.1)],
)
def test_least_share_of_failures(failed: int, count: int, share: float) -> None:
    assert least_share(failed, count) == pytest.approx(share, abs=1e-3)


@pytest.mark.parametrize(("seconds", "text"), [(0.0123, "12.3 ms"), (0.9, "900 ms"), (1.26, "1.26 s")])
def test_durations_are_short(seconds: float, text: str) -> None:
    assert duration(seconds) == text
