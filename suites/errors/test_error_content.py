"""ERR: what an error says: explanation, code, problem details (RFC 9457), and nothing about the implementation."""

from __future__ import annotations

from harness import MINOR, MUST, SHOULD, advise, applies, control, expect, inconclusive, note, rule
from harness.client.client import exchange_of
from harness.http import error_envelope, leaks
from harness.http.error_body import explanation_fault, is_silent, json_body, json_errors, speaks_json
from harness.rules.faults import Fault, excerpt, expect_none, grouped
from harness.survey.ask.triggers import UNKNOWN_ROUTE

from . import codes, problem, request_id
from .probes import own_errors, unknown_route

FEWEST_STATUSES = 4
MOST_DOCUMENTS = 10


@rule("ERR-006", SHOULD, refs=["RFC 9110 section 15.5", "RFC 9110 section 15.6"])
def test_errors_carry_an_explanation(survey, target):
    """Explain every error, in the API's media type

    Why: a client that parses JSON crashes on a page of HTML, and empty content explains nothing.
    Fix: register one error handler for everything, including the framework's own 400, 404 and 405.
    Advice: where an error has no content, or an empty object, the status alone still says whose fault it is, and no
        parser fails.
    """
    own = own_errors(survey, target)
    applies(own, "the API answered at least one request with an error")
    json_api = speaks_json(survey.exchanges)
    faults = [(exchange, explanation_fault(exchange, json_api=json_api)) for exchange in own]
    broken = [
        Fault(exchange.summary(), fault, minor=is_silent(exchange))
        for exchange, fault in faults
        if fault is not None
    ]
    expect_none(broken, "content that explains the error, in JSON if the API uses JSON")


@rule("ERR-007", SHOULD, refs=["RFC 9457 section 1"], impact=MINOR)
def test_all_errors_share_one_envelope(survey, target):
    """Use one structure for all errors

    Why: a client has one parser for errors. If `detail` is a text in one response and a list in another, it
        shows nothing or crashes while it handles the error.
    Fix: build every error in one place, including the framework's own.
    Advice: the status decides what a client does; the differences are only in what it shows or logs.
    """
    sample = [
        (exchange, found)
        for exchange, body in json_errors(own_errors(survey, target))
        if (found := error_envelope.skeleton(body)) is not None
    ]
    kinds = sorted({exchange.status for exchange, _ in sample})
    if len(kinds) < 2:
        inconclusive(f"two kinds of JSON errors are needed for a comparison; seen: {kinds or 'none'}")
    usual = error_envelope.usual([found for _, found in sample])
    broken = [
        Fault(exchange.summary(), error_envelope.difference(found, usual), excerpt(exchange))
        for exchange, found in sample
        if not error_envelope.agree(found, usual)
    ]
    expect(not broken, f"the same members in the same places in all errors: {usual}", grouped(broken))
    if len(kinds) < FEWEST_STATUSES:
        inconclusive(f"{FEWEST_STATUSES} kinds of JSON errors are needed; seen: {kinds}")


@rule("ERR-008", SHOULD, refs=["RFC 9457 section 3.1.1", "RFC 9457 section 3.1.4"], impact=MINOR)
def test_errors_have_a_stable_code_and_a_message(survey, target, client):
    """Include a stable machine-readable code and a human-readable message in every error

    Why: clients without a code compare messages, and break when a comma is corrected.
    Fix: give each kind of error a constant token (`code`, or the problem `type`), beside a sentence for humans.
    Advice: many APIs are used with the status and a sentence alone; a code is for clients that react to one cause.
    """
    again = exchange_of(unknown_route(client, survey))
    sample = json_errors(own_errors(survey, target, again))
    kinds = sorted({exchange.status for exchange, _ in sample})
    control(len(kinds) >= 2, f"two kinds of JSON errors should be seen: {kinds or 'none'}")
    as_status = codes.means_status(sample)
    broken = [
        Fault(exchange.summary(), fault, excerpt(exchange))
        for exchange, body in sample
        for fault in codes.faults(exchange, body, as_status=as_status)
    ]
    same_cause = {again.id, *(exchange.id for _, exchange in survey.triggered(UNKNOWN_ROUTE))}
    changing = codes.changing([(exchange, body) for exchange, body in sample if exchange.id in same_cause])
    if changing is not None:
        broken.append(Fault(f"{again.summary()}, twice", f"a different code each time: {changing}"))
    shared = codes.undistinguished(sample)
    if shared is not None:
        broken.append(Fault(f"errors with status {', '.join(map(str, kinds))}", f"all have {shared}"))
    expect(
        not broken,
        "a message, and a code that is constant for one cause and differs between causes",
        grouped(broken),
    )


@rule("ERR-009", MUST, refs=["RFC 9457 section 3.1", "RFC 9457 section 3.1.2"])
def test_problem_details_are_valid_and_truthful(survey, target):
    """Send valid problem details whose status equals the HTTP status

    Why: generic clients read these members by the standard. A `status` that differs from the HTTP status makes
        each layer decide differently on retries and alerts.
    Fix: set `status` from the response in one place. Title and detail are strings, type and instance are URIs.
    Advice: a member that is null is read like one that is absent.
    """
    own = [exchange for exchange in own_errors(survey, target) if exchange.media_type == problem.MEDIA]
    seen = [exchange for exchange in own if exchange.method != "HEAD" and not exchange.response_body.cut]
    applies(seen, "an error has Content-Type application/problem+json")
    broken = []
    for exchange in seen:
        body = json_body(exchange)
        broken += [Fault(exchange.summary(), fault) for fault in problem.faults(body, exchange.status)]
        for name in problem.nulls(body):
            advise(f"{name} left out instead of null", f"{exchange.summary()}: {name} is null")
    expect(
        not broken,
        "members with the types of RFC 9457, and `status` equal to the HTTP status",
        grouped(broken),
    )


@rule("ERR-010", SHOULD, refs=["RFC 9457 section 3.1.1", "RFC 9457 section 3.1.3"], impact=MINOR)
def test_problem_types_are_stable_and_documented(survey, target, client):
    """Keep problem titles stable, and type URIs absolute and documented

    Why: clients switch on the type, and developers open it in a browser. The meaning of a relative URI changes
        with the path, and a dead link documents nothing.
    Fix: use one constant absolute URI and one constant title for each type, with a page behind the URI.
    Advice: clients compare the type as a text, whatever its form; only its readers miss the page behind it.
    """
    own = own_errors(survey, target, exchange_of(unknown_route(client, survey)))
    bodies = [body for exchange, body in json_errors(own) if exchange.media_type == problem.MEDIA]
    types = sorted({problem.type_of(body) for body in bodies} - {problem.BLANK})
    applies(types, "a problem type other than about:blank was seen")
    broken = [
        Fault(kind, f"has several titles: {', '.join(map(repr, titles))}")
        for kind, titles in problem.titles(bodies).items()
        if len(titles) > 1 and kind != problem.BLANK
    ]
    broken += [Fault(kind, "is a relative reference") for kind in types if not problem.is_absolute(kind)]
    for kind in [kind for kind in types if kind.startswith(f"{target.origin}/")][:MOST_DOCUMENTS]:
        reply = client.get(kind.partition("#")[0])
        if reply.status_code in (404, 410) or reply.status_code >= 500:
            broken.append(Fault(kind, f"does not lead to documentation ({exchange_of(reply).summary()})"))
    expect(not broken, "one title for each type, and an absolute URI that leads somewhere", grouped(broken))
    if not problem.repeated(bodies):
        inconclusive("no problem type occurred twice, so titles could not be compared")


@rule("ERR-011", SHOULD, refs=["OWASP API Security Top 10 2023, API8", "RFC 9457 section 4"])
def test_errors_leak_no_implementation_detail(survey, target):
    """Disclose no implementation detail in errors

    Why: stack traces, SQL and file paths show an attacker which versions, tables and hosts to attack.
    Fix: log them under a request id and send only that id; disable debug pages and X-Powered-By.
    Advice: the name of the software alone, as in X-Powered-By, opens nothing; attackers find it without.
    """
    own = own_errors(survey, target)
    applies(own, "the API answered at least one request with an error")
    powered = [Fault(exchange.summary(), line) for exchange in own for line in leaks.powered_by(exchange)]
    if powered:
        advise("no field that names the software of the API", grouped(powered))
    broken = [
        Fault(exchange.summary(), str(leak)) for exchange in own for leak in leaks.of_exchange(exchange)
    ]
    expect(not broken, "no stack frames, classes, SQL, file paths or internal addresses", grouped(broken))


@rule("ERR-012", SHOULD, refs=["Google AIP-193 (RequestInfo)", "W3C Trace Context"], impact=MINOR)
def test_errors_carry_a_unique_request_id(survey, target):
    """Send a unique request id with every error, and a link to documentation

    Why: a report such as "it failed at ten" finds nothing in a log; a request id finds the right line.
    Fix: create an id for each request at the entry point, log it everywhere, and send it in X-Request-Id and in
        the error.
    Advice: no standard requires an id, and no client needs one; it helps those who search the log.
    """
    own = [exchange for exchange in own_errors(survey, target) if not request_id.cached(exchange)]
    fine = [e for e in survey.exchanges if e.status and e.status < 300 and not request_id.cached(e)]
    seen = f"{len(own)} errors and {len(fine)} successes"
    control(len(own) >= 3 and len(fine) >= 2, f"three errors and two successes should be seen, not {seen}")
    broken = [Fault(exchange.summary(), "no request id") for exchange in own if not request_id.ids(exchange)]
    for exchange, body in json_errors(own):
        if (difference := request_id.disagreeing(exchange, body)) is not None:
            broken.append(
                Fault(exchange.summary(), "the id in the content differs from that in the field", difference)
            )
    shared = request_id.repeated([request_id.ids(exchange) for exchange in [*own, *fine]])
    if shared is not None:
        broken.append(Fault("several responses", f"share an id: {shared}"))
    expect(not broken, "an id in a field or in the content, different in each response", grouped(broken))
    if not any(request_id.documentation(body) for _, body in json_errors(own)):
        note("no error points to documentation (doc_url, links.about, the problem type), which is optional")
