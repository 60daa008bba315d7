"""COND: conditional reads (RFC 9110 sections 13 and 15.4.5)."""

from __future__ import annotations

import time

from harness import (
    MINOR,
    MUST,
    WRITE,
    applies,
    evidence,
    expect,
    inconclusive,
    note,
    rule,
    warn,
)
from harness.client.client import content_of, exchange_of
from harness.client.eventually import eventually
from harness.client.raw import connection
from harness.http.fields import FRESH, entity_tag, http_date
from harness.http.intermediary import from_edge

from .judge import (
    date_before,
    neighbours,
    not_modified_faults,
    only_left_out,
    other_tag,
)
from .large_lists import grown_list
from .probes import Guarded, just_now, writing
from .reading import an_item, believe, got, tagged
from .tags import (
    A_SECOND,
    IDENTITY,
)


@rule(
    "COND-005",
    MUST,
    refs=["RFC 9110 section 13.1.2", "RFC 9110 section 8.8.3.2"],
    needs="read etag",
    rougher=WRITE,
)
def test_a_matching_if_none_match_gets_304(resource, client, survey):
    """Answer a matching If-None-Match with 304, using weak comparison

    Why: polling clients and caches pay for the whole content each time, and a tag that a proxy has weakened
        (`W/`) no longer matches.
    Fix: compare with each tag of the list, ignoring `W/`, and let `*` match any current representation.
    Advice: where only `*` is not understood, no cache is affected: caches send tags.
    """
    url = an_item(resource)
    _, tag = tagged(client, url)
    values = (str(tag), str(tag.toggled()), f"{other_tag(tag)}, {tag}", "*")
    head = client.head(url, headers=IDENTITY)
    methods = ("GET", "HEAD") if entity_tag(head.headers.get("etag")) == tag and head.is_success else ("GET",)
    broken = []
    for method in methods:
        for value in values:
            reply = client.request(method, url, headers={**IDENTITY, "If-None-Match": value})
            if reply.status_code != 304:
                believe(client, url, tag, exchange_of(reply), survey)
                broken.append(f"{exchange_of(reply).summary()} with If-None-Match: {value}")
    only_star = all(one.endswith("If-None-Match: *") for one in broken)
    expect(
        not broken,
        f"304 (Not Modified), as the ETag is {tag}",
        "; ".join(broken),
        impact=MINOR if only_star else None,
    )
    for where in (url, grown_list(resource, client)):
        fault = coded_fault(client, where, survey) if where is not None else None
        expect(fault is None, "304 (Not Modified) for the tag of coded content, too", fault)


def coded_fault(client, url, survey):
    """How the tag of a coded response, which most clients hold, is not recognised in If-None-Match; or None."""
    asked = {"Accept-Encoding": "gzip"}
    coded = client.get(url, headers=asked)
    tag = entity_tag(coded.headers.get("etag"))
    if not coded.is_success or not coded.headers.get("content-encoding") or tag is None:
        return None
    # Twice: two nodes that have tags of their own may take turns.
    for _ in range(2):
        reply = client.get(url, headers={**asked, "If-None-Match": str(tag)})
        if reply.status_code == 304 or from_edge(exchange_of(reply), survey.exchanges) is not None:
            return None
    again = client.get(url, headers=asked)
    if entity_tag(again.headers.get("etag")) != tag:
        return None
    return (
        f"{exchange_of(reply).summary()} with Accept-Encoding: gzip and If-None-Match: {tag}, the tag of "
        f"{exchange_of(coded).summary()} in {coded.headers['content-encoding']}"
    )


@rule(
    "COND-006",
    MUST,
    refs=["RFC 9110 section 15.4.5", "RFC 9110 section 8.6"],
    needs="read etag",
    rougher=WRITE,
)
def test_a_304_is_well_formed(resource, client, survey):
    """Send a 304 with the fields of the 200 and without content

    Why: a cache updates its stored response with the fields of the 304. Without them it serves the old
        freshness, or the wrong variant; content after a 304 is read as the next response.
    Fix: send ETag, Cache-Control, Vary, Expires, Content-Location and Date as in the 200, no content, and no
        Content-Length other than that of the 200.
    Advice: where fields are only left out, a cache keeps those of the 200 that it has.
    """
    url = an_item(resource)
    before, tag = tagged(client, url)
    with connection(client) as wire:
        given = wire.send("GET", url, [("If-None-Match", str(tag))])
        applies(given.status == 304, f"If-None-Match is honoured ({given.summary()}; see COND-005)")
        if "close" not in (given.field("connection") or "").lower():
            wire.send_only("GET", url)
        following = wire.peek(5)
        expect(
            following in (b"", b"HTTP/"),
            "no byte between the header section of a 304 and the next response",
            f"{given.summary()} is followed by {wire.unread[:80]!r}",
        )
    believe(client, url, tag, given, survey)
    after = got(client, url)
    if content_of(before) != content_of(after):
        note("the content changes from one GET to the next, so a Content-Length of the 304 is not judged")
    lengths = {len(content_of(reply)) for reply in (before, after)}
    fields = {name.lower(): given.field(name) for name, _ in given.response_fields}
    if len(lengths) > 1:
        fields.pop("content-length", None)
    faults = not_modified_faults(before.headers, fields, after.headers, len(content_of(before)))
    expect(
        not faults,
        "a 304 with the representation fields of the 200",
        f"{given.summary()}: {'; '.join(faults)}",
        impact=MINOR if all(only_left_out(fault) for fault in faults) else None,
    )


@rule("COND-007", MUST, refs=["RFC 9110 section 13.2.2"], needs="read etag", rougher=WRITE)
def test_a_non_matching_if_none_match_gets_200(resource, client, profile, survey):
    """Answer a non-matching If-None-Match with the full 200

    Why: a 304 to a client with an old copy keeps it on the old state for good.
    Fix: answer 304 only where one of the tags is that of the current representation.
    """
    methods = writing(resource, "PUT", "PATCH") if resource.may_create else []
    if methods:
        guarded = Guarded(resource, methods[0], profile.consistency_window)
        url = guarded.item.url
    else:
        url = an_item(resource)
    _, tag = tagged(client, url)
    for unknown in (other_tag(tag), *neighbours(tag)):
        reply = client.get(url, headers={**IDENTITY, "If-None-Match": str(unknown)})
        if unknown == other_tag(tag) or reply.status_code == 304:
            believe(client, url, tag, exchange_of(reply), survey)
            expect(
                reply.status_code == 200 and content_of(reply),
                f"200 with the content, as the ETag is {tag}",
                f"{exchange_of(reply).summary()} ({len(content_of(reply))} bytes) with If-None-Match: {unknown}",
            )
    if not methods and not resource.may_create:
        evidence("it was not checked that an update ends the 304s: nothing may be changed")
        return
    if not methods:
        note("it was not checked that an update ends the 304s: items can be neither replaced nor updated")
        return
    now = guarded.succeed(guarded.needed(), "no condition that fails")
    current = entity_tag(now.headers.get("etag"))
    applies(current != tag, f"the ETag changes with an update ({tag} before and after; see COND-002)")
    last = []

    def is_new():
        last[:] = [client.get(url, headers={**IDENTITY, **FRESH, "If-None-Match": str(tag)})]
        return last[0].status_code == 200 and guarded.is_shown(last[0])

    expect(
        eventually(is_new, profile.consistency_window),
        f"200 with the new content, as the ETag is now {current}",
        f"{exchange_of(last[0]).summary()} with If-None-Match: {tag}, the ETag before the update",
    )


@rule("COND-012", MUST, refs=["RFC 9110 section 13.1.3"], needs="read", rougher=WRITE)
def test_dates_are_evaluated_after_tags(resource, client, survey):
    """Let If-None-Match override If-Modified-Since, and evaluate dates

    Why: a date is exact to the second only. Where it overrides the tag, a client keeps its copy although the
        representation changed within that second.
    Fix: ignore If-Modified-Since where If-None-Match is present, or where the value is not a date; otherwise
        answer 304 unless the representation has changed since.
    Advice: where the response has an ETag, too, clients send both, and If-None-Match decides; a date that is ignored
        costs nothing.
    """
    url = an_item(resource)
    before = got(client, url)
    modified, tag = before.headers.get("last-modified"), entity_tag(before.headers.get("etag"))
    applies(http_date(modified), f"{exchange_of(before).summary()} has Last-Modified")

    def since(value, more=None):
        return client.get(url, headers={**IDENTITY, "If-Modified-Since": value, **(more or {})})

    reply = since(modified)
    if reply.status_code == 200 and just_now(reply):
        # Shortly after a change, a server may refuse to answer 304 (section 8.8.2.2).
        time.sleep(2 * A_SECOND)
        reply = since(modified)
    evaluated = exchange_of(reply)
    after = got(client, url)
    if after.headers.get("last-modified") != modified:
        inconclusive(
            f"Last-Modified changes with each GET: {modified}, then {after.headers.get('last-modified')}"
        )
    broken = []
    attempts = [("garbage", None), (date_before(modified, 3600), None)]
    unknown = (
        None if tag is None else client.get(url, headers={**IDENTITY, "If-None-Match": str(other_tag(tag))})
    )
    if unknown is not None and unknown.status_code == 200:
        # Otherwise the tag itself causes a 304, which COND-007 reports.
        attempts.insert(0, (modified, {"If-None-Match": str(other_tag(tag))}))
    for value, more in attempts:
        reply = since(value, more)
        if reply.status_code != 200:
            believe(client, url, tag, exchange_of(reply), survey)
            observed = "".join(f" and {name}: {text}" for name, text in (more or {}).items())
            broken.append(f"{exchange_of(reply).summary()} with If-Modified-Since: {value}{observed}")
    expect(
        not broken,
        "200, as If-Modified-Since counts only alone, only as a date, and only if Last-Modified is not later",
        "; ".join(broken),
    )
    if evaluated.status != 304:
        warn(
            "304 for If-Modified-Since with the value of Last-Modified",
            f"{evaluated.summary()} with If-Modified-Since: {modified}",
            impact=None if tag is None else MINOR,
        )
