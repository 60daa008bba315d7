"""Plain reads of an item and its entity tag, before and after a probe."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from harness import applies, control, inconclusive
from harness.client.client import Client, exchange_of
from harness.http.exchange import Exchange
from harness.http.fields import EntityTag, entity_tag
from harness.http.intermediary import from_edge
from harness.resource.resource import ResourceUnderTest
from harness.survey.outcome import Survey

from .tags import IDENTITY


def an_item(resource: ResourceUnderTest) -> str:
    """URL of a readable item."""
    url = resource.existing()
    control(url is not None, f"an item of {resource.name} should be readable")
    assert url is not None
    return url


def got(client: Client, url: str, headers: Mapping[str, str] = IDENTITY) -> httpx.Response:
    """The 200 to a plain GET."""
    reply = client.get(url, headers=headers)
    control(
        reply.status_code == 200, f"a plain GET should be answered with 200: {exchange_of(reply).summary()}"
    )
    return reply


def tagged(client: Client, url: str) -> tuple[httpx.Response, EntityTag]:
    """A 200 with an entity tag, and the tag."""
    reply = got(client, url)
    tag = entity_tag(reply.headers.get("etag"))
    applies(tag, f"{exchange_of(reply).summary()} has a well-formed ETag (see COND-001)")
    assert tag is not None
    return reply, tag


def believe(client: Client, url: str, tag: EntityTag, probe: Exchange, survey: Survey) -> None:
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
