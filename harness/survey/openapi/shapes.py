"""Shapes of bodies in a document: locations of the id, the items and the members. Pure.

A shape is a result of `Schemas.flat()`: `type`, `properties`, `required` and `items` of one level.
"""

from __future__ import annotations

import copy
from typing import Any

import jsonpointer

from harness.lists.families import singular
from harness.survey.openapi.document import Node
from harness.survey.openapi.schemas import Schemas

_ENVELOPES = ("data", "item", "resource", "result", "attributes")
_BESIDE = ("meta", "metadata", "permissions", "links", "included", "jsonapi")
_LISTS = ("data", "items", "results", "value", "values", "content", "records", "entries", "list")
MOST_NAMES = 5_000


def token(name: str) -> str:
    """A pointer to a member of the top level (RFC 6901 section 3)."""
    return "/" + jsonpointer.escape(name)


def at(schemas: Schemas, shape: Node, pointer: str) -> Node:
    """The shape that a pointer leads to inside another; an empty one if there is none."""
    for name in jsonpointer.JsonPointer(pointer).parts:
        shape = schemas.flat(shape["properties"].get(name))
    return shape


def representation(schemas: Schemas, create: Node, answer: Node, path: str) -> str:
    """Location of the members in a body: empty, /data, /data/attributes, or a member named like the item."""
    properties = create["properties"]
    data = schemas.flat(properties.get("data"))
    inner = data["properties"]
    if "attributes" in inner and ("type" in inner or "type" in data["required"]):
        return "/data/attributes"
    if not properties:
        # Without a schema of the create body, only an unmistakable envelope of the response counts.
        data = schemas.flat(answer["properties"].get("data"))
        if data["type"] != "object" or "id" in answer["properties"] or "id" not in data["properties"]:
            return ""
        return "/data/attributes" if "attributes" in data["properties"] else "/data"
    main = [name for name in properties if name not in _BESIDE]
    if len(main) != 1:
        return ""
    (name,) = main
    below = schemas.flat(properties[name])
    alike = name in answer["properties"] and "id" not in answer["properties"]
    if below["type"] != "object":
        return ""
    if not below["properties"]:
        # If any member is allowed, only an unmistakable envelope counts.
        return token(name) if alike and name in _ENVELOPES else ""
    known = name in _ENVELOPES or name.lower() in (
        singular(path),
        path.rstrip("/").rsplit("/", 1)[-1].lower(),
    )
    return token(name) if alike or (known and not answer["properties"]) else ""


def bare(schemas: Schemas, create: Node, answer: Node) -> str:
    """Location of the members in a response, if it has an envelope that the create body lacks; else empty."""
    names = set(create["properties"])
    if not names or names & set(answer["properties"]):
        return ""
    for name in _ENVELOPES:
        inner = schemas.flat(answer["properties"].get(name))
        if inner["type"] == "object" and 2 * len(names & set(inner["properties"])) >= len(names):
            return token(name)
    return ""


def id_pointer(schemas: Schemas, answer: Node, representation: str, parameter: str, path: str) -> str:
    """Location of the id in the response to a create; `id` in its envelope if the document does not say."""
    one = singular(path)
    names = ("id", parameter, "_id", f"{one}_id", f"{one}Id", "uuid", "uid", "Id", "ID")
    prefixes = [""]
    if representation:
        prefixes.insert(0, "/" + representation.split("/")[1])
    elif "id" not in answer["properties"]:
        prefixes += [token(name) for name in (*_ENVELOPES, one) if name in answer["properties"]]
    for prefix in prefixes:
        shape = at(schemas, answer, prefix)
        # The path takes the member that its parameter is named after, whatever else identifies an item.
        if parameter in shape["properties"] and _plain(schemas, shape["properties"][parameter]):
            return prefix + token(parameter)
        for name in names:
            if name in shape["properties"]:
                return prefix + token(name)
    return (prefixes[0] if representation else "") + "/id"


def _plain(schemas: Schemas, schema: Any) -> bool:
    """Whether values of a schema are texts or numbers."""
    kind = schemas.flat(schema)["type"]
    return bool({"string", "integer", "number"} & set(kind if isinstance(kind, list) else [kind]))


def items_pointer(schemas: Schemas, listed: Any, path: str) -> str | None:
    """Location of the array of items in the response of a collection, or None if it is not clear."""
    shape = schemas.flat(listed)
    if shape["type"] == "array":
        return ""
    found = _array(schemas, shape, path)
    if found is not None:
        return token(found)
    for name in ("_embedded", "data", "result", "response"):
        if name in shape["properties"]:
            inner = _array(schemas, schemas.flat(shape["properties"][name]), path)
            if inner is not None:
                return token(name) + token(inner)
    return None


def member_names(schemas: Schemas, schema: Any, depth: int = 3) -> dict[str, Any]:
    """Names of the members of objects, nested as they are; without arrays, at most `MOST_NAMES`."""
    return _member_names(schemas, schema, depth, [MOST_NAMES])


def _member_names(schemas: Schemas, schema: Any, depth: int, room: list[int]) -> dict[str, Any]:
    """See `member_names()`; `room` is how many names may still be taken."""
    if depth == 0:
        return {}
    made = {}
    for name, one in schemas.flat(schema)["properties"].items():
        room[0] -= 1
        if room[0] < 0:
            break
        if schemas.flat(one)["type"] != "array":
            made[name] = _member_names(schemas, one, depth - 1, room)
    return made


def _array(schemas: Schemas, shape: Node, path: str) -> str | None:
    arrays: dict[str, bool] = {}
    for name, schema in shape["properties"].items():
        below = schemas.flat(schema)
        if below["type"] == "array":
            kind = schemas.flat(below["items"])["type"]
            arrays[name] = kind in ("object", None)
    objects = [name for name, plain in arrays.items() if plain]
    if len(objects) == 1:
        return objects[0]
    own = path.rstrip("/").rsplit("/", 1)[-1]
    return next((name for name in (own, *_LISTS) if name in objects), None)


def without(example: Node, representation: str, read_only: list[str]) -> Node:
    """A copy of an example body without the members that only the server sets."""
    body = copy.deepcopy(example)
    try:
        inner = jsonpointer.resolve_pointer(body, representation)
    except jsonpointer.JsonPointerException:
        return body
    if isinstance(inner, dict):
        for name in read_only:
            inner.pop(name, None)
    return body
