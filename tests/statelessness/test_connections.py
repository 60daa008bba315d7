"""Connections: one for each request where that is asked for, and one for all otherwise."""

from __future__ import annotations

import pytest

from harness.client.client import exchange_of
from harness.http.exchange import Exchange
from harness.reference.authenticator import ALICE, BOB
from harness.reference.server import demo
from harness.rules.checks import NotApplicable
from suites.statelessness.connections import BROKEN, NOBODY, ORDERS, A, Sender, alone, over_http1, senders
from suites.statelessness.test_statelessness import token_of
from tests import servers
from tests.clients import client_of

pytestmark = pytest.mark.topic(name="statelessness")


def test_each_request_has_a_connection_of_its_own() -> None:
    with demo() as (url, _), client_of(url) as client:
        shared = {exchange_of(client.get("/")).connection for _ in range(3)}
        fresh = [exchange_of(client.on_new_connections().get("/")).connection for _ in range(3)]
        under = exchange_of(client.on_new_connections().under(None).get("/")).connection
    assert len(shared) == 1
    assert len({*fresh, under} | shared) == 5


def test_clients_take_turns_on_one_connection() -> None:
    with demo() as (url, _), client_of(url, headers={"Authorization": f"Bearer {ALICE}"}) as client:
        by = senders(client, None)
        assert set(by) == {A, NOBODY, BROKEN}
        usual = alone(by, f"{url}/orders", lambda reply: False)
        assert {who: seen.status for who, seen in usual.items()} == {A: 200, NOBODY: 401, BROKEN: 401}
        steps = over_http1(by, f"{url}/orders", usual, lambda reply: False, ORDERS[0])
    assert [(step.who, step.shared.status, step.before) for step in steps] == [
        (A, 200, ()),
        (NOBODY, 401, (A,)),
        (BROKEN, 401, (A, NOBODY)),
        (A, 200, (A, NOBODY, BROKEN)),
    ]


def test_a_server_that_ends_each_connection_is_not_judged() -> None:
    ending = servers.always(200, b"{}", "application/json", ("Connection", "close"))
    with (
        servers.http(ending) as server,
        client_of(server.url, headers={"Authorization": "Bearer t-7c1d"}) as client,
    ):
        by = senders(client, None)
        usual = alone(by, server.url, lambda reply: False)
        with pytest.raises(NotApplicable, match="closes each connection"):
            over_http1(by, server.url, usual, lambda reply: False, ORDERS[0])


@pytest.mark.parametrize(
    ("fields", "why"),
    [({"Cookie": "session=7c1d0f3e"}, "is a cookie"), ({}, "carry a token or a key")],
)
def test_sessions_of_cookies_are_no_fault(fields: dict[str, str], why: str) -> None:
    with (
        demo() as (url, _),
        client_of(url, headers=fields) as client,
        pytest.raises(NotApplicable, match=why),
    ):
        token_of(client)


def test_a_made_up_credential_is_kept_out_of_the_record() -> None:
    with demo() as (url, _), client_of(url, headers={"Authorization": f"Bearer {BOB}"}) as client:
        sender: Sender = senders(client, None)[BROKEN]
        exchange: Exchange = exchange_of(sender.get(f"{url}/orders"))
    assert exchange.status == 401
    assert exchange.request_field("authorization") == "Bearer $INVALID_CREDENTIAL"
