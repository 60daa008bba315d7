"""ERR: malformed and invalid request content is refused, and the faults are named."""

from __future__ import annotations

import json

import jsonpointer

from harness import SHOULD, WRITE, applies, control, expect, inconclusive, not_applicable, note, rule
from harness.client.client import exchange_of
from harness.http import error_statuses
from harness.http.content import at, json_of, replaced
from harness.http.error_statuses import BROKEN, HOLDS, OPEN
from harness.payloads.constraints import valid
from harness.payloads.invalid import combined, violations
from harness.resource.counting import listed
from harness.resource.file_store import stores_files
from harness.resource.tags import tag_pointer
from harness.rules.faults import Fault, excerpt, expect_none

from . import fields, naming
from .probes import ruled, takes_json, with_bad_byte

MOST_VIOLATIONS = 12
DEEP = b"[" * 200 + b"]" * 200
ROOTS: tuple[object, ...] = (None, [], "text")
"""Contents that parse as JSON and are no object, at which handlers look for members."""


@rule("ERR-003", SHOULD, refs=["RFC 9110 section 15.5.1"], needs="create", effect=WRITE, light=True)
def test_malformed_json_gets_400(resource, survey):
    """Answer malformed JSON with 400

    Why: a client that cut its content short must learn that the fault is its own. A 5xx is retried, and a 2xx
        stores incomplete data.
    Fix: parse strictly, as UTF-8, before anything else uses the content; map the parser's error to 400.
    Advice: another status for the client's own fault, such as 422, is refused all the same: nothing is stored.
    """
    takes_json(resource)
    item = resource.create()
    schema = resource.known.create_schema
    required = schema is not None and not valid(schema, {})
    cases = {
        'the content {"a":': b'{"a":',
        "the content {'a':1}": b"{'a':1}",
        "no content": b"",
        "a single NUL": b"\0",
        "a text that is not UTF-8": with_bad_byte(resource.as_sent(resource.body())),
    }
    if schema is not None and not required:
        del cases["no content"]
    broken, undecided, refused = [], [], 0
    for what, content in cases.items():
        reply = resource.post(content=content)
        summary = f"{what}: {exchange_of(reply).summary()}"
        ruling = error_statuses.malformed(reply.status_code, empty=not content, required=required)
        if ruled(ruling, reply, survey) is BROKEN:
            if reply.is_success and not broken and stores_files(resource):
                not_applicable(f"{resource.name} stores any content as it is, with its media type")
            refusal = 400 <= reply.status_code < 500
            broken.append(Fault(summary, "accepted" if reply.is_success else "not 400", minor=refusal))
        elif ruling is not HOLDS and content:
            undecided.append(summary)
        elif content:
            refused += 1
    broken += crashes(
        survey,
        [
            ("200 nested arrays", lambda: resource.post(content=DEEP)),
            *((f"the content {text}", send) for text, send in cut_short(resource, item)),
        ],
    )
    expect_none(broken, "400 for content that is not JSON, and nothing created")
    if undecided:
        observed = f"another check or an intermediary seems to have answered: {'; '.join(undecided)}"
        note(observed) if refused else inconclusive(observed)


def cut_short(resource, item):
    """Writes to an item with JSON that ends too early: each handler parses by itself."""
    for name, method in (("replace", "PUT"), ("update", "PATCH")):
        if resource.can(name):
            media = next(iter(resource.known.patch or ()), None) if method == "PATCH" else None
            fields = item.write_fields() | ({"Content-Type": media} if media else {})
            yield (
                '{"a":',
                lambda method=method, fields=fields: resource.client.request(
                    method, item.url, content=b'{"a":', headers=fields
                ),
            )


def crashes(survey, attempts):
    """Faults of the attempts that are answered 5xx; each is a sentence on the content, and what sends it."""
    replies = [(what, send()) for what, send in attempts]
    return [
        Fault(f"{what}: {exchange_of(reply).summary()}", "not 4xx")
        for what, reply in replies
        if reply.status_code >= 500
        and ruled(error_statuses.invalid(reply.status_code), reply, survey) is BROKEN
    ]


@rule("ERR-004", SHOULD, refs=["RFC 9110 section 15.5.21"], needs="create schema", effect=WRITE)
def test_invalid_fields_are_refused_and_named(resource, survey):
    """Answer well-formed but invalid content with 400 or 422, and name each failing field

    Why: a form can mark the wrong field only if a program can find its name. A 5xx makes clients retry a
        request that can never succeed.
    Fix: validate against the schema before the business logic, and send each failure with the field's name or
        JSON Pointer in a member of its own.
    Advice: where only the sentence names the field, a user can read it, though no program can.
    """
    takes_json(resource)
    known, schema = resource.known, resource.known.create_schema
    accepted = resource.create()
    control(valid(schema, accepted.sent), "the accepted body should satisfy the API's own schema")
    count = len(violations(schema, accepted.sent, known.representation))
    applies(
        count >= 2,
        f"the schema of {resource.name} has two constraints that can certainly be violated",
    )
    broken, undecided, tags, refused = [], [], [], 0
    for index in range(0, count, -(-count // MOST_VIOLATIONS)):
        # A fresh body each time, so that unique values are not taken.
        body = resource.body()
        found = violations(schema, body, known.representation)
        if index >= len(found):
            break
        violation = found[index]
        reply = resource.post(violation.body)
        summary = f"{violation.kind} of {violation.pointer}: {exchange_of(reply).summary()}"
        ruling = ruled(error_statuses.invalid(reply.status_code), reply, survey)
        if ruling is OPEN:
            undecided.append(summary)
        elif ruling is BROKEN:
            broken.append(Fault(summary, "not 400 or 422", excerpt(exchange_of(reply))))
        else:
            refused += 1
            if not naming.names(json_of(reply), violation.member):
                fault = f"no structured member names {violation.member}"
                shown = naming.mentions(exchange_of(reply).response_body.text, violation.member)
                broken.append(Fault(summary, fault, excerpt(exchange_of(reply)), minor=shown))
        tag = tag_pointer(known, body) if resource.can("tag") else None
        if not reply.is_success and tag not in (None, violation.pointer):
            tags.append((tag, at(body, tag), summary))
    counts = listed(resource, [(pointer, value) for pointer, value, _ in tags]) or []
    for (_, _, summary), count in zip(tags, counts, strict=False):
        if count:
            broken.append(Fault(summary, "refused, but an item with its text is listed"))
    broken += roots(resource, accepted, survey)
    expect_none(broken, "400 or 422 that names the failing field, and nothing stored")
    if not refused:
        observed = "; ".join(undecided[:5]) or "none sent"
        inconclusive(
            f"no violation was refused with 400 or 422 (SCH-004 judges what is accepted): {observed}"
        )


def roots(resource, item, survey):
    """The faults of creates and replacements with content that is no object: only 5xx, as some are taken for bulk."""
    schema = resource.known.create_schema
    wrong = [root for root in ROOTS if not valid(schema, root)]
    replies = [(root, resource.post(content=json.dumps(root).encode())) for root in wrong]
    if resource.can("replace") and None in wrong:
        fields = item.write_fields()
        replies.append((None, resource.client.put(item.url, content=b"null", headers=fields)))
    return crashes(
        survey,
        [
            *((f"the content {json.dumps(root)}", lambda reply=reply: reply) for root, reply in replies),
            *(
                (f"{json.dumps(value)} at {place}", lambda body=body: resource.post(body))
                for place, value, body in structures(schema, resource.body(), resource.known.representation)
            ),
        ],
    )


def structures(schema, body, representation):
    """Bodies with an object or an array in place of a text, at which handlers call the methods of a text."""
    inside = at(body, representation)
    texts = (
        [name for name, value in inside.items() if isinstance(value, str)] if isinstance(inside, dict) else []
    )
    for name, value in zip(texts, ({}, []), strict=False):
        place = f"{representation}/{jsonpointer.escape(name)}"
        wrong = replaced(body, place, value)
        if not valid(schema, wrong):
            yield place, value, wrong


@rule("ERR-005", SHOULD, refs=["RFC 9457 section 3"], needs="create schema", effect=WRITE)
def test_validation_failures_are_reported_together(resource):
    """Report all validation failures in one response

    Why: if all faults are shown, a user corrects a form once; otherwise once for each fault.
    Fix: let the validator collect its failures instead of stopping at the first one.
    """
    takes_json(resource)
    known, schema = resource.known, resource.known.create_schema
    resource.create()
    body = resource.body()
    control(valid(schema, body), "the body of creates should satisfy the API's own schema")
    found = violations(schema, body, known.representation)
    wrong = combined(found)
    applies(wrong is not None, "at least three members can be violated in the same stage of validation")
    members = [violation.member for violation in fields.violated(found, body, wrong)]
    reply = resource.post(wrong)
    summary = f"{', '.join(members)} wrong: {exchange_of(reply).summary()}"
    if error_statuses.invalid(reply.status_code) is not HOLDS:
        inconclusive(f"not a refusal of the invalid members: {summary}")
    named, missing = fields.split(json_of(reply), members)
    if not named:
        inconclusive(f"no structured member names a field (ERR-004), so none can be counted: {summary}")
    expect(
        not missing,
        f"all of {', '.join(members)} named",
        f"{summary}, naming {', '.join(named)} only: {excerpt(exchange_of(reply))}",
    )
