"""Stores of files: collections that keep any content, as it is, with the media type that it came with."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from harness.client.client import content_of
from harness.http.content import media_type
from harness.http.exchange import Exchange
from harness.resource.resource import ResourceUnderTest

BYTES = "application/octet-stream"


def stores_files(resource: ResourceUnderTest) -> bool:
    """Whether a create takes bytes that are no JSON, and a GET returns the same bytes with the same media type.

    What such a store takes is no fault: neither malformed JSON nor content under any other label.
    """
    if not resource.can("read"):
        return False
    content = b"%PDF-1.4\n\0" + secrets.token_hex(8).encode()
    reply = resource.post(content=content, headers={"Content-Type": BYTES})
    id = resource.id_in(reply) if reply.is_success else None
    if id is None:
        return False
    kept = resource.client.get(
        resource.item_url(id), headers={"Accept": "*/*", "Accept-Encoding": "identity"}
    )
    return kept.is_success and media_type(kept) == BYTES and content_of(kept) == content


def returned_as_sent(exchange: Exchange, exchanges: Iterable[Exchange]) -> bool:
    """Whether a response has exactly the content of a request, with its media type: the client chose both."""
    body, kind = exchange.response_body, exchange.media_type
    return bool(body.size) and any(
        one.method in ("POST", "PUT")
        and one.request_body.size == body.size
        and (one.request_body.text, one.request_body.sha256) == (body.text, body.sha256)
        and (one.request_field("content-type") or "").partition(";")[0].strip().lower() == kind
        for one in exchanges
    )
