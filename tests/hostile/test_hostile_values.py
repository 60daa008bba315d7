"""Values that are far longer, deeper or more than any that is meant."""

from __future__ import annotations

import json
import socket
import threading

import pytest

from harness.client.client import Throttled, exchange_of
from harness.client.oauth2 import NoToken, fetch
from harness.client.raw import connection
from harness.http.content import DEEPEST, MISSING, MOST_VALUES, json_of, parsed
from harness.http.exchange import FIELDS_KEPT, Body, few
from harness.http.fields import LONGEST, number_in, retry_after
from harness.rules.checks import Undecided
from harness.target.credentials.resolved import Grant
from suites.conditional.caching import Control
from tests import servers
from tests.clients import client_of
from tests.servers import Answer

DIGITS = "9" * 5000


@pytest.mark.parametrize(
    ("text", "number"), [("0", 0), ("-17", -17), (DIGITS, 10**18 - 1), (f"-{DIGITS}", 1 - 10**18)]
)
def test_numbers_of_thousands_of_digits_are_read_as_large_ones(text: str, number: int) -> None:
    assert number_in(text) == number


def test_what_is_asked_for_longer_than_anybody_waits() -> None:
    assert retry_after(DIGITS) == LONGEST
    assert retry_after(f"Mon, 01 Jan {DIGITS[:20]} 00:00:00 GMT") is None
    assert Control(f"max-age={DIGITS}").seconds("max-age") == 10**18 - 1


def test_a_gigantic_retry_after_is_not_waited_for() -> None:
    with (
        servers.http(lambda seen: Answer(503, b"", [("Retry-After", DIGITS)])) as server,
        client_of(server.url) as client,
        pytest.raises(Throttled, match="asks to wait 2147483648 s"),
    ):
        client.get("/")


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * (DEEPEST + 1) + b"1" + b"}" * (DEEPEST + 1),
        b"1" * 1_000_000,
        b"[" + b"[]," * (MOST_VALUES // 2) + b"1]",
    ],
    ids=["deepest", "deep", "number", "values"],
)
def test_json_that_is_too_much_is_none(content: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parsed(content)
    if len(content) < 2**20:
        with pytest.raises(ValueError, match=r".+"):
            Body(content.decode(), len(content)).json()
    with servers.http(servers.always(200, content)) as server, client_of(server.url) as client:
        assert json_of(client.get("/")) is MISSING


def test_a_long_string_is_json() -> None:
    assert len(parsed(b'"' + b"a" * 10_000_000 + b'"')) == 10_000_000


@pytest.mark.parametrize(
    "shown",
    [
        b"[" * 100_000,
        b"1" * 100_000,
        b'{"access_token": "a", "token_type": "bearer", "expires_in": 1e999}',
    ],
)
def test_a_token_response_that_is_none(shown: bytes) -> None:
    with servers.http(servers.always(200, shown)) as server, pytest.raises(NoToken):
        fetch(Grant(f"{server.url}/token", "us", "secret"), insecure=False, timeout=10)


def test_a_token_for_ever() -> None:
    shown = json.dumps({"access_token": "a", "token_type": "bearer", "expires_in": 10**400}).encode()
    with servers.http(servers.always(200, shown)) as server:
        token = fetch(Grant(f"{server.url}/token", "us", "secret"), insecure=False, timeout=10)
    assert token.until is not None


def test_of_thousands_of_fields_those_are_kept_that_somebody_reads() -> None:
    fields = [("X-Long", "y" * 60_000), *((f"X-{number}", "one of many") for number in range(3000))]
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in fields[:2000]).encode()

    def talk(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(65_536)
        connection.sendall(head + b"\r\n{}")
        over.wait()

    with servers.raw(talk) as url, client_of(url) as client:
        reply = client.get("/")
    kept = exchange_of(reply)
    assert len(reply.headers) == 2001
    assert len(kept.response_fields) == FIELDS_KEPT
    assert kept.fields_left == 2001 - FIELDS_KEPT
    assert kept.field("content-length") == "2"
    assert kept.field("x-long") is None


def test_fields_as_they_are_everywhere_are_all_kept() -> None:
    fields = [(b"Content-Type", b"application/json"), (b"Set-Cookie", b"a=" + b"b" * 4000)] * 3
    assert few(fields) == fields


def test_a_status_that_is_no_number_of_three_digits() -> None:
    for status in ("²²²".encode("latin-1"), DIGITS.encode(), b"20"):
        with (
            servers.raw(servers.sends(b"HTTP/1.1 " + status + b" OK\r\nContent-Length: 0\r\n\r\n")) as url,
            client_of(url) as client,
            connection(client) as wire,
        ):
            try:
                assert wire.send("GET", f"{url}/").status is None
            except Undecided:
                pass
