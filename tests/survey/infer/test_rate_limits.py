"""Which limits a target has, from its answers and its OpenAPI document."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from harness.http.exchange import Exchange
from harness.profile.models import RateLimit, State
from harness.profile.write import write
from harness.reference.openapi import describe
from harness.reference.rate_limits import Limiter
from harness.survey.infer.rate_limits import completed, documented, found
from tests.rate_limits.hits import exchange

BASE = "http://api.example/v1"
FIELDS = {"RateLimit-Policy": '"default";q=10;w=1', "RateLimit": '"default";r=9;t=1'}


def answer(path: str, status: int = 200, credential: str = "default", **fields: str) -> Exchange:
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    return replace(exchange(status, named), url=BASE + path, credential=credential)


def test_the_document_names_what_is_limited() -> None:
    document: Any = describe(Limiter())
    assert documented(document, "/v1")[0] == "/limited"
    operation = {"responses": {"200": {}, "429": {}}}
    needs = {**operation, "parameters": [{"name": "q", "in": "query", "required": True}]}
    headers = {"responses": {"200": {"headers": {"X-RateLimit-Limit": {}}}}}
    paths = {
        "/long-and-documented": {"get": operation},
        "/a": {"get": operation},
        "/b": {"get": needs},
        "/c/{id}": {"get": operation},
        "/d": {"post": operation},
        "/e": {"get": {"responses": {"200": {}}}},
        "/with-headers": {"get": headers},
    }
    found_there = documented({"openapi": "3.1.0", "paths": paths}, "")
    assert found_there == ["/with-headers", "/a", "/long-and-documented"]


def test_one_limit_for_each_quota_at_its_cheapest_endpoint() -> None:
    (one,) = found(
        [
            answer("/orders/17", **FIELDS),
            answer("/orders", **FIELDS),
            answer("/limited", **FIELDS),
            answer("/none"),
        ],
        BASE,
        ["/limited"],
        "default",
    )
    assert (one.path, one.name, one.limit, one.window) == ("/limited", "limited", 10, 1)
    assert one.state is State.DETECTED
    assert one.because == "GET /v1/limited -> 200 with RateLimit-Policy and RateLimit: 10 in 1 s"
    two = found(
        [answer("/orders", **FIELDS), answer("/search", X_RateLimit_Limit="30", X_RateLimit_Remaining="29")],
        BASE,
        [],
        "default",
    )
    assert [(limit.path, limit.limit, limit.window) for limit in two] == [
        ("/orders", 10, 1),
        ("/search", 30, None),
    ]


def test_what_is_no_evidence_of_a_limit() -> None:
    seen = [
        answer("/a", **FIELDS, status=404),
        answer("/b", **FIELDS, credential="other"),
        replace(answer("/c", **FIELDS), method="POST"),
        replace(answer("/d", **FIELDS), url="http://api.example/elsewhere"),
        answer("/e", Retry_After="1"),
    ]
    assert found(seen, BASE, [], "default") == []


def test_a_limit_that_is_only_documented_has_no_numbers() -> None:
    (one,) = found([answer("/status")], BASE, ["/status", "/other"], "default")
    assert (one.path, one.limit, one.window) == ("/status", None, None)
    assert "OpenAPI documents" in one.because


def test_what_is_written_is_completed_and_never_overruled() -> None:
    seen = [answer("/limited", **FIELDS)]
    plain = completed(RateLimit(path="/limited"), seen, BASE)
    assert (plain.limit, plain.window, plain.state) == (10, 1, State.DECLARED)
    other = completed(RateLimit(path="/limited", limit=5), seen, BASE)
    assert (other.limit, other.window) == (5, None)
    whole = completed(RateLimit(path="/limited", limit=5, window=10), seen, BASE)
    assert (whole.limit, whole.window) == (5, 10)
    elsewhere = RateLimit(path="/elsewhere")
    assert completed(elsewhere, seen, BASE) == elsewhere


def test_a_found_limit_is_written_with_its_evidence() -> None:
    from harness.profile.models import Profile

    limits = found([answer("/limited", **FIELDS)], BASE, [], "default")
    text = write(Profile(rate_limits=limits))
    assert '[[rate_limits]]\npath = "/limited"\nlimit = 10\nwindow = 1.0\n' in text
    assert "# detected (GET /v1/limited -> 200 with" in text
    assert "state" not in text.split("[[rate_limits]]")[1].split("#")[0]
