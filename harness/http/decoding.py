"""Content codings (RFC 9110 section 8.4.1), undone within bounds: a few bytes may stand for gigabytes.

Each decoder of a chain is asked for one piece after the other and never holds more than that, its window aside.
httpx's own decoding has no bound, so no response with a content coding is ever given to it.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import import_module
from typing import Any

import httpx

MOST_OCTETS = 16 * 1024 * 1024
"""Bytes of content that are read, and that any decoder of a chain may give, at most."""
MOST_CODINGS = 5
"""Content codings that one response may name."""
MOST_RATIO = 500
"""Decoded bytes allowed for each received byte, beyond the first `FREELY` bytes."""
FREELY = 4 * 1024 * 1024
PIECE = 64 * 1024
"""Bytes that a decoder is given, or gives, at once."""
ZSTD_WINDOW = 8 * 1024 * 1024
"""RFC 9659 section 3."""

Pieces = Iterator[bytes]
Decode = Callable[[Pieces], Pieces]


class TooMuch(httpx.DecodingError):
    """There is more content than is read."""


def too_much(most: int) -> TooMuch:
    """What an exchange says of content of more than so many bytes."""
    return TooMuch(f"content of more than {most} bytes, not read")


def decoded(headers: httpx.Headers, octets: bytes, most: int = MOST_OCTETS) -> bytes:
    """The content without its content codings; codings that are not supported are left, as httpx does.

    Args:
        headers: of the response.
        octets: the content as received.
        most: bytes that may come of it, and of any step on the way.

    Raises:
        TooMuch: there is more of it.
        httpx.DecodingError: it is not in that coding.
    """
    named = [name.strip().lower() for name in headers.get_list("content-encoding", split_commas=True)]
    if not octets or not named:
        return octets
    if len(named) > MOST_CODINGS:
        raise TooMuch(f"content in {len(named)} content codings, not read")
    pieces = _cut(octets)
    for name in reversed(named):
        if name in DECODERS:
            pieces = _bounded(DECODERS[name](pieces), most)
    found = bytearray()
    ratio = max(FREELY, MOST_RATIO * len(octets))
    for piece in pieces:
        found += piece
        if len(found) > ratio:
            raise too_much(ratio)
    return bytes(found)


def answer(response: httpx.Response, content: bytes) -> httpx.Response:
    """The same response with its content decoded already; its header fields still name the coding.

    Args:
        response: as received; its own stream is not read.
        content: without content codings.
    """
    plain = httpx.Response(response.status_code, content=content, extensions=response.extensions)
    plain.headers = response.headers
    return plain


def _cut(octets: bytes) -> Pieces:
    for start in range(0, len(octets), PIECE):
        yield octets[start : start + PIECE]


def _bounded(pieces: Pieces, most: int) -> Pieces:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > most:
            raise too_much(most)
        yield piece


def _inflated(pieces: Pieces, bits: int, other: int | None = None) -> Pieces:
    """Of zlib; where the very first piece is not in that format, in another one."""
    decoder = zlib.decompressobj(bits)
    for given in pieces:
        piece = given
        while True:
            try:
                found = decoder.decompress(piece, PIECE)
            except zlib.error as problem:
                if other is None:
                    raise httpx.DecodingError(str(problem)) from None
                decoder, other = zlib.decompressobj(other), None
                continue
            other, piece = None, decoder.unconsumed_tail
            if found:
                yield found
            if decoder.eof or not (piece or len(found) == PIECE):
                break


def _gzip(pieces: Pieces) -> Pieces:
    return _inflated(pieces, zlib.MAX_WBITS | 16)


def _deflate(pieces: Pieces) -> Pieces:
    # Many a server sends the format without the header and checksum that RFC 9110 section 8.4.1.2 asks for.
    return _inflated(pieces, zlib.MAX_WBITS, -zlib.MAX_WBITS)


def _brotli_by(brotli: Any) -> Decode:
    def decode(pieces: Pieces) -> Pieces:
        decoder = brotli.Decompressor()
        process = getattr(decoder, "process", None) or decoder.decompress
        try:
            for given in pieces:
                # It may take in all that it is given and still hold some of what comes of it.
                while found := process(given, output_buffer_limit=PIECE):
                    yield found
                    given = b""
                if not decoder.can_accept_more_data():
                    raise httpx.DecodingError("the brotli content is incomplete or malformed")
        except brotli.error as problem:
            raise httpx.DecodingError(str(problem)) from None

    return decode


def _zstd_by(zstandard: Any) -> Decode:
    class Source(io.RawIOBase):
        def __init__(self, pieces: Pieces) -> None:
            self._pieces = pieces

        def read(self, size: int = -1) -> bytes:
            return next(self._pieces, b"")

    def decode(pieces: Pieces) -> Pieces:
        decoder = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)
        try:
            with decoder.stream_reader(Source(pieces), read_across_frames=True) as reader:
                while found := reader.read(PIECE):
                    yield found
        except zstandard.ZstdError as problem:
            raise httpx.DecodingError(str(problem)) from None

    return decode


def _installed(*names: str) -> Any:
    """The first of some modules that is installed; None for none."""
    for name in names:
        with suppress(ImportError):
            return import_module(name)
    return None


def _supported() -> dict[str, Decode]:
    """The decoders that can be bounded, by the name of their coding: brotli and zstd where they are installed."""
    found: dict[str, Decode] = {"gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate}
    brotli, zstandard = _installed("brotli", "brotlicffi"), _installed("zstandard")
    # Before 1.2 its output could not be bounded.
    if brotli is not None and hasattr(brotli.Decompressor, "can_accept_more_data"):
        found["br"] = _brotli_by(brotli)
    if zstandard is not None:
        found["zstd"] = _zstd_by(zstandard)
    return found


DECODERS = _supported()
