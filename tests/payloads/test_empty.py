"""Empty values that a schema allows."""

from __future__ import annotations

from harness.payloads.empty import empty_values
from harness.profile.models import Resource

SCHEMA = {
    "type": "object",
    "properties": {
        "amount": {"type": "integer", "minimum": 0},
        "title": {"type": "string", "minLength": 1},
        "note": {"type": "string"},
        "tags": {"type": "array"},
        "active": {"type": "boolean"},
        "code": {"type": "string"},
    },
}
BODY = {"amount": 5, "title": "a", "note": "b", "tags": ["c"], "active": True, "code": "d"}


def test_values_that_the_schema_allows_numbers_first() -> None:
    known = Resource(name="orders", collection="/orders", create_schema=SCHEMA, unique=["/code"])
    assert empty_values(known, BODY) == [("/amount", 0), ("/note", ""), ("/tags", [])]


def test_nothing_is_known_without_a_schema() -> None:
    assert empty_values(Resource(name="orders", collection="/orders"), BODY) == []


def test_what_is_empty_already_is_left_out() -> None:
    known = Resource(name="orders", collection="/orders", create_schema=SCHEMA)
    assert empty_values(known, {"amount": 0, "note": ""}) == []
