"""How many items of the run a collection lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.resource.matching import carrying, places
from harness.resource.resource import ResourceUnderTest


def listed(resource: ResourceUnderTest, wanted: Sequence[tuple[str, Any]]) -> list[int] | None:
    """How many listed items have each of some values; None where the collection cannot be listed.

    Args:
        wanted: pointers into the create body, each with a value. A count may be too low where the collection
            has more pages than are read, and never too high.
    """
    if not wanted or not resource.can("list"):
        return None
    items = resource.members().items
    known = resource.known
    return [len(carrying(items, places(known, pointer), value)) for pointer, value in wanted]
