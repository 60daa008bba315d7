"""A small proxy on raw sockets, for defects that server libraries do not let an application have."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from urllib.parse import urlsplit

TIMEOUT = 10.0


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    upstream: tuple[str, int]
    closing = True


class _Handler(socketserver.StreamRequestHandler):
    """Forwards one request after the other, with HEAD turned into GET."""

    timeout = TIMEOUT
    disable_nagle_algorithm = True
    server: _Server

    def handle(self) -> None:
        try:
            with socket.create_connection(self.server.upstream, TIMEOUT) as stream:
                stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with stream.makefile("rb") as answers:
                    while self.exchange(stream, answers):
                        pass
        except OSError:
            return

    def exchange(self, stream: socket.socket, answers: BufferedIOBase) -> bool:
        """Pass on a request and its response; whether the connection goes on."""
        head = _head(self.rfile)
        if not head:
            return False
        asked = head.startswith(b"HEAD ")
        stream.sendall((b"GET " + head[5:] if asked else head) + self.rfile.read(_length(head)))
        answer = _head(answers)
        if not answer:
            return False
        content = answers.read(_length(answer))
        if asked and self.server.closing:
            self.wfile.write(answer.replace(b"\r\n", b"\r\nConnection: close\r\n", 1) + content)
            return False
        self.wfile.write(answer + content)
        return True


class _NotModified(_Handler):
    """Forwards one request after the other, and adds content to each 304."""

    content = b'{"status":304}'

    def exchange(self, stream: socket.socket, answers: BufferedIOBase) -> bool:
        head = _head(self.rfile)
        if not head:
            return False
        stream.sendall(head + self.rfile.read(_length(head)))
        answer = _head(answers)
        if not answer:
            return False
        if answer.startswith(b"HTTP/1.1 304 "):
            self.wfile.write(answer.replace(b"\r\n", b"\r\nConnection: close\r\n", 1) + self.content)
            return False
        without = head.startswith(b"HEAD ") or answer.startswith(b"HTTP/1.1 204 ")
        self.wfile.write(answer + (b"" if without else answers.read(_length(answer))))
        return True


def _head(source: BufferedIOBase) -> bytes:
    """A header block with the empty line that ends it; nothing where the connection ended before."""
    lines = b""
    while not lines.endswith(b"\r\n\r\n"):
        line = source.readline(65_536)
        if not line:
            return b""
        lines += line
    return lines


def _length(head: bytes) -> int:
    """Octets of content: both sides are known to send Content-Length with any that there is."""
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


@contextmanager
def answering_head_with_content(url: str, *, closing: bool) -> Iterator[str]:
    """The URL of a server that answers HEAD with the content of GET, and all else as another one does.

    Args:
        url: base URL of the other one.
        closing: whether the connection ends after that content.
    """
    with _between(url, _Handler, closing=closing) as outside:
        yield outside


@contextmanager
def answering_304_with_content(url: str) -> Iterator[str]:
    """The URL of a server that sends content with each 304, and does all else as another one does."""
    with _between(url, _NotModified) as outside:
        yield outside


@contextmanager
def _between(url: str, handler: type[_Handler], *, closing: bool = True) -> Iterator[str]:
    behind = urlsplit(url)
    with _Server(("127.0.0.1", 0), handler) as server:
        server.upstream = (behind.hostname or "", behind.port or 80)
        server.closing = closing
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}{behind.path}"
        finally:
            server.shutdown()
            thread.join(timeout=TIMEOUT)
