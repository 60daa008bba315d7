"""RATE: whether a rate limit that is declared is there at all."""

from __future__ import annotations

from contextlib import suppress

from harness import MINOR, SHOULD, applies, control, evidence, expect, inconclusive, rule
from harness.client.client import exchange_of
from harness.http.exchange import Exchange
from harness.rules.checks import Undecided

from .declared import (
    REQUESTS,
    always_fails,
    fields_never_sent,
    has_quota_fields,
    is_declared,
    judged_elsewhere,
    may_await_exhaustion,
    quota_promises,
)

WAITS = 3
LONGEST_WAIT = 3
"""Seconds that a refusal may ask for."""


@rule("RATE-013", SHOULD, refs=["the target's own declaration, in the OpenAPI document or the profile"])
def test_declared_quota_is_there(survey, profile, client, make_quota):
    """Provide the rate limit that is declared

    Why: clients pace themselves by the fields that the document promises. Where no response has them, every client
        runs into the limit, and nothing else about the limit can be verified.
    Fix: let the limiter run, and the gateway pass on its fields; or remove them from the document. If they are sent
        only under a condition, describe it there.
    Probe: looks for documented quota fields of 2xx in all responses, under every credential of the profile, and at how
        the endpoint of each declared limit answers. 429 and 503 are no breach, unless
        no request is served after the time that each 429 asks for. A limit that is declared and never
        enforced is covered by RATE-010, a field that is marked as required by DOC-002.
    Advice: by the Internet-Draft, RateLimit fields may be left out while much of the quota is left. A document that has
        only these, and no word of that, may merely be incomplete.
    """
    limits = [one for one in profile.rate_limits if is_declared(one)]
    promised = quota_promises(survey.promises.answers)
    applies(limits or promised, "the document or the profile declares a rate limit")
    quotas = [make_quota(one.name) for one in limits]
    endpoints_work(quotas, survey, profile)
    if not promised:
        return
    if survey.promises.doubt is not None:
        inconclusive(survey.promises.doubt)
    seen = list(survey.exchanges)
    if not any(map(has_quota_fields, seen)):
        seen += [one for quota in quotas for one in sampled(quota, client)]
    ruling = fields_never_sent(promised, seen, client.target.url)
    refused = any(one.status == 429 for one in seen)
    expect(
        ruling.breach is None,
        "the documented quota fields in some response",
        ruling.breach,
        impact=MINOR if may_await_exhaustion(promised) and not refused else None,
    )
    for text in ruling.evidence:
        evidence(text)
    if ruling.undecided is not None:
        inconclusive(ruling.undecided)


def endpoints_work(quotas, survey, profile):
    """Break the rule by the endpoints of declared limits that answer nothing but server errors."""
    failing, other, served = [], [], []
    for quota in quotas:
        asked = ("GET", quota.url, quota.client.credential)
        seen = [one for one in survey.exchanges if (one.method, one.url, one.credential) == asked]
        if any(map(succeeded, seen)):
            served.append(quota.known.path)
            continue
        if judged_elsewhere(quota.known.path, profile.resources):
            continue
        seen += [hit.exchange for hit in (quota.get() for _ in range(REQUESTS)) if hit.exchange is not None]
        fault = always_fails(seen)
        if fault is not None:
            failing.append(f"{quota.known.path} ({quota.known.because}): {fault}")
        elif any(map(succeeded, seen)):
            served.append(quota.known.path)
        elif barred := never_admits(quota, seen):
            failing.append(f"{quota.known.path} ({quota.known.because}): {barred}")
        else:
            other.append(f"{quota.known.path}: {seen[-1].summary() if seen else 'no answer'}")
    control(
        not failing or any(map(succeeded, survey.exchanges)),
        "the target should serve anything at all",
    )
    expect(not failing, "responses of the endpoint with the declared limit", "; ".join(failing))
    if other:
        inconclusive(f"the limited endpoint is not served: {'; '.join(other)}")
    if served:
        evidence(f"served: {', '.join(served)}")


def never_admits(quota, seen):
    """How a limit refuses every request, also after the time that each 429 asks for; None if that is uncertain."""
    last = seen[-1] if seen else None
    for _ in range(WAITS):
        wait = (last.field("retry-after") or "") if last is not None and last.status == 429 else ""
        if not wait.isdigit() or int(wait) > LONGEST_WAIT:
            return None
        quota.client.recorder.budget.sleep(int(wait) + 0.5)
        last = quota.get().exchange
    if last is None or last.status != 429:
        return None
    return f"{last.summary()}, also {WAITS} times after waiting as long as Retry-After said"


def succeeded(exchange: Exchange) -> bool:
    return 200 <= (exchange.status or 0) < 300


def sampled(quota, client) -> list[Exchange]:
    """Further responses of a limited endpoint, under the quota's credential and once under each other one."""
    with suppress(Undecided):
        found = [hit.exchange for hit in quota.sample() if hit.exchange is not None]
        for name in (None, *client.target.credentials):
            with suppress(Undecided):
                found.append(exchange_of(client.under(name).get(quota.url, obey_throttling=False)))
        return found
    return []
