"""Optional objects and arrays of a schema get values; what is no client's to set does not."""

from __future__ import annotations

from typing import Any

import pytest

from harness.payloads.composites import composites
from harness.profile.models import Resource

PART = {"type": "object", "properties": {"city": {"type": "string"}, "zip": {"type": "string"}}}


def found(member: dict[str, Any], *, required: bool = False, body: dict[str, Any] | None = None) -> Any:
    names = ["name", "part"] if required else ["name"]
    schema = {"type": "object", "required": names, "properties": {"name": {"type": "string"}, "part": member}}
    return composites(Resource(collection="/x", create_schema=schema), body or {"name": "Ada"})


def test_an_object_has_all_described_members() -> None:
    assert set(found(PART)["/part"]) == {"city", "zip"}


def test_a_map_has_one_member_of_the_kind_that_it_takes() -> None:
    (value,) = found({"type": "object", "additionalProperties": {"type": "integer"}})["/part"].values()
    assert isinstance(value, int)
    assert found({"type": "object"})["/part"] == {"alpha": "one"}


def test_an_array_has_one_element() -> None:
    (element,) = found({"type": "array", "items": PART})["/part"]
    assert set(element) == {"city", "zip"}


@pytest.mark.parametrize(
    "member",
    [
        {**PART, "readOnly": True},
        {**PART, "writeOnly": True},
        {**PART, "default": {}},
        {"type": "object", "additionalProperties": False},
        {"type": "string"},
    ],
)
def test_what_is_left_out(member: dict[str, Any]) -> None:
    assert found(member) == {}


def test_what_a_body_must_have_or_has_is_no_addition() -> None:
    assert found(PART, required=True) == {}
    assert found(PART, body={"name": "Ada", "part": {"city": "Rome"}}) == {}
    assert composites(Resource(collection="/x"), {"name": "Ada"}) == {}
