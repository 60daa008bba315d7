"""Which documented actions add to an item, and what they are sent."""

from __future__ import annotations

from typing import Any

import pytest

from harness.survey.openapi.adding import Adding, adding

KEY: dict[str, object] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "schema": {"type": "string"},
}
ID: dict[str, object] = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


def document(path: str, **operation: object) -> dict[str, Any]:
    post: dict[str, object] = {"responses": {}, **operation}
    return {"openapi": "3.1.0", "paths": {path: {"parameters": [ID], "post": post}}}


def content(schema: object, **media: object) -> dict[str, object]:
    return {"required": True, "content": {"application/json": {"schema": schema, **media}}}


def amount(**bounds: int) -> dict[str, object]:
    return {"type": "object", "required": ["amount"], "properties": {"amount": {"type": "integer", **bounds}}}


@pytest.mark.parametrize("word", ["increment", "credits", "add-stock", "adjustments", "decrement", "top-up"])
def test_an_action_adds_by_its_name(word):
    path = f"/orders/{{id}}/{word}"
    assert adding(document(path), "") == (Adding("POST", path, "/orders/{id}"),)


@pytest.mark.parametrize("word", ["pay", "refund", "cancel", "lines", "withdraw", "send-credits", "charge"])
def test_what_reaches_beyond_the_item_is_left_alone(word):
    assert adding(document(f"/orders/{{id}}/{word}"), "") == ()


def test_an_idempotency_key_is_no_parameter_that_is_unknown():
    found = adding(document("/orders/{id}/increment", parameters=[KEY]), "")
    assert [one.keyed for one in found] == [True]
    other: dict[str, object] = {**KEY, "name": "X-Reason"}
    assert adding(document("/orders/{id}/increment", parameters=[other]), "") == ()


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        (content(amount(), example={"amount": 5}), {"amount": 5}),
        (content(amount()), {"amount": 3}),
        (content(amount(minimum=10)), {"amount": 10}),
        (content(amount(maximum=2)), {"amount": 2}),
    ],
)
def test_content_is_the_example_or_numbers_within_their_bounds(body, sent):
    assert [one.body for one in adding(document("/a/{id}/credits", requestBody=body), "")] == [sent]


@pytest.mark.parametrize(
    "body",
    [
        content({"type": "object", "required": ["sku"], "properties": {"sku": {"type": "string"}}}),
        content({"type": "object", "properties": {"amount": {"type": "integer"}}}),
        {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}},
    ],
)
def test_an_action_whose_content_is_not_known_is_left_alone(body):
    assert adding(document("/a/{id}/credits", requestBody=body), "") == ()


def test_an_element_is_added_by_an_example_where_there_is_no_collection():
    line = {"sku": "a", "quantity": 2}
    made = document("/a/{id}/lines", requestBody=content({"type": "object"}, example=line))
    assert [one.body for one in adding(made, "")] == [line]
    made["paths"]["/a/{id}/lines"]["get"] = {"responses": {}}
    assert adding(made, "") == ()
    assert adding(document("/a/{id}/lines", requestBody=content(amount())), "") == ()
    assert adding(document("/a/{id}/lines"), "") == ()


def test_the_path_of_an_action_takes_the_parameter_of_the_item():
    one = Adding("POST", "/orders/{orderId}/increment", "/orders/{orderId}")
    assert one.of("/orders/{id}") == "/orders/{id}/increment"
    assert one.of("/invoices/{id}") is None
