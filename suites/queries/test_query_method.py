"""QRY: the method QUERY (RFC 10008)."""

from __future__ import annotations

from harness import MUST, READ, SHOULD, applies, evidence, expect, inconclusive, rule
from harness.client.client import exchange_of
from harness.http.content import MISSING, json_of, normalised, shown
from harness.http.item_urls import is_below

from .query_method import contents, media_ranges, offers

MOST = 2
"""Resources that are asked."""
READS = 3
"""Answers to the same query; two in a row must be the same."""
STRANGE = "application/x-conformance-unknown"


def asked(client, offer, kind, content):
    """The answer to a QUERY; `kind` None for no Content-Type."""
    return client.request("QUERY", client.url(offer.url), headers={"Content-Type": kind}, content=content)


def working(client, offer):
    """A query that is answered with success, and its answer; None where none is found."""
    for kind, content in contents(offer):
        reply = asked(client, offer, kind, content)
        summary = exchange_of(reply).summary()
        expect(
            not (offer.declared and reply.status_code in (404, 405, 501)),
            "an answer to the QUERY that the document has",
            summary,
        )
        if reply.is_success and reply.status_code != 202:
            return kind, content, reply
        evidence(f"not judged: {summary}; {offer.said} offers QUERY")
    return None


@rule("QRY-009", MUST, refs=["RFC 10008 section 2", "RFC 10008 section 3"], effect=READ)
def test_query_is_repeatable_and_typed(client, survey, profile, target):
    """Answer QUERY alike when it is repeated, and refuse it without the right Content-Type

    Why: clients and proxies repeat a QUERY whose response was lost, and caches key on its content; content whose type
        is guessed means something else to the next server.
    Fix: let the handler read only; answer 400 without a Content-Type, 415 for a type that is not supported, and list
        the types in Accept-Query.
    Probe: where the document, Allow or Accept-Query offers QUERY: sends the same query up to three times, then without
        Content-Type, and with the name of another type; reads Accept-Query, and what Content-Location names.
    """
    found = offers(survey.exchanges, survey.promises.query_operations)
    applies(found, "the document, an Allow field or an Accept-Query field offers QUERY")
    judged = []
    for offer in found[:MOST]:
        control = working(client, offer)
        if control is None:
            continue
        kind, content, first = control
        judge_repeats(client, profile, offer, kind, content, first)
        judge_types(client, offer, content, first)
        judge_fields(client, target, first)
        judged.append(exchange_of(first).summary())
    if not judged:
        inconclusive(
            f"no query is known that {found[0].url} accepts: {found[0].said} offers QUERY; add an example to the "
            "document"
        )
    evidence(f"repeatable, and refused without the right type: {', '.join(judged)}")


def judge_repeats(client, profile, offer, kind, content, first):
    """The same query gives the same result, unless others change the data: then two in a row do."""
    replies, quiet = [first], 0
    for _ in range(READS):
        before = client.get(client.url(offer.url))
        replies.append(asked(client, offer, kind, content))
        expect(replies[-1].is_success, "success for the same QUERY again", exchange_of(replies[-1]).summary())
        if value_of(replies[-2], profile) == value_of(replies[-1], profile):
            return
        after = client.get(client.url(offer.url))
        quiet += before.is_success and value_of(before, profile) == value_of(after, profile)
    if quiet < READS:
        evidence("repeats not judged: GET of the same URL changes too, or is not answered with success")
        return
    expect(
        False,
        "the same result for the same QUERY while GET of the same URL does not change",
        f"{READS + 1} answers to {exchange_of(first).summary()}, of which no two in a row are the same: "
        f"{shown(value_of(replies[-2], profile))}, then {shown(value_of(replies[-1], profile))}",
    )


def value_of(reply, profile):
    """The content without what changes by itself."""
    value = json_of(reply)
    return reply.content if value is MISSING else normalised(value, volatile=profile.volatile, sent=set())


def judge_types(client, offer, content, first):
    """Without a Content-Type, and with another one, the request fails (section 2)."""
    wrong = {"without Content-Type": asked(client, offer, None, content)}
    if "*/*" not in (media_ranges(exchange_of(first).field("accept-query") or "") or ()):
        wrong[f"with Content-Type: {STRANGE}"] = asked(client, offer, STRANGE, content)
    for how, reply in wrong.items():
        summary = exchange_of(reply).summary()
        expect(400 <= reply.status_code < 500, f"4xx for a QUERY {how}", f"{how}: {summary}")


def judge_fields(client, target, reply):
    """Accept-Query is a list of media ranges; what Content-Location names can be read (section 2.3)."""
    exchange = exchange_of(reply)
    value = exchange.field("accept-query")
    if value is not None:
        expect(
            media_ranges(value) is not None,
            "Accept-Query as a list of media ranges, each a token or a string",
            f"{exchange.summary()} with Accept-Query: {value}",
        )
    place = exchange.field("content-location")
    if place is None:
        return
    url = client.resolve(place, exchange.url)
    if is_below(url, target.url):
        stored = client.get(url)
        expect(
            stored.status_code not in (404, 410) and stored.status_code < 500,
            "the result at the URL that Content-Location names",
            f"{exchange.summary()} with Content-Location: {place}; {exchange_of(stored).summary()}",
            level=SHOULD,
        )
