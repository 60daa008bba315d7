"""GQL: what is sent, what comes back, and with which status."""

from __future__ import annotations

from harness import (
    MAJOR,
    MINOR,
    MUST,
    SHOULD,
    WRITE,
    advise,
    applies,
    control,
    evidence,
    expect,
    note,
    rule,
    warn,
)
from harness.client.client import exchange_of
from harness.http.content import json_of

from .endpoint import BOTH, TYPENAME, of, working
from .judge import (
    DRAFT,
    JSON,
    NOT_EXECUTED,
    RESPONSE,
    has_data,
    has_null_data,
    ill_formed,
    refused,
    unexpected_status,
    wrong_class,
)

BOOLEAN = "query($yes: Boolean!) { __typename @include(if: $yes) }"
NOT_EXECUTABLE = {
    "a document that cannot be parsed": {"query": "{ __typename"},
    "a field that does not exist": {"query": "{ conformanceNoSuchField }"},
    "an operation that does not exist": {
        "query": "query One { __typename } query Two { __typename }",
        "operationName": "Three",
    },
    "a variable of another type": {"query": BOOLEAN, "variables": {"yes": "maybe"}},
}
"""Well-formed requests of which nothing can be executed."""


@rule(
    "GQL-001",
    MUST,
    refs=["GraphQL over HTTP (draft of August 2026), POST and Body", "GraphQL section 7.1"],
    effect=WRITE,
)
def test_queries_by_post_are_answered(client, profile, survey, target):
    """Answer a query by POST in application/json with a well-formed response

    Why: every GraphQL client sends this request; one that gets something else cannot use the API at all.
    Fix: take `application/json`, with and without `charset=utf-8`, and answer `data`, `errors` and `extensions` only.
    """
    endpoint = of(client, profile, survey, target)
    tried = {
        "application/json": endpoint.post(TYPENAME),
        "application/json; charset=utf-8": endpoint.raw(
            {"query": TYPENAME}, headers={"Content-Type": "application/json; charset=utf-8"}
        ),
        "application/json, with other letters than ASCII in a comment": endpoint.post(
            TYPENAME + "\n# é ü 漢"
        ),
    }
    for what, reply in tried.items():
        exchange = exchange_of(reply)
        value = json_of(reply)
        expect(
            reply.is_success and has_data(value),
            "data for the plainest query",
            f"{TYPENAME} as {what}: {exchange.summary()} without data ({endpoint.said} names the endpoint)",
        )
        wrong = ill_formed(value)
        expect(wrong is None, "a well-formed GraphQL response", f"{exchange.summary()}: {wrong}")
        expect(exchange.media_type, "a Content-Type", f"{exchange.summary()} has none")
    for what in ("a field that does not exist", "a document that cannot be parsed"):
        failing = endpoint.post(NOT_EXECUTABLE[what])
        wrong = ill_formed(json_of(failing))
        expect(
            wrong is None,
            "a well-formed GraphQL response for errors, too",
            f"{exchange_of(failing).summary()} for {what}: {wrong}",
        )
    evidence("; ".join(f"{what}: {exchange_of(reply).summary()}" for what, reply in tried.items()))


@rule(
    "GQL-002",
    MUST,
    refs=["GraphQL over HTTP (draft of August 2026), Body", "RFC 9110 section 12.5.1"],
    effect=WRITE,
)
def test_accept_selects_the_media_type(client, profile, survey, target):
    """Support application/graphql-response+json, and respect Accept

    Why: only with this media type may a client trust the status code: what is `application/json` may come from any
        server in between.
    Fix: send `application/graphql-response+json` to clients that accept it, and `application/json` to those that
        accept nothing else.
    """
    endpoint = working(client, profile, survey, target)
    new = exchange_of(endpoint.post(TYPENAME, RESPONSE))
    old = exchange_of(endpoint.post(TYPENAME, JSON))
    expect(
        new.media_type == RESPONSE,
        f"{RESPONSE} for a client that accepts nothing else",
        f"{new.summary()}: {new.media_type or 'no type'}: a server of before this media type",
    )
    expect(
        old.media_type == JSON,
        f"{JSON} for a client that accepts nothing else",
        f"{old.summary()}: {old.media_type or 'no type'}",
    )
    for best, other in ((RESPONSE, JSON), (JSON, RESPONSE)):
        seen = exchange_of(endpoint.post(TYPENAME, f"{other};q=0.1, {best}"))
        if seen.media_type != best:
            warn(
                f"{best}, which is accepted with the greater weight",
                f"{seen.summary()} with Accept: {other};q=0.1, {best}: {seen.media_type}",
            )
    none = exchange_of(endpoint.post(TYPENAME, "text/x-conformance"))
    if none.status != 406:
        note(f"{none.summary()} with Accept: text/x-conformance, where 406 is recommended")
    evidence(f"{new.summary()} as {RESPONSE}; {old.summary()} as {JSON}")


@rule(
    "GQL-003",
    MUST,
    refs=["GraphQL over HTTP (draft of August 2026), Status Codes"],
    effect=WRITE,
)
def test_statuses_tell_failures(client, profile, survey, target):
    """Use 4xx or 5xx where the response has no data entry, and 2xx where data is not null

    Why: proxies, retries and monitoring see the status alone: a failure with 200 is cached, counted as success, and
        never retried.
    Fix: with `application/graphql-response+json`, answer 400 or 422 where nothing was executed.
    Probe: requests that cannot be executed, with Accept: application/graphql-response+json. All other responses of the
        run with that media type are looked at, too.
    Advice: `data` with null where nothing was executed says less than no `data`, and no client takes it for a result.
    """
    endpoint = working(client, profile, survey, target)
    fine = endpoint.post(TYPENAME, RESPONSE)
    applies(
        exchange_of(fine).media_type == RESPONSE,
        f"the endpoint answers as {RESPONSE} (GQL-002)",
    )
    wrong = wrong_class(fine.status_code, json_of(fine))
    expect(wrong is None, "2xx where data is not null", f"{exchange_of(fine).summary()}: {wrong}")
    seen, empty = [], []
    for what, body in NOT_EXECUTABLE.items():
        reply = endpoint.post(body, RESPONSE)
        summary = exchange_of(reply).summary()
        wrong = wrong_class(reply.status_code, json_of(reply))
        expect(wrong is None, "4xx where nothing was executed", f"{summary} for {what}: {wrong}")
        seen.append(f"{summary} for {what}")
        if has_null_data(json_of(reply)):
            empty.append(seen[-1])
    if empty:
        advise("no data entry where nothing was executed", f"{'; '.join(empty)}: data is null")
    old = endpoint.post(NOT_EXECUTABLE["a field that does not exist"], JSON)
    if old.status_code < 400:
        note(
            f"{exchange_of(old).summary()} as {JSON} for a field that does not exist: older texts ask for that"
        )
    evidence("; ".join(seen))


def failures(endpoint):
    """Requests that fail, by what is wrong with them: the response, and the statuses that are recommended."""
    plain = {"query": TYPENAME}
    yield "content that is not JSON", endpoint.raw(b"{", headers={"Content-Type": JSON}), (400,)
    yield "no query", endpoint.post({"zz": 1}), NOT_EXECUTED
    for what, body in NOT_EXECUTABLE.items():
        yield what, endpoint.post(body, RESPONSE), NOT_EXECUTED
    for kind in ("text/plain", None):
        what = f"Content-Type: {kind}" if kind else "no Content-Type"
        reply = endpoint.raw(b'{"query":"{ __typename }"}', headers={"Content-Type": kind})
        yield what, reply, (415,) if kind else tuple(range(400, 500))
    with endpoint.client.recorder.ownership.granting("PUT", endpoint.url):
        reply = endpoint.client.put(endpoint.url, json=plain, headers={"Accept": BOTH})
    yield "PUT", reply, (405, 404, 501)


@rule(
    "GQL-004",
    SHOULD,
    refs=["GraphQL over HTTP (draft of August 2026), Status Codes"],
    effect=WRITE,
    impact=MINOR,
)
def test_statuses_are_the_recommended_ones(client, profile, survey, target):
    """Choose the recommended status for each kind of failure

    Why: a client decides by the status whether to repair its request, to sign in, or to try again later.
    Fix: 400 for what is no JSON or no document, 400 or 422 for what is not executed, 415 for another media type,
        405 for another method; never 5xx for what the client sent.
    Advice: any other 4xx stops the client as well. A server error for a wrong request is a warning.
    Probe: one request for each kind. Both 400 and 422 pass, as the text has moved from the one to the other.
    """
    endpoint = working(client, profile, survey, target)
    applies(
        exchange_of(endpoint.post(TYPENAME, RESPONSE)).media_type == RESPONSE,
        f"{RESPONSE} is spoken (GQL-002)",
    )
    seen, others = [], []
    for what, reply, right in failures(endpoint):
        summary = exchange_of(reply).summary()
        seen.append(f"{summary} for {what}")
        if reply.status_code >= 500 and reply.status_code != 501:
            warn("4xx for a wrong request", f"{summary} for {what}", impact=MAJOR)
        elif reply.status_code not in right:
            wrong = unexpected_status(reply.status_code, right[:2])
            others.append(f"{summary} for {what}: {wrong}")
    if others:
        advise(f"the statuses of {DRAFT}", "; ".join(others))
    evidence("; ".join(seen))


@rule("GQL-007", MUST, refs=["GraphQL over HTTP (draft of August 2026), JSON Encoding"], effect=WRITE)
def test_other_members_of_a_request_are_ignored(client, profile, survey, target):
    """Ignore unknown members of a request, and take null for what is optional

    Why: clients send null for what they do not use, and newer ones send members that an older server does not know:
        one that refuses them cannot be used by them.
    Fix: read `query`, `operationName`, `variables` and `extensions`; treat null as absent; ignore everything else.
    """
    endpoint = working(client, profile, survey, target)
    plain = {"query": TYPENAME}
    lenient = {
        "an unknown member": {**plain, "conformance": 1},
        "operationName null": {**plain, "operationName": None},
        "variables null": {**plain, "variables": None},
        "extensions {}": {**plain, "extensions": {}},
        "extensions null": {**plain, "extensions": None},
    }
    for what, body in lenient.items():
        reply = endpoint.post(body)
        expect(
            has_data(json_of(reply)),
            "the same data as without it",
            f"{exchange_of(reply).summary()} for a query with {what}: no data",
        )
    control(has_data(json_of(endpoint.post(plain))), f"{TYPENAME} should be answered with data")
    strange = {
        "variables that are a text": {**plain, "variables": "x"},
        "a query that is a number": {"query": 1},
    }
    for what, body in strange.items():
        reply = endpoint.post(body)
        summary = exchange_of(reply).summary()
        expect(reply.status_code < 500, "4xx for a request that is not well-formed", f"{summary} for {what}")
        if not refused(reply.status_code, json_of(reply)):
            advise("a request that is not well-formed is refused", f"{summary} for {what}: executed")
    evidence(f"as without: {', '.join(lenient)}")
