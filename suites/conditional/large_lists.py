"""A list long enough for a content coding: servers do not code short content."""

from __future__ import annotations

from harness.client.client import Client
from harness.resource.resource import ResourceUnderTest

WORTH_CODING = 2048
"""Length in bytes above which servers usually compress."""
FAR_MORE = 4 * WORTH_CODING
MOST_ITEMS = 8


def grown_list(resource: ResourceUnderTest, client: Client) -> str | None:
    """URL of the collection, after items were created until its content is long enough.

    Only the run's items count, unless the list is far longer, as others may remove theirs. At most `MOST_ITEMS` are
    created, and none where creating is not allowed. None where the collection cannot be listed.
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
