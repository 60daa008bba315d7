"""A breach is one beyond chance and beyond what the harness itself adds, on literal samples."""

from __future__ import annotations

import pytest

from harness.load.machine import ticks
from harness.load.sample import Sample
from harness.load.stop_rule import IN_A_ROW, MOST_WAITING, ill, overrun
from harness.load.verdicts import Conditions, failing, slow
from tests.load.samples import BUSY, FROZEN, QUIET, both, series


@pytest.mark.parametrize(
    ("latencies", "under", "holds"),
    [
        ([0.02] * 40, QUIET, True),
        ([0.02] * 40, BUSY, True),
        # Clearly too slow: ten times the limit.
        ([2.5] * 40, QUIET, False),
        ([2.5] * 40, BUSY, False),
        # The same on a machine that is frozen is no finding.
        ([2.5] * 40, FROZEN, None),
        # Beyond the limit by less than the harness may have added.
        ([0.205] * 40, QUIET, None),
        ([0.9] * 40, QUIET, False),
        ([0.9] * 40, BUSY, None),
        # One of forty is chance; p95 is not touched.
        ([0.02] * 39 + [3.0], QUIET, True),
        # Three of forty are above p95, but not surely.
        ([0.02] * 37 + [3.0] * 3, QUIET, None),
        ([0.02] * 20 + [3.0] * 20, QUIET, False),
        ([0.02] * 5, QUIET, None),
    ],
)
def test_slow(latencies: list[float], under: Conditions, holds: bool | None) -> None:
    assert slow(series(latencies), 0.95, 0.2, under).holds is holds


@pytest.mark.parametrize(
    ("failed", "count", "under", "holds"),
    [
        (0, 50, QUIET, True),
        (1, 50, QUIET, True),
        (2, 50, QUIET, None),
        (10, 50, QUIET, False),
        (10, 50, BUSY, False),
        (10, 50, FROZEN, None),
        (20, 5000, QUIET, True),
        (100, 5000, QUIET, False),
    ],
)
def test_failing(failed: int, count: int, under: Conditions, holds: bool | None) -> None:
    assert failing(series([0.1] * failed, 500).samples, count, 0.01, under).holds is holds


def test_latency_counts_from_when_a_request_was_due() -> None:
    late = Sample(due=1.0, sent=3.0, done=3.1, status=200)
    assert late.latency == pytest.approx(2.1)


def test_failed_requests_are_not_left_out_of_the_latencies() -> None:
    mixed = both(series([0.01] * 10), series([10.0] * 10, None, error="no response within 10 s"))
    assert mixed.latencies.quantile(0.95) == pytest.approx(10.0, rel=0.01)
    assert mixed.outcomes() == "10 x 200, 10 x no response within 10 s"


def test_a_load_ends_where_the_watched_client_suffers() -> None:
    fine, bad = series([0.1] * 20).samples, series([0.1] * IN_A_ROW, 503).samples
    assert not ill(fine, 0.2, 3.0)
    assert "waited 3.2 s" in ill(fine, 3.2, 3.0)
    assert "failed, the last with 503" in ill([*fine, *bad], 0.0, 3.0)
    assert not ill([*bad, *fine], 0.0, 3.0)
    assert not ill(bad[1:], 0.0, 3.0)
    assert not overrun(MOST_WAITING - 1)
    assert overrun(MOST_WAITING)


def test_use_of_processors_is_read_from_the_system() -> None:
    assert ticks("cpu  100 0 50 800 50 0 0 0 0 0\ncpu0 1 2 3\n") == (850, 1000)
    assert ticks("") is None
    assert ticks("intr 5") is None
