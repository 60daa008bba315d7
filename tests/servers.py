"""Small servers on loopback, each with one way of being difficult; and a plain CRUD API with knobs."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote

HTML = b"<!doctype html><html><title>Log in</title><form method=post></form></html>"


@dataclass
class Seen:
    """A request as it reached a server."""

    method: str
    path: str
    fields: list[tuple[str, str]]
    body: bytes

    def field(self, name: str) -> str | None:
        return next((value for key, value in self.fields if key.lower() == name.lower()), None)


@dataclass
class Answer:
    """What a server answers; fields in order, duplicates kept; an empty reason is the usual one."""

    status: int = 200
    body: bytes = b""
    fields: list[tuple[str, str]] = field(default_factory=list)
    reason: str = ""


Respond = Callable[[Seen], "Answer | None"]


@dataclass
class Server:
    """A server that runs: its URL, and all that has reached it."""

    url: str
    seen: list[Seen]

    @property
    def methods(self) -> list[str]:
        return [seen.method for seen in self.seen]


@contextmanager
def http(
    respond: Respond, context: ssl.SSLContext | None = None, address: str = "127.0.0.1"
) -> Iterator[Server]:
    """Serve HTTP/1.1; where `respond` gives None, the connection is closed without an answer."""
    seen: list[Seen] = []
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):
                return self._serve
            raise AttributeError(name)

        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            one = Seen(self.command, self.path, list(self.headers.items()), self.rfile.read(length))
            with lock:
                seen.append(one)
                answer = respond(one)
            if answer is None:
                self.close_connection = True
                return
            self.send_response_only(answer.status, answer.reason or None)
            for name, value in answer.fields:
                self.send_header(name, value)
            if answer.status not in (204, 304):
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        def log_message(self, *given: Any) -> None:
            pass

        def handle(self) -> None:
            # A client that goes away is none of a test's business.
            with contextlib.suppress(OSError):
                super().handle()

    class Threads(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False
        request_queue_size = 64

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass

    server = Threads((address, 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    scheme = "http" if context is None else "https"
    host = address if context is None else "localhost"
    try:
        yield Server(f"{scheme}://{host}:{server.server_port}", seen)
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def raw(talk: Callable[[socket.socket, threading.Event], None]) -> Iterator[str]:
    """Accept connections and let `talk` do what it likes with each, until the event is set."""
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)

    def one(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            talk(connection, over)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=one, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def hangs(connection: socket.socket, over: threading.Event) -> None:
    over.wait()


def trickles(connection: socket.socket, over: threading.Event) -> None:
    """A header block that goes on for ever, an octet at a time, each in good time."""
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while not over.wait(0.02):
        connection.sendall(b"x")


def closes(connection: socket.socket, over: threading.Event) -> None:
    connection.recv(65536)


def halves(connection: socket.socket, over: threading.Event) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it")


def babbles(connection: socket.socket, over: threading.Event) -> None:
    connection.recv(65536)
    connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n" * 4)


def sends(octets: bytes) -> Callable[[socket.socket, threading.Event], None]:
    """Answers every request with these octets, then closes."""

    def talk(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(65536)
        connection.sendall(octets)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(65536)

    return talk


def floods(connection: socket.socket, over: threading.Event) -> None:
    """100 MB of content."""
    connection.recv(65536)
    piece = b"x" * 1_000_000
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
    for _ in range(100):
        connection.sendall(piece)


def always(
    status: int = 200, body: bytes = b"", media: str = "application/json", *more: tuple[str, str]
) -> Respond:
    """The same answer to everything."""
    fields = [("Content-Type", media), *more] if media else list(more)
    return lambda seen: Answer(status, body, fields)


@dataclass
class Crud:
    """A JSON API over one collection, /things, in memory, without an OpenAPI document.

    Attributes:
        dies_after: requests after which connections are closed without an answer.
        lists: whether GET /things is served.
        deletes: whether DELETE is served.
        throttles: requests, counted from the first, that are refused with 429.
        retry_after: the value of Retry-After in those refusals.
        echoes: whether every answer shows the request's fields in content, header, cookie, link and Location.
        on_request: told of every request before it is answered.
    """

    dies_after: int | None = None
    lists: bool = True
    deletes: bool = True
    throttles: int = 0
    retry_after: str | None = None
    echoes: bool = False
    needs_match: bool = False
    on_request: Callable[[Seen], None] | None = None
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    made: int = 0
    count: int = 0
    refused: int = 0

    def __call__(self, seen: Seen) -> Answer | None:
        self.count += 1
        if self.on_request is not None:
            self.on_request(seen)
        if self.dies_after is not None and self.count > self.dies_after:
            return None
        if self.refused < self.throttles:
            self.refused += 1
            fields = [] if self.retry_after is None else [("Retry-After", self.retry_after)]
            return Answer(429, b"{}", [("Content-Type", "application/json"), *fields])
        status, value, fields = self._answer(seen)
        if self.echoes:
            shown = {**dict(seen.fields), "at": seen.path}
            told_back = seen.field("authorization") or "none"
            fields = [
                *fields,
                ("X-Echo", told_back),
                ("Set-Cookie", f"session={told_back}; Path=/"),
                ("Link", f'</items?token={quote(told_back)}>; rel="help"'),
            ]
            if status == 201:
                fields = [
                    (name, f"{text}?by={seen.field('authorization')}" if name == "Location" else text)
                    for name, text in fields
                ]
            value = {**value, "seen": shown} if isinstance(value, dict) else value
        body = b"" if value is None else json.dumps(value).encode()
        if value is not None:
            fields = [("Content-Type", "application/json"), *fields]
        return Answer(status, body, fields)

    def _answer(self, seen: Seen) -> tuple[int, Any, list[tuple[str, str]]]:
        path = seen.path.partition("?")[0].rstrip("/")
        method = "GET" if seen.method == "HEAD" else seen.method
        if path == "":
            return 200, {"things": "/things"}, []
        if path == "/things":
            return self._collection(method, seen)
        id = path.removeprefix("/things/")
        item = self.items.get(id) if path.startswith("/things/") else None
        if item is None:
            return 404, {"error": "not found"}, []
        tag = f'"{hash(json.dumps(item)) & 0xFFFF}"'
        if self.needs_match and method in ("PUT", "DELETE") and seen.field("if-match") is None:
            return 428, {"error": "If-Match, please"}, []
        if method == "GET":
            return 200, item, [("ETag", tag)]
        if method == "PUT" and isinstance(sent := _json(seen.body), dict):
            self.items[id] = {**sent, "id": id}
            return 200, self.items[id], []
        if method == "DELETE" and self.deletes:
            del self.items[id]
            return 204, None, []
        return (
            405,
            {"error": "no"},
            [("Allow", "GET, HEAD, PUT, DELETE" if self.deletes else "GET, HEAD, PUT")],
        )

    def _collection(self, method: str, seen: Seen) -> tuple[int, Any, list[tuple[str, str]]]:
        if method == "GET" and self.lists:
            return 200, list(self.items.values()), []
        if method == "POST":
            sent = _json(seen.body)
            if not isinstance(sent, dict) or not isinstance(sent.get("name"), str):
                return 400, {"error": "a name is needed"}, []
            self.made += 1
            id = str(self.made)
            self.items[id] = {**sent, "id": id}
            return 201, self.items[id], [("Location", f"/things/{id}")]
        return 405, {"error": "no"}, [("Allow", "GET, HEAD, POST")]


PROFILE = """
openapi = false
[[resources]]
collection = "/things"
body = {name = "a thing of ours"}
change = "/name"
"""


def _json(octets: bytes) -> Any:
    try:
        return json.loads(octets)
    except ValueError:
        return None
