"""What a document says of the states of work that goes on: the values of a status. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from harness.survey.openapi.document import Node, resolve
from harness.survey.openapi.operations import Endpoint
from harness.survey.openapi.schemas import Schemas

_STATUS = ("status", "state", "phase")


def statuses(document: Node, found: Iterable[Endpoint]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The listed values of the status of what is at a path, by its template, in the order of the document.

    Args:
        document: as `document.parse()` gave it.
        found: its endpoints.
    """
    schemas = Schemas(document, request=False)
    made = []
    for endpoint in found:
        operation = endpoint.operations.get("GET")
        if operation is None or "{" not in endpoint.path:
            continue
        members = schemas.flat(_shown(document, operation))["properties"]
        for name in _STATUS:
            listed = resolve(document, members.get(name)).get("enum")
            words = tuple(one for one in listed if isinstance(one, str)) if isinstance(listed, list) else ()
            if words:
                made.append((endpoint.path, words))
                break
    return tuple(made)


def _shown(document: Node, operation: Node) -> Any:
    """The schema of the JSON of a successful GET; None without one."""
    responses = operation.get("responses")
    given = responses if isinstance(responses, dict) else {}
    response = resolve(document, next((given[code] for code in ("200", "2XX", "2xx") if code in given), None))
    content = response.get("content")
    if not isinstance(content, dict):
        return response.get("schema")
    media = next((one for kind, one in content.items() if "json" in str(kind)), None)
    return resolve(document, media).get("schema")
