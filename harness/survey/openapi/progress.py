"""What a document says of the states of work that goes on: the values of a status. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from harness.survey.openapi.document import Node, resolve
from harness.survey.openapi.operations import Endpoint, response_schema
from harness.survey.openapi.schemas import Schemas

_STATUS = ("status", "state", "phase")
_SUCCESS = ("200", "2XX", "2xx")


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
        members = schemas.flat(response_schema(document, operation, _SUCCESS))["properties"]
        for name in _STATUS:
            listed = resolve(document, members.get(name)).get("enum")
            words = tuple(one for one in listed if isinstance(one, str)) if isinstance(listed, list) else ()
            if words:
                made.append((endpoint.path, words))
                break
    return tuple(made)
