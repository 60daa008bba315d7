"""Events as they happen: an event stream with Last-Event-ID, long polling, and a WebSocket, over one log."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.types import Receive, Scope, Send

from harness.reference.call import Call, Document, Reply
from harness.reference.errors import Problem
from harness.reference.reader import JSON
from harness.reference.routing import Route, route

if TYPE_CHECKING:
    from harness.reference.application import Api

EVENT_STREAM = "text/event-stream"
CAUSES = {("POST", 201): "created", ("PUT", 200): "changed", ("PATCH", 200): "changed"}
SOCKET = "/v1/socket"


@dataclass(frozen=True)
class Entry:
    """An event in the log."""

    number: int
    owner: str
    topic: str
    kind: str
    data: Document


class StreamReply(Reply):
    """A reply whose content is made as it goes on."""

    def __init__(self, pieces: Callable[[], AsyncIterator[bytes]], fields: dict[str, str]) -> None:
        super().__init__(200, b"", fields)
        self.pieces = pieces

    async def send(self, head: bool, receive: Receive, send: Send) -> None:
        """Send it until the client leaves."""
        del self.fields["Content-Length"]
        await send({"type": "http.response.start", "status": self.status, "headers": self.fields.raw})
        if head:
            await send({"type": "http.response.body"})
            return

        async def content() -> None:
            async for piece in self.pieces():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body"})

        writing = asyncio.create_task(content())
        leaving = asyncio.create_task(_left(receive))
        await asyncio.wait({writing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        for task in (writing, leaving):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _left(receive: Receive) -> None:
    while (await receive())["type"] not in ("http.disconnect", "websocket.disconnect"):
        pass


class Realtime:
    """The log, and three ways to follow it; every decision may be replaced."""

    heartbeat = 0.15
    """Seconds of silence after which a comment is sent. Real ones are 15."""
    hold = 0.5
    """Seconds for which a poll waits for an event. Real ones are 30 or more."""

    def __init__(self) -> None:
        self.log: deque[Entry] = deque(maxlen=1000)
        self.number = 0
        self._changed = threading.Condition()
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    def routes(self) -> list[Route]:
        """Their paths."""
        return [
            route("/v1/events", _Get(self.stream), ["GET"], offers=(EVENT_STREAM,)),
            route("/v1/updates", _Get(self.poll), ["GET"]),
            Route(route("/v1/announcements", self, []).pattern, {"POST": self.announce}),
        ]

    # -- the log ---------------------------------------------------------------------------------------

    def answered(self, call: Call, reply: Reply) -> None:
        """Publish the event that a successful request caused."""
        if not hasattr(call, "resource") or call.resource.name != "documents" or "action" in call.parameters:
            return
        what = CAUSES.get((call.method, reply.status))
        if what is not None:
            id = call.parameters.get("id") or reply.fields.get("location", "").rpartition("/")[2]
            self.documents(call, what, id, reply)

    def documents(self, call: Call, what: str, id: str, reply: Reply) -> None:
        """Publish that a document was created or changed, with what it is now."""
        try:
            shown = json.loads(reply.body)
        except ValueError:
            shown = None
        self.publish(call.principal.name, "documents", f"document.{what}", {"id": id, "document": shown})

    def publish(self, owner: str, topic: str, kind: str, data: Document) -> None:
        """Add to the log, and wake who waits."""
        with self._changed:
            self.number += 1
            self.log.append(Entry(self.number, owner, topic, kind, data))
            self._changed.notify_all()
            waiting = list(self._waiting)
        for loop, event in waiting:
            with suppress(RuntimeError):  # the loop has been closed
                loop.call_soon_threadsafe(event.set)

    def since(self, owner: str, topic: str, number: int) -> list[Entry]:
        """What was published after an entry, of what a client may see."""
        with self._changed:
            return [
                one
                for one in self.log
                if one.number > number and one.topic == topic and self.sees(owner, one)
            ]

    def sees(self, owner: str, entry: Entry) -> bool:
        """Whether a client may see an event: those of its own items."""
        return entry.owner == owner

    async def follow(self, owner: str, topic: str, number: int, idle: float) -> AsyncIterator[Entry | None]:
        """The events after an entry, for ever; None after each silence of some seconds."""
        awake = asyncio.Event()
        mine = (asyncio.get_running_loop(), awake)
        with self._changed:
            self._waiting.add(mine)
        try:
            while True:
                awake.clear()
                for entry in self.since(owner, topic, number):
                    number = entry.number
                    yield entry
                try:
                    await asyncio.wait_for(awake.wait(), idle)
                except TimeoutError:
                    yield None
        finally:
            with self._changed:
                self._waiting.discard(mine)

    # -- the event stream ------------------------------------------------------------------------------

    def stream(self, call: Call) -> Reply:
        """200 text/event-stream, from Last-Event-ID, or from now."""
        start = self.resumed(call)
        fields = {"Content-Type": EVENT_STREAM, "Cache-Control": "no-store"}
        return StreamReply(lambda: self.frames(call.principal.name, start), fields)

    def resumed(self, call: Call) -> int:
        """After which entry a stream begins: all that is kept follows an id that the log never had."""
        last = call.headers.get("last-event-id")
        if last is None:
            return self.number
        return int(last) if last.isascii() and last.isdigit() and len(last) < 19 else 0

    async def frames(self, owner: str, start: int) -> AsyncIterator[bytes]:
        """The stream, piece by piece."""
        yield b"retry: 1000\n\n"
        async for entry in self.follow(owner, "documents", start, self.heartbeat):
            piece = self.comment() if entry is None else self.frame(entry)
            if piece:
                yield piece

    def comment(self) -> bytes:
        """What is sent in place of an event, so that nobody on the way ends an idle connection."""
        return b": \n\n"

    def frame(self, entry: Entry) -> bytes:
        """An event on the wire."""
        return f"id: {entry.number}\nevent: {entry.kind}\ndata: {self.data(entry)}\n\n".encode()

    def data(self, entry: Entry) -> str:
        """What is sent of an event."""
        return json.dumps({"type": entry.kind, **entry.data}, ensure_ascii=False)

    # -- long polling ----------------------------------------------------------------------------------

    def announce(self, call: Call) -> Reply:
        """Publish an announcement: 202."""
        _, sent = call.policies.reader.read(call, JSON)
        text = sent.get("text") if isinstance(sent, dict) else None
        if not isinstance(text, str):
            failures = [call.policies.validator.failure(["text"], "required", "is required")]
            call.policies.validator.refuse(call, failures)
        self.publish(call.principal.name, "announcements", "announcement", {"text": text})
        reply = call.policies.representation.reply(call, 202, {"text": text})
        reply.fields["Cache-Control"] = "no-store"
        return reply

    def poll(self, call: Call) -> Reply:
        """What was announced after `since`; waits for something."""
        since = call.query.get("since", "")
        start = int(since) if since.isascii() and since.isdigit() and len(since) < 19 else self.number
        found = self.held(call.principal.name, start)
        shown = [{"number": one.number, **one.data} for one in found]
        after = self.after(start, found)
        reply = call.policies.representation.reply(call, 200, {"events": shown, "next": str(after)})
        reply.fields["Cache-Control"] = "no-store"
        return reply

    def held(self, owner: str, start: int) -> list[Entry]:
        """What a poll is answered, as soon as there is something or the time is over."""
        until = time.monotonic() + self.hold
        while True:
            found = self.since(owner, "announcements", start)
            left = until - time.monotonic()
            if found or left <= 0:
                return found
            with self._changed:
                if not self.since(owner, "announcements", start):
                    self._changed.wait(left)

    def after(self, start: int, found: list[Entry]) -> int:
        """Where the next poll continues."""
        return found[-1].number if found else start

    # -- WebSocket -------------------------------------------------------------------------------------

    async def socket(self, api: Api, scope: Scope, receive: Receive, send: Send) -> None:
        """A WebSocket that says what is announced."""
        await receive()
        call = await api.receive({**scope, "method": "GET"}, _nothing)
        try:
            owner = await asyncio.to_thread(self.admitted, call)
        except Problem as problem:
            reply = api.policies.wire.finish(call, api.policies.problems.render(call, problem))
            start = {
                "type": "websocket.http.response.start",
                "status": reply.status,
                "headers": reply.fields.raw,
            }
            await send(start)
            await send({"type": "websocket.http.response.body", "body": reply.body})
            return
        await send(self.acceptance(scope))
        talking = asyncio.create_task(self.talk(owner, send))
        await _left(receive)
        talking.cancel()
        with suppress(asyncio.CancelledError):
            await talking

    def admitted(self, call: Call) -> str:
        """The name of who connects, or 401, or 403 where a page of a foreign origin uses the client's cookie."""
        if call.path != SOCKET:
            raise Problem("not_found", "No resource has this path.")
        name = call.policies.authenticator.authenticate(call).name
        origin = call.headers.get("origin")
        own = call.origin.replace("ws", "http", 1)
        cookie = call.policies.authenticator.token(call) is None and "x-api-key" not in call.headers
        if cookie and origin not in (None, own) and not call.policies.cors.allows(str(origin)):
            raise Problem("forbidden", "A session cookie is not accepted from that origin.")
        return name

    def acceptance(self, scope: Scope) -> dict[str, Any]:
        """What accepts a connection: without a subprotocol, since there is none."""
        return {"type": "websocket.accept"}

    async def talk(self, owner: str, send: Send) -> None:
        """Send what is announced."""
        async for entry in self.follow(owner, "announcements", self.number, 3600):
            if entry is not None:
                await send({"type": "websocket.send", "text": self.data(entry)})


class _Get:
    """An endpoint with GET alone."""

    def __init__(self, get: Callable[[Call], Reply]) -> None:
        self.get = get


async def _nothing() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}
