"""SEC: what an API shows to everybody: header fields, links, and endpoints that are not meant for clients."""

from __future__ import annotations

import uuid

from harness import (
    CRITICAL,
    MAJOR,
    MINOR,
    READ,
    SHOULD,
    WRITE,
    advise,
    applies,
    control,
    evidence,
    expect,
    note,
    rule,
)
from harness.client.client import Unreadable, exchange_of
from harness.client.recorder import Unanswered
from harness.http.content import is_json
from harness.http.intermediary import errors
from harness.lists.page import with_param
from harness.resource.canary import creates
from harness.rules.checks import Undecided

from .defensive import listed
from .exposure import places_at, shows
from .hosts import carriers, links_to


@rule("SEC-004", SHOULD, refs=["OWASP API8:2023", "RFC 9110 section 10.2.4"], impact=MINOR)
def test_defensive_fields_are_sent(survey, target):
    """Send the header fields that defend a JSON API

    Why: a browser that is led to a response of the API may take it for a page, or show it in a frame; a version tells
        which known holes to try.
    Fix: send `X-Content-Type-Options: nosniff` and `Content-Security-Policy: default-src 'none'; frame-ancestors
        'none'` with every response, and a Server field without a version.
    Advice: JSON that is sent as JSON is not run by any browser of today; these fields are a second line of defence.
    """
    edge = {exchange.id for exchange, _ in errors(survey.exchanges, target.url).edge}
    own = [
        one
        for one in survey.exchanges
        if one.status is not None and one.id not in edge and one.url.startswith(target.url)
    ]
    judged = [one for one in own if is_json(one.media_type) and one.response_body.size]
    applies(judged, "a response of the API has JSON")
    found = listed(judged)
    expect(not found, "nosniff, no framing, and no version of the server", "; ".join(found))


@rule(
    "SEC-014",
    SHOULD,
    refs=["RFC 9110 section 7.4", "OWASP API8:2023"],
    needs="list",
    effect=READ,
    rougher=WRITE,
    impact=MAJOR,
)
def test_links_ignore_foreign_hosts(resource):
    """Build no links from a host that the client names

    Why: a cache stores the response with links that lead to the attacker's host; a mail with such a link hands over the
        token in it.
    Fix: build links from the configured public URL, and let only the own proxy set X-Forwarded-Host.
    Probe: the collection, an item and a create are requested with X-Forwarded-Host, Forwarded, and a Host that nobody
        owns. No Location, no Link and no link in content may name it; any refusal is fine.
    Advice: where only a foreign Host is taken over, a front end that routes by Host keeps such requests away.
    """
    host = f"harness-{uuid.uuid4().hex[:12]}.invalid"
    client = resource.client
    usual = client.get(resource.url)
    control(usual.is_success, f"the collection should be readable: {exchange_of(usual).summary()}")
    item = None
    if resource.can("read"):
        try:
            item = resource.existing()
        except Undecided as problem:
            evidence(f"no item is read: {problem}")
    how = resource.known.pagination
    urls = [resource.url, item]
    if how is not None and how.limit_param is not None:
        # A list with a second page links to it.
        urls.append(with_param(resource.url, how.limit_param, "1"))
        if creates(resource):
            resource.create()
    found = {}
    for name, fields in carriers(host).items():
        replies = []
        try:
            replies = [client.get(url, headers=fields) for url in urls if url is not None]
        except Unanswered as silent:
            evidence(f"with {name}: {silent.exchange.summary()}")
        if creates(resource) and name != "Host":
            replies.append(resource.post(headers=fields))
        for reply in replies:
            where = links_to(host, reply.status_code, reply.headers, reply.text)
            if where is not None:
                found.setdefault(name, f"{name}: {fields[name]} in {exchange_of(reply).summary()}: {where}")
    trusted = [text for name, text in found.items() if name != "Host"]
    expect(not trusted, "links to the API's own host", "; ".join(trusted))
    if found:
        advise("links to the API's own host, or a refusal", found["Host"])
    evidence(f"no link to {host}, named in {', '.join(carriers(host))}")


@rule("SEC-015", SHOULD, refs=["OWASP API8:2023", "OWASP API9:2023"], impact=MAJOR)
def test_no_debug_endpoints_are_served(client, target, survey):
    """Serve no administrative or debug endpoints unasked

    Why: scanners look for these paths all day: an environment with its passwords, a repository with the source, the
        memory of the process.
    Fix: switch them off in production, bind management to a port of its own, and serve no folder that has hidden files.
    Probe: GET of well-known paths, first without credentials, then with those of the run. Only content that proves what
        is served counts, and paths that do not exist are asked for first: a single-page application answers 200 to all.
    """
    origin, base = target.origin, target.base_path
    bare = client.under(None)
    missing = [f"{origin}{place}/{uuid.uuid4().hex}" for place in {"", base}] + [
        f"{origin}/.{uuid.uuid4().hex}"
    ]
    fallbacks = []
    for url in missing:
        fallbacks.append(read(bare, url))
        fallbacks.append(read(client, url))
    answered = [one for one in fallbacks if one is not None]
    control(answered, "a path that does not exist should be answered")
    texts = [one.text for one in answered]
    found, meant = [], []
    for url, place in places_at(origin, base):
        for sender, whose in ((bare, "without credentials"), (client, "with the credentials of any client")):
            reply = read(sender, url)
            if reply is None or not shows(place, reply.status_code, reply.text, texts):
                if reply is not None and reply.status_code not in (401, 403):
                    break
                continue
            if place.impact is not None:
                client.recorder.log.withhold(exchange_of(reply))
            said = f"{exchange_of(reply).summary()} {whose}: {place.what}"
            asked = url.removeprefix(target.url) in survey.documented
            (meant if place.impact is None or asked else found).append((place, said))
            break
    for _, said in meant:
        note(f"{said}; it may be meant to be public")
    worst = any(place.impact is CRITICAL for place, _ in found)
    expect(
        not found,
        "404, 401 or 403",
        "; ".join(said for _, said in found),
        impact=CRITICAL if worst else MAJOR,
    )
    catch_all = sum(one.is_success for one in answered)
    evidence(
        "none of the well-known paths shows what it is known for"
        + (f"; {catch_all} of {len(answered)} paths that do not exist are answered 2xx" if catch_all else "")
    )


def read(client, url):
    """The response to a GET of the first bytes; None without one."""
    try:
        return client.get(url, headers={"Range": "bytes=0-4095", "Accept": "*/*"})
    except (Unanswered, Unreadable):
        return None
