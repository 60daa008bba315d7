"""IDEM: missing, hostile and quoted keys (Internet-Draft sections 2.1, 2.7 and 5)."""

from __future__ import annotations

import secrets
import uuid

from harness import MINOR, SHOULD, WRITE, applies, expect, inconclusive, note, rule
from harness.client.client import Unanswered, exchange_of
from harness.client.raw import connection
from harness.http.intermediary import from_edge
from harness.rules.checks import Undecided

from .probes import DRAFT, Keyed, new_key, summaries


def hostile_keys():
    """Hostile keys that nobody else uses, each with a description."""
    mark = secrets.token_hex(6)
    return (
        ("an empty key", ""),
        ("a key of three characters", mark[:3]),
        ("a key of 4 KiB", mark + "k" * (4096 - len(mark))),
        ("a key with markup", f'"><script>{mark}'),
        ("a key with SQL", f"' OR 1=1--{mark}"),
        ("a key with a path", f"../../{mark}"),
        ("a key that is not ASCII", f"clé-{mark}"),
    )


@rule("IDEM-005", SHOULD, refs=[f"{DRAFT} section 2.7"], needs="create read idempotency", effect=WRITE)
def test_a_missing_required_key_gets_400(resource):
    """Answer 400 when a required key is missing

    Why: a client that forgets the key learns it at once instead of after the first lost response.
    Fix: check for the key before any other part of the operation.
    Advice: another 4xx refuses the request as well, as long as nothing was created.
    """
    keyed = Keyed(resource)
    applies(keyed.how.required, f"a create of {resource.name} requires a key")
    keyed.first(new_key(), resource.body())
    body = resource.body()
    reply = keyed.without_key(body)
    summary = exchange_of(reply).summary()
    stray = keyed.items(body)
    expect(not stray, "nothing created", f"{summary}, but item {', '.join(stray)} exists")
    refused = 400 <= reply.status_code < 500
    expect(
        reply.status_code == 400,
        "400 for a create without the required key",
        summary,
        impact=MINOR if refused else None,
    )


@rule("IDEM-012", SHOULD, refs=[f"{DRAFT} section 5"], needs="create read idempotency", effect=WRITE)
def test_hostile_keys_do_no_harm(resource, survey):
    """Validate the key, and never fail on a hostile one

    Why: the key is external input that ends up in a database and in logs.
    Fix: limit its length and its characters, and answer 400 to any other key.
    """
    keyed, broken = Keyed(resource), []
    applies(keyed.how.body is None, "the key is sent in a header field")
    keyed.honoured()
    for name, key in hostile_keys():
        body, replies = resource.body(), []
        try:
            replies.append(resource.post(body, headers={keyed.how.field: key}))
            if replies[0].is_success and key:
                replies.append(resource.post(body, headers={keyed.how.field: key}))
        except Unanswered as silent:
            note(f"{name}: {silent}")
        if any(keyed.not_ours(reply, body) for reply in replies):
            broken.append(f"{name} is answered with the result of another request: {summaries(replies)}")
            continue
        failed = [exchange_of(reply) for reply in replies if reply.status_code >= 500]
        broken += [f"{name}: {one.summary()}" for one in failed if not from_edge(one, survey.exchanges)]
        items = keyed.items(body, replies)
        if len(items) > 1:
            broken.append(f"{name} is accepted but not honoured: items {', '.join(items)}")
    if keyed.countable:
        broken += two_field_lines(keyed, survey)
    expect(not broken, "4xx for a key that is not accepted, or else one item for one key", "; ".join(broken))


def two_field_lines(keyed, survey):
    """Faults with a key on each of two field lines; sent over a raw connection, as libraries do not allow it."""
    resource, body = keyed.resource, keyed.resource.body()
    fields = resource.fields_for_create({keyed.how.field: None})
    lines = [(name, value) for name, value in fields.items() if value is not None]
    lines += [(keyed.how.field, new_key()), (keyed.how.field, new_key())]
    content = resource.written(body)
    sent = []
    resource.reserve(2, [body, body])
    try:
        for _ in range(2):
            with connection(resource.client) as wire:
                sent.append(wire.send("POST", resource.create_url, lines, content))
    except Undecided as closed:
        note(f"two field lines with a key each: {closed}")
    finally:
        items = keyed.found_again(body, reserved=2)
    failed = [one for one in sent if (one.status or 0) >= 500 and not from_edge(one, survey.exchanges)]
    broken = [f"two field lines with a key each: {one.summary()}" for one in failed]
    if len(items) > 1:
        broken.append(
            f"two field lines with a key each are accepted but not honoured: items {', '.join(items)}"
        )
    return broken


@rule(
    "IDEM-013",
    SHOULD,
    refs=[f"{DRAFT} section 2.1", "RFC 9651 section 3.3.3"],
    needs="create read idempotency",
    effect=WRITE,
    impact=MINOR,
)
def test_a_key_as_structured_field_string_is_taken(resource):
    """Accept the key as a Structured Field String

    Why: clients that follow the Internet-Draft send the key in quotes.
    Fix: parse the field as a Structured Field; accept an unquoted key as well where clients send one.
    Advice: clients of the API send the key in the form that its documentation shows.
    """
    keyed, body, key = Keyed(resource), resource.body(), uuid.uuid4()
    applies(keyed.how.body is None, "the key is sent in a header field")
    keyed.honoured()
    quoted = {keyed.how.field: f'"{key}"'}
    replies = [resource.post(body, headers=quoted), resource.post(body, headers=quoted)]
    items = keyed.items(body, replies)
    if replies[0].is_success and not replies[1].is_success and resource.can("unique"):
        inconclusive(f"the retry may have been refused because of a unique member: {summaries(replies)}")
    taken = replies[0].is_success and len(items) == 1
    said = f"a key in quotes: {summaries(replies)}"
    if not taken and keyed.how.key_format == "bare":
        note(f"{said}; the profile declares that keys are sent without quotes")
        return
    expect(
        taken, "a key in quotes accepted, and one item for two equal requests", f"{said}; {len(items)} items"
    )
    if not resource.can("unique"):
        bare = keyed.id(resource.post(body, headers={keyed.how.field: str(key)}))
        same = bare is not None and bare in items
        note(f"with and without quotes it is {'the same key' if same else 'not the same key'}")
