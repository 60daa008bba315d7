"""IDEM: what a retry under an idempotency key does (Internet-Draft draft-ietf-httpapi-idempotency-key-header-07)."""

from __future__ import annotations

import json
import secrets
import time
import uuid

from harness import (
    BURST,
    CRITICAL,
    MAJOR,
    MAY,
    MINOR,
    SHOULD,
    WRITE,
    applies,
    control,
    draw,
    evidence,
    expect,
    inconclusive,
    not_applicable,
    note,
    rule,
)
from harness.client.client import Unanswered, exchange_of
from harness.client.raw import connection
from harness.http.content import MISSING, at, differences, json_of, normalised, replaced, shown
from harness.http.intermediary import from_edge
from harness.payloads.arrays import arrays_of_texts
from harness.payloads.invalid import violations
from harness.race import rounds
from harness.resource.patch_documents import JSON_PATCH
from harness.resource.raced_creates import race_creates
from harness.rules.checks import Undecided

from .probes import IN_PROGRESS, Keyed, is_replay, mark_of_replay, new_key, told, unlike_result

DRAFT = "Internet-Draft draft-ietf-httpapi-idempotency-key-header-07"
AT_ONCE = 8
DUPLICATE_WINDOW = 200e-6
ROUNDS = 20
OCCURRENCE = frozenset(
    {"instance", "id", "requestid", "traceid", "correlationid", "timestamp", "time", "date"}
)
"""Names, in lower case without underscores, of members that are another in each error (RFC 9457 section 3.1.5)."""
LONGEST_RETENTION = 5.0


def hostile_keys():
    """Keys that nobody else uses, each with what is hostile about it."""
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


def unchanged(item, before, started):
    """Locations of an item that have changed, but for those that change by themselves."""
    found = differences(before, item.state())
    if not found:
        return found
    moving = item.resource.drift(time.monotonic() - started)
    return [where for where in found if where not in moving]


@rule(
    "IDEM-001",
    SHOULD,
    refs=[f"{DRAFT} section 2.6", "AIP-155"],
    needs="create read idempotency",
    effect=WRITE,
    impact=CRITICAL,
)
def test_a_retried_keyed_request_takes_effect_once(resource):
    """Execute a retried keyed request at most once

    Why: a client whose answer was lost sends the request again; without this it orders, or pays, twice.
    Fix: store key and effect in one transaction, with a unique constraint on the key.
    """
    keyed, key, body = Keyed(resource), new_key(), resource.body()
    replies = [keyed.first(key, body), keyed.post(key, body), keyed.post(key, body)]
    items = keyed.items(body, replies)
    control(items, f"the answers should tell an id: {told(replies)}")
    if len(items) == 1 and resource.can("unique") and not all(reply.is_success for reply in replies):
        inconclusive(f"the retry may have been refused for a unique member: {told(replies)}")
    expect(
        len(items) == 1,
        "one item after three equal requests under one key",
        f"{told(replies)}; items {', '.join(items)}",
        level=keyed.promised,
    )
    keyed.note_how_counted()


@rule("IDEM-002", SHOULD, refs=[f"{DRAFT} section 2.6"], needs="create read idempotency", effect=WRITE)
def test_a_replay_returns_the_stored_result(resource):
    """Return the stored result on replay: same status, same body

    Why: the client takes the answer to its retry for the answer to its request; another one misleads it.
    Fix: store status, Location and content with the key, and send them again.
    """
    keyed, key, body = Keyed(resource), new_key(), resource.body()
    started = time.monotonic()
    first = keyed.first(key, body)
    again = keyed.post(key, body)
    items = keyed.items(body, [first, again])
    applies(len(items) < 2, f"the retry is not executed (see IDEM-001): {told([first, again])}")
    if keyed.refused_for_content(again, body):
        inconclusive(f"the retry may have been refused for what it says: {told([first, again])}")
    if first.status_code == 202 and again.status_code in IN_PROGRESS:
        inconclusive(f"the first request seems to be running still: {told([first, again])}")
    found = unlike_result(first, again, resource.volatile)
    if keyed.how.stale_ok and first.status_code == again.status_code:
        note("a replay may show the current state: the profile says so (stale_ok)")
        return
    if found and first.status_code == again.status_code:
        moving = resource.drift(time.monotonic() - started)
        found = unlike_result(first, again, [*resource.volatile, *moving])
    expect(not found, "the result of the first request", f"{told([first, again])}: {'; '.join(found)}")


@rule("IDEM-003", SHOULD, refs=[f"{DRAFT} section 2.7"], needs="create read idempotency", effect=WRITE)
def test_a_key_with_another_payload_gets_422(resource):
    """Reject a key reused with a different payload with 422

    Why: a client that reuses a key by mistake is told, instead of being answered for what it did not ask.
    Fix: store a fingerprint of the payload with the key, and compare it.
    """
    keyed, key, body = Keyed(resource), new_key(), resource.body()
    other = keyed.other_body()
    first = keyed.first(key, body)
    reply = keyed.post(key, other)
    summary = exchange_of(reply).summary()
    if reply.is_success and keyed.id(reply) is not None:
        same = keyed.id(reply) == keyed.id(first)
        summary += ": the first result is replayed" if same else ": the other request is executed"
    expect(reply.status_code == 422, "422 for a key that was used with another payload", summary)


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

    Why: a refusal that has taken effect all the same is worse than either.
    Fix: compare the fingerprint before anything is executed, and leave the stored result alone.
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
    found = unchanged(item, before, started)
    expect(not found, "the original item as it was", f"after {summary}, {', '.join(found)} changed")
    stray = keyed.items(other)
    expect(not stray, "nothing executed", f"{summary}, yet item {', '.join(stray)} exists")
    if replays:
        again = keyed.post(key, body)
        expect(
            keyed.id(again) == item.id,
            "the original result for the original payload, as before the conflict",
            f"after {summary}, {exchange_of(again).summary()} {shown(json_of(again))}",
        )
    keyed.note_how_counted()


@rule("IDEM-005", SHOULD, refs=[f"{DRAFT} section 2.7"], needs="create read idempotency", effect=WRITE)
def test_a_missing_required_key_gets_400(resource):
    """Answer 400 when a required key is missing

    Why: a client that forgets the key learns it at once, and not from the first lost answer.
    Fix: look for the key before anything else of the operation.
    """
    keyed = Keyed(resource)
    applies(keyed.how.required, f"a create of {resource.name} requires a key")
    keyed.first(new_key(), resource.body())
    body = resource.body()
    reply = keyed.without_key(body)
    summary = exchange_of(reply).summary()
    expect(reply.status_code == 400, "400 for a create without the required key", summary)
    stray = keyed.items(body)
    expect(not stray, "nothing created", f"{summary}, yet item {', '.join(stray)} exists")


@rule(
    "IDEM-006",
    SHOULD,
    refs=[f"{DRAFT} section 2.6", f"{DRAFT} section 2.7"],
    needs="create read idempotency",
    effect=BURST,
    impact=CRITICAL,
)
def test_duplicates_in_flight_take_effect_once(resource, survey):
    """Answer a duplicate that arrives while the first is running with 409, or make it wait for the same result

    Why: impatient clients and proxies retry while the first request is still being worked on.
    Fix: claim the key, by a unique constraint, before the work begins.
    """
    keyed = Keyed(resource)
    if resource.can("unique"):
        not_applicable(f"{resource.name} has a unique member, which keeps duplicates out by itself")

    keyed.honoured()
    size = [AT_ONCE]
    answer = "409, or the result of the first"

    def one(number):
        key, body = new_key(), resource.body()
        result = race_creates(resource, keyed.request(key, body).times(size[-1]))
        if any(member.throttled for member in result.members):
            # Whoever cannot serve many at once may serve two.
            size.append(2)
        draw(result.figure("The race that decided"))
        items = keyed.items(body, result.replies)
        expect(
            len(items) < 2,
            "one effect of equal requests in flight at once",
            f"round {number}: {result.summary()}; items {', '.join(items)}",
            level=keyed.promised,
        )
        if any(member.status == 503 for member in result.members) and len(result.counted) < 2:
            only_the_key(result)
        members = result.members_or_inconclusive()
        control(items, f"one of the equal requests should succeed: {result.summary()}")
        failed = [member for member in members if member.status is not None and member.status >= 500]
        own = [one for one in failed if one.exchange and not from_edge(one.exchange, survey.exchanges)]
        expect(not own, answer, f"round {number}: {result.summary()}", impact=MAJOR)
        return result

    def only_the_key(result):
        """A 503 is no sign of too many requests where as many are served that differ in their keys."""
        others = [keyed.request(new_key(), resource.body()) for _ in result.members]
        calm = race_creates(resource, others)
        told = f"{result.summary()}; under different keys: {calm.summary()}"
        expect(len(calm.counted) < len(others), answer, told, impact=MAJOR)
        inconclusive(f"requests in flight at once are throttled, whatever their keys: {told}")

    done = rounds(one, designed_window=DUPLICATE_WINDOW, most=ROUNDS)
    evidence(done.sentence("no second effect"))
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

    Why: where two clients happen to use one key, one is shown the other's data, or its request is dropped.
    Fix: look keys up together with the principal.
    """
    if "other" not in target.credentials:
        not_applicable("there is one client: name a second one, of another tenant, in [credentials.other]")
    keyed, key, body = Keyed(resource), new_key(), resource.body()
    other = keyed.under("other")
    other.first(new_key(), other.resource.body())
    first = keyed.first(key, body)
    item = keyed.item(first, body)
    seen = other.resource.client.get(item.url)
    if seen.status_code not in (401, 403, 404, 410):
        inconclusive(
            f"the two clients may share their items, and with them keys: {exchange_of(seen).summary()}"
        )
    reply = other.post(key, body)
    summary = f"{exchange_of(reply).summary()} for another client with the same key"
    if other.refused_for_content(reply, body):
        inconclusive(f"{summary}: it may have been refused for what it says")
    expect(
        other.id(reply) != item.id, "a new item of its own", f"{summary}: the first client's item {item.id}"
    )
    expect(reply.is_success, "a new item of its own", f"{summary}; under a key of its own it succeeds")


@rule(
    "IDEM-008",
    SHOULD,
    refs=[f"{DRAFT} section 2.2", f"{DRAFT} section 2.4"],
    needs="create read idempotency",
    effect=WRITE,
)
def test_a_result_is_not_replayed_for_another_operation(resource, profile, make_resource):
    """Never replay one operation's result for another operation

    Why: the client asked for a payment and is answered with an order.
    Fix: make method and path part of what a key is looked up by.
    """
    needs = ("create", "read", "idempotency")
    able = sorted(known.name for known in profile.resources if not any(known.missing(need) for need in needs))
    if len(able) < 2:
        not_applicable("only one resource takes an idempotency key")
    other = Keyed(make_resource(able[(able.index(resource.name) + 1) % len(able)]))
    keyed, key = Keyed(resource), new_key()
    other.first(new_key(), other.resource.body())
    first = keyed.first(key, resource.body())
    reply = other.post(key, other.resource.body())
    expect(
        reply.status_code < 500 and not is_replay(first, reply),
        f"the ordinary answer to POST {other.resource.known.collection}, or 4xx",
        f"{exchange_of(reply).summary()} {shown(json_of(reply))} under the key of {exchange_of(first).summary()}",
    )


@rule("IDEM-009", SHOULD, refs=[f"{DRAFT} section 2.2"], needs="create read idempotency", effect=WRITE)
def test_distinct_keys_are_distinct_intents(resource):
    """Treat distinct keys as distinct intents

    Why: two equal orders under two keys are two orders; to merge them loses one.
    Fix: decide by the key, not by the content.
    """
    keyed, body = Keyed(resource), resource.body()
    if resource.can("unique") or at(body, resource.known.id) is not MISSING:
        not_applicable(f"{resource.name} has a unique member: equal creates cannot both succeed")
    replies = [keyed.first(new_key(), body), keyed.post(new_key(), body)]
    if not replies[1].is_success:
        inconclusive(f"equal creates may be refused for what they say: {told(replies)}")
    ids = keyed.ids(replies)
    control(ids, f"the answers should tell an id: {told(replies)}")
    if len(ids) == 1 and not keyed.how.required:
        plain = [keyed.without_key(body), keyed.without_key(body)]
        if len(keyed.ids(plain)) < 2:
            inconclusive(f"equal creates are merged without any key, too: {told(plain)}")
    if len(ids) == 1 and replies[0].status_code != replies[1].status_code:
        inconclusive(f"a create of what is there may answer with it, whatever the key: {told(replies)}")
    expect(
        len(ids) == 2,
        "two items for equal requests under two keys",
        f"{told(replies)}; item {', '.join(ids)}",
    )


@rule(
    "IDEM-010",
    SHOULD,
    refs=[f"{DRAFT} section 2.6", f"{DRAFT} section 2.7"],
    needs="create read idempotency schema",
    effect=WRITE,
)
def test_failed_requests_are_consistent_under_one_key(resource):
    """Treat failed requests consistently under one key

    Why: a client that mends its request and sends it again must know whether the key is used up.
    Fix: either store a failure with its key, or give the key back; not now this and now that.
    """
    keyed, key, body = Keyed(resource), new_key(), resource.body()
    # Another text than the mended body's: what an invalid one creates is for ERR-004 to tell.
    found = violations(resource.known.create_schema, resource.body(), resource.known.representation)
    applies(found, "the schema has a constraint that can be broken")
    invalid = found[0].body
    keyed.honoured()
    one, two = keyed.post(key, invalid), keyed.post(key, invalid)
    applies(400 <= one.status_code < 500, f"an invalid body is refused ({exchange_of(one).summary()})")
    three, four = keyed.post(key, body), keyed.post(key, body)
    replies = [one, two, three, four]
    said = f"invalid, again, mended, again: {told(replies)}"
    expect(all(reply.status_code < 500 for reply in replies), "no server error", said)
    expect(two.status_code == one.status_code, "the same status for the same invalid request", said)
    items = keyed.items(body, [three, four])
    expect(len(items) < 2, "at most one item", f"{said}; items {', '.join(items)}")
    if three.is_success:
        if not resource.can("unique"):
            # Some APIs refuse every repeat; whether they may is not for this rule to say.
            expect(four.is_success or len(items) == 1, "the same result again", said)
    else:
        expect(three.status_code in (400, 409, 422), "422 or success for the mended request", said)
        expect(four.status_code == three.status_code, "the same status for the same request", said)
        if same_refusal(one, three, resource):
            refused = mismatch(keyed)
            expect(
                refused is not None and same_refusal(three, refused, resource),
                "success for the mended request, or an error that says that the key was used for another one",
                f"{said}; the mended request is answered with the stored error of the invalid one",
            )


def same_refusal(one, other, resource):
    """Whether two refusals say the same, what names a single occurrence of an error aside."""
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


@rule(
    "IDEM-011",
    SHOULD,
    refs=[f"{DRAFT} section 2.7"],
    needs="create read list tag idempotency",
    effect=WRITE,
    impact=CRITICAL,
)
def test_a_lost_answer_leads_to_one_item(resource):
    """Allow a retry after a server error without double execution

    Why: the connection breaks after the server has worked and before the client knows: the case that keys are for.
    Fix: commit the effect and the stored result together; a retry then finds both or neither.
    """
    keyed, key, body = Keyed(resource), new_key(), resource.body()
    keyed.honoured()
    replies = []
    resource.reserve(bodies=[body])
    try:
        keyed.lose_answer(key, body)
        replies += keyed.until_done(key, body)
    finally:
        items = keyed.found_again(body, replies)
    expect(
        len(items) < 2,
        "one item after a request whose answer was lost, and its retry",
        f"{told(replies)}; items {', '.join(items)}",
        level=keyed.promised,
    )
    control(items, f"the retry should succeed at last: {told(replies)}")
    if not replies[-1].is_success:
        if resource.can("unique"):
            inconclusive(f"the retry may have been refused for a unique member: {told(replies)}")
        note(f"item {items[0]} exists, but the retry is not told so: {told(replies)}")


@rule("IDEM-012", SHOULD, refs=[f"{DRAFT} section 5"], needs="create read idempotency", effect=WRITE)
def test_hostile_keys_do_no_harm(resource, survey):
    """Validate the key and never fail on a hostile one

    Why: the key is input from outside, and ends up in a database and in logs.
    Fix: bound its length and its characters, and answer 400 to the rest.
    """
    keyed, broken = Keyed(resource), []
    applies(keyed.how.body is None, "the key is carried by a header field")
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
            broken.append(f"{name} is answered with another request's result: {told(replies)}")
            continue
        failed = [exchange_of(reply) for reply in replies if reply.status_code >= 500]
        broken += [f"{name}: {one.summary()}" for one in failed if not from_edge(one, survey.exchanges)]
        items = keyed.items(body, replies)
        if len(items) > 1:
            broken.append(f"{name} is accepted and not honoured: items {', '.join(items)}")
    if keyed.countable:
        broken += two_field_lines(keyed, survey)
    expect(not broken, "4xx for a key that is not taken, else one item for one key", "; ".join(broken))


def two_field_lines(keyed, survey):
    """What goes wrong with a key on each of two field lines; over the raw wire, as libraries send no such thing."""
    resource, body = keyed.resource, keyed.resource.body()
    fields = resource.fields_for_create({keyed.how.field: None})
    lines = [(name, value) for name, value in fields.items() if value is not None]
    lines += [(keyed.how.field, new_key()), (keyed.how.field, new_key())]
    content = json.dumps(body, separators=(",", ":")).encode()
    sent = []
    resource.reserve(2, [body, body])
    try:
        for _ in range(2):
            with connection(resource.client) as wire:
                sent.append(wire.send("POST", resource.url, lines, content))
    except Undecided as closed:
        note(f"two field lines with a key each: {closed}")
    finally:
        items = keyed.found_again(body, reserved=2)
    failed = [one for one in sent if (one.status or 0) >= 500 and not from_edge(one, survey.exchanges)]
    broken = [f"two field lines with a key each: {one.summary()}" for one in failed]
    if len(items) > 1:
        broken.append(
            f"two field lines with a key each are accepted, and not honoured: items {', '.join(items)}"
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
    """Accept the key in the draft's syntax (Structured Field String)

    Why: clients that follow the draft send the key in quotes.
    Fix: parse the field as a Structured Field; take a bare key as well, where clients send one.
    """
    keyed, body, key = Keyed(resource), resource.body(), uuid.uuid4()
    applies(keyed.how.body is None, "the key is carried by a header field")
    keyed.honoured()
    quoted = {keyed.how.field: f'"{key}"'}
    replies = [resource.post(body, headers=quoted), resource.post(body, headers=quoted)]
    items = keyed.items(body, replies)
    if replies[0].is_success and not replies[1].is_success and resource.can("unique"):
        inconclusive(f"the retry may have been refused for a unique member: {told(replies)}")
    taken = replies[0].is_success and len(items) == 1
    said = f"a key in quotes: {told(replies)}"
    if not taken and keyed.how.key_format == "bare":
        note(f"{said}; the profile says that keys are sent bare")
        return
    expect(
        taken, "a key in quotes accepted, and one item for two equal requests", f"{said}; {len(items)} items"
    )
    if not resource.can("unique"):
        bare = keyed.id(resource.post(body, headers={keyed.how.field: str(key)}))
        same = bare is not None and bare in items
        note(f"in quotes and bare it is {'one key' if same else 'not the same key'}")


@rule(
    "IDEM-014",
    SHOULD,
    refs=[f"{DRAFT} section 2.5.2"],
    needs="create read update idempotency",
    effect=WRITE,
    impact=CRITICAL,
)
def test_a_keyed_patch_is_applied_once(resource, client):
    """Protect keyed PATCH against double application

    Why: PATCH is not idempotent; an increment or an append that is retried is applied twice.
    Fix: honour the key on PATCH as on POST.
    """
    keyed, known = Keyed(resource), resource.known
    applies(JSON_PATCH in (known.patch or ()), "PATCH takes JSON Patch (RFC 6902)")
    applies(keyed.how.body is None and "PATCH" in keyed.how.methods, "PATCH takes an idempotency key")
    locked = known.locking.version is not None or known.locking.if_match
    applies(not locked, "PATCH needs no current version, without which a retry is refused anyway")
    body = resource.body()
    names = list(dict.fromkeys(arrays_of_texts(body, known.create_schema, known.representation)))
    applies(names, "a member holds an array of texts")
    where = f"{known.representation}/{names[0]}"
    item = resource.create(body if isinstance(at(body, where), list) else replaced(body, where, ["one"]))
    mark = f"x{secrets.token_hex(4)}"
    fields = {"Content-Type": JSON_PATCH, **keyed.fields(new_key())}

    def applied():
        patch = [{"op": "add", "path": f"{where}/-", "value": mark}]
        reply = client.patch(item.url, json=patch, headers=fields)
        now = at(json_of(item.get()), where)
        return reply, now, now.count(mark) if isinstance(now, list) else 0

    one, now, count = applied()
    control(
        one.is_success and count == 1,
        f"a value should be appended: {exchange_of(one).summary()} {shown(now)}",
    )
    two, now, count = applied()
    expect(
        count < 2,
        "the value appended once by two equal PATCHes under one key",
        f"{told([one, two])}; {where} is {shown(now)}",
        level=keyed.promised,
    )


@rule(
    "IDEM-015",
    MAY,
    refs=[f"{DRAFT} section 2.3"],
    needs="create read idempotency",
    effect=WRITE,
    impact=MINOR,
    waits=LONGEST_RETENTION,
)
def test_keys_are_remembered_as_long_as_promised(resource):
    """Honour the published retention period and mark replays

    Why: a client retries as long as the API says that it may; a key forgotten sooner executes the request again.
    Fix: keep keys at least as long as published, and mark replays with `Idempotent-Replayed: true`.
    """
    keyed = Keyed(resource)
    retention = keyed.how.retention
    if retention is None:
        not_applicable("the profile names no `retention` of idempotency keys")
    seconds = min(retention / 2, LONGEST_RETENTION)
    key, body = new_key(), resource.body()
    at_once = [keyed.first(key, body), keyed.post(key, body)]
    control(at_once[1].is_success and len(keyed.ids(at_once)) == 1, f"a retry is replayed: {told(at_once)}")
    # Another key: a replay may renew the first one.
    key, body = new_key(), resource.body()
    first = keyed.first(key, body)
    time.sleep(seconds)
    again = keyed.post(key, body)
    items = keyed.items(body, [first, again])
    expect(
        len(items) < 2 and keyed.id(again) == keyed.id(first),
        f"the stored result after {seconds:g} s, of the {retention:g} s that are promised",
        f"{told([first, again])}; items {', '.join(items)}",
        # Its own promise binds the API.
        level=SHOULD,
    )
    mark = mark_of_replay(again.headers)
    marked = f"marked with {mark}" if mark else "not marked as replays"
    evidence(f"verified for {seconds:g} s of {retention:g} s; replays are {marked}")
