"""Raw connections on which both sides go on sending: responses without end, and protocols that HTTP/1.1 switches to."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from harness.client.client import Client
from harness.client.raw import Wire, connection


class Duplex(Wire):
    """A connection that is read while others may write, and end it."""

    def receive(self, until: float, most: int = 65_536) -> bytes:
        """What comes next, as soon as anything does; empty where nothing has by an instant, or the connection ended.

        Args:
            until: instant on the monotonic clock.
            most: bytes at a time.

        Raises:
            OSError: the connection failed.
        """
        if self.unread:
            found, self.unread = self.unread[:most], self.unread[most:]
            return found
        if self.closed:
            return b""
        self._stream.settimeout(max(0.001, until - time.monotonic()))
        try:
            found = self._stream.recv(most)
        except TimeoutError:
            return b""
        self.closed = not found
        return found

    def transmit(self, octets: bytes) -> None:
        """Send bytes that are no request.

        Raises:
            Undecided: the connection failed.
        """
        self._until = self.client.recorder.budget.end(time.monotonic() + self.client.target.limits.timeout)
        try:
            self._bound()
            self._stream.sendall(octets)
        except OSError as error:
            raise self._failed(error) from None

    def end(self) -> None:
        """End the connection, also for a thread that waits for what comes."""
        with suppress(OSError):
            self._stream.shutdown(socket.SHUT_RDWR)


@contextmanager
def duplex(client: Client) -> Iterator[Duplex]:
    """A fresh connection to the target; see `harness.client.raw.connection()`."""
    with connection(client) as wire:
        yield Duplex(client, wire._stream)
