"""Create bodies as documents of JSON:API 1.1. Pure."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from harness.payloads.constraints import member
from harness.profile.models import Resource
from harness.resource.json_api import ATTRIBUTES

_NOT_SENT = ("id", "lid", "links", "meta", "relationships")


def kind(known: Resource, listed: Sequence[Any]) -> str:
    """The `type` of the collection's resource objects: that of a listed one, else the name of the collection."""
    shown = next((one.get("type") for one in listed if isinstance(one, Mapping)), None)
    return shown if isinstance(shown, str) else known.collection.rstrip("/").rsplit("/", 1)[-1] or known.name


def document(known: Resource, body: dict[str, Any], listed: Sequence[Any]) -> dict[str, Any]:
    """A generated body with the right `type`, without what the server sets (JSON:API 1.1 section 9.1).

    Args:
        listed: resource objects that the collection lists.

    Returns:
        The body itself if it is no JSON:API document, or if its schema fixes the type.
    """
    data = body.get("data")
    if known.representation != ATTRIBUTES or known.body is not None or not isinstance(data, Mapping):
        return body
    made = {name: copy.deepcopy(value) for name, value in data.items() if name not in _NOT_SENT}
    if not _fixed(known):
        made["type"] = kind(known, listed)
    return {"data": {"type": None, **made}}


def _fixed(known: Resource) -> bool:
    """Whether the schema of the document says which type the resource objects have."""
    inner = member(known.create_schema, "/data/type") if known.create_schema is not None else None
    return bool({"const", "enum"} & set(inner or {}))
