"""Documented event streams and WebSockets: GETs that can be sent without knowing any value. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from harness.http.event_stream import MEDIA_TYPE
from harness.survey.openapi.document import Node, resolve
from harness.survey.openapi.operations import Endpoint, parameters


def event_streams(document: Node, found: Iterable[Endpoint]) -> tuple[tuple[str, bool], ...]:
    """Paths of GETs that answer with an event stream, and whether they have no other successful response.

    Args:
        document: as `document.parse()` gave it.
        found: its endpoints.
    """
    made = []
    for endpoint in found:
        operation = _plain_get(document, endpoint)
        if operation is None:
            continue
        kinds = _kinds(document, operation)
        if MEDIA_TYPE in kinds:
            made.append((endpoint.path, kinds == {MEDIA_TYPE}))
    return tuple(made)


def websockets(document: Node, found: Iterable[Endpoint]) -> tuple[str, ...]:
    """Paths of GETs that are documented to switch protocols (101), or marked `x-websocket`."""
    made = []
    for endpoint in found:
        operation = _plain_get(document, endpoint)
        if operation is None:
            continue
        responses = operation.get("responses")
        switches = isinstance(responses, dict) and any(str(status) == "101" for status in responses)
        if switches or operation.get("x-websocket"):
            made.append(endpoint.path)
    return tuple(made)


def _plain_get(document: Node, endpoint: Endpoint) -> Node | None:
    """The GET of a path, where it takes no parameter."""
    operation = endpoint.operations.get("GET")
    if operation is None or "{" in endpoint.path:
        return None
    given = parameters(document, endpoint, operation)
    return None if any(one.get("required") is True for one in given) else operation


def _kinds(document: Node, operation: Node) -> set[str]:
    """Media types of the successful responses."""
    responses = operation.get("responses")
    found: set[str] = set()
    for status, response in (responses if isinstance(responses, dict) else {}).items():
        content = resolve(document, response).get("content")
        if str(status)[:1] == "2" and isinstance(content, dict):
            found |= {str(kind).partition(";")[0].strip().lower() for kind in content}
    return found
