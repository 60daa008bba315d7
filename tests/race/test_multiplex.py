"""HTTP/2: all streams are open and END_STREAM is withheld; then all ends go out in one write."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.race import Request, race
from harness.race.rounds import rounds
from tests.clients import unguarded
from tests.race.serving import serving
from tests.race.test_gate import MEMBERS, held


def test_no_stream_ends_before_the_release(certificate: Path) -> None:
    requests = [Request("POST", f"/orders/{n}", json={"number": n}) for n in range(MEMBERS - 2)]
    requests += [Request("DELETE", "/orders/1"), Request("GET", "/orders")]
    with serving("h2", certificate) as server:
        result, complete_at_gate = held(server, requests)
        log = server.log()
    assert complete_at_gate == []
    assert result.protocol == "HTTP/2"
    assert result.overlap == MEMBERS
    assert len({entry["connection"] for entry in log}) == 1
    assert not any(entry["ended_with_headers"] for entry in log)
    bodies = [entry["body"] for entry in log if entry["method"] == "POST"]
    assert sorted(json.loads(body)["number"] for body in bodies) == list(range(MEMBERS - 2))
    assert all(entry["body"] == "" for entry in log if entry["method"] != "POST")
    exchange = result.members[0].exchange
    assert exchange is not None
    assert exchange.http_version == "HTTP/2"
    assert "/" in exchange.connection


def test_contents_larger_than_the_flow_control_window_arrive_whole(certificate: Path) -> None:
    contents = ["", "x", "y" * 200_000]
    with serving("h2", certificate) as server, unguarded(server.url) as client:
        result = race(client, [Request("PUT", "/a", content=text) for text in contents])
        received = sorted((entry["body"] for entry in server.log()), key=len)
    assert received == contents
    got = [member.reply.json()["got"] for member in result.members if member.reply]
    assert got == [text[:1000] for text in contents]


def test_one_connection_serves_several_races(certificate: Path) -> None:
    with serving("h2", certificate) as server, unguarded(server.url) as client:
        for _ in range(3):
            assert len(race(client, Request("POST", "/a", json={}).times(4)).counted) == 4
        assert server.warm_ups() == 1
        assert len({entry["connection"] for entry in server.log()}) == 1


def test_no_more_streams_than_the_target_allows(certificate: Path) -> None:
    with serving("h2 few", certificate) as server, unguarded(server.url) as client:
        result = race(client, Request("POST", "/a", json={}).times(6))
    assert len(result.counted) == 4
    assert result.members[5].exchange is None
    assert "allows 4 HTTP/2 streams" in result.losses()


def test_a_target_that_negotiates_but_refuses_http2_is_raced_over_http1(certificate: Path) -> None:
    with serving("h2 refused", certificate) as server, unguarded(server.url) as client:
        result = race(client, Request("POST", "/a", json={}).times(4))
    assert result.protocol == "HTTP/1.1"
    assert len(result.counted) == 4
    assert any("HTTP/2 was negotiated, but the server did not use it" in note for note in result.notes)


def test_streams_that_are_reset_do_not_take_part(certificate: Path) -> None:
    with serving("h2 reset half", certificate) as server, unguarded(server.url) as client:
        result = race(client, Request("POST", "/a", json={}).times(6))
    assert len(result.counted) == 3
    assert result.losses() == "3 x the target reset the stream (error 2)"


def test_goaway_ends_the_race_and_not_the_next(certificate: Path) -> None:
    with serving("h2 goaway", certificate) as server, unguarded(server.url) as client:
        result = race(client, Request("POST", "/a", json={}).times(4))
        again = race(client, Request("GET", "/a").times(4))
    assert result.counted == []
    assert "GOAWAY, error 11" in result.losses()
    assert len(again.counted) == 4


def test_unanswered_streams_end_at_the_deadline(certificate: Path) -> None:
    with serving("h2 never", certificate) as server, unguarded(server.url, timeout=0.5) as client:
        result = race(client, Request("POST", "/a", json={}).times(4))
    assert result.losses() == "4 x no response within the deadline"
    assert not result.overlapped


HYPERCORN = """
import asyncio, socket, sys
from hypercorn.asyncio import serve
from hypercorn.config import Config

async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    content = b""
    while True:
        event = await receive()
        content += event.get("body", b"")
        if not event.get("more_body"):
            break
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": content})

listener = socket.create_server(("127.0.0.1", 0), backlog=64)
config = Config()
config.bind = [f"fd://{listener.fileno()}"]
config.certfile = config.keyfile = sys.argv[1]
config.loglevel = "error"
config.keep_alive_max_requests = 20
print(listener.getsockname()[1], flush=True)
asyncio.run(serve(app, config))
"""


@pytest.fixture
def hypercorn(certificate: Path) -> Iterator[str]:
    pytest.importorskip("hypercorn")
    process = subprocess.Popen(
        [sys.executable, "-c", HYPERCORN, str(certificate)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield f"https://localhost:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.communicate()


def test_against_hypercorn_which_ends_connections_after_some_requests(hypercorn: str) -> None:
    with unguarded(hypercorn) as client:
        requests = [Request("POST", "/", json={"n": n}) for n in range(8)]

        def one(number: int) -> object:
            result = race(client, requests)
            members = result.members_or_inconclusive(8)
            assert [member.reply.json()["n"] for member in members if member.reply] == list(range(8))
            return result

        outcome = rounds(one, designed_window=1e-3, least=4, most=12)  # type: ignore[arg-type]
    assert len(outcome.races) >= 4
    assert {result.protocol for result in outcome.races} == {"HTTP/2"}
