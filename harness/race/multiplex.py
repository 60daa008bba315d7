"""HTTP/2: single-packet synchronisation, all members on one connection.

1. Every stream is opened and END_STREAM withheld (RFC 9113 section 5.1): of a request with content the last byte
   is held back with it, of one without content an empty DATA frame.
2. All frames held back go out in one write: over TLS one record, as a rule one packet.
3. Answers are stamped as they arrive and parsed only when nothing more is waiting to be read.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import h2.settings

from harness.race.stream import Stream
from harness.race.track import CLOSED, CUT, EARLY, GRACE, LATE, Run, described

WINDOW = 2**24
MOST_UNPARSED = 8 * 1024 * 1024
"""Bytes that are kept unparsed while more arrive: PING and SETTINGS frames know no flow control."""
_NOT_SENT = {b"host", b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"}


class Multiplex:
    """A race over one HTTP/2 connection; the connection serves several races in turn.

    Raises:
        OSError: from the constructor, when the connection preface cannot be sent.
    """

    protocol = "HTTP/2"

    def __init__(self, stream: Stream, until: float) -> None:
        self.stream = stream
        self.closed = False
        self.raced = False
        self._http = h2.connection.H2Connection(
            h2.config.H2Configuration(client_side=True, header_encoding=None, validate_inbound_headers=False)
        )
        codes = h2.settings.SettingCodes
        self._http.local_settings = h2.settings.Settings(
            client=True,
            initial_values={
                codes.ENABLE_PUSH: 0,
                codes.INITIAL_WINDOW_SIZE: WINDOW,
                codes.MAX_HEADER_LIST_SIZE: 2**20,
            },
        )
        self._http.initiate_connection()
        self._http.increment_flow_control_window(WINDOW)
        self._runs: dict[int, Run] = {}
        self._held: dict[int, bytes] = {}
        self._broken: str | None = None
        self._write(until)

    @property
    def latency(self) -> float:
        return self.stream.latency

    @property
    def usable(self) -> bool:
        """Whether another race can be run on it."""
        if not self.closed and self._broken is None:
            self._take(self._received(0.0))
        return not self.closed and self._broken is None and not self._runs

    def park(self, runs: Sequence[Run], until: float) -> None:
        for run in runs:
            try:
                self._park(run, until)
            except (h2.exceptions.H2Error, ValueError) as problem:
                run.fail(f"the request is not valid HTTP/2: {described(problem)}")
                self._give_up()
            except OSError as problem:
                self._break(f"the connection broke: {described(problem)}")
                run.fail(f"the request could not be sent: {described(problem)}")

    def _park(self, run: Run, until: float) -> None:
        if self._broken is not None:
            run.fail(self._broken)
            return
        most = self._http.remote_settings.max_concurrent_streams
        if self._http.open_outbound_streams >= most:
            run.fail(f"left out: the target allows {most} HTTP/2 streams at once")
            return
        request = run.request
        content = bytearray(request.content)
        run.port, number = self.stream.port, self._http.get_next_available_stream_id()
        run.stream = number
        self._runs[number] = run
        self._http.send_headers(number, _fields(run), end_stream=False)
        while content:
            room = self._room(number, len(content), until)
            if run.reason is not None:
                return
            part, content = content[:room], content[room:]
            if not content:
                part, content = part[:-1], part[-1:]
                self._http.send_data(number, bytes(part))
                break
            self._http.send_data(number, bytes(part))
        self._write(until)
        self._http.send_data(number, bytes(content), end_stream=True)
        self._held[number] = self._http.data_to_send()
        run.parked = time.monotonic()

    def _room(self, number: int, wanted: int, until: float) -> int:
        """Bytes that flow control (RFC 9113 section 5.2) allows now, waiting for the first."""
        while True:
            window = self._http.local_flow_control_window(number)
            room = min(window, self._http.max_outbound_frame_size, wanted)
            if room > 0 or self._runs[number].reason is not None:
                return room
            self._write(until)
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError("flow control blocked its content")
            self._take(self._received(left))
            if self._broken is not None:
                self._runs[number].fail(self._broken)

    def settle(self, seconds: float) -> None:
        until, left = time.monotonic() + seconds, seconds
        while self._broken is None and left >= 0:
            self._take(self._received(left), early=True)
            try:
                self._write(until + 1)
            except OSError as problem:
                self._break(f"the connection broke before the release: {described(problem)}")
            left = until - time.monotonic()

    def release(self) -> tuple[float, float]:
        members = [(number, self._runs[number]) for number in self._held if number in self._runs]
        members = [(number, run) for number, run in members if run.open]
        sealed = self.stream.seal(b"".join(self._held[number] for number, _ in members))
        self._held.clear()
        begun = time.monotonic()
        try:
            if sealed:
                self.stream.send(sealed, begun + 1)
        except OSError as problem:
            self._break(f"the last frames could not be sent: {described(problem)}")
        ended = time.monotonic()
        for _, run in members:
            run.released = begun
        return begun, ended

    def collect(self, until: float) -> None:
        unparsed: deque[tuple[float, bytes]] = deque()
        size = 0
        while any(run.open for run in self._runs.values()) and (left := until - time.monotonic()) > 0:
            chunk = self._received(0.0 if unparsed else left)
            if chunk is not None:
                unparsed.append(chunk)
                size += len(chunk[1])
            if chunk is None or not chunk[1] or size > MOST_UNPARSED:
                self._take_all(unparsed, until)
                size = 0
                try:
                    self._write(until)
                except OSError as problem:
                    self._break(f"the connection broke: {described(problem)}")
        self._take_all(unparsed, until)
        for run in self._runs.values():
            if run.open:
                run.fail(LATE if run.first is None else CUT)
            if run.done is None:
                self._give_up()
        self._runs.clear()

    def close(self) -> None:
        self.closed = True
        self.stream.close()

    # -- bytes --------------------------------------------------------------------------------------------

    def _write(self, until: float) -> None:
        octets = self._http.data_to_send()
        if octets and not self.closed:
            self.stream.send(self.stream.seal(octets), until)

    def _received(self, seconds: float) -> tuple[float, bytes] | None:
        """What has arrived, and when; None where nothing does in time."""
        try:
            octets = self.stream.receive()
            if octets is None and seconds > 0:
                self.stream.wait(seconds)
                octets = self.stream.receive()
        except OSError as problem:
            self._break(f"the connection broke: {described(problem)}")
            return None
        return None if octets is None else (time.monotonic(), octets)

    def _take_all(self, chunks: deque[tuple[float, bytes]], until: float) -> None:
        """Parse what was kept, as far as there is time."""
        while chunks:
            self._take(chunks.popleft())
            if time.monotonic() > until + GRACE:
                chunks.clear()

    def _take(self, chunk: tuple[float, bytes] | None, early: bool = False) -> None:
        if chunk is None or self._broken is not None:
            return
        at, octets = chunk
        if not octets:
            self._break(CLOSED)
            return
        try:
            for event in self._http.receive_data(octets):
                if self._broken is None:
                    self._note(event, at, early)
        except h2.exceptions.H2Error as problem:
            self._break(f"not valid HTTP/2: {described(problem)}")

    def _note(self, event: h2.events.Event, at: float, early: bool) -> None:
        if isinstance(event, h2.events.ConnectionTerminated):
            # Streams up to the last one may still be answered, but h2 reads nothing more once GOAWAY has come.
            self._break(f"the target ended the connection (GOAWAY, error {event.error_code})")
            return
        member = self._runs.get(getattr(event, "stream_id", None) or 0)
        if member is not None:
            self._note_stream(event, member, at, early)

    def _note_stream(self, event: h2.events.Event, run: Run, at: float, early: bool) -> None:
        if isinstance(event, h2.events.StreamReset):
            run.fail(f"the target reset the stream (error {event.error_code})")
        elif isinstance(event, h2.events.InformationalResponseReceived):
            run.wait_on()
        elif isinstance(event, h2.events.ResponseReceived):
            run.first = at
            run.version = b"HTTP/2"
            for name, value in event.headers or ():
                if name == b":status":
                    run.status = int(value) if value.isdigit() else 0
                elif not name.startswith(b":"):
                    run.fields.append((bytes(name), bytes(value)))
            if early:
                run.fail(f"{EARLY}: {run.status}")
        elif isinstance(event, h2.events.DataReceived):
            run.add(event.data or b"")
            self._http.acknowledge_received_data(event.flow_controlled_length or 0, event.stream_id or 0)
        elif isinstance(event, h2.events.StreamEnded) and run.open:
            run.done = at

    def _give_up(self) -> None:
        """A stream without its answer: what it would still bring is not waited for, nor is it reused."""
        self._broken = self._broken or "an earlier race left a stream unanswered"

    def _break(self, reason: str) -> None:
        self._broken = self._broken or reason
        for run in self._runs.values():
            run.fail(reason)
        self.close()


def _fields(run: Run) -> list[tuple[bytes, bytes]]:
    request = run.request
    host = request.headers.get("host", "").encode("latin-1") or request.url.netloc
    return [
        (b":method", request.method.encode("ascii")),
        (b":authority", host),
        (b":scheme", request.url.raw_scheme),
        (b":path", request.url.raw_path),
        *((name.lower(), value) for name, value in request.headers.raw if name.lower() not in _NOT_SENT),
    ]
