"""Slow and half-open clients: connections on which a request never ends, a byte a second.

Nothing they send can have an effect: the header section of a GET stays open, and so does the content of a create, which
begins with `{` and goes on with spaces, so that what has arrived of it is never JSON.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import httpx

from harness.client.client import Client
from harness.client.transport import ssl_context

PACE = 1.0
"""Seconds from one byte to the next."""
LENGTH = 4096
"""Bytes of content that are announced: more than an hour of it."""
OPENING = 5.0
"""Seconds in which a connection must be opened."""
HEAD, BODY = "header section", "content"


@dataclass(frozen=True)
class SlowPlan:
    """Slow clients.

    Attributes:
        credential: name of theirs.
        read: absolute URL of the GET whose header section never ends.
        create: absolute URL of the create whose content never ends; None where there is none.
        media_type: of that content.
        number: of connections, of which each second one has slow content.
        start, end: seconds after the beginning, between which they are there.
    """

    credential: str
    read: str
    create: str | None
    media_type: str
    number: int
    start: float
    end: float

    def kind(self, place: int) -> str:
        """What is slow on a connection, of which the first is 0."""
        return BODY if self.create is not None and place % 2 == 0 else HEAD


@dataclass(frozen=True)
class SlowSample:
    """One slow connection; seconds after its beginning.

    Attributes:
        kind: what was slow, the header section or the content.
        opened: whether the connection was opened.
        status: of a response; None without one.
        ended: when the target answered, or closed the connection; None where it was open until the end.
        error: why the connection was not opened, or how it ended.
        exchange: id of the exchange that was recorded of it; empty for most.
    """

    kind: str
    opened: bool = False
    status: int | None = None
    ended: float | None = None
    error: str = ""
    exchange: str = ""

    @property
    def outcome(self) -> str:
        """`open until the end`, `408 after 10 s`."""
        if not self.opened:
            return f"not opened ({self.error})"
        if self.ended is None:
            return "open until the end"
        return str(self.status) if self.status is not None else "closed"


class SlowClients:
    """Sends nothing but beginnings of requests.

    Args:
        client: whose recorder admits and records them.

    Attributes:
        requests: how many are taken from the budget.
        samples: what came of each, once they are over.
    """

    def __init__(self, client: Client, plan: SlowPlan) -> None:
        self.plan, self.requests = plan, plan.number
        self.samples: list[SlowSample] = []
        self._client = client
        self._heads = {HEAD: self._head("GET", plan.read, {})}
        if plan.create is not None:
            fields = {"Content-Type": plan.media_type, "Content-Length": str(LENGTH)}
            self._heads[BODY] = self._head("POST", plan.create, fields)
        self._raw: dict[str, tuple[bytes, float, float]] = {}

    def _head(self, method: str, url: str, fields: dict[str, str]) -> httpx.Request:
        recorder = self._client.recorder
        recorder.admit(method, httpx.URL(url))
        carried = recorder.wallet.carried(self.plan.credential)
        request = self._client.session.build_request(
            method,
            url,
            headers={"Accept": self._client.accept, **carried.fields, **fields},
            extensions={"conformance": {"credential": self.plan.credential}},
        )
        recorder.sign(request, carried)
        return request

    async def run(self, now: Callable[[], float]) -> None:
        """Open the connections at their time, and hold them until the end.

        Args:
            now: seconds after the beginning of the load.
        """
        slow: list[asyncio.Task[SlowSample]] = []
        try:
            await asyncio.sleep(max(0.0, self.plan.start - now()))
            ends = time.monotonic() + self.plan.end - now()
            slow += [
                asyncio.create_task(self._hold(self.plan.kind(n), ends)) for n in range(self.plan.number)
            ]
            self.samples = list(await asyncio.gather(*slow))
        except asyncio.CancelledError:
            # The stop rule, perhaps before one of them was opened: what was seen until now counts.
            await asyncio.gather(*slow, return_exceptions=True)
            self.samples = [task.result() for task in slow if not task.cancelled() and not task.exception()]
        finally:
            for task in slow:
                task.cancel()

    async def _hold(self, kind: str, ends: float) -> SlowSample:
        """One connection, until its end or that of all."""
        started, sample, received = time.monotonic(), SlowSample(kind), b""
        try:
            async with asyncio.timeout(OPENING):
                reader, writer = await self._open(kind)
        except (OSError, TimeoutError) as problem:
            return replace(sample, error=str(problem) or f"no connection within {OPENING:g} s")
        sample = replace(sample, opened=True)
        trickle = asyncio.create_task(self._trickle(kind, writer))
        try:
            async with asyncio.timeout(max(0.0, ends - time.monotonic())):
                received = await reader.read(65_536)
            sample = replace(sample, ended=time.monotonic() - started, status=status_in(received))
        except TimeoutError:
            pass
        except OSError as problem:
            sample = replace(sample, ended=time.monotonic() - started, error=str(problem))
        except asyncio.CancelledError:
            # The stop rule ends it: it was open until then.
            pass
        finally:
            trickle.cancel()
            writer.transport.abort()
            self._raw.setdefault(f"{kind} {sample.outcome}", (received, started, time.monotonic()))
        return sample

    async def _open(self, kind: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        url, target = self._heads[kind].url, self._client.target
        tls: dict[str, Any] = {}
        if url.scheme == "https":
            certificate = self._client.recorder.wallet.certificate(self.plan.credential)
            context = ssl_context(target.insecure, certificate, target.authority)
            tls = {"ssl": context, "server_hostname": url.host}
        return await asyncio.open_connection(url.host, url.port or (443 if tls else 80), **tls)

    async def _trickle(self, kind: str, writer: asyncio.StreamWriter) -> None:
        """Send the beginning, and then a byte a second."""
        begun = beginning(self._heads[kind], whole=kind == BODY)
        with contextlib.suppress(OSError):
            writer.write(begun + (b"{" if kind == BODY else b"X-Slow: "))
            while True:
                await writer.drain()
                await asyncio.sleep(PACE)
                writer.write(b" " if kind == BODY else b"a")

    def record(self) -> None:
        """Record an exchange for each kind of outcome."""
        for name, (received, started, ended) in self._raw.items():
            kind = next(one for one in self._heads if name.startswith(one))
            request = self._heads[kind]
            fields = [(key.decode("latin-1"), value.decode("latin-1")) for key, value in request.headers.raw]
            head = received.partition(b"\r\n\r\n")[0] if status_in(received) is not None else b""
            exchange = self._client.recorder.log.record_raw(
                request.method, str(request.url), fields, head, started, ended, self.plan.credential
            )
            place = next(
                (n for n, one in enumerate(self.samples) if f"{one.kind} {one.outcome}" == name), None
            )
            if place is not None:
                self.samples[place] = replace(self.samples[place], exchange=exchange.id)


def beginning(request: httpx.Request, *, whole: bool) -> bytes:
    """The header section of a request over HTTP/1.1 (RFC 9112 section 2.1). Pure.

    Args:
        whole: whether it ends; the next bytes are content then, and another field else.
    """
    lines = [f"{request.method} ".encode() + request.url.raw_path + b" HTTP/1.1"]
    lines += [name + b": " + value for name, value in request.headers.raw]
    return b"\r\n".join(lines) + b"\r\n" + (b"\r\n" if whole else b"")


def status_in(received: bytes) -> int | None:
    """The status in the beginning of a response; None where there is no response (RFC 9112 section 4). Pure."""
    words = received[:20].split(b" ")
    if not received.startswith(b"HTTP/1.") or len(words) < 2 or not words[1][:3].isdigit():
        return None
    return int(words[1][:3])
