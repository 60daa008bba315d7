"""SCH: what the document says of requests: what is valid is accepted and kept, what is not is refused."""

from __future__ import annotations

import zlib

import jsonpointer

from harness import MAJOR, SHOULD, WRITE, applies, control, evidence, expect, inconclusive, rule
from harness.client.client import exchange_of
from harness.http.content import MISSING, at, json_of, replaced, shown, shown_at
from harness.http.intermediary import from_edge
from harness.payloads.constraints import valid
from harness.payloads.edges import drawn, to_draw
from harness.payloads.generated import several
from harness.payloads.invalid import beside, spread, violations
from harness.resource.file_store import stores_files
from harness.resource.item import Item
from harness.rules.causes import UNICODE_ALTERED, UNICODE_FAILS
from harness.rules.faults import Fault, excerpt, expect_none, grouped

from .trying import attempt, edges_of, trials
from .values import about_another, is_harmless, lost, minor

OPENAPI = "OpenAPI 3.1.0, Schema Object"
GENERATED = 6
"""Bodies that the generator makes for each resource."""
MOST_VIOLATIONS = 24
MOST_BESIDE = 16
FAR = 2**70
"""An integer that 64 bits do not hold."""
MOST_NULL = 2
"""Required members that are sent as null."""


def is_crash(status):
    """Whether a status says that the server failed by itself: 501 to 504 are gateways, or load."""
    return 500 <= status < 600 and not 501 <= status <= 504


def is_refusal(status):
    """Whether a status says that the content is not valid."""
    return status in (400, 422)


@rule("SCH-003", SHOULD, refs=["RFC 9110 section 15.6"], needs="create schema", effect=WRITE)
def test_valid_input_is_never_answered_5xx(resource, survey):
    """Never answer valid input with 5xx

    Why: a 5xx is retried for ever, and hides that a request is the cause. The user whose name has a letter of four
        bytes, or whose number needs 64 bits, cannot be served at all.
    Fix: let every type in the database hold what the document allows, or document the narrower bound and check it.
    Probe: creates with values at the edges of the schema (bounds, zero, false, null, empty, absent, Unicode, a NUL
        character, large numbers), and with generated ones; many members at once, then the one that is at fault, and
        that again with a fresh body. What is accepted is read once.
    """
    item, found = edges_of(resource)
    seed = zlib.crc32(f"SCH-003 {resource.name}".encode()) % 10_000
    schema = resource.known.create_schema
    made = drawn(found, several(to_draw(found, resource.known), seed, GENERATED), schema, item.sent)
    trial = trials(resource, [*found, *made], is_crash, most=16)
    groups = [([edge], reply) for edge, reply in trial.refused] + trial.together
    plain = {edge.pointer for edge, _ in trial.refused if not edge.generated}
    broken, kinds = [], set()
    for group, _ in groups:
        if len(group) == 1 and group[0].generated and group[0].pointer in plain:
            continue
        _, reply = attempt(resource, group)
        exchange = exchange_of(reply)
        if is_crash(reply.status_code) and from_edge(exchange, survey.exchanges) is None:
            what = "; ".join(
                f"{one.what} {shown(one.value) if one.generated else ''}".strip() for one in group
            )
            places = " and ".join(one.pointer for one in group)
            more = f" (seed {seed})" if any(one.generated for one in group) else ""
            broken.append(Fault(places, f"{what}{more}: {exchange.summary()}, twice", excerpt(exchange)))
            kinds |= {"generated" if one.generated else one.what.partition(",")[0] for one in group}
    hidden = unreadable(resource, trial)
    broken += hidden
    if broken:
        reply = resource.post()
        control(reply.is_success, f"a valid create should succeed then: {exchange_of(reply).summary()}")
    cause = UNICODE_FAILS if kinds == {"Unicode"} and not hidden else ""
    expect(not broken, "no 5xx for content that is valid by the document", grouped(broken), cause=cause)
    if trial.cut:
        inconclusive(f"no 5xx until the trials ended early: {trial.cut}")
    evidence(f"{len(found)} values at edges, and {len(made)} generated ones (seed {seed}): no 5xx")


def unreadable(resource, trial):
    """The faults of values that are accepted, and whose items are then answered 5xx; each with a fresh item, too."""
    broken = []
    for group, made in trial.accepted if resource.can("read") else ():
        if made is None or not is_crash(made.get().status_code):
            continue
        for chosen in ([edge] for edge in group):
            item, reply = attempt(resource, chosen)
            read = None if item is None else item.get()
            if read is not None and is_crash(read.status_code):
                shown_by = f"{exchange_of(reply).summary()}, {exchange_of(read).summary()}"
                what = f"{chosen[0].shown()} is accepted, and the item cannot be read then"
                broken.append(Fault(shown_by, what, excerpt(exchange_of(read))))
    return broken


@rule(
    "SCH-004",
    SHOULD,
    refs=[OPENAPI, "RFC 9110 section 15.5.21"],
    needs="create schema",
    effect=WRITE,
    light=True,
)
def test_invalid_content_is_refused(resource):
    """Refuse what the document does not allow, and store nothing

    Why: what is stored against the schema comes back in a response that no generated client can read.
    Fix: validate requests against the same schema that is published, before anything is stored.
    Probe: creates with one violation each: a required member left out, another type, a value outside its enum or its
        bounds, a text that is too long or breaks its pattern; none that an API may take for another spelling of a valid
        one. Of each kind that a create refuses, one is sent by PUT, too. Where an envelope is around the members, those
        beside it are violated as well, an integer that has bounds is sent as 2^70, and two required members as null: of
        these, only a 5xx is a breach.
    Advice: a server that takes more formats than it documents, or completes a required member by itself, harms few
        clients: what it stores is valid.
    """
    known, schema = resource.known, resource.known.create_schema
    item, _ = edges_of(resource)
    control(valid(schema, item.sent), "the accepted body should satisfy the API's own schema")
    chosen = spread(violations(schema, item.sent, known.representation), MOST_VIOLATIONS)
    applies(chosen, f"the schema of {resource.name} has a constraint that can certainly be violated")
    broken, tried, replaced_by = [], 0, {"required", "range"}
    for index in chosen:
        # A fresh body each time, so that unique values are not taken.
        found = violations(schema, resource.body(), known.representation)
        if index >= len(found):
            break
        violation, tried = found[index], tried + 1
        reply = resource.post(violation.body)
        id = resource.id_in(reply) if reply.is_success else None
        if id is None:
            if 400 <= reply.status_code < 500 and violation.kind not in replaced_by:
                replaced_by.add(violation.kind)
                broken += stored_by_put(resource, violation, reply)
            continue
        stored = shown_at(json_of(Item(resource, id, violation.body, reply).get()), violation.pointer)
        sent = at(violation.body, violation.pointer)
        if violation.pointer == known.version_pointer and stored != sent:
            # The server sets the version itself, whatever a create says.
            continue
        what = f"{violation.kind} of {violation.pointer} violated, and accepted"
        kept = "left out" if sent is MISSING else f"{shown(sent, 60)} sent"
        read = "nothing" if stored is MISSING else shown(stored, 60)
        example = f"{kept}, {read} read"
        harmless = is_harmless(violation.kind, stored)
        broken.append(Fault(exchange_of(reply).summary(), what, example, minor=harmless))
    broken += crashes_around(resource) + crashes_at_extremes(resource)
    if broken and stores_files(resource):
        applies(False, f"{resource.name} looks into the content that it stores")
    expect_none(broken, "400 or 422 for content that the document does not allow")
    evidence(f"{tried} violations, none accepted")


def crashes_around(resource):
    """Faults of members beside the representation, such as `relationships` of JSON:API: 5xx for a wrong type."""
    known, schema = resource.known, resource.known.create_schema
    broken = []
    for index in range(min(len(beside(schema, resource.body(), known.representation)), MOST_BESIDE)):
        # A fresh body each time, so that unique values are not taken.
        found = beside(schema, resource.body(), known.representation)[index:]
        if found and is_crash(resource.post(found[0].body).status_code):
            exchange = exchange_of(resource.post(found[0].body))
            if is_crash(exchange.status):
                what = f"type of {found[0].pointer} violated, twice"
                broken.append(Fault(exchange.summary(), what, excerpt(exchange)))
    return broken


def crashes_at_extremes(resource):
    """Faults of what handlers forget to check: 5xx, twice, for an integer that no column holds, and for null."""
    broken = []
    for pointer, value in extremes(resource):
        for _ in range(2):
            reply = resource.post(replaced(resource.body(), pointer, value))
            if not is_crash(reply.status_code):
                break
        else:
            exchange = exchange_of(reply)
            what = f"{shown(value)} at {pointer}, twice, which its schema does not allow"
            broken.append(Fault(exchange.summary(), what, excerpt(exchange)))
    return broken


def extremes(resource):
    """Invalid values of members: an integer far beyond its bounds, and null for required members."""
    known, schema = resource.known, resource.known.create_schema
    found, body = violations(schema, resource.body(), known.representation), resource.body()

    def invalid(pointer, value):
        return not valid(schema, replaced(body, pointer, value))

    integers = [
        one.pointer
        for one in found
        if one.kind == "range" and type(at(one.body, one.pointer)) is int and invalid(one.pointer, FAR)
    ]
    required = [one.pointer for one in found if one.kind == "required" and invalid(one.pointer, None)]
    return [(pointer, FAR) for pointer in integers[:1]] + [
        (pointer, None) for pointer in required[:MOST_NULL]
    ]


def stored_by_put(resource, violation, refused):
    """The fault of a PUT that stores a value which a create refuses; each method validates by itself."""
    sent = at(violation.body, violation.pointer)
    # A create may have narrower bounds than later states.
    if sent is MISSING or violation.kind == "range" or not resource.can("replace") or resource.staying:
        return []
    item = resource.create()
    reply = item.put(replaced(item.put_body(), violation.pointer, sent))
    if not reply.is_success or shown_at(json_of(item.get()), violation.pointer) != sent:
        return []
    what = f"{violation.kind} of {violation.pointer} violated by {shown(sent, 60)}, and stored"
    summary = f"{exchange_of(reply).summary()}; {exchange_of(refused).summary()} with the same value"
    return [Fault(summary, what, "", minor=violation.kind == "format")]


@rule("SCH-005", SHOULD, refs=[OPENAPI], needs="create schema", effect=WRITE, impact=MAJOR)
def test_valid_content_is_accepted(resource):
    """Accept what the document allows

    Why: a client that keeps to the document is refused in production, with a value that nobody has tried.
    Fix: write the bound that the server checks into the schema, or check the one that is there.
    Probe: creates in which one member has a value that the schema names itself: its bounds, null, or left out.
    Advice: the largest number may be beyond what a business allows today.
    """
    _, found = edges_of(resource)
    promised = [edge for edge in found if edge.promised]
    applies(
        promised, f"the schema of {resource.name} names a bound, a null, or a member that may be left out"
    )
    trial = trials(resource, promised, is_refusal)
    broken = []
    for edge, _ in trial.refused:
        _, reply = attempt(resource, [edge])
        exchange = exchange_of(reply)
        others = {one.member for one in found} - {edge.member}
        if is_refusal(reply.status_code) and not about_another(
            exchange.response_body.text, edge.member, others
        ):
            small = edge.what.endswith(("its maximum", "its exclusiveMaximum"))
            broken.append(Fault(exchange.summary(), f"{edge.shown()}", excerpt(exchange), minor=small))
    expect_none(broken, "values that the schema names are accepted")
    if trial.cut:
        inconclusive(f"nothing was refused until the trials ended early: {trial.cut}")
    evidence(f"{len(promised)} values that the schema names were accepted, or were no fault of their own")


@rule(
    "SCH-007",
    SHOULD,
    refs=["RFC 9110 section 9.3.4", "RFC 8259 section 6", "RFC 3339 section 5.6"],
    needs="create read schema",
    effect=WRITE,
)
def test_values_are_preserved(resource):
    """Preserve values from write to read

    Why: an amount that loses its cents, a false that becomes true, and a time that moves by an hour are found by
        customers, when nobody can repair them.
    Fix: store with the precision that the document allows; do not test for truth where absence is meant; keep the
        offset, or convert by it.
    Probe: accepted values at the edges of the schema are read back, and those that differ once more, each alone in a
        fresh item. Texts of members that the API transforms in any create are left out.
    Advice: what is empty has become another kind of nothing, or digits beyond those of money were lost.
    """
    item, found = edges_of(resource)
    base = json_of(item.get())
    control(base is not MISSING, "an item should be readable as JSON")
    judged = [edge for edge in found if edge.compared and is_shown(edge, item.sent, base)]
    applies(judged, f"{resource.name} shows a member whose value can be at an edge")
    trial = trials(resource, judged, lambda status: False)
    broken, compared = dropped(resource, item, base), 0
    kinds = {"members"} if broken else set()
    for group, made in trial.accepted:
        reply = made.get() if made is not None else None
        if reply is None or not reply.is_success:
            continue
        value, compared = json_of(reply), compared + len(group)
        for edge in group:
            if lost(edge, at(made.sent, edge.pointer), shown_at(value, edge.pointer)) is not None:
                faults = confirmed(resource, edge)
                broken += faults
                kinds |= {edge.what.partition(",")[0]} if faults else set()
    cause = UNICODE_ALTERED if kinds == {"Unicode"} else ""
    expect_none(broken, "the value that was written", cause=cause)
    control(
        compared, f"a value of {resource.name} should be accepted and readable: {trial.cut or 'none was'}"
    )
    evidence(f"{compared} values were read as they were written")


def is_shown(edge, sent, base):
    """Whether the representation shows a member, and a text of it as it was sent."""
    value, read = at(sent, edge.pointer), shown_at(base, edge.pointer)
    if value is MISSING:
        return True
    texts = isinstance(value, str) and isinstance(edge.value, str) and "instant" not in edge.what
    cut = isinstance(value, str) and isinstance(read, str) and value.startswith(read)
    return read is not MISSING and (not texts or value == read or cut)


def dropped(resource, item, base):
    """Faults of members that a create was given and does not show, and that a PUT with the same content stores."""
    inside = at(item.sent, resource.known.representation)
    missing = [
        place
        for name in (inside if isinstance(inside, dict) else ())
        if shown_at(base, place := f"{resource.known.representation}/{jsonpointer.escape(name)}") is MISSING
    ]
    if not missing or not resource.can("replace"):
        return []
    reply = item.put(item.put_body())
    after = json_of(item.get())
    return [
        Fault(
            exchange_of(item.created).summary(),
            f"{place} is not stored, and {exchange_of(reply).summary()} with the same content stores it",
        )
        for place in missing
        if reply.is_success and shown_at(after, place) == at(item.sent, place)
    ]


def confirmed(resource, edge):
    """The fault of one value alone in a fresh item; none where it is kept then."""
    item, reply = attempt(resource, [edge])
    if item is None:
        return []
    read = item.get()
    value = shown_at(json_of(read), edge.pointer)
    what = lost(edge, at(item.sent, edge.pointer), value) if read.is_success else None
    if what is None:
        return []
    shown_by = f"{exchange_of(reply).summary()}, {exchange_of(read).summary()}"
    return [Fault(shown_by, f"{edge.shown()} {what}", minor=minor(edge, value))]
