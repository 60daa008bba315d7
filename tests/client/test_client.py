"""The client: Retry-After, header fields, and values that come from a hostile target."""

from __future__ import annotations

import json

import pytest

from harness.client import client as module
from harness.client.client import Throttled, exchange_of
from harness.client.recorder import TargetDied
from harness.http.content import MISSING, json_of, last_segment
from harness.rules.checks import Undecided
from tests import servers
from tests.clients import unguarded
from tests.servers import Crud


@pytest.fixture
def slept(monkeypatch):
    """Seconds that the client would have waited."""
    waits: list[float] = []
    monkeypatch.setattr(module.time, "sleep", waits.append)
    return waits


@pytest.mark.parametrize(
    ("retry_after", "throttles", "waits"),
    [("0", 1, [0.0]), ("1", 1, [1.0]), ("7", 2, [7.0, 7.0]), (None, 1, [1.0]), ("soon", 1, [1.0])],
)
def test_retry_after_is_obeyed(slept, retry_after, throttles, waits):
    api = Crud(throttles=throttles, retry_after=retry_after)
    with servers.http(api) as server, unguarded(server.url) as client:
        reply = client.get("/")
    assert reply.status_code == 200
    assert slept == waits
    assert [kept.attempt for kept in client.recorder.exchanges] == list(range(1, throttles + 2))
    assert exchange_of(reply).attempt == throttles + 1


@pytest.mark.parametrize(
    ("retry_after", "requests", "said"),
    [
        ("1", 3, "after 3 attempts"),
        (None, 2, "after 2 attempts"),
        ("3600", 1, "3600 s, longer than the 30 s"),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_patience_has_an_end(slept, retry_after, requests, said, status):
    more = [] if retry_after is None else [("Retry-After", retry_after)]
    with (
        servers.http(servers.always(status, b"", "text/plain", *more)) as server,
        unguarded(server.url) as client,
        pytest.raises(Throttled, match=said),
    ):
        client.get("/")
    assert len(server.seen) == requests


@pytest.mark.parametrize(
    ("method", "status", "retry_after", "requests"),
    [
        ("PATCH", 423, "1", 2),
        ("DELETE", 409, "1", 2),
        ("PUT", 409, None, 1),
        ("PUT", 423, "3600", 1),
        ("GET", 409, "1", 1),
        ("PUT", 412, "1", 1),
    ],
)
def test_a_write_is_repeated_once_when_its_item_is_said_to_be_free(
    slept, method, status, retry_after, requests
):
    more = [] if retry_after is None else [("Retry-After", retry_after)]
    with (
        servers.http(servers.always(status, b"", "text/plain", *more)) as server,
        unguarded(server.url) as client,
    ):
        assert client.request(method, "/items/1").status_code == status
    assert len(server.seen) == requests


def test_throttling_can_be_looked_at(slept):
    with servers.http(Crud(throttles=9, retry_after="1")) as server, unguarded(server.url) as client:
        assert client.get("/", obey_throttling=False).status_code == 429
    assert slept == []


def test_a_target_that_refuses_everything_is_given_up(slept):
    with servers.http(Crud(throttles=99, retry_after="1")) as server, unguarded(server.url) as client:
        for _ in range(3):
            with pytest.raises(Throttled):
                client.get("/")
        with pytest.raises(TargetDied, match="rejects all requests"):
            client.get("/")
    assert len(server.seen) == 9


def test_fields_replace_each_other_whatever_their_case():
    with (
        servers.http(servers.always()) as server,
        unguarded(server.url, headers={"Authorization": "Bearer one"}) as client,
    ):
        client.get("/", headers={"authorization": "Bearer two"})
        client.get("/", headers={"AUTHORIZATION": None, "accept": None})
        client.under(None).get("/")
        client.post("/", json={"a": 1}, headers={"content-type": "application/merge-patch+json"})
    values = [[v for n, v in seen.fields if n.lower() == "authorization"] for seen in server.seen]
    assert values == [["Bearer two"], [], [], ["Bearer one"]]
    assert server.seen[1].field("accept") is None
    assert server.seen[3].field("content-type") == "application/merge-patch+json"
    with pytest.raises(KeyError):
        client.under("nobody")


@pytest.mark.parametrize("value", ['"é"', '"日本"', "\u2028"])
def test_field_values_beyond_ascii_are_sent(value):
    with servers.http(servers.always()) as server, unguarded(server.url) as client:
        client.get("/", headers={"If-Match": value})
    assert server.seen[0].field("if-match").encode("latin-1").decode() == value


def test_json_that_no_utf8_text_can_hold_is_sent_escaped():
    with servers.http(servers.always()) as server, unguarded(server.url) as client:
        client.post("/", json={"a": "\ud800", "é": 1})
        client.post("/", json={"é": 1})
        with pytest.raises(Undecided, match="as JSON"):
            client.post("/", json={"a": float("nan")})
    assert json.loads(server.seen[0].body) == {"a": "\ud800", "é": 1}
    assert server.seen[1].body == '{"é":1}'.encode()
    assert server.seen[1].field("content-type") == "application/json"
    assert len(server.seen) == 2


@pytest.mark.parametrize("url", ["/a\x00b", "http://[::1", "/\ud800"])
def test_a_url_that_is_none_decides_nothing(url):
    with servers.http(servers.always()) as server, unguarded(server.url) as client:
        with pytest.raises(Undecided):
            client.get(url)
        assert client.get("/a b/é").status_code == 200
    assert [seen.path for seen in server.seen] == ["/a%20b/%C3%A9"]


def test_references_are_resolved_or_refused():
    with servers.http(servers.always()) as server, unguarded(server.url) as client:
        assert client.resolve("?page=2", "/things") == f"{server.url}/things?page=2"
        assert client.resolve("/x", "/things/1") == f"{server.url}/x"
        with pytest.raises(Undecided, match="not a URI reference"):
            client.resolve("http://[::1", "/things")
    assert last_segment("http://[::1") is None
    assert last_segment("/things/a%20b/?x") == "a b"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"a": [1, null]}', {"a": [1, None]}),
        (b'{"a": NaN}', MISSING),
        (b"[-Infinity]", MISSING),
        (b"", MISSING),
        (b"<html>", MISSING),
        (b"\xff\xfe\xfd", MISSING),
        (b"[" * 100_000 + b"]" * 100_000, MISSING),
        (b"[" * 300 + b"]" * 300, MISSING),
        (b'{"a":' * 50 + b"1" + b"}" * 50, json.loads('{"a":' * 50 + "1" + "}" * 50)),
        (b"1" * 5000, MISSING),
        (rb'{"\ud800": "\udfff x \ud83d\ude00"}', {"\ufffd": "\ufffd x \U0001f600"}),
        (b'["\xed\xa0\x80"]', ["\ufffd\ufffd\ufffd"]),
        ('["\ud800"]'.encode("utf-16", "surrogatepass"), ["\ufffd"]),
    ],
)
def test_json_of_hostile_content(body, expected):
    with servers.http(servers.always(200, body)) as server, unguarded(server.url) as client:
        value = json_of(client.get("/"))
    if isinstance(value, list) and body.startswith(b'["\xed'):
        assert value[0].strip("\ufffd") == ""
    else:
        assert value == expected
