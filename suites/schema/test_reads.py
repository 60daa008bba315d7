"""SCH: what the document says of GETs: whatever valid parameters they have, they are answered without a crash."""

from __future__ import annotations

from urllib.parse import urlsplit

from harness import READ, SHOULD, applies, control, evidence, expect, inconclusive, rule
from harness.client.client import exchange_of
from harness.http.content import shown
from harness.http.intermediary import from_edge
from harness.rules.checks import Undecided
from harness.rules.faults import Fault, excerpt, grouped
from harness.survey.ask.published import placed, published

from .reading import counted, readings

MOST_REQUESTS = 200
MOST_OPERATIONS = 40
REFUSED = (401, 403, 407, 429)


@rule("SCH-009", SHOULD, refs=["RFC 9110 section 15.6", "OpenAPI 3.1.0, Parameter Object"], effect=READ)
def test_valid_reads_are_never_answered_5xx(client, survey, target, profile):
    """Never answer a valid GET with 5xx

    Why: a page that fails for one date, one number or one letter fails for the customers who have it; clients and
        proxies retry a 5xx for ever.
    Fix: handle zero, the bounds, and what is beyond a machine word, or write the narrower bound into the document and
        answer 400 beyond it.
    Probe: the documented GETs, with one query or path parameter after the other at the edges of its schema: bounds,
        zero, numbers beyond 32 bits, the first listed values, dates, empty and Unicode texts. What is answered 500 is
        sent twice. Pages, actions, streams and files are left out.
    """
    applies(survey.openapi, "the API has an OpenAPI document")
    if survey.promises.doubt is not None:
        inconclusive(survey.promises.doubt)
    applies(survey.promises.queries or survey.documented, "the document has a GET")
    document = published(client, survey.openapi)
    if document is None:
        inconclusive("the OpenAPI document cannot be read again")
    # What a quota counts is left to the rules on quotas.
    quotas = counted(profile.rate_limits)
    base = urlsplit(target.url).path
    all_of = readings(placed(document, survey.documented, base), base)
    found = [(name, trials) for name, trials in all_of if trials[0].path.partition("?")[0] not in quotas]
    found = found[:MOST_OPERATIONS]
    applies(found, "a documented GET has a parameter whose edges are certain")
    broken, answered, over = [], set(), set()
    turns = [(name, trials[0], trial) for name, trials in found for trial in trials[1:]]
    for name, plain, trial in sorted(turns, key=lambda one: one[2].turn)[:MOST_REQUESTS]:
        if name in over or (name, trial.parameter) in over:
            continue
        reply = read(client, trial.path)
        if reply.status in REFUSED:
            over.add(name)
            continue
        if reply.status != 404:
            answered.add(name)
        if not crashed(reply, survey):
            continue
        over.add((name, trial.parameter))
        if crashed(read(client, plain.path), survey):
            # What fails without an edge fails with each.
            over.add(name)
            trial = plain
        again = read(client, trial.path)
        if crashed(again, survey):
            what = f"{trial.parameter} is {shown(trial.value)}" if trial.parameter else "with a valid request"
            broken.append(Fault(name, f"{what}: {again.summary()}, twice", excerpt(again)))
    expect(not broken, "no 5xx for a request that is valid by the document", grouped(broken))
    control(answered, "a documented GET should be answered with more than 404")
    evidence(f"{len(answered)} documented GETs with parameters at the edges of their schemas: no 5xx")


def read(client, path):
    """The exchange of a GET; sent once more where there is none, as servers that crash close the connection."""
    try:
        return exchange_of(client.get(client.url(path)))
    except Undecided:
        return exchange_of(client.get(client.url(path)))


def crashed(exchange, survey):
    """Whether the server failed by itself: 501 to 504 are gateways, or load."""
    status = exchange.status or 0
    return status >= 500 and not 501 <= status <= 504 and from_edge(exchange, survey.exchanges) is None
