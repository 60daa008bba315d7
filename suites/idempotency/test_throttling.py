"""IDEM: requests that were refused for throttling, and their retries under the same key."""

from __future__ import annotations

import math

from harness import CRITICAL, FLOOD, SHOULD, applies, control, expect, inconclusive, rule
from harness.client.client import exchange_of
from harness.http.fields import retry_after

from .probes import DRAFT, Keyed, new_key, summaries

NEEDS = ("create", "read", "idempotency")
ROUNDS = 3
"""Attempts to meet the used up quota with a create: the quota may recover in between."""
MARGIN = 0.3


@rule(
    "IDEM-016",
    SHOULD,
    refs=[f"{DRAFT} section 2.6", "RFC 6585 section 4"],
    effect=FLOOD,
    impact=CRITICAL,
)
def test_a_refusal_for_throttling_is_not_kept(profile, make_resource, make_quota):
    """Keep no refusal for throttling under a key

    Why: a client that is told to wait, waits, and repeats its payment under the same key receives the old refusal
        for as long as the key is remembered. It then has to choose between no payment and a new key.
    Fix: let the limiter refuse before the key is looked up, or store results of completed operations only.
    Probe: uses the quota up, sends a create under a key until it is refused with 429, waits as the refusal asks, and
        repeats it.
    """
    able = [one.name for one in profile.resources if not any(one.missing(need) for need in NEEDS)]
    applies(able, "a resource takes idempotency keys")
    applies(profile.rate_limits, "a rate limit is documented, seen in a response, or declared in the profile")
    quota = make_quota(profile.rate_limits[0].name)
    resource, own = make_resource(able[0]), quota.known.credential
    keyed = Keyed(resource if own is None else resource.under(own))
    keyed.first(new_key(), keyed.resource.body())
    most = math.ceil(1.5 * quota.limit) + 2
    with quota.restored():
        key, body, refused = refusal(keyed, quota, most)
        wait = retry_after(refused.headers.get("retry-after"), refused.headers.get("date"))
        wait = quota.known.window or 1.0 if wait is None else wait
        if wait > quota.known.longest_wait:
            inconclusive(f"{exchange_of(refused).summary()} asks to wait {wait:g} s: raise `longest_wait`")
        keyed.resource.client.recorder.budget.sleep(wait + MARGIN)
    again = create(keyed, key, body)
    other = create(keyed, new_key(), keyed.resource.body())
    control(other.is_success, f"a create should succeed after the wait: {exchange_of(other).summary()}")
    said = (
        f"{summaries([refused, again])} under one key, {wait:g} s apart; under another {summaries([other])}"
    )
    expect(again.is_success, "success for the repeated create", said)
    items = keyed.items(body, [again])
    expect(len(items) < 2, "one item", f"{said}; items {', '.join(items)}", level=keyed.promised)


def create(keyed, key, body):
    """The response to a create under a key, whatever it is."""
    return keyed.resource.post(keyed.body(body, key), headers=keyed.fields(key), obey_throttling=False)


def refusal(keyed, quota, most):
    """A key, a body, and the 429 to a create with them, once the quota is used up.

    Raises:
        NotApplicable: creates are not refused then.
    """
    served = []
    for _ in range(ROUNDS):
        quota.room(most + 2)
        hits = quota.until_refused(most, 1)
        if not any(hit.status == 429 for hit in hits):
            inconclusive(f"no 429 was obtained: {hits[-1].shown()} was the last of {len(hits)} requests")
        key, body = new_key(), keyed.resource.body()
        reply = create(keyed, key, body)
        if reply.status_code == 429:
            return key, body, reply
        served.append(reply)
        # Where this one is served, the quota may have recovered before the create.
        if not quota.get().accepted:
            break
    applies(
        False, f"creates are refused while the quota of {quota.known.path} is used up: {summaries(served)}"
    )
    return None
