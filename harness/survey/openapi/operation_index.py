"""All operations of a document, deprecated ones included, in a form that two documents can be compared by. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from harness.http.path_templates import shape
from harness.survey.openapi.document import Node, resolve
from harness.survey.openapi.operations import (
    METHODS,
    Endpoint,
    MediaContent,
    parameters,
    request_content,
    server_path,
)

_BY_HTTP = frozenset({"accept", "content-type", "authorization"})
"""Header parameters that an OpenAPI document ignores."""


@dataclass(frozen=True)
class Operation:
    """One operation.

    Attributes:
        method: upper case.
        path: as the document has it.
        node: its Operation Object.
        parameters: Parameter Objects by place and name; those of the path by their position.
        body: the request content.
        responses: Response Objects by status, as text.
        security: alternatives, each the schemes that it needs, by what they are and not by their names.
        served_elsewhere: whether it has servers of its own.
    """

    method: str
    path: str
    node: Node
    parameters: Mapping[tuple[str, str], Node] = field(default_factory=dict)
    body: MediaContent = field(default_factory=lambda: MediaContent(None))
    responses: Mapping[str, Any] = field(default_factory=dict)
    security: frozenset[frozenset[str]] = frozenset()
    served_elsewhere: bool = False

    @property
    def deprecated(self) -> bool:
        """Whether the document marks it deprecated."""
        return self.node.get("deprecated") is True

    @property
    def name(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}"


def operations_of(document: Node, *, prefixed: bool = False) -> dict[tuple[str, str], Operation]:
    """All operations by method and path, the parameters of which have no names.

    Args:
        prefixed: whether paths begin with that of the first server.
    """
    prefix = server_path(document) if prefixed else ""
    found = {}
    for path, item in document["paths"].items():
        if not isinstance(path, str) or not path.startswith("/"):
            continue
        node = resolve(document, item)
        for method in METHODS:
            if isinstance(node.get(method), dict):
                made = _operation(document, method.upper(), path, node)
                found[made.method, _shape(prefix + path)] = made
    return found


def sunset_of(node: Node) -> date | None:
    """The day on which something ends by its `x-sunset`, or None."""
    value = node.get("x-sunset")
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return datetime.fromisoformat(value).date() if isinstance(value, str) else None
    except ValueError:
        return None


def _shape(path: str) -> str:
    return shape(path) or "/"


def _operation(document: Node, method: str, path: str, item: Node) -> Operation:
    node = item[method.lower()]
    shared = item.get("parameters")
    endpoint = Endpoint(path, {method: node}, shared=shared if isinstance(shared, list) else [])
    places = re.findall(r"\{([^{}]*)\}", path)
    given: dict[tuple[str, str], Node] = {}
    for one in parameters(document, endpoint, node):
        kind, name = one["in"], one["name"]
        if kind in ("body", "formData") or (kind == "header" and name.lower() in _BY_HTTP):
            continue
        if kind == "path":
            name = str(places.index(name)) if name in places else name
        given[kind, name.lower() if kind == "header" else name] = one
    responses = node.get("responses")
    return Operation(
        method,
        path,
        node,
        given,
        request_content(document, endpoint, node),
        {str(status): one for status, one in responses.items()} if isinstance(responses, dict) else {},
        _security(document, node),
        "servers" in node or "servers" in item,
    )


def _security(document: Node, node: Node) -> frozenset[frozenset[str]]:
    wanted = node.get("security", document.get("security"))
    if not isinstance(wanted, list) or not wanted:
        return frozenset({frozenset()})
    components = resolve(document, document.get("components")).get("securitySchemes")
    schemes = components if isinstance(components, dict) else document.get("securityDefinitions")
    schemes = schemes if isinstance(schemes, dict) else {}
    return frozenset(
        frozenset(_scheme(resolve(document, schemes.get(name)), str(name)) for name in one)
        for one in wanted
        if isinstance(one, dict)
    )


def _scheme(scheme: Node, name: str) -> str:
    words = [str(scheme[word]) for word in ("type", "scheme", "in", "name") if word in scheme]
    return " ".join(words) or name
