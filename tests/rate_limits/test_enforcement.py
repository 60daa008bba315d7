"""What a limiter lets through, and to whom, judged on literal series."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.quota.series import Hit, before_refusal, most_within, pattern
from suites.rate_limits.algorithm import AlgorithmKind, Fit, Named, name
from suites.rate_limits.enforcement import (
    Enforcement,
    counted_globally,
    enforced,
    not_evaded,
    partitioned,
    used_by_others,
)
from tests.rate_limits import simulated
from tests.rate_limits.hits import hit, series

UNKNOWN = Named(None, (), "")
TEN = "+" * 10
OVER = "+" * 13


def spread(text: str) -> list[Any]:
    return series(text, step=1 / 13)


def ruled(
    even: str, burst: str, again: str = "", named: Named = UNKNOWN, used: tuple[int, int, int] = (0, 0, 0)
):
    return enforced(Enforcement(spread(even), series(burst), series(again), used), 10, 1.0, named)


def test_series_in_words_and_numbers() -> None:
    found = series("+++--+")
    assert pattern(found) == "3 served, 2 refused, 1 served"
    assert before_refusal(found) == 3
    assert before_refusal(series("++")) is None
    assert most_within(series("++++", step=0.4), 1.0) == 3
    assert most_within([], 1.0) == 0


@pytest.mark.parametrize(
    ("even", "burst"),
    [
        (TEN + "---", TEN + "---"),
        # A token bucket, or a window's seam in the middle.
        (OVER, TEN + "---"),
        # One stale node; one leftover.
        (TEN + "---", "+" * 11 + "--"),
        ("+" * 9 + "----", "+" * 9 + "----"),
    ],
)
def test_enforced(even: str, burst: str) -> None:
    ruling = ruled(even, burst)
    assert (ruling.breach, ruling.undecided) == (None, None)


def test_late() -> None:
    assert "13 served within" in str(ruled(OVER, OVER, OVER).breach)


ELEVEN = "+" * 11 + "--"


def named(kind: AlgorithmKind, limit: int, missed: int = 0) -> Named:
    return Named(kind, (Fit(kind, limit, 1.0, limit, missed, 39),), "")


def test_one_too_many_shows_where_the_algorithm_is_certain() -> None:
    ruling = ruled(ELEVEN, ELEVEN, ELEVEN, named(AlgorithmKind.FIXED, 11))
    assert str(ruling.breach).startswith("11 served at once, and 11 half a window later, of a limit of 10")
    sliding = named(AlgorithmKind.SLIDING, 11)
    assert "10 served at once, and 11 half" in str(ruled(ELEVEN, TEN + "---", ELEVEN, sliding).breach)
    assert ruled(ELEVEN, TEN + "---", TEN + "---", sliding).breach is None


@pytest.mark.parametrize(
    ("again", "by"),
    [
        # The boundary of a window, counters that lag, a bucket, and a trace that is not explained throughout.
        (TEN + "---", named(AlgorithmKind.FIXED, 11)),
        ("", named(AlgorithmKind.FIXED, 11)),
        (ELEVEN, named(AlgorithmKind.TOKEN, 11)),
        (ELEVEN, named(AlgorithmKind.SLIDING, 11, missed=1)),
        (ELEVEN, named(AlgorithmKind.SLIDING, 10)),
        (ELEVEN, UNKNOWN),
    ],
)
def test_one_too_many_is_tolerated_elsewhere(again: str, by: Named) -> None:
    assert ruled(ELEVEN, ELEVEN, again, by).breach is None


def test_a_burst_across_a_seam_is_a_note() -> None:
    ruling = ruled(OVER, OVER, TEN + "---")
    assert (ruling.breach, ruling.undecided) == (None, None)
    assert "boundary of a fixed window" in ruling.notes[0]


def test_too_slow_to_tell() -> None:
    slow = Enforcement(spread(OVER), series(OVER, step=0.05))
    assert "too slow" in str(enforced(slow, 10, 1.0, UNKNOWN).undecided)


def test_early() -> None:
    assert "refused after 7 of 10" in str(ruled("+" * 7 + "-" * 6, "+" * 7 + "-" * 6).breach)
    assert ruled("+" * 8 + "-" * 5, "+" * 8 + "-" * 5, used=(1, 1, 0)).breach is None


def test_early_is_left_open_where_others_may_use_the_quota() -> None:
    early = Enforcement(spread("+" * 7 + "-" * 6), series("+" * 7 + "-" * 6), alone=False)
    assert "another client may use" in str(enforced(early, 10, 1.0, UNKNOWN).undecided)


@pytest.mark.parametrize(("left", "others"), [("9876", False), ("9996", True), ("975", True), ("989", False)])
def test_others_show_in_what_remains(left: str, others: bool) -> None:
    assert used_by_others([hit(RateLimit=f'"a";r={one};t=1') for one in left]) is others
    assert not used_by_others(series("+++-"))


def test_pacing_is_no_breach() -> None:
    even, burst = spread("+-+-+-+-+-+-+"), series("+" + "-" * 12)
    fit = Fit(AlgorithmKind.LEAKY, 10, 1.0, 1, 0, 26)
    surely = enforced(Enforcement(even, burst), 10, 1.0, Named(AlgorithmKind.LEAKY, (fit,), ""))
    assert surely.breach is None
    assert "only when spread" in surely.notes[0]
    other = Fit(AlgorithmKind.FIXED, 1, 1.0, 1, 1, 26)
    perhaps = enforced(Enforcement(even, burst), 10, 1.0, Named(None, (fit, other), ""))
    assert "pace" in str(perhaps.undecided)
    slower = Fit(AlgorithmKind.LEAKY, 5, 1.0, 1, 0, 26)
    assert (
        enforced(Enforcement(even, burst), 10, 1.0, Named(AlgorithmKind.LEAKY, (slower,), "")).breach
        is not None
    )


def test_small_bursts_alone_are_a_note() -> None:
    ruling = ruled(OVER, "+" * 4 + "-" * 9)
    assert ruling.breach is None
    assert "only when spread" in ruling.notes[0]


def test_another_quota_in_front_leaves_it_open() -> None:
    even = [
        *spread("+" * 5),
        hit(
            0.5,
            429,
            RateLimit_Policy='"all";q=5;w=60, "ten";q=10;w=1',
            RateLimit='"all";r=0;t=9, "ten";r=5;t=1',
        ),
    ]
    ruling = enforced(Enforcement(even, series(TEN + "---")), 10, 1.0, UNKNOWN)
    assert "another quota was exhausted: 5 in 60 s" in str(ruling.undecided)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("kind", ["clock", "sliding", "token", "small token", "leaky"])
def test_no_lawful_limiter_is_accused(kind: str, seed: int) -> None:
    limit, window = 10, 1.0
    decide = {
        "clock": simulated.fixed(limit, window, seed / 10),
        "sliding": simulated.sliding(limit, window),
        "token": simulated.bucket(limit, limit, window),
        "small token": simulated.bucket(4, limit, window),
        "leaky": simulated.bucket(1, limit, window),
    }[kind]
    trace, more = simulated.play(decide, limit, window, seed)
    named = name([*trace, *more], limit, window)
    hits = [replace(hit(), at=one.at, done=one.done, accepted=one.accepted) for one in trace]
    burst_at = len(hits) - 8 - 13
    ruling = enforced(Enforcement(hits[:13], hits[burst_at : burst_at + 13]), limit, window, named)
    # A fixed window's seam inside the burst is not told from a missing limit without a second burst.
    assert ruling.breach is None


# -- over connections ------------------------------------------------------------------------------------

MANY = "+" * 22


def test_counted_globally() -> None:
    held = series(TEN + "-" * 12)
    ruling = counted_globally(held, (), (), 10, 1.0)
    assert ruling.breach is None
    assert "10 of 22" in ruling.evidence[0]
    broken = counted_globally(series(MANY), series(MANY), series(TEN + "---"), 10, 1.0)
    assert "over one, of a limit of 10" in str(broken.breach)
    assert "times" not in str(broken.breach)
    two = counted_globally(series("+" * 20 + "--"), series("+" * 20 + "--"), series(TEN + "---"), 10, 1.0)
    assert "2 times the limit, as if 2 counters counted separately" in str(two.breach)


def test_global_count_is_left_open() -> None:
    seam = counted_globally(series(MANY), series(TEN + "-" * 12), series(TEN + "---"), 10, 1.0)
    assert seam.breach is None
    assert "boundary" in seam.notes[0]
    nowhere = counted_globally(series(MANY), series(MANY), series(OVER), 10, 1.0)
    assert "not enforced either" in str(nowhere.undecided)
    assert counted_globally(series(MANY), (), (), 10, 1.0).undecided is not None
    silent = [*series(TEN), Hit(0.1, 0.2, False, why="connection refused")]
    assert "1 of 11 connections got no answer" in str(counted_globally(silent, (), (), 10, 1.0).undecided)
    assert "too slow" in str(counted_globally(series(MANY, step=0.1), (), (), 10, 1.0).undecided)


# -- whose quota -----------------------------------------------------------------------------------------

NO, YES = hit(0.0, 429), hit(0.0)


def test_partitioned() -> None:
    assert partitioned(NO, series("+++++"), NO, promised=True).breach is None
    throttled = series("-----")
    assert "5 of 5" in str(partitioned(NO, throttled, NO, promised=True).breach)
    assert "declare `scope`" in str(partitioned(NO, throttled, NO, promised=False).undecided)
    # Its own burst may be as small as two.
    assert "its own quota" in str(partitioned(NO, series("++---"), NO, promised=True).undecided)
    assert "recovered" in str(partitioned(NO, throttled, YES, promised=True).undecided)
    assert "another reason" in str(partitioned(NO, series("-----", refusal=401), NO, promised=True).undecided)


def test_not_evaded() -> None:
    def judged(spoofed: str, after=NO, step: float = 0.005):
        return not_evaded("X-Forwarded-For", series(spoofed, step), [NO, NO, after], 10, 1.0)

    assert judged("---").breach is None
    assert judged("---").undecided is None
    assert "3 of 3 served" in str(judged("+++").breach)
    # One token may have come back meanwhile.
    assert judged("+--").breach is None
    assert judged("+--").undecided is None
    assert "recovered" in str(judged("+++", YES).undecided)
    assert "may have been refilled" in str(judged("+++", step=0.2).undecided)
