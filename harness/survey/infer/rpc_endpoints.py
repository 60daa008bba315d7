"""Endpoints for calls, not resources: GraphQL and JSON-RPC, by the response to GET. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from harness.http.exchange import Exchange

GRAPHQL, JSON_RPC, RPC = "GraphQL", "JSON-RPC", "RPC"
USUAL = "/graphql"
"""The path of most GraphQL endpoints (GraphQL over HTTP)."""
_TYPES = {
    "application/graphql-response+json": GRAPHQL,
    "application/graphql": GRAPHQL,
    "application/json-rpc": JSON_RPC,
    "application/json-rpc+json": JSON_RPC,
}
_CONSOLE = re.compile(r"graphiql|graphql[ -]playground|apollo (?:sandbox|server|studio)", re.IGNORECASE)
_NAMES = {"graphql": GRAPHQL, "jsonrpc": JSON_RPC, "json-rpc": JSON_RPC, "rpc": RPC}
"""Last segments of a path that are unmistakable if GET is refused."""
_READ = 20_000
_ASKS = re.compile(
    r"\bgraphql\b|\bquery (?:string|parameter|missing)|(?:non-empty|no|missing) `?query|apollo-require-preflight",
    re.I,
)


def takes_queries(exchange: Exchange, base: str) -> bool:
    """Whether a response shows that the target URL, or the usual path below it, is a GraphQL endpoint.

    Args:
        base: the target URL.
    """
    if exchange.method != "GET":
        return False
    if exchange.url.rstrip("/") == base.rstrip("/"):
        return style_of(exchange) == GRAPHQL
    # Many APIs refuse every path that they do not have: the content must show it, not the name that was guessed.
    return (
        exchange.url == base.rstrip("/") + USUAL
        and exchange.status not in (404, 410)
        and style_of(replace(exchange, url=base)) == GRAPHQL
    )


def style_of(exchange: Exchange) -> str | None:
    """The style of an endpoint without collections, if the response to GET shows it; else None.

    Args:
        exchange: the GET of the target URL.
    """
    if exchange.media_type in _TYPES:
        return _TYPES[exchange.media_type]
    refused = exchange.status in (400, 405, 406, 415, 422)
    last = urlsplit(exchange.url).path.rstrip("/").rpartition("/")[2].lower()
    if refused and last in _NAMES:
        return _NAMES[last]
    shown = exchange.response_body.text[:_READ]
    if exchange.media_type == "text/html":
        return GRAPHQL if _CONSOLE.search(shown) else None
    value: Any = None
    with suppress(ValueError):
        value = exchange.json()
    if value is None:
        return GRAPHQL if refused and _ASKS.search(shown) else None
    if not isinstance(value, Mapping):
        return None
    if "jsonrpc" in value:
        return JSON_RPC
    errors = value.get("errors")
    # Some servers answer errors of a query with 200.
    messages = (
        [one.get("message") for one in errors if isinstance(one, Mapping)] if isinstance(errors, list) else []
    )
    asks = _ASKS.search(" ".join(str(one) for one in messages if one))
    return GRAPHQL if asks or (any(messages) and last in _NAMES) else None
