"""What a documented PATCH may set to archive an item that has no DELETE. Pure."""

from __future__ import annotations

from typing import Any

from harness.resource import archived_items
from harness.survey.openapi import shapes
from harness.survey.openapi.document import Node, resolve
from harness.survey.openapi.operations import Endpoint, request_content
from harness.survey.openapi.schemas import Schemas


def documented(
    document: Node, schemas: Schemas, item: Endpoint | None, pointer: str
) -> dict[str, Any] | None:
    """Members that PATCH sets to archive an item; None if it has a DELETE, or nothing documented archives.

    Args:
        item: the endpoint of an item.
        pointer: location of the members in a body.
    """
    if item is None or "DELETE" in item.operations or "PATCH" not in item.operations:
        return None
    body = schemas.flat(request_content(document, item, item.operations["PATCH"]).schema)
    if pointer.strip("/").split("/")[0] in body["properties"]:
        body = shapes.at(schemas, body, pointer)
    described = {
        name: {
            "type": schemas.flat(part)["type"],
            "enum": _enum(document, part),
            "readOnly": schemas.marked(part, "readOnly"),
        }
        for name, part in body["properties"].items()
    }
    return archived_items.members({}, described)


def _enum(document: Node, schema: Any) -> list[Any] | None:
    """The values of a schema, which may be one of two, beside null."""
    node = resolve(document, schema)
    for part in (
        node,
        *(resolve(document, one) for word in ("anyOf", "oneOf", "allOf") for one in node.get(word) or ()),
    ):
        if isinstance(part.get("enum"), list):
            values: list[Any] = part["enum"]
            return values
    return None
