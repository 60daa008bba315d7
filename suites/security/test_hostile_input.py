"""SEC: how hostile input is met. Nothing of it is sent to a production system."""

from __future__ import annotations

from harness import (
    CRITICAL,
    FLOOD,
    MAJOR,
    MINOR,
    READ,
    SHOULD,
    WRITE,
    applies,
    control,
    evidence,
    expect,
    inconclusive,
    not_applicable,
    rule,
)
from harness.client.client import exchange_of
from harness.client.recorder import Unanswered
from harness.http.intermediary import from_edge
from harness.resource.harm import Watch

from . import hostile, limits

OWASP = "OWASP API8:2023"
NOT_SENT = "not sent unless the profile says that this is no production system: add `non_production = true`"
SERVES_ON = "an API that serves on"


def allowed(profile):
    """Go on only where the profile says that nobody depends on the target."""
    if not profile.non_production:
        not_applicable(NOT_SENT)


@rule("SEC-010", SHOULD, refs=[OWASP], needs="list", effect=READ, rougher=WRITE, impact=CRITICAL)
def test_input_is_never_evaluated(resource, profile, survey, target):
    """Neutralise injection in every text that a client sends

    Why: whoever can write a condition into a query reads and changes every row of the database.
    Fix: use parameters of the database driver, never put texts together; escape texts in templates and header fields.
    Probe: in filters and ids, conditions that are true and false follow a valid value, three times each, and others
        confirm them; a quote, and two; calls that sleep for two seconds, one and none, three times each; paths to a
        file; line breaks; an expression in a stored text, read back.
    """
    allowed(profile)
    login = None
    writes = target.limits.effects >= WRITE
    if writes and profile.revoke is not None and "login_body" in target.private:
        login = profile.revoke.login, target.private["login_body"]
    probes = hostile.run(resource, survey.promises, login)
    applies(probes.sent, f"{resource.name} takes a text: a filter, an id, or a member")
    expect(
        not probes.found,
        "input that is taken literally, or refused",
        "; ".join(f"{cause}: {text}" for cause, text in probes.found.items()),
    )
    if probes.blocked:
        inconclusive(
            f"a firewall seems to refuse the payloads before the API sees them: {probes.blocked[0]}, and "
            f"{len(probes.blocked) - 1} more"
        )
    evidence(f"nothing was evaluated in {', '.join(dict.fromkeys(probes.sent))}")


@rule(
    "SEC-011",
    SHOULD,
    refs=["OWASP API4:2023", "RFC 9110 section 15.5.14"],
    needs="create list",
    effect=FLOOD,
    impact=MAJOR,
)
def test_size_and_complexity_are_bounded(resource, profile, target):
    """Bound the size and the complexity of requests

    Why: one request that the parser cannot bear ends the process that serves everybody else, too.
    Fix: set a limit for content (413) and for levels, digits and members (400), before anything is parsed.
    Probe: one more member of a valid create grows in steps: levels of nesting, digits, members, and a text of up to
        10 MiB. Each step is followed by a GET of the collection; the first refusal for the size ends it.
    Advice: a 500 from an API that serves on harms nobody but who sent the request.
    """
    allowed(profile)
    applies("json" in resource.known.media_type, f"creates of {resource.name} are JSON")
    watch = Watch(resource)
    for what in (ramp.named(size) for ramp in limits.RAMPS for size in ramp.sizes):
        harm = watch.known(what)
        if harm and f"GET {target.base_path}{resource.known.collection} " not in harm:
            inconclusive(f"not sent again: {harm}")
        expect(not harm, SERVES_ON, harm, impact=CRITICAL)
    control(watch.readable, f"the collection should be readable: {resource.known.collection}")
    resource.create()
    evidence("; ".join(climbed(resource, ramp, watch) for ramp in limits.RAMPS))


def climbed(resource, ramp, watch):
    """Send the steps of a ramp; how it ended."""
    first = None
    for size in ramp.sizes:
        what = ramp.named(size)
        answer, reply, said = sent(resource, ramp.value(size))
        if reply is not None:
            edge = from_edge(exchange_of(reply), []) if answer.status >= 500 else None
            if edge:
                inconclusive(f"an intermediary answered {what}: {said} ({edge})")
            harm = watch.after(what, reply)
        else:
            harm = lost(resource)
        expect(not harm, SERVES_ON, harm or said, impact=CRITICAL)
        fault = limits.fault(answer)
        hurts = MAJOR if answer.hung else MINOR
        expect(fault is None, "400, 413 or 422", f"{what} in {said}: {fault}", impact=hurts)
        first = first or answer
        if limits.ends(answer, first):
            return f"{what}: {said}"
    expect(not ramp.bounded or answer.status >= 400, "413 for content of 10 MiB", f"{what} in {said}")
    return f"{what}: {said}"


def sent(resource, value):
    """What a create with one more member came to: the answer, the response if any, and a summary."""
    body = resource.body()
    content = limits.beside(resource.written(body), value)
    resource.reserve(bodies=[body])
    reply = None
    try:
        reply = resource.client.post(
            resource.create_url, content=content, headers=resource.fields_for_create()
        )
    except Unanswered as silent:
        hung = "within the timeout" in str(silent) or "too long" in str(silent)
        return limits.Answer(None, hung), None, silent.exchange.summary()
    finally:
        resource.account(reply)
    return limits.Answer(reply.status_code), reply, exchange_of(reply).summary()


def lost(resource):
    """Why the collection cannot be read any more; empty where it can."""
    try:
        reply = resource.client.get(resource.url)
    except Unanswered as silent:
        return silent.exchange.summary()
    return "" if reply.status_code < 500 else exchange_of(reply).summary()
