"""Responses that go on: a GET whose response a thread of its own reads as it comes, with the time of each event.

Memory is bounded: of a stream, so many events are kept, and of each, so much text.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import h11

from harness.client.client import Client
from harness.client.duplex import Duplex, duplex
from harness.client.raw import LONGEST_HEAD, MOST_OCTETS
from harness.http.event_stream import MEDIA_TYPE, Event, EventStream, TooLong
from harness.http.exchange import KEPT, Exchange
from harness.rules.checks import Undecided

MOST_EVENTS = 2000
MOST_TEXT = 4 * 1024 * 1024
"""Characters of all events together that are kept."""
LOOK = 0.25
"""Seconds between two looks at the clock of the run, while something is waited for."""


@dataclass(frozen=True)
class Received:
    """An event, and when its last byte arrived, on the monotonic clock."""

    at: float
    event: Event


class Held:
    """A GET whose response is read in the background until it ends, or `close()`.

    Attributes:
        sent: when the request was sent, on the monotonic clock.
        head: when the header section of the response had arrived; None until then.
        status: of the response.
        ended: when the response ended; None while it goes on.
        why: how it ended; empty while it goes on.
        too_long: whether it was given up since an event, or a line, did not end.
        events: those of an event stream, the first `MOST_EVENTS`.
        left: how many events were not kept.
        arrivals: when anything of the content arrived; the last 10,000 times.
        content: the beginning of the content, `MOST_OCTETS` at most, of which an event stream keeps less.
        received: bytes of the content.
        quiet: when a comment, or a block without data, arrived, except with the first piece.
    """

    def __init__(
        self, client: Client, url: str, fields: Sequence[tuple[str, str]] = (), *, stream: bool = True
    ) -> None:
        self.client, self.url = client, client.url(url)
        self.head: float | None = None
        self.status: int | None = None
        self.ended: float | None = None
        self.why = ""
        self.too_long = False
        self.events: list[Received] = []
        self.left = 0
        self.arrivals: list[float] = []
        self.content = bytearray()
        self.received = 0
        self.grammar = EventStream()
        self.quiet: list[float] = []
        self._kept = 0
        self._stream = stream
        self._bytes = b""
        self._headers: list[tuple[str, str]] = []
        self._recorded: Exchange | None = None
        self._changed = threading.Condition()
        self._closing = False
        self._stack = ExitStack()
        self._wire: Duplex = self._stack.enter_context(duplex(client))
        self.sent = time.monotonic()
        usual = [("Accept", MEDIA_TYPE), ("Cache-Control", "no-cache")] if stream else []
        try:
            self._fields = self._wire.send_only("GET", self.url, [*usual, *fields])
        except Undecided:
            self._stack.close()
            raise
        self._thread = threading.Thread(target=self._read, name="held-response", daemon=True)
        self._thread.start()

    # -- reading, in the thread ------------------------------------------------------------------------

    def _read(self) -> None:
        reader = h11.Connection(h11.CLIENT, max_incomplete_event_size=LONGEST_HEAD)
        reader.send(h11.Request(method="GET", target="/", headers=[("Host", "framing")]))
        reader.send(h11.EndOfMessage())
        try:
            why = self._until_the_end(reader)
        except TooLong as problem:
            why, self.too_long = str(problem), True
        except h11.RemoteProtocolError as problem:
            begun = (
                "the response broke off"
                if self.status is not None
                else "what was received is no HTTP/1.1 response"
            )
            why = f"{begun}: {problem}"
        except OSError as problem:
            why = f"the connection failed: {problem}"
        with self._changed:
            self.ended = time.monotonic()
            self.why = "it was closed by the run" if self._closing else why
            self._changed.notify_all()

    def _until_the_end(self, reader: h11.Connection) -> str:
        heard = False
        while True:
            event = reader.next_event()
            if event is h11.NEED_DATA:
                piece = self._wire.receive(time.monotonic() + 3600)
                if not piece and not self._wire.closed:
                    continue
                if not piece and not heard:
                    return "the connection ended before a response"
                heard = True
                reader.receive_data(piece)
            elif isinstance(event, h11.Response):
                self._began(event)
            elif isinstance(event, h11.Data):
                self._arrived(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage):
                return "the response ended"
            elif isinstance(event, h11.ConnectionClosed) or event is h11.PAUSED:
                return "the connection ended"

    def _began(self, response: h11.Response) -> None:
        raw = [
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw_items()
        ]
        line = f"HTTP/{response.http_version.decode()} {response.status_code} {response.reason.decode('latin-1')}"
        with self._changed:
            self._headers = raw
            self._bytes = "\r\n".join([line, *(f"{name}: {value}" for name, value in raw)]).encode("latin-1")
            self.status, self.head = response.status_code, time.monotonic()
            self._changed.notify_all()

    def _arrived(self, piece: bytes) -> None:
        now = time.monotonic()
        grammar, first = self.grammar, not self.arrivals
        before = grammar.comments + grammar.blocks
        found = grammar.feed(piece) if self._stream and self.is_stream else []
        if grammar.comments + grammar.blocks - before > len(found) and not first and len(self.quiet) < 10_000:
            self.quiet.append(now)
        with self._changed:
            self.received += len(piece)
            room = (KEPT if self._stream else MOST_OCTETS) - len(self.content)
            self.content += piece[: max(0, room)]
            self.arrivals.append(now)
            if len(self.arrivals) > 10_000:
                del self.arrivals[:5_000]
            for event in found:
                self._keep(now, event)
            self._changed.notify_all()

    def _keep(self, now: float, event: Event) -> None:
        self._kept += len(event.data)
        if len(self.events) >= MOST_EVENTS or self._kept > MOST_TEXT:
            self.left += 1
        else:
            self.events.append(Received(now, event))

    # -- for rules -------------------------------------------------------------------------------------

    def field(self, name: str) -> str | None:
        """A response field, its lines joined by commas; None where it is absent."""
        found = [value for key, value in self._headers if key.lower() == name.lower()]
        return ", ".join(found) if found else None

    @property
    def is_stream(self) -> bool:
        """Whether the response is a successful event stream."""
        kind = (self.field("content-type") or "").partition(";")[0].strip().lower()
        return self.status == 200 and kind == MEDIA_TYPE

    @property
    def recorded(self) -> bool:
        """Whether it was closed, and its exchange is recorded."""
        return self._recorded is not None

    def wait(self, holds: Callable[[], bool], until: float) -> bool:
        """Wait until a condition on what was received holds; whether it does.

        Args:
            until: instant on the monotonic clock; a response that has ended is not waited for.

        Raises:
            BudgetSpent: the time of the run is over.
        """
        while True:
            with self._changed:
                if holds():
                    return True
                left = until - time.monotonic()
                if left <= 0 or self.ended is not None:
                    return False
                self._changed.wait(min(left, LOOK))
            self.client.recorder.budget.check_time()

    def opened(self, within: float) -> bool:
        """Wait for the header section; whether it came within some seconds of the request."""
        return self.wait(lambda: self.head is not None, self.sent + within)

    def abandon(self) -> None:
        """End the connection; what came is of no interest any more."""
        self._closing = True
        self._wire.end()

    def close(self) -> Exchange:
        """End the connection, and record the exchange; again, it is only returned."""
        if self._recorded is None:
            self._closing = self.ended is None
            self._wire.end()
            self._thread.join(self.client.target.limits.timeout)
            self._stack.close()
            self._recorded = self.client.recorder.log.record_raw(
                "GET",
                self.url,
                self._fields,
                self._bytes,
                self.sent,
                self.ended or time.monotonic(),
                self.client.credential,
                received=bytes(self.content),
            )
        return self._recorded
