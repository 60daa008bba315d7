"""A receiver that resets the connection of a first attempt instead of answering it; it answers the next one."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from starlette.datastructures import Headers

from .receiver import MOST_BYTES, MOST_DELIVERIES, Delivery, Endpoint, Receiver

TIMEOUT = 10.0


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    endpoint: Endpoint
    receiver: Receiver

    def shutdown_request(self, request: Any) -> None:
        """Close at once: the end of a stream before the reset would be an orderly end."""
        self.close_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever sends nothing that can be read is no sender of webhooks."""


class _Attempt(BaseHTTPRequestHandler):
    server: _Listener
    timeout = TIMEOUT

    def do_POST(self) -> None:
        content, at = self._content(), time.monotonic()
        endpoint, receiver = self.server.endpoint, self.server.receiver
        with receiver.changed:
            if len(endpoint.deliveries) >= MOST_DELIVERIES:
                return
            earlier = sum(one.content == content for one in endpoint.deliveries)
            answer = endpoint.script[min(earlier, len(endpoint.script) - 1)]
            headers = Headers(dict(self.headers.items()))
            ended = at if answer.resets else None
            made = Delivery(at, time.time(), self.command, headers, content, answer, ended)
            endpoint.deliveries.append(made)
            receiver.changed.notify_all()
        if answer.resets:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return
        self.send_response(answer.status or 204)
        self.end_headers()

    do_PUT = do_POST  # noqa: N815 (the name is that of the base class)

    def _content(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
            length = self.headers.get("Content-Length", "0")
            return self.rfile.read(min(int(length), MOST_BYTES)) if length.isdigit() else b""
        content = b""
        while size := int(self.rfile.readline(100).partition(b";")[0], 16):
            content += self.rfile.read(min(size, MOST_BYTES))
            self.rfile.readline(100)
            if len(content) >= MOST_BYTES:
                break
        return content

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


@contextmanager
def resetting(receiver: Receiver, endpoint: Endpoint, address: str) -> Iterator[str]:
    """The URL of a receiver at a free port of an address, which lasts as long as the context.

    Args:
        receiver: told of each delivery.
        endpoint: takes the deliveries, and has the script.
        address: of this machine.

    Raises:
        OSError: it cannot listen there.
    """
    kind = (
        type("_Listener6", (_Listener,), {"address_family": socket.AF_INET6}) if ":" in address else _Listener
    )
    with kind((address, 0), _Attempt) as server:
        server.endpoint, server.receiver = endpoint, receiver
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        host = f"[{address}]" if ":" in address else address
        try:
            yield f"http://{host}:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join(TIMEOUT)
