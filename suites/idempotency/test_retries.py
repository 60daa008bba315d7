"""IDEM: a retry under one key takes effect once (Internet-Draft section 2.6)."""

from __future__ import annotations

import secrets
import time

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
from harness.client.client import exchange_of
from harness.http.content import at, json_of, replaced, shown
from harness.http.intermediary import from_edge
from harness.payloads.arrays import arrays_of_texts
from harness.profile.models import State
from harness.race import rounds
from harness.resource.patch_documents import JSON_PATCH
from harness.resource.raced_creates import race_creates
from harness.rules.causes import CONCURRENT_DUPLICATES, KEYS_IGNORED

from .actions import actions_take_effect_once, transitions_are_replayed
from .probes import DRAFT, IN_PROGRESS, Keyed, mark_of_replay, new_key, summaries, unlike_result

AT_ONCE = 8
OTHER_KEYS = 5
DUPLICATE_WINDOW = 200e-6
ROUNDS = 20
LONGEST_RETENTION = 5.0


@rule(
    "IDEM-001",
    SHOULD,
    refs=[f"{DRAFT} section 2.6", "AIP-155"],
    needs="create read idempotency",
    effect=WRITE,
    impact=CRITICAL,
)
def test_a_retried_keyed_request_takes_effect_once(resource, profile, survey):
    """Execute a request and its retries under one key at most once

    Why: a client whose response was lost repeats the request; without this protection it orders, or pays,
        twice.
    Fix: store key and effect in one transaction, with a unique constraint on the key.
    Probe: a create is sent three times under one key. Documented actions that add to an item, such as
        `POST /customers/{id}/credits`, are sent twice under one key where they are documented to take one.
    """
    keyed, key, body = Keyed(resource), new_key(), resource.body()
    replies = [keyed.first(key, body), keyed.post(key, body)]
    if not resource.staying:
        # A store of the latest keys only would have forgotten the first one.
        for _ in range(OTHER_KEYS):
            keyed.post(new_key(), resource.body())
    replies.append(keyed.post(key, body))
    items = keyed.items(body, replies)
    control(items, f"the responses should have an id: {summaries(replies)}")
    if len(items) == 1 and resource.can("unique") and not all(reply.is_success for reply in replies):
        inconclusive(f"the retry may have been refused because of a unique member: {summaries(replies)}")
    expect(
        len(items) == 1,
        "one item after three equal requests under one key",
        f"{summaries(replies)}; items {', '.join(items)}",
        level=keyed.promised,
        cause=KEYS_IGNORED if len(items) == len(replies) else "",
    )
    actions_take_effect_once(keyed, survey.promises.adding, profile.consistency_window)
    keyed.note_how_counted()


@rule("IDEM-002", SHOULD, refs=[f"{DRAFT} section 2.6"], needs="create read idempotency", effect=WRITE)
def test_a_replay_returns_the_stored_result(resource, survey):
    """Return the stored result for a retry: the same status and the same content

    Why: the client takes the response to its retry for the response to its request, and a different one
        misleads it.
    Fix: store status, Location and content with the key, and send them again.
    Probe: a create is repeated under its key, with another create between. A declared transition of an item
        (`transitions`) is repeated under its key where the document says that it takes one.
    Advice: a 200 in place of the 201, with the same content, says that the item was there already, and which it is.
    """
    keyed, key, body = Keyed(resource), new_key(), resource.body()
    started = time.monotonic()
    first = keyed.first(key, body)
    between = None if resource.staying else keyed.post(new_key(), resource.body())
    again = keyed.post(key, body)
    latest = keyed.id(between) if between is not None and between.is_success else None
    if latest is not None and keyed.id(again) == latest != keyed.id(first):
        expect(
            False,
            "the result of the first request",
            f"{summaries([first, between, again])}: the retry is answered with item {latest}, of the request between",
        )
    items = keyed.items(body, [first, again])
    applies(len(items) < 2, f"the retry is not executed (see IDEM-001): {summaries([first, again])}")
    if keyed.refused_for_content(again, body):
        judge_refused_retry(keyed, body, first, again)
    if first.status_code == 202 and again.status_code in IN_PROGRESS:
        inconclusive(f"the first request seems to be in progress still: {summaries([first, again])}")
    found = unlike_result(first, again, resource.volatile)
    if keyed.how.stale_ok and first.status_code == again.status_code:
        note("a replay may show the current state, as the profile declares (stale_ok)")
        transitions_are_replayed(keyed, survey.promises.keyed)
        return
    if found and first.status_code == again.status_code:
        moving = resource.drift(time.monotonic() - started)
        found = unlike_result(first, again, [*resource.volatile, *moving])
    milder = again.is_success and len(found) == 1 and found[0].startswith("status ")
    expect(
        not found,
        "the result of the first request",
        f"{summaries([first, again])}: {'; '.join(found)}",
        impact=MINOR if milder else None,
    )
    transitions_are_replayed(keyed, survey.promises.keyed)


def judge_refused_retry(keyed, body, first, again):
    """Break the rule where a retry is refused like a duplicate under another key, though keys are declared.

    Raises:
        Undecided: keys are not declared, or the two are not refused alike.
    """
    resource, other = keyed.resource, keyed.post(new_key(), body)
    # The contents may differ by the id of the request. What was answered 201 is not in progress any more.
    alike = first.status_code in (200, 201) and other.status_code == again.status_code
    declared = resource.known.capabilities["idempotency"].state is State.DECLARED
    if alike and declared and resource.can("unique"):
        expect(
            False,
            "the result of the first request",
            f"{summaries([first, again])}, which is also the response to the same content under another key: the key "
            "has no effect",
        )
    inconclusive(f"the retry may have been refused for its content: {summaries([first, again])}")


@rule(
    "IDEM-006",
    SHOULD,
    refs=[f"{DRAFT} section 2.6", f"{DRAFT} section 2.7"],
    needs="create read idempotency",
    effect=BURST,
    impact=CRITICAL,
)
def test_duplicates_in_flight_take_effect_once(resource, survey):
    """Answer a duplicate of a request in progress with 409, or with the same result once it is done

    Why: impatient clients and proxies retry while the first request is still being processed.
    Fix: claim the key with a unique constraint before the work begins.
    """
    keyed = Keyed(resource)
    if resource.can("unique"):
        not_applicable(f"{resource.name} has a unique member, which prevents duplicates by itself")

    keyed.honoured()
    size = [AT_ONCE]
    answer = "409, or the result of the first"

    def one(number):
        key, body = new_key(), resource.body()
        result = race_creates(resource, keyed.request(key, body).times(size[-1]))
        if any(member.throttled for member in result.members):
            # A target that cannot serve many requests at once may serve two.
            size.append(2)
        draw(result.figure("The race that decided"))
        items = keyed.items(body, result.replies)
        expect(
            len(items) < 2,
            "one effect of equal requests in flight at once",
            f"round {number}: {result.summary()}; items {', '.join(items)}",
            level=keyed.promised,
            cause=CONCURRENT_DUPLICATES,
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
        """Break the rule by a 503, unless as many requests with different keys are throttled too."""
        others = [keyed.request(new_key(), resource.body()) for _ in result.members]
        calm = race_creates(resource, others)
        observed = f"{result.summary()}; under different keys: {calm.summary()}"
        expect(len(calm.counted) < len(others), answer, observed, impact=MAJOR)
        inconclusive(f"requests in flight at once are throttled even with different keys: {observed}")

    done = rounds(one, designed_window=DUPLICATE_WINDOW, most=ROUNDS)
    evidence(done.sentence("no second effect"))
    keyed.note_how_counted()


@rule(
    "IDEM-011",
    SHOULD,
    refs=[f"{DRAFT} section 2.7"],
    needs="create read list tag idempotency",
    effect=WRITE,
    impact=CRITICAL,
)
def test_a_lost_answer_leads_to_one_item(resource):
    """Execute a request once when its response is lost and the client retries

    Why: the connection breaks after the server has done the work and before the client learns of it: keys exist
        for this case.
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
        f"{summaries(replies)}; items {', '.join(items)}",
        level=keyed.promised,
    )
    control(items, f"the retry should succeed eventually: {summaries(replies)}")
    if not replies[-1].is_success:
        if resource.can("unique"):
            inconclusive(f"the retry may have been refused because of a unique member: {summaries(replies)}")
        note(f"item {items[0]} exists, but the response to the retry does not say so: {summaries(replies)}")


@rule(
    "IDEM-014",
    SHOULD,
    refs=[f"{DRAFT} section 2.5.2"],
    needs="create read update idempotency",
    effect=WRITE,
    impact=CRITICAL,
)
def test_a_keyed_patch_is_applied_once(resource, client):
    """Apply a PATCH and its retries under one key once

    Why: PATCH is not idempotent: a retried increment or append is applied twice.
    Fix: honour the key on PATCH as on POST.
    """
    keyed, known = Keyed(resource), resource.known
    applies(JSON_PATCH in (known.patch or ()), "PATCH supports JSON Patch (RFC 6902)")
    applies(keyed.how.body is None and "PATCH" in keyed.how.methods, "PATCH supports an idempotency key")
    locked = known.locking.version is not None or known.locking.if_match
    applies(not locked, "PATCH requires no current version, which would refuse a retry anyway")
    body = resource.body()
    names = list(dict.fromkeys(arrays_of_texts(body, known.create_schema, known.representation)))
    applies(names, "a member is an array of texts")
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
        "the value appended once after two equal PATCH requests under one key",
        f"{summaries([one, two])}; {where} is {shown(now)}",
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
    """Keep keys for the published retention period, and mark replayed responses

    Why: a client retries for as long as the API promises. A key that is forgotten earlier executes the request
        again.
    Fix: keep keys at least as long as published, and mark replays with `Idempotent-Replayed: true`.
    Advice: keeping keys and marking replays is optional, unless the API promises it.
    """
    keyed = Keyed(resource)
    retention = keyed.how.retention
    if retention is None:
        not_applicable("the profile declares no `retention` of idempotency keys")
    seconds = min(retention / 2, LONGEST_RETENTION)
    key, body = new_key(), resource.body()
    at_once = [keyed.first(key, body), keyed.post(key, body)]
    control(
        at_once[1].is_success and len(keyed.ids(at_once)) == 1, f"a retry is replayed: {summaries(at_once)}"
    )
    # A new key, as the replay may have renewed the first one.
    key, body = new_key(), resource.body()
    first = keyed.first(key, body)
    time.sleep(seconds)
    again = keyed.post(key, body)
    items = keyed.items(body, [first, again])
    expect(
        len(items) < 2 and keyed.id(again) == keyed.id(first),
        f"the stored result after {seconds:g} s, of the promised {retention:g} s",
        f"{summaries([first, again])}; items {', '.join(items)}",
        # The API has promised it.
        level=SHOULD,
    )
    mark = mark_of_replay(again.headers)
    marked = f"marked with {mark}" if mark else "not marked as replays"
    evidence(f"verified for {seconds:g} s of {retention:g} s; replays are {marked}")
