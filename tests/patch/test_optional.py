"""What an item may lack, on a literal schema."""

from __future__ import annotations

from harness.profile.models import Resource
from suites.patch.optional import parts, removable

SCHEMA = {
    "type": "object",
    "required": ["guest", "nights"],
    "properties": {
        "id": {"type": "string"},
        "guest": {"type": "object", "properties": {"name": {"type": "string"}}},
        "nights": {"type": "integer"},
        "remark": {"type": "string"},
        "extras": {
            "type": "object",
            "required": ["parking"],
            "properties": {"parking": {"type": "string"}, "bed": {"type": "string"}},
        },
        "tags": {"type": "array"},
    },
}
BODY = {
    "guest": {"name": "Ada"},
    "nights": 2,
    "remark": "late",
    "extras": {"bed": "wide", "parking": "yes"},
    "tags": [],
}


def booking(**more: object) -> Resource:
    given = {"collection": "/bookings", "create_schema": SCHEMA, **more}
    return Resource.model_validate(given)


def test_objects_come_before_texts() -> None:
    assert removable(booking(), BODY) == ["/extras", "/tags", "/remark"]
    assert removable(booking(unique=["/remark"]), BODY) == ["/extras", "/tags"]


def test_a_part_must_be_valid_alone() -> None:
    assert parts(booking(), BODY) == [("/extras", {"parking": "yes"})]
    assert parts(booking(), {**BODY, "extras": {"parking": "no"}}) == [("/extras", {"parking": "no"})]


def test_without_a_schema_nothing_is_known_to_be_optional() -> None:
    assert removable(booking(create_schema=None), BODY) == []
    assert removable(booking(), {"guest": "not valid"}) == []
