"""The base path of a document's paths: `servers` may be wrong, and frameworks may be mounted elsewhere."""

from __future__ import annotations

import httpx

from harness.client.client import Client
from harness.http.content import media_type
from harness.rules.checks import Undecided
from harness.survey.openapi.document import Node
from harness.survey.openapi.operations import Endpoint, endpoints, parameters, server_path

PREFIXES = ("", "/api", "/v1", "/api/v1")
_WITNESSES = 2


def settle(client: Client, document: Node, warnings: list[str]) -> dict[str, httpx.Response]:
    """Set the document's server to the base path below which its paths are served.

    Other base paths are tried only if none of the first plain paths exists as documented. The document is changed in
    place.

    Returns:
        The responses by path, so that they need not be requested again.
    """
    answered: dict[str, httpx.Response] = {}
    base = client.target.base_path
    plain = witnesses(document, base)
    if not plain or any(_there(client, path, answered) for path in plain):
        return answered
    declared = server_path(document)
    bare = witnesses(document, declared)
    for prefix in PREFIXES:
        if prefix == declared:
            continue
        if any(_there(client, prefix + path, answered) for path in bare):
            key = "basePath" if "swagger" in document else "servers"
            place = base + prefix
            document[key] = (place or "/") if key == "basePath" else [{"url": place or "/"}]
            warnings.append(
                f"the paths of the OpenAPI document are served below {place or '/'}, "
                f"not below {declared or '/'} as it says"
            )
            break
    return answered


def witnesses(document: Node, base: str) -> list[str]:
    """Documented paths whose GET needs no parameter, collections before single words."""
    found = [
        endpoint.path
        for endpoint in endpoints(document, base)
        if "{" not in endpoint.path and "GET" in endpoint.operations and not _needs(document, endpoint)
    ]
    posted = {endpoint.path for endpoint in endpoints(document, base) if "POST" in endpoint.operations}
    return sorted(found, key=lambda path: (path not in posted, path == "/", path))[:_WITNESSES]


def _needs(document: Node, endpoint: Endpoint) -> bool:
    operation = endpoint.operations["GET"]
    return any(one.get("required") is True for one in parameters(document, endpoint, operation))


def _there(client: Client, path: str, answered: dict[str, httpx.Response]) -> bool:
    try:
        path = "" if path == "/" and client.target.base_path else path
        reply = answered[path] = client.get(path)
    except Undecided:
        return False
    # A single-page application serves its page at every path.
    return (reply.status_code < 300 and media_type(reply) != "text/html") or reply.status_code in (401, 403)
