"""Members that the document marks readOnly, at any depth, and the values that it lists for them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from harness.http.contract import Contract

DEEPEST = 4
MOST = 12


def read_only_members(contract: Contract, item: str) -> dict[str, list[Any]]:
    """Locations in a representation that only the server sets, with the values that the schema lists.

    Args:
        item: path template of the item.
    """
    for answer in contract.of("GET", item):
        if not answer.status.startswith("2"):
            continue
        for number in answer.contents.values():
            if number is not None:
                schema = contract.schemas[number]
                found = dict(_marked(schema, schema.get("$defs", {}), "", 0))
                return dict(list(found.items())[:MOST])
    return {}


def _marked(
    schema: Any, definitions: Mapping[str, Any], place: str, depth: int
) -> Iterator[tuple[str, list[Any]]]:
    node = _resolved(schema, definitions)
    parts = [node, *(_resolved(one, definitions) for one in node.get("allOf", []))]
    for part in parts:
        properties = part.get("properties")
        for name, one in properties.items() if isinstance(properties, Mapping) else ():
            inner, where = (
                _resolved(one, definitions),
                f"{place}/{name.replace('~', '~0').replace('/', '~1')}",
            )
            if inner.get("readOnly") is True or (isinstance(one, Mapping) and one.get("readOnly") is True):
                yield where, list(inner.get("enum") or [])
            elif depth < DEEPEST:
                yield from _marked(inner, definitions, where, depth + 1)


def _resolved(schema: Any, definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref") if isinstance(schema, Mapping) else None
    if isinstance(reference, str):
        schema = definitions.get(reference.rpartition("/")[2])
    return schema if isinstance(schema, Mapping) else {}
