"""CONC: concurrent creates (RFC 9110 section 13.1.2, Internet-Draft idempotency-key-header section 2.6)."""

from __future__ import annotations

import uuid

from harness import BURST, CRITICAL, MUST, SHOULD, control, expect, inconclusive, not_applicable, note, rule
from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.http.content import MISSING, at, json_of, shown
from harness.race import Request
from harness.race.outcomes import counted, equal, keyed_effects, one_winner, tally, won
from harness.resource.contested import FRESH, attempts, changeable, changeable_body, statuses
from harness.resource.raced_creates import race_creates, race_puts
from harness.resource.resource import replaced, tag_pointer, unlike

from .races import STORM, decide, listed_values, pictured, repeat


@rule(
    "CONC-001",
    SHOULD,
    refs=["Internet-Draft draft-ietf-httpapi-idempotency-key-header-07 section 2.6"],
    needs="create read idempotency",
    effect=BURST,
    impact=CRITICAL,
)
def test_duplicates_under_one_key_take_effect_once(resource, profile):
    """Collapse N concurrent requests with one idempotency key into one effect

    Why: a client that loses an answer sends the request again while the first one is still running, and so does a
        proxy; if both are executed, a customer pays twice.
    Fix: claim the key with a unique constraint (or SET NX) before the work, in one step; do not look first and
        store afterwards.
    """
    known = resource.known
    if resource.can("unique"):
        not_applicable(f"{resource.name} has a unique member, which keeps duplicates out by itself")

    def keyed(body, key):
        if known.idempotency.body is not None:
            return replaced(body, known.representation + known.idempotency.body, key), {}
        value = f'"{key}"' if known.idempotency.key_format == "string" else key
        return body, {known.idempotency.field: value}

    body, fields = keyed(resource.body(), str(uuid.uuid4()))
    first = resource.post(body, headers=fields)
    control(won(first.status_code), f"a create with a key should succeed: {exchange_of(first).summary()}")
    again = resource.post(body, headers=fields)
    ids = [resource.id_in(reply) for reply in (first, again) if won(reply.status_code)]
    if len({id for id in ids if id is not None}) > 1:
        not_applicable(
            "the key is not honoured even without a race, so there is nothing to race for: "
            f"{exchange_of(again).summary()} made a second item"
        )
    expected = "one item of all concurrent duplicates, and 409 or the same answer for the rest"
    level = MUST if known.idempotency.exactly_once else None
    sent = []

    def one_round(number):
        body, fields = keyed(resource.body(), str(uuid.uuid4()))
        request = Request("POST", resource.url, resource.fields_for_create(fields), json=body)
        result = race_creates(resource, request.times(STORM))
        ids = [resource.id_in(reply) for reply in result.replies if won(reply.status_code)]
        ruling = keyed_effects(ids, statuses(result), None)
        if ruling.breach is not None:
            there = [
                id
                for id in dict.fromkeys(ids)
                if id and resource.client.get(resource.item_url(id)).is_success
            ]
            ruling = type(ruling)(f"{ruling.breach}, of which {len(there)} can be read")
        decide(ruling, expected, result, level)
        failed = [status for status in statuses(result) if status == 500]
        if failed:
            note(f"{len(failed)} duplicates were answered 500")
        sent.append((body, statuses(result)))
        return result

    repeat(one_round, "no second effect")
    places = tag_pointer(known, body)
    if places is None or not resource.can("tag") or not resource.can("list"):
        return
    values = listed_values(resource, places.removeprefix(known.representation))
    counts = counted(values, {str(number): at(body, places) for number, (body, _) in enumerate(sent)})
    for number, (_, given) in enumerate(sent):
        ruling = keyed_effects([], given, counts[str(number)])
        expect(ruling.breach is None, expected, ruling.breach, level=level)


@rule(
    "CONC-006",
    MUST,
    refs=["RFC 9110 section 13.1.2"],
    needs="create read replace",
    effect=BURST,
    impact=CRITICAL,
)
def test_one_put_creates(resource, profile):
    """Create at most one resource from N concurrent PUT with If-None-Match: *

    Why: clients that agree on an id rely on it that only one of them makes the resource; a second success overwrites
        what the first one stored.
    Fix: insert, and let the primary key decide; do not look whether it is there and then upsert.
    """
    known, client = resource.known, resource.client
    if known.put_creates is False:
        not_applicable("PUT does not create")
    sample = resource.create()
    place = known.representation + changeable(known, resource.body())

    def fresh_id():
        return str(uuid.uuid4()) if known.put_creates and known.new_id == "uuid" else unlike(sample.id)

    def body_for(id):
        changed = changeable_body(known, resource.body())
        return changed if at(changed, known.id) is MISSING else replaced(changed, known.id, id)

    fields = {"Content-Type": known.media_type, "If-None-Match": "*"}
    id = fresh_id()
    if client.get(resource.item_url(id)).is_success:
        inconclusive(f"{id} is taken")
    body = body_for(id)
    made = resource.put_new(id, body, fields)
    if not won(made.status_code):
        not_applicable(f"PUT does not create: {exchange_of(made).summary()}")

    def stored(id):
        reply = client.get(resource.item_url(id), headers=FRESH)
        return at(json_of(reply), place) if reply.is_success else MISSING

    eventually(lambda: equal(stored(id), at(body, place)), profile.consistency_window)
    control(
        equal(stored(id), at(body, place)),
        f"{place} should be {shown(at(body, place))} after {exchange_of(made).summary()}: {shown(stored(id))}",
    )
    again = resource.put_new(id, body_for(id), fields)
    if won(again.status_code):
        not_applicable(
            "If-None-Match: * is ignored even without a race, so there is nothing to race for: "
            f"{exchange_of(again).summary()}"
        )

    def one_round(number):
        id = fresh_id()
        url = resource.item_url(id)
        if client.get(url).is_success:
            inconclusive(f"{id} is taken")
        bodies = [body_for(id) for _ in range(STORM)]
        values = [at(body, place) for body in bodies]
        result = race_puts(resource, id, [Request("PUT", url, fields, json=body) for body in bodies])
        tried = attempts(result, values)
        winners = [one for one in tried if one.won]
        if len(winners) == 1:
            eventually(lambda: equal(stored(id), winners[0].value), profile.consistency_window)
        ruling = one_winner(tried, MISSING, stored(id))
        decide(ruling, "one 201, and its content stored; 412 for all others", result)
        return result

    repeat(one_round, "no second creation")


@rule(
    "CONC-007",
    SHOULD,
    refs=["RFC 9110 section 15.5.10", "background document 000 section 7"],
    needs="create read unique",
    effect=BURST,
)
def test_unique_values_stay_unique(resource, profile):
    """Enforce uniqueness under concurrent creation

    Why: two accounts with one address, two products with one number: every later look-up finds the wrong one half of
        the time. A constraint that nobody handles answers 500 instead of telling which field is taken.
    Fix: let a unique constraint of the database decide, and turn its error into 409 that names the field.
    """
    known, client = resource.known, resource.client
    wholes = [known.representation + pointer for pointer in known.unique]

    def with_values_of(body, taken):
        for whole in wholes:
            body = replaced(body, whole, at(taken, whole))
        return body

    first = resource.create()
    again = resource.post(with_values_of(resource.body(), first.sent))
    if won(again.status_code):
        not_applicable(
            f"a second item with the same {', '.join(known.unique)} is accepted even without a race, so there is "
            f"nothing to race for: {exchange_of(again).summary()}"
        )
    expected = f"one item with a value of {', '.join(known.unique)}, and 409 (400 or 422) for the rest"
    taken = {}

    def storm(bodies):
        return race_creates(
            resource,
            [Request("POST", resource.url, resource.fields_for_create(), json=body) for body in bodies],
        )

    def one_round(number):
        model = resource.body()
        result = pictured(storm([with_values_of(resource.body(), model) for _ in range(STORM)]))
        given = statuses(result)
        ids = [resource.id_in(reply) for reply in result.replies if won(reply.status_code)]
        ids = list(dict.fromkeys(id for id in ids if id is not None))
        there = [id for id in ids if client.get(resource.item_url(id)).is_success] if len(ids) > 1 else ids
        expect(
            len(there) < 2,
            expected,
            f"{len(there)} items were made with the same {', '.join(known.unique)} and can be read; {result.summary()}",
        )
        created = [reply for reply in result.replies if reply.status_code == 201]
        expect(
            len(created) < 2,
            expected,
            f"{len(created)} creates of different content were answered 201, and one item is there: the others' "
            f"content is lost; {result.summary()}",
        )
        if 500 in given:
            calm = storm([resource.body() for _ in range(STORM)])
            if 500 in statuses(calm):
                inconclusive(
                    f"concurrent creates of different values are answered 500, too: {calm.summary()}"
                )
            expect(False, expected, f"{given.count(500)} were answered 500; {result.summary()}")
        if not ids:
            inconclusive(f"none of the creates succeeded ({tally(given)})")
        result.members_or_inconclusive()
        taken[str(number)] = at(model, wholes[0])
        return result

    repeat(one_round, "no second item")
    if resource.can("list"):
        values = listed_values(resource, wholes[0].removeprefix(known.representation))
        counts = counted(values, taken)
        doubled = [name for name, count in counts.items() if count > 1]
        expect(not doubled, expected, f"{len(doubled)} values are listed more than once")
