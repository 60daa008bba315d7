"""Content codings, undone within bounds."""

from __future__ import annotations

from collections.abc import Iterator

import httpx

MOST_OCTETS = 32 * 1024 * 1024
"""Octets of content that are read, and that it may unfold to, at most."""
CODED_PIECE = 16 * 1024


def decoded(headers: httpx.Headers, octets: bytes) -> bytes:
    """The content without its content coding, undone piece by piece: a few octets may unfold to gigabytes.

    Raises:
        httpx.DecodingError: it is not in that coding, or unfolds to more than `MOST_OCTETS`.
    """

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(octets), CODED_PIECE):
            yield octets[start : start + CODED_PIECE]

    class Pieces(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            return pieces()

    parts, size = [], 0
    for part in httpx.Response(200, headers=headers, stream=Pieces()).iter_bytes():
        parts.append(part)
        size += len(part)
        if size > MOST_OCTETS:
            raise httpx.DecodingError(f"the content unfolds to more than {MOST_OCTETS} octets")
    return b"".join(parts)
