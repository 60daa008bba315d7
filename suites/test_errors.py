"""ERR: errors that a program can act on, and that tell an attacker nothing."""

from __future__ import annotations

import json
import uuid

from harness import MAJOR, MINOR, MUST, SHOULD, WRITE, applies, control, expect, inconclusive
from harness import not_applicable, note, rule, warn
from harness.client import exchange_of
from harness.payloads.constraints import valid
from harness.content import MISSING, at, is_json, json_of
from harness.errors import codes, envelope, fields, leaks, markers, naming, problem, request_id, statuses
from harness.errors.content import explanation_fault, json_errors, speaks_json
from harness.errors.edge import attributed, errors, servers
from harness.errors.evidence import excerpt, grouped
from harness.errors.probes import absent_requests, copies, duplicate_of, readable_item, with_bad_octet
from harness.errors.statuses import BROKEN, HOLDS, OPEN
from harness.resource import tag_pointer
from harness.rules import Effect
from harness.survey.triggers import UNKNOWN_ROUTE
from harness.violations import combined, violations
from harness.waiting import eventually

FEWEST_TRIGGERS = 4
FEWEST_STATUSES = 4
MOST_VIOLATIONS = 12
MOST_DOCUMENTS = 10


def own_errors(survey, target):
    """The API's own errors in the survey; those of something in front of it are told apart."""
    found = errors(survey.exchanges, target.url)
    if found.edge:
        note(found.told())
    return found.own


def json_sample(survey, target):
    """The API's own errors that are JSON and say something, with their bodies."""
    return json_errors(own_errors(survey, target))


def by_edge(reply, survey):
    """Whether something in front of the API gave this answer."""
    return attributed(exchange_of(reply), servers(survey.exchanges)) is not None


def takes_json(resource):
    """Go on only where creates are JSON."""
    applies(is_json(resource.known.media_type), f"{resource.name} takes JSON, not {resource.known.media_type}")


@rule("ERR-001", MUST, refs=["RFC 9110 section 15.3.1", "RFC 9205 section 4.6"])
def test_errors_are_not_reported_with_a_2xx_status(survey):
    """Never report an error with a 2xx status

    Why: retries, caches, proxies, client libraries and monitors go by the status; an error in a 200 is taken for
        success, cached, and never alerted on.
    Fix: set the status of the error (4xx for the client's fault, 5xx for the server's) where the envelope is made.
    """
    triggered = survey.triggered()
    provoked = {exchange.id for _, exchange in triggered}
    ordinary = json_errors(e for e in survey.exchanges if e.id not in provoked and e.status == 200)
    broken = []
    for trigger, exchange in triggered:
        if exchange.status is None or not 200 <= exchange.status < 300 or exchange.status in (202, 207):
            continue
        for _, body in json_errors([exchange]):
            found = markers.unusual(markers.markers(body), [one for _, one in ordinary])
            if found:
                told = ", ".join(f"{name} = {value}" for name, value in found.items())
                broken.append((f"{trigger.kind}: {exchange.summary()}", f"{told} in {excerpt(exchange)}"))
    expect(not broken, "4xx or 5xx for a request that failed", grouped(broken))
    if len(triggered) < FEWEST_TRIGGERS:
        inconclusive(f"only {len(triggered)} errors could be provoked, and {FEWEST_TRIGGERS} are wanted")


@rule("ERR-002", SHOULD, refs=["RFC 9110 section 15.5.5", "RFC 9110 section 15.5.11"], needs="read")
def test_absent_resources_are_answered_404(resource, survey):
    """Answer an absent resource or route with 404

    Why: clients tell "it is gone" from "try again" by 404; a 200 or 500 for what does not exist makes them store
        nonsense, or retry for ever.
    Fix: look the item up first and answer 404 where there is none; let unknown paths fall through to a 404.
    """
    item = readable_item(resource)
    control(item.is_success, f"an item that exists should be readable: {exchange_of(item).summary()}")
    broken, undecided = [], []
    for method, reply in absent_requests(resource):
        summary = exchange_of(reply).summary()
        ruling = statuses.absent_item(
            method,
            reply.status_code,
            hides=resource.known.hides_absence,
            certain=resource.known.absent_id is not None,
        )
        if ruling is BROKEN and not by_edge(reply, survey):
            broken.append((summary, "the item does not exist"))
        elif ruling is not HOLDS and method == "GET":
            undecided.append(summary)
    readable = [one.name for one in survey.profile.resources if one.missing("read") is None]
    if resource.name == min(readable):
        reply = resource.client.get(f"/no-such-route-{uuid.uuid4().hex[:12]}")
        ruling = statuses.unknown_route(reply.status_code)
        if ruling is BROKEN and not by_edge(reply, survey):
            broken.append((exchange_of(reply).summary(), "no route has this path"))
        elif ruling is OPEN:
            undecided.append(exchange_of(reply).summary())
    expect(not broken, "404 (or 410) for what does not exist", grouped(broken))
    if undecided:
        inconclusive(
            f"another check may have come first: {'; '.join(undecided)} (`absent_id` gives an id of the right "
            "form, `hides_absence` declares 403)"
        )


@rule("ERR-003", SHOULD, refs=["RFC 9110 section 15.5.1"], needs="create", effect=WRITE)
def test_malformed_json_is_refused_with_400(resource, survey):
    """Answer syntactically malformed JSON with 400

    Why: a client that cut a body short must learn that it is its own fault: a 5xx is retried, a 2xx stores half of
        the data or none.
    Fix: parse strictly, as UTF-8, before anything else looks at the content, and map the parser's error to 400.
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
        "a string that is not UTF-8": with_bad_octet(resource.body()),
    }
    if schema is not None and not required:
        del cases["no content"]
    broken, undecided = [], []
    for what, content in cases.items():
        reply = resource.post(content=content)
        summary = f"{what}: {exchange_of(reply).summary()}"
        ruling = statuses.malformed(reply.status_code, empty=not content, required=required)
        if ruling is BROKEN and not by_edge(reply, survey):
            told = "accepted" if reply.is_success else "not 400"
            broken.append((summary, told))
        elif ruling is not HOLDS and content:
            undecided.append(summary)
    expect(not broken, "400 for content that is no JSON, and nothing created", grouped(broken))
    if undecided:
        inconclusive(f"something else seems to have answered: {'; '.join(undecided)}")


@rule("ERR-004", SHOULD, refs=["RFC 9110 section 15.5.21", "RFC 9457 section 3"], needs="create schema", effect=WRITE)
def test_invalid_fields_are_refused_and_named(resource, survey):
    """Answer a well-formed but invalid body with 400 or 422 and name each failing field

    Why: a form can mark the field that is wrong only if a program can find its name; a 5xx makes clients retry
        what can never succeed.
    Fix: validate against the schema before the business logic, and send each failure with the field's name or JSON
        Pointer in a member of its own.
    """
    takes_json(resource)
    known, schema = resource.known, resource.known.create_schema
    accepted = resource.create()
    control(valid(schema, accepted.sent), "the accepted body should satisfy the API's own schema")
    count = len(violations(schema, accepted.sent, known.representation))
    applies(count >= 2, f"the schema constrains members of {resource.name} in ways that can surely be violated")
    broken, undecided, refused, tags = [], [], 0, []
    for index in range(0, count, -(-count // MOST_VIOLATIONS)):
        # A fresh body each time: a value that must be unique shall not be taken by an earlier one.
        body = resource.body()
        found = violations(schema, body, known.representation)
        if index >= len(found):
            continue
        violation, tag = found[index], tag_pointer(known, body)
        reply = resource.post(violation.body)
        summary = f"{violation.kind} of {violation.pointer}: {exchange_of(reply).summary()}"
        ruling = statuses.invalid(reply.status_code)
        if ruling is OPEN:
            undecided.append(summary)
        elif ruling is BROKEN and not by_edge(reply, survey):
            broken.append((summary, "not 400 or 422"))
        elif ruling is HOLDS:
            refused += 1
            if not naming.names(json_of(reply), violation.member):
                broken.append((summary, f"no structured member names {violation.member}: {excerpt(exchange_of(reply))}"))
        if not reply.is_success and tag is not None and tag != violation.pointer and resource.can("tag"):
            tags.append((tag, at(body, tag), summary))
    for summary in copies(resource, tags):
        broken.append((summary, "refused, and yet an item with its text is listed"))
    expect(not broken, "400 or 422, with the failing field named in a structured member, and nothing stored", grouped(broken))
    if not refused:
        inconclusive(
            f"no violation was refused (SCH-004 judges what is accepted): {'; '.join(undecided[:5]) or 'none sent'}"
        )


@rule("ERR-005", SHOULD, refs=["RFC 9457 section 3"], needs="create schema", effect=WRITE, impact=MINOR)
def test_validation_failures_are_reported_together(resource):
    """Report all validation failures together

    Why: a user who fills in a form corrects it once if all faults are shown, and once for each fault otherwise.
    Fix: let the validator collect its failures instead of stopping at the first one.
    """
    takes_json(resource)
    known, schema = resource.known, resource.known.create_schema
    resource.create()
    body = resource.body()
    control(valid(schema, body), "the accepted body should satisfy the API's own schema")
    found = violations(schema, body, known.representation)
    wrong = combined(found)
    applies(wrong is not None, "three members of the schema can be violated at the same stage of validation")
    members = [violation.member for violation in fields.violated(found, body, wrong)]
    reply = resource.post(wrong)
    summary = exchange_of(reply).summary()
    if statuses.invalid(reply.status_code) is not HOLDS:
        inconclusive(f"{', '.join(members)} are wrong, and it is not a refusal of these: {summary}")
    told, missing = fields.split(json_of(reply), members)
    if not told:
        inconclusive(f"no field is named in a structured member (ERR-004), so they cannot be counted: {summary}")
    expect(
        not missing,
        f"all of {', '.join(members)} named",
        f"{summary} names {', '.join(told)} and not {', '.join(missing)}: {excerpt(exchange_of(reply))}",
    )


@rule("ERR-006", SHOULD, refs=["RFC 9110 section 15.5", "RFC 9110 section 15.6"], impact=MINOR)
def test_errors_carry_an_explanation(survey, target):
    """Send an explanation in every error, in the API's media type

    Why: a client that parses JSON crashes on a page of HTML, and nobody can tell what was wrong from no content.
    Fix: register one error handler for everything, the framework's own 404, 405 and 400 included.
    """
    own = own_errors(survey, target)
    applies(own, "an error of the API was seen")
    json_api = speaks_json(survey.exchanges)
    faults = [(exchange, explanation_fault(exchange, json_api=json_api)) for exchange in own]
    broken = [(exchange.summary(), fault) for exchange, fault in faults if fault is not None]
    expect(not broken, "content that explains the error, in JSON for an API that speaks JSON", grouped(broken))


@rule("ERR-007", SHOULD, refs=["RFC 9457 section 1"], impact=MINOR)
def test_all_errors_share_one_envelope(survey, target):
    """Use one envelope for all errors

    Why: a client has one parser for errors; one that finds `detail` a text here and a list there shows nothing, or
        crashes while it handles the error.
    Fix: make every error, the framework's own included, in one place.
    """
    seen = [(exchange, envelope.skeleton(body)) for exchange, body in json_sample(survey, target)]
    sample = [(exchange, one) for exchange, one in seen if one is not None]
    kinds = sorted({exchange.status for exchange, _ in sample})
    if len(kinds) < 2:
        inconclusive(f"errors of two kinds at least are wanted, seen in JSON were: {kinds or 'none'}")
    usual = envelope.usual([one for _, one in sample])
    broken = [
        (exchange.summary(), f"{envelope.difference(one, usual)}: {excerpt(exchange)}")
        for exchange, one in sample
        if not envelope.agree(one, usual)
    ]
    expect(not broken, f"the same members at the same places in all errors: {usual}", grouped(broken))
    if len(kinds) < FEWEST_STATUSES:
        inconclusive(f"errors of {FEWEST_STATUSES} kinds are wanted, seen in JSON were only {kinds}")


@rule("ERR-008", SHOULD, refs=["RFC 9457 section 3.1.1", "RFC 9457 section 3.1.4"], impact=MINOR)
def test_errors_have_a_stable_code_and_a_message(survey, target, client):
    """Include a stable machine-readable code and a human message

    Why: clients that have nothing to switch on compare messages, and break when a comma is corrected.
    Fix: give every kind of error a constant token (`code`, or the problem `type`) beside a sentence for humans.
    """
    again = exchange_of(client.get(f"/no-such-route-{uuid.uuid4().hex[:12]}"))
    sample = json_sample(survey, target) + json_errors(errors([*survey.exchanges, again], target.url).own[-1:])
    statuses_seen = sorted({exchange.status for exchange, _ in sample})
    control(len(statuses_seen) >= 2, f"two kinds of errors should be seen in JSON: {statuses_seen or 'none'}")
    broken = []
    for exchange, body in sample:
        for fault in codes.faults(body, exchange.status, as_status=codes.is_status(sample)):
            broken.append((exchange.summary(), f"{fault}: {excerpt(exchange)}"))
    twice = [(e, b) for trigger, e in survey.triggered(UNKNOWN_ROUTE) for s, b in sample if s.id == e.id]
    twice += [(exchange, body) for exchange, body in sample if exchange.id == again.id]
    broken += codes.unstable(twice)
    alike = codes.undistinguished(sample)
    if alike is not None:
        broken.append((f"errors with statuses {', '.join(map(str, statuses_seen))}", alike))
    expect(not broken, "a code that is the same for the same cause and another for another, and a message", grouped(broken))


@rule("ERR-009", MUST, refs=["RFC 9457 section 3.1", "RFC 9457 section 3.1.2"])
def test_problem_details_are_valid_and_truthful(survey, target):
    """Make problem+json valid and its status truthful

    Why: generic clients read these members by the standard; a `status` that differs from HTTP's makes retry and
        alerting decide differently at each layer.
    Fix: set `status` from the response's status in one place; keep title and detail strings, type and instance URIs.
    """
    seen = [e for e in own_errors(survey, target) if e.media_type == problem.MEDIA and e.method != "HEAD"]
    applies(seen, "an error with Content-Type application/problem+json was seen")
    broken = []
    for exchange in seen:
        if exchange.response_body.cut:
            continue
        found = json_errors([exchange])
        body = found[0][1] if found else MISSING
        for fault in problem.faults(body, exchange.status):
            broken.append((exchange.summary(), fault))
        for name in problem.nulls(body):
            warn(f"{name} left out where it has no value", f"{exchange.summary()}: {name} is null")
    expect(not broken, "members of the types of RFC 9457, and `status` equal to the HTTP status", grouped(broken))


@rule("ERR-010", SHOULD, refs=["RFC 9457 section 3.1.1", "RFC 9457 section 3.1.3"], impact=MINOR)
def test_problem_types_are_stable_and_documented(survey, target, client):
    """Keep problem titles stable and type URIs absolute and documented

    Why: the type is what clients switch on and what developers open in a browser; a relative one changes its
        meaning with the path, and a dead one documents nothing.
    Fix: one constant absolute URI and one constant title for each type, with a page behind it.
    """
    again = exchange_of(client.get(f"/no-such-route-{uuid.uuid4().hex[:12]}"))
    own = [*own_errors(survey, target), *errors([*survey.exchanges, again], target.url).own[-1:]]
    bodies = [body for e, body in json_errors(own) if e.media_type == problem.MEDIA]
    types = sorted({problem.type_of(body) for body in bodies} - {problem.BLANK})
    applies(types, "a problem type beside about:blank was seen")
    broken = [
        (kind, f"has several titles: {', '.join(map(repr, titles))}")
        for kind, titles in problem.titles(bodies).items()
        if len(titles) > 1 and kind != problem.BLANK
    ]
    broken += [(kind, "is a relative reference") for kind in types if not problem.is_absolute(kind)]
    here = [kind for kind in types if kind.startswith(f"{target.origin}/")]
    for kind in here[:MOST_DOCUMENTS]:
        reply = client.get(kind.partition("#")[0])
        if reply.status_code in (404, 410) or reply.status_code >= 500:
            broken.append((kind, f"leads to no documentation: {exchange_of(reply).summary()}"))
    expect(not broken, "one title for each type, whose URI is absolute and leads to documentation", grouped(broken))
    if not problem.repeated(bodies):
        inconclusive("no problem type occurred twice, so that its titles could be compared")


@rule("ERR-011", SHOULD, refs=["OWASP API Security Top 10 2023, API8", "RFC 9457 section 4"], impact=MAJOR)
def test_errors_leak_no_implementation_detail(survey, target):
    """Leak no implementation detail

    Why: stack traces, SQL and file paths tell an attacker which versions, tables and hosts to aim at.
    Fix: log them under a request id, and answer only that id; switch debug pages and X-Powered-By off.
    """
    own = own_errors(survey, target)
    applies(own, "an error of the API was seen")
    powered = [(exchange.summary(), line) for exchange in own for line in leaks.powered_by(exchange)]
    if powered:
        warn("no field that names the software behind the API", grouped(powered))
    broken = [(exchange.summary(), str(leak)) for exchange in own for leak in leaks.of_exchange(exchange)]
    expect(not broken, "errors without stack frames, classes, SQL, file paths or internal addresses", grouped(broken))


@rule("ERR-012", SHOULD, refs=["API Design Guide: X-Request-ID, meta.request_id"], impact=MINOR)
def test_errors_carry_a_unique_request_id(survey, target):
    """Carry a unique request id, and point to documentation

    Why: "it failed at ten" finds nothing in a log; a request id finds the one line.
    Fix: make an id for each request at the door, log it everywhere, and send it in X-Request-Id and in the error.
    """
    own = [exchange for exchange in own_errors(survey, target) if not request_id.cached(exchange)]
    fine = [e for e in survey.exchanges if e.status and e.status < 300 and not request_id.cached(e)]
    control(len(own) >= 3 and len(fine) >= 2, f"three errors and two successes should be seen: {len(own)}, {len(fine)}")
    broken = [(exchange.summary(), "no request id") for exchange in own if not request_id.ids(exchange)]
    broken += [
        (exchange.summary(), f"two request ids: {told}")
        for exchange, body in json_errors(own)
        if (told := request_id.disagreeing(exchange, body)) is not None
    ]
    twice = request_id.repeated([request_id.ids(exchange) for exchange in [*own, *fine]])
    if twice is not None:
        broken.append(("several responses", f"share one id: {twice}"))
    expect(not broken, "a request id in a field or in the content of each error, another in each response", grouped(broken))
    if not any(request_id.documentation(body) for _, body in json_errors(own)):
        note("no error points to documentation (doc_url, links.about, the problem type): optional")


@rule("ERR-013", SHOULD, refs=["RFC 9110 section 15.5.10"], needs="create unique", effect=WRITE)
def test_conflicts_are_answered_409(resource, survey, profile):
    """Answer a state or uniqueness conflict with 409 and enough information

    Why: "this name is taken" is for the user to resolve, "this name is not valid" for the developer; a second item
        with the same name is found out by neither.
    Fix: put a unique constraint into the database, and map its violation to 409 with the name of the field.
    """
    takes_json(resource)
    broken, undecided = [], []
    for pointer in resource.known.unique:
        first = resource.create()
        where = resource.known.representation + pointer
        control(at(first.sent, where) is not MISSING, f"the create body should have a value at {where}")
        reply = resource.post(duplicate_of(resource, first, where))
        exchange, member = exchange_of(reply), pointer.rsplit("/", 1)[-1]
        summary = f"second create with the same {member}: {exchange.summary()}"
        if reply.is_success:
            if resource.id_in(reply) in (None, first.id):
                undecided.append(f"{summary}, with the item that was there")
            else:
                broken.append((summary, "accepted"))
            continue
        ruling = statuses.conflict(reply.status_code)
        if ruling is OPEN or (ruling is BROKEN and by_edge(reply, survey)):
            undecided.append(summary)
            continue
        if ruling is BROKEN:
            broken.append((summary, "not 409"))
        elif not naming.names(json_of(reply), member) and not naming.mentions(exchange.response_body.text, member):
            value = str(at(first.sent, where))
            if value not in exchange.response_body.text:
                broken.append((summary, f"neither {member} nor its value is named: {excerpt(exchange)}"))
        one = eventually(lambda f=first, w=where: copies_of(resource, f, w) != 0, profile.consistency_window)
        if one and (copies_of(resource, first, where) or 1) > 1:
            broken.append((summary, "refused, and yet several items with the value are listed"))
    expect(not broken, "409 that names the conflicting field, and one item", grouped(broken))
    if undecided:
        inconclusive(f"not a conflict: {'; '.join(undecided)}")


def copies_of(resource, item, where):
    """How many listed items have the item's value; None where that cannot be told."""
    if not resource.can("list"):
        return None
    members = resource.members()
    places = {where, where.removeprefix(resource.known.representation)}
    count = sum(any(at(one, place) == at(item.sent, where) for place in places) for one in members.items)
    return count if members.complete or count > 1 else None
