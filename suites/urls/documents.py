"""The OpenAPI document as it is published, and what names it has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harness import applies
from harness.client.client import Client
from harness.survey.ask.published import published
from harness.survey.openapi.document import Node
from harness.survey.openapi.operations import endpoints, parameters
from harness.survey.outcome import Survey

_EXAMPLES = frozenset({"example", "examples", "default", "enum", "const"})
_PRIVATE = ("_", "$", "@", "x-")


def described(client: Client, survey: Survey) -> Node | None:
    """The OpenAPI document as it is, read once more, since the survey changes its copy; None if that fails.

    Raises:
        NotApplicable: there is none.
    """
    applies(survey.openapi, "the API has an OpenAPI document")
    return published(client, survey.openapi or "")


def members(content: Node) -> list[str]:
    """Names of members in the schemas of a document; without those of other formats, which begin with a sign."""
    found: dict[str, None] = {}
    for node in _schemas(content):
        for name in node["properties"]:
            if (
                isinstance(name, str)
                and not name.startswith(_PRIVATE)
                and not _is_foreign(node["properties"])
            ):
                found[name] = None
    return list(found)


def query_parameters(content: Node) -> dict[str, list[str]]:
    """Names of the query parameters of GET operations, by path."""
    found: dict[str, list[str]] = {}
    for endpoint in endpoints(content, ""):
        operation = endpoint.operations.get("GET")
        if operation is not None:
            named = [one["name"] for one in parameters(content, endpoint, operation) if one["in"] == "query"]
            plain = [name for name in named if "[" not in name and not name.startswith(_PRIVATE)]
            if plain:
                found[endpoint.written or endpoint.path] = plain
    return found


def _schemas(content: Any) -> Iterator[dict[str, Any]]:
    """Every object with `properties`, examples left out."""
    stack = [content]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack += node
        elif isinstance(node, dict):
            if isinstance(node.get("properties"), dict) and ("type" in node or "$ref" not in node):
                yield node
            stack += [value for name, value in node.items() if name not in _EXAMPLES]


def _is_foreign(names: dict[str, Any]) -> bool:
    """Whether members are those of GeoJSON (RFC 7946), of a JWK (RFC 7517) or of a problem (RFC 9457)."""
    return (
        {"type", "coordinates"} <= set(names) or "kty" in names or {"type", "title", "status"} <= set(names)
    )
