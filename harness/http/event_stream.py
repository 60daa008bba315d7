"""Server-sent events: the grammar of `text/event-stream` (WHATWG HTML section 9.2.5), read piece by piece. Pure."""

from __future__ import annotations

from dataclasses import dataclass

MEDIA_TYPE = "text/event-stream"
BOM = b"\xef\xbb\xbf"
MOST_EVENT = 4 * 1024 * 1024
"""Bytes of one event, or of one line, that are read."""
MOST_FAULTS = 20
FIELDS = frozenset({"event", "data", "id", "retry"})


@dataclass(frozen=True)
class Event:
    """A dispatched event.

    Attributes:
        type: `message` where none was sent.
        data: its lines joined by line feeds.
        id: what a client would send as Last-Event-ID from now on; empty where the stream never had one.
        named: whether the event itself has the id.
    """

    type: str
    data: str
    id: str
    named: bool


class TooLong(ValueError):
    """An event does not end."""


class EventStream:
    """Reads a stream in pieces of any size.

    Attributes:
        faults: what breaks the grammar, or loses what was meant; each kind once, and at most `MOST_FAULTS`.
        blocks: how many blocks a blank line ended, with or without data.
        comments: how many lines were comments.
        retry: milliseconds that the stream asks clients to wait before they reconnect; None where it does not.
    """

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.blocks = self.comments = 0
        self.retry: int | None = None
        self._pending = bytearray()
        self._begun = False
        self._after_cr = False
        self._data: list[str] = []
        self._size = 0
        self._type = ""
        self._id = ""
        self._named = False
        self._filled = False

    @property
    def last_id(self) -> str:
        """The id of the last block that had one."""
        return self._id

    def feed(self, piece: bytes) -> list[Event]:
        """The events that a further piece completes.

        Raises:
            TooLong: an event, or a line, has more than `MOST_EVENT` bytes.
        """
        found: list[Event] = []
        for line in self._lines(piece):
            event = self._line(line)
            if event is not None:
                found.append(event)
        if len(self._pending) + self._size > MOST_EVENT:
            raise TooLong(f"an event of more than {MOST_EVENT // (1024 * 1024)} MiB")
        return found

    def _lines(self, piece: bytes) -> list[bytes]:
        """The lines that are complete now: each ends with CR, LF, or both."""
        if self._after_cr and piece:
            self._after_cr = False
            if piece.startswith(b"\n"):
                piece = piece[1:]
        before = len(self._pending)
        self._pending += piece
        if not self._begun:
            if len(self._pending) < len(BOM) and BOM.startswith(self._pending):
                return []
            self._begun = True
            if self._pending.startswith(BOM):
                del self._pending[: len(BOM)]
                before = 0
        # What was pending has no line end, so that a long line costs no more than a short one.
        if not (self._pending.find(b"\n", before) >= 0 or self._pending.find(b"\r", before) >= 0):
            return []
        whole = bytes(self._pending)
        self._after_cr = whole.endswith(b"\r")
        lines = whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._pending = bytearray(lines.pop())
        return lines

    def _line(self, line: bytes) -> Event | None:
        if not line:
            return self._dispatch()
        try:
            text = line.decode()
        except UnicodeDecodeError:
            self._fault("bytes that are not UTF-8")
            text = line.decode(errors="replace")
        if text.startswith(":"):
            self.comments += 1
            return None
        self._filled = True
        name, _, value = text.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
            self._size += len(line)
            if self._size > MOST_EVENT:
                raise TooLong(f"an event of more than {MOST_EVENT // (1024 * 1024)} MiB")
        elif name == "event":
            self._type = value
        elif name == "id":
            if "\0" in value:
                self._fault("an id with NUL, which clients ignore")
            else:
                self._id, self._named = value, True
        elif name == "retry":
            if value.isascii() and value.isdigit():
                self.retry = int(value[:18])
            else:
                self._fault(f"retry {value[:40]!r}, which is not digits only, and which clients ignore")
        elif text[:1] in "{[<":
            self._fault(f"a line without a field name, which clients ignore: {text[:60]!r}")
        return None

    def _dispatch(self) -> Event | None:
        filled, self._filled = self._filled, False
        self.blocks += filled
        data, kind, named = self._data, self._type, self._named
        self._data, self._type, self._named, self._size = [], "", False, 0
        if not data:
            return None
        return Event(kind or "message", "\n".join(data), self._id, named)

    def _fault(self, text: str) -> None:
        if text not in self.faults and len(self.faults) < MOST_FAULTS:
            self.faults.append(text)
