"""Servers with a check-then-act gap, which note when each request reached them: threads, uvicorn, hypercorn.

`POST /claim/ROUND/MICROSECONDS` checks whether the round is taken, waits so long, and takes it; whoever passed
the check gets 201, others 409. `GET /results` gives, for each round, when its requests arrived and how many passed.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import socket
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

ARRIVALS: dict[str, list[float]] = defaultdict(list)
PASSED: dict[str, int] = defaultdict(int)
TAKEN: set[str] = set()


def results() -> bytes:
    return json.dumps({name: [PASSED[name], stamps] for name, stamps in ARRIVALS.items()}).encode()


# -- threads: one for each connection, as most servers in most languages have it --------------------------------


def threaded() -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    print(listener.getsockname()[1], flush=True)
    while True:
        stream, _ = listener.accept()
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=connection, args=(stream,), daemon=True).start()


def connection(stream: socket.socket) -> None:
    precise_sleep()
    octets = b""
    while part := stream.recv(65_536):
        octets += part
        while b"\r\n\r\n" in octets:
            head, _, rest = octets.partition(b"\r\n\r\n")
            low = head.lower()
            size = int(low.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
            if len(rest) < size:
                break
            arrived = time.monotonic()
            octets = rest[size:]
            path = head.split(b" ", 2)[1].decode()
            stream.sendall(answer(path, arrived))
    stream.close()


def precise_sleep() -> None:
    """Linux rounds a thread's sleeps up by 50 us unless told otherwise (prctl PR_SET_TIMERSLACK)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(29, 1, 0, 0, 0)


def answer(path: str, arrived: float) -> bytes:
    status, content = 200, b"{}"
    if path == "/results":
        content = results()
    elif path.startswith("/claim/"):
        _, _, name, window = path.split("/")
        ARRIVALS[name].append(arrived)
        status = 409
        if name not in TAKEN:
            time.sleep(int(window) / 1e6)
            TAKEN.add(name)
            PASSED[name] += 1
            status = 201
    return b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
        status,
        len(content),
        content,
    )


# -- ASGI: one thread for all, the gap is an await ---------------------------------------------------------------


async def app(scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[..., Any]) -> None:
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    arrived = time.monotonic()
    path, status, content = scope["path"], 200, b"{}"
    if path == "/results":
        content = results()
    elif path.startswith("/claim/"):
        _, _, name, window = path.split("/")
        ARRIVALS[name].append(arrived)
        status = 409
        if name not in TAKEN:
            until = time.monotonic() + int(window) / 1e6
            # asyncio rounds a sleep up to a millisecond; giving way to others is what matters.
            while time.monotonic() < until:
                await asyncio.sleep(0)
            TAKEN.add(name)
            PASSED[name] += 1
            status = 201
    fields = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": content})


def uvicorn() -> None:
    import uvicorn

    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(app, log_level="error", lifespan="off", timeout_keep_alive=60)
    uvicorn.Server(config).run(sockets=[listener])


def hypercorn(certificate: str) -> None:
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.certfile = config.keyfile = certificate
    config.loglevel = "error"
    config.keep_alive_max_requests = 10**9
    print(listener.getsockname()[1], flush=True)
    asyncio.run(serve(app, config))  # type: ignore[arg-type]


@contextmanager
def serving(kind: str, certificate: str = "") -> Iterator[str]:
    """Start a server; its base URL."""
    process = subprocess.Popen(
        [sys.executable, __file__, kind, certificate], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        yield f"https://localhost:{port}" if certificate else f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    if sys.argv[1] == "hypercorn":
        hypercorn(sys.argv[2])
    else:
        {"threads": threaded, "uvicorn": uvicorn}[sys.argv[1]]()
