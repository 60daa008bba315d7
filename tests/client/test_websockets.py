"""WebSockets over raw connections, without and with TLS: handshakes, messages, pongs, closing."""

from __future__ import annotations

import ssl
import time
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from harness.client.websockets import websocket
from harness.reference import ALICE, build
from harness.reference.server import serve
from harness.rules.checks import Undecided
from tests import servers
from tests.clients import unguarded

SOON = 20.0
TOKEN = {"Authorization": f"Bearer {ALICE}"}


@pytest.fixture(params=["http", "https"])
def client(request, tmp_path: Path):
    settings, authority = None, None
    if request.param == "https":
        signer = trustme.CA()
        settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        signer.issue_cert("localhost").configure_cert(settings)
        authority = str(tmp_path / "ca.pem")
        signer.cert_pem.write_to_path(authority)
    with serve(build(None, tmp_path / "demo.db"), tls=settings) as url, unguarded(url, headers=TOKEN) as made:
        yield replace(made, target=replace(made.target, authority=authority))


def test_a_socket_talks_and_closes(client):
    with websocket(client, "/socket") as one:
        assert one.handshake.accepted, one.handshake
        assert one.handshake.exchange.status == 101
        one.ping(b"payload")
        assert one.wait(lambda: one.pongs == [b"payload"], time.monotonic() + SOON)
        one.say("hello")
        one.raw(b"\x89\x00")
        assert one.wait(lambda: one.over, time.monotonic() + SOON)
    assert ALICE not in repr(client.recorder.exchanges)


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"Sec-WebSocket-Version": "99"}, 426),
        ({"Sec-WebSocket-Key": None}, 400),
        ({"Authorization": "Bearer x"}, 401),
    ],
)
def test_handshakes_that_are_refused(client, changed, status):
    with websocket(client, "/socket", changed=changed) as one:
        assert one.handshake.exchange.status == status
        assert not one.handshake.accepted
        assert one.over


def test_a_handshake_with_a_wrong_accept_is_not_accepted():
    answer = (
        b"HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: wrong\r\n\r\n"
    )
    with servers.raw(servers.sends(answer)) as url, unguarded(url) as client, websocket(client, "/") as one:
        assert not one.handshake.accepted
        assert one.handshake.fault == "Bad accept token"


@pytest.mark.parametrize("talk", [servers.closes, servers.hangs, servers.trickles, servers.babbles])
def test_a_handshake_without_an_answer_is_undecided(talk):
    with (
        servers.raw(talk) as url,
        unguarded(url, timeout=0.3) as client,
        pytest.raises(Undecided),
        websocket(client, "/"),
    ):
        pass
