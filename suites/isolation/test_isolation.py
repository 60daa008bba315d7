"""ISOL: one client floods, another one is measured. Nothing of it is sent to a production system."""

from __future__ import annotations

from harness import (
    CRITICAL,
    LOAD,
    MAJOR,
    SHOULD,
    advise,
    control,
    evidence,
    expect,
    inconclusive,
    not_applicable,
    rule,
)
from harness.load.neighbour import neighbours, slow_neighbours, version_neighbours
from harness.load.permission import allowed, create_of, path_of, two_clients
from harness.load.verdicts import FEWEST_SAMPLES, Judged

from . import judge

HANDBOOK = "Beyer et al., Site Reliability Engineering (2016), chapters 21 and 22"


def flooded(client, profile, target, code):
    """What two clients saw while one of them flooded."""
    allowed(profile)
    two_clients(profile, target.credentials)
    seen = neighbours(client, profile.load, path_of(profile), code)
    evidence(seen.summary())
    return seen


def served_before(seen):
    """Go on only where the client was served before the flood."""
    before = seen.before
    control(
        before.count >= FEWEST_SAMPLES,
        f"{FEWEST_SAMPLES} requests before the flood should be enough: {before.count}; raise `seconds` in [load]",
    )
    control(
        len(before.failed) <= 0.01 * before.count,
        f"all should be served before the flood: {before.outcomes()}",
    )
    return seen


def decide(judged, expected, impact=None):
    """End the rule, or go on where the requirement holds."""
    expect(judged.holds is not False, expected, judged.text, impact=impact)
    if judged.holds is None:
        inconclusive(judged.text)
    evidence(judged.text)


@rule("ISOL-001", SHOULD, refs=[HANDBOOK, "OWASP API4:2023"], effect=LOAD, impact=CRITICAL, waits=75)
def test_one_client_cannot_slow_the_others(client, profile, target):
    """Keep other clients served while one client floods

    Why: one client with a bug in its retries takes the service from all the others.
    Fix: limit each client by itself, in requests a second and at once, before anything is shared: threads,
        connections of a pool, queues.
    Probe: one client sends a few GETs a second, on a schedule; another one floods for a while. The first one's latency
        and errors meanwhile are compared with those before. With `scenario = "payflow"` in [load] the other one
        repeats each failed request ten times a second. The flood ends at once where the first one suffers much.
    """
    seen = flooded(client, profile, target, "ISOL-001")
    served_before(seen)
    judged = judge.beside(seen.before, seen.during, seen.conditions)
    if judged.holds is not False and seen.course.stopped is not None:
        inconclusive(
            f"the load was stopped after {seen.course.stopped:.3g} s: {seen.course.why}; {judged.text}"
        )
    decide(judged, "at least 99 % served, and p95 at most three times that before the flood, or 200 ms more")


@rule(
    "ISOL-002",
    SHOULD,
    refs=["RFC 6585 section 4", "RFC 9110 section 15.6.4", HANDBOOK],
    effect=LOAD,
    impact=MAJOR,
    waits=75,
)
def test_overload_is_refused_explicitly(client, profile, target):
    """Refuse what is too much with 429 or 503, soon, and with Retry-After

    Why: a client that gets 500 or no answer repeats the request, which makes the overload worse.
    Fix: bound every queue; answer 429 or 503 with Retry-After as soon as one is full, before any work is done.
    Probe: the requests of the client that floods for ISOL-001 are judged. A refusal with a status of success and an
        error in the content is one that no client, proxy or monitor recognises.
    Advice: Retry-After is optional; without it clients guess when to come again.
    """
    seen = flooded(client, profile, target, "ISOL-002")
    served_before(seen)
    control(seen.flood.count > 0, "there should be a flood")
    judged = judge.shed(seen.flood, seen.before, seen.conditions)
    if judged is None and seen.course.stopped is not None:
        inconclusive(f"the load was stopped after {seen.course.stopped:.3g} s: {seen.course.why}")
    if judged is None:
        not_applicable(
            "the target served the whole flood, so that nothing was to be refused: raise `flood` in [load]"
        )
    decide(judged, "refusals with 429 or 503, within a second; at most 1 % of other errors")
    if silent := judge.without_wait(seen.flood):
        advise("Retry-After in each refusal", silent)


@rule("ISOL-003", SHOULD, refs=[HANDBOOK], effect=LOAD, impact=MAJOR, waits=75)
def test_latency_recovers_after_a_flood(client, profile, target):
    """Recover soon after a flood ends

    Why: a peak of a minute becomes an outage of hours if what has piled up keeps the service from its work.
    Fix: bound queues, drop requests whose clients have gone, let circuit breakers close again, and add capacity
        by latency, not by failures.
    Probe: after the flood of ISOL-001 the other client goes on for 30 seconds (`recovery` in [load]); the last third
        of its requests is compared with those before the flood.
    """
    seen = flooded(client, profile, target, "ISOL-003")
    expected = "p95 at most 1.5 times that before the flood, or 200 ms more, and no further errors"
    if seen.undisturbed is not None:
        still = judge.beside(seen.undisturbed, seen.before, seen.conditions, judge.AFTERWARDS)
        expect(still.holds is not False, expected, f"still after an earlier flood: {still.text}")
        control(still.holds, f"an earlier flood should be over: {still.text}")
    served_before(seen)
    control(seen.flood.count > 0, "there should be a flood")
    judged = judge.beside(seen.before, seen.afterwards, seen.conditions, judge.AFTERWARDS)
    decide(judged, expected)


@rule(
    "ISOL-004",
    SHOULD,
    refs=["OWASP API4:2023", "RFC 9110 section 15.5.9", HANDBOOK],
    effect=LOAD,
    impact=MAJOR,
    waits=90,
)
def test_slow_clients_do_not_hold_up_the_others(client, profile, target):
    """Keep other clients served while some are slow or half open, and versions apart that are declared to be

    Why: a few dozen connections that send a byte a second, from phones in tunnels or from one attacker, take every
        worker of a service that waits for requests in its workers.
    Fix: read requests in the proxy or the event loop, hand them to a worker once they are whole, and end those that
        take too long with 408.
    Probe: one client sends a few GETs a second; then 50 connections (`slow` in [load]) are opened beside it, of which
        one half never ends the header section of a GET, and the other half the content of a create, which can create
        nothing. The first client's latency and errors meanwhile are compared with those before. All end at once
        where it suffers much. Where it is turned away (429, 503, no connection), the rule is inconclusive: the
        connections of one address may be limited. With `other_version` in [load], `other` then floods this version,
        while a GET of the other version is measured.
    Advice: a request whose content takes more than two minutes is only reported: some uploads are slow. It is looked
        at if `seconds` in [load] is 120 or more.
    """
    allowed(profile)
    seen = slow_neighbours(client, profile.load, path_of(profile), create_of(profile), target.credentials)
    served_before(seen)
    judged = judge.beside_slow(seen.before, seen.during, seen.slow, seen.conditions)
    if judged.holds is not False and seen.course.stopped is not None:
        inconclusive(
            f"the load was stopped after {seen.course.stopped:.3g} s: {seen.course.why}; {judged.text}"
        )
    decide(judged, "at least 99 % served, and p95 at most three times that before, or 200 ms more")
    if left := judge.left_open(seen.slow, profile.load.seconds):
        advise("requests that take longer than two minutes are ended, with 408 or without", left)
    if profile.load.other_version is not None:
        judge_versions(client, profile, target, profile.load.other_version)


def judge_versions(client, profile, target, other):
    """A flood of this version does not affect the other one."""
    flooder = profile.load.flooder
    control(
        flooder in target.credentials,
        f"credentials.{flooder} should be there, whose client floods this version",
    )
    path = path_of(profile)
    seen = version_neighbours(client, profile.load, path, other)
    evidence(seen.summary())
    served_before(seen)
    judged = judge.beside(seen.before, seen.during, seen.conditions)
    text = f"GET {other} during a flood of {path}: {judged.text}"
    if judged.holds is not False and seen.course.stopped is not None:
        inconclusive(f"the load was stopped after {seen.course.stopped:.3g} s: {seen.course.why}; {text}")
    decide(
        Judged(judged.holds, text),
        f"GET {other} served as before: 99 %, and p95 at most three times that before, or 200 ms more",
    )
