"""RFC 9457: every error is a problem document of one shape."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from harness.reference.errors import KINDS

ORDER = {"customer": "Ada", "amount": 100, "currency": "EUR"}
JSON = {"Content-Type": "application/json"}
CORE = {"type", "title", "status", "detail", "instance", "code", "request_id", "doc_url"}

CASES: list[tuple[str, int, str, str, dict[str, Any]]] = [
    ("malformed_request", 400, "POST", "/orders", {"content": b'{"a":', "headers": JSON}),
    ("malformed_request", 400, "POST", "/orders", {"content": b"{'a':1}", "headers": JSON}),
    ("malformed_request", 400, "POST", "/orders", {"content": b"", "headers": JSON}),
    ("malformed_request", 400, "POST", "/orders", {"content": b"\0", "headers": JSON}),
    ("malformed_request", 400, "POST", "/orders", {"content": b'{"customer":"\xff"}', "headers": JSON}),
    ("malformed_request", 400, "POST", "/orders", {"content": b'{"customer":"\\ud800"}', "headers": JSON}),
    ("malformed_request", 400, "POST", "/orders", {"content": b'{"amount":NaN}', "headers": JSON}),
    ("malformed_request", 400, "POST", "/orders", {"content": b"[" * 100_000, "headers": JSON}),
    ("malformed_request", 400, "POST", "/orders", {"content": b"9" * 5000, "headers": JSON}),
    ("malformed_request", 400, "PUT", "/products/p", {"content": b"{", "headers": JSON}),
    ("invalid_parameter", 400, "GET", "/orders?limit=0", {}),
    ("invalid_cursor", 400, "GET", "/orders?cursor=x", {}),
    ("idempotency_key_missing", 400, "POST", "/payments", {"json": {"amount": 1, "currency": "EUR"}}),
    ("idempotency_key_invalid", 400, "POST", "/orders", {"json": ORDER, "headers": {"Idempotency-Key": ""}}),
    ("unauthenticated", 401, "GET", "/orders", {"headers": {"Authorization": "Bearer no"}}),
    ("unauthenticated", 401, "PUT", "/orders/x", {"headers": {"Authorization": "", "If-Match": '"x"'}}),
    ("not_found", 404, "GET", "/orders/ord_absent", {}),
    ("not_found", 404, "GET", "/orders/ord_absent", {"headers": {"If-None-Match": '"x"'}}),
    ("not_found", 404, "PUT", "/documents/doc_absent", {"json": {"title": "t"}}),
    ("not_found", 404, "PATCH", "/orders/ord_absent", {"json": {}}),
    ("not_found", 404, "GET", "/nowhere", {}),
    ("not_found", 404, "GET", "/problems/nothing", {}),
    ("method_not_allowed", 405, "DELETE", "/orders", {}),
    ("not_acceptable", 406, "GET", "/orders", {"headers": {"Accept": "text/html"}}),
    ("not_acceptable", 406, "GET", "/orders", {"headers": {"Accept": "application/json;q=0, application/*"}}),
    ("content_too_large", 413, "POST", "/orders", {"content": b" " * 1_048_577, "headers": JSON}),
    (
        "unsupported_media_type",
        415,
        "POST",
        "/orders",
        {"content": b"{}", "headers": {"Content-Type": "text/plain"}},
    ),
    ("unsupported_media_type", 415, "POST", "/orders", {"content": b"{}"}),
    (
        "unsupported_media_type",
        415,
        "POST",
        "/orders",
        {"json": ORDER, "headers": {"Content-Encoding": "x-none"}},
    ),
    ("validation_failed", 422, "POST", "/orders", {"json": {}}),
    ("validation_failed", 422, "POST", "/orders", {"json": [1]}),
    ("not_implemented", 501, "BREW", "/orders", {}),
]


@pytest.mark.parametrize(("code", "status", "method", "path", "request_"), CASES)
def test_errors_have_one_shape(
    alice: httpx.Client, code: str, status: int, method: str, path: str, request_: dict[str, Any]
) -> None:
    reply = alice.request(method, path, **request_)
    problem = reply.json()
    assert (reply.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert problem.keys() >= CORE
    assert problem["detail"]
    assert problem["title"] == KINDS[code].title
    assert problem["request_id"] == reply.headers["X-Request-Id"]
    assert ("WWW-Authenticate" in reply.headers) == (status == 401)
    assert ("Allow" in reply.headers) == (status == 405)
    assert "server" not in reply.headers
    assert "x-powered-by" not in reply.headers
    documentation = httpx.get(problem["type"])
    assert documentation.status_code == 200
    assert documentation.json()["status"] == status


@pytest.mark.parametrize(
    ("change", "failing"),
    [
        ({"amount": "1"}, {"/amount": "invalid_type"}),
        ({"amount": True}, {"/amount": "invalid_type"}),
        (
            {"amount": 0, "currency": "XXX", "email": "no"},
            {"/amount": "out_of_range", "/currency": "not_allowed", "/email": "invalid_format"},
        ),
        (
            {"customer": "", "note": "x" * 201, "quantity": 1001},
            {"/customer": "invalid_length", "/note": "invalid_length", "/quantity": "out_of_range"},
        ),
        (
            {"tags": ["a", 1], "a/b": 1, "c": 2},
            {"/tags/1": "invalid_type", "/a~1b": "unknown_field", "/c": "unknown_field"},
        ),
        ({"metadata": {"k": 1}}, {"/metadata/k": "invalid_type"}),
    ],
)
def test_validation_names_every_field(
    alice: httpx.Client, change: dict[str, Any], failing: dict[str, str]
) -> None:
    reply = alice.post("/orders", json={**ORDER, **change})
    assert reply.status_code == 422
    assert {e["pointer"]: e["code"] for e in reply.json()["errors"]} == failing
    assert all(e["detail"] and e["field"] for e in reply.json()["errors"])


def test_missing_members_are_all_named(alice: httpx.Client) -> None:
    errors = alice.post("/orders", json={}).json()["errors"]
    assert [e["field"] for e in errors] == ["amount", "currency", "customer"]


@pytest.mark.parametrize("note", ["\U0001f600 e\u0301 \u05d0", "a\0b", None])
def test_text_round_trips(alice: httpx.Client, note: str | None) -> None:
    reply = alice.post("/orders", json={**ORDER, "note": note})
    assert alice.get(reply.headers["Location"].removeprefix("/v1")).json()["note"] == note


def test_read_only_members_are_ignored(alice: httpx.Client) -> None:
    reply = alice.post("/orders", json={**ORDER, "id": "mine", "status": "paid"})
    assert reply.json()["status"] == "pending"
    assert reply.json()["id"] != "mine"


def test_request_ids_are_unique(alice: httpx.Client) -> None:
    assert (
        len({alice.get(p).headers["X-Request-Id"] for p in ("/", "/orders", "/none", "/orders/x") * 3}) == 12
    )


def test_hosts_that_are_no_authority_are_not_echoed(base_url: str) -> None:
    reply = httpx.get(base_url + "/none", headers={"Host": 'evil"<script>'})
    assert "script" not in reply.text


@pytest.mark.parametrize(
    "spelling", ["Application/JSON", "application/json; charset=utf-8", 'application/json;charset="UTF-8"']
)
def test_media_type_spellings(alice: httpx.Client, spelling: str) -> None:
    content = b'{"customer":"Ada","amount":1,"currency":"EUR"}'
    assert alice.post("/orders", content=content, headers={"Content-Type": spelling}).status_code == 201
