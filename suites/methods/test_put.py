"""METH: PUT (RFC 9110 section 9.3.4)."""

from __future__ import annotations

import time
import uuid

from harness import (
    CRITICAL,
    MAJOR,
    MINOR,
    MUST,
    SHOULD,
    WRITE,
    control,
    expect,
    not_applicable,
    note,
    rule,
    warn,
)
from harness.client.client import content_of, exchange_of
from harness.client.eventually import eventually
from harness.http.content import MISSING, at, differences, member_names, replaced, shown
from harness.payloads import optional_member
from harness.resource.addressed import misdirected
from harness.resource.fuller_body import fuller_body
from harness.resource.ids import unlike
from harness.resource.patch_documents import open_map
from harness.rules.faults import Fault, expect_none
from harness.rules.verdict import Level

from .judge import assigned_again, write_counters
from .probes import IDENTITY, requested
from .replaced import creation_is_kept, empty_values_are_stored, members_are_replaced


@rule(
    "METH-007",
    MUST,
    refs=["RFC 9110 section 9.2.2"],
    needs="create read replace",
    effect=WRITE,
    impact=CRITICAL,
)
def test_put_is_idempotent(resource, profile):
    """Make PUT idempotent

    Why: clients and proxies repeat a PUT whose response was lost. If the repetition adds or creates something,
        data is duplicated unnoticed.
    Fix: store the state that was sent, computed from the request alone.
    Advice: where only the id changes that the server gives to a part of the item, the state that was requested is kept.
    """
    item = resource.create()
    refused = put_three_times(resource, item, item.put_body(), profile.consistency_window)
    control(refused is None, f"a valid PUT should succeed: {refused and exchange_of(refused).summary()}")
    twins = item.twins()
    if twins is None:
        note("it was not checked whether a copy was created: no member accepts a text that identifies it")
    else:
        expect(len(twins) <= 1, "one item after three equal PUTs", f"items {', '.join(twins)} have its text")
    if resource.known.update_body is None and (fuller := fuller_body(resource)) is not None:
        # An array or an object that a create may lack is often stored by code of its own.
        item = resource.create(fuller)
        put_three_times(resource, item, item.put_body(), profile.consistency_window)


def put_three_times(resource, item, body, window):
    """Judge three equal PUTs of an item; the first response where that is no success, else None."""
    states = []
    started = time.monotonic()
    for number in (1, 2, 3):
        reply = item.put(item.with_version(body))
        if number == 1 and not reply.is_success:
            return reply
        expect(reply.status_code < 500, "no server error on a repeated PUT", exchange_of(reply).summary())
        if reply.status_code in (404, 410):
            warn("success for an equal PUT to an existing item", exchange_of(reply).summary())
        if states:
            eventually(lambda: not differences(states[0], item.state()), window)
        states.append(item.state())
    # The version that a write must carry is the client's condition, and not a part of the state it asks for.
    version = (resource.known.locking.version or "").rpartition("/")[2]
    counted = write_counters(states, member_names([item.sent, body]) - {version})
    for number, state in enumerate(states[1:], 2):
        found = requested(
            [where for where in differences(states[0], state) if where not in counted],
            resource,
            started,
            lambda fresh: fresh.put(fresh.put_body()),
        )
        faults = [
            Fault(
                f"PUT {number}",
                f"{where}: {shown(at(state, where))}, and {shown(at(states[0], where))} after the first",
                minor=assigned_again(states[0], state, body, where, resource.known.representation),
            )
            for where in found
        ]
        expect_none(faults, "the same state after each of three equal PUTs")
    return None


@rule("METH-010", SHOULD, refs=["RFC 9110 section 9.3.4"], needs="create read replace", effect=WRITE)
def test_put_replaces_the_whole_representation(resource, profile):
    """Replace the whole representation with PUT

    Why: a client that removes a member and PUTs the rest believes that the member is gone. If the server
        merges, old data comes back.
    Fix: set members that a PUT leaves out to null or to their default; offer PATCH for partial updates.
    Probe: PUTs an item without an optional member, with fewer members in an open object, and with other values of all
        members at once. A member that keeps its value is reported where a PATCH changes it: else it may be fixed.
        PUTs empty values (0, "", []), and content with the id of another item of the run, which must stay as it is.
    """
    known = resource.known
    others_are_left_alone(resource)
    empty_values_are_stored(resource, profile.consistency_window)
    creation_is_kept(resource.create())
    member = optional_member(known, resource.body())
    if member is None:
        members_are_replaced(resource.create(), profile.consistency_window)
        not_applicable(
            f"{resource.name} has no known optional writable member without a default: declare `optional`"
        )
    where = known.representation + member
    body = resource.body_with(member)
    item = resource.create(body)
    stored = at(item.state(), where)
    control(stored == at(body, where), f"{where} should be stored as sent, but is {shown(stored)}")
    reply = item.put(item.with_version(replaced(item.put_body(), where, MISSING)))
    control(reply.is_success, f"a PUT without {where} should be accepted: {exchange_of(reply).summary()}")
    eventually(lambda: at(item.state(), where) != stored, profile.consistency_window)
    after = at(item.state(), where)
    if after == stored:
        takes_effect(item, profile.consistency_window)
    expect(
        after != stored,
        f"no {where}, null or its default after a PUT without it",
        f"{where} is still {shown(after)}: PUT merges like PATCH",
    )
    maps_are_replaced(resource, profile.consistency_window)
    members_are_replaced(resource.create(), profile.consistency_window)


def others_are_left_alone(resource):
    """Break the rule where the id in the content, and not the URL, decides which item is replaced."""

    def send(item, id):
        return item.put(replaced(item.put_body(change=True), resource.known.id, id))

    wrong = misdirected(resource, send)
    expect(
        wrong is None,
        "the item of the URL replaced, or a refusal with 4xx",
        wrong,
        level=Level.MUST,
        impact=CRITICAL,
    )


def maps_are_replaced(resource, window):
    """Expect a member of an open object to be gone after a PUT whose object lacks it."""
    known, body = resource.known, resource.body()
    found = open_map(body, known.create_schema, known.representation)
    if found is None:
        return
    place, (one, two, *_) = found
    item = resource.create(replaced(body, place, {"alpha": one, "beta": two}))
    left_out = f"{place}/beta"
    if at(item.state(), left_out) != two:
        return
    reply = item.put(item.with_version(replaced(item.put_body(), place, {"alpha": one})))
    if reply.is_success and not eventually(lambda: at(item.state(), left_out) != two, window):
        takes_effect(item, window)
        expect(
            False,
            f"no {left_out} after a PUT whose {place} lacks it",
            f"{exchange_of(reply).summary()}, and {left_out} is still {shown(two)}: PUT merges objects like PATCH",
        )


def takes_effect(item, window):
    """The control: a PUT with a change shows in the item. Where none does, PUT does not merge."""
    before = item.state()
    reply = item.put(item.put_body(change=True))
    control(reply.is_success, f"a valid PUT should succeed: {exchange_of(reply).summary()}")
    control(
        eventually(lambda: bool(differences(before, item.state())), window),
        f"a PUT with a change should show: {exchange_of(reply).summary()}, and the item is as before (see CONC-012)",
    )


@rule(
    "METH-011", MUST, refs=["RFC 9110 section 9.3.4"], needs="create read replace", effect=WRITE, impact=MINOR
)
def test_put_tells_creation_from_modification(resource, profile):
    """Answer PUT with 201 for a creation, and with 200 or 204 for a modification

    Why: the status tells a client whether it created or overwrote something.
    Fix: answer 201 when the target resource did not exist before, and 200 or 204 when it did.
    Advice: the item has the requested state either way; object stores answer 200 to every PUT.
    """
    item = resource.create()
    reply = item.put(item.put_body(change=True))
    control(reply.is_success, f"a valid PUT should succeed: {exchange_of(reply).summary()}")
    if reply.status_code != 202:
        expect(
            reply.status_code in (200, 204),
            "200 or 204 for a PUT to an existing item",
            exchange_of(reply).summary(),
        )
    if resource.known.put_creates is False:
        return
    fresh = (
        str(uuid.uuid4())
        if resource.known.put_creates and resource.known.new_id == "uuid"
        else unlike(item.id)
    )
    absent = resource.client.get(resource.item_url(fresh))
    if absent.status_code not in (404, 410):
        return
    made = resource.put_new(fresh, resource.body())
    if not made.is_success or made.status_code == 202:
        return
    url = resource.item_url(fresh)
    if eventually(lambda: resource.client.get(url).is_success, profile.consistency_window):
        expect(made.status_code == 201, "201 for a PUT that created the item", exchange_of(made).summary())
    else:
        warn(
            "the item that a successful PUT creates (or 404 for an id that does not exist)",
            f"{exchange_of(made).summary()}, then {exchange_of(resource.client.get(url)).summary()}",
        )


@rule(
    "METH-012",
    MUST,
    refs=["RFC 9110 section 9.3.4"],
    needs="create read replace",
    effect=WRITE,
    impact=MINOR,
)
def test_put_answers_a_validator_only_for_what_was_stored_as_sent(resource):
    """Send no ETag or Last-Modified for a PUT whose content was not stored byte for byte

    Why: a client that receives a validator for its PUT takes its own copy for the stored one, and edits it
        without the members that the server added.
    Fix: leave ETag and Last-Modified out of PUT responses; the client gets them with its next GET.
    Advice: nearly every API that has entity tags sends them here; clients read the item again, or rely on the tag only.
    """
    item = resource.create()
    body = item.put_body(change=True)
    former = item.get(headers=IDENTITY).headers.get("etag")
    reply = item.put(body)
    control(reply.is_success, f"a valid PUT should succeed: {exchange_of(reply).summary()}")
    sent = {name: reply.headers[name] for name in ("etag", "last-modified") if name in reply.headers}
    if not sent:
        return
    after = item.get(headers=IDENTITY)
    control(after.is_success, f"the item should be readable: {exchange_of(after).summary()}")
    current = after.headers.get("etag")
    expect(
        current in (None, former) or sent.get("etag") != former,
        "the entity tag of the new representation, or none",
        f"{exchange_of(reply).summary()} with ETag: {former}, that of the item before it; GET has {current}, so that a "
        "client's next write with If-Match is refused",
        impact=MAJOR,
    )
    same = content_of(after) == reply.request.content
    validators = ", ".join(f"{name}: {value}" for name, value in sent.items())
    expect(
        same and all(after.headers.get(name) == value for name, value in sent.items()),
        "no validator, or one for exactly the bytes that were sent",
        f"{exchange_of(reply).summary()} with {validators}, while GET returns "
        + ("another validator" if same else "a representation that differs from what was sent"),
    )
