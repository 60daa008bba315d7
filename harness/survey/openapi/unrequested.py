"""Members that items have and that no documented request sets, although none is marked readOnly. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from harness.survey.openapi.document import Node, resolve
from harness.survey.openapi.operations import Endpoint, request_content, response_schema
from harness.survey.openapi.queries import typed
from harness.survey.openapi.schemas import Schemas

MOST = 24
_ITEM = re.compile(r"(?P<collection>.*[^/])/\{[^/]+\}/?")
_READ = ("200", "2XX", "2xx", "default")
_OPEN = ("anyOf", "oneOf", "patternProperties", "if")


@dataclass(frozen=True)
class ServerMember:
    """A member that only the server sets, as far as the document says.

    Attributes:
        item: path template of the item.
        name: of the member.
        values: that its schema lists.
    """

    item: str
    name: str
    values: tuple[str, ...] = ()


def unrequested(document: Node, found: Iterable[Endpoint]) -> tuple[ServerMember, ...]:
    """The members of items that no create and no update of them has; none where a request may have any member."""
    by_path = {one.path.rstrip("/"): one for one in found}
    schemas = Schemas(document, request=False)
    made = []
    for path, endpoint in by_path.items():
        above = _ITEM.fullmatch(path)
        get = endpoint.operations.get("GET")
        if above is None or get is None:
            continue
        collection = by_path.get(above["collection"])
        pairs = [(endpoint, endpoint.operations.get(method)) for method in ("PUT", "PATCH")]
        pairs += [(collection, collection.operations.get("POST"))] if collection is not None else []
        writers = [(where, operation) for where, operation in pairs if operation is not None]
        taken = [_taken(document, schemas, where, operation) for where, operation in writers]
        if not taken or None in taken:
            continue
        names = {name for one in taken for name in one or ()}
        shown = schemas.flat(response_schema(document, get, _READ))["properties"]
        for name, one in shown.items():
            if name not in names and not schemas.marked(one, "readOnly"):
                made.append(ServerMember(path, name, _listed(document, one)))
    return tuple(made[:MOST])


def _taken(document: Node, schemas: Schemas, where: Endpoint, operation: Node) -> frozenset[str] | None:
    """Names of the members that a request may have; none of a JSON Patch, None where it may have any."""
    content = request_content(document, where, operation)
    if content.media_type == "application/json-patch+json":
        return frozenset()
    written = resolve(document, content.schema)
    parts = [written, *(resolve(document, one) for one in written.get("allOf") or [])]
    properties = schemas.flat(content.schema)["properties"]
    return None if any(map(_open_ended, parts)) or not properties else frozenset(properties)


def _open_ended(schema: Node) -> bool:
    return any(word in schema for word in _OPEN) or schema.get("additionalProperties") not in (None, False)


def _listed(document: Node, schema: object) -> tuple[str, ...]:
    listed = typed(document, schema).get("enum")
    return tuple(one for one in listed if isinstance(one, str))[:MOST] if isinstance(listed, list) else ()
