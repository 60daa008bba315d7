"""The embedded receiver: it records every delivery, and answers as the path of each receiver says."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

MOST_BYTES = 1024 * 1024
MOST_DELIVERIES = 1000
STEP = 0.2


class CannotListen(Exception):
    """The address of the receiver is taken, or is not this machine's."""


@dataclass(frozen=True)
class Answer:
    """How one delivery is answered.

    Attributes:
        status: None for no answer at all.
        resets: whether the connection is reset instead.
    """

    status: int | None
    fields: Mapping[str, str] = field(default_factory=dict)
    resets: bool = False


OK = Answer(204)


@dataclass(eq=False)
class Delivery:
    """One attempt that arrived.

    Attributes:
        at: when it had arrived, on the monotonic clock, in seconds.
        clock: the same, in seconds since the epoch.
        answer: how it was answered.
        ended: when the sender gave up waiting, on the monotonic clock; None while it has not.
    """

    at: float
    clock: float
    method: str
    headers: Headers
    content: bytes
    answer: Answer
    ended: float | None = None


@dataclass(eq=False)
class Endpoint:
    """One receiver.

    Attributes:
        name: what it is for.
        path: of its URL.
        script: answers to the attempts of each event in order; the last one again for all further.
    """

    name: str
    path: str
    script: tuple[Answer, ...] = (OK,)
    deliveries: list[Delivery] = field(default_factory=list)


class Receiver:
    """An ASGI application with one path for each endpoint.

    Args:
        whole: whether whatever arrives belongs to the endpoint with the path `/`.
    """

    def __init__(self, *, whole: bool = False) -> None:
        self.endpoints: dict[str, Endpoint] = {}
        self.whole = whole
        self.url = ""
        self.changed = threading.Condition()
        self._closing = threading.Event()

    def add(self, endpoint: Endpoint) -> Endpoint:
        """Answer at one more path, or differently at one."""
        self.endpoints[endpoint.path] = endpoint
        return endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for event in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{event}.complete"})
            return
        answer, delivery = await self._taken(Request(scope, receive))
        if answer.status is None:
            await self._hold(receive, delivery)
            return
        fields = [(name.lower().encode(), value.encode()) for name, value in answer.fields.items()]
        fields.append((b"content-length", b"0"))
        # 204 has no content, and no field that says how much.
        sent = fields[:-1] if answer.status == 204 else fields
        await send({"type": "http.response.start", "status": answer.status, "headers": sent})
        await send({"type": "http.response.body", "body": b""})

    async def _taken(self, request: Request) -> tuple[Answer, Delivery | None]:
        content = b""
        with suppress(ClientDisconnect):
            async for part in request.stream():
                content = (content + part)[:MOST_BYTES]
        endpoint = self._of("/" if self.whole else request.url.path)
        if endpoint is None or len(endpoint.deliveries) >= MOST_DELIVERIES:
            return Answer(404), None
        with self.changed:
            # Each event has the script for itself: other clients of the API may cause events, too.
            earlier = sum(one.content == content for one in endpoint.deliveries)
            answer = endpoint.script[min(earlier, len(endpoint.script) - 1)]
            made = Delivery(time.monotonic(), time.time(), request.method, request.headers, content, answer)
            endpoint.deliveries.append(made)
            self.changed.notify_all()
        return answer, made

    def _of(self, path: str) -> Endpoint | None:
        """The endpoint of a path, or of one above it: a callback may add something to the URL that it was given."""
        while path and path not in self.endpoints:
            path = path.rpartition("/")[0]
        return self.endpoints.get(path)

    async def _hold(self, receive: Receive, delivery: Delivery | None) -> None:
        """Wait until the sender gives up, or the receiver ends."""
        waiting = asyncio.ensure_future(receive())
        while not (waiting.done() or self._closing.is_set()):
            await asyncio.wait([waiting], timeout=0.05)
        waiting.cancel()
        if delivery is not None and not self._closing.is_set():
            with self.changed:
                delivery.ended = time.monotonic()
                self.changed.notify_all()

    def wait(
        self, holds: Callable[[], bool], until: float, check: Callable[[], object] = lambda: None
    ) -> bool:
        """Whether a condition on the deliveries holds before an instant.

        Args:
            until: on the monotonic clock.
            check: called now and then; may raise.
        """
        with self.changed:
            while not holds():
                left = until - time.monotonic()
                if left <= 0:
                    return False
                check()
                self.changed.wait(min(left, STEP))
            return True

    def close(self) -> None:
        """Let go of those that wait for an answer."""
        self._closing.set()


@contextmanager
def receiving(
    listen: str, public: str | None, *, whole: bool = False, patience: float = 0.0
) -> Iterator[Receiver]:
    """A receiver that listens as long as the context lasts.

    Args:
        listen: HOST:PORT.
        public: URL at which the target reaches it; that of the address when None.
        patience: seconds to wait for a port that another worker of the run uses.

    Raises:
        CannotListen: it cannot listen there.
    """
    # Only a run that listens imports a server: that takes longer than all other rules of the suite.
    from harness.reference.server import StartupError, serve

    host, _, port = listen.rpartition(":")
    made = Receiver(whole=whole)
    until = time.monotonic() + patience
    while True:
        server = serve(made, int(port), host.strip("[]"))
        try:
            url = server.__enter__()
            break
        except StartupError as problem:
            if time.monotonic() >= until:
                raise CannotListen(str(problem)) from None
            time.sleep(STEP)
    try:
        made.url = public or url.removesuffix("/v1")
        yield made
    finally:
        made.close()
        server.__exit__(None, None, None)
