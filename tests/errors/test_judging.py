"""Statuses, contents, markers, problem details and request ids of errors."""

from __future__ import annotations

from typing import Any

import pytest

from harness.http import error_statuses
from harness.http.content import MISSING
from harness.http.error_body import explanation_fault, json_body, json_errors, speaks_json
from harness.http.error_markers import markers, unusual
from harness.http.error_statuses import BROKEN, HOLDS, OPEN, Assessment
from harness.http.exchange import Body, Exchange
from harness.rules.faults import Fault, excerpt, grouped
from suites.errors import problem, request_id
from suites.errors.probes import with_bad_byte
from tests.errors.sent import exchange


@pytest.mark.parametrize(
    ("method", "status", "ruling"),
    [
        ("GET", 404, HOLDS),
        ("GET", 410, HOLDS),
        ("GET", 200, BROKEN),
        ("GET", 204, BROKEN),
        ("GET", 500, BROKEN),
        ("GET", 403, OPEN),
        ("GET", 401, OPEN),
        ("GET", 400, OPEN),
        ("GET", 301, OPEN),
        ("GET", 502, OPEN),
        ("PUT", 201, OPEN),
        ("PUT", 500, BROKEN),
        ("PATCH", 409, OPEN),
        ("PATCH", 404, HOLDS),
        ("DELETE", 204, OPEN),
        ("DELETE", 500, BROKEN),
        ("DELETE", 405, OPEN),
    ],
)
def test_absent_item(method: str, status: int, ruling: Assessment) -> None:
    assert error_statuses.absent_item(method, status) is ruling


def test_absent_item_as_declared() -> None:
    assert error_statuses.absent_item("GET", 403, hides=True) is HOLDS
    assert error_statuses.absent_item("GET", 400, certain=True) is BROKEN
    assert error_statuses.absent_item("PUT", 400, certain=True) is OPEN


@pytest.mark.parametrize(
    ("status", "ruling"),
    [
        (404, HOLDS),
        (410, HOLDS),
        (200, BROKEN),
        (500, BROKEN),
        (403, OPEN),
        (405, OPEN),
        (307, OPEN),
        (400, OPEN),
    ],
)
def test_unknown_route(status: int, ruling: Assessment) -> None:
    assert error_statuses.unknown_route(status) is ruling


@pytest.mark.parametrize(
    ("status", "ruling"),
    [
        (400, HOLDS),
        (422, BROKEN),
        (201, BROKEN),
        (500, BROKEN),
        (415, BROKEN),
        (403, OPEN),
        (429, OPEN),
        (502, OPEN),
    ],
)
def test_malformed(status: int, ruling: Assessment) -> None:
    assert error_statuses.malformed(status) is ruling


@pytest.mark.parametrize(
    ("status", "required", "ruling"),
    [(400, True, HOLDS), (422, True, HOLDS), (201, True, BROKEN), (201, False, OPEN), (500, False, BROKEN)],
)
def test_no_content(status: int, required: bool, ruling: Assessment) -> None:
    assert error_statuses.malformed(status, empty=True, required=required) is ruling


@pytest.mark.parametrize(
    ("status", "ruling"),
    [
        (400, HOLDS),
        (422, HOLDS),
        (201, OPEN),
        (409, OPEN),
        (413, OPEN),
        (401, OPEN),
        (500, BROKEN),
        (406, BROKEN),
    ],
)
def test_invalid(status: int, ruling: Assessment) -> None:
    assert error_statuses.invalid(status) is ruling


@pytest.mark.parametrize(
    ("status", "ruling"),
    [
        (409, HOLDS),
        (400, BROKEN),
        (422, BROKEN),
        (423, BROKEN),
        (500, BROKEN),
        (403, BROKEN),
        (401, OPEN),
        (503, OPEN),
    ],
)
def test_conflict(status: int, ruling: Assessment) -> None:
    assert error_statuses.conflict(status) is ruling


# -- content -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (exchange(404, {"detail": "Not Found"}), None),
        (exchange(404, {"title": "t"}, media="application/problem+json; charset=utf-8"), None),
        (exchange(404, None, media=None), "no content"),
        (exchange(404, "  \n"), "no content"),
        (exchange(404, {}), "{} explains nothing"),
        (exchange(404, "null"), "null explains nothing"),
        (exchange(404, "<html>"), "application/json that is not JSON"),
        (
            exchange(404, "<html>", media="text/html"),
            "Content-Type is text/html, and JSON in the API's successes",
        ),
        (exchange(405, "no", media=None), "Content-Type is missing, and JSON in the API's successes"),
        (exchange(403, {"error": "unauthorized"}, media=None), None),
        (exchange(404, None, method="HEAD"), None),
        (exchange(412, "failed", media="text/plain"), None),
        (exchange(412, None), "no content"),
        (exchange(400, '{"detail": "', cut=True), None),
    ],
)
def test_explanation(error: Any, fault: str | None) -> None:
    assert explanation_fault(error, json_api=True) == fault


def test_html_is_fine_where_successes_are_html() -> None:
    assert explanation_fault(exchange(404, "<html>", media="text/html"), json_api=False) is None


def test_speaks_json() -> None:
    page, item = exchange(200, "<html>", media="text/html"), exchange(200, {"id": 1})
    assert speaks_json([item, item, page])
    assert not speaks_json([page, item])
    assert not speaks_json([exchange(404, {"id": 1})])
    assert speaks_json([item, exchange(204, None, media=None)])


def test_json_bodies() -> None:
    assert json_body(exchange(404, {"a": 1})) == {"a": 1}
    assert json_body(exchange(404, '{"a": 1}', media="text/html")) is MISSING
    assert json_body(exchange(404, "{", media="application/json")) is MISSING
    said = exchange(404, {"a": 1})
    assert json_errors([said, exchange(404, {}), exchange(404, {"a": 1}, method="HEAD")]) == [
        (said, {"a": 1})
    ]


def test_bad_octet() -> None:
    assert with_bad_byte({"n": 1, "note": "ab"}) == b'{"n": 1, "note": "ab\xff"}'
    assert with_bad_byte({"data": {"title": "x"}}) == b'{"data": {"title": "x\xff"}}'
    assert with_bad_byte({"n": 1}) == b'{"a":"\xff"}'


def test_faults_in_words() -> None:
    found = [Fault(f"GET /{n} -> 404", "no content") for n in "abcde"] + [
        Fault("GET /a -> 404", "no content")
    ]
    assert grouped(found) == "GET /a -> 404, GET /b -> 404, GET /c -> 404 and 2 more: no content"
    assert grouped([Fault("GET /a -> 404", "bad", "{}"), Fault("GET /b -> 405", "worse")]) == (
        "GET /a -> 404: bad, as in {}; GET /b -> 405: worse"
    )
    assert grouped([]) == ""
    assert excerpt(exchange(404, "a\n  b")) == "a b"
    assert len(excerpt(exchange(404, "x" * 500))) == 140


# -- markers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"success": False}, ["success"]),
        ({"ok": False, "error": "channel_not_found"}, ["ok", "error"]),
        ({"errors": [{"message": "m"}]}, []),
        ({"errors": [{"field": "f"}], "message": "m"}, ["errors"]),
        ({"data": None, "errors": [{"message": "m"}]}, []),
        ({"code": 404, "message": "m"}, ["code"]),
        ({"status": "error", "message": "m"}, ["status"]),
        ({"status": 500}, ["status"]),
        ({"error": None, "errors": [], "success": True}, []),
        ({"error": {}, "code": 0, "status": "failed"}, []),
        ({"code": 200, "status": "pending"}, []),
        ([{"error": "x"}], []),
        ("error", []),
        (MISSING, []),
    ],
)
def test_markers(body: Any, found: list[str]) -> None:
    assert list(markers(body)) == found


def test_markers_that_ordinary_answers_carry_are_none() -> None:
    job = {"id": 1, "error": "disk full", "status": "error"}
    assert unusual(markers(job), [{"id": 2, "error": "timeout"}]) == {"status": "'error'"}
    assert unusual(markers(job), [{"id": 2}]) == markers(job)


# -- problem details -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ({"type": "https://e.com/x", "title": "t", "status": 404, "detail": "d", "instance": "/a#b"}, 0),
        ({}, 0),
        ({"status": 404.0, "type": "about:blank", "instance": "urn:uuid:1"}, 0),
        ({"type": "tag:e.com,2026:x"}, 0),
        ({"title": None, "detail": None}, 0),
        ({"status": 400}, 1),
        ({"status": "404"}, 1),
        ({"status": True}, 1),
        ({"title": {"en": "t"}}, 1),
        ({"detail": ["d"]}, 1),
        ({"type": "not a uri"}, 1),
        ({"instance": "/a|b"}, 1),
        ({"type": 7, "title": 8}, 2),
        (["x"], 1),
        (MISSING, 1),
    ],
)
def test_problem_faults(body: Any, count: int) -> None:
    assert len(problem.faults(body, 404)) == count


def test_problem_nulls() -> None:
    assert problem.nulls({"title": None, "status": 404}) == ["title"]
    assert problem.nulls([]) == []


def test_references() -> None:
    for text in ("/problems/x", "https://e.com/a%20b?q#f", "", "tag:e.com,2026:x", "http://[::1]:8080/x"):
        assert problem.is_reference(text)
    for text in ("a b", "/ü", "%zz", "http://[::1/", "a\n", "http://e.com:x/"):
        assert not problem.is_reference(text)
    assert problem.is_absolute("urn:x")
    assert not problem.is_absolute("/problems/x")


def test_titles_and_types() -> None:
    bodies = [
        {"type": "a", "title": "x"},
        {"type": "a", "title": "y"},
        {"title": "z"},
        {"type": "b", "title": "x"},
    ]
    assert problem.titles(bodies) == {"a": ["x", "y"], "about:blank": ["z"], "b": ["x"]}
    assert problem.repeated(bodies)
    assert not problem.repeated(bodies[1:])
    assert not problem.repeated([{"title": "z"}, {"title": "z"}])


# -- request ids ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "X-Request-Id",
        "Request-Id",
        "X-Correlation-ID",
        "traceparent",
        "X-Amzn-Trace-Id",
        "CF-Ray",
        "x-ms-request-id",
        "X-GitHub-Request-Id",
        "x-amzn-RequestId",
        "X-Trace-Id",
        "x-b3-traceid",
    ],
)
def test_request_id_fields(name: str) -> None:
    assert request_id.in_fields(exchange(404, **{name: "a1"})) == {name.lower(): "a1"}


@pytest.mark.parametrize(
    "name", ["ETag", "X-Session-Id", "X-User-Id", "X-Runtime", "Server", "X-Content-Type-Options"]
)
def test_other_fields_are_no_ids(name: str) -> None:
    assert request_id.in_fields(exchange(404, **{name: "a1"})) == {}


def test_a_trace_is_a_request_id_where_it_looks_like_one() -> None:
    trace = "5d0c2f0e-3a51-4b8e-9d0a-0e8f3f6b3f43"
    assert request_id.in_body({"fault": {"trace": trace}}) == {"/fault/trace": trace}
    assert request_id.in_fields(exchange(404, **{"X-Trace": trace})) == {"x-trace": trace}
    for other in ("at main.go line 12", "POST /orders", "orders", "", 5):
        assert request_id.in_body({"trace": other, "request": other}) == {}


def test_request_ids_in_bodies() -> None:
    assert request_id.in_body({"meta": {"request_id": "r"}}) == {"/meta/request_id": "r"}
    assert request_id.in_body({"error": {"traceId": "t", "code": "c"}}) == {"/error/traceId": "t"}
    assert request_id.in_body({"instance": "urn:uuid:9"}) == {"/instance": "urn:uuid:9"}
    assert request_id.in_body({"id": "x", "requestId": "", "transactionId": "t"}) == {}
    assert request_id.ids(exchange(200, {"requestId": "r"})) == {}
    assert request_id.ids(exchange(404, {"requestId": "r"})) == {"/requestId": "r"}


def test_repeated_ids() -> None:
    assert request_id.repeated([{"x": "1"}, {"x": "1"}]) == "x: 1"
    assert request_id.repeated([{"x": "1"}, {"x": "2"}]) is None
    assert request_id.repeated([{"x": "1", "y": "a"}, {"x": "1", "y": "b"}]) is None
    assert request_id.repeated([{}, {"x": "1"}]) is None
    assert request_id.repeated([]) is None


def test_disagreeing_ids() -> None:
    body = {"request_id": "b"}
    assert request_id.disagreeing(exchange(404, x_request_id="a"), body) == "x-request-id: a, /request_id: b"
    assert request_id.disagreeing(exchange(404, x_request_id="b"), body) is None
    assert request_id.disagreeing(exchange(404, x_trace_id="a"), body) is None
    assert request_id.disagreeing(exchange(404, x_request_id="a"), {"traceId": "t"}) is None


def test_cached_answers() -> None:
    assert request_id.cached(exchange(404, age="12"))
    assert request_id.cached(exchange(404, x_cache="HIT from e"))
    assert not request_id.cached(exchange(404, age="0", x_cache="MISS"))


def test_documentation() -> None:
    assert request_id.documentation({"doc_url": "https://e.com/d"}) == "doc_url: https://e.com/d"
    assert request_id.documentation({"errors": [{"links": {"about": "https://e.com/d"}}]})
    assert request_id.documentation({"type": "https://e.com/p"})
    assert request_id.documentation({"type": "about:blank", "message": "see https://e.com"}) is None


def test_only_answers_to_right_requests_show_what_is_ordinary() -> None:
    sent = [
        ("GET", "/items", 200),
        ("POST", "/items", 201),
        ("GET", "/items/1", 200),
        ("GET", "/items/1", 200),
        ("PUT", "/items/1", 200),
        ("GET", "/items?limit=x", 200),
        ("GET", "/items?limit=x", 200),
        ("DELETE", "/items/1", 204),
        ("GET", "/items/1", 200),
        ("GET", "/no-such-path", 200),
    ]
    exchanges = [
        Exchange(str(number), method, url, (), Body("", 0), status=status)
        for number, (method, url, status) in enumerate(sent)
    ]
    assert [one.id for one in error_statuses.surely_fine(exchanges)] == ["1", "2", "3"]
