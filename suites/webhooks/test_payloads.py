"""HOOK: what deliveries say, and what the OpenAPI document says of them."""

from __future__ import annotations

from harness import (
    MAJOR,
    MUST,
    SHOULD,
    WRITE,
    advise,
    applies,
    evidence,
    expect,
    inconclusive,
    not_applicable,
    rule,
    warn,
)

from .judge import envelope_faults, event_id, event_type, runs_backwards
from .payloads import Subscribed, candidates, faults
from .setting import setting
from .trial import trial_of

OPENAPI = "OpenAPI 3.1.0"
WAITS = 60.0


@rule("HOOK-009", SHOULD, refs=["Standard Webhooks, payload structure"], effect=WRITE, waits=WAITS)
def test_deliveries_describe_themselves(client, survey, subscriptions, make_resource):
    """Give each event an id of its own, its type and its time

    Why: deliveries are repeated and arrive in any order; without an id a receiver cannot tell a repeat from an event.
    Fix: send id, type and timestamp with the data, in an envelope that is the same for all events.
    Advice: where only the time is missing, receivers can still tell events apart.
    """
    given = setting(client, survey, subscriptions, make_resource)
    if given.alone:
        not_applicable("does not apply: a receiver gets more than one event; here its URL tells what it gets")
    trial = trial_of(given, "HOOK-009", ["leaving", "failing"])
    got = trial.arrived("ok")[0]
    faults = envelope_faults(got)
    grave = [one for one in faults if "time" not in one]
    expect(not grave, "an envelope with id, type and time", "; ".join(grave))
    if faults:
        advise("the time of the event", faults[0])
    later = trial.of_second("ok")
    if not later:
        evidence("one event was seen: whether ids are unique was not shown")
        return
    backwards = runs_backwards(got, later[0])
    if backwards is not None:
        warn("times in the order of the events", backwards)
    expect(
        event_id(got) != event_id(later[0]),
        "another id for another event",
        f"two events have the id {event_id(got)}",
    )


@rule(
    "HOOK-013",
    MUST,
    refs=[f"{OPENAPI}, OpenAPI Object, webhooks", f"{OPENAPI}, Callback Object"],
    effect=WRITE,
    waits=WAITS,
    impact=MAJOR,
)
def test_payloads_match_their_schemas(client, survey, subscriptions, make_resource):
    """Send payloads that match their documented schemas

    Why: receivers are generated from the document; one that cannot read a payload answers 400, and the event is lost.
    Fix: generate the document from the types that are sent, or validate payloads against it in tests.
    Probe: each delivery is validated against the schema that `webhooks` or `callbacks` have for its event.
    """
    given = setting(client, survey, subscriptions, make_resource)
    how, declared = given.how, given.declared
    applies(
        declared.contents(how.events, how.subscribe),
        "the OpenAPI document has a schema for the payload of the event, in `webhooks` or `callbacks`",
    )
    if survey.promises.doubt is not None:
        inconclusive(survey.promises.doubt)
    trial = trial_of(given, "HOOK-013", [])
    judged = 0
    for name in trial.endpoints:
        event = trial.other_event if name == "other" else trial.event
        wanted = Subscribed(event or trial.event, how.subscribe, "{event}" in repr(how.body))
        for one in trial.endpoints[name].deliveries[:5]:
            possible = candidates(declared, wanted, event_type(one))
            wrong = faults(one, possible) if possible else None
            if wrong is None:
                continue
            judged += 1
            expect(
                not wrong,
                f"a payload that matches the schema of {' or '.join(sorted({one.name for one in possible}))}",
                f"at the receiver `{name}`: {'; '.join(wrong)}",
            )
    if not judged:
        inconclusive("no delivery of an event came that the document has a schema for, as JSON")
    evidence(f"{judged} deliveries match their schemas")
