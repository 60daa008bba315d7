"""Rules on servers that do not do what is declared: a verdict with the reason, never a hang."""

from __future__ import annotations

import socket
import threading

import pytest

from harness.rules.rule import Effect
from tests import servers
from tests.client.test_open_responses import asked, stream
from tests.realtime.rules import api

CAUSED = 'trigger = "POST /messages"\ntrigger_body = { text = "{mark}" }\n'
STREAM = f'[[streams]]\npath = "/events"\n{CAUSED}private = true\nlatency = 0.3\nheartbeat = 0.3\n'
SOCKET = '[websocket]\npath = "/socket"\n'
POLL = f'[longpoll]\npath = "/updates"\n{CAUSED}timeout = 0.2\n'
ACCEPTED = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"


def answering(events):
    """A server that accepts messages, and lets `events` do what it likes with the stream."""

    def talk(connection: socket.socket, over: threading.Event) -> None:
        if connection.recv(4, socket.MSG_PEEK) == b"POST":
            while asked(connection):
                connection.sendall(ACCEPTED)
        else:
            events(connection, over)

    return talk


@pytest.mark.parametrize("code", ["RT-001", "RT-002", "RT-003", "RT-004", "RT-005"])
@pytest.mark.parametrize(
    "events",
    [
        pytest.param(servers.closes, id="closes at once"),
        pytest.param(servers.babbles, id="not HTTP"),
        pytest.param(stream(end=True), id="ends at once"),
        pytest.param(stream(b"data: " + b"x" * 5_000_000), id="an event of 5 MB"),
        pytest.param(servers.sends(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"), id="404"),
    ],
)
def test_a_stream_that_does_not_work_is_not_passed(code, events):
    with servers.raw(answering(events)) as url, api(url, STREAM, timeout=2.0) as one:
        found = one.put(code)
    # A stream that ends is opened again by clients, so that its silence is no fault.
    assert found.ending in ("inconclusive", "breach"), found
    assert found.text
    if code in ("RT-002", "RT-004", "RT-005"):
        assert found.ending in ("inconclusive",), found


def test_a_stream_that_never_sends_is_silent():
    with servers.raw(answering(stream())) as url, api(url, STREAM, timeout=2.0) as one:
        assert one.put("RT-001").ending == "inconclusive"
        found = one.put("RT-003")
    assert found.ending == "breach"
    assert "1 of 1 did not arrive by then" in found.text


def test_a_response_that_never_begins_is_inconclusive():
    with servers.raw(answering(servers.hangs)) as url, api(url, STREAM, timeout=2.0) as one:
        found = one.put("RT-001")
    assert found.ending == "inconclusive"
    assert "no response within" in found.text


def test_a_run_that_only_reads_listens():
    talk = stream(b"data: 1\n\n", b": ping\n\n")
    with servers.raw(answering(talk)) as url, api(url, STREAM, effects=Effect.READ) as one:
        found = {code: one.put(code) for code in ("RT-001", "RT-002", "RT-003", "RT-005")}
    assert {code: one.ending for code, one in found.items()} == {
        "RT-001": "pass",
        "RT-002": "inconclusive",
        "RT-003": "breach",
        "RT-005": "inconclusive",
    }
    assert "no Cache-Control" in found["RT-003"].text


@pytest.mark.parametrize("code", ["RT-007", "RT-008"])
@pytest.mark.parametrize(
    ("talk", "ending"),
    [
        pytest.param(servers.closes, "inconclusive", id="closes at once"),
        pytest.param(servers.hangs, "inconclusive", id="endless handshake"),
        pytest.param(servers.trickles, "inconclusive", id="a header section without end"),
        pytest.param(servers.babbles, "inconclusive", id="not HTTP"),
        pytest.param(servers.sends(b"HTTP/1.1 404 N\r\nContent-Length: 0\r\n\r\n"), "inconclusive", id="404"),
        pytest.param(
            servers.sends(b"HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"),
            "wrong",
            id="no accept",
        ),
        pytest.param(servers.sends(b"HTTP/1.1 500 E\r\nContent-Length: 0\r\n\r\n"), "wrong", id="500"),
    ],
)
def test_a_websocket_that_does_not_work_is_not_passed(code, talk, ending):
    with servers.raw(talk) as url, api(url, SOCKET, timeout=0.5) as one:
        found = one.put(code)
    wrong = ending == "wrong" and code == "RT-007"
    assert found.ending == ("breach" if wrong else "inconclusive"), found
    assert found.text


@pytest.mark.parametrize(
    ("talk", "ending", "shown"),
    [
        pytest.param(servers.closes, "inconclusive", "ended before a response", id="closes at once"),
        pytest.param(servers.hangs, "breach", "none after", id="never answers"),
        pytest.param(
            servers.sends(b"HTTP/1.1 504 G\r\nContent-Length: 0\r\n\r\n"), "breach", "504", id="gateway"
        ),
        pytest.param(servers.sends(b"HTTP/1.1 204 N\r\n\r\n"), "breach", "without an event", id="not held"),
        pytest.param(
            servers.sends(b"HTTP/1.1 403 F\r\nContent-Length: 0\r\n\r\n"), "inconclusive", "403", id="refused"
        ),
    ],
)
def test_long_polling_that_does_not_work(talk, ending, shown):
    with servers.raw(answering(talk)) as url, api(url, POLL, timeout=2.0) as one:
        found = one.put("RT-006")
    assert found.ending == ending, found
    assert shown in found.text


def test_without_anything_declared_no_rule_applies_and_none_sends_anything():
    with servers.http(lambda seen: None) as server, api(server.url, "") as one:
        for code in ("RT-001", "RT-002", "RT-003", "RT-004", "RT-005", "RT-006", "RT-007", "RT-008"):
            assert one.put(code).ending == "not applicable"
        assert not server.seen
