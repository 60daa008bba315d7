"""Lists by cursor."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable, Iterator
from itertools import chain

import httpx
import pytest


@pytest.fixture
def customer(alice: httpx.Client, create: Callable[..., str]) -> str:
    """A customer with 25 orders."""
    name = uuid.uuid4().hex
    for _ in range(25):
        create(alice, "orders", customer=name, amount=1, currency="EUR")
    return name


def pages(client: httpx.Client, customer: str, *limits: int) -> Iterator[list[str]]:
    """The ids of each page, with the last limit repeated."""
    cursor: dict[str, str] = {}
    for number in range(100):
        limit = limits[min(number, len(limits) - 1)]
        page = client.get("/orders", params={"customer": customer, "limit": limit, **cursor}).json()
        assert len(page["data"]) <= limit
        assert page["has_more"] == (page["next_cursor"] is not None)
        yield [item["id"] for item in page["data"]]
        if not page["has_more"]:
            return
        cursor = {"cursor": page["next_cursor"]}


def test_traversals_are_complete_and_equal(alice: httpx.Client, customer: str) -> None:
    walks = [
        list(chain.from_iterable(pages(alice, customer, *limits)))
        for limits in [(1,), (4,), (5,), (7,), (3, 5), (100,)]
    ]
    assert all(walk == walks[0] for walk in walks)
    assert len(set(walks[0])) == 25 == len(walks[0])


def test_defaults_and_the_empty_list(alice: httpx.Client, customer: str) -> None:
    assert len(alice.get("/orders").json()["data"]) == 20
    assert alice.get("/orders?customer=nobody").json() == {"data": [], "next_cursor": None, "has_more": False}


@pytest.mark.parametrize("limit", ["-1", "0", "abc", "1.5", "", "101", "9223372036854775808", "\u0663"])
def test_bad_limits(alice: httpx.Client, limit: str) -> None:
    assert alice.get("/orders", params={"limit": limit}).status_code == 400


def test_link_is_followable_and_keeps_the_query(alice: httpx.Client, customer: str) -> None:
    reply = alice.get("/orders", params={"customer": customer, "limit": 20})
    assert list(reply.links) == ["next"]
    last = alice.get(httpx.URL(str(reply.url)).join(reply.links["next"]["url"]))
    assert len(last.json()["data"]) == 5
    assert "Link" not in last.headers


def test_stable_under_inserts_and_deletes(
    alice: httpx.Client, customer: str, create: Callable[..., str]
) -> None:
    before = list(chain.from_iterable(pages(alice, customer, 100)))
    walk = pages(alice, customer, 5)
    first = next(walk)
    create(alice, "orders", customer=customer, amount=1, currency="EUR")
    for gone in (first[0], first[-1], before[10]):
        alice.delete(f"/orders/{gone}")
    rest = list(chain.from_iterable(walk))
    assert first + rest == [id for id in before if id != before[10]]


def test_cursors_are_sealed_and_bound(alice: httpx.Client, bob: httpx.Client, customer: str) -> None:
    reply = alice.get("/orders", params={"customer": customer, "limit": 5}).json()
    cursor = reply["next_cursor"]
    plain = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    assert not any(item["id"].encode() in plain for item in reply["data"])
    flipped = [cursor[:i] + ("A" if cursor[i] != "A" else "B") + cursor[i + 1 :] for i in range(len(cursor))]
    for bad in [
        *flipped,
        cursor[:-1],
        cursor + "A",
        cursor + "=",
        cursor + "!",
        "",
        "' OR 1=1",
        "\u00e9",
        base64.b64encode(b'{"id":0}').decode(),
    ]:
        assert alice.get("/orders", params={"customer": customer, "cursor": bad}).status_code == 400, bad
    assert alice.get("/orders", params={"customer": "other", "cursor": cursor}).status_code == 400
    assert alice.get("/payments", params={"cursor": cursor}).status_code == 400
    assert bob.get("/orders", params={"customer": customer, "cursor": cursor}).status_code == 400
