"""Raw connections: whole responses in any framing, what follows on the connection, and lines that repeat them."""

from __future__ import annotations

import re
import socket
import threading

import pytest

from harness.client.raw import connection
from harness.rules.checks import Undecided
from tests import servers
from tests.clients import client_of
from tests.http.test_exchange import argv


@pytest.mark.parametrize(
    ("answer", "content", "left"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP", b"ok", b"HTTP"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nHTTP", b"ok", b"HTTP"),
        (b"HTTP/1.1 200 OK\r\n\r\nto the end", b"to the end", b""),
        (b"HTTP/1.1 204 No Content\r\n\r\nHTTP", b"", b"HTTP"),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\nHTTP", b"", b"HTTP"),
        (b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", b"x", b""),
    ],
)
def test_a_response_is_read_whole(answer: bytes, content: bytes, left: bytes) -> None:
    with (
        servers.raw(servers.sends(answer)) as url,
        client_of(url) as client,
        connection(client) as wire,
    ):
        exchange, reply = wire.ask("GET", f"{url}/")
        assert reply.content == content
        assert exchange.response_body.size == len(content)
        assert wire.unread == left


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"hello",
        b"",
    ],
)
def test_what_is_no_response_is_undecided(answer: bytes) -> None:
    with (
        servers.raw(servers.sends(answer)) as url,
        client_of(url) as client,
        connection(client) as wire,
        pytest.raises(Undecided),
    ):
        wire.ask("GET", f"{url}/")


def serving(times: int):
    """Answers so many requests of a connection, and ends it."""

    def talk(stream: socket.socket, over: threading.Event) -> None:
        seen = b""
        for _ in range(times):
            while b"\r\n\r\n" not in seen:
                octets = stream.recv(65_536)
                if not octets:
                    return
                seen += octets
            seen = seen.partition(b"\r\n\r\n")[2]
            stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    return talk


@pytest.mark.parametrize(("times", "served"), [(1, False), (2, True)])
def test_whether_a_connection_goes_on(times: int, served: bool) -> None:
    with servers.raw(serving(times)) as url, client_of(url) as client, connection(client) as wire:
        wire.ask("GET", f"{url}/")
        assert (wire.serves(f"{url}/") is not None) is served


def test_odd_requests_go_out_as_they_are_and_are_reported_so() -> None:
    seen: list[bytes] = []

    def keep(stream: socket.socket, over: threading.Event) -> None:
        stream.settimeout(2)
        octets = b""
        while not octets.endswith(b"\xff\\%"):
            octets += stream.recv(65_536)
        seen.append(octets)
        stream.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    with (
        servers.raw(keep) as url,
        client_of(
            url, headers={"Authorization": "Bearer s3cret-s3cret"}, secrets={"TOKEN": "s3cret-s3cret"}
        ) as client,
        connection(client) as wire,
    ):
        exchange, _ = wire.ask(
            "GET",
            f"{url}/a%20b",
            [("X-Test ", "é\r\n folded")],
            b"\0\xff\\%",
            without=("Host",),
            measured=False,
            odd=True,
        )
    assert b"Host" not in seen[0]
    assert "X-Test : é\r\n folded".encode() in seen[0]
    line = exchange.as_curl()
    assert "s3cret" not in exchange.raw + line
    command, _, peer = line.rpartition(" | ")
    assert re.fullmatch(r"curl -s --max-time 5 telnet://127\.0\.0\.1:\d+", peer)
    script = f"curl() {{ :; }}\n{command} > sent; cat sent"
    assert run(script, TOKEN="s3cret-s3cret") == seen[0]


def run(script: str, **variables: str) -> bytes:
    """What a real shell prints."""
    import os
    import subprocess
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        environ = {"PATH": os.environ["PATH"], **variables}
        return subprocess.run(
            ["bash", "-c", script], cwd=folder, capture_output=True, check=True, env=environ
        ).stdout


def test_over_long_targets_are_short_to_read_and_whole_to_repeat() -> None:
    with servers.http(servers.always(200, b"{}")) as server, client_of(server.url) as client:
        client.get(f"/items?x={'0' * 3000}")
        (exchange,) = client.recorder.exchanges
    assert len(exchange.summary()) < 250
    line = exchange.as_curl()
    assert len(line) < 500
    assert argv(line)[-1] == f"{server.url}/items?x={'0' * 3000}"
