"""CONC: concurrent creates (RFC 9110 section 13.1.2, Internet-Draft idempotency-key-header section 2.6)."""

from __future__ import annotations

import uuid

from harness import BURST, CRITICAL, MUST, SHOULD, control, expect, inconclusive, not_applicable, note, rule
from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.http.content import MISSING, at, json_of, replaced, shown
from harness.http.fields import FRESH
from harness.race import Request
from harness.race.outcomes import counted, equal, keyed_effects, one_winner, tally, won
from harness.resource.contested import attempts, changeable, changeable_body, statuses
from harness.resource.ids import unlike
from harness.resource.raced_creates import race_creates, race_puts
from harness.resource.tags import tag_pointer
from harness.rules.causes import CONCURRENT_DUPLICATES
from harness.rules.judge_result import Ruling

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
    """Execute concurrent requests with the same idempotency key once

    Why: a client that loses a response, or a proxy, repeats the request while the first one is still running. If
        both are executed, a customer pays twice.
    Fix: claim the key with a unique constraint (or SET NX) before the work, in one step. A look-up followed by a
        store lets duplicates through.
    """
    known = resource.known
    if resource.can("unique"):
        not_applicable(f"{resource.name} has a unique member, which prevents duplicates by itself")
    body = honoured(resource)
    expected = "one item for all concurrent duplicates; the others answered with 409 or with the same result"
    level = MUST if known.idempotency.exactly_once else None
    sent = []

    def one_round(number):
        body, fields = keyed(resource)
        request = Request("POST", resource.create_url, resource.fields_for_create(fields), json=body)
        result = race_creates(resource, request.times(STORM))
        ids = [resource.id_in(reply) for reply in result.replies if won(reply.status_code)]
        ruling = keyed_effects(ids, statuses(result), None)
        if ruling.breach is not None:
            there = readable(resource, dict.fromkeys(id for id in ids if id))
            ruling = Ruling(f"{ruling.breach}, of which {len(there)} can be read")
        decide(ruling, expected, result, level, CONCURRENT_DUPLICATES)
        failed = statuses(result).count(500)
        if failed:
            note(f"{failed} duplicates were answered 500")
        sent.append((body, statuses(result)))
        return result

    repeat(one_round, "no second effect")
    place = tag_pointer(known, body)
    if place is None or not resource.can("tag") or not resource.can("list"):
        return
    values = listed_values(resource, place)
    counts = counted(values, {str(number): at(body, place) for number, (body, _) in enumerate(sent)})
    for number, (_, given) in enumerate(sent):
        ruling = keyed_effects([], given, counts[str(number)])
        expect(ruling.breach is None, expected, ruling.breach, level=level, cause=CONCURRENT_DUPLICATES)


def keyed(resource):
    """A create body under a fresh idempotency key, and the header fields that carry the key."""
    known, key, body = resource.known, str(uuid.uuid4()), resource.body()
    if known.idempotency.body is not None:
        return replaced(body, known.representation + known.idempotency.body, key), {}
    return body, {known.idempotency.field: f'"{key}"' if known.idempotency.key_format == "string" else key}


def honoured(resource):
    """The body of a create whose sequential retry under the same key makes no second item."""
    body, fields = keyed(resource)
    first = resource.post(body, headers=fields)
    control(won(first.status_code), f"a create with a key should succeed: {exchange_of(first).summary()}")
    again = resource.post(body, headers=fields)
    ids = [resource.id_in(reply) for reply in (first, again) if won(reply.status_code)]
    if len({id for id in ids if id is not None}) > 1:
        not_applicable(
            "even a sequential retry under the same key creates a second item, so a race would show nothing: "
            f"{exchange_of(again).summary()}"
        )
    return body


def readable(resource, ids):
    """Those of the ids whose item can be read."""
    return [id for id in ids if resource.client.get(resource.item_url(id)).is_success]


@rule(
    "CONC-006",
    MUST,
    refs=["RFC 9110 section 13.1.2"],
    needs="create read replace",
    effect=BURST,
    impact=CRITICAL,
)
def test_one_put_creates(resource, profile):
    """Create at most one resource from concurrent PUTs with If-None-Match: *

    Why: clients that agree on an id rely on one of them creating the resource. A second success overwrites what the
        first one stored.
    Fix: insert, and let the primary key decide. A look-up followed by an upsert lets two creates through.
    """
    if resource.known.put_creates is False:
        not_applicable("PUT does not create")
    puts = ConditionalPuts(resource, profile.consistency_window)
    puts.check()

    def one_round(number):
        id = puts.fresh_id()
        url = resource.item_url(id)
        bodies = [puts.body(id) for _ in range(STORM)]
        values = [at(body, puts.place) for body in bodies]
        result = race_puts(resource, id, [Request("PUT", url, puts.fields, json=body) for body in bodies])
        tried = attempts(result, values)
        winners = [one for one in tried if one.won]
        if len(winners) == 1:
            eventually(lambda: equal(puts.stored(id), winners[0].value), profile.consistency_window)
        ruling = one_winner(tried, MISSING, puts.stored(id))
        decide(ruling, "one 201, and its content stored; 412 for all others", result)
        return result

    repeat(one_round, "no second creation")


class ConditionalPuts:
    """PUTs with If-None-Match: * to ids that do not exist.

    Args:
        window: seconds after which a read must show a completed write.

    Attributes:
        place: JSON Pointer of the member whose value shows which PUT was stored.
        fields: header fields of each PUT.
    """

    def __init__(self, resource, window):
        self.resource, self.window = resource, window
        self.sample = resource.create()
        self.place = resource.known.representation + changeable(resource.known, resource.body())
        self.fields = {"Content-Type": resource.known.media_type, "If-None-Match": "*"}

    def fresh_id(self):
        """An id without an item.

        Raises:
            Undecided: an item with that id exists.
        """
        known = self.resource.known
        id = str(uuid.uuid4()) if known.put_creates and known.new_id == "uuid" else unlike(self.sample.id)
        if self.resource.client.get(self.resource.item_url(id)).is_success:
            inconclusive(f"an item with the id {id} already exists")
        return id

    def body(self, id):
        """A body for a PUT to that id."""
        known = self.resource.known
        changed = changeable_body(known, self.resource.body())
        return changed if at(changed, known.id) is MISSING else replaced(changed, known.id, id)

    def stored(self, id):
        """The value at `place` of the item; `MISSING` where it cannot be read."""
        reply = self.resource.client.get(self.resource.item_url(id), headers=FRESH)
        return at(json_of(reply), self.place) if reply.is_success else MISSING

    def check(self):
        """The positive control: PUT creates once, and a second PUT with If-None-Match: * is refused."""
        resource, id = self.resource, self.fresh_id()
        body = self.body(id)
        made = resource.put_new(id, body, self.fields)
        summary = exchange_of(made).summary()
        if not won(made.status_code):
            not_applicable(f"PUT does not create: {summary}")
        wanted = at(body, self.place)
        eventually(lambda: equal(self.stored(id), wanted), self.window)
        control(
            equal(self.stored(id), wanted),
            f"{self.place} should be {shown(wanted)} after {summary}: {shown(self.stored(id))}",
        )
        again = resource.put_new(id, self.body(id), self.fields)
        if won(again.status_code):
            not_applicable(
                "even sequential PUTs ignore If-None-Match: *, so a race would show nothing: "
                f"{exchange_of(again).summary()}"
            )


@rule(
    "CONC-007",
    SHOULD,
    refs=["RFC 9110 section 15.5.10", "background document 000 section 7"],
    needs="create read unique",
    effect=BURST,
)
def test_unique_values_stay_unique(resource, profile):
    """Enforce uniqueness under concurrent creation

    Why: with two accounts for one address, or two products with one number, every later look-up finds the wrong one
        half of the time. An unhandled constraint error becomes a 500 that does not say which field is taken.
    Fix: let a unique constraint of the database decide, and map its error to 409 that names the field.
    """
    resource.by_post()
    known = resource.known
    names = ", ".join(known.unique)
    places = [known.representation + pointer for pointer in known.unique]
    first = resource.create()
    again = resource.post(with_values_of(resource.body(), first.sent, places))
    if won(again.status_code):
        not_applicable(
            f"even a sequential create with the same {names} is accepted, so a race would show nothing: "
            f"{exchange_of(again).summary()}"
        )
    if again.status_code == 500:
        note(
            f"a duplicate is a 500 without a race as well, which ERR-013 reports: {exchange_of(again).summary()}"
        )
    expected = f"one item with a value of {names}, and 409 (400 or 422) for the others"
    taken = {}

    def one_round(number):
        model = resource.body()
        bodies = [with_values_of(resource.body(), model, places) for _ in range(STORM)]
        result = pictured(storm(resource, bodies))
        ids = created_once(resource, result, names, expected)
        if 500 in statuses(result) and again.status_code != 500:
            judge_500s(resource, result, expected)
        if not ids:
            inconclusive(f"none of the creates succeeded ({tally(statuses(result))})")
        result.members_or_inconclusive()
        taken[str(number)] = at(model, places[0])
        return result

    repeat(one_round, "no second item")
    if resource.can("list"):
        values = listed_values(resource, places[0])
        counts = counted(values, taken)
        doubled = [name for name, count in counts.items() if count > 1]
        expect(not doubled, expected, f"{len(doubled)} values are listed more than once")


def with_values_of(body, taken, places):
    """A body with the values that another one has at some places."""
    for place in places:
        body = replaced(body, place, at(taken, place))
    return body


def storm(resource, bodies):
    """Concurrent creates, each under a key of its own where keys are required."""
    return race_creates(
        resource,
        [Request("POST", resource.create_url, resource.fields_for_create(), json=body) for body in bodies],
    )


def created_once(resource, result, names, expected):
    """Ids of what was created; breaks the rule where there is more than one."""
    ids = [resource.id_in(reply) for reply in result.replies if won(reply.status_code)]
    ids = list(dict.fromkeys(id for id in ids if id is not None))
    there = readable(resource, ids) if len(ids) > 1 else ids
    expect(
        len(there) < 2,
        expected,
        f"{len(there)} items with the same {names} were created and can be read; {result.summary()}",
    )
    created = [reply for reply in result.replies if reply.status_code == 201]
    expect(
        len(created) < 2,
        expected,
        f"{len(created)} creates with different content were answered 201, but only one item exists: the content of "
        f"the others is lost; {result.summary()}",
    )
    return ids


def judge_500s(resource, result, expected):
    """Break the rule by its 500s, unless creates with different values are answered 500 too."""
    calm = storm(resource, [resource.body() for _ in range(STORM)])
    if 500 in statuses(calm):
        inconclusive(f"concurrent creates with different values are answered 500 too: {calm.summary()}")
    expect(False, expected, f"{statuses(result).count(500)} were answered 500; {result.summary()}")
