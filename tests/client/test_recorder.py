"""The recorder, against real servers: what is kept, what is never sent, and when it gives up."""

from __future__ import annotations

import gzip
import json
import time

import pytest

from harness.client.client import Unreadable, content_of, exchange_of
from harness.client.raw import connection
from harness.client.recorder import Refused, TargetDied, Unanswered
from harness.http.decoding import MOST_OCTETS
from harness.http.exchange import KEPT
from harness.rules.checks import Undecided
from harness.rules.rule import Effect
from harness.target.redact import MASK, Redactor
from tests import servers
from tests.clients import client_of, unguarded
from tests.servers import Answer
from tests.target.encodings import ENCODINGS, finds

CANARY = "sesame-42-open-the-gate"


def test_fields_are_kept_in_order_with_duplicates():
    fields = [("X-B", "1"), ("x-a", "2"), ("X-B", "3"), ("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2")]
    with servers.http(lambda seen: Answer(200, b"ok", fields)) as server, unguarded(server.url) as client:
        kept = exchange_of(client.get("/x?q=1"))
    assert kept.response_fields[:5] == (
        ("X-B", "1"),
        ("x-a", "2"),
        ("X-B", "3"),
        ("Set-Cookie", f"a={MASK}; Path=/"),
        ("Set-Cookie", f"b={MASK}"),
    )
    assert (kept.method, kept.url, kept.status) == ("GET", f"{server.url}/x?q=1", 200)
    assert kept.http_version == "HTTP/1.1"
    assert kept.ended >= kept.started
    assert kept.connection.isdigit()
    sent = [(name, value) for name, value in kept.request_fields if name != "User-Agent"]
    assert sent == [(n, v) for n, v in server.seen[0].fields if n != "User-Agent"]


def test_a_cut_body_tells_its_true_length():
    body = b"a" * (KEPT + 5000)
    with servers.http(servers.always(200, body)) as server, unguarded(server.url) as client:
        reply = client.post("/", content=body)
    kept = exchange_of(reply)
    assert reply.content == body
    for one in (kept.request_body, kept.response_body):
        assert (len(one.text), one.size, one.cut) == (KEPT, len(body), True)


def test_octets_that_are_no_utf8_are_kept_as_far_as_can_be():
    with servers.http(servers.always(200, b"\xff{\x00")) as server, unguarded(server.url) as client:
        reply = client.get("/")
    assert exchange_of(reply).response_body.text == "\ufffd{\x00"
    assert content_of(reply) == b"\xff{\x00"


def test_secrets_are_redacted_at_capture():
    def echo(seen):
        location = f"/?t={CANARY}"
        return Answer(200, f'{{"you": "{CANARY}"}}'.encode(), [("X-You", CANARY), ("Location", location)])

    headers = {"Authorization": f"Bearer {CANARY}"}
    with (
        servers.http(echo) as server,
        unguarded(server.url, headers=headers, secrets={"TOKEN": CANARY}) as client,
    ):
        reply = client.post(f"/{CANARY}?k={CANARY}", json={"k": CANARY})
        kept = exchange_of(reply)
        assert CANARY in reply.text
        assert server.seen[0].field("authorization") == f"Bearer {CANARY}"
        assert CANARY not in repr(kept)
        assert kept.request_field("authorization") == "Bearer $TOKEN"
        assert kept.field("x-you") == "$TOKEN"
        assert kept.response_body.text == '{"you": "$TOKEN"}'
        # What pytest shows of these objects in a traceback.
        assert CANARY not in repr(client)
        assert CANARY not in repr(client.target)


def _chunked(coded):
    """An answer with the secret in each part of the message: HTTP/1.1 has no more of them (RFC 9112)."""
    content = json.dumps({coded: coded, "n": 1})
    chunks = "".join(f"{len(one):x};x={coded}\r\n{one}\r\n" for one in (content[:5], content[5:]))
    return (
        f"HTTP/1.1 200 Yes {coded}\r\nX-{coded}: 1\r\nX-Told: {coded}\r\nContent-Type: application/json\r\n"
        f"Trailer: X-Last\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\nX-Last: {coded}\r\n\r\n"
    ).encode()


@pytest.mark.parametrize("encoding", ["plain", "upper", "percent throughout", "hex", "base64, for URLs"])
def test_no_part_of_a_message_keeps_a_secret(encoding):
    coded = ENCODINGS[encoding](CANARY)
    with (
        servers.raw(servers.sends(_chunked(coded))) as url,
        client_of(url, headers={"Authorization": f"Bearer {CANARY}"}, secrets={"TOKEN": CANARY}) as client,
    ):
        assert coded in client.get("/").text
        with connection(client) as wire:
            wire.send("GET", f"{url}/")
        kept = client.recorder.exchanges
        with connection(client) as wire:
            wire.ask("GET", f"{url}/{coded}", odd=True)
    assert len(kept) == 3
    for one in kept:
        assert not finds(CANARY, repr(one), 2)
        assert one.reason == "Yes $TOKEN"
        assert one.field("X-$TOKEN") == "1"
        assert one.field("x-told") == "$TOKEN"
        # `send` leaves the content unread.
        assert not one.response_body.text or one.json() == {"$TOKEN": "$TOKEN", "n": 1}


def test_what_is_said_of_a_broken_answer_keeps_no_secret():
    broken = f"HTTP/1.1 200 OK\r\nX {CANARY}\x01: {CANARY}\r\n\r\n".encode()
    with (
        servers.raw(servers.sends(broken)) as url,
        client_of(url, secrets={"TOKEN": CANARY}) as client,
        pytest.raises(Unanswered) as caught,
    ):
        client.get(f"/?k={CANARY}")
    assert not finds(CANARY, str(caught.value) + repr(caught.value.exchange), 2)


def test_many_small_fields_are_looked_at_together():
    fields = [(f"X-{number}", f"value {number}") for number in range(4000)]
    redactor = Redactor({"TOKEN": CANARY}, {"authorization"})
    started = time.process_time()
    assert redactor.fields(fields) == tuple(fields)
    # One look takes some 20 ms; one for each field took ten times that.
    assert time.process_time() - started < 2


def test_no_cookie_is_sent_back():
    fields = [("Set-Cookie", "sid=abc; Path=/")]
    with servers.http(lambda seen: Answer(200, b"", fields)) as server, unguarded(server.url) as client:
        client.get("/")
        client.get("/")
    assert [seen.field("cookie") for seen in server.seen] == [None, None]


def test_no_redirect_is_followed_and_no_other_origin_contacted():
    with servers.http(servers.always()) as other:
        fields = [("Location", f"{other.url}/there")]
        with servers.http(lambda seen: Answer(302, b"", fields)) as server, unguarded(server.url) as client:
            assert client.get("/").status_code == 302
            assert len(server.seen) == 1
            for url in (
                f"{other.url}/there",
                "http://example.invalid/",
                server.url.replace("http:", "https:"),
            ):
                with pytest.raises(Refused, match="origin"):
                    client.get(url)
            with pytest.raises(Undecided):
                client.get(client.resolve("//example.invalid/x", "/"))
    assert other.seen == []


def test_effects_read_sends_safe_methods_only():
    with (
        servers.http(servers.always(200, b"{}")) as server,
        unguarded(server.url, effects=Effect.READ) as client,
    ):
        for method in ("GET", "HEAD", "OPTIONS"):
            client.request(method, "/")
        for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "XQZW"):
            with pytest.raises(Refused, match="--effects read"):
                client.request(method, "/")
        with connection(client) as wire:
            with pytest.raises(Refused, match="--effects read"):
                wire.send("DELETE", f"{server.url}/")
            assert wire.send("HEAD", f"{server.url}/").status == 200
        assert set(server.methods) == {"GET", "HEAD", "OPTIONS"}
        assert client.recorder.budget.sent == len(server.seen) == 4


def test_fields_that_are_given_replace_the_usual_ones_of_a_raw_request_too():
    given = {"Accept": "image/png", "X-Key": "1"}
    with servers.http(servers.always(200, b"{}")) as server, unguarded(server.url, headers=given) as client:
        with connection(client) as wire:
            wire.send("GET", f"{server.url}/", [("accept-encoding", "gzip"), ("X", "1"), ("X", "2")])
        seen = [(name.lower(), value) for name, value in server.seen[0].fields]
    assert [value for name, value in seen if name == "accept"] == ["image/png"]
    assert [value for name, value in seen if name == "accept-encoding"] == ["gzip"]
    assert [value for name, value in seen if name == "x"] == ["1", "2"]


def test_the_whole_exchange_has_a_deadline():
    # Each octet comes in good time; only the sum of them is too long.
    with (
        servers.raw(servers.trickles) as url,
        unguarded(url, timeout=0.2) as client,
        pytest.raises(Unanswered),
    ):
        client.get("/")
    (kept,) = client.recorder.exchanges
    assert kept.status is None
    assert "took too long" in str(kept.error) or "timeout" in str(kept.error)
    assert kept.ended - kept.started >= 0.2


@pytest.mark.parametrize(
    ("talk", "said"),
    [
        (servers.hangs, "no response within the timeout"),
        (servers.closes, "disconnected"),
        (servers.halves, "peer closed connection"),
        (servers.babbles, ""),
        (servers.sends(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 300_000 + b"\r\n\r\n"), "too long"),
    ],
)
def test_every_way_to_be_no_answer(talk, said):
    patience = 0.3 if talk is servers.hangs else 20
    with (
        servers.raw(talk) as url,
        unguarded(url, timeout=patience) as client,
        pytest.raises(Unanswered) as caught,
    ):
        client.get("/a")
    assert said in str(caught.value)
    assert caught.value.exchange.error is not None
    assert [kept.method for kept in client.recorder.exchanges] == ["GET"]


def test_a_target_is_given_up_after_three_unanswered():
    with servers.raw(servers.closes) as url, unguarded(url) as client:
        for _ in range(3):
            with pytest.raises(Unanswered):
                client.get("/")
        with pytest.raises(TargetDied, match="3 requests in a row without a response, the first GET "):
            client.get("/")
        with pytest.raises(TargetDied), connection(client):
            pass
    assert client.recorder.budget.sent == 3


def test_an_answer_in_between_resets_the_count():
    turns = iter([None, None, 200, None, None, 200])

    def respond(seen):
        status = next(turns)
        return None if status is None else Answer(status)

    with servers.http(respond) as server, unguarded(server.url) as client:
        for answered in (False, False, True, False, False, True):
            if answered:
                client.get("/")
            else:
                with pytest.raises(Unanswered):
                    client.get("/")
    assert client.recorder.died is None


def test_what_http_does_not_allow_is_not_the_targets_fault():
    with servers.http(servers.always()) as server, unguarded(server.url) as client:
        for _ in range(4):
            with pytest.raises(Undecided):
                client.get("/", headers={"X-Bad": "a\r\nb"})
        assert client.get("/").status_code == 200
        assert len(server.seen) == 1


def test_content_that_unfolds_without_end_is_not_unfolded():
    bomb = gzip.compress(b"\0" * (MOST_OCTETS + 10_000_000))
    fields = [("Content-Encoding", "gzip")]
    with (
        servers.http(lambda seen: Answer(200, bomb, fields)) as server,
        unguarded(server.url) as client,
        pytest.raises(Unreadable, match=r"content of more than \d+ bytes, not read"),
    ):
        client.get("/")
    (kept,) = client.recorder.exchanges
    assert kept.response_body.size == len(bomb)
    assert kept.error is not None
    assert kept.error.startswith("content of more than")


def test_content_that_is_too_long_is_an_answer_that_is_not_read():
    with servers.raw(servers.floods) as url, client_of(url, timeout=20) as client:
        for _ in range(4):
            # An answer came: that is no reason to give the target up.
            with pytest.raises(Unreadable, match=f"content of more than {MOST_OCTETS} bytes, not read"):
                client.get("/a")
    kept = client.recorder.exchanges[0]
    assert (kept.status, kept.error) == (200, f"content of more than {MOST_OCTETS} bytes, not read")


def test_a_content_coding_is_undone_in_what_is_kept():
    packed = gzip.compress(b'{"a": 1}')
    fields = [("Content-Encoding", "gzip")]
    with servers.http(lambda seen: Answer(200, packed, fields)) as server, unguarded(server.url) as client:
        reply = client.get("/")
    assert reply.json() == {"a": 1}
    assert content_of(reply) == packed
    kept = exchange_of(reply).response_body
    assert (kept.text, kept.size) == ('{"a": 1}', len(packed))


def test_the_clock_of_exchanges_is_monotonic():
    with servers.http(servers.always()) as server, unguarded(server.url) as client:
        before = time.monotonic()
        first, second = exchange_of(client.get("/")), exchange_of(client.get("/"))
    assert before <= first.started <= first.ended <= second.started <= second.ended
