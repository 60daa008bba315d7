"""METH: what statuses promise whatever was asked (RFC 9110 section 15). 401 and 405 have rules of their own."""

from __future__ import annotations

from harness import MUST, control, expect, note, rule
from harness.http.document_places import USUAL
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
def test_statuses_fit_the_method_and_carry_what_they_owe(survey, target):
    """Send statuses that fit the method and carry what they owe

    Why: a client acts on a status without reading on: it takes its cached copy for a 304, waits for no content
        after a 205, and cannot follow a 426 that does not name the protocol to change to.
    Fix: answer 304 to GET and HEAD with If-None-Match or If-Modified-Since only, 205 without content, 426 with
        Upgrade, and 407 with Proxy-Authenticate.
    """
    own = [
        exchange
        for exchange in survey.exchanges
        if exchange.url.startswith(target.url) and not exchange.url.endswith(USUAL)
    ]
    found = statuses(own)
    control(found.judged, "a response of the API should have been seen")
    if found.edge:
        note(
            f"not judged, because something in front of the API seems to have answered: {grouped(found.edge)}"
        )
    expect(
        not found.broken, "a status that fits the request, with the fields it requires", grouped(found.broken)
    )
