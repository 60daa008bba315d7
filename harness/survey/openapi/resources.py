"""Resources in an OpenAPI document: collections, their items, and their capabilities. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from harness.profile.models import Capability, Pagination, Resource, State
from harness.survey.infer.templates import last_word, stem
from harness.survey.openapi.document import Node, resolve
from harness.survey.openapi.operations import (
    METHODS,
    Endpoint,
    endpoints,
    response_schema,
    response_types,
)
from harness.survey.openapi.placing import alone
from harness.survey.openapi.reader import ITEM, ResourceReader
from harness.survey.openapi.schemas import Schemas
from harness.survey.openapi.shapes import items_pointer

_OVER = re.compile(r"^(?P<parent>.*)/\{[^{}/]+\}/[^{}]+$")
DEEPEST = 2
"""Most levels of parents above a tested collection."""
_VERBS = re.compile(
    "auth|authenticate|batch|bulk|(?:batch|bulk)[-_].*|callback|check|config|count|export|filter|graphql|health"
    "|healthz|import|info|introspect|login|logout|lookup|me|metrics|ping|preview|proxy|query|random|ready|readyz|refresh"
    "|reset|revoke|search|signin|signout|signup|stats|status|subscribe|tokens?|upload|validate|verify|version"
    "|webhooks?|whoami"
)
_ADDRESS = re.compile(r"/?\{[^{}/]*(?:href|url|uri|self)\}/?", re.IGNORECASE)
_REST_OF_PATH = re.compile(r"(?i).*path|wildcard|proxy\+?")
"""Parameters that take any path, as those of a proxy do: no id of an item."""
_STREAM_TYPE = re.compile(r"event-stream|ndjson|json-?seq|json-stream|stream\+json|jsonlines|jsonl\b")
_STREAM = re.compile(r"events?|streams?|watch|subscribe|sse|live|tail|follow")
_CREATE = ("new", "create", "add")
_BATCH = re.compile(r"(?P<collection>.*)[/:]_?(?:batch|bulk)\w*/?", re.IGNORECASE)
"""Path of an operation on several items of a collection: /batch, /_bulk, :batchCreate."""


def resources(document: Node, base_path: str, notes: list[str] | None = None) -> list[Resource]:
    """The resources that a document describes, sorted by path; without nested collections (see `below()`).

    Args:
        document: as `document.parse()` gave it.
        base_path: path of the target's URL; empty at the root.
        notes: takes a line for each part of the document that was ignored.
    """
    found = {endpoint.path: endpoint for endpoint in endpoints(document, base_path)}
    items = _items(document, found)
    schemas = Schemas(document, notes=notes)
    made = []
    for path, endpoint in found.items():
        item = items.get(stem(path))
        if "{" in path or _is_stream(document, endpoint, found, item):
            continue
        if _is_collection(endpoint, item, base_path) and _lists(document, schemas, endpoint, item):
            creating = _creating(found, path)
            resource = ResourceReader(document, schemas, endpoint, item, creating).resource()
            if path == "/":
                # The target URL is the collection itself.
                resource.collection, resource.name = "", base_path.rstrip("/").rsplit("/", 1)[-1]
            made.append(resource)
    for endpoint, item in alone(document, found, items):
        if "{" not in endpoint.path:
            made.append(_of_key(document, schemas, endpoint, item))
    return _with_batches(_named_apart(made), found)


def below(
    document: Node, base_path: str, above: Sequence[Resource], notes: list[str] | None = None
) -> list[Resource]:
    """The resources below items of others, parents first.

    Their `collection` is a template, whose last parameter is an item of their `parent`; without a parent, the values
    of its parameters are not to be found in the API (`parameters` of the profile).

    Args:
        above: what `resources()` found.
        notes: as `resources()` takes it.
    """
    found = {endpoint.path: endpoint for endpoint in endpoints(document, base_path)}
    items = _items(document, found)
    schemas = Schemas(document, notes=notes)
    names = {resource.name for resource in above}
    parents = {_shape(resource.collection): resource for resource in above}
    made: list[Resource] = []
    for path in sorted(found, key=lambda path: (path.count("{"), path)):
        item = items.get(stem(path))
        over = _OVER.match(path)
        if item is None or over is None or ITEM.match(path) or _is_stream(document, found[path], found, item):
            continue
        if not _is_collection(found[path], item) or not _lists(document, schemas, found[path], item):
            continue
        parent = parents.get(_shape(over["parent"])) or _by_word(over["parent"], above)
        resource = ResourceReader(document, schemas, found[path], item, _creating(found, path)).resource()
        resource.parent = parent.name if parent is not None else None
        if resource.name in names:
            resource.name = _long_name(path)
        names.add(resource.name)
        parents[_shape(path)] = resource
        made.append(resource)
    made += _alone_below(document, found, items, parents, names)
    return _with_batches(made, found)


def _of_key(document: Node, schemas: Schemas, collection: Endpoint, item: Endpoint) -> Resource:
    """The resource of items that PUT creates, named without parts of their key."""
    resource = ResourceReader(document, schemas, collection, item).resource()
    resource.name = last_word(item.path)
    return resource


def _alone_below(
    document: Node,
    found: dict[str, Endpoint],
    items: dict[str, Endpoint],
    parents: dict[str, Resource],
    names: set[str],
) -> Iterator[Resource]:
    """The resources below items of others whose collection has no path of its own."""
    for endpoint, item in alone(document, found, items):
        over = _OVER.match(endpoint.path)
        if over is None:
            continue
        resource = _of_key(document, Schemas(document), endpoint, item)
        parent = parents.get(_shape(over["parent"]))
        resource.parent = parent.name if parent is not None else None
        if resource.name in names:
            resource.name = _long_name(endpoint.path)
        names.add(resource.name)
        yield resource


def _by_word(path: str, above: Sequence[Resource]) -> Resource | None:
    """The one collection with the same last word: /v1/namespaces for /apis/apps/v1/namespaces/{namespace}/jobs."""
    word = last_word(path)
    named = [one for one in above if "{" not in path and last_word(one.collection) == word]
    return named[0] if word and len(named) == 1 else None


def _creating(found: dict[str, Endpoint], path: str) -> Endpoint | None:
    """The endpoint that creates items of a collection without POST: /orders/new, /orders/create."""
    if "POST" in found[path].operations:
        return None
    places = (f"{path.rstrip('/')}/{word}{slash}" for word in _CREATE for slash in ("", "/"))
    return next((found[one] for one in places if one in found and "POST" in found[one].operations), None)


def _with_batches(made: list[Resource], found: dict[str, Endpoint]) -> list[Resource]:
    """The resources, with the operations that take several items at once."""
    collections: dict[str, list[Resource]] = {}
    for resource in made:
        collections.setdefault(resource.collection.rstrip("/").lower(), []).append(resource)
    for path, endpoint in found.items():
        methods = sorted({"POST", "PUT", "PATCH", "DELETE"} & set(endpoint.operations))
        match = _BATCH.fullmatch(path) if methods else None
        for resource in collections.get(match["collection"].lower(), []) if match else []:
            because = f"OpenAPI: {', '.join(methods)} {path}"
            resource.capabilities["batch"] = Capability(state=State.DECLARED, because=because)
    return made


def _shape(path: str) -> str:
    """A path template without the names of its parameters, which differ from path to path."""
    return re.sub(r"\{[^{}]*\}", "{}", stem(path))


def pages(document: Node, base_path: str, path: str) -> Pagination | None:
    """The pagination of one collection, whose path may match a template such as /users/{id}/orders."""
    wanted, schemas = path.strip("/").split("/"), Schemas(document)
    for endpoint in endpoints(document, base_path):
        parts = endpoint.path.strip("/").split("/")
        alike = (part == word or part.startswith("{") for part, word in zip(parts, wanted, strict=False))
        if (
            len(parts) == len(wanted)
            and all(alike)
            and "GET" in endpoint.operations
            and not parts[-1].startswith("{")
        ):
            return ResourceReader(document, schemas, endpoint, None).pagination()
    return None


def documented(document: Node, base_path: str) -> dict[str, list[str]]:
    """Every documented path template relative to the target, with all its methods, also deprecated ones."""
    return {
        endpoint.path: sorted({*endpoint.operations, *endpoint.deprecated, *endpoint.elsewhere})
        for endpoint in endpoints(document, base_path)
    }


def written(document: Node, base_path: str) -> dict[str, str]:
    """The paths of `documented()` as the document itself has them."""
    return {endpoint.path: endpoint.written for endpoint in endpoints(document, base_path)}


def _items(document: Node, found: dict[str, Endpoint]) -> dict[str, Endpoint]:
    """Item endpoints by the collection's path; of several, the one with the most operations."""
    items = _addressed(document, found)
    for path, endpoint in found.items():
        match = ITEM.match(path)
        if match and _REST_OF_PATH.fullmatch(match["parameter"]):
            continue
        able = {"GET", "PUT", "PATCH", "DELETE"} & set(endpoint.operations)
        if match and able:
            other = items.get(match["collection"])
            if other is None or len(endpoint.operations) > len(other.operations):
                items[match["collection"]] = endpoint
    return items


def _addressed(document: Node, found: dict[str, Endpoint]) -> dict[str, Endpoint]:
    """Items that a document addresses by their own URL (`{order_href}`), by the path of their collection.

    The collection is the one whose create returns, or whose list holds, the schema that a GET of the item returns.
    """
    by_schema: dict[str, Endpoint] = {}
    for path, item in document["paths"].items():
        if isinstance(path, str) and isinstance(item, dict) and _ADDRESS.fullmatch(path):
            operations = {
                name.upper(): one for name, one in item.items() if isinstance(one, dict) and name in METHODS
            }
            shown = response_schema(document, operations.get("GET", {}), ("200", "2XX"))
            if isinstance(shown, dict) and "$ref" in shown:
                by_schema[str(shown["$ref"])] = Endpoint(path, operations)
    items: dict[str, Endpoint] = {}
    for path, endpoint in found.items() if by_schema else ():
        made = response_schema(document, endpoint.operations.get("POST", {}), ("201", "200", "2XX"))
        listed = resolve(
            document, response_schema(document, endpoint.operations.get("GET", {}), ("200", "2XX"))
        )
        members = listed.get("properties")
        inner = members.values() if isinstance(members, dict) else ()
        arrays = (one.get("items") for one in inner if isinstance(one, dict))
        for schema in (made, *arrays):
            item = by_schema.get(str(schema.get("$ref"))) if isinstance(schema, dict) else None
            if item is not None:
                items.setdefault(stem(path), item)
    return items


def _is_stream(document: Node, endpoint: Endpoint, found: dict[str, Endpoint], item: Endpoint | None) -> bool:
    """Whether a path is that of a stream of changes or events, not of a list that ends."""
    if "/watch/" in endpoint.path and endpoint.path.replace("/watch/", "/", 1) in found:
        return True
    kinds = response_types(document, endpoint.operations.get("GET", {}), ("200", "2XX", "default"))
    if kinds and all(_STREAM_TYPE.search(kind) for kind in kinds):
        return True
    return item is None and bool(_STREAM.fullmatch(stem(endpoint.path).rsplit("/", 1)[-1].lower()))


def _lists(document: Node, schemas: Schemas, endpoint: Endpoint, item: Endpoint | None) -> bool:
    """Whether GET may return a list: a single thing, such as the user or a setting, is no collection."""
    listed = response_schema(document, endpoint.operations.get("GET", {}), ("200", "2XX", "default"))
    if listed is None or items_pointer(schemas, listed, stem(endpoint.path)) is not None:
        return True
    if item is None:
        return False
    members = schemas.flat(listed)["properties"]
    arrays = any(schemas.flat(one)["type"] == "array" for one in members.values())
    return not members or arrays or "POST" in endpoint.operations


def _is_collection(endpoint: Endpoint, item: Endpoint | None, base_path: str = "") -> bool:
    able = {"GET", "POST"} & set(endpoint.operations)
    if ":" in endpoint.path.rsplit("/", 1)[-1]:
        # A custom method, as in AIP-136: /orders:search.
        return False
    if item is not None:
        changes = {"PUT", "PATCH", "DELETE"} & set(item.operations)
        action = is_verb(endpoint.path) and not changes
        return bool(able) and not action and (endpoint.path != "/" or bool(base_path))
    return len(able) == 2 and bool(endpoint.path.strip("/")) and not is_verb(endpoint.path)


def is_verb(path: str) -> bool:
    """Whether the last word of a path is an action, not a plural."""
    return bool(_VERBS.fullmatch(stem(path).rsplit("/", 1)[-1].lower()))


def _named_apart(found: list[Resource]) -> list[Resource]:
    counts = Counter(resource.name for resource in found)
    for resource in found:
        if counts[resource.name] > 1:
            resource.name = _long_name(resource.collection)
    return found


def _long_name(path: str) -> str:
    return "-".join(word for word in stem(path).split("/") if word and "{" not in word)
