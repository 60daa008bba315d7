"""Documented operations that take ids of several items, such as `POST /orders/lookup` with `{"ids": [...]}`. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from harness.http.path_templates import matches
from harness.payloads.constraints import joined
from harness.survey.openapi.document import Node, resolve
from harness.survey.openapi.operations import JSON, Endpoint, endpoints, parameters, request_content

Purpose = Literal["read", "changed", "deleted"]
_WORD = re.compile(r"(?P<before>/.+)(?P<word>[/:][A-Za-z_-]+)")
_WORD_BEFORE = re.compile(r"(?P<before>.*)(?P<word>/(batch|bulk|multi|mass))(?P<last>/[^/]+)", re.IGNORECASE)
_WORDS: Mapping[Purpose, re.Pattern[str]] = {
    # Any other word, such as `send` or `refund`, may reach beyond the items.
    "read": re.compile(
        r"((batch|bulk|multi|mass)[-_]?)?(m?get|lookup|look[-_]up|fetch|read|retrieve|find|query|search|list|by[-_]?ids)",
        re.IGNORECASE,
    ),
    "changed": re.compile(r"((batch|bulk|multi|mass)[-_]?)(update|patch|edit)", re.IGNORECASE),
    "deleted": re.compile(r"((batch|bulk|multi|mass)[-_]?)?(delete|remove|destroy)", re.IGNORECASE),
}
_CHANGES = re.compile(r"changes?|set|patch|updates?|values?|data|attributes|fields|properties", re.IGNORECASE)
_ID = re.compile(r"(?P<of>.*?)[-_]?(id|uuid)", re.IGNORECASE)
_IDS = re.compile(r"(?P<of>.*?)[-_]?(ids|uuids)|(?P<natural>names|keys|slugs|codes)", re.IGNORECASE)


@dataclass(frozen=True)
class Batch:
    """An operation on several items at once, which are named by their ids.

    Attributes:
        method: upper case.
        path: template relative to the target URL.
        purpose: what it does to the items.
        query: the query parameter that takes the ids; empty where the content does.
        exploded: whether the parameter is repeated for each id; else its value has commas.
        array: name of the member of the content that holds the array; empty where the content is the array.
        id: name of the member of each element that holds the id; empty where the elements are ids.
        numeric: whether ids are numbers.
        members: names of the other members of an element; where `shared`, of those that stand beside the array once.
        shared: whether the members to change are sent once for all ids: `{"ids": [...], "status": "paid"}`.
        inside: name of the object that holds the shared members; empty where they stand beside the array.
    """

    method: str
    path: str
    purpose: Purpose
    query: str = ""
    exploded: bool = True
    array: str = ""
    id: str = ""
    numeric: bool = False
    members: tuple[str, ...] = ()
    shared: bool = False
    inside: str = ""

    def of(self, collection: str) -> str | None:
        """The path of the operation for a collection; None where it belongs to another one.

        Args:
            collection: its path, with values for parameters perhaps.
        """
        root, own = collection.rstrip("/"), self.path.rstrip("/")
        if matches(own, root):
            return root
        first = _WORD_BEFORE.fullmatch(own)
        if first is not None and matches(first["before"] + first["last"], root):
            before, _, last = root.rpartition("/")
            return f"{before}{first['word']}/{last}"
        split = _WORD.fullmatch(own)
        return root + split["word"] if split is not None and matches(split["before"], root) else None

    @property
    def at_collection(self) -> bool:
        """Whether the path is that of a collection: a server that overlooks the ids acts on all its items."""
        split = _WORD.fullmatch(self.path.rstrip("/"))
        return split is None or purpose("POST", self.path) is None

    def parameters(self, ids: list[str]) -> dict[str, Any] | None:
        """The query that names items; None where the content does."""
        if not self.query:
            return None
        return {self.query: ids if self.exploded else ",".join(ids)}

    def content(self, ids: list[str], members: Mapping[str, Any]) -> Any:
        """The JSON that names items; None where the query does.

        Args:
            members: of each element, besides the id; where `shared`, those for all.
        """
        if self.query:
            return None
        values = [int(id) if self.numeric and id.isdecimal() else id for id in ids]
        if self.shared:
            return {self.array: values, **({self.inside: dict(members)} if self.inside else members)}
        elements = [{**members, self.id: value} if self.id else value for value in values]
        return {self.array: elements} if self.array else elements


def batches(document: Node, base_path: str) -> tuple[Batch, ...]:
    """The documented operations that need nothing but ids, and for a change the members to change.

    Args:
        document: as `document.parse()` gave it.
        base_path: path of the target's URL; empty at the root.
    """
    found = []
    for endpoint in endpoints(document, base_path):
        for method, operation in endpoint.operations.items():
            does = purpose(method, endpoint.path)
            made = _batch(document, endpoint, method, operation, does) if does is not None else None
            if made is not None:
                found.append(made)
    return tuple(found)


def purpose(method: str, path: str) -> Purpose | None:
    """What an operation with ids does to the items, by its method, or by the last word of its path for POST."""
    plain: Mapping[str, Purpose] = {"GET": "read", "PATCH": "changed", "DELETE": "deleted"}
    if method in plain:
        return plain[method]
    split = _WORD.fullmatch(path.rstrip("/"))
    if method != "POST" or split is None:
        return None
    return next((does for does, words in _WORDS.items() if words.fullmatch(split["word"][1:])), None)


def _batch(document: Node, endpoint: Endpoint, method: str, operation: Node, does: Purpose) -> Batch | None:
    given = parameters(document, endpoint, operation)
    named = [one for one in given if one["in"] == "query" and _several(document, one, endpoint.path)]
    needed = [
        one["name"] for one in given if one.get("required") is True and one["in"] in ("query", "header")
    ]
    if does != "changed" and named and set(needed) <= {named[0]["name"]}:
        schema = resolve(document, named[0].get("schema", named[0]))
        array = schema.get("type") == "array"
        exploded = array and (
            named[0].get("explode", named[0].get("style", "form") == "form")
            if "schema" in named[0]
            else schema.get("collectionFormat") == "multi"
        )
        return Batch(method, endpoint.path, does, named[0]["name"], exploded is True)
    if needed or method == "GET":
        return None
    content = request_content(document, endpoint, operation)
    usable = content.media_type in (None, JSON)
    return _in_content(document, endpoint.path, method, does, content.schema) if usable else None


def _several(document: Node, parameter: Node, path: str) -> bool:
    """Whether a query parameter takes the ids of several items of the path's collection."""
    schema = resolve(document, parameter.get("schema", parameter))
    name = parameter["name"].removesuffix("[]")
    if schema.get("type") == "array":
        return _names(_IDS, name, path) or _names(_ID, name, path)
    return schema.get("type") == "string" and _names(_IDS, name, path)


def _names(words: re.Pattern[str], name: str, path: str) -> bool:
    match = words.fullmatch(name)
    return match is not None and (match["of"] or "").lower() in path.lower()


def _in_content(document: Node, path: str, method: str, does: Purpose, schema: Any) -> Batch | None:
    """The operation where an array of its content holds the ids."""
    whole = joined(document, schema)
    if whole.get("type") == "array":
        return _of_elements(document, path, method, does, "", whole)
    members = whole.get("properties")
    if not isinstance(members, dict):
        return None
    required = set(whole.get("required") or []) & set(members)
    for name, member in members.items():
        one = joined(document, member)
        if one.get("type") != "array":
            continue
        found = _of_elements(document, path, method, does, name, one) if required <= {name} else None
        if found is None and does == "changed":
            found = _shared(document, path, method, name, whole, required - {name})
        if found is not None:
            return found
    return None


def _shared(
    document: Node, path: str, method: str, array: str, whole: Node, needed: set[str]
) -> Batch | None:
    """A change of several items by one set of members, where they are ids in an array."""
    element = joined(document, joined(document, whole["properties"][array]).get("items", {}))
    others = [name for name in whole["properties"] if name != array]
    if element.get("type") not in ("string", "integer") or not _names(_IDS, array, path):
        return None
    numeric, inside = element["type"] == "integer", ""
    if len(others) == 1 and not needed - set(others):
        nested = joined(document, whole["properties"][others[0]])
        if isinstance(nested.get("properties"), dict) and _CHANGES.fullmatch(others[0]):
            needed, inside, others = set(nested.get("required") or []), others[0], list(nested["properties"])
    if len(needed) > 1:
        return None
    members = tuple(name for name in others if not needed or name in needed)
    if not members:
        return None
    return Batch(
        method, path, "changed", array=array, numeric=numeric, members=members, shared=True, inside=inside
    )


def _of_elements(
    document: Node, path: str, method: str, does: Purpose, array: str, schema: Node
) -> Batch | None:
    element = joined(document, schema.get("items", {}))
    kind = element.get("type")
    if kind in ("string", "integer"):
        named = not array or _names(_IDS, array, path)
        # The members to change would have to be elsewhere.
        usable = named and does != "changed"
        return Batch(method, path, does, array=array, numeric=kind == "integer") if usable else None
    members = element.get("properties")
    if not isinstance(members, dict):
        return None
    for name, member in members.items():
        one = joined(document, member)
        alone = set(element.get("required") or []) <= {name}
        if alone and _names(_ID, name, path) and one.get("type") in ("string", "integer"):
            others = tuple(other for other in members if other != name)
            return Batch(
                method, path, does, array=array, id=name, numeric=one["type"] == "integer", members=others
            )
    return None
