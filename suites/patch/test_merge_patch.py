"""PATCH: JSON Merge Patch (RFC 5789, RFC 7396)."""

from __future__ import annotations

import jsonpointer

from harness import CRITICAL, MUST, WRITE, applies, control, evidence, expect, inconclusive, note, rule
from harness.http.content import MISSING, at, differences, replaced, shown
from harness.payloads import optional_member
from harness.payloads.constraints import valid
from harness.payloads.empty import empty_values
from harness.resource.addressed import misdirected
from harness.resource.contested import others
from harness.resource.fuller_body import fuller_body
from harness.resource.patch_documents import WORDS, after_merge, merging, same_set, shows_nothing, unset

from .optional import parts, removable
from .probes import (
    EXAMPLES,
    Patched,
    any_format,
    array_in,
    merge_format,
    nested_change,
    nested_removal,
    search,
    summary,
    values_in,
)
from .together import both_are_applied

MOST_REMOVED = 4
MOST_EMPTY = 3
"""Members to which an empty value is given."""


@rule(
    "PATCH-001",
    MUST,
    refs=["RFC 5789 section 2", "RFC 7396 section 2"],
    needs="create read update",
    effect=WRITE,
    impact=CRITICAL,
)
def test_patch_leaves_other_fields_unchanged(resource, profile):
    """Change the members that a patch mentions, and no others

    Why: a client that changes the delivery note of an order erases its address, because it did not repeat it.
        One that changes two members at once believes that both are stored.
    Fix: apply the whole patch to the stored state; do not fill absent members with defaults or null.
    """
    media_type = any_format(resource)
    body = resource.body()
    optional = optional_member(resource.known, body)
    patched = Patched(
        resource,
        media_type,
        profile.consistency_window,
        body if optional is None else resource.body_with(optional),
    )
    before, sent = patched.look(), patched.item.sent
    place = patched.works()
    after = patched.look()
    where = resource.known.representation
    # Members that the client never set may be derived from those that it set.
    own = [f"{where}/{jsonpointer.escape(name)}" for name in at(sent, where)]
    kept = [one for one in own if at(before, one) == at(sent, one) and not f"{place}/".startswith(f"{one}/")]
    control(kept, "an item should show members as sent")
    version = where + (resource.known.locking.version or "/version")
    lost = [
        f"{one} was {shown(at(before, one))} and is {shown(at(after, one))}"
        for one in kept
        if one != version and differences(at(before, one), at(after, one))
    ]
    expect(not lost, f"only {place} changed", f"a PATCH of {place} alone: {'; '.join(lost)}")
    evidence(f"{', '.join(kept)} kept their values while {place} was patched")
    both_are_applied(patched, place)
    nothing_changes(patched, [one for one in (*kept, place) if one != version])
    others_are_left_alone(patched)
    ignored_empty(patched)


def others_are_left_alone(patched):
    """Break the rule where the id in the patch, and not the URL, decides which item is changed."""
    if patched.operations:
        return
    resource, place = patched.resource, patched.known.id
    fields = {"Content-Type": patched.media_type}

    def send(item, id):
        body = item.with_version(
            replaced(merging(place, id), patched.place(), patched.another(patched.place()))
        )
        return item.client.patch(item.url, json=body, headers={**item.write_fields(), **fields})

    wrong = misdirected(resource, send)
    expect(wrong is None, "the item of the URL changed, or a refusal with 4xx", wrong)


def nothing_changes(patched, members):
    """An empty patch is refused, or leaves the members that the client has set; it may count as a write."""
    before = patched.look()
    reply = patched.send([] if patched.operations else {})
    now = patched.look()
    changed = [one for one in members if differences(at(before, one), at(now, one))]
    expect(reply.status_code < 500, "success or a refusal with 4xx for an empty patch", summary(reply))
    expect(
        not changed, "nothing changed by an empty patch", f"{summary(reply)}; {', '.join(changed)} changed"
    )


def ignored_empty(patched):
    """Break the rule where a patch stores a value, and not 0, an empty text or an empty array of that member."""
    for place, value in empty_values(patched.known, patched.item.sent)[:MOST_EMPTY]:
        before = at(patched.look(), place)
        reply, now = stored(patched, place, value)
        if before == value or not reply.is_success or now != before:
            continue
        other = ["conformance"] if isinstance(value, list) else patched.another(place)
        control, then = stored(patched, place, other)
        expect(
            not control.is_success or then != other,
            f"{shown(value)} at {place} after a PATCH with that",
            f"{summary(reply)}; {place} is still {shown(now)}, and a PATCH with {shown(other)} changes it",
        )


def stored(patched, place, value):
    """The response to a patch of one location, and the value that is shown then."""
    reply = patched.send(patched.set(place, value))
    return reply, at(patched.settled(lambda found: at(found, place) == value), place)


@rule(
    "PATCH-002",
    MUST,
    refs=["RFC 7396 section 1", "RFC 7396 section 2"],
    needs="create read update",
    effect=WRITE,
)
def test_null_removes_a_member(resource, profile):
    """Remove a member that a merge patch sets to null

    Why: null is the only way to remove a value by merge patch. Where it is ignored, the client believes that a
        phone number is deleted, and it is not.
    Fix: distinguish null from absent when the patch is read, and remove the member.
    """
    media_type = merge_format(resource)
    known = resource.known
    member = optional_member(known, resource.body())
    applies(member, f"{resource.name} has an optional member without a server default (`optional`)")
    patched = Patched(resource, media_type, profile.consistency_window, resource.body_with(member))
    place = known.representation + member
    removals_are_answered(resource, media_type, profile.consistency_window)
    before = at(patched.look(), place)
    control(not unset(before), f"{place} should be shown after it was sent, but is {shown(before)}")
    reply = patched.send(merging(place, None))
    expect(
        reply.status_code < 500, f"no {place} after a merge patch of it to null", f"{place}: {summary(reply)}"
    )
    control(reply.is_success, f"a merge patch of {place} to null should succeed: {summary(reply)}")
    after = at(patched.settled(lambda now: unset(at(now, place))), place)
    if not differences(before, after):
        before, after, reply = removed_again(patched, place, before, after, reply)
    expect(
        differences(before, after),
        f"no {place}, or null, after a merge patch of it to null",
        f"{summary(reply)}, and {place} is still {shown(after)}",
    )
    expect(
        after != "null" or before == "null",
        f"no {place}, or null, after a merge patch of it to null",
        f"{summary(reply)}, and {place} is the text {shown(after)}",
    )
    if not unset(after):
        inconclusive(
            f"{place} is {shown(after)} after a merge patch of it to null, which may be a default of the server"
        )


def removed_again(patched, place, before, after, reply):
    """The value before and after a second removal, of another value: the first may have been the server's default."""
    other = next(
        iter(others(patched.known, patched.item.sent, place.removeprefix(patched.known.representation))), None
    )
    if other is None or not differences(before, other) or not patched.send(merging(place, other)).is_success:
        return before, after, reply
    shows = at(patched.settled(lambda now: at(now, place) == other), place)
    if differences(shows, other):
        return before, after, reply
    again = patched.send(merging(place, None))
    return other, at(patched.settled(lambda now: differences(at(now, place), other)), place), again


def removals_are_answered(resource, media_type, window):
    """No member that the schema has as optional crashes the handler when it is set to null, whatever its kind."""
    patched = Patched(resource, media_type, window)
    for place in removable(resource.known, patched.item.sent)[:MOST_REMOVED]:
        reply = patched.send(merging(place, None))
        expect(
            reply.status_code < 500,
            f"no {place} after a merge patch of it to null, or a refusal with 4xx",
            f"{place}, {shown(at(patched.item.sent, place))}, to null: {summary(reply)}",
        )


@rule("PATCH-003", MUST, refs=["RFC 7396 section 2"], needs="create read update", effect=WRITE)
def test_objects_merge_and_arrays_are_replaced(resource, profile):
    """Merge nested objects recursively, and replace arrays as a whole

    Why: a client that changes the city of an address must not lose the street; one that sends the list of tags
        means the whole list, and cannot take a tag away if the lists are joined.
    Fix: follow the algorithm of RFC 7396: recurse into objects, replace everything else.
    """
    media_type = merge_format(resource)
    body = resource.body()
    array, found = array_in(resource, body), values_in(resource, body)
    mapping, values = found or (None, [])
    nested = nested_change(resource, body, mapping)
    if mapping is None and nested is None and (fuller := fuller_body(resource)) is not None:
        body = fuller
        array, found = array_in(resource, body), values_in(resource, body)
        mapping, values = found or (None, [])
        nested = nested_change(resource, body, mapping)
    applies(
        array or mapping or nested,
        f"{resource.name} has a member with an array of texts, an open object, or an object with several members",
    )
    body = body if array is None else array[1]
    one, two, three = (*values, *values, None, None, None)[:3]
    patched = Patched(
        resource,
        media_type,
        profile.consistency_window,
        body if mapping is None else replaced(body, mapping, {"alpha": one, "beta": two}),
    )
    patches = [{"alpha": three}, {"beta": None, "gamma": one}, {"a/b": two, "m~n": three}]
    tried = [] if mapping is None else [(mapping, patch) for patch in patches]
    if array is not None:
        place = array[0]
        tried += [(place, value) for value in (["gamma"], ["beta", "alpha", "gamma"])]
        with_null = ["beta", None, "alpha"]
        schema = resource.known.create_schema
        if schema is not None and valid(schema, replaced(body, place, with_null)):
            tried.append((place, with_null))
    if nested is not None:
        tried.append(nested)
    for place, value in tried:
        merged(patched, place, value, typed=nested is not None and place == nested[0])
    into_nothing(resource, media_type, profile.consistency_window)
    if (member := nested_removal(resource, body, mapping)) is not None:
        removed(patched, member)
    if mapping is not None:

        def strategy(st):
            chosen = st.none() | st.sampled_from(values)
            return st.dictionaries(st.sampled_from(WORDS), chosen, min_size=1, max_size=4)

        search(strategy, lambda patch: merged(patched, mapping, patch))
    many = len(tried) + (0 if mapping is None else EXAMPLES)
    evidence(f"{many} merge patches gave the result defined in RFC 7396")


def merged(patched, place, value, *, typed=False):
    """Merge a value into one location, and compare the result with that of RFC 7396.

    Args:
        typed: whether the location has members of its own, which a representation may show as null when unset.
    """
    show = shows_nothing if typed else lambda value: value
    before = at(patched.look(), place)
    reply = patched.send(merging(place, value))
    control(reply.is_success, f"a valid merge patch should succeed: {summary(reply)}")
    wanted = show(after_merge(before, value))
    after = show(at(patched.settled(lambda now: same_set(show(at(now, place)), wanted)), place))
    expect(
        same_set(after, wanted),
        f"{place}: {shown(wanted)}",
        f"{shown(before)}, merged with {shown(value)} ({summary(reply)}), became {shown(after)}",
    )


def into_nothing(resource, media_type, window):
    """Merge a part of an object into an item that lacks the object, which has the part then (RFC 7396 section 2)."""
    body = resource.body()
    for place, part in parts(resource.known, body)[:1]:
        patched = Patched(resource, media_type, window, replaced(body, place, MISSING))
        if not unset(at(patched.look(), place)):
            continue
        reply = patched.send(merging(place, part))
        expected = f"{place} with {shown(part)}, merged into an item without it"
        expect(reply.status_code < 500, expected, summary(reply))
        if not reply.is_success:
            note(f"a merge patch of a part of {place}, which the item lacks, is refused: {summary(reply)}")
            continue
        now = at(patched.settled(lambda now: at(now, place) == part), place)  # noqa: B023
        expect(not unset(now), expected, f"{summary(reply)}, and {place} is {shown(now)}")


def removed(patched, place):
    """Merge null into an optional member of a nested object, which must not keep its value."""
    before = at(patched.look(), place)
    if unset(before):
        return
    reply = patched.send(merging(place, None))
    if not reply.is_success:
        note(f"a merge patch of {place} to null is refused: {summary(reply)}")
        return
    after = at(patched.settled(lambda now: differences(before, at(now, place))), place)
    expect(
        differences(before, after),
        f"no {place}, or null, after a merge patch of it to null",
        f"{summary(reply)}, and {place} is still {shown(after)}",
    )


@rule("PATCH-004", MUST, refs=["RFC 7396 section 2"], needs="create read update", effect=WRITE)
def test_a_merge_patch_is_idempotent(resource, profile):
    """Make merge patches idempotent

    Why: clients that lost a response send a merge patch again, because its result cannot depend on the number
        of times it is applied.
    Fix: compute the new state from patch and target alone; a merge patch has no increments or appends.
    """
    media_type = merge_format(resource)
    array = array_in(resource, resource.body())
    patched = Patched(
        resource, media_type, profile.consistency_window, MISSING if array is None else array[1]
    )
    place = patched.place()
    patch = merging(place, patched.another(place))
    if array is not None:
        patch = after_merge(patch, merging(array[0], ["gamma"]))
    first = patched.send(patch)
    control(first.is_success, f"a valid merge patch should succeed: {summary(first)}")
    wanted = {one: at(patch, one) for one in (place, *(() if array is None else (array[0],)))}
    now = patched.settled(lambda found: all(at(found, one) == value for one, value in wanted.items()))
    # Other rules judge the result itself; here it must only remain the same.
    state = patched.item.normalised(now)
    for time in ("second", "third"):
        reply = patched.send(patch)
        control(reply.is_success, f"the same merge patch should succeed again: {summary(reply)}")
        again = patched.item.state()
        moved = differences(state, again)
        if moved and not set(moved) & set(wanted):
            note(f"{', '.join(moved)} changed by the {time} of equal patches")
        changed = [
            f"{one} was {shown(at(state, one))} and is {shown(at(again, one))}"
            for one in wanted
            if differences(at(state, one), at(again, one))
        ]
        expect(
            not changed,
            "the same state after each of equal merge patches",
            f"{'; '.join(changed)} after the {time}: {summary(reply)}",
        )
