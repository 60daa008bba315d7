"""BULK: items of a batch that are not valid, or not the client's, that repeat others or collide with them."""

from __future__ import annotations

import uuid
from dataclasses import replace

from harness import (
    CRITICAL,
    MUST,
    SHOULD,
    WRITE,
    advise,
    applies,
    evidence,
    expect,
    inconclusive,
    payloads,
    rule,
)
from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.client.marks import holds
from harness.http.content import MISSING, at, json_of, key_parts, replaced, shown_at
from harness.rules.checks import Undecided, control

from .beyond_bounds import bounded
from .invalid import FOR_OTHER_REASONS
from .judge import last_change, order_said, repeat_fault, shows, twins_fault, unlike_alone
from .shapes import Request
from .trial import path_of, send, trials, written

UNIQUE_REFUSED = (400, 409, 422)
DRAFT = "Internet-Draft draft-ietf-httpapi-idempotency-key-header-07"


@rule("BULK-005", MUST, refs=["OWASP API1:2023", "AIP-233"], impact=CRITICAL, effect=WRITE)
def test_items_are_treated_like_single_ones(client, survey, profile, make_resource):
    """Validate and authorise each item of a batch like a single request

    Why: a batch that checks less is the way around every check: clients store what is not valid, and read and change
        the items of others.
    Fix: let each item pass the code of a single request, with the same client.
    Probe: an item that is refused alone is put into a batch, and one that is beyond a bound of its schema. Where a
        second client is configured that cannot read an item of the first one, it names that item in a batch beside one
        of its own: to read it and to change it, or as the id of an item to create.
    """
    found = trials(client, survey, profile, make_resource)
    decided, open_questions = False, []
    for trial in found:
        try:
            trial.working("BULK-005")
            decided = validated(trial) or decided
            bounded(trial)
        except Undecided as problem:
            open_questions.append(f"{trial.operation.name}: {problem}")
        if "other" not in client.target.credentials or trial.resource.known.ownership is False:
            continue
        try:
            decided = authorised(trial) or decided
        except Undecided as problem:
            open_questions.append(f"{trial.operation.name}, as client B: {problem}")
    if not decided:
        inconclusive("; ".join(open_questions) or "nothing could be compared with single requests")
    for one in open_questions:
        evidence(one)


def validated(trial):
    """Break the rule by an item that is refused alone and created in a batch."""
    alone, sent = trial.invalid().refused, trial.mixed("BULK-005")
    if sent.status in FOR_OTHER_REASONS:
        return False
    expect(
        sent.there[1] is not True,
        "no item that is refused when it is sent alone",
        f"{sent.what}; item 2 alone: {alone.summary()}",
        level=SHOULD,
    )
    if sent.there[1] is None:
        return False
    result = sent.results.by_input[1] if sent.reply.is_success else None
    if unlike_alone(alone.status, result) is not None:
        advise(
            f"{alone.status} for an item that is refused with that alone",
            f"{sent.said} with {result.status} for it",
        )
    shown = sent.status if result is None or result.status is None else result.status
    evidence(f"an invalid item: alone {alone.status}, in a batch {shown}")
    return True


def authorised(trial):
    """Break the rule by what client B reads or changes of client A's item; returns whether that could be judged."""
    a = trial.resource
    if a.client.credential == "other":
        return False
    b = a.under("other")
    item = a.create()
    single = b.client.get(item.url)
    if single.status_code not in (401, 403, 404, 410):
        evidence(f"client B may read the items of client A: {exchange_of(single).summary()}")
        return False
    if trial.operation.shape.requests:
        return reads(trial, b, item, single)
    own = send(trial.operation, [b.body()], trial.window, resource=b)
    if not own.succeeded:
        raise Undecided(f"a batch with an item of its own should succeed: {own.what}")
    before = item.state()
    body = b.body()
    place = key_parts(a.known.id)[-1]
    claimed = send(
        trial.operation,
        [b.body(), replaced(body, place, shown_at(json_of(item.get()), place))],
        trial.window,
        resource=b,
    )
    marker = b.marker(body)
    after = item.get()
    taken = marker is not None and holds(json_of(after), marker.value)
    expect(
        not taken and after.is_success,
        "an item of client A that client B cannot change",
        f"client B names its id in a batch: {claimed.said}; client A: {exchange_of(after).summary()}"
        f"{' with the text of client B' if taken else ''}",
    )
    evidence(
        f"client B names the id of client A's item: {claimed.said}; it is as before: {item.state() == before}"
    )
    return True


def reads(trial, b, item, single):
    """Break the rule by a batch of client B in which a request reaches client A's item."""
    known, marker = item.resource.known, item.resource.marker(item.sent)
    read = Request("GET", path_of(item.url))
    usual, shown = trial.requests(read)
    value = shown.by_input[0].value if shown.by_input[0] is not None else MISSING
    if marker is None or not holds(value, marker.value):
        raise Undecided(f"a batch of client A should show its item: {exchange_of(usual).summary()}")
    requests = [Request("GET", path_of(b.url)), read]
    change = changing(item)
    if change is not None:
        requests.append(change[0])
    item.prove()
    ownership = b.client.recorder.ownership
    ownership.reaches(item.url, b"")
    reply, results = trial.requests(*requests, client=b.client)
    said = f"client B: {exchange_of(reply).summary()}; a GET of it alone: {single.status_code}"
    shown = results.by_input[1]
    expect(
        not shows(shown, marker.value),
        "no item of client A in a batch of client B",
        f"{said}; result 2 shows it",
    )
    if change is not None:
        _, place, value = change
        after = item.get()
        changed = shown_at(json_of(after), place) == value and after.is_success
        if changed and alone(b, item):
            raise Undecided(f"client B changes it by a request of its own, too: see AUTH-011; {said}")
        expect(
            not changed,
            "an item of client A that client B cannot change",
            f"{said}; client A reads what client B has written ({known.name} {item.id})",
        )
    evidence(said)
    return True


def alone(b, item):
    """Whether client B can change client A's item without a batch."""
    made = changing(item, f"{item.id} changed alone")
    if made is None:
        return False
    request, place, value = made
    fields = {"Content-Type": request.media, **request.extra}
    reply = b.client.patch(item.url, content=written(request.body), headers=fields)
    return reply.is_success and shown_at(json_of(item.get()), place) == value


def changing(item, value=None):
    """A request that changes an item, the place of the change, and the value; None where none is known."""
    known = item.resource.known
    if not item.resource.can("update") or not known.partial:
        return None
    made = payloads.changed(known, item.sent)
    if made is None:
        return None
    body, pointer = made
    place = known.representation + pointer
    value = at(body, place) if value is None else value
    patch = item.with_version(replaced({}, place, value))
    fields = {
        name: text
        for name, text in item.write_fields().items()
        if text is not None and name != "Content-Type"
    }
    sent = item.resource.as_sent(patch)
    return Request("PATCH", path_of(item.url), sent, media=known.partial[0], extra=fields), place, value


@rule(
    "BULK-006",
    SHOULD,
    refs=[f"{DRAFT} section 2"],
    impact=CRITICAL,
    effect=WRITE,
)
def test_retries_of_items_are_safe(client, survey, profile, make_resource):
    """Execute an item of a batch once for its idempotency key

    Why: a client whose batch failed in part, or was not answered, sends it again: items that went well the first time
        are there twice, and paid twice.
    Fix: look up the key of each item before it is executed, and answer with the stored result.
    Probe: a batch of two items with keys, one of them invalid where batches are partial; then one with the first item
        and its key again, and another item with a new key. Where the whole batch has a key in a header field, two valid
        items are sent twice under one.
    """
    found = trials(client, survey, profile, make_resource)
    keyed = [one for one in found if one.operation.shape.key is not None or one.operation.whole_key]
    applies(
        keyed,
        "items, or batches, have idempotency keys: declare `item_keys` or `batch_key` in [[bulk]] of the profile",
    )
    decided, open_questions = False, []
    for trial in keyed:
        try:
            trial.working("BULK-006")
            if trial.operation.shape.key is not None:
                decided = executed_once(trial) or decided
            if trial.operation.whole_key and not trial.operation.shape.requests:
                decided = repeated_whole(trial) or decided
        except Undecided as problem:
            open_questions.append(f"{trial.operation.name}: {problem}")
    if not decided:
        inconclusive("; ".join(open_questions))


def executed_once(trial):
    """Break the rule by an item that is there twice; returns whether that could be judged."""
    resource = trial.resource
    partial = trial.mode("BULK-006") == "partial"
    first, key = resource.body(), str(uuid.uuid4())
    second = trial.invalid().make() if partial else resource.body()
    one = trial.send(first, second, keys=[key, str(uuid.uuid4())])
    if one.there[0] is not True:
        raise Undecided(f"the first item of a batch should be created: {one.what}")
    two = trial.send(first, resource.body(), keys=[key, str(uuid.uuid4())])
    said = f"{one.said}; with the first item and its key again: {two.what}"
    expect(two.status < 500, "success for a batch that repeats an item under its key", said)
    repeated, listed = two.batch.named[0], times_listed(resource, first)
    again = repeat_fault(one.batch.urls[:1], [repeated], listed)
    expect(again is None, "one item for one key", f"{said}; {again}")
    if repeated is None and two.reply.is_success:
        advise("the stored result for an item that is repeated under its key", said)
    evidence(said)
    return repeated is not None or listed is not None


def repeated_whole(trial):
    """Break the rule by a batch that is executed twice under one key; returns whether that could be judged."""
    resource, field = trial.resource, trial.operation.whole_key
    keyed = replace(trial.operation, fields={**trial.operation.fields, field: str(uuid.uuid4())})
    bodies = [resource.body(), resource.body()]
    first = send(keyed, bodies, trial.window)
    control(first.succeeded, f"a batch with {field} should succeed: {first.what}")
    second = send(keyed, bodies, trial.window)
    said = f"{first.said}; the same batch with the same {field}: {second.said}"
    expect(second.status < 500, "the first response again, or a refusal", said)
    listed = times_listed(resource, bodies[0])
    again = repeat_fault(first.batch.urls, second.batch.named, listed)
    expect(
        again is None,
        "one item for each item of a batch that is sent twice under one key",
        f"{said}; {again}",
    )
    evidence(said)
    return any(second.batch.named) or listed is not None


def times_listed(resource, body):
    """How often the list has the item of a body; None where it cannot be looked for."""
    marker = resource.marker(body)
    listed = resource.lost(marker) if marker is not None else None
    return None if listed is None else len(listed)


@rule("BULK-008", SHOULD, refs=["RFC 9110 section 15.5.10", "AIP-233"], effect=WRITE)
def test_duplicates_in_a_batch_are_resolved(client, survey, profile, make_resource):
    """Resolve duplicates in a batch like those of two requests, one after the other

    Why: checks that look at the database only do not see the item before in the same batch: two accounts with one
        e-mail address, or a final state that nobody sent.
    Fix: keep the unique constraint in the database, and process items in their order.
    Probe: two items with the same value of a member that must be unique, twice; in a batch of requests, the same item
        is changed twice. At most one item is created, and the last change that succeeded is there.
    """
    found = trials(client, survey, profile, make_resource)
    able = [one for one in found if one.resource.known.unique or changes(one)]
    applies(able, "a member whose values must be unique is known, or a batch changes items")
    decided, open_questions = False, []
    for trial in able:
        try:
            trial.working("BULK-008")
            if trial.resource.known.unique:
                decided = unique(trial) or decided
            if changes(trial):
                decided = in_order(trial) or decided
        except Undecided as problem:
            open_questions.append(f"{trial.operation.name}: {problem}")
    if not decided:
        inconclusive("; ".join(open_questions) or "no item is known to be changeable")


def changes(trial):
    """Whether a batch holds requests, and members of an item can be changed."""
    resource = trial.resource
    return trial.operation.shape.requests and resource.can("update") and bool(resource.known.partial)


def unique(trial):
    """Break the rule by two items with one value; returns whether that could be judged."""
    resource = trial.resource
    place = resource.known.representation + resource.known.unique[0]
    single = resource.create()
    value = at(single.sent, place)
    if value is MISSING:
        return False
    alone = resource.post(replaced(resource.body(), place, value))
    if alone.status_code not in UNIQUE_REFUSED:
        raise Undecided(f"a value that is taken should be refused alone: {exchange_of(alone).summary()}")
    outcomes = []
    for _ in range(2):
        body = resource.body()
        twin = replaced(resource.body(), place, at(body, place))
        sent = trial.send(body, twin)
        urls = {url for url in sent.batch.urls if url}
        expect(sent.status < 500, "409 for one of two items with the same unique value", sent.what)
        expect(
            len(urls) < 2,
            "at most one of two items with the same unique value",
            f"{sent.what}; alone, the second one is refused: {exchange_of(alone).summary()}",
            impact=CRITICAL,
        )
        outcomes.append(tuple(sent.there))
        evidence(sent.what)
    if any(None in one for one in outcomes):
        return False
    differing = twins_fault(outcomes)
    expect(differing is None, "the same outcome for the same batch", f"{differing}")
    return True


def in_order(trial):
    """Break the rule by two changes of which not the last one stays; returns whether that could be judged."""
    item = trial.resource.create()
    first = changing(item)
    if first is None:
        return False
    _, place, value = first
    other = f"{value} again" if isinstance(value, str) else None
    second = changing(item, other) if other is not None else None
    if second is None:
        return False
    item.prove()
    item.client.recorder.ownership.reaches(item.url, b"")
    reply, results = trial.requests(first[0], second[0])
    said = exchange_of(reply).summary()
    expect(reply.status_code < 500, "an answer to a batch that changes an item twice", said)
    done = [one is not None and one.failed is False for one in results.by_input]
    if not any(done):
        raise Undecided(f"a change of an item in a batch should succeed: {said}")
    last = last_change(done, (value, other))
    seen = []

    def has_last():
        seen[:] = [shown_at(json_of(item.get()), place)]
        return seen[0] == last

    expect(
        eventually(has_last, trial.window),
        "the last change that succeeded",
        f"{said}: {order_said(done, (value, other), seen[0])}",
    )
    evidence(f"an item changed twice in {said}")
    return True
