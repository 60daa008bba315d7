"""Endpoints that take calls, not resources: GraphQL and JSON-RPC, by what a GET is answered. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from harness.exchange import Exchange

GRAPHQL, JSON_RPC = "GraphQL", "JSON-RPC"
_TYPES = {
    "application/graphql-response+json": GRAPHQL,
    "application/graphql": GRAPHQL,
    "application/json-rpc": JSON_RPC,
    "application/json-rpc+json": JSON_RPC,
}
_CONSOLE = re.compile(r"graphiql|graphql[ -]playground|apollo (?:sandbox|server|studio)", re.IGNORECASE)
_READ = 20_000
_ASKS = re.compile(r"\bgraphql\b|\bquery (?:string|parameter|missing)|(?:non-empty|no|missing) `?query", re.I)


def style_of(exchange: Exchange) -> str | None:
    """The style of an endpoint that has no collections, where what a plain GET was answered shows it.

    Args:
        exchange: the GET of the target URL.
    """
    if exchange.media_type in _TYPES:
        return _TYPES[exchange.media_type]
    shown = exchange.response_body.text[:_READ]
    if exchange.media_type == "text/html":
        return GRAPHQL if _CONSOLE.search(shown) else None
    value: Any = None
    with suppress(ValueError):
        value = exchange.json()
    if isinstance(value, Mapping):
        if "jsonrpc" in value:
            return JSON_RPC
        if not isinstance(value.get("errors"), list):
            return None
        told = [one.get("message") for one in value["errors"] if isinstance(one, Mapping)]
        shown = " ".join(str(one) for one in told if one)
        if not shown:
            return None
    elif value is not None:
        return None
    named = urlsplit(exchange.url).path.rstrip("/").endswith("/graphql")
    refused = exchange.status in (400, 405, 406, 415, 422)
    # Some answer errors of a query with 200.
    speaks = refused or value is not None
    return GRAPHQL if speaks and (named or _ASKS.search(shown)) else None
