"""The API on a real socket."""

from __future__ import annotations

import asyncio
import socket
import ssl
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from harness.reference.application import build
from harness.reference.authenticator import ALICE
from harness.reference.policies import Policies


class StartupError(RuntimeError):
    """The server could not start."""


class Server(uvicorn.Server):
    """A uvicorn server that signals when it has started, or that it failed to, and that stops when it is asked to."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.settled = threading.Event()
        self._asked = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then wake who waits."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        self.settled.set()

    async def main_loop(self) -> None:
        """Serve until `stop()`; uvicorn itself would look for that ten times a second."""
        if not await self.on_tick(0):
            await self._asked.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop as uvicorn does: at once where no connection is open, and not after a tenth of a second."""
        if self.server_state.connections or self.server_state.tasks:
            await super().shutdown(sockets)
            return
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        await self.lifespan.shutdown()

    def stop(self) -> None:
        """Ask the server to stop; from any thread."""
        self.should_exit = True
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has been closed: the server is down
                self._loop.call_soon_threadsafe(self._asked.set)


@contextmanager
def serve(
    app: ASGIApp,
    port: int = 0,
    host: str = "127.0.0.1",
    tls: ssl.SSLContext | None = None,
    ws: Any = "wsproto",
) -> Iterator[str]:
    """The base URL of the application, served by a thread as long as the context lasts.

    Args:
        tls: settings of the server, with its certificate, which is for `localhost`; None for no TLS.
        ws: uvicorn's implementation of WebSocket.
    """
    reasons: list[str] = []

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        async def watch(message: Message) -> None:
            if message["type"] == "lifespan.startup.failed":
                reasons.append(message.get("message", ""))
            await send(message)

        await app(scope, receive, watch if scope["type"] == "lifespan" else send)

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Inherited by each connection: without it Nagle's algorithm delays each response by 40 ms.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise StartupError(f"cannot listen on {host} port {port}: {error.strerror}") from error
        # h11 passes every method token on, so that the API can answer 501; Date must not lag behind
        # Last-Modified (RFC 9110 section 8.8.2.1), so the API sends its own.
        config = uvicorn.Config(
            watched,
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            date_header=False,
            lifespan="on",
            http="h11",
            # The API itself answers long requests. By default h11 answers 400, and only where one of more than
            # 16 KiB arrives in pieces, which is chance.
            h11_max_incomplete_event_size=256 * 1024,
            ws=ws,
            loop="asyncio",
            timeout_graceful_shutdown=1,
        )
        config.load()
        config.ssl = tls
        server = Server(config)

        def run() -> None:
            try:
                server.run(sockets=[listener])
            except BaseException as error:
                reasons.append(str(error) or type(error).__name__)
            finally:
                server.settled.set()

        thread = threading.Thread(target=run, name="reference-api", daemon=True)
        thread.start()
        try:
            server.settled.wait()
            if not server.started:
                raise StartupError(
                    "the application did not start: " + "; ".join(reasons or ["no reason given"])
                )
            address = f"[{host}]" if family == socket.AF_INET6 else host
            if tls is not None:
                address = "localhost"
            scheme = "http" if tls is None else "https"
            yield f"{scheme}://{address}:{listener.getsockname()[1]}/v1"
        finally:
            server.stop()
            thread.join(timeout=10)


@contextmanager
def demo(port: int = 0, policies: Policies | None = None) -> Iterator[tuple[str, str]]:
    """The API over a database that is removed afterwards: base URL and a bearer token.

    Args:
        policies: of the API; conformant ones when omitted.
    """
    with (
        tempfile.TemporaryDirectory(prefix="rest-conformance-", ignore_cleanup_errors=True) as folder,
        serve(build(policies, Path(folder) / "demo.db"), port) as url,
    ):
        yield url, ALICE
