"""Requests that did not get a whole response. Pure.

"A server listens on a given connection for HTTP requests, responding to each request with one or more HTTP response
messages" (RFC 9110 section 3.4). Servers and intermediaries may hang up on what is oversized or odd, so only requests
count that any client might send.
"""

from __future__ import annotations

from collections.abc import Iterable

from harness.client.lost import MALFORMED as NOT_HTTP
from harness.http.exchange import Exchange
from harness.rules.faults import Fault
from harness.rules.passive import Record

ANSWERED = "a whole response to each request"
CLOSED = "the connection was closed before the response ended, again when repeated on a new connection"
MALFORMED = "bytes that are no HTTP/1.1 response"
TOO_LONG = "the response before it on the connection is longer than its Content-Length"
_STATUS_LINE = "illegal status line"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
ODD = frozenset({"expect", "upgrade", "transfer-encoding", "te", "trailer"})
"""Fields that change how messages are exchanged."""
LONG_URL = 2_000
"""Characters that every server takes."""
LONG_FIELDS = 4_000
LARGE = 65_536
"""Bytes of content; beyond a maximum a server may close the connection (RFC 9110 section 15.5.14)."""


def ordinary(exchange: Exchange) -> bool:
    """Whether a request is one that any client might send, so that it deserves a response whatever it asks for."""
    fields = exchange.request_fields
    return (
        exchange.method in METHODS
        and not exchange.raw
        and len(exchange.url) <= LONG_URL
        and sum(len(name) + len(value) for name, value in fields) <= LONG_FIELDS
        and exchange.request_body.size <= LARGE
        and not ODD & {name.lower() for name, _ in fields}
    )


def unanswered(found: Record) -> Iterable[Fault]:
    """Ordinary requests of the run that did not get a whole response."""
    return [
        Fault(one.summary(), reason(one.error or ""))
        for one in found.unanswered
        if ordinary(one) and not after_content(one, found.exchanges)
    ]


def after_content(one: Exchange, exchanges: Iterable[Exchange]) -> bool:
    """Whether content that does not belong there may be in the way: of HEAD (METH-002), 204 (WIRE-004) or 304."""
    if not (one.error or "").startswith(_STATUS_LINE):
        return False
    sender = _sender(one)
    earlier = [other for other in exchanges if _sender(other) == sender and other.ended <= one.started]
    last = max(earlier, key=lambda other: other.ended, default=None)
    return last is not None and (last.method == "HEAD" or last.status in (204, 304))


def _sender(one: Exchange) -> str:
    """The process that sent a request: ids are numbered in each."""
    return one.id.rstrip("0123456789")


def reason(error: str) -> str:
    """What is wrong, by what the HTTP client says of it."""
    if error.startswith(_STATUS_LINE) and "HTTP/1." in error:
        return TOO_LONG
    return MALFORMED if error.lower().startswith(NOT_HTTP) else CLOSED
