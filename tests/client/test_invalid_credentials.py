"""Credentials that are not valid, in the place of a valid one."""

from __future__ import annotations

import pytest

from harness.client.client import exchange_of
from harness.client.invalid_credentials import NOBODY, Variant, carried, send, variants
from harness.target.credentials.resolved import Credential, cookie_pairs
from tests import servers
from tests.clients import client_of

pytestmark = pytest.mark.topic(name="client")
SESSION = "ses_3f6c0d5b7a9e41c2"


def named(fields: dict[str, str]) -> dict[str, Variant]:
    return {one.name: one for one in variants(Credential(fields))}


def test_a_token_in_its_field_and_scheme() -> None:
    made = named({"Authorization": f"Bearer {SESSION}", "Cookie": "lb=1"})
    assert made.pop(NOBODY).fields == {}
    assert made.pop("an empty credential").fields == {"Authorization": "Bearer"}
    assert made.pop("the scheme Basic with the valid credential").fields == {
        "Authorization": f"Basic {SESSION}"
    }
    assert made.pop("the valid credential without its last characters").fields == {
        "Authorization": f"Bearer {SESSION[:-5]}"
    }
    for text in ("null", "undefined"):
        assert made.pop(f"the text {text} as the credential").fields == {"Authorization": f"Bearer {text}"}
    (made_up,) = made.values()
    assert list(made_up.fields) == ["Authorization"]
    assert SESSION not in made_up.fields["Authorization"]


def test_each_cookie_is_made_up_and_what_protects_it_stays() -> None:
    made = named({"Cookie": f'session={SESSION}; theme="dark-and-light"', "X-CSRF-Token": "token-of-page"})
    assert made.pop(NOBODY).fields == {}
    assert all(one.fields["X-CSRF-Token"] == "token-of-page" for one in made.values())
    assert made.pop("an empty credential").fields["Cookie"] == "session=; theme="
    assert made.pop("the valid credential without its last characters").fields["Cookie"] == (
        f"session={SESSION[:-5]}; theme=dark-and-l"
    )
    (made_up,) = made.values()
    assert made_up.name == "a made-up credential"
    pairs = dict(cookie_pairs(made_up.fields["Cookie"]))
    assert set(pairs) == {"session", "theme"}
    assert pairs["session"] != SESSION
    assert len(pairs["session"]) == len(SESSION)


def test_short_cookies_are_not_shortened() -> None:
    assert [one.name for one in variants(Credential({"cookie": "sid=7c1d"}))] == [
        NOBODY,
        "an empty credential",
        "a made-up credential",
    ]


@pytest.mark.parametrize(
    "fields",
    [{}, {"Cookie": ""}, {"Origin": "https://app.example"}, {"X-CSRF-Token": "token-of-page"}],
)
def test_nothing_that_could_be_made_up(fields: dict[str, str]) -> None:
    assert carried(Credential(fields)) is None
    assert list(named(fields)) == [NOBODY]


def test_part_of_a_valid_cookie_is_kept_out_of_the_record() -> None:
    fields = {"Cookie": f"session={SESSION}"}
    shortened = named(fields)["the valid credential without its last characters"]
    echo = servers.always(401, b'{"seen": "%s"}' % SESSION[:-5].encode(), "application/json")
    with servers.http(echo) as server, client_of(server.url, headers=fields) as client:
        exchange = exchange_of(send(client, shortened, "GET", f"{server.url}/orders"))
    assert SESSION[:-5] not in repr(exchange)
    assert server.seen[0].field("cookie") == f"session={SESSION[:-5]}"
