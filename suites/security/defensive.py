"""Header fields that defend clients of a JSON API, and those that say too much about the server. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from harness.http.content import is_json
from harness.http.exchange import Exchange

_VERSION = re.compile(r"[A-Za-z][\w.-]*/v?\d+\.\d+[\w.-]*|\b\d+\.\d+\.\d+\b")
_FRAMES = re.compile(r"(?i)frame-ancestors|default-src\s+'none'|sandbox")


def missing(exchange: Exchange) -> list[str]:
    """Defensive fields that a JSON response lacks."""
    if not is_json(exchange.media_type):
        return []
    found = []
    if (exchange.field("x-content-type-options") or "").strip().lower() != "nosniff":
        found.append("no X-Content-Type-Options: nosniff")
    framed = exchange.field("x-frame-options") or ""
    if not framed and not _FRAMES.search(exchange.field("content-security-policy") or ""):
        found.append(
            "neither Content-Security-Policy with frame-ancestors or default-src 'none', nor X-Frame-Options"
        )
    return found


def detailed(exchange: Exchange) -> str | None:
    """The Server field, where it has a version (RFC 9110 section 10.2.4); None otherwise."""
    server = exchange.field("server") or ""
    return f"Server: {server}" if _VERSION.search(server) else None


def listed(exchanges: Iterable[Exchange]) -> list[str]:
    """What is missing or too much, each with the number of responses and an example."""
    by_fault: dict[str, list[Exchange]] = {}
    for one in exchanges:
        server = detailed(one)
        for fault in (*missing(one), *([server] if server else [])):
            by_fault.setdefault(fault, []).append(one)
    return [
        f"{fault} ({len(found)} response{'s' if len(found) > 1 else ''}, such as {found[0].summary()})"
        for fault, found in by_fault.items()
    ]
