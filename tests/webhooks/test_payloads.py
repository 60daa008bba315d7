"""Deliveries against the schemas of a document, on literal values."""

from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.datastructures import Headers

from harness.survey.openapi.hooks import DeclaredEvent, Hooks
from suites.webhooks.payloads import Subscribed, candidates, faults
from suites.webhooks.receiver import OK, Delivery

NUMBER = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
TEXT = {"type": "object", "required": ["t"], "properties": {"t": {"type": "string"}}}
A, B = DeclaredEvent("a.made", "", NUMBER), DeclaredEvent("b.made", "", TEXT)


def delivery(content: bytes, media: str = "application/json") -> Delivery:
    return Delivery(0, 0, "POST", Headers({"content-type": media}), content, OK)


@pytest.mark.parametrize(
    ("wanted", "kind", "names"),
    [
        (Subscribed("a.made", "/hooks", True), None, ["a.made"]),
        (Subscribed("a.made", "/hooks", True), "A_MADE", ["a.made"]),
        (Subscribed("a.made", "/hooks", False), "b.made", ["b.made"]),
        (Subscribed("a.made", "/hooks", True), "com.shop.a", ["a.made"]),
        (Subscribed("a.made", "/hooks", False), "c.made", []),
        (Subscribed("c.made", "/hooks", True), None, []),
    ],
)
def test_a_delivery_is_compared_with_the_schema_of_its_event(wanted, kind, names) -> None:
    assert [one.name for one in candidates(Hooks((A, B)), wanted, kind)] == names


@pytest.mark.parametrize(
    ("value", "possible", "said"),
    [
        ({"n": 1}, [A], []),
        ({"n": "1"}, [A], ["$.n: '1' is not of type 'integer'"]),
        ({"t": "x"}, [A, B], []),
        ({"n": 1}, [DeclaredEvent("x", "", {"$ref": "#/none"})], None),
    ],
)
def test_it_must_match_one_of_them(value: Any, possible: list[DeclaredEvent], said: list[str] | None) -> None:
    assert faults(delivery(json.dumps(value).encode()), possible) == said


def test_what_is_not_sent_as_json_is_not_judged_and_what_is_must_be_json() -> None:
    assert faults(delivery(b"n=1", "application/x-www-form-urlencoded"), [A]) is None
    assert faults(delivery(b"n=1"), [A]) == ["the content is not JSON, which Content-Type says it is"]
    assert faults(delivery(b'{"n": 1}', "application/cloudevents+json; charset=utf-8"), [A]) == []
