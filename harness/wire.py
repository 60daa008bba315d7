"""Raw HTTP/1.1: for what an HTTP library hides. Octets out, octets in, on one connection.

Goes through the recorder's budget and ends up among its exchanges like any other request.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx

from harness.client import ACCEPT, USER_AGENT, Client
from harness.exchange import Exchange
from harness.oracle import Undecided
from harness.transport import ssl_context

LONGEST_HEAD = 65_536


class Wire:
    """One connection to the target.

    Raises:
        Undecided: from every method, when the connection fails or what comes is not HTTP/1.x.
    """

    def __init__(self, client: Client, stream: socket.socket) -> None:
        self.client = client
        self.unread = b""
        self.closed = False
        self._stream = stream

    def send(
        self, method: str, url: str, more: Sequence[tuple[str, str]] = (), content: bytes = b""
    ) -> Exchange:
        """Send a request and read the header block of its final response, not its content.

        Args:
            more: fields beside those that every request has; several may have one name.
            content: of the request.
        """
        started = time.monotonic()
        fields = self.send_only(method, url, more, content)
        try:
            head = self._head()
        except OSError as error:
            raise Undecided(f"raw {method} {url}: {error or type(error).__name__}") from None
        return self.client.recorder.record_raw(
            method, url, fields, head, started, time.monotonic(), self.client.credential
        )

    def send_only(
        self, method: str, url: str, more: Sequence[tuple[str, str]] = (), content: bytes = b""
    ) -> list[tuple[str, str]]:
        """Send a request and read nothing; the fields sent are returned."""
        target = urlsplit(url)
        where = target.path + (f"?{target.query}" if target.query else "")
        given = [*self.client.target.credentials.get(self.client.credential, {}).items(), *more]
        # What is given replaces what every request has, as in `Client`.
        replaced = {name.lower() for name, _ in given}
        usual = [("User-Agent", USER_AGENT), ("Accept", ACCEPT), ("Accept-Encoding", "identity")]
        fields = [("Host", target.netloc), *(one for one in usual if one[0].lower() not in replaced), *given]
        if content:
            fields.append(("Content-Length", str(len(content))))
        lines = [f"{method} {where or '/'} HTTP/1.1", *(f"{name}: {value}" for name, value in fields)]
        recorder = self.client.recorder
        recorder.admit(method, httpx.URL(url))
        recorder.budget.take()
        try:
            self._stream.sendall("\r\n".join([*lines, "", ""]).encode() + content)
        except OSError as error:
            raise Undecided(f"raw {method} {url}: {error or type(error).__name__}") from None
        return fields

    def peek(self, octets: int) -> bytes:
        """What comes next, without reading it: fewer octets only where the connection ends."""
        try:
            while len(self.unread) < octets and not self.closed:
                self._more()
        except ConnectionError:
            self.closed = True
        except OSError as error:
            raise Undecided(f"raw connection: {error or type(error).__name__}") from None
        return self.unread[:octets]

    def _head(self) -> bytes:
        while True:
            while b"\r\n\r\n" not in self.unread:
                if self.closed or len(self.unread) > LONGEST_HEAD:
                    raise Undecided("the connection ended, or the header block did not")
                self._more()
            if not self.unread.startswith(b"HTTP/1."):
                raise Undecided("what was received is not an HTTP/1.x response")
            head, _, self.unread = self.unread.partition(b"\r\n\r\n")
            if head[9:10] != b"1":
                return head

    def _more(self) -> None:
        octets = self._stream.recv(65_536)
        self.unread += octets
        self.closed = not octets


@contextmanager
def connection(client: Client) -> Iterator[Wire]:
    """A fresh connection to the target, over TLS without ALPN where its scheme is https.

    Raises:
        Undecided: it cannot be opened.
    """
    # A target that was given up is not waited for.
    client.recorder.admit("GET", httpx.URL(client.target.url))
    target = urlsplit(client.target.url)
    port = target.port or (443 if target.scheme == "https" else 80)
    timeout = client.target.limits.timeout
    try:
        stream = socket.create_connection((target.hostname or "", port), timeout=timeout)
        if target.scheme == "https":
            context: ssl.SSLContext = ssl_context(client.target.insecure)
            stream = context.wrap_socket(stream, server_hostname=target.hostname)
    except OSError as error:
        raise Undecided(f"no raw connection to {client.target.origin}: {error}") from None
    try:
        yield Wire(client, stream)
    finally:
        stream.close()
