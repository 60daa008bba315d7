"""FILE: presigned URLs."""

from __future__ import annotations

from urllib.parse import urlsplit

from harness import (
    CRITICAL,
    SHOULD,
    WRITE,
    advise,
    applies,
    control,
    evidence,
    expect,
    inconclusive,
    note,
    rule,
)
from harness.client.client import exchange_of
from harness.http.content import json_of

from . import presigned
from .presigned_judge import for_other, longer, other_signature, signed_urls, without_query

LATENESS = 60
"""Seconds by which the clocks of client and server may differ, and which a response may take."""
MARGIN, FAR_MARGIN = 0.5, 5.0
"""Seconds after its end at which a URL is used again: of a target on this machine, and of another."""
MOST_SHOWING = 2
"""Resources whose items' signed URLs are used."""
MOST_WAIT = 12.0
"""Seconds for which the end of a URL is awaited at most."""


@rule(
    "FILE-012",
    SHOULD,
    refs=["OWASP API1:2023", "OWASP API2:2023", "RFC 9110 section 17.9"],
    effect=WRITE,
)
def test_presigned_urls_are_limited(client, profile, survey, target, make_resource, ledger):
    """Limit presigned URLs in time, method and key

    Why: a presigned URL is a credential in plain sight: it is in logs, in histories of browsers and in messages. One
        that serves for other objects, or for ever, gives away the whole store.
    Fix: sign the method, the whole key, the end and the type of the content together, compare them on each use, and
        let URLs end after minutes.
    Probe: the run asks for URLs for objects of its own and uploads to the first, without any other credential. The
        second is used with another signature, without any, for another object, by another method, with a later end and
        with another type of content; then unchanged, which must work. If the API lets a client choose the end
        ({seconds} in the body), a URL is used again after it.
    Advice: a URL that does not say when it ends.
    """
    sources = presigned.sources(client, profile, target, ledger)
    showing = presigned.shown_by(survey, target.url)
    applies(sources or showing, "the API has presigned URLs: set [files.presigned] or [files.s3] if it does")
    for source in sources:
        limited(source)
    undecided = [shown_urls(make_resource(name), client) for name in showing[:MOST_SHOWING]]
    if not sources and all(undecided):
        inconclusive("; ".join(undecided))


def shown_urls(resource, client):
    """Use the first URL with a signature that an item of the run shows, to read only.

    Returns:
        Why it decides nothing; empty where it does.
    """
    control(resource.can("create"), f"items of {resource.name}, which show signed URLs, can be created")
    item = resource.create()
    origin = client.target.origin
    urls = [client.resolve(one, item.url) for one in signed_urls(json_of(item.get()))]
    urls = [one for one in urls if one.startswith(origin + "/")]
    if not urls:
        return f"the signed URLs of {resource.name} lead to other hosts, or new items show none"
    nobody = client.under(None)
    given = nobody.get(urls[0], headers={"Accept": "*/*"})
    if not given.is_success:
        return f"{shown(given)} for the signed URL of a new item of {resource.name}, as it is"
    if nobody.get(without_query(urls[0]), headers={"Accept": "*/*"}).is_success:
        return f"what the signed URLs of {resource.name} lead to is public"
    tried = [f"{shown(given)} for the signed URL of an item"]
    for what, url in {"another signature": other_signature(urls[0]), "a later end": longer(urls[0])}.items():
        if url is not None:
            reply = nobody.get(url, headers={"Accept": "*/*"})
            tried.append(refused(reply, f"GET with {what}"))
    evidence("; ".join(tried))
    return ""


def limited(source):
    """Judge URLs that are from one source."""
    used, given = source.ask(), source.ask()
    if source.most is not None:
        limited_in_time(source, used)
    if not used.here:
        inconclusive(f"the objects are at another host, {used.host}: only the lifetime of the URL was judged")
    with source.objects() as put:
        reply = put(used)
        control(reply.is_success, f"an upload with a presigned URL: {shown(reply)}")
        evidence(f"{shown(reply)} with the URL as it was given")
        varied(source, put, used, given)
        expired(source, put)


def shown(reply):
    """A response in one line, without the query of the URL."""
    exchange = exchange_of(reply)
    return f"{exchange.method} {urlsplit(exchange.url).path} -> {exchange.status}"


def limited_in_time(source, given):
    """Judge for how long a URL says it is valid."""
    found = given.lifetime
    if found is None:
        advise(
            "a time at which the URL expires, in the response or in the URL",
            f"{given.summary}: none is recognised",
        )
        return
    seconds, where = found
    most = source.most
    expect(
        seconds <= most + LATENESS,
        f"a URL that is valid for {most} s at most (`lifetime` in [files.presigned])",
        f"{given.summary}: {where} says that it is valid for {seconds:.0f} s more",
    )
    evidence(f"{where} says that a URL is valid for {seconds:.0f} s")


def varied(source, put, used, given):
    """Change a URL in one respect after the other: nothing must be accepted.

    Args:
        used: one that was used already.
        given: another one.
    """
    tried = []
    changes = {
        "another signature": other_signature(given.url),
        "no signature": without_query(given.url),
        "another object": for_other(given.url, given.name, source.ask().name),
        "a later end": longer(given.url),
    }
    for what, url in changes.items():
        if url is None:
            continue
        tried.append(refused(put(given, url=url), f"{source.method} with {what}"))
    tried += methods(source, put, used)
    if source.typed:
        reply = put(given, kind="text/html")
        tried.append(refused(reply, "an upload of another type than the URL was asked for", critical=False))
    reply = put(given)
    control(
        reply.is_success,
        f"the URL is still valid after all that was refused: {shown(reply)}; {'; '.join(tried)}",
    )
    evidence("; ".join(tried))
    if other_signature(given.url) is None:
        note("the URL has no signature that is recognised: it was tried without its query only")


def refused(reply, what, *, critical=True):
    """Break the rule if a request with a changed URL succeeded; what was tried, in words."""
    expect(
        not reply.is_success,
        f"4xx for {what}",
        f"{shown(reply)} for {what}",
        impact=CRITICAL if critical else None,
    )
    expect(reply.status_code < 500, f"4xx for {what}", f"{shown(reply)} for {what}")
    return f"{shown(reply)} for {what}"


def methods(source, put, used):
    """Use the URL of an upload, which was made, to read and to remove its object."""
    tried = []
    if source.method == "GET":
        return tried
    public = source.bare("GET", without_query(used.url))
    if not public.is_success:
        tried.append(refused(source.bare("GET", used.url), f"GET with a URL for {source.method}"))
    open_to_all = source.bare("DELETE", without_query(used.url), own=True)
    if not open_to_all.is_success:
        tried.append(
            refused(source.bare("DELETE", used.url, own=True), f"DELETE with a URL for {source.method}")
        )
    return tried


def expired(source, put):
    """Use a URL after its end, where that comes soon."""
    if not source.timed:
        evidence("the end of a URL was not awaited: no {seconds} in `body` of [files.presigned]")
        return
    given = source.ask(seconds=1)
    left = given.lifetime[0] if given.lifetime is not None else 1.0
    if left > MOST_WAIT:
        evidence(f"the end of a URL was not awaited: it comes in {left:.0f} s, although 1 s was asked for")
        return
    margin = MARGIN if source.client.target.loopback else FAR_MARGIN
    source.client.recorder.budget.sleep(max(left, 0.0) + margin)
    evidence(refused(put(given), "a URL after its end"))
