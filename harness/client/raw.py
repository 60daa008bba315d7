"""Raw HTTP/1.1: for what an HTTP library hides. Bytes out, bytes in, on one connection.

Goes through the recorder's budget and ends up among its exchanges like any other request. Connecting, and each
exchange on the connection, has the same deadline as one over httpx.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit

import h11
import httpx

from harness.client.client import USER_AGENT, Client
from harness.client.streams import Incoming
from harness.client.transport import EXCHANGE, ssl_context
from harness.http.decoding import answer, decoded, too_much
from harness.http.exchange import Exchange
from harness.rules.checks import Undecided
from harness.target.credentials.resolved import with_query

LONGEST_HEAD = 65_536
MOST_OCTETS = 4 * 1024 * 1024
MOST_INTERIM = 100
"""Interim responses (RFC 9110 section 15.2) that may come before a final one."""

Fields = Sequence[tuple[str, str]]


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
        self._sent: list[str] = []
        self._until = 0.0
        self._asked = ""

    def send(self, method: str, url: str, more: Fields = (), content: bytes = b"") -> Exchange:
        """Send a request and read the header block of its final response, not its content.

        Args:
            more: fields beside those that every request has; several may have one name.
            content: of the request.
        """
        started = time.monotonic()
        fields = self.send_only(method, url, more, content)
        head = self._head_of()
        return self.client.recorder.log.record_raw(
            method, url, fields, head, started, time.monotonic(), self.client.credential, sent=content
        )

    def ask(
        self,
        method: str,
        url: str,
        more: Fields = (),
        content: bytes = b"",
        *,
        without: Collection[str] = (),
        measured: bool = True,
        odd: bool = False,
    ) -> tuple[Exchange, httpx.Response]:
        """Send a request and read its final response whole, so that the connection may be used again.

        Args:
            more: fields beside those that every request has; several may have one name, and a name or
                value may have any form.
            content: of the request.
            without: names of fields to leave out.
            measured: whether Content-Length goes with content.
            odd: whether no HTTP client would send this: the report then shows bytes instead of curl.
        """
        started = time.monotonic()
        fields = self.send_only(method, url, more, content, without=without, measured=measured)
        exchange, head, received = self._answer(method, url, fields, started, content, odd=odd)
        pairs = [line.partition(b":") for line in head.split(b"\r\n")[1:]]
        headers = httpx.Headers([(name, value.strip()) for name, _, value in pairs])
        bare = httpx.Response(exchange.status or 500, headers=headers)
        try:
            return exchange, answer(bare, decoded(headers, received, MOST_OCTETS))
        except httpx.DecodingError as problem:
            raise Undecided(f"raw {method} {url}: {problem}") from None

    def take(self, url: str, more: Fields, most: int, feed: Callable[[bytes], None]) -> Exchange:
        """Send a GET and read the beginning of its content.

        Args:
            more: fields beside those that every request has.
            most: bytes to read; what comes after them stays unread, so that the connection must be closed.
            feed: takes each piece of a successful response.
        """
        started, sink = time.monotonic(), Incoming()
        fields = self.send_only("GET", url, more)
        head = self._head_of()
        for piece in self._pieces("GET", head):
            part = piece[: most - sink.size]
            sink.feed(part)
            if head[9:10] == b"2":
                feed(part)
            if sink.size >= most:
                break
        return self.client.recorder.log.record_raw(
            "GET", url, fields, head, started, time.monotonic(), self.client.credential, received=sink
        )

    def send_only(
        self,
        method: str,
        url: str,
        more: Fields = (),
        content: bytes = b"",
        *,
        without: Collection[str] = (),
        measured: bool = True,
    ) -> list[tuple[str, str]]:
        """Send a request and read nothing; the fields sent are returned."""
        try:
            return self._transmit(method, url, more, content, without, measured)
        except OSError as error:
            raise self._failed(error) from None

    def answered(self, seconds: float) -> bool:
        """Whether bytes arrive within some time; also where the connection ends."""
        if self.unread or self.closed:
            return True
        self._stream.settimeout(seconds)
        try:
            piece = self._stream.recv(65_536)
        except (TimeoutError, BlockingIOError, ssl.SSLWantReadError):
            return False
        except OSError:
            piece = b""
        self.unread += piece
        self.closed = not piece
        return True

    def continued(self) -> bool:
        """Whether what arrived is an interim response, which is then done with (RFC 9110 section 15.2)."""
        interim = self.unread.startswith(b"HTTP/1.") and self.unread[9:10] == b"1"
        if interim:
            self.unread = self.unread.partition(b"\r\n\r\n")[2]
        return interim

    def push(self, content: bytes) -> bool:
        """Send more of the content of a request; False where the connection has ended."""
        try:
            self._bound()
            self._stream.sendall(content)
        except ConnectionError:
            return False
        except OSError as error:
            raise self._failed(error) from None
        return True

    def final(self, method: str, url: str, fields: list[tuple[str, str]], started: float) -> Exchange:
        """The final response to what was sent in pieces, with its content; without any where the connection ended.

        Args:
            fields: of the request.
            started: when it was sent, on the monotonic clock.
        """
        sink, head = Incoming(), b""
        try:
            head = self._head()
            for piece in self._pieces(method, head):
                sink.feed(piece)
        except (ConnectionError, Undecided):
            # What was refused in the middle is often answered, and the connection then closed or reset.
            pass
        except OSError as error:
            raise self._failed(error) from None
        return self.client.recorder.log.record_raw(
            method, url, fields, head, started, time.monotonic(), self.client.credential, received=sink
        )

    def serves(self, url: str) -> Exchange | None:
        """What one more GET on this connection is answered; None where the connection is over."""
        started = time.monotonic()
        try:
            fields = self._transmit("GET", url)
        except OSError as error:
            if isinstance(error, TimeoutError):
                self.client.recorder.budget.cut_short(self._asked)
            return None
        if not self.peek(1):
            return None
        return self._answer("GET", url, fields, started, odd=True)[0]

    @property
    def sent(self) -> str:
        """All requests that were sent on this connection, redacted, as text of one byte a character."""
        return "".join(self._sent)

    def peek(self, octets: int) -> bytes:
        """What comes next, without reading it: fewer bytes only where the connection ends."""
        try:
            while len(self.unread) < octets and not self.closed:
                self._more()
        except ConnectionError:
            self.closed = True
        except OSError as error:
            raise self._failed(error) from None
        return self.unread[:octets]

    def _begin(self, method: str, url: str) -> None:
        """Bound what comes next as one exchange."""
        until = time.monotonic() + EXCHANGE * self.client.target.limits.timeout
        self._until = self.client.recorder.budget.end(until)
        self._asked = f"raw {method} {url}"

    def _bound(self) -> None:
        """Bound the next operation.

        Raises:
            TimeoutError: no time is left.
        """
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the whole exchange took too long")
        self._stream.settimeout(min(left, self.client.target.limits.timeout))

    def _failed(self, error: Exception) -> Undecided:
        """What an exchange that failed comes to.

        Raises:
            CutShort: the time of the run is over.
        """
        if isinstance(error, TimeoutError):
            self.client.recorder.budget.cut_short(self._asked)
        return Undecided(f"{self._asked}: {error or type(error).__name__}")

    def _transmit(
        self,
        method: str,
        url: str,
        more: Fields = (),
        content: bytes = b"",
        without: Collection[str] = (),
        measured: bool = True,
    ) -> list[tuple[str, str]]:
        wallet = self.client.recorder.wallet
        carried = wallet.carried(self.client.credential)
        target = urlsplit(with_query(url, carried.query, wallet.parameters)[0])
        where = target.path + (f"?{target.query}" if target.query else "")
        given = [*carried.fields.items(), *more]
        # What is given replaces what every request has, as in `Client`; but Host may be there twice.
        replaced = {name.lower() for name, _ in given} | {name.lower() for name in without}
        usual = [("User-Agent", USER_AGENT), ("Accept", self.client.accept), ("Accept-Encoding", "identity")]
        fields = [one for one in usual if one[0].lower() not in replaced] + given
        if "Host" not in without:
            fields.insert(0, ("Host", target.netloc))
        if content and measured:
            fields.append(("Content-Length", str(len(content))))
        lines = [f"{method} {where or '/'} HTTP/1.1", *(f"{name}: {value}" for name, value in fields)]
        recorder = self.client.recorder
        recorder.admit(method, httpx.URL(url))
        recorder.budget.take()
        clean = recorder.redactor
        shown = [lines[0], *(f"{name}: {clean.field(name, value)}" for name, value in fields)]
        head = "\r\n".join([*shown, "", ""]).encode().decode("latin-1")
        self._sent.append(clean.text(head + content.decode("latin-1")))
        self._begin(method, url)
        self._bound()
        self._stream.sendall("\r\n".join([*lines, "", ""]).encode() + content)
        return fields

    def _answer(
        self,
        method: str,
        url: str,
        fields: list[tuple[str, str]],
        started: float,
        content: bytes = b"",
        *,
        odd: bool,
    ) -> tuple[Exchange, bytes, bytes]:
        """The final response, read whole: as recorded, its header block and its content."""
        head = self._head_of()
        received = self._content(method, head)
        exchange = self.client.recorder.log.record_raw(
            method,
            url,
            fields,
            head,
            started,
            time.monotonic(),
            self.client.credential,
            sent=content,
            received=received,
            raw=self.sent if odd else "",
        )
        return exchange, head, received

    def _head_of(self) -> bytes:
        try:
            return self._head()
        except OSError as error:
            raise self._failed(error) from None

    def _head(self) -> bytes:
        for _ in range(MOST_INTERIM + 1):
            while b"\r\n\r\n" not in self.unread:
                if self.closed or len(self.unread) > LONGEST_HEAD:
                    raise Undecided("the connection ended within the header section")
                self._more()
            if not self.unread.startswith(b"HTTP/1."):
                raise Undecided("the bytes received are not an HTTP/1.x response")
            head, _, self.unread = self.unread.partition(b"\r\n\r\n")
            if head[9:10] != b"1":
                return head
        raise Undecided(f"{self._asked}: more than {MOST_INTERIM} interim responses")

    def _content(self, method: str, head: bytes) -> bytes:
        found = bytearray()
        for piece in self._pieces(method, head):
            found += piece
            if len(found) > MOST_OCTETS:
                raise Undecided(f"{self._asked}: {too_much(MOST_OCTETS)}")
        return bytes(found)

    def _pieces(self, method: str, head: bytes) -> Iterator[bytes]:
        """The content according to the response's framing (RFC 9112 section 6.3), as it comes; h11 reads it."""
        reader = h11.Connection(h11.CLIENT, max_incomplete_event_size=LONGEST_HEAD + 1024)
        asked = "HEAD" if method == "HEAD" else "GET"
        reader.send(h11.Request(method=asked, target="/", headers=[("Host", "framing")]))
        reader.send(h11.EndOfMessage())
        reader.receive_data(head + b"\r\n\r\n" + self.unread)
        self.unread = b""
        try:
            while True:
                event = reader.next_event()
                if event is h11.NEED_DATA:
                    self._more()
                    reader.receive_data(self.unread)
                    self.unread = b""
                elif isinstance(event, h11.Data):
                    yield bytes(event.data)
                elif not isinstance(event, h11.Response | h11.InformationalResponse):
                    break
        except OSError as error:
            raise self._failed(error) from None
        except h11.RemoteProtocolError as error:
            raise Undecided(f"{self._asked}: the response could not be read: {error}") from None
        self.unread = bytes(reader.trailing_data[0])

    def _more(self) -> None:
        self._bound()
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
    timeout, budget = client.target.limits.timeout, client.recorder.budget
    budget.check_time()
    left = max(0.001, budget.end(time.monotonic() + timeout) - time.monotonic())
    stream: socket.socket | None = None
    try:
        stream = socket.create_connection((target.hostname or "", port), timeout=left)
        if target.scheme == "https":
            context: ssl.SSLContext = ssl_context(
                client.target.insecure,
                client.recorder.wallet.certificate(client.credential),
                client.target.authority,
            )
            stream = context.wrap_socket(stream, server_hostname=target.hostname)
    except OSError as error:
        if stream is not None:
            stream.close()
        if isinstance(error, TimeoutError):
            budget.cut_short(f"a connection to {client.target.origin}", sent=False)
        raise Undecided(f"no raw connection to {client.target.origin}: {error}") from None
    try:
        yield Wire(client, stream)
    finally:
        stream.close()
