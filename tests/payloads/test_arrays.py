from __future__ import annotations

from typing import Any

import pytest

from harness.payloads.arrays import array_of_objects

LINE = {
    "type": "object",
    "properties": {"number": {"type": "integer"}, "sku": {"type": "string"}},
    "required": ["sku"],
    "additionalProperties": False,
}


def schema(**items: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"lines": {"type": "array", "items": LINE | items}}}


def test_an_element_for_each_word() -> None:
    body = {"lines": [{"number": 1, "sku": "A-1"}]}
    assert array_of_objects({"data": body}, {"properties": {"data": schema()}}, "/data", ("a", "b")) == (
        "/data/lines",
        "sku",
        [{"number": 1, "sku": "a"}, {"number": 1, "sku": "b"}],
    )


@pytest.mark.parametrize(
    ("body", "of"),
    [
        ({"lines": []}, schema()),
        ({"lines": ["A-1"]}, schema()),
        ({"lines": [{"number": 1}]}, schema()),
        ({"lines": [{"sku": "A-1"}]}, None),
        ({"lines": [{"sku": "A-1"}]}, schema(properties={"sku": {"enum": ["A-1", "a"]}})),
        ([], schema()),
    ],
)
def test_no_array_whose_elements_may_hold_any_word(body: Any, of: Any) -> None:
    assert array_of_objects(body, of, "", ("a", "b")) is None
