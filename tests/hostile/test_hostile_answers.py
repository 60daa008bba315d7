"""No answer holds an exchange, whatever it does and whichever way it was asked for."""

from __future__ import annotations

import time

import pytest

from harness.client.oauth2 import NoToken, fetch
from harness.client.raw import connection
from harness.race import Request, race
from harness.rules.checks import Undecided
from harness.target.credentials.resolved import Grant
from tests import servers
from tests.clients import client_of
from tests.hostile.streams import ENDLESS, silent_tls

TIMEOUT = 0.5
HANGS = 60.0
"""Seconds that only what hangs can take, on the busiest machine."""


def over_httpx(client):
    client.get("/")


def raw(client):
    with connection(client) as wire:
        wire.ask("GET", f"{client.target.url}/")


def raced(client):
    result = race(client, Request("GET", "/a").times(3))
    assert all(member.reason for member in result.members), result.summary()
    raise Undecided("none of them was answered")


@pytest.mark.parametrize("way", [over_httpx, raw, raced], ids=lambda way: way.__name__)
@pytest.mark.parametrize("kind", ENDLESS)
def test_an_answer_without_end_is_given_up(kind, way) -> None:
    with servers.raw(ENDLESS[kind]) as url, client_of(url, timeout=TIMEOUT) as client:
        started = time.monotonic()
        with pytest.raises(Undecided):
            way(client)
        assert time.monotonic() - started < HANGS


@pytest.mark.parametrize("kind", ENDLESS)
def test_a_token_endpoint_without_end_is_given_up(kind) -> None:
    with servers.raw(ENDLESS[kind]) as url:
        started = time.monotonic()
        with pytest.raises(NoToken):
            fetch(Grant(f"{url}/token", "us", "secret"), insecure=False, timeout=TIMEOUT)
        assert time.monotonic() - started < HANGS


@pytest.mark.parametrize("way", [over_httpx, raw, raced], ids=lambda way: way.__name__)
def test_a_tls_handshake_without_end_is_given_up(way) -> None:
    with silent_tls() as url, client_of(url, timeout=TIMEOUT) as client:
        started = time.monotonic()
        with pytest.raises(Undecided):
            way(client)
        assert time.monotonic() - started < HANGS
