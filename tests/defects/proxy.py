"""A small proxy on raw sockets, for a defect that server libraries do not let an application have."""

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
    closing: bool


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
    behind = urlsplit(url)
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.upstream = (behind.hostname or "", behind.port or 80)
        server.closing = closing
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}{behind.path}"
        finally:
            server.shutdown()
            thread.join(timeout=TIMEOUT)
