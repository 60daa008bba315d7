"""COND: validators, and conditional reads (RFC 9110 sections 8.8, 13 and 15.4.5)."""

from __future__ import annotations

import time

from harness import (
    MINOR,
    MUST,
    SHOULD,
    WRITE,
    applies,
    control,
    evidence,
    expect,
    inconclusive,
    not_applicable,
    note,
    rule,
    warn,
)
from harness.client.client import content_of, exchange_of
from harness.client.eventually import eventually
from harness.client.raw import connection
from harness.http.fields import entity_tag, http_date
from harness.http.intermediary import from_edge
from harness.resource.contested import FRESH

from .judge import (
    changed_for_nothing,
    date_before,
    neighbours,
    not_modified_faults,
    only_left_out,
    other_tag,
    shared_by_codings,
    tag_fault,
)
from .large_lists import grown_list
from .probes import Guarded, just_now, writing
from .tags import (
    A_SECOND,
    IDENTITY,
    actions_of,
    below,
    judge_actions,
    judge_below,
    judge_changes,
    judge_writes,
    seen,
)

READS = 5
SPREAD = 1.0  # seconds over which an item is read that often
CODINGS = ("gzip", "br", "deflate", "zstd")


def an_item(resource):
    """URL of a readable item."""
    url = resource.existing()
    control(url is not None, f"an item of {resource.name} should be readable")
    return url


def got(client, url, headers=IDENTITY):
    """The 200 to a plain GET."""
    reply = client.get(url, headers=headers)
    control(
        reply.status_code == 200, f"a plain GET should be answered with 200: {exchange_of(reply).summary()}"
    )
    return reply


def tagged(client, url):
    """A 200 with an entity tag, and the tag."""
    reply = got(client, url)
    tag = entity_tag(reply.headers.get("etag"))
    applies(tag, f"{exchange_of(reply).summary()} has a well-formed ETag (see COND-001)")
    return reply, tag


def believe(client, url, tag, probe, survey):
    """Go on only if the response to a probe shows something about the API.

    Raises:
        Undecided: an intermediary answered, or the item's tag differs from that before the probe.
    """
    edge = from_edge(probe, survey.exchanges) if (probe.status or 0) >= 400 else None
    if edge is not None:
        inconclusive(f"{probe.summary()}: {edge}")
    after = got(client, url)
    if entity_tag(after.headers.get("etag")) != tag:
        observed = after.headers.get("etag")
        inconclusive(f"the ETag changes with each GET: {tag}, then {observed}, around {probe.summary()}")


@rule(
    "COND-001",
    SHOULD,
    refs=["RFC 9110 section 15.3.1", "RFC 9110 section 8.8.3"],
    needs="read",
    impact=MINOR,
)
def test_a_200_carries_a_validator(resource, client):
    """Send a validator with 200 responses to GET

    Why: without one, a client downloads everything again to learn that nothing has changed, and cannot make
        sure that it does not overwrite somebody else's change.
    Fix: send an ETag, in quotes, made from a version number or from a hash of the content; or at least
        Last-Modified.
    Advice: an API without validators is complete; its clients read everything again, and have no conditional writes.
    """
    reply = got(client, an_item(resource))
    summary = exchange_of(reply).summary()
    etag, modified = reply.headers.get("etag"), reply.headers.get("last-modified")
    if etag is not None:
        fault = tag_fault(etag)
        expect(
            fault is None,
            'an entity tag: `"..."` or `W/"..."`',
            f"{summary} with ETag: {etag}: {fault}",
            level=MUST,
        )
    expect(etag or http_date(modified), "an ETag or Last-Modified field", f"{summary} with neither")
    if resource.can("list"):
        listed = client.get(resource.url, headers=IDENTITY)
        if listed.is_success and not {"etag", "last-modified"} & set(listed.headers):
            note(f"{exchange_of(listed).summary()}: the collection has no validator")


@rule(
    "COND-002",
    MUST,
    refs=["RFC 9110 section 8.8.1", "RFC 9110 section 8.8.3"],
    needs="create read etag",
    effect=WRITE,
)
def test_a_strong_tag_changes_with_the_representation(resource, profile, survey, make_resource):
    """Change a strong ETag whenever the representation changes, or mark it weak

    Why: a 304 assures a client with the old representation that it is current, and a write that is based on it
        overwrites the changes in between.
    Fix: derive the tag from a version that counts every change, or from a hash of the whole content. Times in
        seconds do not distinguish two changes within one second. Otherwise mark the tag as weak with `W/`.
    """
    methods = writing(resource, "PUT", "PATCH")
    moves = actions_of(resource, survey)
    inside = below(resource, profile.resources)
    applies(methods or moves or inside, f"items of {resource.name} can be changed")
    weak = [
        judge_changes(Guarded(resource, method, profile.consistency_window), brief=bool(turn))
        for turn, method in enumerate(methods)
    ]
    weak += judge_actions(resource, moves)
    for name, path in inside:
        judge_below(resource, path, make_resource(name))
    if weak and all(weak):
        not_applicable(f"{weak[0]} is weak: equal tags do not promise equal bytes")


@rule("COND-003", SHOULD, refs=["RFC 9110 section 8.8.1"], needs="read etag", rougher=WRITE, waits=SPREAD)
def test_a_tag_is_stable_while_nothing_changes(resource, client, profile):
    """Keep the ETag stable while nothing changes

    Why: a client that validates its copy downloads it again each time, and an If-Match with the tag that it
        received is refused for no reason.
    Fix: derive the tag from the stored state, not from where or when it is read: no inode, process or time of
        day.
    Probe: reads an item and the list five times each, and compares the tags of equal bytes; also the tag in a response
        to a create, PUT or PATCH with that of the item after it.
    """
    url = an_item(resource)
    listed = resource.can("list") and client.get(resource.url, headers=IDENTITY).headers.get("etag")
    reads, headers = {one: [] for one in (url, *([resource.url] if listed else []))}, IDENTITY
    for turn in range(READS):
        if turn:
            time.sleep(min(profile.consistency_window, SPREAD) / (READS - 1))
        for one, found in reads.items():
            reply = got(client, one, headers)
            found.append(seen(reply))
        if reply.http_version == "HTTP/1.1":
            # Another connection may reach another node.
            headers = {**IDENTITY, "Connection": "close"}
    # Other clients may write to a list meanwhile; what they leave alone has the same bytes.
    for found in reads.values():
        pair = changed_for_nothing(found)
        expect(
            pair is None,
            f"one ETag in {READS} GETs of the same bytes",
            "" if pair is None else f"{pair[0].summary}; {pair[1].summary}, with the same bytes",
        )
    applies(
        all(one.octets == reads[url][0].octets for one in reads[url]),
        f"the content is stable from one GET to the next ({reads[url][0].summary})",
    )
    if resource.may_create:
        judge_writes(resource, profile.consistency_window)


@rule("COND-004", MUST, refs=["RFC 9110 section 8.8.1", "RFC 9110 section 8.8.3.3"], needs="read etag")
def test_codings_have_tags_of_their_own(resource, client):
    """Use different strong ETags for different content codings

    Why: a 304 assures a cache with one coding that it has the other, and parts of the two get mixed.
    Fix: add the coding to the tag (`"abc-gzip"`), or mark the tag as weak (`W/"abc"`) wherever content is
        coded.
    """
    urls = [url for url in (an_item(resource), grown_list(resource, client)) if url is not None]
    coded = False
    for url in urls:
        known = [seen(got(client, url))]
        for coding in CODINGS:
            one = seen(got(client, url, {"Accept-Encoding": coding}))
            if one.coding:
                known.append(one)
        coded = coded or len(known) > 1
        found = shared_by_codings(known)
        expect(
            found is None,
            "a separate strong ETag for each content coding (or a weak one)",
            "" if found is None else f"{found[0].summary}; {found[1].summary}",
        )
    applies(coded, f"content is coded on request ({', '.join(CODINGS)})")


@rule("COND-005", MUST, refs=["RFC 9110 section 13.1.2", "RFC 9110 section 8.8.3.2"], needs="read etag")
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


@rule("COND-006", MUST, refs=["RFC 9110 section 15.4.5", "RFC 9110 section 8.6"], needs="read etag")
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


@rule("COND-012", MUST, refs=["RFC 9110 section 13.1.3"], needs="read")
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
