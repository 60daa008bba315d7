"""QUERY (RFC 10008): who offers it, which content it takes, and what its fields say. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import http_sf

from harness.http.exchange import Exchange
from harness.survey.openapi.query_operations import QueryOperation

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
_RANGE = re.compile(r"[!#$%&'*+.^`|~\w-]+/[!#$%&'*+.^`|~\w-]+", re.ASCII)


@dataclass(frozen=True)
class Offer:
    """A resource that offers QUERY.

    Attributes:
        url: absolute, or a path relative to the target's URL.
        said: what offers it, in words.
        media_type: of the content, None where nothing names it.
        content: from the document, None where it has none.
        declared: whether the document has the operation.
    """

    url: str
    said: str
    media_type: str | None = None
    content: Any = None
    declared: bool = False


def offers(exchanges: Iterable[Exchange], documented: Iterable[QueryOperation]) -> list[Offer]:
    """Resources that offer QUERY: by the document, by Allow, or by Accept-Query; each once."""
    found: dict[str, Offer] = {}
    for one in documented:
        found[one.path] = Offer(one.path, "the document", one.media_type, one.example, True)
    for exchange in exchanges:
        types = media_ranges(exchange.field("accept-query") or "")
        allowed = [one.strip() for one in (exchange.field("allow") or "").split(",")]
        if not types and "QUERY" not in allowed:
            continue
        url = urlunsplit(urlsplit(exchange.url)._replace(query="", fragment=""))
        said = f"{exchange.summary()} with {'Accept-Query' if types else 'Allow'}"
        if url not in found or (types and found[url].media_type is None):
            found[url] = Offer(url, said, _best(types))
    return list(found.values())


def _best(types: list[str] | None) -> str | None:
    """The media type that content can be made for; the first where there is none."""
    plain = [one for one in types or () if "*" not in one]
    return next((one for one in (JSON, FORM) if one in plain), plain[0] if plain else None)


def media_ranges(value: str) -> list[str] | None:
    """The media ranges of Accept-Query (section 3); None if it is no List of Tokens or Strings that are some."""
    try:
        parsed: Any = http_sf.parse(value.encode("latin-1", "replace"), tltype="list")
    except (http_sf.StructuredFieldError, ValueError):
        return None
    items = [None if isinstance(member, list) else member[0] for member in parsed]
    if not all(isinstance(one, str | http_sf.Token) and _RANGE.fullmatch(str(one)) for one in items):
        return None
    return [str(one).lower() for one in items]


def contents(offer: Offer) -> list[tuple[str, bytes]]:
    """Requests that may be valid: media type and content, the likeliest first; empty where none can be made."""
    kind = (offer.media_type or JSON).partition(";")[0].strip().lower()
    if kind == JSON or kind.endswith("+json"):
        tried = [{}] if offer.content is None else [offer.content]
        return [(kind, json.dumps(one).encode()) for one in tried]
    if kind == FORM:
        pairs = offer.content if isinstance(offer.content, dict) else {"limit": "10"}
        return [(kind, urlencode(pairs).encode())]
    return [(kind, offer.content.encode())] if isinstance(offer.content, str) else []
