"""WIRE: request content in chunks (RFC 9112 section 7.1)."""

from __future__ import annotations

from harness import (
    CRITICAL,
    MUST,
    SHOULD,
    WRITE,
    control,
    evidence,
    expect,
    inconclusive,
    not_applicable,
    rule,
)
from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.client.raw import connection
from harness.http.content import at, json_of, shown
from harness.race.outcomes import equal
from harness.resource.item import Item
from harness.resource.tags import tag_pointer
from harness.rules.checks import Undecided

from .judge import BUSY, chunked_fault, chunks
from .probes import closing, plain

GATES = (401, 403, 404, 405, 407)


@rule(
    "WIRE-009", MUST, refs=["RFC 9112 section 7.1", "RFC 9112 section 6.3"], needs="create read", effect=WRITE
)
def test_request_content_in_chunks_is_read(resource, client, profile, survey):
    """Read request content that comes in chunks

    Why: clients that stream what they send (curl -T -, fetch with a stream, proxies that do not buffer) use the chunked
        transfer coding. Where it is ignored the content counts as empty, and its bytes as the next request.
    Fix: use a server that decodes the chunked coding, and read the content from it rather than by Content-Length; or
        answer 411.
    Probe: sends one valid create in two chunks and reads the item; then sends a GET on the same connection.
    """
    resource.by_post()
    plain(client, survey, resource.url)
    first = resource.create()
    body = resource.body()
    content = chunks(resource.written(body))
    fields = [(name, value) for name, value in resource.fields_for_create().items() if value is not None]
    with connection(client) as wire:
        resource.reserve(bodies=[body])
        try:
            sent, reply = wire.ask(
                "POST",
                resource.create_url,
                [*fields, ("Transfer-Encoding", "chunked")],
                content,
                measured=False,
            )
        except Undecided:
            resource.account(None)
            raise
        resource.account(reply)
        if sent.status in BUSY or sent.status in GATES:
            inconclusive(sent.summary())
        in_step(wire, resource, sent)
    fault = chunked_fault(sent.status)
    again = resource.create() if fault is not None else first
    expect(
        fault is None,
        "the response as to the same content with a Content-Length, or 411",
        f"{sent.summary()} for a create in chunks: {fault} ({exchange_of(again.created).summary()})",
        level=SHOULD,
    )
    if not reply.is_success:
        not_applicable(f"{sent.summary()}: content in chunks is refused, which is lawful")
    stored(resource, profile.consistency_window, first, body, sent, reply)


def in_step(wire, resource, sent):
    """The chunks are not taken for the next request on the connection."""
    if closing(sent):
        return
    further = wire.serves(resource.url)
    expect(
        further is None or (further.status or 0) < 400 or further.status in (*BUSY, *GATES),
        "the next request on the connection answered as before",
        f"{sent.summary()} for content in chunks; the next request on the connection: "
        f"{further.summary() if further is not None else ''}",
        impact=CRITICAL,
    )


def stored(resource, window, first, body, sent, reply):
    """The item has the content that came in chunks."""
    place, id = tag_pointer(resource.known, body) if resource.can("tag") else None, resource.id_in(reply)
    if place is None or id is None:
        evidence(f"{sent.summary()} for content in chunks")
        return
    control(
        equal(at(json_of(first.get()), place), at(first.sent, place)),
        f"{place} of an item should be shown as it was sent: {exchange_of(first.get()).summary()}",
    )
    item = Item(resource, id, body, reply)
    shows = lambda: at(json_of(item.get()), place)  # noqa: E731
    eventually(lambda: equal(shows(), at(body, place)), window)
    expect(
        equal(shows(), at(body, place)),
        f"an item whose {place} is {shown(at(body, place))}",
        f"{sent.summary()} for content in chunks, and the item has {shown(shows())}",
        impact=CRITICAL,
    )
