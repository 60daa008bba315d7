"""A gateway on raw sockets in front of the reference: for defects that a server library does not let one have."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from urllib.parse import urlsplit

from tests.matrix.proxy import TIMEOUT, _Handler, _head, _length, _Server
from tests.matrix.serving import served

CLOSE = b"connection: close"


class Rewriting:
    """What a gateway does to heads; a sound one does nothing.

    Attributes:
        patience: seconds for which it keeps an idle connection.
    """

    patience = TIMEOUT

    def request(self, head: bytes) -> bytes:
        """The request's head as it is passed on."""
        return head

    def response(self, request: bytes, head: bytes, content: bytes) -> tuple[bytes, bytes]:
        """The response's head and content as they are passed back."""
        return head, content

    def goes_on(self, request: bytes, head: bytes) -> bool:
        """Whether the connection to the client goes on after a response."""
        return CLOSE not in head.lower()


class _Gateway(_Server):
    rewriting: Rewriting


class _Passing(_Handler):
    server: _Gateway

    def exchange(self, stream: socket.socket, answers: BufferedIOBase) -> bool:
        head = _head(self.rfile)
        if not head:
            return False
        rewriting = self.server.rewriting
        self.connection.settimeout(rewriting.patience)
        stream.sendall(rewriting.request(head) + self.rfile.read(_length(head)))
        answer = _head(answers)
        if not answer:
            return False
        shown = b"content-length:" in answer.lower()
        if head.startswith(b"HEAD "):
            content = b""
        else:
            content = (
                answers.read() if not shown and CLOSE in answer.lower() else answers.read(_length(answer))
            )
        self.wfile.write(b"".join(rewriting.response(head, answer, content)))
        return rewriting.goes_on(head, answer)


@contextmanager
def gateway(rewriting: type[Rewriting]) -> Iterator[str]:
    """The base URL of a gateway in front of a sound reference API."""
    with served({}) as url, _Gateway(("127.0.0.1", 0), _Passing) as server:
        behind = urlsplit(url)
        server.upstream = (behind.hostname or "", behind.port or 80)
        server.rewriting = rewriting()
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}{behind.path}"
        finally:
            server.shutdown()
            thread.join(timeout=TIMEOUT)
