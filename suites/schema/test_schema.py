"""SCH: what the document says of responses. Every response of the run is judged, whoever asked for it."""

from __future__ import annotations

from harness import MAJOR, MUST, advise, applies, evidence, expect, inconclusive, rule, warn
from harness.rules.faults import grouped

from .judge import documented, field_faults, schema_faults, undocumented_statuses, undocumented_types
from .passive import FIELDS, SCHEMA, STATUS, TYPE

OPENAPI = "OpenAPI 3.1.0"


def described(survey, target):
    """The survey's exchanges with what the document says of them."""
    applies(survey.contract.answers, "the API has an OpenAPI document with responses")
    if survey.promises.doubt is not None:
        inconclusive(survey.promises.doubt)
    found = documented(survey.exchanges, survey.contract, target.url)
    applies(found, "the survey has requested a documented operation")
    return found


@rule("SCH-001", MUST, refs=[f"{OPENAPI}, Responses Object", f"{OPENAPI}, Response Object"], impact=MAJOR)
def test_responses_are_documented(survey, target):
    """Return only documented status codes and media types

    Why: a generated client throws an exception for a success that it does not know.
    Fix: document what is returned, or return what is documented; a `default` covers the errors.
    Advice: an error that is not documented is an error to every client all the same.
    """
    found = described(survey, target)
    successes, refusals = undocumented_statuses(found)
    if refusals:
        advise(STATUS, grouped(refusals))
    expect(not successes, STATUS, grouped(successes))
    types = undocumented_types(found)
    expect(not types, TYPE, grouped(types))
    evidence(f"{len(found)} responses of the survey, and all others of the run")


@rule("SCH-002", MUST, refs=[f"{OPENAPI}, Schema Object", "JSON Schema 2020-12"], impact=MAJOR)
def test_contents_match_their_schemas(survey, target):
    """Return contents that match their schemas

    Why: a generated client cannot read what has another type than documented, and a required member that is missing
        is a null where nobody expects one. Header fields count that are documented as a number or a boolean.
    Fix: generate the document from the code or the code from the document, and validate responses in tests.
    """
    found = described(survey, target)
    successes, refusals, judged = schema_faults(found, survey.contract)
    fields = field_faults(found)
    applies(judged or fields, "a response with a documented schema has been seen")
    if fields:
        warn(FIELDS, grouped(fields))
    if refusals:
        warn(SCHEMA, grouped(refusals))
    expect(not successes, SCHEMA, grouped(successes))
    evidence(f"{judged} responses of the survey match their schemas, and all others of the run")
