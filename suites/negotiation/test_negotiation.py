"""NEGO: which representation is served for what a client accepts (RFC 9110 section 12), and how it is labelled."""

from __future__ import annotations

from harness import (
    MINOR,
    MUST,
    SHOULD,
    WRITE,
    advise,
    applies,
    control,
    expect,
    inconclusive,
    not_applicable,
    note,
    rule,
    warn,
)
from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.http.content import at, json_of, media_type
from harness.http.error_statuses import HOLDS, OPEN
from harness.http.intermediary import from_edge
from harness.resource.file_store import returned_as_sent
from harness.rules.faults import Fault, excerpt, grouped

from .media import NOWHERE, claim_fault, label_fault, served_fault, unacceptable, weighed_fault

USUAL = ("application/xml", "text/csv", "text/html", "application/yaml")
"""Frequent second media types, tried one by one where none is documented."""


def offered(resource, window):
    """Readable URLs, each with the media types that are documented for it."""
    known = resource.known.offers
    found = [(resource.url, known.get("collection", []))]
    if known.get("item") and resource.can("read"):
        url = resource.existing()
        if url is not None and eventually(lambda: resource.client.get(url).is_success, window):
            found.append((url, known["item"]))
    return found


def accepting(client, url, accept):
    """A GET with an Accept field, or without one for None, that bypasses caches."""
    return client.get(url, headers={"Accept": accept, "Cache-Control": "no-cache"})


@rule("NEGO-001", SHOULD, refs=["RFC 9110 section 8.3", "RFC 8259 section 11"])
def test_content_is_labelled_correctly(survey, target):
    """Label content with a correct Content-Type

    Why: client libraries choose the parser by the label. JSON labelled as HTML is passed on as text, and a page
        labelled as JSON crashes the parser.
    Fix: set Content-Type where the content is made, including in error handlers.
    """
    seen = [
        exchange
        for exchange in survey.exchanges
        if exchange.url.startswith(target.url)
        and exchange.response_body.size
        and (exchange.status or 0) not in (204, 304)
    ]
    applies(seen, "the API sent a response with content")
    broken = []
    for exchange in seen:
        fault = label_fault(exchange)
        if fault is None or returned_as_sent(exchange, survey.exchanges):
            continue
        if (exchange.status or 0) >= 400 and (edge := from_edge(exchange, survey.exchanges)):
            note(f"{exchange.summary()}: {fault}; an intermediary answered: {edge}")
        else:
            broken.append(Fault(exchange.summary(), fault, excerpt(exchange)))
    expect(not broken, "a Content-Type that matches the content", grouped(broken))


@rule(
    "NEGO-003", MUST, refs=["RFC 9110 section 12.1", "RFC 9110 section 12.5.1"], needs="list", rougher=WRITE
)
def test_documented_media_types_are_served(resource, client, profile):
    """Serve the requested media type when it is documented

    Why: a client that asks for a documented type and receives another one parses it with the wrong parser.
    Fix: let the framework choose the renderer by Accept, or remove types that are not served from the document.
    """
    applies(
        resource.known.offers,
        "the OpenAPI document or the profile (`offers`) lists the media types of responses",
    )
    broken = []
    for url, kinds in offered(resource, profile.consistency_window):
        if not kinds:
            continue
        refused = []
        ranges = [*kinds, *dict.fromkeys(f"{kind.partition('/')[0]}/*" for kind in kinds), "*/*", None]
        chosen, statuses = {}, []
        for accept in ranges:
            reply = accepting(client, url, accept)
            summary = exchange_of(reply).summary()
            statuses.append(reply.status_code)
            if reply.status_code in (401, 403):
                inconclusive(f"the resource cannot be read: {summary}")
            chosen[accept] = kind = media_type(reply)
            fault = served_fault(reply.status_code, kind, accept or "", kinds)
            if fault is not None:
                observed = f"Accept: {accept}" if accept else "no Accept"
                found = refused if reply.status_code == 406 and url != resource.url else broken
                found.append(f"{observed}: {summary}: {fault}")
        # What fails whatever is asked for says nothing about the types.
        control(min(statuses) < 500, f"the resource should be readable: {summary}")
        served = [kind for kind in kinds if chosen[kind] == kind]
        if served and refused:
            # The document lists the types of all items, and each item may have one of them.
            note(f"this item is {' or '.join(served)} only: {'; '.join(refused)}")
        else:
            broken += refused
        if chosen["*/*"] != chosen[None]:
            note(f"{url}: {chosen['*/*']} for Accept: */*, and {chosen[None]} without Accept")
    expect(not broken, "the requested documented media type", "; ".join(broken))


@rule(
    "NEGO-004",
    SHOULD,
    refs=["RFC 9110 section 15.5.7", "RFC 9110 section 12.4.1"],
    needs="list",
    impact=MINOR,
)
def test_unacceptable_requests_get_406(resource, client):
    """Answer an Accept that excludes every offered type with 406

    Why: with 406 a client learns that its type is not available; otherwise it learns it when its parser fails.
    Fix: answer 406 where no offered type is acceptable. RFC 9110 allows a server to disregard the field; then
        at least label the content correctly.
    Advice: RFC 9110 section 12.4.1 allows to disregard Accept, and clients of an API ask for the type that it serves.
    """
    url = resource.url
    usual = client.get(url)
    control(usual.is_success, f"the collection should be readable: {exchange_of(usual).summary()}")
    broken, undecided = [], []
    for accept in (NOWHERE, f"{media_type(usual) or 'application/json'};q=0"):
        reply = accepting(client, url, accept)
        exchange = exchange_of(reply)
        ruling, what = unacceptable(
            reply.status_code, media_type(reply), truthful=label_fault(exchange) is None
        )
        observed = f"Accept: {accept}: {exchange.summary()}: {what}"
        if ruling is OPEN:
            undecided.append(observed)
        elif ruling is not HOLDS:
            expect(reply.status_code < 500, "406 instead of a server error", observed, level=MUST)
            broken.append(observed)
    expect(not broken, "406 (Not Acceptable)", "; ".join(broken))
    if undecided:
        inconclusive(f"another check may have refused the request first: {'; '.join(undecided)}")


def two_types(resource, client, window):
    """A URL and two media types in which it is served, documented or frequent ones."""
    for url, kinds in offered(resource, window):
        documented = [kind for kind in kinds if not kind.endswith("patch+json")]
        usual = media_type(client.get(url))
        tried = [kind for kind in documented if kind != usual] if len(documented) > 1 else USUAL
        for kind in tried:
            reply = accepting(client, url, kind)
            if usual and reply.status_code == 200 and media_type(reply) == kind:
                return url, usual, kind
    not_applicable("only one media type is served (`offers` in the profile lists others)")
    return None


@rule(
    "NEGO-005",
    SHOULD,
    refs=["RFC 9110 section 12.4.2", "RFC 9110 section 12.5.1"],
    needs="list",
    rougher=WRITE,
    impact=MINOR,
)
def test_quality_values_are_honoured(resource, client, profile):
    """Honour quality values in Accept

    Why: a client that prefers one type and can read another receives the wrong one where the first listed wins,
        and one that it cannot read where q=0 is ignored.
    Fix: use the framework's negotiation. A home-made one must read q, which defaults to 1, case-insensitively.
    Advice: the content is labelled, and clients of an API ask for one type.
    """
    url, one, other = two_types(resource, client, profile.consistency_window)
    alone = accepting(client, url, one)
    control(
        alone.status_code == 200,
        f"{one} should be served when requested alone: {exchange_of(alone).summary()}",
    )
    probes = []
    for worse, better in ((one, other), (other, one)):
        probes += [
            (f"{worse};q=0.1, {better};q=0.9", better, worse),
            (f"{better};q=0.9, {worse};q=0.1", better, worse),
            (f"{worse};q=0, {better}", better, worse),
            (f"{worse.title()};Q=0.1 , {better.upper()} ; Q=0.9", better, worse),
        ]
    broken = []
    for accept, better, worse in probes:
        reply = accepting(client, url, accept)
        summary = exchange_of(reply).summary()
        if reply.status_code != 200:
            broken.append(f"Accept: {accept}: {summary}, though both are served when requested alone")
            continue
        fault = weighed_fault(media_type(reply), better, worse)
        if fault is not None:
            broken.append(f"Accept: {accept}: {summary}: {fault}")
    expect(not broken, "the media type with the highest weight", "; ".join(broken))


@rule("NEGO-010", MUST, refs=["RFC 7240 section 2", "RFC 7240 section 3"], needs="list", rougher=WRITE)
def test_unknown_preferences_are_ignored(resource, client):
    """Ignore unknown preferences in Prefer

    Why: clients send preferences without knowing what a server supports. An error makes the field useless, and
        a false Preference-Applied misleads the client.
    Fix: ignore unknown preferences, and send Preference-Applied only for those that were carried out.
    Advice: where a claim of Preference-Applied is only doubtful, the response still says what it is.
    """
    unknown = {"Prefer": "harness-unknown=1"}
    requests = [("GET", lambda headers: client.get(resource.url, headers=headers))]
    if resource.may_create:
        requests.append(("POST", lambda headers: resource.post(headers=headers)))
    for method, send in requests:
        usual, odd = send({}), send(unknown)
        control(usual.is_success, f"{method} should succeed: {exchange_of(usual).summary()}")
        expect(
            odd.status_code == usual.status_code,
            f"{usual.status_code}, as without Prefer",
            f"Prefer: harness-unknown=1: {exchange_of(odd).summary()}",
        )
        judge_applied("harness-unknown=1", odd, None)
    if not resource.may_create:
        return
    for asked in ("return=minimal", "return=representation"):
        reply = resource.post(headers={"Prefer": asked})
        if not reply.is_success:
            warn(
                "success, as unknown preferences must be ignored",
                f"Prefer: {asked}: {exchange_of(reply).summary()}",
            )
            continue
        id = resource.id_in(reply)
        whole = json_of(client.get(resource.item_url(id))) if id is not None else None
        judge_applied(asked, reply, whole, resource.known.representation)


def judge_applied(asked, reply, whole, representation=""):
    """Break the rule by a Preference-Applied that claims more than was done."""
    applied = reply.headers.get("preference-applied")
    fault = claim_fault(applied, asked, reply.status_code, json_of(reply), at(whole, representation))
    if fault is None:
        return
    what, sure = fault
    observed = f"Prefer: {asked}: {exchange_of(reply).summary()} with Preference-Applied: {applied}: {what}"
    if sure:
        expect(False, "Preference-Applied only for what was done", observed)
    advise("Preference-Applied only for what was done", observed)
