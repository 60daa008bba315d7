"""Client certificates, loaded."""

from __future__ import annotations

import ssl

from harness.target.credentials.resolved import Certificate


def load(context: ssl.SSLContext, certificate: Certificate) -> None:
    """Put a client's certificate into TLS settings.

    Raises:
        OSError: it cannot be used (ssl.SSLError is one).
    """
    # A callable always, since OpenSSL would ask the terminal.
    password = certificate.password or ""
    context.load_cert_chain(certificate.file, certificate.key, lambda: password)
