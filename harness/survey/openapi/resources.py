"""Resources in an OpenAPI document: collections, their items, and their capabilities. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from harness.profile.models import Capability, Pagination, Resource, State
from harness.survey.infer.templates import stem
from harness.survey.openapi.document import Node
from harness.survey.openapi.operations import Endpoint, endpoints, response_schema, response_types
from harness.survey.openapi.reader import ITEM, ResourceReader
from harness.survey.openapi.schemas import Schemas
from harness.survey.openapi.shapes import items_pointer

_OVER = re.compile(r"^(?P<parent>.*)/\{[^{}/]+\}/[^{}]+$")
DEEPEST = 2
"""Most levels of parents above a tested collection."""
_VERBS = re.compile(
    "auth|authenticate|batch|bulk|(?:batch|bulk)[-_].*|callback|check|config|count|export|filter|graphql|health"
    "|healthz|import|info|introspect|login|logout|lookup|me|metrics|ping|preview|query|random|ready|readyz|refresh"
    "|reset|revoke|search|signin|signout|signup|stats|status|subscribe|tokens?|upload|validate|verify|version"
    "|webhooks?|whoami"
)
_STREAM_TYPE = re.compile(r"event-stream|ndjson|json-?seq|json-stream|stream\+json|jsonlines|jsonl\b")
_STREAM = re.compile(r"events?|streams?|watch|subscribe|sse|live|tail|follow")
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
    items = _items(found)
    schemas = Schemas(document, notes=notes)
    made = []
    for path, endpoint in found.items():
        item = items.get(stem(path))
        if "{" in path or _is_stream(document, endpoint, found, item):
            continue
        if _is_collection(endpoint, item, base_path) and (item or _lists(document, schemas, endpoint)):
            resource = ResourceReader(document, schemas, endpoint, item).resource()
            if path == "/":
                # The target URL is the collection itself.
                resource.collection, resource.name = "", base_path.rstrip("/").rsplit("/", 1)[-1]
            made.append(resource)
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
    items = _items(found)
    schemas = Schemas(document, notes=notes)
    names = {resource.name for resource in above}
    parents = {_shape(resource.collection): resource for resource in above}
    made: list[Resource] = []
    for path in sorted(found, key=lambda path: (path.count("{"), path)):
        item = items.get(stem(path))
        over = _OVER.match(path)
        if over is None or ITEM.match(path) or _is_stream(document, found[path], found, item):
            continue
        if not _is_collection(found[path], item) or not (item or _lists(document, schemas, found[path])):
            continue
        parent = parents.get(_shape(over["parent"]))
        resource = ResourceReader(document, schemas, found[path], item).resource()
        resource.parent = parent.name if parent is not None else None
        if resource.name in names:
            resource.name = _long_name(path)
        names.add(resource.name)
        parents[_shape(path)] = resource
        made.append(resource)
    return _with_batches(made, found)


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


def _items(found: dict[str, Endpoint]) -> dict[str, Endpoint]:
    """Item endpoints by the collection's path; of several, the one with the most operations."""
    items: dict[str, Endpoint] = {}
    for path, endpoint in found.items():
        match = ITEM.match(path)
        able = {"GET", "PUT", "PATCH", "DELETE"} & set(endpoint.operations)
        if match and able:
            other = items.get(match["collection"])
            if other is None or len(endpoint.operations) > len(other.operations):
                items[match["collection"]] = endpoint
    return items


def _is_stream(document: Node, endpoint: Endpoint, found: dict[str, Endpoint], item: Endpoint | None) -> bool:
    """Whether a path is that of a stream of changes or events, not of a list that ends."""
    if "/watch/" in endpoint.path and endpoint.path.replace("/watch/", "/", 1) in found:
        return True
    kinds = response_types(document, endpoint.operations.get("GET", {}), ("200", "2XX", "default"))
    if kinds and all(_STREAM_TYPE.search(kind) for kind in kinds):
        return True
    return item is None and bool(_STREAM.fullmatch(stem(endpoint.path).rsplit("/", 1)[-1].lower()))


def _lists(document: Node, schemas: Schemas, endpoint: Endpoint) -> bool:
    """Whether GET returns a list: without a path of items, that tells a collection from a setting."""
    listed = response_schema(document, endpoint.operations.get("GET", {}), ("200", "2XX", "default"))
    return listed is None or items_pointer(schemas, listed, stem(endpoint.path)) is not None


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
