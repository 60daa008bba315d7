"""URLs of items: their normal form, what lies below what, and which id one names. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote, unquote, urlsplit

import httpx

_MOST_DECODINGS = 4


def leaves_its_place(path: str) -> bool:
    """Whether some server may read a path as another place: it has a dot segment (RFC 3986 section 5.2.4).

    It is decoded until nothing is left to decode; a backslash counts as a slash, and `..;x` as `..`.
    """
    for _ in range(_MOST_DECODINGS):
        if any(part.partition(";")[0] in (".", "..") for part in re.split(r"[/\\]", path)):
            return True
        if (decoded := unquote(path)) == path:
            return any(ord(char) < 32 for char in path)
        path = decoded
    return True


def names_an_item(id: str) -> bool:
    """Whether a text can be an id: not empty, and no way out of the collection."""
    return bool(id.strip("/\\ ")) and not leaves_its_place(id)


@lru_cache(maxsize=4096)
def key(url: str) -> str:
    """The normal form of an absolute URL (RFC 3986 section 6.2.2): without query, fragment and slashes at its end."""
    parsed = httpx.URL(url)
    path = parsed.raw_path.decode("ascii").partition("?")[0]
    plain = "/".join(quote(unquote(part), safe="") for part in path.split("/")).rstrip("/")
    port = f":{parsed.port}" if parsed.port is not None else ""
    return f"{parsed.scheme}://{parsed.host}{port}{plain}"


def above(place: str) -> list[str]:
    """A key, and the keys of what it lies below, nearest first."""
    scheme, _, rest = place.partition("://")
    parts = rest.split("/")
    return [f"{scheme}://{'/'.join(parts[:count])}" for count in range(len(parts), 0, -1)]


def strictly_below(place: str, root: str) -> bool:
    """Whether a key lies below another one."""
    return place.startswith(root + "/")


def key_in(segment: str, collection: str) -> str | None:
    """The key in the last segment of the URL of an OData entity (OData 4.01 URL Conventions section 4.3.1).

    Args:
        segment: such as `Books(7)`, or `Books('a')`; decoded.
        collection: the last segment of the URL of the collection.

    Returns:
        None where it is no such segment. A key of several parts is as it is written: `Order=1,No=2`.
    """
    part = r"\w+=(?:'(?:[^']|'')*'|[^'=,()]+)"
    found = re.fullmatch(
        rf"{re.escape(collection)}\((?:'([^']+)'|([^'=,()]+)|({part}(?:,{part})+))\)", segment
    )
    return None if found is None else found[1] or found[2] or found[3]


def id_at(url: str, template: str) -> str | None:
    """The id in the URL of an item; None where the URL is none of that template.

    Args:
        url: absolute.
        template: absolute URL with `{id}`.
    """
    head, _, tail = template.partition("{id}")
    try:
        mine, theirs = httpx.URL(url), httpx.URL(head)
    except httpx.InvalidURL:
        return None
    if (mine.scheme, mine.host, mine.port) != (theirs.scheme, theirs.host, theirs.port):
        return None
    path, before, after = urlsplit(url).path.rstrip("/"), urlsplit(head).path, tail.rstrip("/")
    if leaves_its_place(path) or not path.startswith(before) or not path.endswith(after):
        return None
    found = unquote(path[len(before) : len(path) - len(after)])
    return found if found and "/" not in path[len(before) :].removesuffix(after) else None


def is_below(url: str, base: str) -> bool:
    """Whether a URL is another one, with or without a query, or lies below it; neither is normalised."""
    return url == base or url.startswith((f"{base}/", f"{base}?"))
