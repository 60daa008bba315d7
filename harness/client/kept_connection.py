"""Raw requests of one client on as few connections as the server lets them share: each costs a TLS handshake."""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType

import httpx

from harness.client.client import Client
from harness.client.raw import Fields, Wire, connection
from harness.http.exchange import Exchange
from harness.rules.checks import Undecided


class KeptConnection:
    """A raw connection that is opened again where the server has closed it; a context manager.

    Args:
        client: who sends the requests. No other client's may be on the connection.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._open = ExitStack()
        self._wire: Wire | None = None

    def __enter__(self) -> KeptConnection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def get(self, url: str, more: Fields = ()) -> tuple[Exchange, httpx.Response]:
        """Send a GET and read the whole response; see `Wire.ask()`.

        Raises:
            Undecided: there is no response to read, on a new connection either.
        """
        if self._wire is not None:
            try:
                return self._asked(self._wire, url, more)
            except Undecided:
                # The server had closed the connection, and a GET may be repeated (RFC 9110 section 9.2.2).
                self._close()
        self._wire = self._open.enter_context(connection(self._client))
        try:
            return self._asked(self._wire, url, more)
        except BaseException:
            self._close()
            raise

    def _asked(self, wire: Wire, url: str, more: Fields) -> tuple[Exchange, httpx.Response]:
        exchange, reply = wire.ask("GET", url, more)
        if "close" in (exchange.field("connection") or "").lower() or exchange.http_version == "HTTP/1.0":
            self._close()
        return exchange, reply

    def _close(self) -> None:
        self._open.close()
        self._wire = None
