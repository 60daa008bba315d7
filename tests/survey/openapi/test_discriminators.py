"""Discriminators: the body of each alternative names itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness import payloads
from harness.survey.openapi.document import parse
from harness.survey.openapi.resources import resources
from tests.survey.surveying import described

SCHEMAS: dict[str, Any] = {
    "Cat": {
        "type": "object",
        "required": ["kind", "claws"],
        "properties": {"kind": {"type": "string"}, "claws": {"type": "integer"}},
    },
    "Dog": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}},
    "Pet": {
        "type": "object",
        "required": ["kind"],
        "discriminator": {"propertyName": "kind", "mapping": {"fish": "#/components/schemas/Fish"}},
        "properties": {"kind": {"type": "string"}},
    },
    "Fish": {"allOf": [{"$ref": "#/components/schemas/Pet"}, {"type": "object"}]},
}
ANY = [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]


@pytest.mark.parametrize(
    ("schema", "kinds"),
    [
        ({"oneOf": ANY, "discriminator": {"propertyName": "kind"}}, {"Cat", "Dog"}),
        (
            {
                "anyOf": ANY,
                "discriminator": {
                    "propertyName": "kind",
                    "mapping": {"a cat": "#/components/schemas/Cat", "a dog": "Dog"},
                },
            },
            {"a cat", "a dog"},
        ),
        ({"$ref": "#/components/schemas/Pet"}, {"fish"}),
        ({"$ref": "#/components/schemas/Fish"}, {"fish"}),
    ],
)
def test_bodies_name_their_kind(schema: dict[str, Any], kinds: set[str]) -> None:
    document = described("/pets", body=schema, components={"schemas": SCHEMAS})
    (one,) = resources(parse(json.dumps(document).encode(), "d"), "")
    made = list(payloads.bodies(one, 0))
    assert made
    assert {body["kind"] for body in made} <= kinds
