"""Links in representations and Link fields, and what may be asked of them. Pure; no I/O.

HAL (`_links`), JSON:API (`links`), arrays of `{rel, href}`, and Link fields (RFC 8288). Templates (RFC 6570) are left
out: what they lead to depends on a client's values.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from harness.http.exchange import Exchange
from harness.http.item_urls import is_below
from harness.http.links import LinkSyntax
from harness.http.links import links as link_values

from .words import SAFE_RELATIONS

ITEMS = 3
"""Items of a list whose links are read."""
_INTERNAL = (".internal", ".local", ".localdomain", ".svc", ".cluster.local", ".lan", ".corp")


@dataclass(frozen=True)
class Found:
    """A link.

    Attributes:
        relation: in lower case.
        url: absolute.
        where: what has it, for a finding.
    """

    relation: str
    url: str
    where: str


def links(answer: Exchange, content: Any, nouns: Collection[str] = ()) -> list[Found]:
    """The links of a response that lead to something to read, each once.

    Args:
        content: its JSON, or anything else where it has none.
        nouns: relations that are named after a collection, as `nouns_of` gives them.
    """
    found: dict[tuple[str, str], Found] = {}
    for relation, href, where in (*_in_fields(answer), *_in_content(content)):
        url = urljoin(answer.url, href)
        if (
            "{" not in href
            and (relation in SAFE_RELATIONS or relation in nouns)
            and url.startswith(("http://", "https://"))
        ):
            found.setdefault(
                (relation, url), Found(relation, url, f"{where} of {answer.method} {answer.url}")
            )
    return list(found.values())


def nouns_of(collections: Iterable[str]) -> frozenset[str]:
    """Names of relations that lead to a collection, or to an item of it: `/v1/authors` gives `authors` and `author`.

    Args:
        collections: their paths.
    """
    found = set()
    for path in collections:
        name = path.rstrip("/").rpartition("/")[2].lower()
        if not re.fullmatch(r"[a-z][a-z0-9_-]*", name):
            continue
        found |= {name, name.removesuffix("s")}
        if name.endswith("ies"):
            found.add(name.removesuffix("ies") + "y")
        elif name.endswith("es"):
            found.add(name.removesuffix("es"))
    return frozenset(one for one in found if len(one) > 2)


def _in_fields(answer: Exchange) -> Iterator[tuple[str, str, str]]:
    try:
        parsed = link_values(answer.field("link") or "")
    except LinkSyntax:
        return
    for link in parsed:
        for relation in link.relations:
            yield relation.lower(), link.target, "Link"


def _in_content(content: Any, depth: int = 0) -> Iterator[tuple[str, str, str]]:
    if isinstance(content, list):
        for one in content[:ITEMS]:
            yield from _in_content(one, depth)
    if not isinstance(content, dict):
        return
    for name in ("_links", "links"):
        yield from _in_member(name, content.get(name))
    for name, value in content.items() if depth < 2 else ():
        if name in ("_embedded", "data", "items", "results", "value", "content") or isinstance(value, list):
            yield from _in_content(value, depth + 1)


def _in_member(name: str, value: Any) -> Iterator[tuple[str, str, str]]:
    if isinstance(value, list):
        for one in value:
            if isinstance(one, dict) and one.get("method", "GET") in ("GET", "get", None):
                relation, href = one.get("rel"), one.get("href")
                if isinstance(relation, str) and isinstance(href, str):
                    yield relation.lower(), href, name
    elif isinstance(value, dict):
        for relation, one in value.items():
            href = one.get("href") if isinstance(one, dict) else one
            if isinstance(href, str) and isinstance(relation, str):
                yield relation.lower(), href, f"{name}.{relation}"


def leads_astray(link: Found, base: str) -> str | None:
    """Why nobody outside can follow a link of the target, or should; None where that cannot be said.

    Args:
        base: the target's URL.
    """
    own, other = urlsplit(base), urlsplit(link.url)
    host, theirs = own.hostname or "", other.hostname or ""
    if own.scheme == "https" and other.scheme == "http" and host == theirs:
        return "leaves TLS"
    if host == theirs:
        return None
    if theirs.endswith(_INTERNAL) and not host.endswith(_INTERNAL):
        return "a name of an internal network"
    return "an address of an internal network" if _private(theirs) and not _private(host) else None


def _private(host: str) -> bool:
    if host == "localhost" or ("." not in host and ":" not in host):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


def is_followed(link: Found, base: str) -> bool:
    """Whether a link is on the target: same origin, below its URL."""
    return is_below(link.url, base)


def broken(answer: Exchange) -> bool:
    """Whether a link leads nowhere: neither content, nor a redirect, nor a refusal (RFC 9110 section 15)."""
    status = answer.status or 0
    return status in (404, 410, 400, 405) or (status >= 500 and status != 503)
