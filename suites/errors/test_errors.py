"""ERR: errors that a program can act on, and that tell an attacker nothing."""

from __future__ import annotations

import uuid

from harness import MINOR, MUST, SHOULD, WRITE, applies, control, expect, inconclusive, note, rule, warn
from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.http import error_envelope, error_markers, error_statuses, intermediary
from harness.http.content import MISSING, at, is_json, json_of
from harness.http.error_body import explanation_fault, json_body, json_errors, speaks_json
from harness.http.error_statuses import BROKEN, HOLDS, OPEN
from harness.payloads.constraints import valid
from harness.payloads.invalid import combined, violations
from harness.profile.models import State
from harness.resource.counting import listed
from harness.resource.tags import tag_pointer
from harness.rules.faults import Fault, excerpt, grouped
from harness.survey.ask.triggers import UNKNOWN_ROUTE

from . import codes, fields, leaks, naming, problem, request_id
from .probes import absent_requests, duplicate_of, exists_after_all, readable_item, with_bad_octet

FEWEST_TRIGGERS = 4
FEWEST_STATUSES = 4
MOST_VIOLATIONS = 12
MOST_DOCUMENTS = 10


def own_errors(survey, target, *more):
    """The API's own errors in the survey, and among further exchanges; what is not its own is told apart."""
    found = intermediary.errors([*survey.exchanges, *more], target.url)
    if found.edge:
        note(found.told())
    return found.own


def unknown_route(client):
    """The answer to a GET of a path that nobody can have."""
    return client.get(f"/no-such-route-{uuid.uuid4().hex[:12]}")


def ruled(ruling, reply, survey):
    """The ruling, but for what something in front of the API answered."""
    exchange = exchange_of(reply)
    return OPEN if ruling is BROKEN and intermediary.from_edge(exchange, survey.exchanges) else ruling


def takes_json(resource):
    """Go on only where creates are JSON."""
    media = resource.known.media_type
    applies(is_json(media), f"creates of {resource.name} are JSON ({media})")


@rule("ERR-001", MUST, refs=["RFC 9110 section 15.3.1", "RFC 9205 section 4.6"])
def test_errors_have_no_2xx_status(survey):
    """Never report an error with a 2xx status

    Why: retries, caches, client libraries and monitors go by the status; an error in a 200 is taken for success,
        cached, and never alerted on.
    Fix: set the status where the error's envelope is made: 4xx for the client's fault, 5xx for the server's.
    """
    triggered = survey.triggered()
    provoked = {exchange.id for _, exchange in triggered}
    ordinary = json_errors(error_statuses.surely_fine(e for e in survey.exchanges if e.id not in provoked))
    broken = []
    for trigger, exchange in triggered:
        if exchange.status is None or not 200 <= exchange.status < 300 or exchange.status in (202, 207):
            continue
        found = error_markers.unusual(
            error_markers.markers(json_body(exchange)), [body for _, body in ordinary]
        )
        if found:
            told = ", ".join(f"{name} = {value}" for name, value in found.items())
            broken.append(Fault(f"{trigger.kind}: {exchange.summary()}", f"says {told}", excerpt(exchange)))
    expect(not broken, "4xx or 5xx for a request that failed", grouped(broken))
    if len(triggered) < FEWEST_TRIGGERS:
        inconclusive(f"only {len(triggered)} errors could be provoked, and {FEWEST_TRIGGERS} are wanted")


@rule("ERR-002", SHOULD, refs=["RFC 9110 section 15.5.5", "RFC 9110 section 15.5.11"], needs="read")
def test_absent_resources_get_404(resource, survey):
    """Answer an absent resource or route with 404

    Why: clients tell "it is gone" from "try again" by 404; a 200 or 500 for what does not exist makes them store
        nonsense, or retry for ever.
    Fix: look the item up first, answer 404 where there is none, and let unknown paths fall through to a 404.
    """
    item = readable_item(resource)
    control(item.is_success, f"an item that exists should be readable: {exchange_of(item).summary()}")
    hides, certain = resource.known.hides_absence, resource.known.absent_id is not None
    broken, undecided = [], []
    for method, reply in absent_requests(resource):
        summary = exchange_of(reply).summary()
        ruling = error_statuses.absent_item(method, reply.status_code, hides=hides, certain=certain)
        if method == "GET" and exists_after_all(resource, reply):
            undecided.append(f"{summary}, with an item of that id")
        elif ruled(ruling, reply, survey) is BROKEN:
            broken.append(Fault(summary, "the item does not exist", excerpt(exchange_of(reply))))
        elif ruling is not HOLDS and method == "GET":
            undecided.append(summary)
    if resource.name == min(one.name for one in survey.profile.resources if one.missing("read") is None):
        reply = unknown_route(resource.client)
        ruling = ruled(error_statuses.unknown_route(reply.status_code), reply, survey)
        if ruling is BROKEN:
            broken.append(
                Fault(exchange_of(reply).summary(), "no route has this path", excerpt(exchange_of(reply)))
            )
        elif ruling is OPEN:
            undecided.append(exchange_of(reply).summary())
    expect(not broken, "404 (or 410) for what does not exist", grouped(broken))
    if undecided:
        ways = "`absent_id` gives an id of the right form, `hides_absence` declares 403"
        inconclusive(f"another check may have come first: {'; '.join(undecided)} ({ways})")


@rule("ERR-003", SHOULD, refs=["RFC 9110 section 15.5.1"], needs="create", effect=WRITE)
def test_malformed_json_gets_400(resource, survey):
    """Answer syntactically malformed JSON with 400

    Why: a client that cut a body short must learn that it is its own fault: a 5xx is retried, a 2xx stores half
        of the data or none.
    Fix: parse strictly, as UTF-8, before anything else looks at the content; map the parser's error to 400.
    """
    takes_json(resource)
    resource.create()
    schema = resource.known.create_schema
    required = schema is not None and not valid(schema, {})
    cases = {
        'the content {"a":': b'{"a":',
        "the content {'a':1}": b"{'a':1}",
        "no content": b"",
        "a single NUL": b"\0",
        "a text that is not UTF-8": with_bad_octet(resource.body()),
    }
    if schema is not None and not required:
        del cases["no content"]
    broken, undecided, refused = [], [], 0
    for what, content in cases.items():
        reply = resource.post(content=content)
        summary = f"{what}: {exchange_of(reply).summary()}"
        ruling = error_statuses.malformed(reply.status_code, empty=not content, required=required)
        if ruled(ruling, reply, survey) is BROKEN:
            broken.append(Fault(summary, "accepted" if reply.is_success else "not 400"))
        elif ruling is not HOLDS and content:
            undecided.append(summary)
        elif content:
            refused += 1
    expect(not broken, "400 for content that is no JSON, and nothing created", grouped(broken))
    if undecided:
        told = f"something else seems to have answered: {'; '.join(undecided)}"
        note(told) if refused else inconclusive(told)


@rule("ERR-004", SHOULD, refs=["RFC 9110 section 15.5.21"], needs="create schema", effect=WRITE)
def test_invalid_fields_are_refused_and_named(resource, survey):
    """Answer a well-formed but invalid body with 400 or 422 and name each failing field

    Why: a form can mark the field that is wrong only if a program can find its name; a 5xx makes clients retry
        what can never succeed.
    Fix: validate against the schema before the business logic, and send each failure with the field's name or
        JSON Pointer in a member of its own.
    """
    takes_json(resource)
    known, schema = resource.known, resource.known.create_schema
    accepted = resource.create()
    control(valid(schema, accepted.sent), "the accepted body should satisfy the API's own schema")
    count = len(violations(schema, accepted.sent, known.representation))
    applies(count >= 2, f"the schema of {resource.name} has two constraints that can surely be violated")
    broken, undecided, tags, refused = [], [], [], 0
    for index in range(0, count, -(-count // MOST_VIOLATIONS)):
        # A fresh body each time: a value that must be unique shall not be taken by an earlier one.
        body = resource.body()
        found = violations(schema, body, known.representation)
        if index >= len(found):
            break
        violation = found[index]
        reply = resource.post(violation.body)
        summary = f"{violation.kind} of {violation.pointer}: {exchange_of(reply).summary()}"
        ruling = ruled(error_statuses.invalid(reply.status_code), reply, survey)
        if ruling is OPEN:
            undecided.append(summary)
        elif ruling is BROKEN:
            broken.append(Fault(summary, "not 400 or 422", excerpt(exchange_of(reply))))
        else:
            refused += 1
            if not naming.names(json_of(reply), violation.member):
                fault = f"no structured member names {violation.member}"
                broken.append(Fault(summary, fault, excerpt(exchange_of(reply))))
        tag = tag_pointer(known, body) if resource.can("tag") else None
        if not reply.is_success and tag not in (None, violation.pointer):
            tags.append((tag, at(body, tag), summary))
    counts = listed(resource, [(pointer, value) for pointer, value, _ in tags]) or []
    for (_, _, summary), count in zip(tags, counts, strict=False):
        if count:
            broken.append(Fault(summary, "refused, and yet an item with its text is listed"))
    expect(not broken, "400 or 422 that names the failing field, and nothing stored", grouped(broken))
    if not refused:
        told = "; ".join(undecided[:5]) or "none sent"
        inconclusive(f"no violation was refused as one (SCH-004 judges what is accepted): {told}")


@rule("ERR-005", SHOULD, refs=["RFC 9457 section 3"], needs="create schema", effect=WRITE, impact=MINOR)
def test_validation_failures_are_reported_together(resource):
    """Report all validation failures together

    Why: a user corrects a form once if all its faults are shown, and once for each fault otherwise.
    Fix: let the validator collect its failures instead of stopping at the first one.
    """
    takes_json(resource)
    known, schema = resource.known, resource.known.create_schema
    resource.create()
    body = resource.body()
    control(valid(schema, body), "the body of creates should satisfy the API's own schema")
    found = violations(schema, body, known.representation)
    wrong = combined(found)
    applies(wrong is not None, "three members can be violated at the same stage of validation")
    members = [violation.member for violation in fields.violated(found, body, wrong)]
    reply = resource.post(wrong)
    summary = f"{', '.join(members)} wrong: {exchange_of(reply).summary()}"
    if error_statuses.invalid(reply.status_code) is not HOLDS:
        inconclusive(f"not a refusal of what is wrong: {summary}")
    told, missing = fields.split(json_of(reply), members)
    if not told:
        inconclusive(f"no field is named in a structured member (ERR-004), so none can be counted: {summary}")
    expect(
        not missing,
        f"all of {', '.join(members)} named",
        f"{summary}, naming {', '.join(told)} only: {excerpt(exchange_of(reply))}",
    )


@rule("ERR-006", SHOULD, refs=["RFC 9110 section 15.5", "RFC 9110 section 15.6"], impact=MINOR)
def test_errors_carry_an_explanation(survey, target):
    """Send an explanation in every error, in the API's media type

    Why: a client that parses JSON crashes on a page of HTML, and nobody can tell what was wrong from no content.
    Fix: register one error handler for everything, the framework's own 400, 404 and 405 included.
    """
    own = own_errors(survey, target)
    applies(own, "an error of the API was seen")
    json_api = speaks_json(survey.exchanges)
    faults = [(exchange, explanation_fault(exchange, json_api=json_api)) for exchange in own]
    broken = [Fault(exchange.summary(), fault) for exchange, fault in faults if fault is not None]
    expect(not broken, "content that explains the error, in JSON if the API speaks JSON", grouped(broken))


@rule("ERR-007", SHOULD, refs=["RFC 9457 section 1"], impact=MINOR)
def test_all_errors_share_one_envelope(survey, target):
    """Use one envelope for all errors

    Why: a client has one parser for errors; one that finds `detail` a text here and a list there shows nothing,
        or crashes while it handles the error.
    Fix: make every error, the framework's own included, in one place.
    """
    sample = [
        (exchange, found)
        for exchange, body in json_errors(own_errors(survey, target))
        if (found := error_envelope.skeleton(body)) is not None
    ]
    kinds = sorted({exchange.status for exchange, _ in sample})
    if len(kinds) < 2:
        inconclusive(f"two kinds of errors in JSON are needed to compare, seen were: {kinds or 'none'}")
    usual = error_envelope.usual([found for _, found in sample])
    broken = [
        Fault(exchange.summary(), error_envelope.difference(found, usual), excerpt(exchange))
        for exchange, found in sample
        if not error_envelope.agree(found, usual)
    ]
    expect(not broken, f"the same members at the same places in all errors: {usual}", grouped(broken))
    if len(kinds) < FEWEST_STATUSES:
        inconclusive(f"{FEWEST_STATUSES} kinds of errors in JSON are wanted, seen were only {kinds}")


@rule("ERR-008", SHOULD, refs=["RFC 9457 section 3.1.1", "RFC 9457 section 3.1.4"], impact=MINOR)
def test_errors_have_a_stable_code_and_a_message(survey, target, client):
    """Include a stable machine-readable code and a human message

    Why: clients that have nothing to switch on compare messages, and break when a comma is corrected.
    Fix: give each kind of error a constant token (`code`, or the problem `type`), beside a sentence for humans.
    """
    again = exchange_of(unknown_route(client))
    sample = json_errors(own_errors(survey, target, again))
    kinds = sorted({exchange.status for exchange, _ in sample})
    control(len(kinds) >= 2, f"two kinds of errors should be seen in JSON: {kinds or 'none'}")
    as_status = codes.means_status(sample)
    broken = [
        Fault(exchange.summary(), fault, excerpt(exchange))
        for exchange, body in sample
        for fault in codes.faults(exchange, body, as_status=as_status)
    ]
    same_cause = {again.id, *(exchange.id for _, exchange in survey.triggered(UNKNOWN_ROUTE))}
    changing = codes.changing([(exchange, body) for exchange, body in sample if exchange.id in same_cause])
    if changing is not None:
        broken.append(Fault(f"{again.summary()}, twice", f"another code each time: {changing}"))
    shared = codes.undistinguished(sample)
    if shared is not None:
        broken.append(Fault(f"errors with status {', '.join(map(str, kinds))}", f"all have {shared}"))
    expect(
        not broken, "a code, the same for one cause and another for another, and a message", grouped(broken)
    )


@rule("ERR-009", MUST, refs=["RFC 9457 section 3.1", "RFC 9457 section 3.1.2"])
def test_problem_details_are_valid_and_truthful(survey, target):
    """Make problem+json valid and its status truthful

    Why: generic clients read these members by the standard; a `status` that differs from HTTP's makes each layer
        decide differently on retries and alerts.
    Fix: set `status` from the response in one place; title and detail are strings, type and instance URIs.
    """
    own = [exchange for exchange in own_errors(survey, target) if exchange.media_type == problem.MEDIA]
    seen = [exchange for exchange in own if exchange.method != "HEAD" and not exchange.response_body.cut]
    applies(seen, "an error with Content-Type application/problem+json was seen")
    broken = []
    for exchange in seen:
        body = json_body(exchange)
        broken += [Fault(exchange.summary(), fault) for fault in problem.faults(body, exchange.status)]
        for name in problem.nulls(body):
            warn(f"{name} left out where it has no value", f"{exchange.summary()}: {name} is null")
    expect(not broken, "members typed as in RFC 9457, and `status` equal to HTTP's", grouped(broken))


@rule("ERR-010", SHOULD, refs=["RFC 9457 section 3.1.1", "RFC 9457 section 3.1.3"], impact=MINOR)
def test_problem_types_are_stable_and_documented(survey, target, client):
    """Keep problem titles stable and type URIs absolute and documented

    Why: the type is what clients switch on and developers open in a browser; a relative one changes its meaning
        with the path, and a dead one documents nothing.
    Fix: one constant absolute URI and one constant title for each type, with a page behind it.
    """
    own = own_errors(survey, target, exchange_of(unknown_route(client)))
    bodies = [body for exchange, body in json_errors(own) if exchange.media_type == problem.MEDIA]
    types = sorted({problem.type_of(body) for body in bodies} - {problem.BLANK})
    applies(types, "a problem type beside about:blank was seen")
    broken = [
        Fault(kind, f"has several titles: {', '.join(map(repr, titles))}")
        for kind, titles in problem.titles(bodies).items()
        if len(titles) > 1 and kind != problem.BLANK
    ]
    broken += [Fault(kind, "is a relative reference") for kind in types if not problem.is_absolute(kind)]
    for kind in [kind for kind in types if kind.startswith(f"{target.origin}/")][:MOST_DOCUMENTS]:
        reply = client.get(kind.partition("#")[0])
        if reply.status_code in (404, 410) or reply.status_code >= 500:
            broken.append(Fault(kind, f"leads to no documentation ({exchange_of(reply).summary()})"))
    expect(not broken, "one title for each type, and an absolute URI that leads somewhere", grouped(broken))
    if not problem.repeated(bodies):
        inconclusive("no problem type occurred twice, so that its titles could be compared")


@rule("ERR-011", SHOULD, refs=["OWASP API Security Top 10 2023, API8", "RFC 9457 section 4"])
def test_errors_leak_no_implementation_detail(survey, target):
    """Leak no implementation detail

    Why: stack traces, SQL and file paths tell an attacker which versions, tables and hosts to aim at.
    Fix: log them under a request id and answer only that id; switch debug pages and X-Powered-By off.
    """
    own = own_errors(survey, target)
    applies(own, "an error of the API was seen")
    powered = [Fault(exchange.summary(), line) for exchange in own for line in leaks.powered_by(exchange)]
    if powered:
        warn("no field that names the software behind the API", grouped(powered))
    broken = [
        Fault(exchange.summary(), str(leak)) for exchange in own for leak in leaks.of_exchange(exchange)
    ]
    expect(not broken, "no stack frames, classes, SQL, file paths or internal addresses", grouped(broken))


@rule("ERR-012", SHOULD, refs=["Google AIP-193 (RequestInfo)", "W3C Trace Context"], impact=MINOR)
def test_errors_carry_a_unique_request_id(survey, target):
    """Carry a unique request id, and point to documentation

    Why: "it failed at ten" finds nothing in a log; a request id finds the one line.
    Fix: make an id for each request at the door, log it everywhere, and send it in X-Request-Id and in the error.
    """
    own = [exchange for exchange in own_errors(survey, target) if not request_id.cached(exchange)]
    fine = [e for e in survey.exchanges if e.status and e.status < 300 and not request_id.cached(e)]
    seen = f"{len(own)} errors and {len(fine)} successes"
    control(len(own) >= 3 and len(fine) >= 2, f"three errors and two successes should be seen, not {seen}")
    broken = [Fault(exchange.summary(), "no request id") for exchange in own if not request_id.ids(exchange)]
    for exchange, body in json_errors(own):
        if (told := request_id.disagreeing(exchange, body)) is not None:
            broken.append(Fault(exchange.summary(), "the content has another id than the field", told))
    shared = request_id.repeated([request_id.ids(exchange) for exchange in [*own, *fine]])
    if shared is not None:
        broken.append(Fault("several responses", f"share an id: {shared}"))
    expect(not broken, "an id in a field or in the content, another in each response", grouped(broken))
    if not any(request_id.documentation(body) for _, body in json_errors(own)):
        note("no error points to documentation (doc_url, links.about, the problem type), which is optional")


@rule("ERR-013", SHOULD, refs=["RFC 9110 section 15.5.10"], needs="create unique", effect=WRITE)
def test_conflicts_get_409(resource, survey, profile):
    """Answer a state or uniqueness conflict with 409 and enough information

    Why: "this name is taken" is for the user to resolve, "this name is not valid" for the developer; a second
        item with the same name is found out by neither.
    Fix: put a unique constraint into the database, and map its violation to 409 with the name of the field.
    """
    takes_json(resource)
    declared = resource.known.capabilities["unique"].state is State.DECLARED
    broken, undecided = [], []
    for pointer in resource.known.unique:
        first, where = resource.create(), resource.known.representation + pointer
        value, member = at(first.sent, where), pointer.rsplit("/", 1)[-1]
        control(value is not MISSING, f"the create body should have a value at {where}")
        # Where uniqueness was only seen, it may be that of several members together: then all are repeated.
        reply = resource.post(duplicate_of(resource, first, where) if declared else first.sent)
        exchange = exchange_of(reply)
        summary, text = (
            f"second create with the same {member}: {exchange.summary()}",
            exchange.response_body.text,
        )
        ruling = ruled(error_statuses.conflict(reply.status_code), reply, survey)
        if reply.is_success and (not declared or resource.id_in(reply) in (None, first.id)):
            undecided.append(f"{summary}, by an API that may answer with the item that was there")
        elif reply.is_success:
            broken.append(Fault(summary, "accepted, with another id"))
        elif ruling is OPEN:
            undecided.append(summary)
        elif ruling is BROKEN:
            broken.append(Fault(summary, "not 409", excerpt(exchange)))
        elif not (
            naming.names(json_of(reply), member) or naming.mentions(text, member) or str(value) in text
        ):
            broken.append(Fault(summary, f"tells neither {member} nor its value", excerpt(exchange)))
        if not reply.is_success:
            count = lambda: sum(listed(resource, [(where, value)]) or [1])  # noqa: B023, E731
            eventually(lambda: count() > 0, profile.consistency_window)  # noqa: B023
            if count() > 1:
                broken.append(Fault(summary, "refused, and yet several items with the value are listed"))
    expect(not broken, "409 that tells the conflicting field, and one item", grouped(broken))
    if undecided:
        inconclusive(f"no answer to a conflict: {'; '.join(undecided)}")
