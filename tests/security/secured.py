"""The reference API over TLS, with a port beside it that has none."""

from __future__ import annotations

import datetime as dt
import ssl
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

import trustme
from starlette.types import ASGIApp, Receive, Scope, Send

from harness.reference import Policies, build
from harness.reference.server import serve

PLAIN: dict[str, str] = {}
"""The origin without TLS, by the URL with it, of the servers that run."""


@cache
def authority() -> trustme.CA:
    """The private authority of all certificates."""
    return trustme.CA()


@cache
def authority_file() -> Path:
    """Its certificate."""
    file = Path(tempfile.mkdtemp(prefix="authority-")) / "authority.pem"
    authority().cert_pem.write_to_path(str(file))
    return file


def context(
    name: str = "localhost", until: dt.datetime | None = None, *, old: bool = False
) -> ssl.SSLContext:
    """Settings of a server.

    Args:
        name: that the certificate is for.
        until: its end.
        old: whether TLS 1.1 is accepted.
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority().issue_cert(name, not_after=until).configure_cert(made)
    if old:
        made.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            made.minimum_version = ssl.TLSVersion.TLSv1_1
    return made


class Refusing:
    """Answers every request with 403."""

    fields: tuple[tuple[bytes, bytes], ...] = ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for event in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{event}.complete"})
            return
        await send(
            {
                "type": "http.response.start",
                "status": 403,
                "headers": [(b"content-length", b"0"), *self.fields],
            }
        )
        await send({"type": "http.response.body", "body": b""})


@contextmanager
def secured(
    policies: Mapping[str, type] = {}, plain: type | None = Refusing, tls: ssl.SSLContext | None = None
) -> Iterator[str]:
    """The base URL of a reference API over TLS.

    Args:
        policies: what is exchanged.
        plain: the application without TLS; None for the API itself.
        tls: settings; sound ones when omitted.
    """
    changed = replace(Policies(), **{name: policy() for name, policy in policies.items()})
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        beside: ASGIApp = build(Policies(), folder / "plain.db") if plain is None else plain()
        origin = stack.enter_context(serve(beside)).removesuffix("/v1")
        url = stack.enter_context(serve(build(changed, folder / "api.db"), tls=tls or context()))
        PLAIN[url] = origin
        try:
            yield url
        finally:
            del PLAIN[url]


def declared(url: str) -> str:
    """The profile's table for such an API."""
    return f'[tls]\nauthority = "{authority_file()}"\nplain = "{PLAIN[url]}"\n'
