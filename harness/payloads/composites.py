"""Values for the optional objects and arrays that a schema describes and that a body lacks. Pure."""

from __future__ import annotations

from itertools import islice
from typing import Any

import jsonpointer

from harness.payloads import MOST_MEMBERS, kept
from harness.payloads.constraints import Json, Schema, joined, kinds, member, valid
from harness.payloads.sample import NoValue, sample
from harness.profile.models import Resource

_NAME = "alpha"
"""Of the one member that an object without described members gets."""
MOST = 4


def composites(resource: Resource, body: Json) -> dict[str, Json]:
    """A value for each optional member that is an object or an array, by its pointer in the representation.

    An object has all members that its schema describes, and an array one element. Members that a body has, and those
    that must be left as they are, are left out.

    Args:
        body: a valid body, its envelope included.
    """
    schema = resource.create_schema
    inside = jsonpointer.resolve_pointer(body, resource.representation, None)
    if schema is None or not isinstance(inside, dict):
        return {}
    inner = joined(schema, member(schema, resource.representation) or {})
    properties = inner.get("properties")
    required = inner.get("required") or []
    found: dict[str, Json] = {}
    for name in islice(properties, MOST_MEMBERS) if isinstance(properties, dict) else ():
        pointer = "/" + jsonpointer.escape(name)
        own = member(schema, resource.representation + pointer)
        if own is None or name in required or name in inside or kept(resource, name, pointer):
            continue
        value = None if _fixed(own) else _value(own)
        if value and valid(own, value) and len(found) < MOST:
            found[pointer] = value
    return found


def _fixed(schema: Schema) -> bool:
    """Whether a client does not set the member, or does not see it."""
    return any(schema.get(word) is True for word in ("readOnly", "writeOnly")) or "default" in schema


def _value(schema: Schema) -> Any:
    shape = set(kinds(schema)) - {"null"}
    try:
        if shape == {"object"}:
            return _object(schema)
        if shape == {"array"}:
            items = {**joined(schema, schema.get("items") or {}), "$defs": schema.get("$defs", {})}
            return [_value(items) or sample(items, 0, True)]
    except NoValue:
        return None
    return None


def _object(schema: Schema) -> Any:
    """All described members, or one of a map."""
    properties = schema.get("properties")
    if isinstance(properties, dict) and properties:
        read_only = [name for name, one in properties.items() if joined(schema, one).get("readOnly") is True]
        names = [name for name in properties if name not in read_only]
        return sample({**schema, "type": "object", "required": names}, 0, True)
    more = schema.get("additionalProperties", True)
    if more is False:
        return None
    if not isinstance(more, dict) or not more:
        return {_NAME: "one"}
    described = {"type": "object", "properties": {_NAME: more}, "required": [_NAME]}
    return sample({**described, "$defs": schema.get("$defs", {})}, 0, True)
