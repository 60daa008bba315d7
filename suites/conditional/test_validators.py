"""COND: validators (RFC 9110 section 8.8)."""

from __future__ import annotations

import time

from harness import (
    MINOR,
    MUST,
    SHOULD,
    WRITE,
    applies,
    expect,
    not_applicable,
    note,
    rule,
)
from harness.client.client import exchange_of
from harness.http.fields import http_date

from .judge import (
    changed_for_nothing,
    shared_by_codings,
    tag_fault,
)
from .large_lists import grown_list
from .probes import Guarded, writing
from .reading import an_item, got
from .tags import (
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


@rule(
    "COND-001",
    SHOULD,
    refs=["RFC 9110 section 15.3.1", "RFC 9110 section 8.8.3"],
    needs="read",
    rougher=WRITE,
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


@rule(
    "COND-004",
    MUST,
    refs=["RFC 9110 section 8.8.1", "RFC 9110 section 8.8.3.3"],
    needs="read etag",
    rougher=WRITE,
)
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
