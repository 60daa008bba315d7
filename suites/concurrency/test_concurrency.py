"""CONC: what concurrent requests may do to each other (RFC 9110 section 13, RFC 5789 section 2)."""

from __future__ import annotations

import time
import uuid
from itertools import chain, cycle

from harness import (
    BURST,
    CRITICAL,
    MUST,
    SHOULD,
    applies,
    control,
    draw,
    evidence,
    expect,
    inconclusive,
    not_applicable,
    note,
    rule,
    warn,
)
from harness.client.budget import BudgetSpent
from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.http.content import MISSING, at, id_text, json_of, replaced, shown
from harness.race import Request, race, rounds
from harness.race.outcomes import (
    counted,
    equal,
    increments,
    keyed_effects,
    lags,
    later,
    linearity,
    mixture,
    one_winner,
    tally,
    transition,
    won,
)
from harness.resource.contested import (
    FRESH,
    Contested,
    attempts,
    changeable,
    changeable_body,
    changeable_members,
    others,
    statuses,
)
from harness.resource.ids import unlike
from harness.resource.raced_creates import race_creates, race_puts
from harness.resource.resource import LONGEST_LAG
from harness.resource.tags import tag_pointer

from .actors import foreign, operations, restless, work

STORM = 16
WINDOW = 200e-6
"""The check-then-act gap, in seconds, that the rounds are designed for."""
MOST = 16
"""Rounds on one resource: about a second on a near target."""
PLAIN = 10
"""Rounds where there is no model of the gap."""
LEAST = 3
LONGEST = 8
"""Seconds after which no further round is begun."""
WORKERS = 4
WORK_RACES = 12
WRITERS = 6
"""Each with two readers behind it: a mixture shows to who reads between two writes, and the last one may stay."""
MIXED = 120
"""Rounds of a rule about mixtures, shared by the resources: who updates row by row mostly does so in all of them."""
MIXED_LEAST = 25
"""Of these on each."""
VALUES = 4
"""Rounds whose writers all send values of their own."""
MEMBERS = 4
"""Members that are changed together: the safest first."""
WRITES = 20


def decide(ruling, expected, result, level=None):
    """Break the rule or void the round, as a ruling on a race says; a race that did not overlap is void."""
    pictured(result)
    expect(ruling.breach is None, expected, f"{ruling.breach}; {result.summary()}", level=level)
    if ruling.undecided is not None:
        inconclusive(ruling.undecided)
    result.members_or_inconclusive()


def pictured(result):
    """Keep the picture of the last race: the one that decides."""
    draw(result.figure("The race that decided"))
    return result


def repeat(one_round, what):
    """Run rounds until the confidence is met, and say in a note what they would have shown."""
    found = rounds(timely(one_round), designed_window=WINDOW, most=MOST)
    evidence(f"{found.sentence(what)}; the last round: {found.races[-1].summary()}")


def timely(one_round):
    """Rounds that end when they have taken too long: where each connection is closed, new ones cost seconds."""
    started = time.monotonic()

    def run(number):
        if number > LEAST and time.monotonic() - started > LONGEST:
            raise BudgetSpent(f"{LONGEST} s are the longest that a rule races")
        return one_round(number)

    return run


def repeat_plainly(one_round, what, count=PLAIN):
    """Run a fixed number of rounds, for gaps whose probability to show is not modelled."""
    found = rounds(timely(one_round), designed_window=WINDOW, least=count, most=count)
    sizes = sorted({one.overlap for one in found.races})
    size = str(sizes[0]) if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]}"
    void = f" ({found.void} more could not be judged)" if found.void else ""
    evidence(
        f"{what} in {len(found.races)} rounds of {size}{void}; the last round: {found.races[-1].summary()}"
    )


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


def listed_values(resource, pointer):
    """What each listed item shows at a place; listed on two pages, it is still one item."""
    items = {id_text(at(one, resource.listed_id)): one for one in resource.members().items}
    return [at(one, pointer) for id, one in items.items() if id is not None]


@rule(
    "CONC-002",
    MUST,
    refs=["RFC 9110 section 13.1.1", "RFC 9110 section 13.2.1"],
    needs="create read etag",
    effect=BURST,
    impact=CRITICAL,
)
def test_one_writer_of_an_entity_tag_wins(resource, client, profile):
    """Let exactly one of N writers holding the same ETag succeed

    Why: two people who edit the same version both get a success; the change of one of them is gone and nobody is told.
    Fix: compare and store in one step: UPDATE ... WHERE version = ?, or compare inside the transaction under a lock.
    """
    contested = Contested(resource.create(), profile.consistency_window)
    contested.check_conditions()
    one_winner_rounds(contested, "one 2xx, and its content stored; 412 for all other writers")


def one_winner_rounds(contested, expected, after_round=None):
    """Rounds of writers that all hold the condition of the same state."""
    client = contested.resource.client

    def one_round(number):
        now = contested.look()
        values, requests = contested.storm(now, STORM)
        result = race(client, requests)
        tried = attempts(result, values)
        winners = [one for one in tried if one.won]
        if len(winners) == 1:
            after = contested.settled(lambda value: equal(value, winners[0].value))
        else:
            after = contested.look()
        decide(one_winner(tried, now.value, after.value), expected, result)
        if after_round is not None:
            after_round(now, after, result)
        return result

    repeat(one_round, "no second winner")


@rule(
    "CONC-003",
    MUST,
    refs=["the target's own declaration (`locking.version`)", "RFC 9110 section 15.5.10"],
    needs="create read",
    effect=BURST,
    impact=CRITICAL,
)
def test_one_writer_of_a_version_wins(resource, profile):
    """Reject a stale body version with 409 when optimistic locking by version field is declared

    Why: the version is there so that nobody overwrites what he has not seen; checked in one step and stored in another,
        it lets two writers through.
    Fix: make the version part of the UPDATE's condition and look at the number of rows that it changed.
    """
    applies(resource.known.locking.version, "writes carry a version (`locking.version`)")
    contested = Contested(resource.create(), profile.consistency_window, patching=True)
    contested.check_conditions(by_version=True)
    other = set()

    def after_round(now, after, result):
        grown = later(now.version, after.version)
        expect(
            grown or not any(map(won, statuses(result))),
            "another version after a successful write, a greater one where it is a number",
            f"version {now.version} before, {after.version} after; {result.summary()}",
        )
        other.update(
            s for s in statuses(result) if s is not None and 400 <= s < 500 and s not in (409, 412, 429)
        )

    one_winner_rounds(contested, "one 2xx, and its content stored; 409 for all other writers", after_round)
    if other:
        warn(
            "409 for a stale version (412 is as good)", f"also answered {', '.join(map(str, sorted(other)))}"
        )


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


@rule(
    "CONC-004",
    MUST,
    refs=["RFC 9110 section 13.1.1"],
    needs="create read",
    effect=BURST,
    impact=CRITICAL,
)
def test_no_conditional_increment_is_lost(resource, profile):
    """Lose no successful conditional increments

    Why: stock, balances and counters are changed by reading, adding and writing back; each success that is lost is a
        piece sold twice or money that is gone.
    Fix: compare and store in one step, for PATCH as well as for PUT.
    """
    item = resource.create()
    numbers, texts = counters(resource.known, item)
    applies(numbers, f"a writable whole number is known in {resource.name}")
    # Two equal changes may both be told that they succeeded (RFC 9110 section 13.1.1): a text tells them apart.
    applies(texts, f"a writable text is known in {resource.name}, to tell one increment from another")
    by_version = needs_condition(resource)
    number = numbers[0]
    contested = Contested(item, profile.consistency_window, patching=True, pointers=[number, texts[0]])
    contested.check_conditions(by_version=by_version)
    begin = at(item.sent, contested.places[0])
    reset = contested.look()
    control(
        won(
            contested.send(
                contested.request(
                    [begin, f"begin {uuid.uuid4().hex[:6]}"], etag=reset.etag, version=reset.version
                )
            ).status_code
        ),
        f"{contested.places[0]} should be writable",
    )
    start = contested.settled(lambda value: equal(value, begin)).value
    control(type(start) is int, f"{contested.places[0]} should stay a whole number, and is {start!r}")

    def following(worker, seen):
        if type(seen.value) is not int:
            inconclusive(f"{contested.places[0]} is no whole number any more: {seen.value!r}")
        return [seen.value + worker + 1, f"{worker} {uuid.uuid4().hex[:6]}"]

    done = work(contested, WORKERS, WORK_RACES, following)
    steps = [(turn.values[0] - turn.found.value, turn.status) for turn in done.writes]
    control(any(won(status) for _, status in steps), "an increment should succeed")

    def ruling(value):
        return increments(start, value, steps) if type(value) is int else None

    end = contested.settled(lambda value: ruling(value) is not None and ruling(value).breach is None).value
    control(type(end) is int, f"{contested.places[0]} should stay a whole number, and is {end!r}")
    written = [start, *(turn.values[0] for turn in done.writes)]
    if end not in written or foreign(done.turns, start):
        inconclusive(
            f"{contested.places[0]} showed values that none of the workers wrote: does someone else write?"
        )
    found = ruling(end)
    expect(
        found.breach is None, "the sum of all increments that succeeded", f"{found.breach}; {done.summary()}"
    )
    if found.undecided:
        inconclusive(found.undecided)
    evidence(f"no increment lost from {start} to {end}: {done.summary()}")


def needs_condition(resource):
    """Whether conditional writes of a resource go by a version in the content, not by its entity tag."""
    by_version = bool(resource.known.locking.version) and not resource.can("etag")
    applies(
        by_version or resource.can("etag"),
        f"{resource.name} has entity tags or a version (`locking.version`)",
    )
    return by_version


def counters(known, item):
    """Members of an item that hold a whole number, and those that hold a text; all may be changed."""
    numbers, texts = [], []
    for pointer in changeable_members(known, item.sent, 12):
        value = at(item.sent, known.representation + pointer)
        if type(value) is int:
            numbers.append(pointer)
        elif isinstance(value, str) and tag_pointer(known.model_copy(update={"change": pointer}), item.sent):
            texts.append(pointer)
    return numbers, texts


@rule(
    "CONC-005",
    SHOULD,
    refs=["RFC 9110 section 13.2.1", "background document 004 question 4"],
    needs="create read",
    effect=BURST,
)
def test_conditional_writes_are_linearizable(resource, profile):
    """Make conditional writes linearizable

    Why: a client that was told of a success builds on it; if no order of all that the clients were told makes sense,
        one of them builds on something that never was.
    Fix: let one place decide on each item (a row lock, a compare-and-set), and read from there, or invalidate caches
        before the write is answered.
    """
    by_version = needs_condition(resource)
    contested = Contested(resource.create(), profile.consistency_window)
    contested.check_conditions(by_version=by_version)
    initial = contested.look().value
    values = contested.values(WORKERS * WORK_RACES + 1)
    fresh = iter(value for value in values if not equal(value, initial))

    def following(worker, seen):
        value = next(fresh, None)
        if value is None:
            inconclusive(f"{contested.places[0]} takes too few values to tell the writes apart")
        return [value, *contested.rest()]

    done = work(contested, WORKERS, WORK_RACES, following)
    strange = foreign(done.turns, initial)
    if strange:
        inconclusive(f"{strange[0]!r} was read, which none of the workers wrote: does someone else write?")
    # A tag that changes without the value makes lawful refusals.
    history = operations(done.turns, refusals=not restless(done.turns))
    found = linearity(history, shown(initial, 10_000))
    if found.undecided:
        inconclusive(found.undecided)
    if found.stale and profile.consistency_window > 0:
        # The profile grants reads this long to catch up; how late they are is another rule's concern.
        note(f"the writes are linearizable, reads among them are stale: {found.broken}")
        return
    expect(found.broken is None, "an order of all operations that explains every answer", found.broken)
    evidence(f"an order explains all {len(history)} operations: {done.summary()}")


@rule(
    "CONC-008",
    SHOULD,
    refs=["RFC 9110 section 9.3.4"],
    needs="create read replace",
    effect=BURST,
    shared=MIXED // MIXED_LEAST,
)
def test_concurrent_puts_are_not_mixed(resource, profile):
    """Never store a mixture of two concurrent PUTs

    Why: half of one writer's state and half of another's is a state that nobody chose: a price of one and the
        currency of the other.
    Fix: write all members in one statement or one transaction, and read them in one, too.
    """
    unmixed(resource, profile, patching=False)


@rule(
    "CONC-009",
    MUST,
    refs=["RFC 5789 section 2"],
    needs="create read update",
    effect=BURST,
    impact=CRITICAL,
    shared=MIXED // MIXED_LEAST,
)
def test_patches_are_atomic(resource, profile):
    """Apply PATCH atomically and never expose a partial result

    Why: a reader that comes in between sees, and may store, a state that never was meant to be.
    Fix: apply the whole patch to a copy, then store it in one statement or one transaction.
    """
    unmixed(resource, profile, patching=True)


def unmixed(resource, profile, patching):
    """Writers that each set the same members, and readers among them: every read is the work of one writer."""
    client, item = resource.client, resource.create()
    pointers = changeable_members(resource.known, item.sent, MEMBERS)
    applies(len(pointers) > 1, f"two members or more of {resource.name} are known that may be changed")
    contested = Contested(item, profile.consistency_window, patching=patching, pointers=pointers)
    if contested.method != ("PATCH" if patching else "PUT"):
        not_applicable(f"no media type of PATCH is known for {resource.name}")
    pointers = [p for p in pointers if next(others(resource.known, contested.base, p), None) is not None]
    applies(len(pointers) > 1, f"two members or more of {resource.name} are known that may be changed")
    contested = Contested(item, profile.consistency_window, patching=patching, pointers=pointers)
    series = [others(resource.known, contested.base, pointer) for pointer in pointers]

    def tuples(count):
        return [[next(values) for values in series] for _ in range(count)]

    now = contested.look()
    trial = tuples(1)[0]
    reply = contested.send(contested.request(trial, etag=now.etag, version=now.version, condition=False))
    control(won(reply.status_code), f"a write should succeed: {exchange_of(reply).summary()}")
    first = contested.settled(lambda value: equal(value, trial[0]))
    shows = [equal(*pair) for pair in zip(contested.all_values(first.reply), trial, strict=True)]
    applies(sum(shows) > 1, "two members or more show as they were written")
    kept = [pointer for pointer, shown_so in zip(pointers, shows, strict=True) if shown_so]
    contested = Contested(item, profile.consistency_window, patching=patching, pointers=kept)
    series = [others(resource.known, contested.base, pointer) for pointer in kept]
    # A round writes other values than the one before it; the round after that may write the first ones again.
    sets = [tuples(WRITERS) for _ in range(VALUES)]
    turns, written = cycle(sets), [contested.all_values(first.reply), *chain(*sets)]
    expected = "in every read the members as one writer sent them"
    latest = [first]

    def one_round(number):
        now, values = latest[-1], next(turns)
        writes = [
            contested.request(one, etag=now.etag, version=now.version, condition=False) for one in values
        ]
        read = Request("GET", item.url, FRESH)
        some = [one for write in writes for one in (write, read, read)]
        result = race(client, some)
        latest.append(contested.look())
        control(
            any(won(member.status) for member in result.members if member.request.method != "GET"),
            f"one of the writes should succeed: {result.summary()}",
        )
        shown_in = [m.reply for m in result.members if m.request.method == "GET" and m.reply is not None]
        for reply in [*shown_in, latest[-1].reply]:
            if reply.is_success:
                decide(mixture(written, contested.all_values(reply)), expected, result)
        return result

    alike = sum(one.missing("update" if patching else "replace") is None for one in profile.resources)
    count = max(MIXED_LEAST, MIXED // max(alike, 1))
    repeat_plainly(one_round, f"no mixture of {len(kept)} members", count)


@rule(
    "CONC-010",
    MUST,
    refs=["RFC 9110 section 13.1.1"],
    needs="create read delete etag",
    effect=BURST,
    impact=CRITICAL,
)
def test_deleted_items_are_not_resurrected(resource, client, profile):
    """Never resurrect a deleted resource through a stale conditional update

    Why: an account that was closed, a document that was withdrawn, comes back because somebody still had it open.
    Fix: answer If-Match with 412 where there is no current representation, and never turn an UPDATE that found no row
        into an INSERT.
    """
    window = profile.consistency_window
    Contested(resource.create(), window).check_conditions()
    item = resource.create()
    contested = Contested(item, window)
    now = contested.look()
    _, (stale, *_) = contested.storm(now, 2)
    removed = item.delete()
    control(removed.is_success, f"a DELETE should succeed: {exchange_of(removed).summary()}")
    if not absent(item, window):
        not_applicable(f"deleted items stay readable: {exchange_of(item.get()).summary()}")
    # It may come back: so it is in the ledger before that.
    resource.adopt(item.id)
    reply = contested.send(stale)
    gone = not item.get(headers=FRESH).is_success if won(reply.status_code) else absent(item, window)
    if gone and not won(reply.status_code):
        resource.ledger.forget(item.url)
    told = (
        f"{exchange_of(reply).summary()} with If-Match: {now.etag}, then {exchange_of(item.get()).summary()}"
    )
    expect(
        gone,
        "412, 404 or 410 for a write to a deleted item with its last entity tag, and nothing there",
        told,
    )
    if won(reply.status_code):
        warn("412, 404 or 410 for a write to a deleted item", told)

    def one_round(number):
        item = resource.create()
        contested = Contested(item, window)
        now = contested.look()
        _, writes = contested.storm(now, 4)
        # Where If-Match is required, with the tag of the writers the DELETE would most often be one of the losers.
        fields = {"If-Match": "*"} if resource.known.locking.if_match else {}
        result = pictured(race(client, [*writes[:2], Request("DELETE", item.url, fields), *writes[2:]]))
        given = next(m.status for m in result.members if m.request.method == "DELETE")
        if not won(given):
            inconclusive(f"the DELETE among the writes did not succeed: {result.summary()}")
        expect(
            absent(item, window),
            "nothing there after a DELETE that succeeded, whatever came of conditional writes at the same time",
            f"{exchange_of(item.get()).summary()}; {result.summary()}",
        )
        resource.ledger.forget(item.url)
        result.members_or_inconclusive()
        return result

    repeat_plainly(one_round, "no resurrection")


def absent(item, window):
    """Whether an item cannot be read, now or within the window."""
    return eventually(lambda: not item.get(headers=FRESH).is_success, window)


@rule(
    "CONC-011",
    SHOULD,
    refs=["background document 004 question 4", "background document 002 section 6"],
    needs="create read",
    effect=BURST,
    impact=CRITICAL,
)
def test_one_transition_leaves_a_state(resource, client, profile):
    """Admit one winner per state transition and keep terminal states terminal

    Why: two drivers take the same ride, an order is paid and cancelled; each client was told that it had won.
    Fix: make the state that is left a condition of the UPDATE, and look at the number of rows that it changed.
    """
    known = resource.known
    applies(known.transitions, "the profile declares `transitions`")
    place, window = known.representation + known.state, profile.consistency_window

    def state(item):
        return at(json_of(item.get(headers=FRESH)), place)

    def request(item, one):
        item.prove()
        url = client.url(one.path.replace("{id}", item.id))
        # The user has written that it acts on this item.
        client.recorder.ownership.grant(one.method, url)
        fields = resource.fields_for_create() if one.body is not None else {}
        return Request(one.method, url, fields, json=one.body)

    def alone(item, one):
        sent = request(item, one)
        return client.request(sent.method, sent.url, json=sent.json, headers=dict(sent.headers))

    first = resource.create()
    begin = state(first)
    leaving = exclusive(known.transitions, begin)
    applies(leaving, f"a declared transition leaves the state of a new item, {shown(begin)}, for good")
    repeatable = {}
    for one in leaving:
        item = resource.create()
        reply = alone(item, one)
        control(won(reply.status_code), f"{one.name} should succeed: {exchange_of(reply).summary()}")
        eventually(lambda item=item, one=one: equal(state(item), one.after), window)
        control(
            equal(state(item), one.after),
            f"{one.name} should lead to {shown(one.after)}: {shown(state(item))}",
        )
        repeatable[one.name] = won(alone(item, one).status_code)
        for other in forbidden(known.transitions, one.after):
            if (other.method, other.path) == (one.method, one.path):
                continue
            reply = alone(item, other)
            eventually(lambda item=item, one=one: equal(state(item), one.after), window)
            expect(
                not won(reply.status_code) and equal(state(item), one.after),
                f"{other.name} refused in the state {shown(one.after)}, from which it is not declared",
                f"{exchange_of(reply).summary()}; the state is {shown(state(item))}",
            )
    count = max(2, STORM // len(leaving))

    def one_round(number):
        item = resource.create()
        fired = [one for _ in range(count) for one in leaving]
        result = race(client, [request(item, one) for one in fired])
        tried = attempts(result, [one.after for one in fired])
        winners = [one for one in tried if one.won]
        eventually(
            lambda: not winners or equal(state(item), winners[0].value), window if len(winners) == 1 else 0
        )
        again = any(repeatable[one.name] for one in leaving)
        ruling = transition(tried, begin, state(item), again)
        decide(ruling, f"one transition out of {shown(begin)}, and the state that it leads to", result)
        return result

    repeat(one_round, "no second transition")


def exclusive(transitions, state):
    """Transitions out of a state of which none can follow another."""
    leaving = [one for one in transitions if equal(one.before, state) and not equal(one.after, state)]
    found = []
    for one in leaving:
        if not any(
            follows(transitions, *pair) for other in [*found, one] for pair in ((one, other), (other, one))
        ):
            found.append(one)
    return found


def follows(transitions, one, other):
    """Whether another transition's request is declared for the state to which one leads."""
    return any(
        (row.method, row.path, row.body) == (other.method, other.path, other.body)
        and equal(row.before, one.after)
        for row in transitions
    )


def forbidden(transitions, state):
    """Transitions whose request is not declared for a state."""
    allowed = [(row.method, row.path, row.body) for row in transitions if equal(row.before, state)]
    return [one for one in transitions if (one.method, one.path, one.body) not in allowed]


@rule(
    "CONC-012",
    SHOULD,
    refs=["RFC 9111 section 4.4", "background document 000 section 5"],
    needs="create read",
    effect=BURST,
)
def test_clients_see_their_own_writes(resource, client, profile):
    """Show a client its own completed write

    Why: a form that shows the old value after saving is saved again; a script that reads back what it wrote takes
        the wrong branch.
    Fix: invalidate caches before the write is answered, or read from the primary after a write. Where a lag is by
        design, declare it: `consistency_window`.
    """
    contested = Contested(resource.create(), profile.consistency_window)
    delays, created = [], []
    for value in contested.values(WRITES):
        now = contested.look()
        request = contested.request(
            [value, *contested.rest()], etag=now.etag, version=now.version, condition=False
        )
        reply = client.request(
            request.method, request.url, json=request.json, headers={**request.headers, **ending(now.reply)}
        )
        control(won(reply.status_code), f"a write should succeed: {exchange_of(reply).summary()}")
        delays.append(
            lag(lambda value=value: equal(contested.look().value, value), profile.consistency_window)
        )
        expect(
            delays[-1] is not None,
            "the value that was written, in a GET after the write was answered"
            + (f", within {profile.consistency_window:g} s" if profile.consistency_window else ""),
            f"{exchange_of(reply).summary()} wrote {shown(value)}; GET shows {shown(contested.look().value)}",
        )
    if resource.can("list"):
        created = creations(resource, contested.item, profile.consistency_window)
    if any(delays) or any(created):
        evidence(f"changes: {lags(delays)}" + (f"; creations: {lags(created)}" if created else ""))


def creations(resource, first, window):
    """Seconds after which new items were in the list; a list that never shows the first item may leave it out."""
    if not eventually(lambda: listed(resource, first), max(window, LONGEST_LAG)):
        note(f"{resource.url} did not show {first.id}: new items may be listed elsewhere")
        return []
    delays = []
    for _ in range(3):
        item = resource.create()
        started = time.monotonic()
        delay = lag(lambda item=item: listed(resource, item), window)
        if delay is None:
            late = eventually(lambda item=item: listed(resource, item), LONGEST_LAG)
            when = f"only after {time.monotonic() - started:.1f} s" if late else "not even later"
            expect(
                False,
                f"a new item in the list within {window:g} s after its creation was answered",
                f"{exchange_of(item.created).summary()}: {item.id} is in {resource.url} {when}",
            )
        delays.append(delay)
    return delays


def lag(holds, window):
    """Seconds until a condition held; 0 where it held at once, None where it did not within the window."""
    if holds():
        return 0.0
    started = time.monotonic()
    return time.monotonic() - started if eventually(holds, window) else None


def listed(resource, item):
    """Whether an item is in the list."""
    return item.id in [id_text(at(one, resource.listed_id)) for one in resource.members().items]


def ending(reply):
    """Fields that end the connection, so that the next request comes over another one; none in HTTP/2."""
    return {"Connection": "close"} if reply.http_version == "HTTP/1.1" else {}
