"""What an earlier report has: requests that can be repeated, and the members that all responses had."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.bad_input import BadInput
from harness.http.content import MISSING
from harness.http.earlier_report import breaches, creates, reads, recorded, required


def exchange(id: str, method: str, url: str, status: int = 200, **more: Any) -> dict[str, Any]:
    answer = {"text": json.dumps({"id": id}), "size": 1, "cut": False}
    return {"id": id, "method": method, "url": url, "status": status, "response_body": answer, **more}


def report(*exchanges: dict[str, Any]) -> bytes:
    document = {"target": {"url": "https://a.example/v1/"}, "survey": ["s"], "exchanges": exchanges}
    return json.dumps(document).encode()


def test_what_can_be_repeated() -> None:
    base = "https://a.example/v1"
    found = recorded(
        report(
            exchange("a", "GET", f"{base}/orders"),
            exchange("b", "GET", f"{base}/orders?limit=1"),
            exchange("c", "GET", f"{base}/orders/1", 404),
            exchange("d", "GET", f"{base}/orders/1", credential="other"),
            exchange("e", "GET", f"{base}/orders/1", raw="GET"),
            exchange("f", "PUT", f"{base}/orders/1"),
            exchange("g", "GET", "https://a.example/v12"),
            exchange("h", "GET", f"{base}/a%20b", response_body={"text": "{", "cut": True}),
            exchange("s", "POST", f"{base}/orders", 201, request_body={"text": '{"a": 1}', "cut": False}),
        ),
        "a.json",
    )
    assert [(one.method, one.path) for one in found] == [
        ("POST", "/orders"),
        ("GET", "/orders"),
        ("GET", "/a b"),
    ]
    assert found[0].sent == {"a": 1}
    assert found[2].answer is MISSING
    assert creates(found, "/orders") == found[:1]
    assert reads(found, "/{any}") == found[1:2]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"target": {"url": "a"}, "exchanges": [{}]}', "[" * 9000])
def test_what_is_no_report(text: str) -> None:
    with pytest.raises(BadInput, match=r"^a\.json: it is no.*conformance\.json"):
        recorded(text.encode(), "a.json")


def test_what_all_responses_had() -> None:
    values = [{"a": 1, "b": {"c": "x"}, "d": []}, {"a": None, "b": {"c": "y", "e": 1}}, [1]]
    assert required(values) == {
        ("a",): frozenset({"number", "null"}),
        ("b",): frozenset({"object"}),
        ("b", "c"): frozenset({"string"}),
    }
    assert required([]) == {}


@pytest.mark.parametrize(
    ("now", "wrong"),
    [
        ({"a": 1, "b": {"c": "z", "more": 1}}, []),
        ({"a": "1", "b": {"c": None}}, []),
        ({"a": 1, "b": {}}, ["/b/c is missing"]),
        ({"a": 1, "b": "text"}, ["/b is string, and was object"]),
        ({"a": 1}, ["/b is missing"]),
        ([], ["array, not object"]),
        (MISSING, ["no JSON"]),
    ],
)
def test_what_is_missing_now(now: Any, wrong: list[str]) -> None:
    before = [{"a": 1, "b": {"c": "x"}}, {"a": None, "b": {"c": "y"}}]
    assert breaches(required(before), now) == wrong
