"""Answers that do not end, or end too late, byte for byte; and content that is far more than it seems."""

from __future__ import annotations

import gzip
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import brotli

from tests import servers
from tests.servers import Respond, Seen

Talk = Callable[[socket.socket, threading.Event], None]
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
INTERIM = b"HTTP/1.1 100 \r\n\r\n"
MIB = 2**20


def endless(first: bytes, piece: bytes, pause: float = 0.0) -> Talk:
    """Answer with `first`, and then with one `piece` after the other for as long as somebody reads."""

    def talk(connection: socket.socket, over: threading.Event) -> None:
        asked = b""
        # The whole of it: in a race the last byte comes later.
        while b"\r\n\r\n" not in asked:
            piece_of_it = connection.recv(65_536)
            if not piece_of_it:
                return
            asked += piece_of_it
        connection.sendall(first)
        while not over.wait(pause):
            connection.sendall(piece)

    return talk


ENDLESS: dict[str, Talk] = {
    "head, a byte at a time": endless(OK + b"X-Long: ", b"x", 0.05),
    "head without end": endless(OK, b"X-Many: one of them\r\n" * 1000),
    "content, a byte at a time": endless(OK + b"Content-Length: 100\r\n\r\n", b"x", 0.05),
    "a quintillion bytes of content": endless(
        OK + b"Content-Length: 1000000000000000000\r\n\r\n", b" " * MIB
    ),
    "interim responses": endless(b"", INTERIM * 5000),
    "interim responses, one at a time": endless(b"", INTERIM, 0.05),
    "chunks of one byte": endless(CHUNKED, b"1\r\n \r\n" * 10_000),
    "chunks, one at a time": endless(CHUNKED, b"1\r\n \r\n", 0.05),
    "a chunk extension": endless(CHUNKED + b"1;", b"x" * MIB),
    "trailers": endless(CHUNKED + b"0\r\n", b"X-Trailer: one of them\r\n" * 1000),
    "trailers, one at a time": endless(CHUNKED + b"0\r\n", b"X: y\r\n", 0.05),
    "a name without a colon": endless(OK, b"x" * MIB),
}


@contextmanager
def silent_tls() -> Iterator[str]:
    """URL of a server that begins a TLS handshake, a byte at a time, and never ends it."""

    def talk(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(65_536)
        # A handshake record of 16,000 bytes (RFC 8446 section 5.1).
        connection.sendall(b"\x16\x03\x03\x3e\x80\x02\x00\x3e\x7c\x03\x03")
        while not over.wait(0.05):
            connection.sendall(b"\0")

    with servers.raw(talk) as url:
        yield url.replace("http://", "https://").replace("127.0.0.1", "localhost")


def deflated(bits: int, mebibytes: int) -> bytes:
    coder = zlib.compressobj(1, wbits=bits)
    return b"".join(coder.compress(b" " * MIB) for _ in range(mebibytes)) + coder.flush()


def _brotli(mebibytes: int) -> bytes:
    coder = brotli.Compressor(quality=1)
    parts: list[bytes] = [coder.process(b" " * MIB) for _ in range(mebibytes)]
    return b"".join([*parts, coder.finish()])


def bombs(mebibytes: int) -> dict[str, bytes]:
    """Content of so many MiB of spaces, by its Content-Encoding."""
    once = deflated(31, mebibytes)
    twice = gzip.compress(once)
    return {
        "br": _brotli(mebibytes),
        "gzip": once,
        "gzip, gzip": twice,
        "gzip, gzip, br": brotli.compress(twice),
        ", ".join(["gzip"] * 6): twice,
    }


def bomb(coding: str, content: bytes) -> Talk:
    """Answers every request of a connection with a bomb."""
    head = OK + f"Content-Encoding: {coding}\r\nContent-Length: {len(content)}\r\n\r\n".encode()

    def talk(connection: socket.socket, over: threading.Event) -> None:
        asked = b""
        while octets := connection.recv(65_536):
            asked += octets
            while b"\r\n\r\n" in asked:
                asked = asked.partition(b"\r\n\r\n")[2]
                connection.sendall(head + content)

    return talk


Hostile = Callable[[Seen], "tuple[bytes, bytes, float] | None"]
"""For a request that is answered without end: what comes first, then again and again, and seconds between."""


@contextmanager
def api(respond: Respond, hostile: Hostile) -> Iterator[str]:
    """URL of an API that answers some requests as `endless()` does, after they took effect."""
    lock = threading.Lock()

    def talk(connection: socket.socket, over: threading.Event) -> None:
        file = connection.makefile("rb")
        while line := file.readline():
            method, path, _ = line.decode("latin-1").split(" ", 2)
            fields = []
            while (line := file.readline()) not in (b"\r\n", b""):
                name, _, value = line.decode("latin-1").partition(":")
                fields.append((name, value.strip()))
            length = {name.lower(): value for name, value in fields}.get("content-length", "0")
            seen = Seen(method, path, fields, file.read(int(length) if length.isdigit() else 0))
            with lock:
                answer = respond(seen)
                stream = hostile(seen)
            if stream is not None:
                first, piece, pause = stream
                connection.sendall(first)
                while not over.wait(pause):
                    connection.sendall(piece)
                return
            if answer is None:
                return
            lines = [f"HTTP/1.1 {answer.status} -", *(f"{name}: {value}" for name, value in answer.fields)]
            if answer.status not in (204, 304):
                lines.append(f"Content-Length: {len(answer.body)}")
            content = b"" if method == "HEAD" else answer.body
            connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + content)

    with servers.raw(talk) as url:
        yield url
