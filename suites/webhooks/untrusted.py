"""A receiver over TLS: its certificate has signed itself, or is one of an authority, for this machine or another."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

TIMEOUT = 10.0


@dataclass(frozen=True)
class Signed:
    """Who has signed a certificate, and for whom.

    Attributes:
        authority: PEM of its certificate and key.
        name: host of the certificate; that of the receiver when None.
    """

    authority: str
    name: str | None = None


@dataclass
class Untrusted:
    """What arrived.

    Attributes:
        url: of the receiver, without a path.
        connections: how many were opened.
        requests: request lines of those that went on although the certificate is not valid.
    """

    url: str
    connections: int = 0
    requests: list[str] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)


def _context(address: str, signed: Signed | None) -> ssl.SSLContext:
    """Settings of a server with a certificate, signed with its own key or by an authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "receiver of a test")])
    now = dt.datetime.now(dt.UTC)
    issuer, signer, chain = name, key, b""
    names: list[x509.GeneralName] = [x509.IPAddress(ipaddress.ip_address(address))]
    if signed is not None:
        text = signed.authority.encode()
        certificate = x509.load_pem_x509_certificate(text)
        issuer = certificate.subject
        signer = cast("ec.EllipticCurvePrivateKey", serialization.load_pem_private_key(text, None))
        chain = certificate.public_bytes(serialization.Encoding.PEM)
        names = names if signed.name is None else [x509.DNSName(signed.name)]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False)
        .sign(signer, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        file = Path(folder, "receiver.pem")
        file.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM) + chain)
        context.load_cert_chain(file)
    return context


@contextmanager
def untrusted(address: str, signed: Signed | None = None) -> Iterator[Untrusted]:
    """Listen at a free port of an address as long as the context lasts.

    Args:
        address: IP address of this machine.
        signed: by whom the certificate is; by itself when None.

    Raises:
        OSError: it cannot listen there.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    context = _context(address, signed)
    with socket.create_server((address, 0), family=family) as listener:
        host = f"[{address}]" if ":" in address else address
        made = Untrusted(f"https://{host}:{listener.getsockname()[1]}")
        thread = threading.Thread(target=_accept, args=(listener, context, made), daemon=True)
        thread.start()
        try:
            yield made
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join(TIMEOUT)


def _accept(listener: socket.socket, context: ssl.SSLContext, made: Untrusted) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        connection.settimeout(TIMEOUT)
        threading.Thread(target=_serve, args=(connection, context, made), daemon=True).start()


def _serve(connection: socket.socket, context: ssl.SSLContext, made: Untrusted) -> None:
    line = ""
    with suppress(OSError), connection, context.wrap_socket(connection, server_side=True) as secured:
        line = secured.recv(4096).split(b"\r\n", 1)[0].decode("latin-1")
        if line:
            secured.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
    with made.changed:
        made.connections += 1
        if line:
            made.requests.append(line)
        made.changed.notify_all()
