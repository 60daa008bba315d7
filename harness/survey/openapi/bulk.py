"""Documented operations that create several items, or perform several requests, in one request. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from harness.survey.openapi.document import Node, resolve
from harness.survey.openapi.operations import Endpoint, endpoints, parameters, request_content

_CREATES = re.compile(
    r"(?P<collection>.*?)(/|:)[_$]?((batch|bulk)([-_]?(create|insert|add|import|post))?|(create|insert|add)[-_]?(many|batch|bulk))/?",
    re.IGNORECASE,
)
_REQUESTS = re.compile(r".*/[$_]?(batch|bulk)/?", re.IGNORECASE)
_PATHS = ("path", "url", "uri", "relative_url", "relativeUrl", "href")
_BODIES = ("body", "data", "payload", "content", "json")
_IDS = ("id", "bulkId", "reference", "referenceId", "correlationId", "correlation_id")
_FIELDS = ("headers", "header")
_KEYS = re.compile(r"(?i).*idempot.*")
_ATOMIC = re.compile(
    r"(?i)(?<!non-)(?<!not )\batomic|all[- ]or[- ](nothing|none)|single transaction|rolled back"
)
_DEEPEST = 4


@dataclass(frozen=True)
class DocumentedBulk:
    """A documented POST with several items, or several requests, in it.

    Attributes:
        path: relative to the target URL.
        collection: path of the collection in which it creates items; empty for requests of any kind.
        requests: whether its elements are requests.
        array: pointer of the array in the content; empty where the content is the array.
        item: pointer of the item, or of the content of a request, in an element.
        method, target, correlation, fields: names of the members of a request; empty where it has none.
        key: pointer of the idempotency key in an element; None without one.
        whole: name of the header field with the idempotency key of the batch; None without one.
        most: items in a batch at most; None where nothing says so.
        mode: what the document says of items that fail; None where it says nothing.
    """

    path: str
    collection: str = ""
    requests: bool = False
    array: str = ""
    item: str = ""
    method: str = ""
    target: str = ""
    correlation: str = ""
    fields: str = ""
    key: str | None = None
    whole: str | None = None
    most: int | None = None
    mode: Literal["partial", "atomic"] | None = None


def bulk(document: Node, base_path: str) -> tuple[DocumentedBulk, ...]:
    """The documented batches of creates and of requests that need nothing but content.

    Args:
        document: as `document.parse()` gave it.
        base_path: path of the target's URL; empty at the root.
    """
    found = {one.path.rstrip("/") or "/": one for one in endpoints(document, base_path)}
    made = []
    for endpoint in found.values():
        operation = endpoint.operations.get("POST")
        if operation is None or _needs_more(document, endpoint, operation):
            continue
        content = request_content(document, endpoint, operation)
        if not content.json:
            continue
        arrays = list(_arrays(document, content.schema))
        one = _of_requests(document, endpoint.path, arrays) or _of_items(document, found, endpoint, arrays)
        if one is not None:
            mode = _mode(document, operation)
            whole = _key_field(document, endpoint, operation)
            made.append(DocumentedBulk(**{**one, "path": endpoint.path, "mode": mode, "whole": whole}))
    return tuple(made)


def _key_field(document: Node, endpoint: Endpoint, operation: Node) -> str | None:
    """The documented header field with an idempotency key."""
    given = parameters(document, endpoint, operation)
    return next(
        (one["name"] for one in given if one["in"] == "header" and _KEYS.fullmatch(one["name"])), None
    )


def _needs_more(document: Node, endpoint: Endpoint, operation: Node) -> bool:
    given = parameters(document, endpoint, operation)
    return any(
        one.get("required") is True
        and one["in"] in ("query", "header")
        and one["name"].lower() != "idempotency-key"
        for one in given
    )


def _arrays(document: Node, schema: Any, depth: int = 0) -> Iterator[tuple[str, Node]]:
    """Arrays of objects in a content, with their pointers: the content itself, or a member of it."""
    whole = resolve(document, schema)
    if whole.get("type") == "array" or "items" in whole:
        yield "", whole
        return
    for word in ("oneOf", "anyOf", "allOf"):
        for one in whole.get(word) or () if depth < _DEEPEST else ():
            yield from _arrays(document, one, depth + 1)
    members = whole.get("properties")
    for name, member in members.items() if isinstance(members, dict) else ():
        inner = resolve(document, member)
        others = set(whole.get("required") or []) - {name}
        if inner.get("type") == "array" and not others:
            yield f"/{name.replace('~', '~0').replace('/', '~1')}", inner


def _members(document: Node, schema: Any, depth: int = 0) -> dict[str, Any]:
    """The properties of an object, of all parts of its schema."""
    whole = resolve(document, schema)
    own = whole.get("properties")
    found = dict(own) if isinstance(own, dict) else {}
    for word in ("allOf", "oneOf", "anyOf"):
        for one in whole.get(word) or () if depth < _DEEPEST else ():
            found |= _members(document, one, depth + 1)
    return found


def _of_requests(document: Node, path: str, arrays: list[tuple[str, Node]]) -> dict[str, Any] | None:
    """The batch where its elements are requests, with a method and a path."""
    if not _REQUESTS.fullmatch(path) or "{" in path:
        return None
    for pointer, array in arrays:
        members = _members(document, array.get("items"))
        target = next((one for one in _PATHS if one in members), "")
        if "method" in members and target:
            body = next((one for one in _BODIES if one in members), "")
            return {
                "requests": True,
                "array": pointer,
                "method": "method",
                "target": target,
                "item": f"/{body}" if body else "",
                "correlation": next((one for one in _IDS if one in members), ""),
                "fields": next((one for one in _FIELDS if one in members), ""),
                "most": _most(array),
            }
    return None


def _of_items(
    document: Node, found: Mapping[str, Endpoint], endpoint: Endpoint, arrays: list[tuple[str, Node]]
) -> dict[str, Any] | None:
    """The batch where its elements are items, or hold one, of a collection that creates such items."""
    own = endpoint.path.rstrip("/")
    match = _CREATES.fullmatch(own)
    collection = match["collection"] if match is not None and match["collection"] in found else own
    above = found[collection]
    single = above.operations.get("POST")
    if not arrays or single is None or (collection == own and not _lists(found, own)):
        return None
    created = _single(document, above, single)
    for pointer, array in arrays:
        if collection == own and pointer:
            # The array is a member of the item.
            continue
        members = _members(document, array.get("items"))
        # Where only arrays are taken, an element is the item: nothing else says what an item is.
        only = collection == own and not created and bool(members)
        place = "" if only else _place(document, members, created)
        if place is None:
            continue
        keys = [name for name in members if place and _KEYS.fullmatch(name)]
        keys += [name for name in members if place and name == "key" and not keys]
        if keys and place and not _explained(document, members[keys[0]], keys[0]):
            keys = []
        key = f"/{keys[0]}" if keys else None
        return {
            "collection": above.path,
            "array": pointer,
            "item": place,
            "key": key,
            "most": _most(array),
        }
    return None


def _lists(found: Mapping[str, Endpoint], path: str) -> bool:
    """Whether a path has items below it."""
    return any(re.fullmatch(re.escape(path) + r"(/\{[^{}/]+\}|\(\{[^{}/]+\}\))", one) for one in found)


def _single(document: Node, endpoint: Endpoint, operation: Node) -> set[str]:
    """Members of the body of a single create; none where only arrays are taken."""
    schema = resolve(document, request_content(document, endpoint, operation).schema)
    parts = [
        schema,
        *(resolve(document, one) for word in ("oneOf", "anyOf") for one in schema.get(word) or ()),
    ]
    return {name for one in parts if one.get("type") != "array" for name in _members(document, one)}


def _place(document: Node, members: dict[str, Any], created: set[str]) -> str | None:
    """The pointer of the item in an element; None where an element is something else."""
    if not created or not members:
        return None
    if 2 * len(created & set(members)) > len(created):
        return ""
    for name, schema in members.items():
        inner = _members(document, schema)
        if 2 * len(created & set(inner)) > len(created):
            return f"/{name}"
    return None


def _explained(document: Node, schema: Any, name: str) -> bool:
    """Whether a member called `key` is an idempotency key by its description."""
    text = str(resolve(document, schema).get("description") or "")
    return bool(_KEYS.fullmatch(name)) or "idempot" in text.lower()


def _most(array: Node) -> int | None:
    most = array.get("maxItems")
    return most if isinstance(most, int) and not isinstance(most, bool) and most > 0 else None


def _mode(document: Node, operation: Node) -> Literal["partial", "atomic"] | None:
    """What a description or a documented 207 says of items that fail."""
    responses = operation.get("responses")
    if isinstance(responses, dict) and "207" in responses:
        return "partial"
    text = f"{operation.get('summary') or ''} {operation.get('description') or ''}"
    return "atomic" if _ATOMIC.search(text) else None
