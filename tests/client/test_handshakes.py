"""Handshakes of one version each, and the client that goes without TLS and without credentials."""

from __future__ import annotations

import ssl
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from harness.client.client import Client
from harness.client.handshakes import Handshakes
from harness.client.recorder import Refused
from harness.client.without_tls import without_tls
from harness.rules.checks import Undecided
from tests import servers
from tests.clients import client_of


@pytest.fixture
def authority(tmp_path: Path) -> trustme.CA:
    made = trustme.CA()
    made.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return made


def tls(authority: trustme.CA, most: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    context.maximum_version = most
    return context


def trusting(client: Client, file: Path) -> Client:
    return replace(client, target=replace(client.target, authority=str(file)))


def test_each_version_is_offered_alone(authority: trustme.CA, tmp_path: Path) -> None:
    with (
        servers.http(servers.always(200, b"{}"), tls(authority, ssl.TLSVersion.TLSv1_2)) as server,
        client_of(server.url) as client,
    ):
        hands = Handshakes(trusting(client, tmp_path / "ca.pem"))
        before = client.recorder.budget.sent
        assert [hands.offering(version).accepted for version in ("1.1", "1.2", "1.3")] == [False, True, False]
        assert hands.offering("1.2").certificate
        assert client.recorder.budget.sent == before + 4
        assert hands.trusting().accepted
        distrusting = Handshakes(client).trusting()
        assert (distrusting.accepted, distrusting.detail) == (False, "unable to get local issuer certificate")


def test_a_port_that_is_closed_decides_nothing(authority: trustme.CA) -> None:
    with (
        servers.http(servers.always(200, b"{}"), tls(authority)) as server,
        client_of(server.url) as client,
    ):
        hands = Handshakes(client)
    with pytest.raises(Undecided, match="no connection"):
        hands.offering("1.2")


def test_no_credential_goes_without_tls() -> None:
    with (
        servers.http(servers.always(200, b"{}")) as server,
        client_of("https://api.invalid/v1", headers={"Authorization": "Bearer s3cret-token"}) as client,
        without_tls(client, server.url) as plain,
    ):
        plain.get("/orders")
        with pytest.raises(Refused):
            plain.post("/orders", json={})
        (seen,) = server.seen
        assert seen.path == "/v1/orders"
        assert "authorization" not in {name.lower() for name, _ in seen.fields}
        # It is evidence like any other request, and counts like one.
        assert [one.url for one in client.recorder.exchanges] == [f"{server.url}/v1/orders"]
        assert client.recorder.budget.sent == 1
