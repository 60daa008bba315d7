"""The way to the target: httpx over httpcore, every exchange bounded in time as a whole.

httpx bounds each read by itself, so that a server which sends a byte now and then could hold a request for
ever; and it reads interim responses without end. Here the whole exchange has a deadline, and what may come before the
final response a bound; both are kept by a wrapper of httpcore's network backend.
"""

from __future__ import annotations

import os
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import httpcore
import httpx

from harness.target.credentials.certificate import load
from harness.target.credentials.resolved import Certificate

CONNECTIONS = 64
EXCHANGE = 3.0
"""The seconds that a whole exchange may take, connecting included, as a multiple of `--timeout`."""
MOST_HEAD = 192 * 1024
"""Bytes of an HTTP/1.x answer that are read before its final header block is whole, interim responses included."""
PIECE = 64 * 1024
TRUST = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""Variables that name other authorities than the usual ones."""


class Endless(httpx.ReadError):
    """What comes before a final response does not end."""


class Deadline(threading.local):
    """When the exchange under way on this thread must be over, and what may still come before its response.

    Attributes:
        at: instant on the monotonic clock.
        head: bytes received while the header block of the final response is waited for; None at other times.
    """

    at: float = float("inf")
    head: int | None = None

    @contextmanager
    def of(self, request: httpx.Request, at: float) -> Iterator[None]:
        """Bound an exchange that is sent meanwhile."""
        request.extensions = {**request.extensions, "trace": self._traced}
        self.at, self.head = at, None
        try:
            yield
        finally:
            self.at, self.head = float("inf"), None

    def left(self, timeout: float | None) -> float:
        """Seconds that the next operation may take.

        Raises:
            TimeoutError: none are left.
        """
        left = self.at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left if timeout is None else min(left, timeout)

    def received(self, octets: int) -> None:
        """Record what was read.

        Raises:
            Endless: too much of it, and no final response yet.
        """
        if self.head is None:
            return
        self.head += octets
        if self.head > MOST_HEAD:
            raise Endless(f"header sections of more than {MOST_HEAD} bytes, interim responses included")

    def _traced(self, step: str, info: Any) -> None:
        # On one HTTP/2 connection the thread that reads for all is not always the one that waits.
        if step.startswith("http11.receive_response_headers."):
            self.head = 0 if step.endswith(".started") else None


class BoundedStream(httpcore.NetworkStream):
    """A network stream whose operations share the deadline of the exchange."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline
        # Asked once, while the socket is open: a response may be read to the end of the connection.
        self._client_address = stream.get_extra_info("client_addr")

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            octets = self._stream.read(max_bytes, self._deadline.left(timeout))
        except TimeoutError:
            raise httpcore.ReadTimeout("the whole response took too long") from None
        self._deadline.received(len(octets))
        return octets

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            # Each piece has what is left: a peer that takes one after the other slowly ends with the deadline.
            for start in range(0, len(buffer), PIECE):
                self._stream.write(buffer[start : start + PIECE], self._deadline.left(timeout))
        except TimeoutError:
            raise httpcore.WriteTimeout("the whole exchange took too long") from None

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        try:
            left = self._deadline.left(timeout)
        except TimeoutError:
            raise httpcore.ConnectTimeout("connecting took too long") from None
        return BoundedStream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        if info == "client_addr":
            return self._client_address
        return self._stream.get_extra_info(info)


class BoundedBackend(httpcore.SyncBackend):
    """Opens streams that share a deadline."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            left = self._deadline.left(timeout)
        except TimeoutError:
            raise httpcore.ConnectTimeout("connecting took too long") from None
        stream = super().connect_tcp(host, port, left, local_address, socket_options)
        return BoundedStream(stream, self._deadline)


def ssl_context(
    insecure: bool, certificate: Certificate | None = None, authority: str | None = None
) -> ssl.SSLContext:
    """TLS settings: the system's trust (also SSL_CERT_FILE), or no verification at all.

    Args:
        certificate: the client's, if the server asks for one.
        authority: file with further authorities to trust.

    Raises:
        OSError: a certificate cannot be used (ssl.SSLError is one).
    """
    context = httpx.create_ssl_context(verify=not insecure)
    if authority is not None and not insecure:
        context.load_verify_locations(authority)
    if certificate is not None:
        load(context, certificate)
    return context


@lru_cache(8)
def _shared_context(insecure: bool, authority: str | None, *trust: str | None) -> ssl.SSLContext:
    """The TLS settings of all transports that trust the same authorities: to read those takes longer than a request.

    Args:
        trust: what the variables of `TRUST` say.
    """
    return ssl_context(insecure, None, authority)


def open_transport(
    insecure: bool,
    deadline: Deadline,
    certificate: Certificate | None = None,
    authority: str | None = None,
    *,
    keep: bool = True,
) -> httpx.HTTPTransport:
    """A transport that speaks HTTP/2 where TLS negotiates it and HTTP/1.1 elsewhere, without retries.

    Args:
        keep: whether a connection serves several requests.
    """
    transport = httpx.HTTPTransport(verify=False)
    transport.close()
    if certificate is None:
        context = _shared_context(insecure, authority, *(os.environ.get(name) for name in TRUST))
    else:
        context = ssl_context(insecure, certificate, authority)
    transport._pool = httpcore.ConnectionPool(
        ssl_context=context,
        max_connections=CONNECTIONS,
        max_keepalive_connections=CONNECTIONS if keep else 0,
        keepalive_expiry=30.0,
        http1=True,
        http2=True,
        network_backend=BoundedBackend(deadline),
    )
    return transport
