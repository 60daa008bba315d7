"""Searches by POST: which operations of a document only read, and where their content takes a value. Pure.

1. An operation only reads where its path ends with a word such as `search`, and 200 with a list is its only success.
2. A value is put where the content's schema has a member of that name: alone, in a list, or under an operator for
   equality; below `filter`, `where`, or the name of the collection.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.http.content import id_text
from harness.payloads.constraints import Schema, joined, valid
from harness.survey.openapi.document import Node, resolve
from harness.survey.openapi.operation_index import Operation, operations_of
from harness.survey.openapi.operations import relative, server_path
from harness.survey.openapi.schemas import inlined

_READS = re.compile(r"(?P<above>.+?)[/:]_?(search|query|filter|find|list)/?", re.IGNORECASE)
_FILTERS = frozenset(
    (
        "filter",
        "filters",
        "where",
        "query",
        "criteria",
        "condition",
        "conditions",
        "search",
        "match",
        "and",
        "must",
    )
)
_OPERATORS = ("any_", "any", "in", "$in", "_in", "eq", "$eq", "_eq", "equals", "is", "value", "values")
_SAYS_LOOSE = re.compile(
    r"search|fuzzy|full.?text|like|similar|relevan|prefix|contain|regex|pattern|exclu|not ", re.IGNORECASE
)
DEEPEST = 3


@dataclass(frozen=True)
class Search:
    """A documented POST that only reads.

    Attributes:
        path: relative to the target's URL.
        collection: the path of what it searches.
        schema: of the content, self-contained.
    """

    path: str
    collection: str
    schema: Schema


def searches(document: Node, base_path: str) -> list[Search]:
    """The POSTs of a document that only read, without values in their paths.

    Args:
        base_path: path of the target's URL; empty at the root.
    """
    found = []
    for one in operations_of(document).values():
        match = _READS.fullmatch(one.path)
        if one.method != "POST" or match is None or "{" in one.path or one.deprecated or one.served_elsewhere:
            continue
        if (
            one.body.schema is None
            or "json" not in (one.body.media_type or "")
            or not _only_lists(document, one)
        ):
            continue
        schema = inlined(document, one.body.schema, request=True)
        prefix, base = server_path(document), base_path.rstrip("/")
        found.append(Search(relative(one.path, prefix, base), relative(match["above"], prefix, base), schema))
    return found


def _only_lists(document: Node, one: Operation) -> bool:
    """Whether 200 with a list is the only success."""
    successes = [status for status in one.responses if status.startswith(("2", "3"))]
    if successes != ["200"]:
        return False
    content = resolve(document, one.responses["200"]).get("content")
    shown = [resolve(document, each) for each in content.values()] if isinstance(content, Mapping) else []
    schemas = [resolve(document, each.get("schema")) for each in shown]
    schemas += [resolve(document, resolve(document, one.responses["200"]).get("schema"))]
    return any(_is_list(document, schema) for schema in schemas)


def _is_list(document: Node, schema: Node) -> bool:
    if schema.get("type") == "array":
        return True
    properties = schema.get("properties")
    members = properties.values() if isinstance(properties, Mapping) else ()
    return any(resolve(document, one).get("type") == "array" for one in members)


def contents(search: Search, member: str, value: Any) -> Iterator[Any]:
    """Contents that ask for the items whose member has a value, each valid by the schema; the plainest first."""
    for made in _placed(search, search.schema, member, value, DEEPEST):
        if valid(search.schema, made):
            yield made


def _placed(search: Search, schema: Schema, member: str, value: Any, depth: int) -> Iterator[Any]:
    root = search.schema
    properties = _properties(root, schema)
    own = properties.get(member)
    if isinstance(own, Mapping) and not _SAYS_LOOSE.search(str(own.get("description", ""))):
        for made in _values(root, dict(own), value):
            yield {member: made}
    for name, part in properties.items() if depth > 1 else ():
        if _is_about(search, name) and isinstance(part, Mapping):
            for inner in _placed(search, dict(part), member, value, depth - 1):
                yield {name: inner}


def _is_about(search: Search, name: str) -> bool:
    """Whether what is below a member is about the items: a filter, or one that is named after their collection.

    Others, such as `flows` in a search of deployments, select by what the items belong to.
    """
    plain = re.sub(r"[^a-z]", "", name.lower())
    own = re.sub(r"[^a-z]", "", search.collection.rstrip("/").rpartition("/")[2].lower())
    return plain in _FILTERS or plain.removesuffix("s") == own.removesuffix("s")


def _values(root: Schema, schema: Schema, value: Any) -> Iterator[Any]:
    """A value as a schema takes it: itself, in a list, or under an operator."""
    yield value
    yield [value]
    operators = _properties(root, schema)
    for name in _OPERATORS:
        if name in operators:
            yield {name: value}
            yield {name: [value]}


def _properties(root: Schema, schema: Schema) -> Mapping[str, Any]:
    """The members of a schema, or of the one alternative of it that is an object."""
    whole = joined(root, schema)
    options = [whole, *(joined(root, one) for word in ("anyOf", "oneOf") for one in whole.get(word, ()))]
    found = [one["properties"] for one in options if isinstance(one.get("properties"), Mapping)]
    return found[0] if len(found) == 1 else {}


def says(search: Search, member: str) -> str:
    """What the document says of the member of the content that has this name; empty where it says nothing."""
    left = [(search.schema, DEEPEST)]
    while left:
        schema, depth = left.pop(0)
        properties = _properties(search.schema, schema)
        if isinstance(properties.get(member), Mapping):
            return str(properties[member].get("description", ""))
        left += [
            (dict(part), depth - 1)
            for name, part in properties.items()
            if _is_about(search, name) and isinstance(part, Mapping) and depth > 1
        ]
    return ""


def listed(content: Any, names: tuple[str, ...]) -> list[str] | None:
    """Ids of the items that a response lists; None where it shows no list.

    Args:
        names: of the member that is the id.
    """
    places = [content, *(content.values() if isinstance(content, Mapping) else ())]
    for place in places:
        if isinstance(place, list) and all(isinstance(one, Mapping) for one in place):
            ids = [next((id_text(one[name]) for name in names if name in one), None) for one in place]
            if place and not any(ids):
                continue
            return [one for one in ids if one is not None]
    return None
