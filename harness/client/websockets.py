"""WebSocket (RFC 6455) over raw connections; wsproto speaks the protocol, and this module only sends and receives."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.connection import ConnectionState
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Ping,
    Pong,
    RejectConnection,
    Request,
    TextMessage,
)
from wsproto.frame_protocol import CloseReason
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from harness.client.client import Client
from harness.client.duplex import Duplex, duplex
from harness.client.raw import LONGEST_HEAD
from harness.http.exchange import Exchange
from harness.rules.checks import Undecided

MOST_MESSAGE = 4 * 1024 * 1024
"""Characters of messages that are kept, all together."""


@dataclass
class Handshake:
    """What became of an opening handshake.

    Attributes:
        exchange: request and response.
        accepted: whether the server switched protocols, correctly.
        fault: what is wrong with a response 101; empty for nothing.
        subprotocol: which one the server chose; None for none.
    """

    exchange: Exchange
    accepted: bool = False
    fault: str = ""
    subprotocol: str | None = None


@dataclass
class Socket:
    """A connection that has become a WebSocket, or has not.

    Attributes:
        texts: messages, each with the time at which it was complete, on the monotonic clock.
        pongs: payloads.
        closed: the code of the server's Close frame; None without one.
        over: whether the connection is over.
        fault: how the server broke the protocol; empty where it did not.
    """

    wire: Duplex
    handshake: Handshake
    texts: list[tuple[float, str]] = field(default_factory=list)
    pongs: list[bytes] = field(default_factory=list)
    closed: int | None = None
    over: bool = False
    fault: str = ""
    _protocol: Any = None
    _part: list[str] = field(default_factory=list)
    _size: int = 0

    def ping(self, payload: bytes) -> None:
        """Send a Ping frame."""
        self.wire.transmit(self._protocol.send(Ping(payload)))

    def say(self, text: str) -> None:
        """Send a message."""
        self.wire.transmit(self._protocol.send(TextMessage(text)))

    def raw(self, octets: bytes) -> None:
        """Send bytes that are no valid frame."""
        self.wire.transmit(octets)

    def leave(self) -> None:
        """Begin the closing handshake; the answer is not waited for."""
        if self.handshake.accepted and not self.over:
            try:
                self.wire.transmit(self._protocol.send(CloseConnection(1000)))
            except (Undecided, LocalProtocolError):
                self.over = True

    def wait(self, holds: Callable[[], bool], until: float) -> bool:
        """Receive until a condition holds; whether it does.

        Args:
            until: instant on the monotonic clock; a connection that is over is not waited for.

        Raises:
            BudgetSpent: the time of the run is over.
        """
        while not holds():
            now = time.monotonic()
            if self.over or now >= until:
                return False
            self.wire.client.recorder.budget.check_time()
            try:
                piece = self.wire.receive(min(until, now + 0.25))
            except OSError:
                self.over = True
                continue
            if piece or self.wire.closed:
                self._received(piece or None)
        return True

    def _received(self, piece: bytes | None) -> None:
        try:
            self._protocol.receive_data(piece)
            for event in self._protocol.events():
                self._took(event)
        except (RemoteProtocolError, LocalProtocolError) as problem:
            self.fault, self.over = str(problem), True
        if piece is None:
            self.over = True

    def _took(self, event: Any) -> None:
        if isinstance(event, TextMessage):
            self._size += len(event.data)
            if self._size > MOST_MESSAGE:
                self.fault, self.over = "messages of more than 4 MiB", True
                return
            self._part.append(event.data)
            if event.message_finished:
                self.texts.append((time.monotonic(), "".join(self._part)))
                self._part = []
        elif isinstance(event, BytesMessage):
            self.texts.append((time.monotonic(), bytes(event.data[:65_536]).decode(errors="replace")))
        elif isinstance(event, Ping):
            self.wire.transmit(self._protocol.send(event.response()))
        elif isinstance(event, Pong):
            self.pongs.append(bytes(event.payload))
        elif isinstance(event, CloseConnection):
            self._ended(event)

    def _ended(self, event: CloseConnection) -> None:
        """wsproto says the same of a Close frame, of a connection that just ended, and of a frame that is none."""
        if event.code == CloseReason.ABNORMAL_CLOSURE:
            self.over = True
        elif self._protocol.state is ConnectionState.OPEN:
            self.fault, self.over = event.reason or "a frame that is not one", True
        else:
            self.closed = int(event.code)


def fields_of(
    client: Client, url: str, subprotocols: Sequence[str] = ()
) -> tuple[WSConnection, dict[str, str]]:
    """A protocol that waits for the response to its handshake, and the fields of that handshake."""
    protocol = WSConnection(ConnectionType.CLIENT)
    parts = urlsplit(url)
    sent = protocol.send(
        Request(host=parts.netloc, target=parts.path or "/", subprotocols=list(subprotocols))
    )
    lines = sent.decode("latin-1").split("\r\n")[1:]
    pairs = (line.partition(": ") for line in lines if line)
    return protocol, {name: value for name, _, value in pairs if name.lower() != "host"}


@contextmanager
def websocket(
    client: Client,
    path: str,
    subprotocols: Sequence[str] = (),
    changed: dict[str, str | None] | None = None,
) -> Iterator[Socket]:
    """A connection on which the opening handshake was sent, and answered.

    Args:
        path: below the target URL.
        subprotocols: which are offered.
        changed: fields that differ from those of a valid handshake; None leaves one out.

    Raises:
        Undecided: the target cannot be connected to, or does not answer the handshake.
    """
    url = client.url(path)
    protocol, fields = fields_of(client, url, subprotocols)
    for name, value in (changed or {}).items():
        fields = {key: one for key, one in fields.items() if key.lower() != name.lower()}
        if value is not None:
            fields[name] = value
    with duplex(client) as wire:
        begun = time.monotonic()
        sent = wire.send_only("GET", url, list(fields.items()))
        head, received = _head(wire, url)
        rest = b"" if head.split(b" ", 2)[1:2] == [b"101"] else received
        exchange = client.recorder.log.record_raw(
            "GET", url, sent, head, begun, time.monotonic(), client.credential, received=rest, raw=wire.sent
        )
        made = Socket(wire, Handshake(exchange), _protocol=protocol)
        if exchange.status == 101:
            _switch(made, head + b"\r\n\r\n" + received)
        else:
            made.over = True
        try:
            yield made
        finally:
            made.leave()


def _head(wire: Duplex, url: str) -> tuple[bytes, bytes]:
    """The header section of the response, and what came with it."""
    client, found = wire.client, b""
    until = client.recorder.budget.end(time.monotonic() + client.target.limits.timeout)
    while True:
        while b"\r\n\r\n" not in found:
            if len(found) > LONGEST_HEAD:
                raise Undecided(f"GET {url}: the header section of the response does not end")
            try:
                piece = wire.receive(until)
            except OSError as problem:
                raise Undecided(f"GET {url}: {problem}") from None
            found += piece
            if not piece:
                client.recorder.budget.check_time()
                why = "the connection ended" if wire.closed else "nothing came within the timeout"
                raise Undecided(f"the WebSocket handshake with {url} was not answered: {why}")
        head, _, rest = found.partition(b"\r\n\r\n")
        status = head.split(b" ", 2)[1:2]
        if not head.startswith(b"HTTP/1."):
            raise Undecided(f"GET {url}: what was received is no HTTP/1.x response")
        if status and status[0][:1] == b"1" and status[0] != b"101":
            found = rest
            continue
        return head, rest


def _switch(made: Socket, octets: bytes) -> None:
    """Let the protocol judge a response 101, and read what came with it."""
    try:
        made._protocol.receive_data(octets)
        for event in made._protocol.events():
            if isinstance(event, AcceptConnection):
                made.handshake.accepted = True
                made.handshake.subprotocol = event.subprotocol
            elif isinstance(event, RejectConnection):
                made.handshake.fault = f"{event.status_code}"
            else:
                made._took(event)
    except (RemoteProtocolError, LocalProtocolError) as problem:
        made.handshake.fault, made.over = str(problem), True
    made.over = made.over or not made.handshake.accepted
