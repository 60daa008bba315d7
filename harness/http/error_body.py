"""The content of an error response: whether it explains anything, and in the API's media type."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from harness.http.content import MISSING, is_json
from harness.http.exchange import Exchange


def speaks_json(exchanges: Iterable[Exchange]) -> bool:
    """Whether most successes with content are in JSON."""
    kinds = [
        is_json(exchange.media_type)
        for exchange in exchanges
        if exchange.status is not None and exchange.status < 300 and exchange.response_body.size
    ]
    return bool(kinds) and sum(kinds) * 2 > len(kinds)


def explanation_fault(exchange: Exchange, *, json_api: bool) -> str | None:
    """Why an error explains nothing to a client of the API, or None where it does.

    Args:
        json_api: whether the API's media type is JSON.
    """
    if exchange.method == "HEAD":
        return None
    text = exchange.response_body.text.strip()
    if not text:
        return "no content"
    if is_json(exchange.media_type):
        if exchange.response_body.cut:
            return None
        value = json_body(exchange)
        if value is MISSING:
            return f"{exchange.media_type} that is not JSON"
        return f"{text} explains nothing" if value in ({}, [], None, "") else None
    if not exchange.media_type and _parsed(exchange) not in (MISSING, {}, [], None, ""):
        # It explains; that nothing labels it as JSON is what NEGO-001 reports.
        return None
    # The conditional statuses answer the HTTP layer of a client, and not the application.
    if json_api and exchange.status not in (412, 416):
        return f"Content-Type is {exchange.media_type or 'missing'}, and JSON in the API's successes"
    return None


def is_silent(exchange: Exchange) -> bool:
    """Whether an error says nothing at all: no content, or an empty value in JSON."""
    return not exchange.response_body.text.strip() or json_body(exchange) in ({}, [], None, "")


def json_body(exchange: Exchange) -> Any:
    """The content where it is JSON by its media type too; else `MISSING`."""
    return _parsed(exchange) if is_json(exchange.media_type) else MISSING


def _parsed(exchange: Exchange) -> Any:
    try:
        return exchange.json()
    except (ValueError, RecursionError):
        return MISSING


def json_errors(exchanges: Iterable[Exchange]) -> list[tuple[Exchange, Any]]:
    """The exchanges whose content is JSON that says something, with that content."""
    found = []
    for exchange in exchanges:
        body = json_body(exchange)
        if exchange.method != "HEAD" and body is not MISSING and body not in ({}, [], None, ""):
            found.append((exchange, body))
    return found
