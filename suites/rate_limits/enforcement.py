"""Judgement of enforcement: how many requests a limiter serves, and to whom. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from harness.quota.series import Hit, QuotaAttempt, accepted, before_refusal, duration, most_within, pattern
from harness.rules.judge_result import Ruling

from .algorithm import AlgorithmKind, Named
from .judge import refusals, throttled

TOLERANCE = 1.1
"""Factor by which a limit may be exceeded: counters of several nodes lag by a percent or so."""
LEAST = 0.9
"""Share of the limit that must be served before the first refusal."""


def capacity(limit: int, window: float, seconds: float) -> float:
    """The most requests that a limiter may serve in a burst of so many seconds: limit, refill and tolerance."""
    return TOLERANCE * limit + seconds * limit / window


def exceeds(burst: Sequence[QuotaAttempt], limit: int, window: float) -> bool:
    """Whether more requests were served at once than the limit allows, apart from the boundary of a window."""
    return accepted(burst) > capacity(limit, window, duration(burst))


def off_by_some(burst: Sequence[QuotaAttempt], limit: int, named: Named) -> bool:
    """Whether a burst is served as a counter with a higher limit serves it.

    A window refills nothing during a burst. Counters that lag explain no trace throughout. In a sliding window a
    request of before may still count, which the fields of such a counter do not show; in a fixed one it may be a
    boundary.
    """
    best = named.fits[0] if named.fits else None
    if best is None or best.missed or best.limit <= limit:
        return False
    if named.kind is AlgorithmKind.SLIDING:
        return limit <= accepted(burst) <= best.limit
    return named.kind is AlgorithmKind.FIXED and accepted(burst) == best.limit


def never_enforced(series: Sequence[Hit], limit: int, window: float) -> str | None:
    """What shows by one series that a limit is not enforced at all, or None.

    A fixed window serves twice the limit around its boundary, and as much again for each further boundary; no other
    kind serves more.
    """
    most = TOLERANCE * limit * (math.floor(duration(series) / window) + 2)
    larger = any(one.quota is not None and (one.quota.limit or 0) > limit for one in series)
    if larger or accepted(series) < len(series) or len(series) <= most:
        return None
    return (
        f"all of {len(series)} requests within {duration(series):.2g} s were served, of a limit of {limit} in "
        f"{window:g} s: more than the boundary of a window explains"
    )


@dataclass(frozen=True)
class Enforcement:
    """The series that show whether a limit is enforced.

    Attributes:
        even: requests against an unused quota, spread over a window.
        burst: requests against an unused quota, at once.
        again: the same half a window later; empty where the first burst was cut off.
        used: requests that were already served in the window before each series.
        alone: whether it is certain that no other client used the quota.
    """

    even: Sequence[Hit]
    burst: Sequence[Hit]
    again: Sequence[Hit] = ()
    used: tuple[int, int, int] = (0, 0, 0)
    alone: bool = True


def enforced(found: Enforcement, limit: int, window: float, named: Named) -> Ruling:
    """Whether a limit is enforced neither late nor early."""
    late = _late(found, limit, window)
    if late.breach is not None or late.undecided is not None:
        return late
    early = _early(found, limit, window, named)
    more = _one_too_many(found, limit, window, named)
    if more is not None and early.breach is None:
        return Ruling(breach=more)
    return replace(early, notes=(*late.notes, *early.notes))


def _one_too_many(found: Enforcement, limit: int, window: float, named: Named) -> str | None:
    """What shows a counter that is off by a few, which the tolerance for several nodes would hide; else None."""
    # At two phases of the window, so that no boundary explains both.
    if not found.again or not all(off_by_some(one, limit, named) for one in (found.burst, found.again)):
        return None
    best, both = named.fits[0], [accepted(one) for one in (found.burst, found.again)]
    if max(both) < best.limit:
        return None
    return (
        f"{both[0]} served at once, and {both[1]} half a window later, of a limit of {limit} in "
        f"{window:g} s: a {best.kind.value} of {best.limit} explains all {best.answers} responses"
    )


def _late(found: Enforcement, limit: int, window: float) -> Ruling:
    burst = found.burst
    if not exceeds(burst, limit, window):
        if len(burst) > capacity(limit, window, duration(burst)) or accepted(burst) < len(burst):
            return Ruling()
        return Ruling(
            undecided=f"{len(burst)} requests took {duration(burst):.2g} s of the window of {window:g} s: "
            "too slow to exceed the limit"
        )
    what = f"{accepted(burst)} served within {duration(burst):.2g} s, of a limit of {limit} in {window:g} s"
    if not found.again:
        return Ruling(undecided=f"{what}; it could not be repeated at another phase of the window")
    if exceeds(found.again, limit, window):
        return Ruling(breach=f"{what}, and {accepted(found.again)} half a window later")
    return Ruling(
        notes=(
            f"{what}, and {accepted(found.again)} half a window later: the first burst met the "
            "boundary of a fixed window, at which up to twice the limit is served, or a second counter",
        )
    )


def _early(found: Enforcement, limit: int, window: float, named: Named) -> Ruling:
    first = before_refusal(found.even)
    at_once = accepted(found.burst)
    cut = first is not None and first < LEAST * limit - found.used[0]
    short = accepted(found.burst) < len(found.burst) and at_once < LEAST * limit - found.used[1]
    if not cut and not short:
        return Ruling(notes=_seam(found, limit, window, named))
    other = _other_policy([*found.even, *found.burst], limit)
    if other is not None:
        return Ruling(undecided=other)
    observed = f"spread over {window:g} s: {pattern(found.even)}; at once: {pattern(found.burst)}"
    pacing = (AlgorithmKind.TOKEN, AlgorithmKind.LEAKY)
    paced = [fit for fit in named.possible if fit.kind in pacing and fit.limit == limit]
    if not cut or (paced and named.kind in pacing):
        return Ruling(
            notes=(
                f"the limit of {limit} is served only when spread over the window, not at once ({observed})",
            )
        )
    if paced:
        return Ruling(undecided=f"it may pace requests instead of counting them: {observed}")
    if not found.alone:
        return Ruling(
            undecided=f"another client may use the quota ({observed}): give the `credential` of an unused client "
            "in [[rate_limits]]"
        )
    return Ruling(breach=f"refused after {first} of {limit} ({observed})")


def used_by_others(series: Sequence[Hit]) -> bool:
    """Whether remaining falls by more than the number of requests."""
    left = [one.remaining for one in series if one.accepted and one.remaining is not None]
    return any(before - after > 1 for before, after in pairwise(left))


def _seam(found: Enforcement, limit: int, window: float, named: Named) -> tuple[str, ...]:
    most = most_within([*found.even, *found.burst], window)
    if named.kind is not AlgorithmKind.FIXED:
        return ()
    return (
        f"a fixed window serves up to {2 * limit} in {window:g} s across the boundary of two windows "
        f"({most} were served within {window:g} s here): a known weakness",
    )


def _other_policy(series: Sequence[Hit], limit: int) -> str | None:
    """Whether a refusal says that a different quota is exhausted."""
    for one in throttled(series):
        for reading in one.readings:
            spent = [
                quota for quota in reading.quotas if quota.remaining == 0 and quota.limit not in (None, limit)
            ]
            if spent:
                return f"another quota was exhausted: {spent[0].shown()} ({one.shown()})"
    return None


def counted_globally(
    parallel: Sequence[Hit], again: Sequence[Hit], single: Sequence[Hit], limit: int, window: float
) -> Ruling:
    """Whether a quota holds over fresh connections.

    Args:
        parallel: each over a connection of its own.
        again: the same half a window later; empty where the first held.
        single: over one connection, as a control; empty where the first held.
    """
    total = accepted(parallel)
    if not exceeds(parallel, limit, window):
        silent = [one for one in parallel if one.status is None]
        if silent:
            return Ruling(
                undecided=f"{len(silent)} of {len(parallel)} connections got no answer: {silent[0].why}"
            )
        if not refusals(parallel) and len(parallel) <= capacity(limit, window, duration(parallel)):
            return Ruling(
                undecided=f"{len(parallel)} requests took {duration(parallel):.2g} s: too slow to exceed the limit"
            )
        return Ruling(
            evidence=(
                f"{total} of {len(parallel)} requests over as many fresh connections were served "
                "(a target with one node passes trivially)",
            )
        )
    if not again or not single:
        return Ruling(undecided=f"{total} were served over fresh connections, and it could not be repeated")
    if exceeds(single, limit, window) or not refusals(single):
        return Ruling(undecided=f"over one connection the limit is not enforced either: {pattern(single)}")
    if not exceeds(again, limit, window):
        return Ruling(
            notes=(
                f"{total} of {limit} once, {accepted(again)} half a window later: the boundary of a window",
            )
        )
    least = min(total, accepted(again))
    times = round(least / limit)
    sign = (
        f": {times} times the limit, as if {times} counters counted separately"
        if times >= 2 and math.isclose(least, times * limit, rel_tol=0.05) and least < len(parallel)
        else ""
    )
    return Ruling(
        breach=f"{total} and {accepted(again)} of {len(parallel)} requests over fresh connections were served, "
        f"{accepted(single)} over one, of a limit of {limit} in {window:g} s{sign}"
    )


# -- whose quota it is ---------------------------------------------------------------------------------


def partitioned(before: Hit, others: Sequence[Hit], after: Hit, *, promised: bool) -> Ruling:
    """Whether another client is served while the first one's quota is exhausted.

    Args:
        before, after: requests of the first client, around those of the other.
        promised: whether it is declared that each client has a quota of its own.
    """
    if before.accepted or after.accepted:
        return Ruling(undecided="the exhausted quota recovered while the other client sent requests")
    refused = throttled(others)
    if refused:
        what = (
            f"{len(refused)} of {len(others)} requests of the other client were refused: {refused[0].shown()}"
        )
        if others[0].accepted:
            return Ruling(undecided=f"{what}; after one that was served, so its own quota may be used up")
        if promised:
            return Ruling(breach=what)
        return Ruling(
            undecided=f"{what}; a shared quota, or one of their common address, would look the same "
            '(declare `scope` in [[rate_limits]]: "credential", "address" or "shared")'
        )
    failed = [one for one in others if not one.accepted]
    if failed:
        return Ruling(undecided=f"the other client is not served for another reason: {failed[0].shown()}")
    return Ruling()


def not_evaded(how: str, spoofed: Sequence[Hit], plain: Sequence[Hit], limit: int, window: float) -> Ruling:
    """Whether an exhausted client refused, whatever identity it claims to be.

    Args:
        how: the spoofed identity.
        plain: requests before, between and after those.
    """
    served = [one for one in spoofed if one.accepted]
    if not served:
        return Ruling()
    elapsed = max(one.done for one in spoofed) - plain[0].at
    refilled = math.floor(elapsed * limit / window) + 1
    if any(one.accepted for one in plain):
        return Ruling(undecided=f"{how}: the exhausted quota recovered meanwhile")
    if len(served) > refilled:
        return Ruling(
            breach=f"{how}: {len(served)} of {len(spoofed)} served, while {len(plain)} plain requests before, "
            f"between and after them were refused: {served[0].shown()}"
        )
    if len(served) == len(spoofed):
        return Ruling(
            undecided=f"{how}: {len(served)} served, of which {refilled} may have been refilled in {elapsed:.2g} s"
        )
    return Ruling()
