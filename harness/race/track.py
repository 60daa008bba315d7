"""What the HTTP/1.1 gate and the HTTP/2 multiplexer have in common: the members' state and four steps.

A race is: park (all but the end of each request is sent), release, collect. Both kinds run in one thread: what
arrives is stamped before anything is parsed, and no scheduler runs between the members.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import httpx

from harness.http.decoding import too_much

MOST_OCTETS = 4 * 1024 * 1024
"""Bytes of one response that are read at most, its header blocks included: there are dozens of them at once."""
MOST_INTERIM = 100
"""Interim responses (RFC 9110 section 15.2) that may come before a final one."""
GRACE = 2.0
"""Seconds after the deadline for understanding what has arrived before it."""


@dataclass
class Run:
    """One request on its way. Instants are seconds on the monotonic clock; None for what did not happen.

    Attributes:
        request: with its content read.
        parked: when all but its end was sent.
        released: just before its end was sent.
        first: when the first bytes of its answer were received.
        done: when its answer was complete.
        interim: interim responses that have come.
        reason: why there is no answer.
        port, stream: the client's end of the connection, and the HTTP/2 stream.
    """

    request: httpx.Request
    parked: float | None = None
    released: float | None = None
    first: float | None = None
    done: float | None = None
    status: int | None = None
    phrase: bytes = b""
    version: bytes = b""
    fields: list[tuple[bytes, bytes]] = field(default_factory=list)
    content: bytearray = field(default_factory=bytearray)
    interim: int = 0
    reason: str | None = None
    port: int | None = None
    stream: int | None = None

    def fail(self, reason: str) -> None:
        """Settle that there is no answer; the first reason stays."""
        if self.done is None and self.reason is None:
            self.reason = reason

    def wait_on(self) -> None:
        """Record an interim response; of a flood of them no end is waited for."""
        self.interim += 1
        if self.interim > MOST_INTERIM:
            self.fail(f"more than {MOST_INTERIM} interim responses")

    def add(self, octets: bytes | bytearray) -> None:
        """Take in content, as far as it is read."""
        self.content += octets
        if len(self.content) > MOST_OCTETS:
            self.fail(str(too_much(MOST_OCTETS)))

    @property
    def open(self) -> bool:
        """Whether an answer may still come."""
        return self.done is None and self.reason is None


class Track(Protocol):
    """Connections on which one race at a time can be run."""

    protocol: str

    @property
    def latency(self) -> float:
        """Seconds of a round trip, as the slowest TCP handshake had it."""

    @property
    def raced(self) -> bool:
        """Whether a race has gone over each of the connections, and was answered when it was released."""

    def park(self, runs: Sequence[Run], until: float) -> None:
        """Send all but the end of each request; what cannot be parked gets its reason."""

    def settle(self, seconds: float) -> None:
        """Give the target time to take in what was sent, and leave out members that it answers already.

        Looks at least once, also where no time is given.
        """

    def release(self) -> tuple[float, float]:
        """Send all that is held back; the instants before the first and after the last of it."""

    def collect(self, until: float) -> None:
        """Read the answers; what is not complete by then gets its reason."""

    def close(self) -> None:
        """Close the connections."""


def described(problem: BaseException) -> str:
    """An exception's text for a reason, or its name where it has none."""
    return str(problem) or type(problem).__name__


EARLY = "answered before its request was complete"
LATE = "no response within the deadline"
CUT = "the response was not complete within the deadline"
CLOSED = "the target closed the connection without a response"


__all__ = ["CLOSED", "CUT", "EARLY", "GRACE", "LATE", "MOST_OCTETS", "Run", "Track", "described"]
