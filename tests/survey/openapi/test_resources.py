"""Resources that are found in OpenAPI documents."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from harness.profile.models import Idempotency, State
from harness.survey.openapi.document import parse
from harness.survey.openapi.resources import below, documented, resources

from .documents import ORDERS, TEXT, found, obj, orders


def test_a_resource_is_read_whole() -> None:
    one = orders()
    shown = one.model_dump(
        include={"name", "collection", "item", "id", "items", "representation", "body", "patch"}
    )
    assert shown == {
        "name": "orders",
        "collection": "/orders",
        "item": "/orders/{id}",
        "id": "/id",
        "items": "/data",
        "representation": "",
        "body": {"product": "mug", "note": "blue"},
        "patch": ["application/merge-patch+json", "application/json-patch+json", "application/json"],
    }
    assert one.media_type == "application/json"
    assert one.read_only == ["created", "id"]
    assert one.unique == ["/product"]
    assert one.put_creates is True
    assert one.locking.model_dump() == {
        "version": "/version",
        "if_match": True,
        "if_match_for": ["PUT"],
    }
    assert one.idempotency is not None
    assert one.idempotency == Idempotency(field="Idempotency-Key", required=True)
    assert one.methods == {"collection": ["GET", "POST"], "item": ["GET", "PATCH", "PUT"]}


def test_the_create_schema_is_self_contained() -> None:
    schema = orders().create_schema
    assert schema is not None
    assert schema["required"] == ["product"]
    validator = Draft202012Validator(schema)
    assert validator.is_valid({"product": "mug", "note": None, "parent": {"product": "cup"}})
    assert not validator.is_valid({"product": "mug", "parent": {}})
    assert "id" not in schema["properties"]
    assert "created" not in schema["properties"]


def test_capabilities_say_why() -> None:
    shown = {name: (one.state, one.because) for name, one in orders().capabilities.items()}
    assert shown == {
        "list": (State.DECLARED, "OpenAPI: GET /orders"),
        "create": (State.DECLARED, "OpenAPI: POST /orders"),
        "read": (State.DECLARED, "OpenAPI: GET /orders/{id}"),
        "replace": (State.DECLARED, "OpenAPI: PUT /orders/{id}"),
        "update": (State.DECLARED, "OpenAPI: PATCH /orders/{id}"),
        "delete": (State.ABSENT, "OpenAPI marks DELETE /orders/{id} as deprecated"),
        "schema": (State.DECLARED, "OpenAPI: request body of POST /orders"),
        "idempotency": (State.DECLARED, "OpenAPI: header Idempotency-Key of POST /orders"),
        "openapi": (State.DECLARED, "the target has an OpenAPI document"),
    }
    (bare,) = found("openapi: 3.0.0\npaths: {/a: {get: {}}, '/a/{x}': {get: {}}}")
    assert bare.capabilities["update"].because == "OpenAPI documents no PATCH on /a/{id}"
    assert bare.capabilities["create"].state is State.ABSENT


@pytest.mark.parametrize(
    ("operation", "state"),
    [
        ("{operationId: archive_order}", State.ABSENT),
        ("{summary: Archive an order}", State.ABSENT),
        ("{summary: Updates an order}", State.DECLARED),
        ("{responses: {}}", State.DECLARED),
        ("{summary: Archive, requestBody: {content: {application/json: {schema: {}}}}}", State.DECLARED),
    ],
)
def test_a_patch_without_content_may_be_an_action(operation: str, state: State) -> None:
    (one,) = found(
        f"openapi: 3.0.0\npaths: {{/a: {{get: {{}}}}, '/a/{{x}}': {{get: {{}}, patch: {operation}}}}}"
    )
    assert one.capabilities["update"].state is state


def test_nested_collections_are_distinguished() -> None:
    document = parse(ORDERS.encode(), "a")
    above = resources(document, "/v1")
    assert [(one.collection, one.parent) for one in below(document, "/v1", above)] == [
        ("/orders/{orderId}/lines", "orders")
    ]


@pytest.mark.parametrize(
    "paths",
    [
        {"/a": None, "/b": {"get": 1}, "c": {"get": {}}},
        {
            "/a": {
                "get": {"parameters": 1, "responses": []},
                "post": {"requestBody": [], "responses": {"201": 1}},
            }
        },
        {"/a": {"$ref": "#/paths/~1a"}},
        {"/a": {"$ref": "https://other.example/paths.json"}},
        {"/a": {"post": {"parameters": [None, {"in": "body"}, {"$ref": 1}]}}, "/a/{}": {"get": {}}},
        {
            "/a": {"get": {}, "post": {"requestBody": {"content": {"": None, "application/json": 5}}}},
            "/{x}": {"get": {}},
        },
        {"/": {"get": {}, "post": {}}, "/{id}": {"get": {}}},
        {
            "/a": {
                "post": {"requestBody": {"content": {"application/json": {"schema": True, "examples": []}}}},
                "get": {},
            }
        },
    ],
)
def test_malformed_documents_break_nothing(paths: Any) -> None:
    for version in ({"openapi": "3.1.0"}, {"swagger": "2.0"}):
        document = {**version, "paths": paths}
        resources(document, "")
        below(document, "/x", resources(document, "/x"))
        documented(document, "")


def test_names_are_unique() -> None:
    paths = {f"{prefix}/users{tail}": {"get": {}} for prefix in ("", "/admin") for tail in ("", "/{id}")}
    assert [one.name for one in resources({"openapi": "3.1.0", "paths": paths}, "")] == [
        "admin-users",
        "users",
    ]


def test_a_document_of_eight_hundred_paths() -> None:
    document = yaml.safe_load(ORDERS)
    order = document["components"]["schemas"]["Order"]
    paths = {}
    for number in range(400):
        for tail in ("", "/{orderId}"):
            paths[f"/orders{number}{tail}"] = document["paths"][f"/orders{tail}"]
        document["components"]["schemas"][f"Part{number}"] = order
    order["properties"] |= {f"part{n}": {"$ref": f"#/components/schemas/Part{n}"} for n in range(200)}
    document["paths"] = paths
    assert len(resources(document, "")) == 400
    assert len(documented(document, "")) == 800


@pytest.mark.parametrize("path", ["/orders/new", "/orders/create/"])
def test_a_create_at_another_path(path: str) -> None:
    body = {"requestBody": {"content": {"application/json": {"schema": obj(name=TEXT)}}}}
    answer = {"responses": {"201": {"content": {"application/json": {"schema": obj(id=TEXT, name=TEXT)}}}}}
    get = {"responses": {"200": {"description": ""}}}
    paths = {"/orders": {"get": get}, path: {"post": {**body, **answer}}, "/orders/{id}": {"get": get}}
    (one,) = resources({"openapi": "3.1.0", "paths": paths}, "")
    assert (one.collection, one.create) == ("/orders", path)
    assert one.create_schema == obj(name=TEXT)
    assert one.capabilities["create"].because == f"OpenAPI: POST {path}"


def test_items_whose_whole_path_is_a_parameter() -> None:
    def named(id: str) -> dict[str, Any]:
        return {"operationId": id, "responses": {"200": {"description": ""}}}

    paths = {
        "/v1/orders/": {"get": named("orders_list"), "post": named("orders_create")},
        "{order_href}": {"get": named("orders_read"), "delete": named("orders_delete")},
        "{order_href}cancel/": {"post": named("orders_cancel")},
        "{other_href}": {"get": named("others_read")},
    }
    document = {"openapi": "3.0.3", "paths": paths}
    (orders,) = resources(document, "/v1")
    assert (orders.collection, orders.item) == ("/orders/", "/orders/{id}/")
    assert orders.capabilities["delete"].there
    assert documented(document, "/v1")["/orders/{order_href}/cancel/"] == ["POST"]
