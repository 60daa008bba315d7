"""HTTP/2 servers that keep a stream open for ever, or a client busy, do not hold an exchange."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hpack
import pytest
import trustme

from harness.race import Request, race
from harness.rules.checks import Undecided
from tests import servers
from tests.clients import client_of

TIMEOUT = 0.5
HANGS = 60.0
DATA, HEADERS, SETTINGS, PING, CONTINUATION = 0, 1, 4, 6, 9
END_HEADERS = 4


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def block(*fields: tuple[str, str]) -> bytes:
    # Without the table, so that it can be sent any number of times.
    return b"".join(hpack.Encoder().encode([field]) for field in fields)


OK = frame(HEADERS, END_HEADERS, 1, block((":status", "200")))
ENDLESS = {
    "no END_STREAM": (OK, frame(DATA, 0, 1, b"x"), 0.05),
    "empty DATA": (OK, frame(DATA, 0, 1) * 1000, 0.0),
    "nothing": (OK, b"", 0.05),
    "PING": (b"", frame(PING, 0, 0, b"12345678") * 1000, 0.0),
    "PING, one at a time": (b"", frame(PING, 0, 0, b"12345678"), 0.05),
    "SETTINGS": (b"", frame(SETTINGS, 0, 0, struct.pack(">HI", 3, 100)) * 1000, 0.0),
    "interim responses": (b"", frame(HEADERS, END_HEADERS, 1, block((":status", "100"))) * 500, 0.0),
    "CONTINUATION": (
        frame(HEADERS, 0, 1, block((":status", "200"))),
        frame(CONTINUATION, 0, 1, b"\0\1a\1b") * 500,
        0.0,
    ),
    "a header bomb": (
        b"",
        # One long entry of the table, and a thousand references to it (CVE-2016-6581).
        frame(
            HEADERS,
            END_HEADERS,
            1,
            block((":status", "200")) + b"\x40\x01a\x7f\x81\x1e" + b"b" * 4000 + b"\xbe" * 10_000,
        ),
        0.05,
    ),
}


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    made = trustme.CA()
    made.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.issue_cert("localhost").configure_cert(context)
    context.set_alpn_protocols(["h2"])
    return context


@contextmanager
def serving(context: ssl.SSLContext, first: bytes, piece: bytes, pause: float) -> Iterator[str]:
    def talk(connection: socket.socket, over: threading.Event) -> None:
        with contextlib.suppress(ssl.SSLError), context.wrap_socket(connection, server_side=True) as stream:
            # The preface, and as a rule the request.
            stream.recv(65_536)
            stream.sendall(frame(SETTINGS, 0, 0))
            stream.recv(65_536)
            stream.sendall(first)
            while not over.wait(pause):
                stream.sendall(piece)

    with servers.raw(talk) as url:
        yield url.replace("http://127.0.0.1", "https://localhost")


@pytest.mark.parametrize("kind", ENDLESS)
def test_an_exchange_is_given_up(authority: ssl.SSLContext, kind: str) -> None:
    with serving(authority, *ENDLESS[kind]) as url, client_of(url, timeout=TIMEOUT) as client:
        started = time.monotonic()
        with pytest.raises(Undecided):
            client.get("/")
        assert time.monotonic() - started < HANGS


@pytest.mark.parametrize("kind", ENDLESS)
def test_a_race_is_given_up(authority: ssl.SSLContext, kind: str) -> None:
    with serving(authority, *ENDLESS[kind]) as url, client_of(url, timeout=TIMEOUT) as client:
        started = time.monotonic()
        result = race(client, Request("GET", "/a").times(3))
        assert time.monotonic() - started < HANGS
    assert all(member.reply is None for member in result.members)
