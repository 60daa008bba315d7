"""METH: HEAD (RFC 9110 section 9.3.2)."""

from __future__ import annotations

from harness import MINOR, MUST, SHOULD, WRITE, applies, expect, inconclusive, not_applicable, note, rule
from harness.client.client import content_of, exchange_of
from harness.client.raw import connection

from .judge import head_differences
from .probes import IDENTITY, gated, readable

CALM_TRIES = 20
MISMATCHES = 5


@rule("METH-001", MUST, refs=["RFC 9110 section 9.1"], needs="list", rougher=WRITE)
def test_head_is_supported_wherever_get_is(resource, client, profile, survey):
    """Support HEAD wherever GET succeeds

    Why: caches, link checkers and download managers send HEAD before they fetch. Where it fails, they give up
        or fetch everything.
    Fix: route HEAD to the handler of GET and drop the content; most frameworks have a setting for it.
    """
    if not profile.methods.head:
        not_applicable("the profile declares HEAD as disabled (methods.head = false)")
    broken = []
    for url, get in readable(resource, client):
        head = client.head(url, headers=IDENTITY)
        if gated(head, survey):
            inconclusive(f"an intermediary seems to refuse HEAD: {exchange_of(head).summary()}")
        if head.status_code // 100 != get.status_code // 100:
            broken.append(f"{exchange_of(get).summary()}, but {exchange_of(head).summary()}")
    expect(not broken, "the same class of status for HEAD as for GET (2xx)", "; ".join(broken))


@rule("METH-002", MUST, refs=["RFC 9110 section 9.3.2"], needs="list", rougher=WRITE)
def test_head_carries_no_content(resource, client):
    """Send no content in a HEAD response

    Why: bytes after the header section of a HEAD response are read as the next response on the connection, and
        every later response goes to the wrong request.
    Fix: let the server library end the response after the fields; do not write the content yourself.
    """
    for url, _ in readable(resource, client):
        with connection(client) as wire:
            head = wire.send("HEAD", url)
            applies(head.status is not None and head.status < 300, f"HEAD succeeds ({head.summary()})")
            ending = "close" in (head.field("connection") or "").lower()
            if not ending:
                wire.send_only("GET", url)
            following = wire.peek(5)
            expect(
                following in (b"", b"HTTP/"),
                "no byte between the header section of the HEAD response and the next response",
                f"{head.summary()} is followed by {wire.unread[:80]!r}",
            )


@rule("METH-003", SHOULD, refs=["RFC 9110 section 9.3.2"], needs="list", rougher=WRITE, impact=MINOR)
def test_head_sends_the_fields_of_get(resource, client):
    """Send the same header fields for HEAD as for GET

    Why: a client that decides by HEAD (type, freshness, version) decides on other facts than GET gives it.
    Fix: compute the fields in one place for both methods.
    Advice: clients that send HEAD look at the status and the length, which other rules judge.
    """
    broken = []
    for url, before in readable(resource, client):
        head = client.head(url, headers=IDENTITY)
        applies(head.is_success, f"HEAD succeeds ({exchange_of(head).summary()}; see METH-001)")
        after = client.get(url, headers=IDENTITY)
        wrong, omitted = head_differences(before.headers, head.headers, after.headers)
        if wrong:
            # The servers behind a load balancer may differ from each other.
            again = client.get(url, headers=IDENTITY)
            repeated, _ = head_differences(after.headers, head.headers, again.headers)
            wrong = [one for one in wrong if one in repeated]
        broken += [f"{exchange_of(head).summary()}: {one}" for one in wrong]
        for one in omitted:
            note(f"{exchange_of(head).summary()}: {one}")
    expect(not broken, "the same field values as for GET", "; ".join(broken))


@rule("METH-004", MUST, refs=["RFC 9110 section 8.6"], needs="list", rougher=WRITE)
def test_content_length_of_head_is_that_of_get(resource, client):
    """Send Content-Length for HEAD only with the length of the GET content

    Why: clients reserve space, show progress and plan range requests by this number.
    Fix: send the length that GET would have, or leave the field out.
    """
    judged, moving = False, []
    for url, before in readable(resource, client):
        mismatches = calm = 0
        for _ in range(CALM_TRIES):
            head = client.head(url, headers=IDENTITY)
            applies(head.is_success, f"HEAD succeeds ({exchange_of(head).summary()}; see METH-001)")
            length = head.headers.get("content-length")
            after = client.get(url, headers=IDENTITY)
            if length is None or any("content-encoding" in reply.headers for reply in (before, head, after)):
                break
            size = len(content_of(after))
            if len(content_of(before)) == size:
                calm += 1
                mismatches += length.strip() != str(size)
                # Other clients may have written in between, but hardly each time.
                if mismatches < calm or mismatches == MISMATCHES:
                    break
            before = after
        else:
            moving.append(exchange_of(after).summary())
        judged = judged or calm > 0
        if mismatches == MISMATCHES:
            expect(
                False,
                f"Content-Length: {size}, the length of the GET content, or no Content-Length",
                f"{exchange_of(head).summary()} with Content-Length: {length}",
            )
    if moving:
        inconclusive(f"the length changes from one GET to the next: {', '.join(moving)}")
    applies(judged, "a HEAD response has Content-Length, and the length of the GET content is stable")
