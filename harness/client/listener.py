"""A small HTTP server of the harness, for requests that a target sends by itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LOOPBACK = "127.0.0.1"


@dataclass
class Listener:
    """What the target can reach, and what it has requested.

    Attributes:
        url: of the server, without a path.
        seen: request lines, such as `GET /keys.json`.
    """

    url: str
    seen: list[str] = field(default_factory=list)


@contextmanager
def listening_at(pages: Mapping[str, bytes], address: str = LOOPBACK) -> Iterator[Listener]:
    """Serve some pages as long as the context lasts.

    Args:
        pages: content by path.
        address: of this machine, to listen at; the port is free.

    Raises:
        OSError: it cannot listen there.
    """
    made = Listener("")

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            made.seen.append(f"{self.command} {self.path}")
            content = pages.get(self.path.partition("?")[0])
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer((address, 0), Handler) as server:
        server.daemon_threads = True
        host = f"[{address}]" if ":" in address else address
        made.url = f"http://{host}:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()
