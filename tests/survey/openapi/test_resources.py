"""Resources that are found in OpenAPI and Swagger documents."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from harness import payloads
from harness.profile.models import Idempotency, Resource, State
from harness.survey.openapi.document import parse
from harness.survey.openapi.operations import relative, server_path
from harness.survey.openapi.resources import below, documented, resources

ORDERS = """
openapi: 3.0.3
servers: [{url: "https://api.example.com/v1"}]
paths:
  /orders:
    get:
      responses:
        200:
          content:
            application/json:
              schema:
                type: object
                properties:
                  data: {type: array, items: {$ref: "#/components/schemas/Order"}}
                  has_more: {type: boolean}
    post:
      parameters:
        - {name: Idempotency-Key, in: header, required: true, schema: {type: string}}
      requestBody:
        content:
          application/xml: {}
          application/json:
            schema: {$ref: "#/components/schemas/Order"}
            examples: {first: {$ref: "#/components/examples/mug"}}
      responses:
        201: {content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
  /orders/{orderId}:
    parameters: [{name: orderId, in: path, required: true, schema: {type: string}}]
    get:
      responses: {200: {content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}}
    put:
      parameters: [{name: If-Match, in: header, required: true, schema: {type: string}}]
      requestBody:
        content: {application/json: {schema: {$ref: "#/components/schemas/Replacement"}}}
      responses: {200: {}, 201: {}}
    patch:
      requestBody:
        content: {application/json: {}, application/json-patch+json: {}, application/merge-patch+json: {}}
      responses: {200: {}}
    delete: {deprecated: true, responses: {204: {}}}
  /orders/{orderId}/lines: {get: {responses: {200: {}}}, post: {responses: {201: {}}}}
  /orders/{orderId}/lines/{line}: {get: {responses: {200: {}}}}
  /login: {post: {responses: {200: {}}}}
  /search: {post: {responses: {200: {}}}, get: {responses: {200: {}}}}
  /health: {get: {responses: {200: {}}}}
components:
  examples:
    mug: {value: {id: 7, product: mug, note: blue}}
  schemas:
    Order:
      type: object
      required: [id, product]
      properties:
        id: {type: integer, readOnly: true}
        created: {$ref: "#/components/schemas/Time"}
        product: {type: string, x-unique: true}
        note: {type: string, nullable: true}
        version: {type: integer}
        parent: {$ref: "#/components/schemas/Order"}
    Time: {type: string, format: date-time, readOnly: true}
    Replacement:
      allOf:
        - {$ref: "#/components/schemas/Order"}
        - {required: [version]}
"""


def found(text: str, base: str = "") -> list[Resource]:
    return resources(parse(text.encode(), "a.yaml"), base)


def orders() -> Resource:
    (one,) = found(ORDERS, "/v1")
    return one


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


def test_documented_paths_and_methods() -> None:
    shown = documented(parse(ORDERS.encode(), "a"), "")
    assert shown["/v1/orders/{orderId}"] == ["DELETE", "GET", "PATCH", "PUT"]
    assert list(shown) == sorted(shown)


@pytest.mark.parametrize(
    ("path", "server", "base", "shown"),
    [
        ("/orders", "/v1", "/v1", "/orders"),
        ("/orders", "/v1", "", "/v1/orders"),
        ("/orders", "", "", "/orders"),
        ("/v1/orders", "", "/v1", "/orders"),
        ("/v1/orders", "/api", "/v1", "/orders"),
        ("/v1", "", "/v1", "/"),
        ("/v10/orders", "", "/v1", "/v10/orders"),
        ("/orders", "/internal", "/v1", "/orders"),
        ("/orders", "/api/v1", "/api", "/v1/orders"),
        ("/orders", "", "/v1", "/orders"),
    ],
)
def test_paths_relative_to_the_target(path: str, server: str, base: str, shown: str) -> None:
    assert relative(path, server, base) == shown


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"servers": [{"url": "https://a.example/v1/"}]}, "/v1"),
        ({"servers": [{"url": "/v1"}]}, "/v1"),
        ({"servers": [{"url": "./v1"}]}, "/v1"),
        ({"servers": [{"url": "/"}]}, ""),
        ({"servers": []}, ""),
        ({"servers": "x"}, ""),
        ({"servers": [{"url": 5}]}, ""),
        ({"servers": [{"url": "http://[bad"}]}, ""),
        ({"servers": [{"url": "https://{h}/{v}", "variables": {"h": {}, "v": {"default": "v2"}}}]}, "/v2"),
        ({"servers": [{"url": "https://h/{v}"}]}, ""),
        ({"swagger": "2.0", "basePath": "/v1/"}, "/v1"),
        ({"swagger": "2.0"}, ""),
    ],
)
def test_server_path(document: dict[str, Any], path: str) -> None:
    assert server_path(document) == path


SWAGGER = """
swagger: "2.0"
basePath: /v1
consumes: [application/json]
paths:
  /pets/:
    get:
      responses: {200: {schema: {type: array, items: {$ref: "#/definitions/Pet"}}}}
    post:
      parameters:
        - {$ref: "#/parameters/pet"}
      responses: {201: {schema: {$ref: "#/definitions/Pet"}}}
  /pets/{pet_id}/:
    get: {responses: {200: {schema: {$ref: "#/definitions/Pet"}}}}
    patch: {consumes: [application/merge-patch+json], responses: {200: {}}}
parameters:
  pet: {name: pet, in: body, schema: {$ref: "#/definitions/Pet"}}
definitions:
  Pet:
    type: object
    example: {pet_id: x, name: Rex}
    properties:
      pet_id: {type: string, readOnly: true}
      name: {type: string, x-nullable: true}
"""


def test_swagger_2() -> None:
    (one,) = found(SWAGGER, "/v1")
    assert (one.collection, one.item, one.items, one.id) == ("/pets/", "/pets/{id}/", "", "/pet_id")
    assert one.body == {"name": "Rex"}
    assert one.patch == ["application/merge-patch+json"]
    assert one.create_schema is not None
    assert one.create_schema["properties"] == {"name": {"type": ["string", "null"]}}
    (below,) = found(SWAGGER, "")
    assert below.collection == "/v1/pets/"


def api(create: Any, answer: Any, listed: Any = None, media: str = "application/json") -> Resource:
    document = {
        "openapi": "3.1.0",
        "paths": {
            "/orders": {
                "get": {"responses": {"200": {"content": {media: {"schema": listed}}}}},
                "post": {
                    "requestBody": {"content": {media: {"schema": create}}},
                    "responses": {"201": {"content": {media: {"schema": answer}}}},
                },
            },
            "/orders/{order_id}": {"get": {}},
        },
    }
    (one,) = resources(document, "")
    return one


def obj(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


TEXT = {"type": "string"}


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


@pytest.mark.parametrize(
    ("media", "sent", "creatable"),
    [
        ("application/vnd.api+json", "application/vnd.api+json", True),
        ("application/json; charset=utf-8", "application/json", True),
        ("*/*", "application/json", True),
        ("multipart/form-data", "multipart/form-data", True),
        ("application/x-www-form-urlencoded", "application/x-www-form-urlencoded", True),
        ("application/xml", "application/xml", False),
    ],
)
def test_media_types(media: str, sent: str, creatable: bool) -> None:
    one = api(obj(a=TEXT), obj(id=TEXT), media=media)
    assert one.media_type == sent
    assert one.capabilities["create"].there is creatable
    assert (one.create_schema is not None) is creatable


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


def test_media_types_of_requests_and_responses() -> None:
    one = orders()
    assert one.accepts == ["application/xml", "application/json"]
    assert one.offers == {"collection": ["application/json"], "item": ["application/json"]}


@pytest.mark.parametrize(
    ("responses", "offers"),
    [
        (
            {"200": {"content": {"text/csv; header=present": {}, "Application/JSON": {}}}},
            ["text/csv", "application/json"],
        ),
        ({"200": {"content": {"*/*": {}}}}, None),
        ({"200": {"content": {"application/*": {}, "text/csv": {}}}}, ["text/csv"]),
        ({"2XX": {"content": {"application/json": {}}}}, ["application/json"]),
        ({"default": {"content": {"application/json": {}}}}, None),
        ({"200": {}}, None),
        ({"200": {"content": ["application/json"]}}, None),
        (None, None),
    ],
)
def test_media_types_that_are_offered(responses: Any, offers: list[str] | None) -> None:
    document = {
        "openapi": "3.1.0",
        "paths": {"/orders": {"get": {"responses": responses}, "post": {"responses": {}}}},
    }
    (one,) = resources(document, "")
    assert one.offers == ({} if offers is None else {"collection": offers})


def test_media_types_in_swagger_2() -> None:
    operation = {"responses": {"200": {}}, "produces": ["text/csv"]}
    paths = {"/orders": {"get": operation, "post": {"responses": {}}}}
    (one,) = resources({"swagger": "2.0", "produces": ["application/json"], "paths": paths}, "")
    assert one.offers == {"collection": ["text/csv"]}


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


def test_forms_of_swagger_2() -> None:
    fields = [
        {"in": "formData", "name": "To", "type": "string", "required": True},
        {"in": "formData", "name": "Media", "type": "file"},
    ]
    post = {
        "consumes": ["multipart/form-data"],
        "parameters": fields,
        "responses": {"201": {"description": ""}},
    }
    get = {"responses": {"200": {"description": ""}}}
    paths = {"/messages": {"get": get, "post": post}, "/messages/{id}": {"get": get}}
    (one,) = resources({"swagger": "2.0", "info": {}, "paths": paths}, "")
    assert one.media_type == "multipart/form-data"
    assert one.create_schema is not None
    assert one.create_schema["required"] == ["To"]
    assert payloads.files(one) == {"Media"}


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
