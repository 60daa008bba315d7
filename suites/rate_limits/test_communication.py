"""RATE: how an API advertises a quota, and how it refuses requests above it (RFC 6585 section 4)."""

from __future__ import annotations

from contextlib import suppress

from harness import (
    FLOOD,
    MAJOR,
    MINOR,
    MUST,
    SHOULD,
    applies,
    evidence,
    expect,
    inconclusive,
    not_applicable,
    note,
    rule,
    warn,
)
from harness.quota.fields import Dialect, dialects
from harness.quota.syntax import is_older, policy_faults, retry_after_excess, retry_after_fault, state_faults
from harness.rules.checks import Undecided
from harness.rules.faults import Fault, expect_none, grouped
from harness.rules.judge_result import decide

from .declared import documents, is_declared, quota_promises
from .explanation import faults_of_429
from .judge import (
    advertised,
    consistent,
    in_another_unit,
    lacking,
    no_earlier_than_reset,
    promised_on_429,
    promises_retry_after,
    refusals_consistent,
    refused_with_429,
    tells_when,
    throttled,
    without_retry_after,
)

GETS = 5
AGREEING = "consistent integers: 0 <= remaining <= limit, and a reset in the future"
DRAFT = "Internet-Draft draft-ietf-httpapi-ratelimit-headers-11"


def refused(quota):
    """The series that used up the quota and was refused with 429."""
    found = quota.exhaustion()
    if not throttled(found.hits):
        inconclusive(
            f"no 429 was obtained: {found.hits[-1].shown()} was the last of {len(found.hits)} requests"
        )
    return found


def floods(target):
    """Whether refusals may be provoked in this run."""
    return target.limits.effects >= FLOOD


def sent_as_documented(hits, survey, path, *, older):
    """Break the rule if no 429 has the quota fields that the document has for it.

    Args:
        older: those of the older dialects.
    """
    answers = survey.promises.answers
    if survey.promises.doubt is not None:
        return
    names = promised_on_429(answers, path, older=older)
    bare = lacking(hits, names, only=not quota_promises(answers, path))
    expect(bare is None, f"{' and '.join(names)} in a 429, as the document says", bare, impact=MAJOR)


def absent_but_documented(survey, *, older):
    """End the rule undecided if the document has the fields that no response has: they are declared, not absent."""
    if survey.promises.doubt is None and documents(survey.promises.answers, older=older):
        inconclusive("no response has the quota fields of the document (see RATE-013)")


@rule(
    "RATE-001",
    SHOULD,
    refs=["RFC 6585 section 4", "Zalando RESTful API Guidelines rule 153"],
    effect=FLOOD,
)
def test_over_the_limit_is_429(quota):
    """Reject requests over the limit with 429

    Why: client libraries back off on 429. A 403 looks like a lost permission, a 503 like an outage that pages
        somebody, a 200 with an error in it like a success.
    Fix: answer 429 where the limiter refuses, including in the gateway in front of the API.
    """
    found = quota.exhaustion()
    ruling = refused_with_429(found.hits, quota.limit, quota.from_edge, found.used)
    decide(ruling, "429 for requests over the limit")


@rule(
    "RATE-002",
    SHOULD,
    refs=["Zalando RESTful API Guidelines rule 153", "RFC 6585 section 4 (MAY)"],
    effect=FLOOD,
)
def test_429_tells_when_to_retry(quota, survey):
    """Send Retry-After with 429

    Why: a client without a time to come back guesses, and a thousand guessing clients keep the API down.
    Fix: send Retry-After with the seconds until the quota has room again.
    Advice: where quota fields have a reset, clients that know them can wait. If the document has Retry-After among
        the fields of the 429, its absence is a warning.
    """
    hits = refused(quota).hits
    bare = without_retry_after(hits)
    if promises_retry_after(survey.promises.answers, quota.known.path):
        expect(bare is None, "Retry-After on every 429, as the document says", f"{bare} without Retry-After")
    elif quota.declared:
        observed = f"{bare} with a reset, without Retry-After"
        expect(bare is None, "Retry-After on every 429", observed, impact=MINOR)
    decide(tells_when(hits), "Retry-After on every 429")


@rule("RATE-003", MUST, refs=["RFC 9110 section 10.2.3", "RFC 9110 section 5.6.7"], rougher=FLOOD)
def test_retry_after_is_valid(survey, profile, target, make_quota):
    """Send a valid HTTP-date or whole seconds in Retry-After

    Why: clients parse it as an integer or a date. From `0.37` they take nothing, and retry at once or never.
    Fix: round the seconds up to an integer before they go into the field.
    """
    seen = list(survey.exchanges)
    quotas = [make_quota(limit.name) for limit in profile.rate_limits]
    missed = [] if floods(target) else ["--effects flood would provoke some"]
    for quota in quotas if floods(target) else []:
        try:
            seen += [hit.exchange for hit in quota.exhaustion().hits if hit.exchange is not None]
        except Undecided as why:
            missed.append(str(why))
    carrying = [exchange for exchange in seen if exchange.field("retry-after") is not None]
    if not carrying and floods(target) and any(map(is_declared, profile.rate_limits)) and missed:
        inconclusive(f"no response has Retry-After: {'; '.join(missed)}")
    applies(carrying, "; ".join(["a response has Retry-After", *missed]))
    broken = [
        Fault(exchange.summary(), f"Retry-After: {exchange.field('retry-after')} is {fault}")
        for exchange in carrying
        if (fault := retry_after_fault(exchange.field("retry-after"))) is not None
    ]
    expect(not broken, "an IMF-fixdate, or a delay in whole seconds", grouped(broken))
    for found in (quota.exhausted for quota in quotas):
        contradiction = None if found is None else in_another_unit(found.hits)
        if contradiction is not None:
            warn("a Retry-After in seconds", contradiction)
    window = max((limit.window or 0 for limit in profile.rate_limits), default=0)
    for exchange in carrying:
        excess = retry_after_excess(exchange, window)
        if excess is not None:
            warn("a wait that is feasible for a client", f"{exchange.summary()}: {excess}")
            break


@rule("RATE-004", SHOULD, refs=[f"{DRAFT} section 4.1.2", "RFC 9110 section 10.2.3"], effect=FLOOD)
def test_served_again_after_retry_after(quota):
    """Serve the client again once Retry-After has elapsed

    Why: a client that waited and is refused again learns that the field means nothing, and stops waiting.
    Fix: compute Retry-After from the counter that refuses, and do not prolong the ban for clients that wait.
    """
    found = refused(quota)
    if not found.after:
        inconclusive(found.why or "the last request of the flood was served")
    tried = ", ".join(
        f"after {seconds:g} s {hit.shown()}" for seconds, hit in zip(found.waited, found.after, strict=True)
    )
    last = found.after[-1]
    if last.status not in (429, None) and not last.accepted:
        inconclusive(f"refused for another reason: {tried}")
    expect(last.status != 429, "no 429 after the time given in Retry-After", tried)
    if len(found.after) > 1:
        note(f"served only after a second Retry-After: {tried}")
    if last.status is None:
        inconclusive(f"no answer: {tried}")


@rule("RATE-005", SHOULD, refs=["RFC 6585 section 4", f"{DRAFT} section 5.1"], effect=FLOOD)
def test_429_explains_itself_and_is_not_stored(quota, survey):
    """Explain a 429 in its content, and keep it out of caches

    Why: a developer who receives an empty 429 looks for a bug. A cache that stores it serves it to everybody
        after the quota has recovered.
    Fix: render the 429 like every other error, with `Cache-Control: no-store`.
    Advice: the status says all that a client needs; its content is for developers.
    """
    found = refused(quota)
    exchanges = [hit.exchange for hit in throttled(found.hits) if hit.exchange is not None]
    edge = {exchange.id: quota.from_edge(exchange) for exchange in exchanges}
    own = [exchange for exchange in exchanges if edge[exchange.id] is None]
    broken = [
        Fault(exchange.summary(), fault, text, minor=not fault.startswith("Cache-Control"))
        for exchange in own
        for fault, text in faults_of_429(exchange, survey.exchanges)
    ]
    last = found.after[-1] if found.after else None
    if last is not None and last.status == 429 and last.exchange is not None:
        age = last.exchange.field("age")
        expect(
            age in (None, "0"),
            "a 429 that is not stored by caches",
            f"{last.shown()} with Age: {age}: a cache stored the refusal",
            level=MUST,
        )
    expect_none(broken, "an explanation in the API's error format that caches may not store")
    if not own:
        inconclusive(f"an intermediary refused the request: {next(iter(edge.values()))}")


@rule(
    "RATE-006",
    SHOULD,
    refs=[f"{DRAFT} section 6 (MAY)", "Zalando RESTful API Guidelines rule 153"],
    rougher=FLOOD,
)
def test_quota_is_advertised(quota, target, survey):
    """Advertise the quota on normal responses

    Why: a client that sees its quota shrink slows down in time; one that does not runs into the limit.
    Fix: let the limiter add RateLimit and RateLimit-Policy, or X-RateLimit-Limit, -Remaining and -Reset, to
        every response that it counts, not only to refusals.
    Advice: no standard requires the fields; clients that obey the 429 do without.
    """
    sample = [hit for hit in quota.sample()[:GETS] if hit.accepted]
    ruling = advertised(sample)
    if not any(hit.readings for hit in sample) and quota_promises(survey.promises.answers, quota.known.path):
        inconclusive("no quota fields, though the document has them: RATE-013 judges that")
    if ruling.undecided is not None and not any(hit.readings for hit in sample):
        if not floods(target):
            inconclusive(
                "no quota fields; they may be sent only near exhaustion (--effects flood checks that)"
            )
        hits = quota.exhaustion().hits
        if not throttled(hits):
            inconclusive("no quota fields, and no 429 that would show the quota exhausted")
        late = next((hit for hit in hits if hit.readings), None)
        if late is not None:
            inconclusive(f"quota fields only near exhaustion, which is allowed; first in {late.shown()}")
        expect(
            False,
            "limit and remaining in the fields of counted responses",
            f"no quota fields in any of {len(hits)} responses up to {hits[-1].shown()}",
            impact=MINOR,
        )
    decide(ruling, "limit and remaining in the fields of every counted response")
    evidence(f"advertised in {dialects(reading for hit in sample for reading in hit.readings)}")


@rule("RATE-007", MUST, refs=[f"{DRAFT} sections 3 and 4"])
def test_ratelimit_fields_are_well_formed(quota, survey):
    """Use the current syntax of RateLimit-Policy and RateLimit

    Why: a client parses them with a Structured Fields parser; one malformed item makes it drop the whole field.
    Fix: send `RateLimit-Policy: "default";q=100;w=60` and `RateLimit: "default";r=50;t=30`, as Structured
        Fields.
    """
    seen = [hit.exchange for hit in quota.sample() if hit.exchange is not None] + survey.exchanges
    carrying = [
        e for e in seen if e.field("ratelimit") is not None or e.field("ratelimit-policy") is not None
    ]
    obsolete = [e for e in seen if e.field("ratelimit-limit") is not None]
    if not carrying and not obsolete:
        absent_but_documented(survey, older=False)
        not_applicable("no response has RateLimit or RateLimit-Policy")
    broken = []
    for exchange in carrying:
        policy, state = exchange.field("ratelimit-policy"), exchange.field("ratelimit")
        faults = [] if policy is None else policy_faults(policy)
        faults += [] if state is None else state_faults(state)
        if "ratelimit" in (exchange.field("trailer") or "").lower():
            faults.append(f"Trailer: {exchange.field('trailer')}: quota fields must not be trailers")
        broken += [Fault(exchange.summary(), fault) for fault in faults]
        if is_older(policy, state):
            obsolete.append(exchange)
    expect(not broken, "RateLimit-Policy and RateLimit as Structured Fields", grouped(broken))
    if obsolete:
        note(f"an obsolete draft dialect: {obsolete[0].summary()}")


@rule("RATE-008", SHOULD, refs=[f"{DRAFT} section 6"], effect=FLOOD, impact=MINOR)
def test_retry_after_is_no_earlier_than_the_reset(quota, survey):
    """Send a Retry-After no earlier than t in RateLimit

    Why: a client that follows the earlier of the two is refused again, which costs one more round trip.
    Fix: compute both from the same reset.
    Advice: a client that comes back too early is refused once more. If the document has RateLimit among the fields of
        the 429, its absence is a warning.
    """
    found = refused(quota)
    sent_as_documented(found.hits, survey, quota.known.path, older=False)
    carrying = [
        hit for hit in throttled(found.hits) if any(r.dialect is Dialect.CURRENT for r in hit.readings)
    ]
    applies(carrying, "a 429 has a RateLimit field")
    decide(no_earlier_than_reset(found.hits), "a Retry-After not earlier than t")


@rule("RATE-009", SHOULD, refs=["Zalando RESTful API Guidelines rule 153"], rougher=FLOOD)
def test_legacy_fields_are_consistent(quota, target, survey):
    """Keep X-RateLimit fields consistent with each other

    Why: a client that paces itself by `remaining` and `reset` stalls, or floods the API, when they contradict
        each other.
    Fix: take limit, remaining and reset from one state of the counter, as integers; document which clock the
        reset uses.
    """
    sample = quota.sample()
    legacy = {Dialect.LEGACY, Dialect.SEPARATE}
    found = {reading.dialect for hit in sample for reading in hit.readings}
    if not found & legacy:
        absent_but_documented(survey, older=True)
    applies(found & legacy, "a response has X-RateLimit-* or RateLimit-Limit")
    quota.draw("one after the other", sample)
    ruling = consistent(sample, quota.known.window, counted=quota.declared, settled=quota.unused(sample[0]))
    decide(ruling, AGREEING)
    if floods(target):
        with suppress(Undecided):
            hits = quota.exhaustion().hits
            decide(refusals_consistent(hits), AGREEING)
            sent_as_documented(hits, survey, quota.known.path, older=True)
    if len(sample) < GETS:
        evidence(f"the quota has room for {len(sample)} requests only")
