"""Requests that several rules on methods send."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx

from harness import control, inconclusive, not_applicable
from harness.client.client import Client, exchange_of
from harness.http.intermediary import from_edge
from harness.profile.models import Profile
from harness.resource.item import Item
from harness.resource.resource import ResourceUnderTest
from harness.survey.outcome import Survey

IDENTITY = {"Accept-Encoding": "identity"}


def readable(resource: ResourceUnderTest, client: Client) -> list[tuple[str, httpx.Response]]:
    """The URLs of the collection and of an item that GET answers with 200, each with that answer.

    Raises:
        Undecided: neither is readable.
    """
    urls = [resource.url, resource.existing()]
    replies = [(url, client.get(url, headers=IDENTITY)) for url in urls if url is not None]
    good = [(url, reply) for url, reply in replies if reply.status_code == 200]
    control(good, "GET of the collection should answer 200")
    return good


def collection_url(profile: Profile, client: Client) -> str:
    """The URL of a readable collection, for probes that concern the whole target."""
    listed = [resource for resource in profile.resources if resource.missing("list") is None]
    if not listed:
        not_applicable("the profile names no readable collection")
    return client.url(listed[0].collection or "/")


def gated(reply: httpx.Response, survey: Survey) -> bool:
    """Whether the answer came from a check that precedes the method: authentication, a firewall or a gateway."""
    refused = reply.status_code in (401, 403, 407)
    return refused or (
        reply.status_code >= 400 and from_edge(exchange_of(reply), survey.exchanges) is not None
    )


def requested(
    found: list[str],
    resource: ResourceUnderTest,
    started: float,
    prepare: Callable[[Item], object] | None = None,
) -> list[str]:
    """The changed locations, without those that change by themselves in the same time.

    Args:
        found: JSON Pointers of what has changed.
        started: monotonic time, in seconds, of the first reading.
        prepare: what to do with the item that is left alone for comparison.

    Raises:
        Undecided: all of them change by themselves.
    """
    if not found:
        return found
    moving = resource.drift(time.monotonic() - started, prepare)
    left = [where for where in found if where not in moving]
    if not left:
        inconclusive(
            f"{', '.join(found)} changed, and also changes in an untouched item: declare it `volatile`"
        )
    return left
