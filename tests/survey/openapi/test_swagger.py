"""Resources that are found in documents of Swagger 2.0."""

from __future__ import annotations

from harness import payloads
from harness.survey.openapi.resources import resources

from .documents import found

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


def test_media_types_in_swagger_2() -> None:
    operation = {"responses": {"200": {}}, "produces": ["text/csv"]}
    paths = {"/orders": {"get": operation, "post": {"responses": {}}}}
    (one,) = resources({"swagger": "2.0", "produces": ["application/json"], "paths": paths}, "")
    assert one.offers == {"collection": ["text/csv"]}


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
