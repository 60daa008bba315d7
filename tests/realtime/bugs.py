"""Bugs that real teams ship in what sends events: policies of the reference API."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import replace
from typing import Any

from uvicorn.protocols.websockets.wsproto_impl import WSProtocol
from wsproto.events import Pong

from harness.reference.authenticator import BOB, PASSWORDS, PRINCIPALS
from harness.reference.endpoints import ItemEndpoint
from harness.reference.errors import Problem
from harness.reference.realtime import Entry, Realtime
from suites.realtime.changes import CHANGES

# -- RT-001: what is sent ----------------------------------------------------------------------------------


class PlainText(Realtime):
    """The framework's default type."""

    def stream(self, call):
        reply = super().stream(call)
        reply.fields["Content-Type"] = "text/plain; charset=utf-8"
        return reply


class Fails(Realtime):
    """The broker is not reached: declared, and always broken."""

    def stream(self, call):
        raise RuntimeError("no broker")


class Latin(Realtime):
    """The stream is written with the platform's encoding."""

    def frame(self, entry: Entry) -> bytes:
        return super().frame(entry).replace(b"data: ", "event: é\ndata: ".encode("latin-1"))


class NotFramed(Realtime):
    """One line break after each event."""

    def comment(self) -> bytes:
        return b""

    async def frames(self, owner, start):
        async for piece in super().frames(owner, start):
            if not piece.startswith(b"retry"):
                yield piece.rstrip(b"\n") + b"\n"


class BareJson(Realtime):
    """JSON lines under the type of an event stream."""

    def frame(self, entry: Entry) -> bytes:
        return super().frame(entry) + self.data(entry).encode() + b"\n\n"


# -- RT-002: resuming --------------------------------------------------------------------------------------


class FromNow(Realtime):
    """Last-Event-ID is not read."""

    def resumed(self, call):
        return self.number


class Boundary(Realtime):
    """`>=` in the query."""

    def resumed(self, call):
        return max(0, super().resumed(call) - 1) if "last-event-id" in call.headers else self.number


class UnknownFails(Realtime):
    """`int()` of what the client sent."""

    def resumed(self, call):
        last = call.headers.get("last-event-id")
        return self.number if last is None else int(last)


class Backwards(Realtime):
    """The newest first, as the list shows them."""

    async def frames(self, owner, start):
        late = self.since(owner, "documents", start)
        yield b"retry: 1000\n\n"
        for entry in reversed(late):
            yield self.frame(entry)
        number = late[-1].number if late else start
        async for entry in self.follow(owner, "documents", number, self.heartbeat):
            yield self.comment() if entry is None else self.frame(entry)


# -- RT-003: what is late, idle, cached --------------------------------------------------------------------


class NoComments(Realtime):
    """Nothing is sent while nothing happens."""

    def comment(self) -> bytes:
        return b""


class Cached(Realtime):
    """A policy for all responses: cached for a minute."""

    def stream(self, call):
        reply = super().stream(call)
        reply.fields["Cache-Control"] = "public, max-age=60"
        return reply


class Buffers(Realtime):
    """A proxy collects events until it has two."""

    def comment(self) -> bytes:
        return b": \n\n"

    async def frames(self, owner, start):
        kept = b""
        async for piece in super().frames(owner, start):
            if piece.startswith(b"id:") and not kept:
                kept = piece
                continue
            if piece.startswith(b"id:"):
                piece, kept = kept + piece, b""
            yield piece


# -- RT-005: events and state ------------------------------------------------------------------------------


class Reorders(Realtime):
    """A pool of workers publishes: a later change overtakes an earlier one."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[tuple[str, str, str, Any]] = []
        self.lock = threading.Lock()

    def publish(self, owner, topic, kind, data) -> None:
        if kind != "document.changed":
            super().publish(owner, topic, kind, data)
            return
        with self.lock:
            self.kept.append((owner, topic, kind, data))
            if len(self.kept) < 2:
                # Where no other change follows, it is published after a while all the same.
                threading.Timer(0.6, self.flush).start()
                return
        self.flush()

    def flush(self) -> None:
        with self.lock:
            kept, self.kept = self.kept, []
        for one in reversed(kept):
            super().publish(*one)


class Skips(Realtime):
    """Changes within the same tenth of a second are dropped, the last one, too."""

    last = 0.0

    def publish(self, owner, topic, kind, data) -> None:
        if kind == "document.changed":
            if time.monotonic() - self.last < 5:
                return
            self.last = time.monotonic()
        super().publish(owner, topic, kind, data)


class BeforeCommit(Realtime):
    """Changes are published by the code that makes them (`PublishesEarly`)."""

    def documents(self, call, what, id, reply) -> None:
        if what == "created":
            super().documents(call, what, id, reply)


class PublishesEarly(ItemEndpoint):
    """Published from inside the transaction, which takes its time: here, until somebody has read the item."""

    def __init__(self) -> None:
        self.changes = 0
        self.read = threading.Event()

    def get(self, call):
        reply = super().get(call)
        self.read.set()
        return reply

    def replaced(self, call, item):
        reply = super().replaced(call, item)
        self.changes += 1
        self.read.clear()
        Realtime.documents(call.policies.realtime, call, "changed", item.id, reply)
        # Those in a row are read after the last one only.
        if self.changes > CHANGES:
            self.read.wait(10)
        return reply


# -- RT-004: whose events ----------------------------------------------------------------------------------


class Everyone(Realtime):
    """One channel for all clients."""

    def sees(self, owner: str, entry: Entry) -> bool:
        return True


class OpenToAll(Everyone):
    """EventSource sends no Authorization, so the check was taken out."""

    def routes(self):
        found = super().routes()
        return [replace(one, public=True) if "GET" in one.handlers else one for one in found]

    def stream(self, call):
        try:
            call.principal = call.policies.authenticator.authenticate(call)
        except Problem:
            call.principal = PRINCIPALS[BOB]
        return super().stream(call)


# -- RT-006: long polling ----------------------------------------------------------------------------------


class Impatient(Realtime):
    """The wait is commented out."""

    hold = 0.0


class FromNowOn(Realtime):
    """A subscription for the time of the request: what happens between two polls is lost."""

    def held(self, owner, start):
        return super().held(owner, self.number)


class Twice(Realtime):
    """The cursor is the number of the last event but one."""

    def after(self, start, found):
        return found[-2].number if len(found) > 1 else super().after(start, found)


class PollFails(Realtime):
    """The timeout of the queue is an exception."""

    def held(self, owner, start):
        found = super().held(owner, start)
        if not found:
            raise TimeoutError("queue")
        return found


class EveryPollFails(Realtime):
    """The queue is not reached: declared, and always broken."""

    def poll(self, call):
        raise RuntimeError("no queue")


class HeldTooLong(Realtime):
    """The log is looked at once more only after the wait."""

    def held(self, owner, start):
        found = self.since(owner, "announcements", start)
        if not found:
            time.sleep(self.hold)
        return found


# -- RT-007, RT-008: WebSocket -----------------------------------------------------------------------------


class AnyOrigin(Realtime):
    """Browsers send the cookie with each handshake; Origin is not looked at."""

    def admitted(self, call):
        call.headers = call.headers.mutablecopy()
        del call.headers["origin"]
        return super().admitted(call)


class HandshakeFails(Realtime):
    """The upgrade is lost in a module of the server: declared, and always broken."""

    def admitted(self, call):
        super().admitted(call)
        raise Problem("internal_error", "The connection could not be handed over.")


class MadeUp(Realtime):
    """The only subprotocol is always chosen."""

    def acceptance(self, scope):
        return {"type": "websocket.accept", "headers": [(b"sec-websocket-protocol", b"v1.demo")]}


class EmptyPong(WSProtocol):
    """A pong is a pong."""

    def handle_ping(self, event) -> None:
        self.transport.write(self.conn.send(Pong(b"")))


class Unmasked(WSProtocol):
    """The bit of the mask is not looked at."""

    def data_received(self, data: bytes) -> None:
        if self.handshake_complete and len(data) >= 2 and not data[1] & 0x80:
            data = bytes([data[0], data[1] | 0x80, 0, 0, 0, 0]) + data[2:]
        super().data_received(data)


class AnyBytes(WSProtocol):
    """A text is a string of bytes."""

    def data_received(self, data: bytes) -> None:
        if self.handshake_complete and data[0] == 0x81:
            data = b"\x82" + data[1:]
        super().data_received(data)


class NoClose(WSProtocol):
    """Who leaves just ends the connection."""

    def handle_close(self, event) -> None:
        pass


class AnyVersion(WSProtocol):
    """The version is not looked at."""

    def data_received(self, data: bytes) -> None:
        super().data_received(re.sub(rb"(?i)(sec-websocket-version: )\d+", rb"\g<1>13", data))


PROFILE = f"""
[[streams]]
path = "/events"
trigger = "documents"
heartbeat = 0.5
latency = 2
resume = true
json_data = true
changes = true
[longpoll]
path = "/updates"
trigger = "POST /announcements"
trigger_body = {{ text = "{{mark}}" }}
timeout = 0.5
cursor = "since"
next = "/next"
[websocket]
path = "/socket"
trigger = "POST /announcements"
trigger_body = {{ text = "{{mark}}" }}
private = true
[cookie]
login = "/sessions"
login_body = {{ user = "alice", password = "{PASSWORDS["alice"]}" }}
"""
