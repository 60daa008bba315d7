"""RFC 9110 section 9: what the methods mean."""

from __future__ import annotations

import socket
import uuid
from urllib.parse import urlsplit

import httpx
import pytest

from harness.reference import ALICE

ORDER = {"customer": "Ada", "amount": 100, "currency": "EUR"}
PATHS = [
    "/",
    "/openapi.json",
    "/problems/not_found",
    "/limited",
    "/orders",
    "/products",
    "/documents",
    "/payments",
]


@pytest.mark.parametrize("path", PATHS)
def test_head_is_get_without_content(alice: httpx.Client, path: str) -> None:
    plain = {"Accept-Encoding": "identity"}
    get, head = alice.get(path, headers=plain), alice.head(path, headers=plain)
    volatile = {"date", "x-request-id", "ratelimit", "x-ratelimit-remaining", "x-ratelimit-reset"}
    assert (get.status_code, head.status_code, head.content) == (200, 200, b"")
    assert {k: v for k, v in get.headers.items() if k not in volatile} == {
        k: v for k, v in head.headers.items() if k not in volatile
    }
    assert int(head.headers["Content-Length"]) == len(get.content)


@pytest.mark.parametrize("path", PATHS)
def test_options_tells_the_methods(alice: httpx.Client, path: str) -> None:
    reply = alice.options(path)
    assert reply.status_code == 204
    assert {"GET", "HEAD", "OPTIONS"} <= set(reply.headers["Allow"].split(", "))


def test_options_of_an_item_advertises_patch_formats(alice: httpx.Client, order: str) -> None:
    assert "application/json-patch+json" in alice.options(order).headers["Accept-Patch"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("DELETE", "/orders", 405),
        ("PUT", "/limited", 405),
        ("POST", "/orders/x", 405),
        ("PATCH", "/payments/x", 405),
        ("GET", "/orders/x/pay", 405),
        ("TRACE", "/orders", 405),
        ("XQZW", "/orders", 501),
        ("get", "/orders", 501),
        ("GET", "/nothing", 404),
        ("GET", "/orders/", 404),
        ("DELETE", "/nothing", 404),
    ],
)
def test_refused_methods_and_routes(alice: httpx.Client, method: str, path: str, status: int) -> None:
    reply = alice.send(raw(alice, method, path))
    assert reply.status_code == status
    assert reply.json()["status"] == status
    if status == 405:
        assert method not in reply.headers["Allow"].split(", ")


def raw(client: httpx.Client, method: str, path: str) -> httpx.Request:
    """httpx writes methods in upper case: undo that."""
    request = client.build_request(method, path, json=ORDER)
    request.method = method
    return request


def test_no_content_after_head_204_and_304_on_the_wire(
    base_url: str, alice: httpx.Client, order: str
) -> None:
    etag = alice.get(order).headers["ETag"]
    place = urlsplit(base_url)
    fields = f"Host: {place.netloc}\r\nAuthorization: Bearer {ALICE}\r\n"
    with (
        socket.create_connection((place.hostname, place.port)) as connection,
        connection.makefile("rb") as reader,
    ):
        for start, status in [
            (f"HEAD /v1{order} HTTP/1.1\r\n{fields}\r\n", 200),
            (f"GET /v1{order} HTTP/1.1\r\n{fields}If-None-Match: {etag}\r\n\r\n", 304),
            (f"OPTIONS /v1{order} HTTP/1.1\r\n{fields}\r\n", 204),
            (f"DELETE /v1{order} HTTP/1.1\r\n{fields}\r\n", 204),
        ]:
            connection.sendall(start.encode())
            assert reader.readline().startswith(f"HTTP/1.1 {status} ".encode())
            block = b"".join(iter(reader.readline, b"\r\n")).lower()
            assert b"transfer-encoding" not in block
            assert status == 200 or b"content-length" not in block


def test_safe_methods_change_nothing(alice: httpx.Client, order: str) -> None:
    before = alice.get(order)
    alice.get(order + "?_method=DELETE&action=delete", headers={"X-HTTP-Method-Override": "DELETE"})
    alice.head(order), alice.options(order)
    after = alice.get(order)
    assert (after.status_code, after.content, after.headers["ETag"]) == (
        200,
        before.content,
        before.headers["ETag"],
    )


def test_content_of_get_is_ignored(alice: httpx.Client, order: str) -> None:
    assert (
        alice.request("GET", "/orders", json={"limit": 1, "id": "x"}).content == alice.get("/orders").content
    )


def test_post_creates_with_location(alice: httpx.Client) -> None:
    reply = alice.post("/orders", json=ORDER)
    found = alice.get(reply.headers["Location"].removeprefix("/v1"))
    assert reply.status_code == 201
    assert found.json() == reply.json()
    assert found.headers["ETag"] == reply.headers["ETag"]


def test_put_replaces_and_is_idempotent(alice: httpx.Client, order: str) -> None:
    states = []
    for _ in range(3):
        reply = alice.put(order, json=ORDER)
        assert reply.status_code == 200
        assert not {"etag", "last-modified"} & set(reply.headers)
        states.append({k: v for k, v in alice.get(order).json().items() if k != "updated_at"})
    assert states[0] == states[1] == states[2]
    assert "note" not in states[0]
    assert "tags" not in states[0]
    assert states[0]["quantity"] == 1


def test_put_creates_under_a_client_chosen_id(alice: httpx.Client, bob: httpx.Client) -> None:
    path, body = f"/products/{uuid.uuid4()}", {"sku": uuid.uuid4().hex, "name": "n", "price": 1}
    assert [alice.put(path, json={**body, "price": p}).status_code for p in (1, 2)] == [201, 200]
    assert alice.get(path).json()["price"] == 2
    assert bob.put(path, json=body).status_code == 404
    assert alice.put("/products/bad%20id", json={**body, "sku": "other"}).status_code == 400
    assert alice.put("/orders/ord_absent", json=ORDER).status_code == 404


def test_delete_is_idempotent_in_effect(alice: httpx.Client, order: str) -> None:
    replies = [alice.delete(order), alice.delete(order), alice.get(order)]
    assert [(r.status_code, bool(r.content)) for r in replies] == [(204, False), (404, True), (404, True)]


def test_items_belong_to_their_creator(
    alice: httpx.Client, bob: httpx.Client, admin: httpx.Client, order: str
) -> None:
    assert [c.get(order).status_code for c in (alice, bob, admin)] == [200, 404, 200]
    assert bob.delete(order).status_code == 404
    assert alice.get(order).status_code == 200


def test_state_machine(alice: httpx.Client, order: str) -> None:
    assert alice.post(order + "/pay").json()["status"] == "paid"
    assert [alice.post(order + a).status_code for a in ("/pay", "/cancel")] == [409, 409]
    alice.put(order, json={**ORDER, "status": "pending"})
    assert alice.get(order).json()["status"] == "paid"
