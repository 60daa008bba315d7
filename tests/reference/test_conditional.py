"""RFC 9110 section 13, and locking by a version in the content."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

Race = Callable[..., list[httpx.Response]]


ORDER = {"customer": "Ada", "amount": 100, "currency": "EUR"}
OLD, FUTURE = "Mon, 01 Jan 2024 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"If-None-Match": "{e}"}, 304),
        ({"If-None-Match": "W/{e}"}, 304),
        ({"If-None-Match": '"zz", {e}'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"zz"'}, 200),
        ({"If-None-Match": '"zz"', "If-Modified-Since": FUTURE}, 200),
        ({"If-Modified-Since": "{m}"}, 304),
        ({"If-Modified-Since": OLD}, 200),
        ({"If-Modified-Since": "garbage"}, 200),
        ({"If-Match": "{e}"}, 200),
        ({"If-Match": '"zz"', "If-None-Match": "{e}"}, 412),
        ({"If-Unmodified-Since": OLD}, 412),
        ({"If-Match": "{e}", "If-Unmodified-Since": OLD}, 200),
    ],
)
def test_conditional_get(
    alice: httpx.Client, order: str, method: str, fields: dict[str, str], status: int
) -> None:
    full = alice.get(order)
    etag, modified = full.headers["ETag"], full.headers["Last-Modified"]
    reply = alice.request(method, order, headers={k: v.format(e=etag, m=modified) for k, v in fields.items()})
    assert reply.status_code == status
    if status == 304:
        assert not reply.content
        assert "content-type" not in reply.headers
        for name in ("ETag", "Cache-Control", "Vary"):
            assert reply.headers[name] == full.headers[name]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "fields",
    [
        {"If-Match": '"stale"'},
        {"If-Match": "W/{e}"},
        {"If-Unmodified-Since": OLD},
        {"If-None-Match": "*"},
        {"If-None-Match": "{e}"},
        {"If-Match": "unquoted"},
    ],
)
def test_writes_with_a_false_precondition_do_nothing(
    alice: httpx.Client, order: str, method: str, fields: dict[str, str]
) -> None:
    before = alice.get(order)
    kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
    headers = {k: v.format(e=before.headers["ETag"]) for k, v in fields.items()} | {"Content-Type": kind}
    reply = alice.request(method, order, json={**ORDER, "amount": 7}, headers=headers)
    assert reply.status_code == 412
    assert alice.get(order).content == before.content
    headers = {"If-Match": before.headers["ETag"], "Content-Type": kind}
    assert alice.request(method, order, json={**ORDER, "amount": 7}, headers=headers).is_success


def test_etag_changes_with_each_change(alice: httpx.Client, order: str) -> None:
    tags = set()
    for amount in (1, 2, 1, 2, 1):
        alice.put(order, json={**ORDER, "amount": amount})
        tags.add(alice.get(order).headers["ETag"])
    assert len(tags) == 5
    assert len({alice.get(order).headers["ETag"] for _ in range(3)}) == 1


def test_deleted_items_are_not_resurrected(alice: httpx.Client, create: Callable[..., str]) -> None:
    path = create(alice, "products", sku="ghost", name="n", price=1)
    etag = alice.get(path).headers["ETag"]
    alice.delete(path)
    reply = alice.put(path, json={"sku": "ghost", "name": "n", "price": 2}, headers={"If-Match": etag})
    assert (reply.status_code, alice.get(path).status_code) == (412, 404)


def test_one_winner_for_each_etag(alice: httpx.Client, order: str, race: Race) -> None:
    for _ in range(3):
        etag = alice.get(order).headers["ETag"]
        replies = race(
            12,
            lambda client, n, etag=etag: client.put(
                order, json={**ORDER, "amount": n + 1}, headers={"If-Match": etag}
            ),
        )
        winners = [r for r in replies if r.status_code == 200]
        assert len(winners) == 1
        assert {r.status_code for r in replies} == {200, 412}
        assert alice.get(order).json() == winners[0].json()


def test_one_winner_for_each_creation(alice: httpx.Client, race: Race) -> None:
    replies = race(
        12,
        lambda client, n: client.put(
            "/products/raced",
            json={"sku": f"raced-{n}", "name": "n", "price": n},
            headers={"If-None-Match": "*"},
        ),
    )
    assert sorted(r.status_code for r in replies) == [201] + [412] * 11
    assert alice.get("/products/raced").json() in [r.json() for r in replies if r.status_code == 201]


def test_no_conditional_increment_is_lost(
    alice: httpx.Client, race: Race, create: Callable[..., str]
) -> None:
    path = create(alice, "products", sku="counter", name="n", price=1)

    def increment(client: httpx.Client, number: int) -> httpx.Response:
        done = 0
        while done < 5:
            now = client.get(path)
            reply = client.patch(
                path,
                json={"stock": now.json()["stock"] + 1},
                headers={"If-Match": now.headers["ETag"], "Content-Type": "application/merge-patch+json"},
            )
            done += reply.status_code == 200
        return reply

    race(6, increment)
    assert alice.get(path).json()["stock"] == 30


def test_unconditional_writers_all_succeed(alice: httpx.Client, order: str, race: Race) -> None:
    replies = race(20, lambda client, n: client.put(order, json={**ORDER, "amount": n + 1}))
    assert {r.status_code for r in replies} == {200}


def test_unique_values_are_unique_under_race(alice: httpx.Client, race: Race) -> None:
    replies = race(
        12, lambda client, n: client.post("/products", json={"sku": "one", "name": f"n{n}", "price": n})
    )
    assert sorted(r.status_code for r in replies) == [201] + [409] * 11
    loser = next(r for r in replies if r.status_code == 409).json()
    assert loser["field"] == "sku"
    assert loser["errors"][0]["pointer"] == "/sku"
    assert len(alice.get("/products?sku=one").json()["data"]) == 1


def test_one_winner_for_each_transition(order: str, race: Race) -> None:
    replies = race(10, lambda client, n: client.post(order + ("/pay" if n % 2 else "/cancel")))
    assert sorted(r.status_code for r in replies) == [200] + [409] * 9


def test_version_in_the_content(alice: httpx.Client, race: Race, create: Callable[..., str]) -> None:
    path = create(alice, "documents", title="t")
    merge = {"Content-Type": "application/merge-patch+json"}
    ops = {"Content-Type": "application/json-patch+json"}
    guard = [
        {"op": "test", "path": "/version", "value": 2},
        {"op": "replace", "path": "/title", "value": "j"},
    ]
    assert alice.put(path, json={"title": "u", "version": 1}).json()["version"] == 2
    assert alice.put(path, json={"title": "v", "version": 1}).status_code == 409
    for reply in (
        alice.put(path, json={"title": "v"}),
        alice.patch(path, json={"title": "v"}, headers=merge),
        alice.patch(path, json=guard[1:], headers=ops),
    ):
        assert reply.status_code == 422
        assert reply.json()["errors"][0]["pointer"] == "/version"
    assert alice.patch(path, json=guard, headers=ops).json()["version"] == 3
    assert alice.patch(path, json=guard, headers=ops).status_code == 409
    replies = race(
        10, lambda client, n: client.patch(path, json={"title": str(n), "version": 3}, headers=merge)
    )
    assert sorted(r.status_code for r in replies) == [200] + [409] * 9
    assert alice.get(path).json()["version"] == 4
    assert "ETag" not in alice.get(path).headers


GZIP = {"Accept-Encoding": "gzip"}
IDENTITY = {"Accept-Encoding": "identity"}


def large(client: httpx.Client, create: Callable[..., str]) -> str:
    return create(client, "orders", **ORDER, metadata={f"k{n}": "v" * 40 for n in range(40)})


def test_codings_have_tags_of_their_own(alice: httpx.Client, create: Callable[..., str]) -> None:
    path = large(alice, create)
    plain, coded = alice.get(path, headers=IDENTITY), alice.get(path, headers=GZIP)
    assert "content-encoding" not in plain.headers
    assert coded.headers["Content-Encoding"] == "gzip"
    assert coded.json() == plain.json()
    assert int(coded.headers["Content-Length"]) < int(plain.headers["Content-Length"])
    assert "Accept-Encoding" in coded.headers["Vary"]
    tags = [reply.headers["ETag"] for reply in (plain, coded)]
    assert tags[0] != tags[1]
    for accepted, tag, status in (
        (GZIP, tags[1], 304),
        (GZIP, tags[0], 200),
        (IDENTITY, tags[0], 304),
        (IDENTITY, tags[1], 200),
    ):
        assert alice.get(path, headers={**accepted, "If-None-Match": tag}).status_code == status
    for tag in tags:
        reply = alice.put(path, json=ORDER, headers={"If-Match": tag, **GZIP})
        assert reply.status_code == (200 if tag == tags[0] else 412)
    path = large(alice, create)
    tag = alice.get(path, headers=GZIP).headers["ETag"]
    assert alice.put(path, json=ORDER, headers={"If-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip", "gzip"),
        ("GZIP;Q=0.5", "gzip"),
        ("br, gzip", "gzip"),
        ("*", "gzip"),
        ("gzip, identity;q=0.5", "gzip"),
        ("gzip;q=0", None),
        ("gzip;q=0.2, identity;q=0.8", None),
        ("gzip;q=x", None),
        ("br", None),
        ("*, gzip;q=0", None),
        ("", None),
    ],
)
def test_coding_is_negotiated(
    alice: httpx.Client, create: Callable[..., str], accepted: str, coding: str | None
) -> None:
    reply = alice.get(large(alice, create), headers={"Accept-Encoding": accepted})
    assert reply.headers.get("Content-Encoding") == coding


def test_small_content_is_not_coded(alice: httpx.Client, order: str) -> None:
    reply = alice.get(order, headers=GZIP)
    assert "content-encoding" not in reply.headers
    assert "Accept-Encoding" in reply.headers["Vary"]


def test_contracts_are_written_conditionally(alice: httpx.Client, create: Callable[..., str]) -> None:
    path = create(alice, "contracts", party="Grace")
    etag = alice.get(path).headers["ETag"]
    for method in ("PUT", "DELETE"):
        content = {"json": {"party": "Ada"}} if method == "PUT" else {}
        reply = alice.request(method, path, **content)
        assert reply.status_code == 428
        assert "If-Match" in reply.json()["detail"]
    assert alice.get(path).headers["ETag"] == etag
    assert alice.put(path, json={"party": "Ada"}, headers={"If-Match": etag}).status_code == 200
    assert alice.delete(path, headers={"If-Match": etag}).status_code == 412
    assert alice.delete(path, headers={"If-Match": "*"}).status_code == 204


def test_documents_have_dates(alice: httpx.Client, create: Callable[..., str]) -> None:
    path = create(alice, "documents", title="t")
    modified = alice.get(path).headers["Last-Modified"]
    for since, status in ((modified, 304), (OLD, 200), ("garbage", 200)):
        assert alice.get(path, headers={"If-Modified-Since": since}).status_code == status
    change = {"title": "u", "version": 1}
    assert alice.put(path, json=change, headers={"If-Unmodified-Since": OLD}).status_code == 412
    assert alice.put(path, json=change, headers={"If-Unmodified-Since": modified}).status_code == 200
