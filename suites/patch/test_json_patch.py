"""PATCH: JSON Patch (RFC 5789, RFC 6902)."""

from __future__ import annotations

from harness import (
    CRITICAL,
    MINOR,
    MUST,
    WRITE,
    applies,
    control,
    evidence,
    expect,
    inconclusive,
    note,
    rule,
    warn,
)
from harness.http.content import MISSING, at, differences, replaced, shown
from harness.resource.fuller_body import fuller_body
from harness.resource.patch_documents import (
    JSON_PATCH,
    ON_ARRAYS,
    ON_MAPS,
    after_operations,
    concrete,
    explicit,
    faulty,
    out_of_range,
    same_set,
    setting,
)

from .probes import Patched, array_in, array_to_patch, map_in, operations_format, search, summary


@rule(
    "PATCH-005",
    MUST,
    refs=["RFC 6902 section 4", "RFC 6901 section 4"],
    needs="create read update",
    effect=WRITE,
)
def test_operations_do_what_they_say(resource, profile):
    """Apply JSON Patch operations as defined

    Why: clients compute patches from the difference of two documents. If an index or an escape is read
        differently, the wrong element changes unnoticed.
    Fix: use a maintained library, and run the public JSON Patch test suite against the endpoint.
    """
    operations_format(resource)
    body = resource.body()
    array, mapping = array_to_patch(resource, body), map_in(resource, body)
    if mapping is None and (fuller := fuller_body(resource)) is not None:
        body = fuller
        array, mapping = array_to_patch(resource, body), map_in(resource, body)
    applies(
        array or mapping,
        f"{resource.name} has a member that accepts any texts, in an array or an object",
    )
    body = body if array is None else array.body
    body = body if mapping is None else replaced(body, mapping, {"alpha": "one", "beta": "two"})
    patched = Patched(resource, JSON_PATCH, profile.consistency_window, body)
    if array is not None and array.key and array.shown(patched.look()) != array.shown(body):
        # A server may keep lines in an order of its own.
        applies(mapping, f"{resource.name} shows an array in the order in which it was sent")
        array = None
    place, elements = (None, ()) if array is None else (array.place, array.elements)
    patched.works()
    done, refused = [], []

    def probe(moves):
        before = patched.look()
        operations = concrete(before, moves, mapping, place, elements)
        wanted = after_operations(before, operations) if operations else MISSING
        if wanted is MISSING:
            return
        reply = patched.send(operations)
        if 400 <= reply.status_code < 500:
            # A server may refuse a change (RFC 5789 section 2.2), but must apply correctly what it accepts.
            refused.append(f"{shown(operations)}: {summary(reply)}")
            return
        control(reply.is_success, f"a valid JSON Patch should succeed: {summary(reply)}")
        done.append(operations)

        wrong = departures(patched, before, wanted, mapping, array)
        expect(
            not wrong, "the result of the patch by RFC 6902", f"{shown(operations, 400)}: {'; '.join(wrong)}"
        )

    for moves in explicit(mapping is not None, array is not None):
        probe(moves)
    kinds = (ON_MAPS if mapping is not None else ()) + (ON_ARRAYS if array is not None else ())

    def strategy(st):
        move = st.tuples(st.sampled_from(kinds), st.integers(0, 7), st.integers(0, 7))
        return st.lists(move, min_size=1, max_size=4)

    search(strategy, probe)
    if not done:
        inconclusive(f"every one of {len(refused)} valid patches was refused, such as {refused[0]}")
    if refused:
        note(f"{len(refused)} of {len(refused) + len(done)} valid patches were refused, such as {refused[0]}")
    evidence(f"{len(done)} patches gave the result defined in RFC 6902")


def departures(patched, before, wanted, mapping, array):
    """What an item shows in a map and in an array that a patch should not have led to, as sentences."""
    parts = {} if mapping is None else {mapping: lambda value: at(value, mapping)}
    if array is not None:
        parts[array.place] = array.shown

    def same(now, part):
        return same_set(part(now), part(wanted))

    after = patched.settled(lambda now: all(same(now, part) for part in parts.values()))
    return [
        f"{place} was {shown(part(before))}, should be {shown(part(wanted))}, and is {shown(part(after))}"
        for place, part in parts.items()
        if not same(after, part)
    ]


@rule(
    "PATCH-006",
    MUST,
    refs=["RFC 6902 section 4", "RFC 6902 section 5"],
    needs="create read update",
    effect=WRITE,
)
def test_faulty_operations_are_refused(resource, profile):
    """Reject JSON Patch documents that cannot be applied

    Why: a patch that removes an absent member was computed from another state. If it is answered with success,
        the client never learns that it works on the wrong one.
    Fix: refuse the whole document with 4xx as soon as one operation cannot be applied; ignore undefined
        members.
    Advice: an undefined member is refused, not misread: nothing changes, and the client learns it at once.
    """
    operations_format(resource)
    array = array_in(resource, resource.body())
    patched = Patched(
        resource, JSON_PATCH, profile.consistency_window, MISSING if array is None else array[1]
    )
    place = patched.works()
    documents = faulty(place, patched.another(place))
    if array is not None:
        documents.append(out_of_range(array[0], 2, "gamma"))
    crashed = []
    for one in documents:
        before = patched.item.state()
        reply = patched.send(one.operations)
        changed = differences(before, patched.item.state())
        expect(
            not reply.is_success and not changed,
            f"4xx for {one.name}, and nothing changed",
            summary(reply) + (f", and {', '.join(changed)} changed" if changed else ""),
        )
        if reply.status_code >= 500:
            crashed.append(f"{one.name}: {summary(reply)}")
    if crashed:
        warn("4xx for a JSON Patch that cannot be applied", "; ".join(crashed))
    value = patched.another(place)
    extra = [{**setting(place, value)[0], "x-comment": "not defined for this operation"}]
    reply = patched.send(extra)
    expect(
        reply.is_success,
        "undefined members of an operation ignored",
        f"an operation with a member x-comment: {summary(reply)}",
        impact=MINOR,
    )
    evidence(f"refused: {', '.join(one.name for one in documents)}")


@rule(
    "PATCH-008",
    MUST,
    refs=["RFC 6902 section 4.6", "RFC 6902 section 5"],
    needs="create read update",
    effect=WRITE,
    impact=CRITICAL,
)
def test_test_guards_a_patch(resource, profile):
    """Refuse a patch whose test operation fails

    Why: test is the optimistic lock of JSON Patch: of two clients that test for the last piece in stock and
        then take it, only one may succeed.
    Fix: compare values by their JSON type (numbers numerically), and refuse the whole patch where a test fails.
    """
    operations_format(resource)
    patched = Patched(resource, JSON_PATCH, profile.consistency_window)
    place = patched.works()
    current = at(patched.look(), place)

    def guarded(guard):
        value = patched.another(place)
        reply = patched.send([{"op": "test", "path": place, "value": guard}, *setting(place, value)])
        return reply, value

    reply, value = guarded(current)
    expect(
        reply.is_success,
        "a patch applied if its test holds",
        f"test for {shown(current)}, the current value: {summary(reply)}",
    )
    now = at(patched.settled(lambda found: at(found, place) == value), place)
    control(now == value, f"{place} should be {shown(value)} after {summary(reply)}, but is {shown(now)}")
    current = value
    other_type = str(current) if not isinstance(current, str) else [current]
    for guard, what in ((patched.another(place), "another value"), (other_type, "the value in another type")):
        reply, value = guarded(guard)
        now = at(patched.look(), place)
        expect(
            not reply.is_success and now == current,
            f"4xx where {place} is tested for {what}, and nothing changed",
            f"{place} was {shown(current)}, tested for {shown(guard)}: {summary(reply)}; it is {shown(now)}",
        )
    number = next((one for one in patched.places() if type(at(patched.item.sent, one)) is int), None)
    if number is not None:
        place, current = number, at(patched.look(), number)
        control(
            type(current) is int, f"{place} should show the number that was sent, but is {shown(current)}"
        )
        reply, _ = guarded(float(current))
        expect(
            reply.is_success,
            "numbers compared by their value",
            f"{place} is {current}, tested for {float(current)}: {summary(reply)}",
        )
