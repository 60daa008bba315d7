"""What the clients of a flood saw, judged. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from harness.load.latency import duration, least_share
from harness.load.sample import Sample, Series, tally
from harness.load.slow import BODY, SlowSample
from harness.load.verdicts import ERRORS, FEWEST, Conditions, Judged, failing, slow

FACTOR = 3.0
"""Multiple of its own latency without the flood that a client may see beside one."""
AFTERWARDS = 1.5
EXTRA = 0.2
"""Seconds more that it may see in any case."""
QUICK = 1.0
"""Seconds within which a refusal is to come."""
QUEUED = 10.0
"""Multiple of the latency without the flood from which on a request was queued rather than served."""
TOO_MANY_REQUESTS = 429
GATEWAY = frozenset({502, 504})
"""What a gateway answers where the API did not in time, which a busy machine may cause."""
LONGEST_REQUEST = 120.0
"""Seconds within which a request must have arrived."""


def beside(before: Series, now: Series, under: Conditions, factor: float = FACTOR) -> Judged:
    """Whether a client is served now as it was before another one flooded.

    Args:
        before: its requests before the flood, which were served.
        now: its requests during the flood, or after it.
        factor: multiple of the p95 before that p95 may come to.
    """
    rejected = tuple(one for one in now.failed if one.status == TOO_MANY_REQUESTS)
    failed = tuple(one for one in now.failed if one.status != TOO_MANY_REQUESTS)
    failures = failing(failed, now.count, ERRORS, under)
    if failures.holds is False:
        return failures
    usual = before.latencies.quantile(0.95)
    late = slow(now, 0.95, max(factor * usual, usual + EXTRA), under)
    late = Judged(late.holds, f"{late.text}; {duration(usual)} before")
    if late.holds is False:
        return late
    if len(rejected) > max(1, ERRORS * now.count):
        return Judged(
            None,
            f"the client that is measured got 429, too ({len(rejected)} of {now.count}): the limit may be one for each "
            "address, and both clients come from this machine",
        )
    return failures if failures.holds is None else late


def shed(flood: Series, before: Series, under: Conditions) -> Judged | None:
    """Whether a flood was refused explicitly and fast; None where it was served, so that nothing was to be shed.

    Args:
        flood: requests of the client that floods.
        before: those of another one before the flood.
    """
    broken = tuple(
        one for one in flood.failed if not one.refused and (one.status is None or one.status >= 500)
    )
    failures = failing(broken, flood.count, ERRORS, under)
    if failures.holds is False:
        return failures
    crashed = tuple(one for one in broken if one.status is not None and one.status not in GATEWAY)
    if len(crashed) >= FEWEST and least_share(len(crashed), flood.count) > ERRORS:
        # However late the harness was, and however busy the machine: the target has answered so.
        return Judged(False, failures.text)
    disguised = tuple(one for one in flood.samples if one.signs)
    if len(disguised) >= FEWEST and least_share(len(disguised), flood.count) > ERRORS:
        return Judged(
            False,
            f"{len(disguised)} of {flood.count} requests were refused with a status of success: "
            f"{tally(one.outcome for one in disguised)}",
        )
    refused = Series(tuple(one for one in flood.samples if one.refused))
    if refused.count:
        text = tally(one.outcome for one in refused.samples)
        if refused.count < 10:
            return Judged(True, text)
        quick = slow(refused, 0.95, QUICK, under)
        return Judged(quick.holds, f"{text}; {quick.text}")
    served = Series(tuple(one for one in flood.samples if one.served))
    limit = max(QUICK, QUEUED * before.latencies.quantile(0.95))
    queued = slow(served, 0.95, limit, under)
    if queued.holds is False:
        return Judged(False, f"no request was refused, and they were served after a queue: {queued.text}")
    # What was neither refused nor surely served in time is not known to be no overload.
    return next((one for one in (failures, queued) if one.holds is None and served.count), None)


def without_wait(flood: Series) -> str:
    """The refusals that do not say when to come again; empty where all do."""
    silent = [one for one in flood.samples if one.refused and not one.retry_after]
    return (
        f"no valid Retry-After in {len(silent)} refusals: {tally(one.outcome for one in silent)}"
        if silent
        else ""
    )


def beside_slow(before: Series, now: Series, slow: Sequence[SlowSample], under: Conditions) -> Judged:
    """Whether a client is served beside slow ones as it was before.

    All connections come from one address: what refuses this client, too, may be a lawful limit for each address.

    Args:
        before: its requests before the slow clients came, which were served.
        now: its requests meanwhile.
        slow: the slow connections.
    """
    opened = [one for one in slow if one.opened]
    seen = f"{len(opened)} slow connections: {tally(one.outcome for one in slow)}"
    judged = beside(before, now, under)
    soon = under.clear(QUICK)
    if judged.holds is False and (
        len(opened) < len(slow) or any(_turned_away(one, soon) for one in now.failed)
    ):
        return Judged(
            None,
            f"{judged.text}; {seen}: the connections of one address may be limited, and all come from this machine",
        )
    return Judged(judged.holds, f"{judged.text}; {seen}")


def _turned_away(sample: Sample, soon: float) -> bool:
    """Whether a request was refused soon, rather than left waiting or broken.

    Args:
        soon: seconds.
    """
    refused = sample.refused or (sample.status is None and not sample.error.startswith("no response within"))
    return refused and sample.latency <= soon


def left_open(slow: Sequence[SlowSample], seconds: float) -> str:
    """The connections with slow content that the target has not ended in good time; empty for none, or if it is early.

    Args:
        seconds: for which they were there.
    """
    if seconds < LONGEST_REQUEST:
        return ""
    bodies = [one for one in slow if one.kind == BODY and one.opened]
    left = [one for one in bodies if one.ended is None]
    return (
        f"{len(left)} of {len(bodies)} requests with slow content were waited for after {duration(seconds)}"
        if left
        else ""
    )
