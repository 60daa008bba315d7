"""One connection on which bytes can be sealed now and sent later: the one place where holding back happens.

Over TLS it is the ciphertext that is held: sealing encrypts at once, through memory, and the sealed bytes wait
outside of TLS. So what a release has to do is one `send` of a few bytes, with TLS or without.
"""

from __future__ import annotations

import selectors
import socket
import ssl
import time

CHUNK = 65_536


class Stream:
    """A TCP connection without Nagle's delay (TCP_NODELAY), and TLS through memory where the target has it.

    Attributes:
        socket: non-blocking after `open()`.
        latency: seconds that the TCP handshake took: about one round trip.
        port: the client's port.
        protocol: what ALPN (RFC 7301) negotiated; empty where it was not used.
    """

    def __init__(self, connected: socket.socket, latency: float = 0.0) -> None:
        self.socket = connected
        self.latency = latency
        self.port: int = connected.getsockname()[1]
        self.protocol = ""
        self._tls: ssl.SSLObject | None = None
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @classmethod
    def open(cls, host: str, port: int, context: ssl.SSLContext | None, timeout: float) -> Stream:
        """Connect, and shake hands where a context is given.

        Args:
            host: name or address.
            context: TLS settings, with the ALPN protocols to offer; None for plain TCP.
            timeout: seconds for all of it.

        Raises:
            OSError: refused, unreachable, not verified, or over time.
        """
        started = time.monotonic()
        stream = cls(socket.create_connection((host, port), timeout))
        stream.latency = time.monotonic() - started
        try:
            if context is not None:
                stream._shake_hands(context, host, started + timeout)
        except BaseException:
            stream.close()
            raise
        stream.socket.setblocking(False)
        return stream

    def _shake_hands(self, context: ssl.SSLContext, host: str, until: float) -> None:
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        while True:
            try:
                self._tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self._flush(until)
                self.socket.settimeout(_left(until))
                octets = self.socket.recv(CHUNK)
                if not octets:
                    raise ConnectionError("the connection was closed during the TLS handshake") from None
                self._incoming.write(octets)
        self._flush(until)
        self.protocol = self._tls.selected_alpn_protocol() or ""

    def seal(self, octets: bytes) -> bytes:
        """The bytes as they go over the wire. What is sealed first must be sent first."""
        if self._tls is None:
            return octets
        rest = memoryview(octets)
        while rest:
            rest = rest[self._tls.write(rest) :]
        return self._outgoing.read()

    def send(self, sealed: bytes, until: float) -> None:
        """Send all of it.

        Raises:
            OSError: the connection broke, or the peer did not take it until that instant.
        """
        self.socket.settimeout(_left(until))
        try:
            self.socket.sendall(sealed)
        finally:
            self.socket.setblocking(False)

    def receive(self) -> bytes | None:
        """What has arrived, without waiting; None for nothing, no bytes for the end of the connection.

        Raises:
            OSError: the connection was reset, or TLS failed.
        """
        try:
            octets = self.socket.recv(CHUNK)
        except (BlockingIOError, InterruptedError):
            return None
        if self._tls is None:
            return octets
        if octets:
            self._incoming.write(octets)
        else:
            self._incoming.write_eof()
        return self._opened(ended=not octets)

    def _opened(self, ended: bool) -> bytes | None:
        assert self._tls is not None
        parts: list[bytes] = []
        try:
            while part := self._tls.read(CHUNK):
                parts.append(part)
            ended = True
        except ssl.SSLWantReadError:
            pass
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            ended = True
        if parts:
            return b"".join(parts)
        return b"" if ended else None

    def wait(self, seconds: float) -> None:
        """Wait until something arrives, the end of the connection included, or the time is over."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.socket, selectors.EVENT_READ)
            selector.select(seconds)

    def flush(self, until: float) -> None:
        """Send what TLS itself has to say (answers to key updates); not while anything sealed is unsent."""
        if self._outgoing.pending:
            self._flush(until)
            self.socket.setblocking(False)

    def _flush(self, until: float) -> None:
        octets = self._outgoing.read()
        if octets:
            self.socket.settimeout(_left(until))
            self.socket.sendall(octets)

    def close(self) -> None:
        self.socket.close()

    def fileno(self) -> int:
        return self.socket.fileno()


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left
