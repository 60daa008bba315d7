"""The URL of an item by the links in a response: links in, a path template out. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

import jsonpointer

from harness.http.content import at, id_text
from harness.http.exchange import Exchange
from harness.profile.models import Resource

SELF = (
    "/_links/self/href",
    "/links/self",
    "/@odata.editLink",
    "/@odata.id",
    "/__metadata/uri",
    "/url",
    "/href",
    "/self",
    "/meta/location",
)
"""Location of their own URL in items of common formats (HAL, JSON:API, OData, SCIM)."""


def with_slash(known: Resource, listed: Exchange, url: str) -> Resource | None:
    """The resource with a slash at the end of its paths, if its URL redirects to the same URL with one; else None.

    Args:
        listed: the GET of the collection.
        url: the absolute URL of the collection.
    """
    location = listed.field("location")
    if listed.status not in (301, 302, 307, 308) or not location or url.endswith("/"):
        return None
    try:
        target = urljoin(url, location)
    except ValueError:
        return None
    if target != f"{url}/":
        return None
    item = known.item if known.item.endswith("/") else f"{known.item}/"
    return known.model_copy(update={"collection": f"{known.collection}/", "item": item})


def templates(
    id: str, value: Any, location: str | None, base: str, resolve: Callable[[str], str]
) -> Iterator[str]:
    """Path templates of an item, relative to the target, from the response to its create.

    Args:
        id: id of the item.
        value: JSON of the response.
        location: its Location, if any.
        base: the target URL.
        resolve: makes a reference in the response absolute.
    """
    links = [location, *_links(value)]
    for link in dict.fromkeys(one for one in links if isinstance(one, str) and one):
        url = resolve(link)
        path = url.removeprefix(base)
        head, slash, last = urlsplit(path).path.rpartition("/")
        below = url.startswith((base + "/", base + "("))
        if not below or path != f"{head}{slash}{last}" or {"{", "}"} & set(path):
            continue
        for written in dict.fromkeys((quote(id, safe=""), id)):
            if last.count(written) == 1:
                yield f"{head}{slash}{last.replace(written, '{id}')}"
                break


def odata(collection: str, id: Any, answer: Any) -> Iterator[str]:
    """The path template of OData's key syntax (URL Conventions 4.01 section 4.3.1), if a response is OData.

    Args:
        collection: path of the collection.
        id: as in the item: a text is quoted in the URL, a number is not.
        answer: JSON of the collection, or of an item.
    """
    if isinstance(answer, dict) and "@odata.context" in answer and isinstance(id, str | int):
        yield (
            f"{collection.rstrip('/')}({{id}})"
            if isinstance(id, int)
            else f"{collection.rstrip('/')}('{{id}}')"
        )


def named(item: Any) -> tuple[str, str] | None:
    """The member whose value is the end of the item's own URL: its pointer, and the value."""
    for link in _links(item):
        last = unquote(urlsplit(link).path.rstrip("/").rpartition("/")[2]) if isinstance(link, str) else ""
        keyed = re.search(r"\((?:\w+=)?'?([^'(),]+)'?\)$", last)
        word = keyed[1] if keyed else last
        for name, value in item.items():
            if word and id_text(value) == word:
                return "/" + jsonpointer.escape(name), word
    return None


def _links(item: Any) -> list[Any]:
    return [at(item, place) for place in SELF] if isinstance(item, dict) else []
