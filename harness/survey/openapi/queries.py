"""The query parameters that a document has for GETs, as far as rules on queries read them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harness.survey.openapi.document import Node, resolve
from harness.survey.openapi.operations import Endpoint, parameters

LONGEST = 400
"""Characters of a description that are kept."""


@dataclass(frozen=True)
class QueryParameter:
    """A documented query parameter of a GET.

    Attributes:
        path: template relative to the target URL.
        kind: its type, or that of its elements: `string`, `integer`, `number`, `boolean`, `object`; empty where the
            document names none, or several.
        format: of such a value, such as `date-time`.
        repeated: whether several values are sent as several parameters, not with commas between them.
        values: its values, if the document lists them.
        says: the description.
    """

    path: str
    name: str
    kind: str = ""
    format: str = ""
    repeated: bool = False
    values: tuple[str, ...] = ()
    says: str = ""


def queries(document: Node, found: Iterable[Endpoint]) -> tuple[QueryParameter, ...]:
    """The query parameters of all GETs, without deprecated ones."""
    made = []
    for endpoint in found:
        operation = endpoint.operations.get("GET")
        for one in parameters(document, endpoint, operation) if operation else []:
            if one["in"] == "query" and one.get("deprecated") is not True:
                made.append(_query(document, endpoint.path, one))
    return tuple(made)


def _query(document: Node, path: str, one: Node) -> QueryParameter:
    schema = typed(document, one.get("schema", one))
    several = schema.get("type") == "array"
    value = typed(document, schema.get("items")) if several else schema
    listed, kind = value.get("enum"), value.get("type")
    # `style` and `explode` of OpenAPI 3, `collectionFormat` of 2.0.
    exploded = (
        one.get("explode", True) is not False if "schema" in one else one.get("collectionFormat") == "multi"
    )
    return QueryParameter(
        path,
        one["name"],
        kind if isinstance(kind, str) else "",
        str(value.get("format") or ""),
        several and exploded,
        tuple(str(each) for each in listed if each is not None) if isinstance(listed, list) else (),
        str(one.get("description") or schema.get("description") or "")[:LONGEST],
    )


def typed(document: Node, schema: object) -> Node:
    """A schema, or the one alternative of it that is not null."""
    found = resolve(document, schema)
    for word in ("anyOf", "oneOf"):
        options = found.get(word)
        kept = [resolve(document, one) for one in options] if isinstance(options, list) else []
        kept = [one for one in kept if one.get("type") != "null"]
        if len(kept) == 1:
            return kept[0]
    kinds = found.get("type")
    plain = [one for one in kinds if one != "null"] if isinstance(kinds, list) else []
    return {**found, "type": plain[0]} if len(plain) == 1 else found
