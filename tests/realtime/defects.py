"""Defects of event streams: for each rule a bug that real teams ship."""

from __future__ import annotations

import threading
import time

from harness.reference.realtime import EVENT_STREAM, Entry, Realtime, StreamReply
from tests.matrix.defect import Defect
from tests.matrix.serving import defect

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


class BeforeCommit(Realtime):
    """Published from inside the transaction, under the id that the item will have: GET does not show it yet."""

    def publish(self, owner, topic, kind, data) -> None:
        if kind == "document.created":
            data = {**data, "id": data["id"] + "0", "document": {**data["document"], "related": data["id"]}}
        super().publish(owner, topic, kind, data)


class Reorders(Realtime):
    """A pool of workers publishes: a later change overtakes an earlier one."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[tuple] = []
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


DEFECTS: tuple[Defect, ...] = (
    defect("RT-001", "a stream is text/plain", realtime=PlainText),
    defect("RT-001", "a declared stream always fails", realtime=Fails),
    defect("RT-001", "a stream is not in UTF-8", realtime=Latin),
    defect("RT-001", "no blank line ends an event", realtime=NotFramed),
    defect("RT-002", "Last-Event-ID is ignored", realtime=FromNow),
    defect("RT-002", "the event of Last-Event-ID comes again", realtime=Boundary),
    defect("RT-002", "an unknown Last-Event-ID is answered 500", realtime=UnknownFails),
    defect("RT-003", "an idle stream is silent", realtime=NoComments),
    defect("RT-003", "a stream may be cached", realtime=Cached),
    defect("RT-005", "changes overtake each other", realtime=Reorders),
    defect("RT-005", "changes are dropped", realtime=Skips),
)
__all__ = ["DEFECTS", "EVENT_STREAM", "StreamReply"]
