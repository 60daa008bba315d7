"""Content that is worth a content coding: servers leave small content alone."""

from __future__ import annotations

from harness.client import Client
from harness.resource import ResourceUnderTest

WORTH_CODING = 2048
"""Octets from which servers that compress do it."""
MOST_ITEMS = 8


def grown_list(resource: ResourceUnderTest, client: Client) -> str | None:
    """URL of the collection, after items of our own were created until its content is worth coding.

    No more than `MOST_ITEMS` of them, and none where nothing may be created. None where it cannot be listed.
    """
    if not resource.can("list"):
        return None
    for _ in range(MOST_ITEMS if resource.may_create else 0):
        if len(client.get(resource.url).content) >= WORTH_CODING:
            break
        resource.create()
    return resource.url
