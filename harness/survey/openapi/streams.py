"""Documented event streams and WebSockets: GETs that can be sent without knowing any value. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from harness.http.event_stream import MEDIA_TYPE
from harness.survey.openapi.document import Node, resolve
from harness.survey.openapi.operations import Endpoint, parameters, place, relative


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


def websockets(document: Node, found: Iterable[Endpoint], base_path: str = "") -> tuple[str, ...]:
    """Paths of GETs that are documented to switch protocols (101), marked `x-websocket`, or have a server `ws://`.

    Args:
        base_path: path of the target's URL; empty at the root.
    """
    made = []
    for endpoint in found:
        operation = _plain_get(document, endpoint)
        if operation is None:
            continue
        responses = operation.get("responses")
        switches = isinstance(responses, dict) and any(str(status) == "101" for status in responses)
        if switches or operation.get("x-websocket"):
            made.append(endpoint.path)
    return tuple(dict.fromkeys([*made, *_served_by_websocket(document, base_path.rstrip("/"))]))


def _served_by_websocket(document: Node, base: str) -> Iterator[str]:
    """Paths whose servers have the scheme ws or wss, at the host of the other servers, relative to the target."""
    servers = document.get("servers")
    usual = servers if isinstance(servers, list) else []
    plain = [place(one) for one in usual if not _speaks_websocket(one)]
    hosts = {host.partition(":")[0] for host, _ in plain if host}

    def here(server: Any) -> bool:
        host = place(server)[0].partition(":")[0]
        return _speaks_websocket(server) and (not hosts or host in hosts)

    for written, item in document["paths"].items():
        node = resolve(document, item)
        operation = node.get("get")
        own = operation.get("servers", node.get("servers")) if isinstance(operation, dict) else None
        server = next(filter(here, own), None) if isinstance(own, list) else None
        if server is not None and isinstance(written, str) and "{" not in written:
            yield relative(written, place(server)[1], base)
    for server in filter(here, usual):
        path = place(server)[1]
        # One at the path of the API says nothing of where the WebSocket is.
        if path and path not in (base, *(other for _, other in plain)) and "{" not in path:
            yield path.removeprefix(base) if path.startswith(f"{base}/") else path


def _speaks_websocket(server: Any) -> bool:
    url = server.get("url") if isinstance(server, dict) else None
    return isinstance(url, str) and url.lower().startswith(("ws://", "wss://"))


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
