from __future__ import annotations

from typing import Any

import pytest

from harness.http.content import MISSING
from harness.payloads.edges import UNICODE, Edge, drawn, edges, respelled, to_draw, waves, with_edges
from harness.profile.models import Resource


def resource(properties: dict[str, Any], *required: str, **more: Any) -> Resource:
    schema = {"type": "object", "properties": properties, "required": list(required)}
    return Resource(collection="/orders", create_schema=schema, **more)


def values(known: Resource, body: dict[str, Any], tag: str | None = None) -> list[Any]:
    return [edge.value for edge in edges(known, body, tag)]


def test_bounds_are_promised_and_everything_is_valid() -> None:
    found = edges(
        resource({"amount": {"type": "integer", "minimum": 1, "maximum": 9}}, "amount"), {"amount": 5}
    )
    assert [(edge.value, edge.promised) for edge in found] == [(1, True), (9, True)]


def test_exclusive_bounds_of_integers() -> None:
    known = resource({"amount": {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 5}}, "amount")
    assert values(known, {"amount": 2}) == [1, 4]


def test_bounds_of_one_of_a_pair_are_not_promised() -> None:
    found = edges(resource({"min_price": {"type": "integer", "minimum": 1}}, "min_price"), {"min_price": 5})
    assert not any(edge.promised for edge in found)


def test_unbounded_integers_need_more_than_a_word() -> None:
    assert values(resource({"pages": {"type": "integer"}}, "pages"), {"pages": 5}) == [0, 2**31, 2**53 - 1]
    exact = resource({"pages": {"type": "integer", "format": "int64"}}, "pages")
    assert values(exact, {"pages": 5}) == [0, 2**31, 2**53 + 1]


def test_optional_members_are_left_out_and_null_where_allowed() -> None:
    known = resource({"rating": {"type": ["boolean", "null"]}})
    assert values(known, {"rating": True}) == [False, None, MISSING]


@pytest.mark.parametrize(
    "name", ["status", "customer_id", "email", "currency", "homeAddress", "created_by", "type", "time_zone"]
)
def test_members_that_mean_something_are_left_alone(name: str) -> None:
    assert values(resource({name: {"type": "string"}}, name), {name: "x"}) == []


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "readOnly": True},
        {"type": "string", "enum": ["a", "b"]},
        {"type": "string", "format": "uuid"},
        {"type": "string", "pattern": "^[a-z]+$"},
        {"const": "a"},
    ],
)
def test_what_cannot_be_any_text_is_left_alone(schema: dict[str, Any]) -> None:
    assert values(resource({"note": schema}, "note"), {"note": "a"}) == []


def test_unique_and_fresh_members_are_left_alone() -> None:
    known = resource({"note": {"type": "string"}, "nick": {"type": "string"}}, "note", "nick")
    fixed = known.model_copy(update={"unique": ["/note"], "fresh": ["/nick"]})
    assert edges(fixed, {"note": "a", "nick": "b"}) == []


def test_the_text_that_identifies_an_item_stays() -> None:
    known = resource({"note": {"type": "string", "maxLength": 40}}, "note")
    found = edges(known, {"note": "mark 123"}, "/note")
    bodies = [with_edges({"note": "mark 123"}, [edge]) for edge in found]
    assert all(body["note"].startswith("mark 123 ") and len(body["note"]) <= 40 for body in bodies)
    assert f"mark 123 {UNICODE}" in [body["note"] for body in bodies]


def test_an_instant_has_another_offset_or_is_the_last() -> None:
    known = resource({"due": {"type": "string", "format": "date-time"}}, "due")
    assert values(known, {"due": "2031-03-01T12:00:00Z"}) == [
        "2031-03-01T17:30:00+05:30",
        "9999-12-31T23:59:59Z",
    ]
    assert values(known, {}) == []


def test_days_are_in_the_future() -> None:
    known = resource({"due": {"type": ["string"], "format": "date"}}, "due")
    assert values(known, {"due": "2031-03-01"}) == ["9999-12-31", "2096-02-29"]


def test_respelled() -> None:
    assert respelled("2031-03-01T12:00:00+05:30") == "2031-03-01T06:30:00+00:00"
    assert respelled("2031-03-01T12:00:00") is None
    assert respelled("tomorrow") is None


def test_nothing_is_said_of_a_body_that_is_not_valid() -> None:
    assert edges(resource({"amount": {"type": "integer"}}, "amount"), {"amount": "5"}) == []


def test_members_in_the_representation() -> None:
    known = Resource(
        collection="/orders",
        representation="/data",
        create_schema={"properties": {"data": {"properties": {"open": {"type": "boolean"}}}}},
    )
    found = edges(known, {"data": {"open": True}})
    assert [edge.pointer for edge in found] == ["/data/open", "/data/open"]
    assert with_edges({"data": {"open": True}}, found[:1]) == {"data": {"open": False}}


def test_waves_have_one_value_of_each_member() -> None:
    one, two = Edge("/a", "a", "1", 1), Edge("/a", "a", "2", 2)
    other = Edge("/b", "b", "3", 3)
    assert waves([one, two, other]) == [[one, other], [two]]
    assert waves([]) == []


def test_generated_values_are_taken_for_members_with_edges_only() -> None:
    known = resource({"pages": {"type": "integer"}, "kind": {"type": "string"}}, "pages", "kind")
    body = {"pages": 5, "kind": "a"}
    assert known.create_schema is not None
    assert to_draw(edges(known, body), known)["required"] == ["pages"]
    made = drawn(
        edges(known, body),
        [{"pages": 7, "kind": "b"}, {"pages": 7}, {"pages": 10**300}, {}],
        known.create_schema,
        body,
    )
    assert [(edge.pointer, edge.value, edge.generated) for edge in made] == [("/pages", 7, True)]
