"""Judgement of how a target advertises a quota, and how it refuses requests. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from harness.http.intermediary import Edge
from harness.http.path_templates import matches
from harness.quota.fields import Dialect, Quota, is_quota_field
from harness.quota.series import FIRST, Hit, before_refusal, duration
from harness.rules.judge_result import Ruling
from harness.survey.openapi.promises import DocumentedAnswer

SKEW = 5.0
"""Seconds by which the clocks behind a reset and the Date field may differ."""
ROUNDING = 1.0
COUNTED = 8
"""Responses in a row whose remaining rises by one that show a count of requests: a refill is not that regular."""
EPOCH = 1e9
"""Seconds since 1970 in September 2001; as a delay, 31 years."""
MILLISECONDS = 500
"""Factor between a Retry-After and the reset that shows a wrong unit; bans after a refusal are shorter."""


def refusals(series: Sequence[Hit]) -> list[Hit]:
    """Those that were not served."""
    return [one for one in series if not one.accepted]


def throttled(series: Sequence[Hit]) -> list[Hit]:
    """Those that were answered 429."""
    return [one for one in series if one.status == 429]


# -- how it refuses ------------------------------------------------------------------------------------


def refused_with_429(series: Sequence[Hit], limit: int, from_edge: Edge, used: int = 0) -> Ruling:
    """Whether the first refusals of a flood are 429.

    Args:
        used: requests that counted already at its start.
    """
    first = refusals(series)[:FIRST]
    if not first:
        return Ruling(
            undecided=f"nothing was refused: {len(series)} requests in {duration(series):.2g} s "
            f"against a limit of {limit}"
        )
    wrong = [one for one in first if one.status != 429]
    if not wrong:
        return Ruling()
    one = wrong[0]
    why = None if one.exchange is None else from_edge(one.exchange)
    if why is not None:
        return Ruling(undecided=f"an intermediary refused the request: {one.shown()} ({why})")
    served = (before_refusal(series) or 0) + used
    if served * 2 < limit:
        return Ruling(
            undecided=f"{one.shown()} after only {served} of {limit} requests, which may be overload, not the quota"
        )
    return Ruling(breach=f"after {served} served requests: {', '.join(w.shown() for w in wrong)}")


def tells_when(series: Sequence[Hit]) -> Ruling:
    """Whether every 429 has Retry-After, or at least quota fields with a reset."""
    found = throttled(series)
    bare = [one for one in found if one.exchange is not None and one.exchange.field("retry-after") is None]
    if not bare:
        return Ruling()
    silent = [one for one in bare if one.quota is None or one.quota.reset is None]
    if silent:
        return Ruling(
            breach=f"{len(silent)} of {len(found)} responses have neither Retry-After nor a reset: {silent[0].shown()}"
        )
    return Ruling(notes=(f"no Retry-After, but quota fields with a reset: {bare[0].shown()}",))


def without_retry_after(series: Sequence[Hit]) -> str | None:
    """A 429 that has quota fields with a reset and no Retry-After; None without one."""
    for one in throttled(series):
        told = one.quota is not None and one.quota.reset is not None
        if one.exchange is not None and told and one.exchange.field("retry-after") is None:
            return one.shown()
    return None


def promises_retry_after(answers: Iterable[DocumentedAnswer], path: str) -> bool:
    """Whether a document has Retry-After among the fields of a 429 to GET of a path."""
    return any(
        name.lower() == "retry-after"
        for one in _answers_of_429(answers, path)
        for name in (*one.required, *one.optional)
    )


def promised_on_429(answers: Iterable[DocumentedAnswer], path: str, *, older: bool) -> list[str]:
    """The quota fields of a dialect that a document has for a 429 to GET of a path, without a condition.

    Args:
        older: X-RateLimit-* and those of the first drafts, or else RateLimit and RateLimit-Policy.
    """
    return [
        name
        for one in _answers_of_429(answers, path)
        for name in (*one.required, *one.optional)
        if is_quota_field(name)
        and name not in one.conditional
        and (name.lower() not in ("ratelimit", "ratelimit-policy")) is older
    ]


def _answers_of_429(answers: Iterable[DocumentedAnswer], path: str) -> list[DocumentedAnswer]:
    found = [one for one in answers if one.method == "GET" and matches(one.path, path)]
    exact = [one for one in found if one.status == "429"]
    return exact or [one for one in found if one.status == "4XX"]


def lacking(series: Sequence[Hit], names: Sequence[str], *, only: bool) -> str | None:
    """What shows that refusals lack the fields that are documented for them, or None.

    None where one 429 has such a field, and where the API uses another dialect than the document, or no field at all.

    Args:
        only: whether the document has quota fields for refusals alone: successes then need not have them.
    """
    found = [one for one in throttled(series) if one.exchange is not None]
    if not found or not names or any(_has(one, names) for one in found):
        return None
    used = any(_has(one, names) for one in series if one.accepted)
    if not used and not (only and not any(one.readings for one in found)):
        return None
    return f"{found[0].shown()} without {' and '.join(names)}, like all {len(found)} refusals"


def _has(hit: Hit, names: Sequence[str]) -> bool:
    return hit.exchange is not None and any(hit.exchange.field(name) is not None for name in names)


def no_earlier_than_reset(series: Sequence[Hit]) -> Ruling:
    """Whether Retry-After is at least RateLimit's t of the exhausted policy."""
    judged = 0
    for one in throttled(series):
        quotas = [
            q for r in one.readings if r.dialect is Dialect.CURRENT for q in r.quotas if q.reset is not None
        ]
        spent = [quota for quota in quotas if quota.remaining == 0] or quotas
        if one.retry_after is None or not spent:
            continue
        judged += 1
        soonest = min(quota.reset for quota in spent if quota.reset is not None)
        if one.retry_after < soonest - ROUNDING:
            return Ruling(
                breach=f"Retry-After says {one.retry_after:g} s, RateLimit says t={soonest:g}: {one.shown()}"
            )
    return Ruling() if judged else Ruling(undecided="no 429 has both Retry-After and RateLimit with t")


# -- how it advertises --------------------------------------------------------------------------------------


def advertised(series: Sequence[Hit]) -> Ruling:
    """Whether every response has limit and remaining; undecided where none has quota fields."""
    carrying = [one for one in series if one.readings]
    if not carrying:
        return Ruling(undecided="no quota fields")
    silent = [one for one in series if not one.readings]
    if silent:
        return Ruling(
            undecided=f"quota fields in {len(carrying)} of {len(series)} responses: not in {silent[0].shown()}"
        )
    partial = [one for one in carrying if not any(reading.complete for reading in one.readings)]
    if partial:
        one = partial[0]
        names = ", ".join(sorted(_quota_fields(one)))
        return Ruling(
            breach=f"{names or 'a quota'} alone does not give both limit and remaining: {one.shown()}"
        )
    if not any(reading.reset_told for one in carrying for reading in one.readings):
        return Ruling(notes=("the fields do not say when the quota is reset",))
    return Ruling()


def _quota_fields(hit: Hit) -> set[str]:
    fields = () if hit.exchange is None else hit.exchange.response_fields
    return {name for name, _ in fields if "ratelimit" in name.lower().replace("-", "")}


def consistent(series: Sequence[Hit], window: float | None, *, counted: bool, settled: bool) -> Ruling:
    """Whether the integers of an older dialect agree with each other over sequential requests.

    Args:
        window: seconds; None where unknown.
        counted: whether these requests certainly count, so that `remaining` must fall.
        settled: whether no earlier request of the run counts in a window that may end meanwhile.
    """
    keyed: dict[tuple[Dialect, str], list[tuple[Hit, Quota]]] = {}
    notes: list[str] = []
    evidence: list[str] = []
    for one in series:
        for reading in one.readings:
            if reading.dialect not in (Dialect.LEGACY, Dialect.SEPARATE):
                continue
            if reading.faults:
                return Ruling(breach=f"{'; '.join(reading.faults)}: {one.shown()}")
            for quota in reading.quotas:
                keyed.setdefault((reading.dialect, quota.name), []).append((one, quota))
    for (dialect, _), pairs in keyed.items():
        broken = _each(pairs) or _together(pairs, window, settled) or _counting_up(pairs)
        if broken is not None:
            return Ruling(breach=broken)
        stuck = _stuck(pairs, window)
        if stuck is not None and counted:
            return Ruling(breach=stuck)
        if stuck is not None:
            notes.append(f"{stuck} (these requests may not count)")
        clocks = {quota.clock for _, quota in pairs if quota.clock is not None}
        evidence += [f"reset of {dialect.value}: {clock.value}" for clock in sorted(clocks)]
    return Ruling(notes=tuple(dict.fromkeys(notes)), evidence=tuple(dict.fromkeys(evidence)))


def refusals_consistent(series: Sequence[Hit]) -> Ruling:
    """Whether the quota fields of refusals hold integers that a client can use."""
    for one in throttled(series):
        for reading in one.readings:
            if reading.faults:
                return Ruling(breach=f"{'; '.join(reading.faults)}: {one.shown()}")
            broken = _each([(one, quota) for quota in reading.quotas])
            if broken is not None:
                return Ruling(breach=broken)
    full = _full_when_refused(series)
    return Ruling(breach=full) if full is not None else Ruling()


def in_another_unit(series: Sequence[Hit]) -> str | None:
    """What shows that Retry-After is not in seconds: it is hundreds of times the reset of the quota fields."""
    for one in throttled(series):
        resets = [
            quota.reset for reading in one.readings for quota in reading.quotas if quota.reset is not None
        ]
        fault = unit_fault(one.retry_after, resets)
        if fault is not None:
            return f"{fault}: {one.shown()}"
    return None


def unit_fault(wait: float | None, resets: Sequence[float]) -> str | None:
    """What shows that a Retry-After is not in seconds, or None.

    Args:
        wait: what it asks for, in seconds.
        resets: of the quotas in the same response, in seconds.
    """
    longest = max(resets, default=0.0)
    if wait is not None and EPOCH <= wait < EPOCH * 1000:
        return (
            f"Retry-After asks to wait {wait:.0f} s, as if it had the time of the reset in seconds since 1970"
        )
    if wait is None or longest < 1 or wait < MILLISECONDS * longest:
        return None
    return (
        f"Retry-After asks to wait {wait:g} s, and the quota is reset in {longest:g} s, as if the former were in "
        "milliseconds"
    )


def _each(pairs: Sequence[tuple[Hit, Quota]]) -> str | None:
    for one, quota in pairs:
        if (fault := quota_fault(quota)) is not None:
            return f"{fault}: {one.shown()}"
    return None


def quota_fault(quota: Quota) -> str | None:
    """What is wrong with a quota as one response advertises it, or None."""
    if quota.limit is not None and quota.remaining is not None and quota.remaining > quota.limit:
        return f"remaining {quota.remaining} exceeds the limit {quota.limit}"
    if quota.reset is not None and quota.reset < -SKEW:
        return f"the reset is {-quota.reset:.0f} s before the response's Date"
    return None


def _together(pairs: Sequence[tuple[Hit, Quota]], window: float | None, settled: bool) -> str | None:
    limits = {quota.limit for _, quota in pairs if quota.limit is not None}
    if len(limits) > 1:
        return f"the limit changes between requests: {', '.join(map(str, sorted(limits)))}"
    for (before, one), (after, other) in pairwise(pairs):
        if one.remaining is None or other.remaining is None or one.limit is None or not settled:
            continue
        span = window or one.window or one.reset
        over = one.reset is None or after.done >= before.at + one.reset - ROUNDING
        if span is None or over:
            continue
        refilled = (after.done - before.at) * one.limit / span + 1 + 0.01 * one.limit
        if other.remaining - one.remaining > refilled:
            return (
                f"remaining rises from {one.remaining} to {other.remaining} within "
                f"{after.done - before.at:.2g} s, {one.reset:g} s before the reset: {after.shown()}"
            )
    return None


def _counting_up(pairs: Sequence[tuple[Hit, Quota]]) -> str | None:
    """The evidence that remaining is a count of requests: it rises by one with each; None without."""
    shown = [(one, quota) for one, quota in pairs if one.accepted and quota.remaining is not None]
    left = [quota.remaining or 0 for _, quota in shown]
    if len(left) < COUNTED or any(after - before != 1 for before, after in pairwise(left)):
        return None
    steps = f"from {left[0]} to {left[-1]}"
    return f"remaining rises by one with each of {len(left)} requests, {steps}: {shown[-1][0].shown()}"


def _full_when_refused(series: Sequence[Hit]) -> str | None:
    """A refusal that says that most of the quota is left, right after a response that said that none is; or None.

    A refusal that says so alone may come from another limit than the one in its fields.
    """
    for before, after in pairwise(series):
        if not before.accepted or after.status != 429 or before.quota is None or after.quota is None:
            continue
        last, limit, left = before.quota.remaining, after.quota.limit, after.quota.remaining
        if last is None or limit is None or left is None or before.quota.limit != limit:
            continue
        early = before.quota.reset is None or after.done < before.at + before.quota.reset - ROUNDING
        if last <= 1 and left > max(2, limit / 2) and early:
            return (
                f"remaining is {last} in the last response before the refusals, and {left} in {after.shown()}"
            )
    return None


def _stuck(pairs: Sequence[tuple[Hit, Quota]], window: float | None) -> str | None:
    """The evidence that remaining never falls; None where it falls, or where that is undecided."""
    left = [(one, quota) for one, quota in pairs if one.accepted and quota.remaining is not None]
    if len(left) < 2:
        return None
    first, last = left[0], left[-1]
    span = window or first[1].window or first[1].reset
    limit = first[1].limit
    if not span or limit is None:
        return None
    refilled = (last[0].done - first[0].at) * limit / span + 1 + 0.01 * limit
    steps = pairwise(left)
    if len(left) - 1 - refilled < 1 or any(
        before.remaining > after.remaining  # type: ignore[operator]
        for (_, before), (_, after) in steps
    ):
        return None
    seconds = last[0].done - first[0].at
    return f"remaining never falls in {len(left)} requests within {seconds:.2g} s: {first[1].remaining}"
