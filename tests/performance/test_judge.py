"""Objectives, judged on literal samples."""

from __future__ import annotations

import pytest

from suites.performance.judge import available, in_time
from tests.load.samples import BUSY, QUIET, both, series


@pytest.mark.parametrize(
    ("latencies", "percentile", "holds"),
    [
        ([0.05] * 300, 95, True),
        ([0.05] * 300, 99, True),
        # 300 requests cannot prove p99.9.
        ([0.05] * 300, 99.9, None),
        ([0.05] * 270 + [2.5] * 30, 95, False),
        # 12 of 300 are 4 %: the objective may hold by chance.
        ([0.05] * 288 + [2.5] * 12, 95, None),
        ([0.05] * 300 + [0.205] * 300, 95, None),
    ],
)
def test_an_objective_holds_or_is_missed_beyond_chance(
    latencies: list[float], percentile: float, holds: bool | None
) -> None:
    assert in_time(series(latencies), percentile, 200, QUIET).holds is holds


def test_a_busy_machine_finds_no_fault() -> None:
    assert in_time(series([1.0] * 300), 95, 200, QUIET).holds is False
    assert in_time(series([1.0] * 300), 95, 200, BUSY).holds is None


@pytest.mark.parametrize(
    ("failed", "percentage", "holds"), [(0, 99.9, True), (10, 95, False), (10, None, True), (1, 99.9, True)]
)
def test_availability(failed: int, percentage: float | None, holds: bool) -> None:
    measured = both(series([0.02] * 40), series([0.02] * failed, 500))
    assert available(measured, percentage, QUIET).holds is holds


def test_what_a_client_does_wrong_is_no_lack_of_availability() -> None:
    assert available(series([0.02] * 40, 404), 99, QUIET).holds
