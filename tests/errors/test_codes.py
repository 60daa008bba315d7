"""Codes and messages in errors."""

from __future__ import annotations

from typing import Any

import pytest

from suites.errors.codes import (
    changing,
    codes,
    faults,
    has_message,
    means_status,
    numeric_code,
    repeats_status,
    status_claims,
    undistinguished,
)
from suites.errors.problem import MEDIA
from tests.errors.sent import exchange


@pytest.mark.parametrize(
    ("status", "body", "found"),
    [
        (404, {"code": "not_found", "message": "m"}, {"/code": "not_found"}),
        (404, {"code": 404, "errno": 110, "error": "Not Found"}, {"/errno": "110"}),
        (404, {"error": {"code": 404, "status": "NOT_FOUND"}}, {"/error/status": "NOT_FOUND"}),
        (404, {"type": "https://e.com/p/x", "title": "t"}, {"/type": "https://e.com/p/x"}),
        (404, {"type": "about:blank", "title": "Not Found", "status": 404}, {}),
        (404, {"detail": "Not Found"}, {}),
        (404, {"status": 404, "error": "Not Found", "path": "/x"}, {}),
        (422, {"detail": [{"type": "missing", "msg": "m"}]}, {"/detail/*/type": "missing"}),
        (422, {"code": 422, "error": "Unprocessable Entity"}, {}),
        (404, {"errors": [{"status": "404", "code": "gone"}]}, {"/errors/*/code": "gone"}),
        (400, {"error": "invalid_request"}, {"/error": "invalid_request"}),
        (409, {"detail": "d", "scimType": "uniqueness", "status": "409"}, {"/scimType": "uniqueness"}),
        (404, {"id": "9b1c", "message": "m"}, {}),
        (404, {"id": "not_found", "message": "m"}, {"/id": "not_found"}),
        (401, {"code": "20003", "message": "Authenticate", "status": 401}, {"/code": "20003"}),
        (404, {"status": "error", "message": "m"}, {}),
        (404, "Not found", {}),
    ],
)
def test_codes(status: int, body: Any, found: dict[str, str]) -> None:
    assert codes(body, status) == found


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"message": "No such order."}, True),
        ({"error": "Not Found", "code": 404}, True),
        ({"name": ["This field is required."]}, True),
        ({"detail": [{"msg": "Field required"}]}, True),
        ({"code": "not_found"}, False),
        ({"error": "not_found"}, False),
        ({"code": "not_found", "message": ""}, False),
        ({"code": 404, "path": "/v1/orders/1", "timestamp": "2026-11-21T10:00:00Z"}, False),
        ({"code": "E1", "doc_url": "https://e.com/docs/e1", "instance": "/orders/1"}, False),
        ({}, False),
    ],
)
def test_has_message(body: Any, found: bool) -> None:
    assert has_message(body) is found


def test_repeats_status() -> None:
    assert repeats_status("Not Found", 404)
    assert repeats_status("404", 404)
    assert repeats_status("404 Not Found", 404)
    assert repeats_status("error", 404)
    assert not repeats_status("not_found", 404)
    assert not repeats_status("Not Found", 400)
    assert not repeats_status("x", 799)


def test_claims_of_the_status() -> None:
    assert status_claims({"statusCode": 404, "message": "m"}) == {"/statusCode": 404}
    assert status_claims({"errors": [{"status": "404"}]}) == {"/errors/*/status": 404}
    assert status_claims({"status": "error", "status_code": True}) == {}
    assert numeric_code({"error": {"code": 404}}) == 404
    assert numeric_code({"code": 110}) is None


def test_faults() -> None:
    good = {"code": "gone", "message": "It is gone.", "status": 404}
    assert list(faults(exchange(404), good)) == []
    assert list(faults(exchange(400), good)) == ["/status is 404, but the HTTP status is 400"]
    assert list(faults(exchange(400, media=MEDIA), {**good, "title": "t"})) == []
    assert list(faults(exchange(404), {"code": "gone"})) == ["no message for humans"]
    assert list(faults(exchange(404), {"message": "It is gone."})) == [
        "no machine-readable code in addition to the HTTP status"
    ]
    other = {"code": 404, "errno": 1, "message": "It is gone."}
    assert list(faults(exchange(400), other)) == []
    assert list(faults(exchange(400), other, as_status=True)) == ["code is 404, but the HTTP status is 400"]


def test_meaning_of_a_numeric_code() -> None:
    assert means_status([(exchange(404), {"code": 404}), (exchange(400), {"code": 400})])
    assert not means_status([(exchange(404), {"code": 404}), (exchange(400), {"code": 107})])


def test_changing_code() -> None:
    same = [(exchange(404), {"code": "a", "id": "x"}), (exchange(404), {"code": "a", "id": "y"})]
    assert changing(same) is None
    assert changing([(exchange(404), {"code": "E_1"}), (exchange(404), {"code": "E_2"})])
    assert changing([(exchange(404), {"code": "E_1"}), (exchange(400), {"code": "E_2"})]) is None
    assert changing([(exchange(404), {"code": "E_1"})]) is None
    assert changing([(exchange(404), {"code": "E_1"}), (exchange(404), {"message": "m"})]) is None


def test_one_code_for_all() -> None:
    alike = [(exchange(404), {"code": "request_failed"}), (exchange(400), {"code": "request_failed"})]
    assert undistinguished(alike) == "/code request_failed"
    assert undistinguished([*alike, (exchange(409), {"code": "taken"})]) is None
    assert undistinguished([(exchange(404), {"code": "a"}), (exchange(404), {"code": "a"})]) is None
    fields = {"code": "request_failed", "errors": [{"code": "required"}]}
    assert (
        undistinguished([(exchange(404), {"code": "request_failed"}), (exchange(422), fields)])
        == "/code request_failed"
    )
