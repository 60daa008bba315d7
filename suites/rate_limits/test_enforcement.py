"""RATE: how many requests a limiter serves, and to whom."""

from __future__ import annotations

import math
import random
import time
import uuid
from contextlib import suppress

from harness import FLOOD, SHOULD, control, evidence, expect, inconclusive, note, rule
from harness.client.budget import BudgetSpent
from harness.quota.series import Hit
from harness.rules.checks import Undecided
from harness.rules.judge_result import decide

from .algorithm import name
from .enforcement import (
    Enforcement,
    counted_globally,
    enforced,
    exceeds,
    never_enforced,
    not_evaded,
    off_by_some,
    partitioned,
    used_by_others,
)

DRAFT = "Internet-Draft draft-ietf-httpapi-ratelimit-headers-11"
OVER = 1.3
"""Requests to send, as a multiple of the limit, to see whether it is enforced."""
FAR_OVER = 2.2
"""The same where several counters may count separately."""
POLLS = 8
"""Requests after a burst that show the refill: two in the time in which a bucket gains one."""
REFUSED = 5
"""Refusals right after a spread series that distinguish a sliding window from a fixed one."""
SPARE = 4
OTHERS = 5
WAYS = 6
SPOOFS = 3
QUICK = 0.25
"""The largest share of a window that a burst may take, if the target is fast enough."""


def times(factor, limit):
    return math.ceil(factor * limit)


def leftover(limit):
    """Requests of the run that may still count at the start of a series."""
    return limit // 10


def burst(quota, count, after=None):
    """So many requests at once against an unused quota, and how many of the run's still counted.

    Args:
        after: the earliest instant at which it begins.
    """
    first, used = quota.begin(leftover(quota.limit)) if after is None else begin_at(quota, after)
    return [first, *quota.burst(count - 1, QUICK * quota.window)], used


def opposite(series, window):
    """An instant half a window after the start of a series, modulo the window, so that no boundary meets both."""
    now = time.monotonic()
    wanted = series[0].at + 1.5 * window
    return wanted + max(0, math.ceil((now - wanted) / window)) * window


@rule("RATE-010", SHOULD, refs=[f"{DRAFT} section 1.1 (no guarantee)"], effect=FLOOD)
def test_limit_is_enforced_as_advertised(quota):
    """Enforce the advertised limit, neither early nor late

    Why: clients are built for the advertised limit. One that is refused early fails in production; one that is
        not refused at all takes the capacity of the others.
    Fix: count what the policy says, in the window that it says, in one atomic step with the decision.
    Probe: sends series that are spread over a window, and at once. Where the window of a declared limit is longer than
        the longest wait, or the series do not fit the budget, one series of more than twice the limit shows whether
        it is enforced at all.
    """
    try:
        kept(quota)
    except Undecided:
        at_all(quota)
        raise
    for credential, limit in sorted(quota.known.tiers.items()):
        evidence(f"tier {credential}: {limit}")
        kept(quota.tier(credential, limit))


def kept(quota):
    limit, window = quota.limit, quota.window
    many = times(OVER, limit)
    quota.room(2 * many + limit + REFUSED + POLLS + 2 * SPARE)
    with quota.restored():
        even, trace, used = spread(quota)
        quota.draw("spread over a window, then at once", [one for one in trace if isinstance(one, Hit)])
        at_once, used_then = burst(quota, many)
        again, used_last, polls = [], 0, []
        if exceeds(at_once, limit, window):
            # Unlimited, or cut in two by the boundary of a fixed window: the same at another phase decides.
            quota.room(many + SPARE)
            again, used_last = burst(quota, many, opposite(at_once, window))
        else:
            step = window / limit / 2
            polls = quota.spread(POLLS, at_once[-1].done + step, step)
        quota.draw("at once, from an unused quota", [*at_once, *polls, *again])
        trace += [*at_once, *polls]
        named = name(trace, limit, window)
        if len(named.possible) > 1 and not again:
            # A boundary may have met an end of the first series, where it does not show.
            with suppress(BudgetSpent):
                quota.room(many + limit + REFUSED + SPARE)
                trace += spread(quota, opposite(even, window))[1]
                named = name(trace, limit, window)
        if not again and off_by_some(at_once, limit, named):
            with suppress(BudgetSpent):
                quota.room(many + SPARE)
                again, used_last = burst(quota, many, opposite(at_once, window))
    alone = quota.known.credential is not None or (quota.unused(even[0], used) and not used_by_others(even))
    found = Enforcement(even, at_once, again, (used, used_then, used_last), alone)
    ruling = enforced(found, limit, window, named)
    note(named.sentence)
    decide(ruling, about(limit, window))


def about(limit, window):
    return f"about {limit} requests in {window:g} s, neither fewer nor more"


def at_all(quota):
    """Break the rule if the series that uses up a declared quota shows that nothing enforces it."""
    limit, window = quota.known.limit, quota.known.window
    if not quota.declared or limit is None or window is None:
        return
    with suppress(Undecided):
        fault = never_enforced(quota.exhaustion().hits, limit, window)
        expect(fault is None, about(limit, window), fault)


def spread(quota, after=None):
    """Requests spread over a window; the same followed by a burst; and how many counted before.

    Args:
        after: the earliest instant at which it begins.
    """
    limit, window = quota.limit, quota.window
    many = times(OVER, limit)
    first, used = quota.begin(leftover(limit)) if after is None else begin_at(quota, after)
    earlier = [one for one in quota.counting() if one.at < first.at]
    even = [first, *quota.spread(many - 1, first.at + window / many, window / many)]
    quota.wait_until(first.at + 1.05 * window)
    follow = quota.until_refused(limit + REFUSED, REFUSED)
    return even, [*earlier, *even, *follow], used


def begin_at(quota, instant):
    """The first request after an instant, against a quota that is unused at that time."""
    quota.rest(leftover(quota.limit))
    quota.wait_until(instant)
    return quota.begin(leftover(quota.limit))


@rule("RATE-011", SHOULD, refs=[f"{DRAFT} section 1.1 (no guarantee)"], effect=FLOOD)
def test_quota_is_counted_globally(quota):
    """Count requests globally, not per server or connection

    Why: behind a load balancer, a counter in each process multiplies the limit by the number of processes; a
        counter for each connection, by a thousand.
    Fix: keep the counter in a store that all processes share, and key it by the client, not by the connection.
    """
    limit, window = quota.limit, quota.window
    many = times(FAR_OVER, limit)
    quota.room(many + SPARE)
    with quota.restored():
        parallel = fresh(quota, many)
        again, single = [], []
        if exceeds(parallel, limit, window):
            control_size = times(OVER, limit)
            quota.room(many + control_size + 2 * SPARE)
            again = fresh(quota, many, opposite(parallel, window))
            quota.rest(leftover(limit))
            first, _ = quota.begin(leftover(limit))
            single = [first, *quota.burst(control_size - 1, math.inf)]
        quota.draw("over fresh connections", parallel)
    ruling = counted_globally(parallel, again, single, limit, window)
    decide(ruling, f"at most {limit} in {window:g} s over all connections together")


def fresh(quota, count, after=None):
    """So many requests against an unused quota, each after the first over its own connection."""
    first, _ = quota.begin(leftover(quota.limit)) if after is None else begin_at(quota, after)
    return [first, *quota.fresh_connections(count - 1)]


@rule("RATE-012", SHOULD, refs=["OWASP API4:2023 Unrestricted Resource Consumption"], effect=FLOOD)
def test_quota_is_partitioned_by_client(quota, client):
    """Give each client its own quota, and do not trust a claimed identity

    Why: with one quota for all, any client can shut out the others. With one for each claimed address, a client
        that claims a new one each time has no limit at all.
    Fix: key the quota by the authenticated client; accept X-Forwarded-For only from your own proxy.
    """
    limit = quota.limit
    window = None if quota.known.window is None else quota.window
    scope = quota.known.scope
    other = "other" if "other" in client.target.credentials else None
    quota.room(2 * limit + 2 * SPARE + OTHERS + 2 + WAYS * 2 * (SPOOFS + 1))
    ways = spoofs(quota)
    open_questions = []
    with quota.restored():
        applies_to_other = (
            other is not None and other != quota.client.credential and scope in (None, "credential")
        )
        served_other = False
        if applies_to_other:
            before = exhausted(quota)
            theirs = quota.of_other(other)
            found = [theirs.get() for _ in range(OTHERS)]
            ruling = partitioned(before, found, quota.get(), promised=scope == "credential")
            expect(
                ruling.breach is None,
                "a client with remaining quota served, whatever other clients do",
                ruling.breach,
            )
            served_other = ruling.undecided is None
            open_questions += [ruling.undecided] if ruling.undecided else []
        elif scope in (None, "credential"):
            open_questions.append("for another client, add [credentials.other] to the profile")
        for how, send in ways.items():
            ruling = evaded(quota, how, send, limit, window)
            if ruling.breach is not None and not served_other and client.target.loopback and "X-" in how:
                # A server behind a proxy lawfully trusts one on its own machine.
                open_questions.append(f"{ruling.breach}; the target may treat this machine as its proxy")
                continue
            expect(
                ruling.breach is None,
                "an exhausted client refused, whatever identity it claims",
                ruling.breach,
            )
            open_questions += [ruling.undecided] if ruling.undecided else []
    if open_questions:
        inconclusive("; ".join(open_questions))


def exhausted(quota):
    """Use up a quota; its last refusal."""
    quota.served_first()
    hits = quota.until_refused(times(1.5, quota.limit) + SPARE, 2)
    refused = [hit for hit in hits if not hit.accepted]
    control(refused, f"the quota should be used up by {len(hits)} requests: {hits[-1].shown()}")
    return refused[-1]


def evaded(quota, how, send, limit, window):
    """Spoof an identity while the quota is used up; once more if the quota recovered meanwhile.

    Plain requests between the spoofed ones exclude another connection, or node, as the cause.

    Args:
        window: in seconds; where it is unknown, the time that a refusal asks to wait is taken, which is no longer.
    """
    for _ in range(2):
        plain = [quota.get()]
        if plain[0].accepted:
            plain = [exhausted(quota)]
        spoofed = []
        for _ in range(SPOOFS):
            spoofed.append(send())
            plain.append(quota.get())
        asked = [hit.retry_after for hit in plain if hit.retry_after]
        soonest = window or (min(asked) if asked else quota.window)
        ruling = not_evaded(how, spoofed, plain, limit, soonest)
        if ruling.undecided is None:
            break
    return ruling


def spoofs(quota):
    """Requests that claim another identity or address, by name."""

    def address():
        return f"203.0.113.{random.randrange(1, 255)}"

    def claimed(field):
        return lambda: quota.get(headers={field: address()})

    path = quota.url
    head, _, last = path.rpartition("/")
    found = {field: claimed(field) for field in ("X-Forwarded-For", "X-Real-IP")}
    sibling = quota.get(f"{head}/x{uuid.uuid4().hex[:12]}")
    if last[:1].isalpha() and not sibling.accepted and sibling.status not in (429, 503, None):
        # Where every name is served, another case is another resource with its own quota.
        found["another case of the path"] = lambda: quota.get(f"{head}/{last[0].swapcase()}{last[1:]}")
    found["another User-Agent"] = lambda: quota.get(
        headers={"User-Agent": f"client-{uuid.uuid4().hex[:8]}/1.0"}
    )
    if "?" not in path:
        found["a trailing ?"] = lambda: quota.get(f"{path}?")
        found["a query without a meaning"] = lambda: quota.get(f"{path}?nonce={uuid.uuid4().hex[:8]}")
    return found
