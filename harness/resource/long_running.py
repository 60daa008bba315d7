"""Whether the response to a create represents the item, or an operation that creates it later. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

ACCEPTED = 202
MONITORS = ("Operation-Location", "Azure-AsyncOperation")


def later(
    status: int, fields: Mapping[str, str], value: Any, id: str | None, is_item: Callable[[str], bool]
) -> str | None:
    """What shows that a create was only accepted; None if the response represents the item.

    202 alone does not: it may come with the new item, and GET may find that at once (RFC 9110 section 15.3.3).

    Args:
        fields: of the response, by name in any case.
        value: JSON of its content.
        id: of the item, where the content has one.
        is_item: whether a URI reference is that of an item of the collection.
    """
    if isinstance(value, Mapping) and isinstance(value.get("done"), bool):
        # google.longrunning.Operation (AIP-151), whatever the status.
        name = value.get("name")
        if isinstance(name, str) and "operations/" in name:
            return f"the operation {name}"
    if status != ACCEPTED:
        return None
    named = {name.lower(): text for name, text in fields.items()}
    for field in MONITORS:
        if field.lower() in named:
            return f"{field}: {named[field.lower()]}"
    location = named.get("location")
    if location is not None and not is_item(location):
        return f"Location: {location}"
    return "neither an id nor Location" if id is None and location is None else None
