"""Target URLs that are no base URL: those of a document or its page, and those of an item. Pure."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from harness.http.content import at, id_text
from harness.survey.infer.pointers import items_pointer
from harness.survey.openapi.document import Node
from harness.survey.openapi.operations import place

_DOCUMENT = re.compile(
    r"[^/]+\.(?:json|ya?ml|html?)|openapi|swagger(?:-ui)?|(?:v\d+/)?api-?docs?|apidocs?|docs?|redoc|rapidoc|scalar|schema",
    re.IGNORECASE,
)
_ID = re.compile(
    r"\d+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{24}|[a-z]{1,8}[-_]\w*\d\w*|\w*\([^)]+\)",
    re.IGNORECASE,
)
_IDS = ("/id", "/_id", "/uuid", "/pk", "/key", "/data/id", "/name", "/slug")
"""Locations of an id in an item, the usual ones."""


def may_be_document(url: str) -> bool:
    """Whether the last segment of a URL is as that of a document of an API, or of a page about it."""
    return _DOCUMENT.fullmatch(_last(url)) is not None


def may_be_item(url: str) -> bool:
    """Whether the last segment of a URL is in the form of an id."""
    return _ID.fullmatch(_last(url)) is not None and bool(collection_of(url))


def _last(url: str) -> str:
    return unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2])


def base_of(document: Node, url: str, origin: str) -> str:
    """The base URL of an API by its document, always on the origin that the user named.

    The server on that origin's host is taken, else the first one: its path may hold although its host does not
    (OpenAPI 3.1 section 4.8.5; `basePath` of Swagger 2.0).

    Args:
        url: where the document is; a relative server is resolved against it.
    """
    if "swagger" in document:
        base = document.get("basePath")
        path = base if isinstance(base, str) else ""
        return origin + f"/{path.strip('/')}".rstrip("/")
    servers = document.get("servers")
    places = [(place(one), one) for one in servers] if isinstance(servers, list) else []
    host = urlsplit(origin).netloc.lower()
    places.sort(key=lambda one: one[0][0] not in ("", host))
    if not places:
        return origin
    (there, path), server = places[0]
    written = server.get("url", "") if isinstance(server, dict) else ""
    relative = isinstance(written, str) and re.match(r"[^/{}]+(?:/|$)", written) is not None
    if not there and relative:
        path = urlsplit(urljoin(url, written)).path.rstrip("/")
    return origin + path


def collection_of(url: str) -> str:
    """The URL above that of an item; empty where there is none."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    key = re.fullmatch(r"(.*/\w+)\([^)/]+\)", path)
    above = key[1] if key else path.rpartition("/")[0]
    return f"{parts.scheme}://{parts.netloc}{above}" if above else ""


def is_item_of(item: Any, listed: Any, url: str) -> bool:
    """Whether content is an item whose id its URL ends with, and other content a list of such items.

    Args:
        item: JSON at the URL.
        listed: JSON at the URL above.
    """
    if not isinstance(item, dict) or items_pointer(item) is not None:
        return False
    last = _last(url)
    last = last[last.index("(") + 1 : -1].strip("'") if last.endswith(")") else last
    shown = any(id_text(at(item, place)) == last for place in _IDS) or any(
        id_text(value) == last for name, value in item.items() if name.lower().endswith("id")
    )
    return shown and items_pointer(listed) is not None
