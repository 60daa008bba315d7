"""Resources in an OpenAPI document: collections, their items, and their capabilities. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from harness.profile.models import Capability, Pagination, Resource, State
from harness.survey.openapi.document import Node
from harness.survey.openapi.operations import Endpoint, endpoints
from harness.survey.openapi.reader import ITEM, ResourceReader
from harness.survey.openapi.schemas import Schemas

_OVER = re.compile(r"^(?P<parent>.*)/\{[^{}/]+\}/[^{}]+$")
DEEPEST = 2
"""Most levels of parents above a tested collection."""
_VERBS = re.compile(
    "auth|authenticate|batch|bulk|callback|check|export|graphql|import|introspect|login|logout|lookup|ping"
    "|query|refresh|reset|revoke|search|signin|signout|signup|subscribe"
    "|tokens?|upload|validate|verify|webhooks?"
)
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
        item = items.get(path.rstrip("/"))
        if "{" not in path and _is_collection(endpoint, item, base_path):
            resource = ResourceReader(document, schemas, endpoint, item).resource()
            if path == "/":
                # The target URL is the collection itself.
                resource.collection, resource.name = "", base_path.rstrip("/").rsplit("/", 1)[-1]
            made.append(resource)
    return _with_batches(_named_apart(made), found)


def below(
    document: Node, base_path: str, above: Sequence[Resource], notes: list[str] | None = None
) -> list[Resource]:
    """The resources below items of others, at most `DEEPEST` levels, parents first.

    Their `collection` is a template, whose last parameter is an item of their `parent`.

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
        item = items.get(path.rstrip("/"))
        over = _OVER.match(path)
        if item is None or over is None or ITEM.match(path) or path.count("{") > DEEPEST:
            continue
        parent = parents.get(_shape(over["parent"]))
        if parent is None or not _is_collection(found[path], item):
            continue
        resource = ResourceReader(document, schemas, found[path], item).resource()
        resource.parent = parent.name
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
    return re.sub(r"\{[^{}]*\}", "{}", path.rstrip("/"))


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


def _is_collection(endpoint: Endpoint, item: Endpoint | None, base_path: str = "") -> bool:
    able = {"GET", "POST"} & set(endpoint.operations)
    if item is not None:
        return bool(able) and (endpoint.path != "/" or bool(base_path))
    return len(able) == 2 and bool(endpoint.path.strip("/")) and not is_verb(endpoint.path)


def is_verb(path: str) -> bool:
    """Whether the last word of a path is an action, not a plural."""
    return bool(_VERBS.fullmatch(path.rstrip("/").rsplit("/", 1)[-1].lower()))


def _named_apart(found: list[Resource]) -> list[Resource]:
    counts = Counter(resource.name for resource in found)
    for resource in found:
        if counts[resource.name] > 1:
            resource.name = _long_name(resource.collection)
    return found


def _long_name(path: str) -> str:
    return "-".join(word for word in path.split("/") if word and "{" not in word)
