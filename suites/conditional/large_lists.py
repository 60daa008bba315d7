"""Content that is worth a content coding: servers leave small content alone."""

from __future__ import annotations

from harness.client.client import Client
from harness.resource.resource import ResourceUnderTest

WORTH_CODING = 2048
"""Octets from which servers that compress do it."""
FAR_MORE = 4 * WORTH_CODING
MOST_ITEMS = 8


def grown_list(resource: ResourceUnderTest, client: Client) -> str | None:
    """URL of the collection, after items of our own were created until its content is worth coding.

    Ours count by themselves, unless there is far more: what others have there may be gone in a moment.
    No more than `MOST_ITEMS` of them, and none where nothing may be created. None where it cannot be listed.
    """
    if not resource.can("list"):
        return None
    ours = 0
    for _ in range(MOST_ITEMS if resource.may_create else 0):
        size = len(client.get(resource.url).content)
        if size >= FAR_MORE or min(size, ours) >= WORTH_CODING:
            break
        ours += len(resource.create().created.content)
    return resource.url
