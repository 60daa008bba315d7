"""The limiter that explains a trace, over simulated limiters of all kinds."""

from __future__ import annotations

import pytest

from harness.quota.series import QuotaAttempt
from suites.rate_limits.algorithm import AlgorithmKind, name
from tests.rate_limits import simulated

QUOTAS = [(5, 10.0), (10, 1.0), (20, 2.0), (60, 60.0)]


def named(decide: simulated.Decide, limit: int, window: float, seed: int) -> AlgorithmKind | None:
    trace, more = simulated.play(decide, limit, window, seed)
    found = name(trace, limit, window)
    return found.kind if len(found.possible) == 1 else name([*trace, *more], limit, window).kind


@pytest.mark.parametrize(("limit", "window"), QUOTAS)
@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("kind", ["clock", "expiring", "sliding", "token", "small token", "leaky"])
def test_the_right_one_is_named(kind: str, limit: int, window: float, seed: int) -> None:
    decide, expected = {
        "clock": (simulated.fixed(limit, window, seed / 10 * window), AlgorithmKind.FIXED),
        "expiring": (simulated.expiring(limit, window), AlgorithmKind.FIXED),
        "sliding": (simulated.sliding(limit, window), AlgorithmKind.SLIDING),
        "token": (simulated.bucket(limit, limit, window), AlgorithmKind.TOKEN),
        "small token": (simulated.bucket(max(3, limit // 2), limit, window), AlgorithmKind.TOKEN),
        "leaky": (simulated.bucket(1, limit, window), AlgorithmKind.LEAKY),
    }[kind]
    assert named(decide, limit, window, seed) is expected


def test_too_little_is_said_to_be_too_little() -> None:
    few = [QuotaAttempt(at / 10, at / 10, at < 3) for at in range(5)]
    assert name(few, 3, 1.0).kind is None
    served = [QuotaAttempt(at / 100, at / 100, True) for at in range(30)]
    assert "too few requests were refused" in name(served, 10, 1.0).sentence


def test_a_burst_alone_leaves_it_undecided() -> None:
    burst = [QuotaAttempt(at / 1000, at / 1000, at < 10) for at in range(16)]
    found = name(burst, 10, 1.0)
    assert found.kind is None
    assert "undecided between" in found.sentence
    assert {AlgorithmKind.FIXED, AlgorithmKind.SLIDING} <= {fit.kind for fit in found.possible}


def test_noise_is_not_explained() -> None:
    noise = [QuotaAttempt(at / 50, at / 50, at % 3 != 1) for at in range(60)]
    found = name(noise, 10, 1.0)
    assert found.kind is None
    assert "no known algorithm" in found.sentence
