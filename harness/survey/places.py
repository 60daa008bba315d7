"""Where an answer says that an item stands: pure, links in, a path template out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlsplit

from harness.content import at

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
"""Where items of the usual formats (HAL, JSON:API, OData, SCIM) say their own URL."""


def templates(
    id: str, value: Any, location: str | None, base: str, resolve: Callable[[str], str]
) -> Iterator[str]:
    """Path templates, relative to the target, of where an item stands by what its create was answered with.

    Args:
        id: of the item.
        value: JSON of the answer.
        location: its Location, if any.
        base: the target URL.
        resolve: makes a reference of the answer absolute.
    """
    told = [location, *(at(value, place) for place in SELF if isinstance(value, dict))]
    for link in dict.fromkeys(one for one in told if isinstance(one, str) and one):
        url = resolve(link)
        path = url.removeprefix(base)
        head, slash, last = urlsplit(path).path.rpartition("/")
        if not url.startswith(base + "/") or path != f"{head}{slash}{last}" or {"{", "}"} & set(path):
            continue
        for written in dict.fromkeys((quote(id, safe=""), id)):
            if last.count(written) == 1:
                yield f"{head}/{last.replace(written, '{id}')}"
                break
