"""A download that is interrupted again and again: the socket is closed in the middle of the content."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from harness.client.client import Client
from harness.client.raw import connection

from .parts import content_range

PIECES = 7
MOST_PIECES = 20


@dataclass
class Download:
    """What came of a download in pieces.

    Attributes:
        size, sha256: of all bytes that came, one behind the other.
        tags: the ETags of the responses.
        shown: what was sent, in a sentence.
        problem: why the download could not be finished; empty where it was.
    """

    size: int = 0
    sha256: str = ""
    tags: set[str] = field(default_factory=set)
    shown: str = ""
    problem: str = ""


def resumed(client: Client, url: str, size: int, tag: str) -> Download:
    """Download a representation in pieces, each over a connection of its own that is cut in the middle.

    Args:
        size: of the whole representation, in bytes.
        tag: its strong ETag.

    Raises:
        Undecided: a connection failed.
    """
    made, whole = Download(), hashlib.sha256()
    step = max(1, size // PIECES)
    cuts = 0
    while made.size < size:
        if cuts == MOST_PIECES:
            made.problem = (
                f"{made.size} of {size} bytes after {cuts} parts: the server sends less than it was asked for"
            )
            break
        most = size - made.size if cuts >= PIECES - 1 else min(step, size - made.size)
        more = [("Range", f"bytes={made.size}-"), ("If-Range", tag)] if made.size else []
        before = made.size

        def feed(piece: bytes) -> None:
            made.size += len(piece)
            whole.update(piece)

        with connection(client) as wire:
            exchange = wire.take(url, more, most, feed)
        cuts += 1
        if (seen := exchange.field("etag")) is not None:
            made.tags.add(seen)
        named = exchange.field("content-range")
        found = content_range(named)
        if exchange.status != (206 if more else 200):
            made.problem = f"{exchange.summary()} for the rest of a download, where 206 was expected"
            break
        if made.size == before or (more and (found is None or found.first != before)):
            # What begins elsewhere, a client would not put there.
            made.problem = f"{exchange.summary()} for the rest from byte {before}, Content-Range: {named}"
            break
    made.sha256 = whole.hexdigest()
    made.shown = f"GET {url} in {cuts} pieces, the connection closed after each"
    return made
