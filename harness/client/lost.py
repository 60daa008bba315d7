"""How a response can be lost on a connection that works. Pure."""

from __future__ import annotations

from enum import Enum

import httpx

MALFORMED = (
    "illegal status line",
    "illegal header line",
    "illegal chunk",
    "bad content-length",
    "conflicting content-length",
    "multiple transfer-encoding",
    "malformed data",
)
"""How h11's reasons begin where bytes are no HTTP/1.1 response."""


class Lost(Enum):
    """What came instead of a whole response."""

    CLOSED = "closed"
    """The connection was closed, or reset, before the response ended: by chance, or by the request."""
    MALFORMED = "malformed"
    """Bytes that are no response; never by chance."""


def lost(problem: Exception | None) -> Lost | None:
    """What came instead of a response; None where it was late, or the target cannot be reached."""
    if isinstance(problem, httpx.RemoteProtocolError):
        text = str(problem).lower()
        if text.startswith(MALFORMED):
            return Lost.MALFORMED
        closed = "disconnected" in text or "without sending complete" in text or "incomplete chunked" in text
        return Lost.CLOSED if closed else None
    return Lost.CLOSED if isinstance(problem, httpx.ReadError) else None
