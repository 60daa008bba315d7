"""HTTP/1.1: last-byte synchronisation on one connection for each member.

1. Everything but the last byte of each request is sent: of the content, or of the header block where there is
   no content. No server can have a request complete before its last byte.
2. When all are parked and have had time to arrive, the last bytes go out in one tight loop.
3. Answers are stamped as they arrive and parsed only when nothing more is waiting to be read.
"""

from __future__ import annotations

import gc
import selectors
import sys
import time
from collections import deque
from collections.abc import Sequence

import h11

from harness.http.decoding import too_much
from harness.race.stream import Stream
from harness.race.track import CLOSED, CUT, EARLY, GRACE, LATE, MOST_OCTETS, Run, described

SWITCH = 2e-5
"""Seconds after which another thread has to give way during a release."""


class GateLane:
    """One HTTP/1.1 connection, for one member at a time."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.run: Run | None = None
        self.tail = b""
        self.closed = False
        self.raced = False
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=1024 * 1024)
        self._chunks: deque[tuple[float, bytes]] = deque()
        self._size = 0

    def park(self, run: Run, until: float) -> None:
        """Send all of a request but its last byte."""
        self.run, self.tail, self._size = run, b"", 0
        run.port = self.stream.port
        try:
            octets = self._octets(run)
            head, self.tail = self.stream.seal(octets[:-1]), self.stream.seal(octets[-1:])
            self.stream.send(head, until)
            run.parked = time.monotonic()
        except h11.LocalProtocolError as problem:
            self.fail(f"the request is not valid HTTP: {described(problem)}")
        except OSError as problem:
            self.fail(f"the request could not be sent: {described(problem)}")

    def _octets(self, run: Run) -> bytes:
        request = run.request
        events: list[h11.Event] = [
            h11.Request(method=request.method, target=request.url.raw_path, headers=request.headers.raw)
        ]
        if request.content:
            events.append(h11.Data(data=request.content))
        events.append(h11.EndOfMessage())
        return b"".join(self._http.send(event) or b"" for event in events)

    def look(self) -> bool:
        """Before the release: whether the target closes the connection or answers already."""
        try:
            octets = self.stream.receive()
        except OSError as problem:
            self.fail(f"the connection broke before the release: {described(problem)}")
            return True
        if octets is None:
            return False
        self._keep(time.monotonic(), octets)
        # An interim response (RFC 9110 section 15.2) leaves the request as open as it was.
        if octets[9:10] == b"1":
            return self.closed
        status = octets[9:12].decode("latin-1") if octets.startswith(b"HTTP/") else "?"
        self.fail(f"{EARLY}: {status}" if octets else "the target closed the connection before the release")
        return True

    def read(self) -> bool:
        """Stamp and keep what has arrived; whether more can come."""
        try:
            octets = self.stream.receive()
        except OSError as problem:
            self.fail(f"the connection broke: {described(problem)}")
            return False
        if octets is None:
            return True
        now = time.monotonic()
        self._keep(now, octets)
        if self.run is not None and self.run.first is None and octets:
            self.run.first = now
        return bool(octets) and not self.closed

    def _keep(self, at: float, octets: bytes) -> None:
        self._chunks.append((at, octets))
        self._size += len(octets)
        if self._size > MOST_OCTETS:
            self._chunks.clear()
            self.fail(str(too_much(MOST_OCTETS)))

    def parse(self, until: float) -> None:
        """Parse what has been kept; tiny chunks by the million take longer than there is time for."""
        while self._chunks and self.run is not None and self.run.open:
            at, octets = self._chunks.popleft()
            try:
                self._feed(self.run, at, octets, until)
            except h11.RemoteProtocolError as problem:
                started = self.run.status is not None or self.run.first is not None
                self.fail(
                    f"not a complete HTTP/1.x response: {described(problem)}" if started or octets else CLOSED
                )

    def _feed(self, run: Run, at: float, octets: bytes, until: float) -> None:
        self._http.receive_data(octets)
        while run.open:
            if time.monotonic() > until:
                self.fail(CUT)
                return
            event = self._http.next_event()
            if isinstance(event, h11.Response):
                run.status, run.phrase = event.status_code, event.reason
                run.version = b"HTTP/" + event.http_version
                run.fields = list(event.headers.raw_items())
            elif isinstance(event, h11.Data):
                run.add(event.data)
            elif isinstance(event, h11.EndOfMessage):
                run.done = at
                return
            elif isinstance(event, h11.InformationalResponse):
                run.wait_on()
            else:
                # More is needed, or nothing more can come.
                if not octets:
                    self.fail(CLOSED)
                return

    def fail(self, reason: str) -> None:
        """Settle that the member gets no answer; the connection is of no further use."""
        if self.run is not None:
            self.run.fail(reason)
        self.close()

    def finish(self, until: float) -> None:
        """After a race: keep the connection where HTTP allows it (RFC 9112 section 9.3), else close it."""
        states = (self._http.our_state, self._http.their_state)
        if self.closed or self._chunks or states != (h11.DONE, h11.DONE):
            self.close()
            return
        try:
            self.stream.flush(until)
        except OSError:
            self.close()
            return
        self._http.start_next_cycle()
        self.run = None

    @property
    def answerable(self) -> bool:
        """Whether its member may still get an answer."""
        return not self.closed and self.run is not None and self.run.open

    @property
    def idle(self) -> bool:
        """Whether it is open and unused; an answer that nobody asked for makes it useless."""
        if self.closed or self.run is not None:
            return False
        try:
            return self.stream.receive() is None
        except OSError:
            return False

    def close(self) -> None:
        self.closed = True
        self.stream.close()


class Gate:
    """A race over HTTP/1.1.

    Args:
        lanes: one open connection for each member.
    """

    protocol = "HTTP/1.1"

    def __init__(self, lanes: list[GateLane]) -> None:
        self.lanes = lanes

    @property
    def latency(self) -> float:
        return max((lane.stream.latency for lane in self.lanes), default=0.0)

    @property
    def raced(self) -> bool:
        return all(lane.raced for lane in self.lanes)

    def park(self, runs: Sequence[Run], until: float) -> None:
        for left, lane, run in zip(range(len(runs), 0, -1), self.lanes, runs, strict=False):
            # A target that does not take one large request must not keep the others from being parked.
            share = time.monotonic() + max(0.0, until - time.monotonic()) / left
            lane.park(run, share)

    def _parked(self) -> list[GateLane]:
        return [lane for lane in self.lanes if lane.answerable]

    def settle(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            for lane in self._parked():
                selector.register(lane.stream, selectors.EVENT_READ, lane)
            left = seconds
            while left >= 0:
                for key, _ in selector.select(left):
                    if key.data.look():
                        selector.unregister(key.fileobj)
                left = until - time.monotonic()

    def release(self) -> tuple[float, float]:
        lanes = self._parked()
        sends = [(lane.stream.socket.send, lane.tail) for lane in lanes]
        clock = time.monotonic
        instants: list[float] = []
        problems: list[tuple[int, OSError]] = []
        stamp = instants.append
        collecting, interval = gc.isenabled(), sys.getswitchinterval()
        gc.disable()
        # A target in a thread of this process, or any other thread, would hold the loop up for 5 ms after each send.
        sys.setswitchinterval(SWITCH)
        try:
            begun = clock()
            for send, tail in sends:
                stamp(clock())
                try:
                    send(tail)
                except OSError as problem:
                    problems.append((len(instants) - 1, problem))
            ended = clock()
        finally:
            sys.setswitchinterval(interval)
            if collecting:
                gc.enable()
        for lane, instant in zip(lanes, instants, strict=True):
            assert lane.run is not None
            lane.run.released = instant
        for number, error in problems:
            lanes[number].fail(f"its last byte could not be sent: {described(error)}")
        return begun, ended

    def collect(self, until: float) -> None:
        waiting = set(self._parked())
        readable = set(waiting)
        unparsed: deque[GateLane] = deque()
        with selectors.DefaultSelector() as selector:
            for lane in waiting:
                selector.register(lane.stream, selectors.EVENT_READ, lane)
            while waiting and (left := until - time.monotonic()) > 0:
                ready: list[GateLane] = [key.data for key, _ in selector.select(0 if unparsed else left)]
                for lane in ready:
                    if not lane.read():
                        selector.unregister(lane.stream)
                        readable.discard(lane)
                # Parsing takes longer than reading: it waits while the stamps of others are still to be taken.
                unparsed.extend(ready)
                if unparsed and not ready:
                    lane = unparsed.popleft()
                    lane.parse(until + GRACE)
                    if lane in waiting and not lane.answerable:
                        waiting.discard(lane)
                        if lane in readable:
                            selector.unregister(lane.stream)
        for lane in waiting:
            lane.parse(until + GRACE)
            assert lane.run is not None
            lane.run.fail(LATE if lane.run.first is None else CUT)
        for lane in self.lanes:
            if lane.run is not None:
                lane.finish(time.monotonic() + 1)

    def close(self) -> None:
        for lane in self.lanes:
            lane.close()
