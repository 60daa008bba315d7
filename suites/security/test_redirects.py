"""SEC: redirects to places that a parameter names (RFC 9700 section 4.11)."""

from __future__ import annotations

import uuid
from urllib.parse import urlsplit

from harness import MAJOR, SHOULD, advise, applies, evidence, expect, rule
from harness.client.client import Unreadable, exchange_of
from harness.client.recorder import Unanswered

from .redirects import destinations, documented_places, goes_on, goes_to_path, leads_to, usual_places

OWN = "/conformance-harness"


@rule("SEC-016", SHOULD, refs=["RFC 9700 section 4.11", "OWASP API8:2023"], impact=MAJOR)
def test_redirects_lead_to_own_places(client, target, survey):
    """Redirect to places of your own only, whatever a parameter says

    Why: a link to the API's own host ends at an attacker's copy of its login page; in a login flow, the code or token
        goes there, too.
    Fix: accept a path of the API's own, or a URL from a list, and compare scheme, host and port after parsing.
    Probe: GETs with a documented parameter such as `next` or `return_to`, and usual paths such as /login, are sent with
        hosts that nobody owns, without credentials first; no redirect is followed.
    Advice: a parameter called `url` may be what the endpoint is there for, such as one that counts clicks.
    """
    host = f"harness-{uuid.uuid4().hex[:12]}.invalid"
    named = documented_places((one.path, one.name) for one in survey.promises.queries)
    places = [*named, *usual_places(target.url, [one.path for one in named])]
    found, meant, seen = [], [], []
    for place in places:
        reply = read(client, place, dict.fromkeys(place.names, OWN))
        if reply is None:
            continue
        if goes_to_path(OWN, str(reply.url), reply.status_code, reply.headers):
            seen.append(exchange_of(reply).summary())
        if place.documented or reply.is_redirect or "refresh" in reply.headers:
            led = leading(client, place, host, urlsplit(target.url).hostname)
            if led is not None:
                (found if goes_on(led[0]) else meant).append(led[1])
    applies(seen or found or meant, "a GET is redirected to where a parameter such as `next` says")
    expect(not found, "400, or a redirect to a place of the API's own", "; ".join(found))
    if meant:
        advise("400, or a redirect to a place of the API's own", "; ".join(meant))
    evidence(f"no redirect to {host}; tried: {'; '.join(seen)}")


def leading(client, place, host, own):
    """The parameter by which a request is redirected to the foreign host, and a sentence; None where none is."""
    for what, value in destinations(host, own).items():
        reply = read(client, place, dict.fromkeys(place.names, value))
        if reply is None or leads_to(host, str(reply.url), reply.status_code, reply.headers) is None:
            continue
        for name in place.names:
            reply = read(client, place, {name: value})
            where = reply and leads_to(host, str(reply.url), reply.status_code, reply.headers)
            if where:
                return name, f"{exchange_of(reply).summary()} leads to {where} ({what} in `{name}`)"
        return None
    return None


def read(client, place, query):
    """The response to a GET without credentials, or with those of the run where they are needed; None without one."""
    reply = None
    for sender in (client.under(None), client):
        try:
            reply = sender.get(place.path, params=query)
        except (Unanswered, Unreadable):
            return reply
        if reply.status_code not in (401, 403) or place.ends_sessions or not place.documented:
            return reply
    return reply
