"""The embedded receivers, on real sockets."""

from __future__ import annotations

import socket
import ssl
import time

import httpx
import pytest

from suites.webhooks.receiver import MOST_BYTES, OK, Answer, Endpoint, receiving
from suites.webhooks.resetting import resetting
from suites.webhooks.untrusted import untrusted

SOON = 20.0


def test_each_event_gets_the_answers_of_the_script_in_order():
    with receiving("127.0.0.1:0", None) as receiver, httpx.Client(trust_env=False) as client:
        endpoint = receiver.add(Endpoint("failing", "/run/failing", (Answer(500), OK)))
        url = receiver.url + endpoint.path
        statuses = [client.post(url, content=text).status_code for text in ("a", "b", "a", "b", "a")]
        assert statuses == [500, 500, 204, 204, 204]
        assert client.post(receiver.url + "/other").status_code == 404
        assert [one.content for one in endpoint.deliveries] == [b"a", b"b", b"a", b"b", b"a"]


def test_fields_of_an_answer_are_sent():
    with receiving("127.0.0.1:0", None) as receiver, httpx.Client(trust_env=False) as client:
        receiver.add(Endpoint("busy", "/busy", (Answer(429, {"Retry-After": "7"}),)))
        reply = client.post(receiver.url + "/busy", content="x")
        assert (reply.status_code, reply.headers["retry-after"]) == (429, "7")


def test_the_end_of_an_attempt_without_an_answer_is_seen():
    with receiving("127.0.0.1:0", None) as receiver:
        endpoint = receiver.add(Endpoint("slow", "/slow", (Answer(None),)))
        with httpx.Client(trust_env=False, timeout=0.2) as client, pytest.raises(httpx.ReadTimeout):
            client.post(receiver.url + "/slow", content="x")
        assert receiver.wait(lambda: endpoint.deliveries[0].ended is not None, time.monotonic() + SOON)


def test_who_still_waits_does_not_keep_the_receiver_open():
    with receiving("127.0.0.1:0", None) as receiver:
        endpoint = receiver.add(Endpoint("slow", "/slow", (Answer(None),)))
        port = int(receiver.url.rpartition(":")[2])
        held = socket.create_connection(("127.0.0.1", port))
        held.sendall(b"POST /slow HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx")
        assert receiver.wait(lambda: bool(endpoint.deliveries), time.monotonic() + SOON)
    held.close()
    assert endpoint.deliveries[0].ended is None


def test_content_is_bounded():
    with receiving("127.0.0.1:0", None, whole=True) as receiver, httpx.Client(trust_env=False) as client:
        endpoint = receiver.add(Endpoint("ok", "/"))
        assert client.post(receiver.url + "/any/path", content=b"x" * (3 * MOST_BYTES)).status_code == 204
        assert len(endpoint.deliveries[0].content) == MOST_BYTES


def test_a_certificate_signed_by_itself_is_seen_through_and_who_goes_on_is_recorded():
    with untrusted("127.0.0.1") as listener:
        with httpx.Client(trust_env=False) as client, pytest.raises(httpx.ConnectError):
            client.post(listener.url)
        unverified = ssl._create_unverified_context()
        with httpx.Client(trust_env=False, verify=unverified) as client:
            assert client.post(f"{listener.url}/hook").status_code == 204
        with listener.changed:
            assert listener.changed.wait_for(lambda: listener.connections == 2, SOON)
        assert listener.requests == ["POST /hook HTTP/1.1"]


def test_a_first_attempt_is_reset_and_the_next_one_answered():
    endpoint = Endpoint("reset", "/reset", (Answer(None, resets=True), OK))
    with (
        receiving("127.0.0.1:0", None) as receiver,
        resetting(receiver, endpoint, "127.0.0.1") as url,
        httpx.Client(trust_env=False) as client,
    ):
        with pytest.raises(httpx.ReadError):
            client.post(url + "/reset", content=b"x")
        assert client.post(url + "/reset", content=iter([b"x"])).status_code == 204
    assert [one.content for one in endpoint.deliveries] == [b"x", b"x"]
    assert endpoint.deliveries[0].ended == endpoint.deliveries[0].at


def test_a_callback_may_add_to_the_path():
    with receiving("127.0.0.1:0", None) as receiver, httpx.Client(trust_env=False) as client:
        endpoint = receiver.add(Endpoint("ok", "/run/ok"))
        assert client.post(f"{receiver.url}/run/ok/done").status_code == 204
        assert client.post(f"{receiver.url}/run").status_code == 404
    assert len(endpoint.deliveries) == 1
