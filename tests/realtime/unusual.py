"""Unusual but lawful ways to send events, which careless rules would accuse."""

from __future__ import annotations

import threading
from typing import Any

from harness.reference.call import Reply
from harness.reference.errors import Problem
from harness.reference.realtime import Entry, Realtime


class Coalescing(Realtime):
    """At least once, the last of several changes, lines that end with CRLF, heartbeats that are events, no ids of old.

    An unknown Last-Event-ID is refused; an idle poll ends with 204; a subprotocol is chosen where it is offered.
    """

    def __init__(self) -> None:
        super().__init__()
        self.pending: dict[str, tuple[str, str, str, Any]] = {}
        self.lock = threading.Lock()

    def publish(self, owner, topic, kind, data) -> None:
        if kind != "document.changed":
            super().publish(owner, topic, kind, data)
            return
        with self.lock:
            first = not self.pending
            self.pending[data["id"]] = (owner, topic, kind, data)
        if first:
            threading.Timer(0.1, self.flush).start()

    def flush(self) -> None:
        with self.lock:
            kept, self.pending = self.pending, {}
        for one in kept.values():
            super().publish(*one)

    def stream(self, call):
        reply = super().stream(call)
        reply.fields["Content-Type"] = 'text/event-stream; charset="UTF-8"'
        reply.fields["Cache-Control"] = "no-cache, no-transform"
        return reply

    def resumed(self, call):
        last = call.headers.get("last-event-id")
        if last is not None and not last.isdigit():
            raise Problem("invalid_cursor", "This id is not known any more.")
        return self.number if last is None else int(last) - 1

    def comment(self) -> bytes:
        return b"event: ping\r\ndata: {}\r\n\r\n"

    def frame(self, entry: Entry) -> bytes:
        data = self.data(entry)
        half = data.index(", ") + 2
        lines = [f"id:{entry.number}", f"data:{data[:half]}", f"data:{data[half:]}", ": a comment", "", ""]
        return b"".join(f"{line}\r\n".encode() for line in lines[:-1])

    def poll(self, call):
        reply = super().poll(call)
        if b'"events":[]' not in reply.body:
            return reply
        return Reply(204, b"", {"Cache-Control": "no-store"})

    def after(self, start, found):
        return max(start, found[-1].number - 1) if found else start

    def acceptance(self, scope):
        offered = scope.get("subprotocols") or []
        return {"type": "websocket.accept", "subprotocol": offered[0] if offered else None}


class WithoutIds(Realtime):
    """No ids, no comments, and the stream ends when nothing happens: clients connect again."""

    async def frames(self, owner, start):
        yield b": welcome\n\n"
        async for entry in self.follow(owner, "documents", start, 0.5):
            if entry is None:
                return
            yield self.frame(entry).partition(b"\n")[2]


class Thin(Realtime):
    """Events say what has changed, and nothing else; a socket authenticates by its first message."""

    def documents(self, call, what, id, reply) -> None:
        self.publish(call.principal.name, "documents", what, {"href": f"/v1/documents/{id}"})

    def admitted(self, call):
        try:
            return super().admitted(call)
        except Problem:
            return "nobody"


PROFILE = """
[[streams]]
path = "/events"
trigger = "documents"
heartbeat = 0.5
latency = 2
changes = true
at_least_once = true
coalescing = true
json_data = true
[longpoll]
path = "/updates"
trigger = "POST /announcements"
trigger_body = { text = "{mark}" }
timeout = 0.5
cursor = "since"
next = "/next"
at_least_once = true
[websocket]
path = "/socket"
trigger = "POST /announcements"
trigger_body = { text = "{mark}" }
subprotocols = ["v1.demo"]
private = true
first_message = true
"""
PLAIN = """
[[streams]]
path = "/events"
trigger = "documents"
latency = 2
[websocket]
path = "/socket"
trigger = "POST /announcements"
trigger_body = { text = "{mark}" }
private = true
first_message = true
"""
