"""METH: requirements on status codes for every request (RFC 9110 section 15). Other rules judge 401 and 405."""

from __future__ import annotations

from harness import MUST, applies, expect, note, rule
from harness.client.client import exchange_of
from harness.http.document_places import is_place
from harness.rules.faults import grouped

from .judge import statuses


@rule(
    "METH-020",
    MUST,
    refs=[
        "RFC 9110 section 15.3.6",
        "RFC 9110 section 15.4.5",
        "RFC 9110 section 15.5.8",
        "RFC 9110 section 15.5.22",
    ],
)
def test_statuses_fit_the_method_and_carry_what_they_owe(survey, target, client):
    """Send status codes that fit the request, with the fields that they require

    Why: a client acts on the status alone: it uses its cached copy after a 304, expects no content after a 205, and
        cannot follow a 426 that does not name the protocol to change to.
    Fix: answer 304 only to GET and HEAD with If-None-Match or If-Modified-Since, 205 without content, 426 with
        Upgrade, and 407 with Proxy-Authenticate.
    """
    own = [
        exchange
        for exchange in survey.exchanges
        if exchange.url.startswith(target.url) and not is_place(exchange.url, target.url)
    ]
    tagged = next(
        (one for one in own if one.method == "GET" and one.status == 200 and one.field("etag")), None
    )
    if tagged is not None:
        # A 304 that is surely asked for, since the survey sends no conditional request.
        own.append(exchange_of(client.get(tagged.url, headers={"If-None-Match": tagged.field("etag")})))
    found = statuses(own)
    applies(found.judged, "a response has status 205, 304, 407 or 426")
    if found.edge:
        note(f"not judged, as an intermediary seems to have answered: {grouped(found.edge)}")
    expect(
        not found.broken, "a status that fits the request, with the fields it requires", grouped(found.broken)
    )
