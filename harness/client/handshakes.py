"""TLS handshakes of their own, for what an HTTP library hides: the versions that a server accepts, its certificate."""

from __future__ import annotations

import socket
import ssl
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from harness.client.client import Client
from harness.client.transport import ssl_context
from harness.rules.checks import Undecided
from harness.target.credentials.certificate import load

VERSIONS = {
    "1.0": ssl.TLSVersion.TLSv1,
    "1.1": ssl.TLSVersion.TLSv1_1,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}
_WEAK = "ALL:@SECLEVEL=0"
"""Ciphers to offer: all of this machine, so that a refusal is the server's."""


@dataclass(frozen=True)
class Handshake:
    """What became of a handshake.

    Attributes:
        accepted: whether it was completed; None where it could not be tried.
        detail: the cipher, or why not.
        certificate: the server's, in DER; empty where there is none.
    """

    accepted: bool | None
    detail: str
    certificate: bytes = b""


class Handshakes:
    """Handshakes with a target, each on a connection of its own.

    Args:
        client: whose client certificate is used, and whose budget each one takes from.

    Raises:
        Undecided: from each method, if the target cannot be reached.
    """

    def __init__(self, client: Client) -> None:
        parts = urlsplit(client.target.url)
        self.host, self.port = parts.hostname or "", parts.port or 443
        self._client = client

    def offering(self, version: str) -> Handshake:
        """A handshake that offers one version of TLS, whatever certificate the server has.

        Args:
            version: a key of `VERSIONS`.
        """
        context = _only(VERSIONS[version])
        if context is None:
            return Handshake(None, f"this machine's OpenSSL does not offer TLS {version}")
        certificate = self._client.recorder.wallet.certificate(self._client.credential)
        if certificate is not None:
            load(context, certificate)
        return self._made(context)

    def trusting(self) -> Handshake:
        """A handshake that verifies the certificate: chain, dates and name."""
        wallet, target = self._client.recorder.wallet, self._client.target
        return self._made(ssl_context(False, wallet.certificate(self._client.credential), target.authority))

    def _made(self, context: ssl.SSLContext) -> Handshake:
        with self._connected() as stream:
            try:
                with context.wrap_socket(stream, server_hostname=self.host) as secured:
                    cipher = secured.cipher()
                    shown = f"{secured.version()}, {cipher[0] if cipher else 'no cipher'}"
                    return Handshake(True, shown, secured.getpeercert(True) or b"")
            except ssl.SSLCertVerificationError as problem:
                return Handshake(False, problem.verify_message)
            except TimeoutError:
                raise Undecided(f"a handshake with {self.host}:{self.port} took too long") from None
            except OSError as problem:
                # A server that does not have the version sends an alert, or hangs up.
                return Handshake(False, getattr(problem, "reason", None) or str(problem))

    @contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        budget, timeout = self._client.recorder.budget, self._client.target.limits.timeout
        budget.take()
        left = max(0.001, budget.end(time.monotonic() + timeout) - time.monotonic())
        try:
            stream = socket.create_connection((self.host, self.port), timeout=left)
        except OSError as problem:
            raise Undecided(f"no connection to {self.host}:{self.port}: {problem}") from None
        with stream:
            yield stream


def _only(version: ssl.TLSVersion) -> ssl.SSLContext | None:
    """Settings that offer one version; None where this machine's OpenSSL does not."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with warnings.catch_warnings():
        # That the version is outdated is the reason to offer it.
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            context.set_ciphers(_WEAK)
            context.minimum_version = context.maximum_version = version
        except (ssl.SSLError, ValueError):
            return None
    return context if _begins(context) else None


def _begins(context: ssl.SSLContext) -> bool:
    """Whether a handshake begins with these settings: OpenSSL may leave versions out, as its configuration says."""
    sent = ssl.MemoryBIO()
    begun = context.wrap_bio(ssl.MemoryBIO(), sent, server_hostname="localhost")
    try:
        begun.do_handshake()
    except ssl.SSLWantReadError:
        return sent.pending > 0
    except ssl.SSLError:
        return False
    return False
