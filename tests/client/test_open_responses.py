"""Responses that go on, from servers of all kinds: what came and when, how it ended, and how much memory that took."""

from __future__ import annotations

import socket
import ssl
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from harness.client.budget import BudgetSpent
from harness.client.open_responses import MOST_EVENTS, Held
from harness.rules.checks import Undecided
from tests import servers
from tests.clients import unguarded

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
SOON = 20.0
"""Seconds after which a test fails; what is waited for comes at once."""


def chunk(octets: bytes) -> bytes:
    return f"{len(octets):x}\r\n".encode() + octets + b"\r\n"


def asked(connection: socket.socket) -> bytes:
    found = b""
    while b"\r\n\r\n" not in found:
        piece = connection.recv(65_536)
        if not piece:
            break
        found += piece
    return found


def stream(*pieces: bytes, end: bool = False) -> Callable[[socket.socket, threading.Event], None]:
    """Answers with pieces of an event stream, and then goes on in silence, or ends."""

    def talk(connection: socket.socket, over: threading.Event) -> None:
        asked(connection)
        connection.sendall(HEAD)
        for piece in pieces:
            connection.sendall(chunk(piece))
        if end:
            connection.sendall(b"0\r\n\r\n")
        over.wait(SOON)

    return talk


@contextmanager
def held(talk: Callable[[socket.socket, threading.Event], None], **options) -> Iterator[Held]:
    with servers.raw(talk) as url, unguarded(url, **options) as client:
        one = Held(client, "/events")
        try:
            yield one
        finally:
            one.close()


def test_events_arrive_with_their_times():
    with held(stream(b"id: 1\nda", b"ta: a\n\n", b": ping\n\n", b"data: b\n\n")) as one:
        assert one.wait(lambda: len(one.events) == 2, time.monotonic() + SOON)
        assert [received.event.data for received in one.events] == ["a", "b"]
        assert one.sent <= one.head <= one.events[0].at <= one.events[1].at
        assert one.ended is None
    exchange = one.close()
    assert (exchange.status, exchange.media_type, one.why) == (
        200,
        "text/event-stream",
        "it was closed by the run",
    )
    assert "data: b" in exchange.response_body.text


def test_a_stream_that_never_sends_is_waited_for_as_long_as_the_caller_says():
    with held(stream()) as one:
        assert one.opened(SOON)
        assert not one.wait(lambda: bool(one.events), time.monotonic() + 0.05)
        assert one.ended is None


@pytest.mark.parametrize(
    ("talk", "status", "why"),
    [
        pytest.param(servers.closes, None, "ended before a response", id="closes at once"),
        pytest.param(servers.babbles, None, "no HTTP/1.1 response", id="not HTTP"),
        pytest.param(stream(b"data: a\n\n", end=True), 200, "the response ended", id="ends"),
        pytest.param(
            stream(b"data: " + b"x" * 10_000_000), 200, "an event of more than 4 MiB", id="10 MB event"
        ),
    ],
)
def test_how_a_stream_ended(talk, status, why):
    with held(talk) as one:
        one.wait(lambda: one.ended is not None, time.monotonic() + SOON)
        assert one.ended is not None
        assert one.status == status
        assert why in one.why or (status is None and "failed" in one.why)


def test_a_connection_that_is_refused_is_undecided():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with unguarded(f"http://127.0.0.1:{free.getsockname()[1]}") as client, pytest.raises(Undecided):
            Held(client, "/events")


def test_the_end_of_the_time_of_the_run_ends_the_wait():
    with held(stream()) as one:
        one.client.recorder.budget.until = time.monotonic() - 1
        one.client.recorder.budget.seconds = 1.0
        with pytest.raises(BudgetSpent):
            one.wait(lambda: False, time.monotonic() + SOON)


def test_a_stream_of_100_mb_takes_little_memory():
    piece = chunk(b"data: " + b"x" * 10_000 + b"\n\n") * 6

    def talk(connection: socket.socket, over: threading.Event) -> None:
        asked(connection)
        connection.sendall(HEAD)
        for _ in range(1700):
            connection.sendall(piece)
        connection.sendall(chunk(b"data: last\n\n") + b"0\r\n\r\n")

    tracemalloc.start()
    try:
        with held(talk) as one:
            one.wait(lambda: one.ended is not None, time.monotonic() + 6 * SOON)
            assert one.received > 100_000_000
            assert len(one.events) <= MOST_EVENTS
            assert len(one.events) + one.left == 1700 * 6 + 1
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


def test_a_stream_over_tls(tmp_path):
    trustme = pytest.importorskip("trustme")
    authority = trustme.CA()
    settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(settings)

    def talk(connection: socket.socket, over: threading.Event) -> None:
        with settings.wrap_socket(connection, server_side=True) as secure:
            asked(secure)
            secure.sendall(HEAD + chunk(b"data: a\n\n"))
            over.wait(SOON)

    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with servers.raw(talk) as url, unguarded(url.replace("http:", "https:")) as client:
        trusting = replace(client.target, authority=str(tmp_path / "ca.pem"))
        one = Held(replace(client, target=trusting), "/events")
        assert one.wait(lambda: bool(one.events), time.monotonic() + SOON)
        one.close()
