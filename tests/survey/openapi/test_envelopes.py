"""What is around an item in requests, responses and lists, and where its id is."""

from __future__ import annotations

from typing import Any

import pytest

from harness import payloads

from .documents import TEXT, api, obj


@pytest.mark.parametrize(
    ("create", "answer", "representation", "id_"),
    [
        (obj(a=TEXT), obj(id=TEXT, a=TEXT), "", "/id"),
        (obj(a=TEXT), obj(order_id=TEXT, a=TEXT), "", "/order_id"),
        (obj(a=TEXT), obj(data=obj(id=TEXT)), "", "/data/id"),
        (obj(data=obj(a=TEXT)), obj(data=obj(id=TEXT, a=TEXT)), "/data", "/data/id"),
        (obj(order=obj(a=TEXT)), obj(order=obj(id=TEXT, a=TEXT)), "/order", "/order/id"),
        (obj(address=obj(a=TEXT)), obj(id=TEXT, address=obj(a=TEXT)), "", "/id"),
        (
            obj(data=obj(type=TEXT, attributes=obj(a=TEXT))),
            obj(data=obj(type=TEXT, id=TEXT, attributes=obj(a=TEXT))),
            "/data/attributes",
            "/data/id",
        ),
        (None, obj(data=obj(id=TEXT, a=TEXT)), "/data", "/data/id"),
        (obj(a=TEXT), None, "", "/id"),
        (obj(data=obj(a=TEXT), permissions=obj(read=TEXT)), None, "/data", "/data/id"),
        (obj(data=obj(a=TEXT), other=TEXT), None, "", "/id"),
        (obj(data=obj(a=TEXT), meta=obj(b=TEXT)), obj(id=TEXT, data=obj(a=TEXT)), "", "/id"),
        (obj(a=TEXT), {"oneOf": [{"type": "null"}, obj(_id=TEXT)]}, "", "/_id"),
    ],
)
def test_envelopes_and_ids(create: Any, answer: Any, representation: str, id_: str) -> None:
    one = api(create, answer)
    assert (one.representation, one.id) == (representation, id_)


@pytest.mark.parametrize(
    ("listed", "items"),
    [
        ({"type": "array", "items": obj(id=TEXT)}, ""),
        (obj(data={"type": "array", "items": obj(id=TEXT)}, tags={"type": "array", "items": TEXT}), "/data"),
        (obj(**{"a/b": {"type": "array", "items": obj(id=TEXT)}}), "/a~1b"),
        (obj(_embedded=obj(orders={"type": "array", "items": obj(id=TEXT)})), "/_embedded/orders"),
        (obj(orders={"type": "array", "items": obj()}, errors={"type": "array", "items": obj()}), "/orders"),
        (obj(a={"type": "array", "items": obj()}, b={"type": "array", "items": obj()}), None),
        (obj(data={"type": ["array", "null"], "items": obj(id=TEXT)}), "/data"),
        (obj(total=TEXT), None),
        (None, None),
    ],
)
def test_items(listed: Any, items: str | None) -> None:
    assert api(obj(a=TEXT), obj(id=TEXT), listed).items == items


def test_an_envelope_that_only_responses_have() -> None:
    one = api(obj(name=TEXT, note=TEXT), obj(data=obj(id=TEXT, name=TEXT, note=TEXT)))
    assert (one.representation, one.bare, one.id) == ("/data", True, "/data/id")
    assert one.create_schema is not None
    assert set(one.create_schema["properties"]) == {"data"}
    assert set(next(payloads.bodies(one, 0))["data"]) == {"name", "note"}


def test_an_envelope_on_both_sides_is_sent() -> None:
    one = api(obj(data=obj(name=TEXT)), obj(data=obj(id=TEXT, name=TEXT)))
    assert (one.representation, one.bare) == ("/data", False)


@pytest.mark.parametrize("word", ["oneOf", "anyOf"])
def test_a_body_of_one_item_where_an_array_may_be_sent_too(word: str) -> None:
    schema = {word: [{"type": "array", "items": obj(name=TEXT)}, obj(name=TEXT)]}
    one = api(schema, obj(id=TEXT, name=TEXT))
    assert one.capabilities["create"].there
    assert one.create_schema == obj(name=TEXT)
