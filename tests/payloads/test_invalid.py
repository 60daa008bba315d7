"""Bodies that are invalid in one known way."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from harness.payloads.invalid import beside, combined, spread, violations
from harness.payloads.sample import sample

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["name", "email", "kind", "server_set"],
    "properties": {
        "name": {"type": "string", "minLength": 2, "maxLength": 5},
        "email": {"$ref": "#/$defs/Email"},
        "kind": {"enum": ["a", "b", None]},
        "count": {"type": "integer", "minimum": 1, "exclusiveMaximum": 10},
        "when": {"type": "string", "format": "date-time"},
        "where": {"type": "string", "format": "uri"},
        "flag": {"type": ["boolean", "null"]},
        "lines": {"type": "array", "items": {"type": "string"}},
        "server_set": {"type": "string", "default": "x"},
        "free": {},
    },
    "$defs": {"Email": {"type": "string", "format": "email"}},
}
BODY: dict[str, Any] = {"name": "mug", "email": "a@example.com", "kind": "a", "server_set": "y"}


def test_each_kind_once() -> None:
    shown = [(one.kind, one.member) for one in violations(SCHEMA, BODY)]
    assert shown == [
        ("required", "name"),
        ("type", "name"),
        ("length", "name"),
        ("length", "name"),
        ("required", "email"),
        ("type", "email"),
        ("format", "email"),
        ("required", "kind"),
        ("enum", "kind"),
        ("type", "count"),
        ("range", "count"),
        ("range", "count"),
        ("type", "when"),
        ("format", "when"),
        ("type", "where"),
        ("type", "flag"),
        ("type", "lines"),
        ("type", "server_set"),
    ]


def test_bodies() -> None:
    found = {(one.kind, one.member): one.body for one in violations(SCHEMA, BODY)}
    assert "name" not in found["required", "name"]
    assert isinstance(found["type", "count"]["count"], dict)
    assert isinstance(found["type", "lines"]["lines"], str)
    assert found["range", "count"]["count"] == 10
    ranges = [one.body["count"] for one in violations(SCHEMA, BODY) if one.kind == "range"]
    assert ranges == [0, 10]
    lengths = [one.body["name"] for one in violations(SCHEMA, BODY) if one.kind == "length"]
    assert lengths == ["xxxxxx", "x"]


def test_inside_an_envelope() -> None:
    schema = {
        "type": "object",
        "required": ["data"],
        "properties": {"data": SCHEMA},
        "$defs": SCHEMA["$defs"],
    }
    found = violations(schema, {"data": BODY}, "/data")
    assert [one.kind for one in found] == [one.kind for one in violations(SCHEMA, BODY)]
    assert found[0].pointer == "/data/name"


@pytest.mark.parametrize(
    ("schema", "body", "representation"),
    [
        (SCHEMA, {"name": 5}, ""),
        (SCHEMA, BODY, "/data"),
        ({"$ref": "https://other.example/a"}, {}, ""),
        ({"type": "nonsense"}, {}, ""),
        ({}, {"a": 1}, ""),
        # The alternatives are at fault, not the member: nothing certain can be said of it.
        (
            {"anyOf": [{"required": ["a"]}, {"required": ["b"]}], "properties": {"a": {}, "b": {}}},
            {"a": 1},
            "",
        ),
        (
            {"properties": {"a": {"type": ["string", "object", "array", "number", "boolean", "null"]}}},
            {"a": 1},
            "",
        ),
    ],
)
def test_what_is_not_certain_is_left_out(
    schema: dict[str, Any], body: dict[str, Any], representation: str
) -> None:
    assert violations(schema, body, representation) == []


def test_three_at_once() -> None:
    body = combined(violations(SCHEMA, BODY))
    assert body == {"server_set": "y"}
    few = {"properties": {name: {"type": "integer"} for name in "abc"}, "required": ["a"]}
    body = combined(violations(few, {"a": 1, "b": 2}))
    assert body is not None
    assert all(isinstance(body[name], dict) for name in "abc")
    assert combined(violations({"properties": {"a": {"type": "integer"}}}, {"a": 1})) is None
    mixed = {"properties": {"a": {}, "b": {}, "c": {"type": "integer"}}, "required": ["a", "b"]}
    body = combined(violations(mixed, {"a": 1, "b": 1}))
    assert body is not None
    assert set(body) == {"c"}


MEMBERS = st.sampled_from(
    [
        {"type": "string", "maxLength": 3},
        {"type": "string", "minLength": 1, "pattern": "^."},
        {"type": "string", "format": "uuid"},
        {"type": "integer", "multipleOf": 5, "minimum": 0},
        {"type": "number", "maximum": 0.5},
        {"enum": [1, 2]},
        {"allOf": [{"type": "string"}, {"maxLength": 4}]},
        {"anyOf": [{"type": "string"}, {"type": "integer", "maximum": 5}]},
        {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
        {},
        True,
    ]
)


@given(st.dictionaries(st.sampled_from("abcd"), MEMBERS), st.sets(st.sampled_from("abcd")))
@settings(deadline=None)
def test_every_violation_is_invalid_at_its_member_alone(
    properties: dict[str, Any], required: set[str]
) -> None:
    schema = {"type": "object", "properties": properties, "required": sorted(required & set(properties))}
    body = sample(schema, 1, True)
    before = copy.deepcopy(body)
    validator = Draft202012Validator(schema)
    for one in violations(schema, body):
        assert one.kind == "format" or not validator.is_valid(one.body)
        assert {key: value for key, value in one.body.items() if key != one.member} == {
            key: value for key, value in body.items() if key != one.member
        }
    assert body == before


@pytest.mark.parametrize(
    ("schema", "text", "sent"),
    [
        ({"pattern": "^[A-Z]{3}$"}, "ABC", ["ABC~~"]),
        ({"pattern": "^[A-Z]{3}"}, "ABC", []),
        ({"pattern": "^[A-Z]{3}$", "maxLength": 3}, "ABC", []),
        ({"pattern": "^[A-Z]{3}$", "maxLength": 5}, "ABC", ["ABC~~"]),
        ({"pattern": "^a$", "enum": ["a"]}, "a", []),
    ],
)
def test_a_tail_breaks_a_pattern_alone(schema: dict[str, Any], text: str, sent: list[str]) -> None:
    found = violations({"properties": {"code": {"type": "string", **schema}}}, {"code": text})
    assert [one.body["code"] for one in found if one.kind == "pattern"] == sent


def test_of_many_violations_each_kind_has_its_turn() -> None:
    many = {f"n{number}": {"type": "integer", "minimum": 1, "maximum": 9} for number in range(20)}
    schema = {"properties": {**many, "code": {"type": "string", "pattern": "^a$"}}, "required": ["code"]}
    found = violations(schema, {"code": "a"})
    chosen = [found[index] for index in spread(found, 12)]
    assert {one.kind for one in chosen} == {"range", "type", "pattern", "required"}
    assert [one.kind for one in chosen].count("range") == 5
    assert spread(found[:3], 12) == [0, 1, 2]


def test_members_beside_the_representation() -> None:
    related = {
        "type": "object",
        "properties": {"author": {"type": "object"}, "note": {"type": ["object", "null"]}},
    }
    data = {"type": {"type": "string"}, "attributes": {"type": "object"}, "relationships": related}
    schema = {"type": "object", "properties": {"data": {"type": "object", "properties": data}}}
    body = {"data": {"type": "books", "attributes": {"title": "A"}}}
    found = {one.pointer: one.body["data"] for one in beside(schema, body, "/data/attributes")}
    assert set(found) == {"/data/type", "/data/relationships", "/data/relationships/author"}
    assert found["/data/relationships/author"] == {**body["data"], "relationships": {"author": None}}
    assert all(one["attributes"] == {"title": "A"} for one in found.values())
    assert beside(schema, body, "") == []
