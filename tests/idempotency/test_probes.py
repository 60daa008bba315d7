"""The pure parts of keyed requests: what counts as an effect, as a replay, and as a difference."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from harness.payloads.arrays import arrays_of_texts
from harness.resource.matching import carriers
from suites.idempotency.probes import is_replay, mark_of_replay, unlike_result

ORDER = {"id": "ord_1", "note": "tea", "updated_at": "2026-01-01T00:00:00Z"}


def reply(status: int = 201, json: Any = None, **fields: str) -> httpx.Response:
    return httpx.Response(status, json=json, headers=fields)


def test_carriers_are_the_distinct_items_with_the_text() -> None:
    items = [
        {"id": 1, "note": "ours"},
        {"id": 2, "note": "theirs"},
        {"id": 3, "data": {"note": "ours"}},
        {"id": 1, "note": "ours"},
        {"note": "ours"},
        "no object",
    ]
    assert carriers(items, ["/data/note", "/note"], "ours", "/id") == ["1", "3"]


def test_equal_results_have_no_difference() -> None:
    first = reply(201, ORDER, location="/orders/ord_1")
    assert unlike_result(first, reply(201, ORDER, location="/orders/ord_1")) == []


def test_what_changes_by_itself_is_no_difference() -> None:
    assert unlike_result(reply(json=ORDER), reply(json={**ORDER, "updated_at": "later"})) == []
    assert unlike_result(reply(json=ORDER), reply(json={**ORDER, "note": "x"}), ["/note"]) == []


@pytest.mark.parametrize(
    ("again", "word"),
    [
        (reply(200, ORDER, location="/orders/ord_1"), "status 200 instead of 201"),
        (reply(201, ORDER), "no Location instead of /orders/ord_1"),
        (reply(201, ORDER, location="/orders/ord_2"), "Location /orders/ord_2"),
        (reply(201, {**ORDER, "id": "ord_2"}, location="/orders/ord_1"), '/id is "ord_2" instead of "ord_1"'),
        (httpx.Response(201, headers={"location": "/orders/ord_1"}), "one of the two has JSON content"),
    ],
)
def test_other_results_are_reported(again: httpx.Response, word: str) -> None:
    found = unlike_result(reply(201, ORDER, location="/orders/ord_1"), again)
    assert len(found) == 1
    assert word in found[0]


def test_only_the_whole_result_of_another_operation_is_a_replay() -> None:
    first = reply(201, ORDER, location="/orders/ord_1")
    assert is_replay(first, reply(200, ORDER))
    # Two tables may each have an item 1.
    assert not is_replay(reply(json={"id": 1, "note": "a"}), reply(json={"id": 1, "amount": 2}))
    assert not is_replay(first, reply(422, ORDER))
    assert not is_replay(reply(json={}), reply(json={}))


def test_results_without_content_are_known_by_location() -> None:
    def empty(where: str) -> httpx.Response:
        return httpx.Response(201, headers={"location": where})

    assert is_replay(empty("/orders/1"), empty("/orders/1"))
    assert not is_replay(empty("/orders/1"), empty("/payments/1"))
    assert not is_replay(httpx.Response(204), httpx.Response(204))


def test_marks_of_replays_have_several_spellings() -> None:
    assert mark_of_replay(reply(**{"Idempotent-Replayed": "true"}).headers) == "idempotent-replayed: true"
    assert mark_of_replay(reply(**{"Idempotency-Replay": "true"}).headers) == "idempotency-replay: true"
    assert mark_of_replay(reply().headers) is None


def test_arrays_of_texts_come_from_the_body_first_then_from_the_schema() -> None:
    texts = {"type": "array", "items": {"type": "string"}}
    schema = {
        "type": "object",
        "properties": {
            "tags": texts,
            "log": {**texts, "readOnly": True},
            "kinds": {"type": "array", "items": {"type": "string", "enum": ["a"]}},
            "counts": {"type": "array", "items": {"type": "integer"}},
        },
    }
    body = {"labels": ["a"], "numbers": [1], "none": [], "text": "a"}
    assert list(arrays_of_texts(body, schema, "")) == ["labels", "tags"]
    assert list(arrays_of_texts({"data": body}, None, "/data")) == ["labels"]
