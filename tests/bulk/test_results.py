"""Reading the responses to batches, on literal ones."""

from __future__ import annotations

from typing import Any

import pytest

from harness.http.content import MISSING
from suites.bulk.results import Asked, Results, read, status_of

TWO = Asked(2, members=frozenset({"sku", "name"}))
A, B = {"id": 1, "sku": "a", "name": "A"}, {"id": 2, "sku": "b", "name": "B"}
BAD = {"message": "not valid"}


def short(results: Results) -> list[tuple[Any, ...] | None]:
    return [
        None if one is None else (one.failed, one.status, one.value if one.value is not MISSING else None)
        for one in results.by_input
    ]


@pytest.mark.parametrize(
    ("value", "expected", "correlated"),
    [
        # The items themselves, alone or in an envelope.
        ([A, B], [(False, None, A), (False, None, B)], "order"),
        ({"data": [A, B]}, [(False, None, A), (False, None, B)], "order"),
        ({"products": [A, B]}, [(False, None, A), (False, None, B)], "order"),
        # A status and a body each.
        (
            {"results": [{"status": 201, "item": A}, {"status": 422, "error": BAD}]},
            [(False, 201, A), (True, 422, None)],
            "order",
        ),
        (
            [{"code": 200, "body": A}, {"code": 400, "body": BAD}],
            [(False, 200, A), (True, 400, None)],
            "order",
        ),
        # Parse Server.
        ([{"success": A}, {"error": BAD}], [(False, None, A), (True, None, None)], "order"),
        # Elasticsearch.
        (
            {
                "took": 3,
                "errors": True,
                "items": [{"create": {"_id": "1", "status": 201}}, {"create": {"status": 409}}],
            },
            [(False, 201, {"_id": "1", "status": 201}), (True, 409, None)],
            "order",
        ),
        # By the index of each, from 0 or from 1; those that failed apart.
        (
            {"results": [{"index": 1, "status": 201, "item": B}, {"index": 0, "status": 201, "item": A}]},
            [(False, 201, A), (False, 201, B)],
            "index",
        ),
        (
            {"created": [{"row": 2, "status": 201, "item": B}], "errors": [{"row": 1, "error": BAD}]},
            [(True, None, None), (False, 201, B)],
            "index",
        ),
    ],
)
def test_what_is_said_of_each_item(value: Any, expected: Any, correlated: str) -> None:
    found = read(value, TWO)
    assert short(found) == expected
    assert found.correlated == correlated


def test_responses_are_found_by_the_ids_of_requests() -> None:
    value = {
        "responses": [
            {"id": "2", "status": 400, "body": {"error": BAD}},
            {"id": "1", "status": 201, "headers": {"Location": "/p/1"}, "body": A},
        ]
    }
    found = read(value, Asked(2, "id", ("1", "2")))
    assert short(found) == [(False, 201, A), (True, 400, None)]
    first, second = found.by_input
    assert first is not None
    assert first.location == "/p/1"
    assert second is not None
    assert second.error == {"error": BAD}


def test_operations_of_scim() -> None:
    value = {
        "Operations": [
            {"method": "POST", "bulkId": "1", "location": "https://x/Users/7", "status": "201"},
            {"method": "POST", "bulkId": "2", "status": {"code": "400"}, "response": {"detail": "no"}},
        ]
    }
    first, second = read(value, Asked(2, "bulkId", ("1", "2"))).by_input
    assert first is not None
    assert (first.failed, first.location) == (False, "https://x/Users/7")
    assert second is not None
    assert (second.failed, second.error) == (True, {"detail": "no"})


def test_an_item_may_have_a_member_that_is_called_like_a_status() -> None:
    item = {"id": 1, "sku": "a", "name": "A", "code": 500, "status": 404}
    (one,) = read([item], Asked(1, members=frozenset({"sku", "name", "code", "status"}))).by_input
    assert one is not None
    assert (one.failed, one.status, one.value) == (False, None, item)


@pytest.mark.parametrize("value", [MISSING, None, {}, {"ok": True}, "x", {"count": 2, "ids": [1, 2]}])
def test_nothing_is_said(value: Any) -> None:
    assert read(value, TWO) == Results(by_input=(None, None))


def test_results_that_belong_to_no_item() -> None:
    found = read({"results": [{"status": 422, "error": BAD}]}, TWO)
    assert found.found is not None
    assert len(found.found) == 1
    assert found.by_input == (None, None)
    assert found.correlated == ""


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (201, 201),
        ("404", 404),
        ("201 Created", 201),
        ({"code": "409"}, 409),
        (1, None),
        ("paid", None),
        (True, None),
    ],
)
def test_statuses(value: Any, status: int | None) -> None:
    assert status_of(value) == status
