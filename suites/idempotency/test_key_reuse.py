"""IDEM: one key with another payload, client or operation (Internet-Draft sections 2.2, 2.6 and 5)."""

from __future__ import annotations

import secrets
import time

from harness import (
    CRITICAL,
    MINOR,
    SHOULD,
    WRITE,
    applies,
    control,
    expect,
    inconclusive,
    not_applicable,
    rule,
)
from harness.client.client import exchange_of
from harness.http.content import MISSING, at, differences, json_of, normalised, shown
from harness.payloads.invalid import violations
from harness.rules.causes import KEYS_IGNORED

from .probes import DRAFT, Keyed, is_replay, new_key, summaries

PREFIXES = (16, 32, 36)
"""Lengths to which columns and indexes cut keys."""
OCCURRENCE = frozenset(
    {"instance", "id", "requestid", "traceid", "correlationid", "timestamp", "time", "date"}
)
"""Names, in lower case without underscores, of members that differ in each error (RFC 9457 section 3.1.5)."""


def changes(item, before, started):
    """Locations of an item that have changed, except those that change by themselves."""
    found = differences(before, item.state())
    if not found:
        return found
    moving = item.resource.drift(time.monotonic() - started)
    return [where for where in found if where not in moving]


@rule("IDEM-003", SHOULD, refs=[f"{DRAFT} section 2.7"], needs="create read idempotency", effect=WRITE)
def test_a_key_with_another_payload_gets_422(resource):
    """Reject a key that is reused with a different payload with 422

    Why: a client that reuses a key by mistake receives an error instead of the result of another request.
    Fix: store a fingerprint of the payload with the key, and compare it.
    Probe: changes one required member, and then another one.
    Advice: 400 or 409 refuses the request as 422 does.
    """
    keyed, body = Keyed(resource), resource.body()
    other = keyed.other_body()
    judge_conflict(keyed, body, other)
    # A fingerprint of one member does not cover the amount.
    body = resource.body()
    another = keyed.another_body(body)
    if another is not None:
        judge_conflict(keyed, body, another)


def judge_conflict(keyed, body, other):
    """Expect 422 for a key under which first one body is sent, and then another."""
    key = new_key()
    first = keyed.first(key, body)
    reply = keyed.post(key, other)
    summary, cause = exchange_of(reply).summary(), ""
    if reply.is_success and keyed.id(reply) is not None:
        same = keyed.id(reply) == keyed.id(first)
        summary += ": the first result is replayed" if same else ": the other request is executed"
        # Where an equal request is executed again as well, what is wrong is more than a missing comparison.
        ignored = not same and keyed.id(keyed.post(key, body)) not in (keyed.id(first), None)
        cause = KEYS_IGNORED if ignored else ""
    refused = reply.status_code in (400, 409)
    expect(
        reply.status_code == 422,
        "422 for a key that was used with another payload",
        summary,
        impact=MINOR if refused else None,
        cause=cause,
    )


@rule(
    "IDEM-004",
    SHOULD,
    refs=[f"{DRAFT} section 2.6"],
    needs="create read idempotency",
    effect=WRITE,
    impact=CRITICAL,
)
def test_a_key_conflict_executes_nothing(resource):
    """Execute nothing when a key conflict is reported, and keep the original result

    Why: a refusal that took effect all the same is worse than a refusal or a success.
    Fix: compare the fingerprint before anything is executed, and leave the stored result unchanged.
    """
    keyed, key, body = Keyed(resource), new_key(), resource.body()
    other = keyed.other_body()
    first = keyed.first(key, body)
    item, started = keyed.item(first, body), time.monotonic()
    before = item.state()
    replays = keyed.id(keyed.post(key, body)) == item.id
    conflict = keyed.post(key, other)
    summary = exchange_of(conflict).summary()
    applies(400 <= conflict.status_code < 500, f"the conflict is reported ({summary}; see IDEM-003)")
    found = changes(item, before, started)
    expect(not found, "the original item unchanged", f"after {summary}, {', '.join(found)} changed")
    stray = keyed.items(other)
    expect(not stray, "nothing executed", f"{summary}, but item {', '.join(stray)} exists")
    if replays:
        again = keyed.post(key, body)
        expect(
            keyed.id(again) == item.id,
            "the original result for the original payload, as before the conflict",
            f"after {summary}, {exchange_of(again).summary()} {shown(json_of(again))}",
        )
    keyed.note_how_counted()


@rule(
    "IDEM-007",
    SHOULD,
    refs=[f"{DRAFT} section 5"],
    needs="create read idempotency",
    effect=WRITE,
    impact=CRITICAL,
)
def test_keys_are_scoped_to_the_client(resource, target):
    """Scope keys to the authenticated client

    Why: where two clients happen to use the same key, one receives the other's data, or its request is dropped.
    Fix: look keys up together with the principal.
    """
    if "other" not in target.credentials:
        not_applicable(
            "only one client is configured: add a second one, of another tenant, in [credentials.other]"
        )
    keyed, key, body = Keyed(resource), new_key(), resource.body()
    other = keyed.under("other")
    other.first(new_key(), other.resource.body())
    first = keyed.first(key, body)
    item = keyed.item(first, body)
    seen = other.resource.client.get(item.url)
    if seen.status_code not in (401, 403, 404, 410):
        inconclusive(f"the two clients may share items, and keys with them: {exchange_of(seen).summary()}")
    reply = other.post(key, body)
    summary = f"{exchange_of(reply).summary()} for another client with the same key"
    if other.refused_for_content(reply, body):
        inconclusive(f"{summary}: it may have been refused for its content")
    expect(
        other.id(reply) != item.id,
        "a new item for the other client",
        f"{summary}: the first client's item {item.id}",
    )
    expect(
        reply.is_success,
        "a new item for the other client",
        f"{summary}; with its own key the request succeeds",
    )


@rule(
    "IDEM-008",
    SHOULD,
    refs=[f"{DRAFT} section 2.2", f"{DRAFT} section 2.4"],
    needs="create read idempotency",
    effect=WRITE,
)
def test_a_result_is_not_replayed_for_another_operation(resource, profile, make_resource):
    """Never return the result of one operation for another operation

    Why: the client asked for a payment and receives an order.
    Fix: look keys up together with method and path.
    """
    needs = ("create", "read", "idempotency")
    able = sorted(known.name for known in profile.resources if not any(known.missing(need) for need in needs))
    if len(able) < 2:
        not_applicable("only one resource accepts an idempotency key")
    other = Keyed(make_resource(able[(able.index(resource.name) + 1) % len(able)]))
    keyed, key = Keyed(resource), new_key()
    other.first(new_key(), other.resource.body())
    first = keyed.first(key, resource.body())
    reply = other.post(key, other.resource.body())
    expect(
        reply.status_code < 500 and not is_replay(first, reply),
        f"the ordinary response to POST {other.resource.known.collection}, or 4xx",
        f"{exchange_of(reply).summary()} {shown(json_of(reply))} under the key of {exchange_of(first).summary()}",
    )
    # A fingerprint of the content alone tells the two apart only where the contents differ.
    key, body = new_key(), resource.body()
    first, reply = keyed.first(key, body), other.post(key, body)
    expect(
        reply.status_code < 500 and not is_replay(first, reply),
        f"the ordinary response to POST {other.resource.known.collection}, or 4xx",
        f"{exchange_of(reply).summary()} {shown(json_of(reply))} under the key, and with the content, of "
        f"{exchange_of(first).summary()}",
    )


@rule("IDEM-009", SHOULD, refs=[f"{DRAFT} section 2.2"], needs="create read idempotency", effect=WRITE)
def test_distinct_keys_are_distinct_intents(resource):
    """Treat requests with distinct keys as distinct, even with equal content

    Why: two equal orders under two keys are two orders; merging them loses one.
    Fix: decide by the key, not by the content.
    """
    keyed, body = Keyed(resource), resource.body()
    if resource.can("unique") or at(body, resource.known.id) is not MISSING:
        # Equal creates cannot both succeed.
        distinct_though_alike(keyed)
        return
    replies = [keyed.first(new_key(), body), keyed.post(new_key(), body)]
    if not replies[1].is_success:
        inconclusive(f"equal creates may be refused for their content: {summaries(replies)}")
    ids = keyed.ids(replies)
    control(ids, f"the responses should have an id: {summaries(replies)}")
    if len(ids) == 1 and not keyed.how.required:
        plain = [keyed.without_key(body), keyed.without_key(body)]
        if len(keyed.ids(plain)) < 2:
            inconclusive(f"equal creates are merged even without keys: {summaries(plain)}")
    if len(ids) == 1 and replies[0].status_code != replies[1].status_code:
        inconclusive(f"a create of an existing item may return it, whatever the key: {summaries(replies)}")
    expect(
        len(ids) == 2,
        "two items for equal requests under two keys",
        f"{summaries(replies)}; item {', '.join(ids)}",
    )
    for length in PREFIXES:
        pair = [keyed.post(one, body) for one in alike_keys(length)]
        if all(reply.is_success for reply in pair) and keyed.ids(pair):
            expect(
                len(keyed.ids(pair)) == 2,
                f"two items under two keys that share their first {length} characters",
                f"{summaries(pair)}; item {', '.join(keyed.ids(pair))}",
            )
    pair = [keyed.post(one, body) for one in cased_keys()]
    if all(reply.is_success for reply in pair) and keyed.ids(pair):
        expect(
            len(keyed.ids(pair)) == 2,
            "two items under two keys that differ in the case of letters",
            f"{summaries(pair)}; item {', '.join(keyed.ids(pair))}",
        )


def distinct_though_alike(keyed):
    """Judge creates of different items under keys that a column may cut or fold to one."""
    keyed.honoured()
    pairs = [(f"that share their first {length} characters", alike_keys(length)) for length in PREFIXES]
    for what, pair in [*pairs, ("that differ in the case of letters", cased_keys())]:
        replies = [keyed.post(one, keyed.resource.body()) for one in pair]
        if replies[0].is_success and not replies[1].is_success:
            again = keyed.post(new_key(), keyed.resource.body())
            control(again.is_success, f"a valid keyed create should succeed: {summaries([*replies, again])}")
        if replies[0].is_success and keyed.ids(replies):
            expect(
                replies[1].is_success and len(keyed.ids(replies)) == 2,
                f"two items under two keys {what}",
                f"{summaries(replies)}; item {', '.join(keyed.ids(replies))}",
            )


def cased_keys():
    """Two keys that differ in case only, and are no UUIDs: those have no case (RFC 9562 section 4)."""
    end = secrets.token_hex(8)
    return f"Order-Retry-{end}", f"order-retry-{end}"


def alike_keys(length):
    """Two keys that are equal up to a number of characters, in the form of UUIDs where that is possible."""
    first = new_key()
    if length < len(first):
        return first, first[:length] + new_key()[length:]
    return f"{first}-{secrets.token_hex(4)}", f"{first}-{secrets.token_hex(4)}"


@rule(
    "IDEM-010",
    SHOULD,
    refs=[f"{DRAFT} section 2.6", f"{DRAFT} section 2.7"],
    needs="create read idempotency schema",
    effect=WRITE,
)
def test_failed_requests_are_consistent_under_one_key(resource):
    """Treat failed requests consistently under one key

    Why: a client that corrects its request and sends it again must know whether the key is used up.
    Fix: either store a failure with its key, or release the key; do the same each time.
    """
    keyed, key, body = Keyed(resource), new_key(), resource.body()
    # Its text differs from that of the corrected body: ERR-004 reports what an invalid one creates.
    found = violations(resource.known.create_schema, resource.body(), resource.known.representation)
    applies(found, "the schema has a constraint that can be broken")
    invalid = found[0].body
    keyed.honoured()
    one, two = keyed.post(key, invalid), keyed.post(key, invalid)
    applies(400 <= one.status_code < 500, f"an invalid body is refused ({exchange_of(one).summary()})")
    three, four = keyed.post(key, body), keyed.post(key, body)
    replies = [one, two, three, four]
    said = f"invalid, again, corrected, again: {summaries(replies)}"
    expect(all(reply.status_code < 500 for reply in replies), "no server error", said)
    expect(two.status_code == one.status_code, "the same status for the same invalid request", said)
    items = keyed.items(body, [three, four])
    expect(len(items) < 2, "at most one item", f"{said}; items {', '.join(items)}")
    if three.is_success:
        if not resource.can("unique"):
            # Some APIs refuse every repetition, which is out of scope here.
            expect(four.is_success or len(items) == 1, "the same result again", said)
    else:
        expect(three.status_code in (400, 409, 422), "422 or success for the corrected request", said)
        expect(four.status_code == three.status_code, "the same status for the same request", said)
        if same_refusal(one, three, resource):
            refused = mismatch(keyed)
            expect(
                refused is not None and same_refusal(three, refused, resource),
                "success for the corrected request, or an error that says that the key was used for another request",
                f"{said}; the corrected request is answered with the stored error of the invalid one",
            )


def same_refusal(one, other, resource):
    """Whether two refusals are equal, except for members that identify a single occurrence of an error."""
    values = [normalised(json_of(reply), volatile=resource.volatile) for reply in (one, other)]
    if one.status_code != other.status_code or one.status_code < 400 or MISSING in values:
        return False
    names = {where.rpartition("/")[2].replace("_", "").lower() for where in differences(*values)}
    return names <= OCCURRENCE


def mismatch(keyed):
    """The refusal of a second valid request under the key of a first one; None where it is not refused."""
    key = new_key()
    first, second = (keyed.post(key, keyed.resource.body()) for _ in range(2))
    control(first.is_success, f"a valid create should succeed: {exchange_of(first).summary()}")
    return None if second.is_success else second
