"""Pages at several depths, judged on literal latencies, and rules that find the list to be short."""

from __future__ import annotations

import pytest

from harness.load.sample import Lag
from harness.load.verdicts import Conditions
from harness.rules.verdict import Verdict
from suites.performance.judge import Depth, growing
from tests.load.samples import BUSY, FROZEN, QUIET
from tests.matrix.declared import AT_ONCE
from tests.matrix.trials import run_of
from tests.performance.long_lists import PROFILE, serving


def depths(*latencies: list[float]) -> list[Depth]:
    return [Depth(before, tuple(some)) for before, some in zip((100, 5000, 9900), latencies, strict=True)]


@pytest.mark.parametrize(
    ("first", "middle", "last", "holds"),
    [
        ([0.02] * 30, [0.02] * 30, [0.02] * 30, True),
        # Twice the latency, and 20 ms more, are in order.
        ([0.02] * 30, [0.04] * 30, [0.055] * 30, True),
        ([0.02] * 30, [0.2] * 30, [0.4] * 30, False),
        ([0.02] * 8, [0.2] * 8, [0.4] * 8, False),
        # Near the beginning a cache answers; all other pages are slow, whatever their depth.
        ([0.002] * 30, [0.3] * 30, [0.31] * 30, True),
        # Most of the last ones are as fast as the first.
        ([0.02] * 30, [0.02] * 30, [0.02] * 16 + [5.0] * 14, True),
        ([0.02] * 8, [0.02] * 8, [0.02, 0.4] * 4, True),
        ([0.02] * 8, [0.03] * 8, [0.02] * 3 + [0.4] * 5, None),
        # Too close to the limit to be sure.
        ([0.02] * 30, [0.03] * 30, [0.065] * 30, None),
    ],
)
def test_what_grows_with_depth(
    first: list[float], middle: list[float], last: list[float], holds: bool | None
) -> None:
    judged = growing(depths(first, middle, last), QUIET)
    assert judged.holds is holds, judged.text


def test_a_busy_machine_finds_no_fault_unless_it_is_far_beyond() -> None:
    steep = depths([0.02] * 30, [0.2] * 30, [0.4] * 30)
    assert growing(steep, BUSY).holds is None
    assert growing(depths([0.02] * 30, [1.0] * 30, [3.0] * 30), BUSY).holds is False
    assert growing(depths([0.02] * 30, [2.5] * 30, [5.0] * 30), FROZEN).holds is None


LATE_NOW_AND_THEN = Conditions(Lag([0.0005] * 97 + [0.05] * 3), 1.0)


@pytest.mark.parametrize(
    ("first", "middle", "last", "holds"),
    [
        # What a machine that was busy showed: each page some 6 microseconds slower for each item before it.
        ([0.009] * 30, [0.069] * 30, [0.129] * 30, False),
        # Late now and then, as the harness is.
        ([0.009] * 27 + [0.1] * 3, [0.069] * 27 + [0.2] * 3, [0.129] * 27 + [0.3] * 3, False),
        ([0.009] * 30, [0.075] * 30, [0.095] * 30, None),
        ([0.009] * 30, [0.02] * 30, [0.04] * 30, True),
        ([0.06] * 30, [0.06] * 20 + [0.4] * 10, [0.06] * 16 + [0.5] * 14, True),
    ],
)
def test_a_median_does_not_see_what_is_late_now_and_then(
    first: list[float], middle: list[float], last: list[float], holds: bool | None
) -> None:
    judged = growing(depths(first, middle, last), LATE_NOW_AND_THEN)
    assert judged.holds is holds, judged.text


def test_a_long_list_holds_and_a_short_one_is_not_judged() -> None:
    with serving(lambda before: 0.0) as url:
        (found,) = run_of(["PERF-002"], url, "--effects", "read", profile=AT_ONCE + PROFILE).findings
    # A machine that is too busy leaves it undecided.
    assert found.verdict in (Verdict.PASS, Verdict.INCONCLUSIVE), found.reason
    assert "median of" in (found.evidence[0] if found.evidence else found.reason)
    with serving(lambda before: before * 80e-6, total=4_000) as url:
        (found,) = run_of(["PERF-002"], url, "--effects", "read", profile=AT_ONCE + PROFILE).findings
    assert found.verdict is Verdict.NOT_APPLICABLE, found.reason
    assert len(found.exchanges) == 1
