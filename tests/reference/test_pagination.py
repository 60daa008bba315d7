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


def test_a_sorted_list_breaks_ties_and_binds_its_cursors(
    alice: httpx.Client, create: Callable[..., str]
) -> None:
    name = uuid.uuid4().hex
    for amount in (3, 1, 2, 2, 2, 2):
        create(alice, "orders", customer=name, amount=amount, currency="EUR")
    for sort, amounts in (("amount", [1, 2, 2, 2, 2, 3]), ("-amount", [3, 2, 2, 2, 2, 1])):
        query: dict[str, str | int] = {"customer": name, "sort": sort, "limit": 2}
        items, page = [], alice.get("/orders", params=query).json()
        while page["has_more"]:
            items += page["data"]
            page = alice.get("/orders", params={**query, "cursor": page["next_cursor"]}).json()
        items += page["data"]
        assert [item["amount"] for item in items] == amounts
        assert len({item["id"] for item in items}) == 6
    first = alice.get("/orders", params={"customer": name, "sort": "amount", "limit": 2}).json()
    other = {"customer": name, "sort": "-amount", "cursor": first["next_cursor"]}
    assert alice.get("/orders", params=other).status_code == 400
    assert alice.get("/orders", params={"sort": "email"}).status_code == 400


def test_numbered_pages_have_totals_and_neighbours(alice: httpx.Client, create: Callable[..., str]) -> None:
    title = uuid.uuid4().hex
    ids = [create(alice, "documents", title=title).rpartition("/")[2] for _ in range(5)][::-1]
    create(alice, "documents", title="another")
    shown = []
    for number in (1, 2, 3, 4):
        reply = alice.get("/documents", params={"title": title, "per_page": 2, "page": number})
        page = reply.json()
        shown.append(([item["id"] for item in page.pop("data")], sorted(reply.links)))
        assert page == {"page": number, "per_page": 2, "total": 5, "total_pages": 3}
    assert shown == [
        (ids[:2], ["first", "last", "next"]),
        (ids[2:4], ["first", "last", "next", "prev"]),
        (ids[4:], ["first", "last", "prev"]),
        ([], ["first", "last", "prev"]),
    ]
    link = alice.get("/documents", params={"title": title, "per_page": 2}).links["next"]["url"]
    following = alice.get(httpx.URL(f"{alice.base_url}documents").join(link)).json()
    assert [item["id"] for item in following["data"]] == ids[2:4]


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=abc", "page=", "per_page=0", "per_page=101"])
def test_bad_page_numbers(alice: httpx.Client, query: str) -> None:
    assert alice.get(f"/documents?{query}").status_code == 400
