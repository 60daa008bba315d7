"""Documents that several tests of resources read."""

from __future__ import annotations

from typing import Any

from harness.profile.models import Resource
from harness.survey.openapi.document import parse
from harness.survey.openapi.resources import resources

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


TEXT = {"type": "string"}


def found(text: str, base: str = "") -> list[Resource]:
    return resources(parse(text.encode(), "a.yaml"), base)


def orders() -> Resource:
    (one,) = found(ORDERS, "/v1")
    return one


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
