"""Documented operations that create several items at once, on literal documents."""

from __future__ import annotations

from typing import Any

import pytest

from harness.survey.openapi.bulk import DocumentedBulk, bulk

pytestmark = pytest.mark.topic(name="survey")
ORDER: dict[str, Any] = {
    "type": "object",
    "properties": {"customer": {"type": "string"}, "amount": {"type": "integer"}},
}
ORDERS: dict[str, Any] = {"type": "array", "items": ORDER}
ITEM = {"/orders/{id}": {"get": {}}}


def post(schema: Any, **operation: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {"post": {"requestBody": {"content": content}, **operation}}


def members(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def found(paths: dict[str, Any]) -> tuple[DocumentedBulk, ...]:
    return bulk({"openapi": "3.1.0", "paths": {"/orders": post(ORDER), **ITEM, **paths}}, "")


def below(path: str, **more: Any) -> DocumentedBulk:
    return DocumentedBulk(path, collection="/orders", **more)


@pytest.mark.parametrize(
    ("path", "schema", "expected"),
    [
        ("/orders/batch", ORDERS, {}),
        ("/orders/bulk", {**ORDERS, "maxItems": 50}, {"most": 50}),
        ("/orders:batchCreate", members(orders=ORDERS), {"array": "/orders"}),
        ("/orders/_bulk_create", members(items=ORDERS), {"array": "/items"}),
        (
            "/orders/batch",
            members(requests={"type": "array", "items": members(order=ORDER)}),
            {"array": "/requests", "item": "/order"},
        ),
        (
            "/orders/batch",
            members(
                items={"type": "array", "items": members(order=ORDER, idempotency_key={"type": "string"})}
            ),
            {"array": "/items", "item": "/order", "key": "/idempotency_key"},
        ),
        ("/orders", {"oneOf": [ORDER, ORDERS]}, {}),
    ],
)
def test_items_in_an_array(path: str, schema: Any, expected: dict[str, Any]) -> None:
    assert found({path: post(schema)}) == (below(path, **expected),)


@pytest.mark.parametrize(
    ("operation", "mode"),
    [
        ({}, None),
        ({"responses": {"207": {}}}, "partial"),
        ({"description": "All or nothing."}, "atomic"),
        ({"summary": "Create orders in one atomic operation."}, "atomic"),
        ({"summary": "Create orders; this is not atomic."}, None),
    ],
)
def test_what_becomes_of_the_others(operation: dict[str, Any], mode: Any) -> None:
    assert found({"/orders/batch": post(ORDERS, **operation)}) == (below("/orders/batch", mode=mode),)


def test_requests_in_an_array() -> None:
    request = members(method={}, path={}, headers={}, body={}, id={})
    schema = members(requests={"type": "array", "maxItems": 25, "items": request}, defaults={})
    assert found({"/batch": post(schema)}) == (
        DocumentedBulk(
            "/batch",
            requests=True,
            array="/requests",
            item="/body",
            method="method",
            target="path",
            correlation="id",
            fields="headers",
            most=25,
        ),
    )


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        # One item with an array in it, ids, other work, what no single create has, more that is required.
        ("/orders", members(customer={"type": "string"}, lines=ORDERS)),
        ("/orders/batch-delete", {"type": "array", "items": {"type": "string"}}),
        ("/orders/batch", {"type": "array", "items": {"type": "string"}}),
        ("/orders/bulk-update", ORDERS),
        ("/orders/batch", {"type": "array", "items": members(id={}, note={})}),
        ("/orders/batch", {**members(items=ORDERS, reason={}), "required": ["items", "reason"]}),
        ("/other/batch", ORDERS),
        ("/batch", members(requests={"type": "array", "items": members(path={})})),
    ],
)
def test_other_operations_are_left_out(path: str, schema: Any) -> None:
    assert found({path: post(schema)}) == ()


def test_what_needs_more_than_content_is_left_out() -> None:
    parameter = {"name": "tenant", "in": "query", "required": True, "schema": {"type": "string"}}
    assert found({"/orders/batch": post(ORDERS, parameters=[parameter])}) == ()
