"""Rate limiters on a clock of their own, and the series that the rules send, played against them."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from harness.quota.series import QuotaAttempt

Decide = Callable[[float], bool]


def fixed(limit: int, window: float, phase: float) -> Decide:
    """Counters of windows that follow the clock."""
    counts: dict[int, int] = {}

    def decide(at: float) -> bool:
        index = math.floor((at - phase) / window)
        counts[index] = counts.get(index, 0) + 1
        return counts[index] <= limit

    return decide


def expiring(limit: int, window: float) -> Decide:
    """A counter that expires a window after its first request, as INCR and EXPIRE make one."""
    state = {"count": 0, "until": -math.inf}

    def decide(at: float) -> bool:
        if at >= state["until"]:
            state.update(count=0, until=at + window)
        state["count"] += 1
        return state["count"] <= limit

    return decide


def sliding(limit: int, window: float) -> Decide:
    """A log of what was served."""
    log: list[float] = []

    def decide(at: float) -> bool:
        log[:] = [one for one in log if one > at - window]
        if len(log) >= limit:
            return False
        log.append(at)
        return True

    return decide


def bucket(burst: int, limit: int, window: float) -> Decide:
    """Tokens, kept as the instant at which the bucket would be full (GCRA)."""
    interval = window / limit
    full = {"at": -math.inf}

    def decide(at: float) -> bool:
        next_full = max(full["at"], at) + interval
        if next_full - at > burst * interval + 1e-9:
            return False
        full["at"] = next_full
        return True

    return decide


def play(
    decide: Decide, limit: int, window: float, seed: int, latency: float = 0.004
) -> tuple[list[QuotaAttempt], list[QuotaAttempt]]:
    """What RATE-010 sends: spread over a window, at once after it, at once from an unused quota, and polls.

    The second list is what it sends more where the first leaves it undecided: spread again, at another phase.
    """
    chance = random.Random(seed)
    clock = 1000.0 + chance.random() * window

    def ask(at: float) -> QuotaAttempt:
        nonlocal clock
        start = max(clock, at) + chance.random() * 0.0005
        there = chance.uniform(0.2, 0.8) * latency
        clock = start + there + chance.uniform(0.2, 0.8) * latency
        return QuotaAttempt(start, clock, decide(start + there))

    def until_refused(most: int, refused: int) -> list[QuotaAttempt]:
        found: list[QuotaAttempt] = []
        while len(found) < most and sum(not one.accepted for one in found) < refused:
            found.append(ask(clock))
        return found

    many = math.ceil(1.3 * limit)

    def spread() -> list[QuotaAttempt]:
        nonlocal clock
        start = clock
        even = [ask(start + number * window / many) for number in range(many)]
        clock = max(clock, start + 1.05 * window)
        return even + until_refused(limit + 5, 5)

    begun = clock
    trace = spread()
    clock += 1.03 * window
    trace += [ask(clock) for _ in range(many)]
    step = window / limit / 2
    start = clock + step
    trace += [ask(start + number * step) for number in range(8)]
    clock = begun + (math.ceil((clock - begun) / window) + 1.5) * window
    return trace, spread()
