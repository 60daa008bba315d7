"""The parts that OpenAPI descriptions are put together from."""

from __future__ import annotations

from typing import Any

from harness.reference.resources import Schema

PROBLEMS = {
    "400": "The request is malformed.",
    "401": "A valid bearer token is needed.",
    "403": "The client may not do this, or not from this origin.",
    "404": "There is no such resource.",
    "406": "Accept excludes what is offered.",
    "409": "The request conflicts with the current state.",
    "412": "A precondition does not hold.",
    "413": "The content is too large.",
    "415": "The media type is not supported.",
    "422": "The content is not valid.",
    "428": "The request must be conditional.",
    "429": "The quota is exhausted.",
}
PROBLEM_SCHEMA: Schema = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "code", "request_id", "doc_url"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "minLength": 1},
        "instance": {"type": "string", "format": "uri-reference"},
        "code": {"type": "string"},
        "request_id": {"type": "string"},
        "doc_url": {"type": "string", "format": "uri"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "field", "code", "detail"],
                "properties": {name: {"type": "string"} for name in ("pointer", "field", "code", "detail")},
            },
        },
    },
}
JSON_PATCH_SCHEMA: Schema = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["op", "path"],
        "properties": {
            "op": {"type": "string", "enum": ["add", "remove", "replace", "move", "copy", "test"]},
            "path": {"type": "string", "format": "json-pointer"},
            "from": {"type": "string", "format": "json-pointer"},
            "value": {},
        },
        "allOf": [
            {
                "if": {"properties": {"op": {"enum": ["add", "replace", "test"]}}},
                "then": {"required": ["value"]},
            },
            {"if": {"properties": {"op": {"enum": ["move", "copy"]}}}, "then": {"required": ["from"]}},
        ],
    },
}
FIELD_SYNTAX: dict[str, Schema] = {
    "Idempotency-Key": {"minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
SAFE = "X-Content-Type-Options"
"""A field of every response."""
KEY_DESCRIPTION = (
    "A unique key of 1 to 255 visible ASCII characters, bare or as a quoted string. A retry with the "
    "same key and payload gets the stored response; keys are kept for 24 hours."
)


def schema_ref(name: str) -> Schema:
    """A reference to a component schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def problem_response(status: str, text: str) -> dict[str, Any]:
    """An error response."""
    names = {"401": ["WWW-Authenticate"], "429": ["Retry-After", "RateLimit", "RateLimit-Policy"]}.get(
        status, []
    )
    return {
        "description": text,
        "headers": header_refs("X-Request-Id", *names),
        "content": {"application/problem+json": {"schema": schema_ref("Problem")}},
    }


def headers() -> dict[str, Any]:
    """The header fields of responses."""
    texts = {
        "ETag": "A strong entity tag.",
        "Last-Modified": "When the resource was last changed.",
        "Location": "The URI of the new resource.",
        "Operation-Location": "Where the operation can be watched.",
        "Content-Location": "The URI of the resource that was changed.",
        "Link": "Links to related resources (RFC 8288).",
        "WWW-Authenticate": "The challenge.",
        "Retry-After": "Seconds to wait.",
        "RateLimit": "What is left of the quota.",
        "RateLimit-Policy": "The quota.",
        "X-Request-Id": "Unique for each response.",
        "Idempotent-Replayed": "true where the response is a stored one.",
    }
    found = {name: {"description": text, "schema": {"type": "string"}} for name, text in texts.items()}
    return {**found, SAFE: {"description": "nosniff.", "required": True, "schema": {"type": "string"}}}


def header_refs(*names: str) -> dict[str, Any]:
    """References to response header fields, that of every response among them."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in (SAFE, *names)}


def response(text: str, schema: Schema | None, *names: str) -> dict[str, Any]:
    """A successful response."""
    found: dict[str, Any] = {"description": text, "headers": header_refs("X-Request-Id", *names)}
    if schema is not None:
        found["content"] = {"application/json": {"schema": schema}}
    return found


def errors(*statuses: str) -> dict[str, Any]:
    """References to error responses."""
    return {status: {"$ref": f"#/components/responses/{status}"} for status in sorted(statuses)}


def field(name: str, text: str, required: bool = False) -> dict[str, Any]:
    """A request field parameter."""
    schema: Schema = {"type": "string", **FIELD_SYNTAX.get(name, {})}
    return {"name": name, "in": "header", "required": required, "description": text, "schema": schema}


def query(name: str, schema: Schema, text: str) -> dict[str, Any]:
    """A query parameter."""
    return {"name": name, "in": "query", "description": text, "schema": schema}


def path_parameter(name: str) -> dict[str, Any]:
    """A path parameter."""
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def get_operation(id: str, summary: str, schema: Schema, *names: str, public: bool = False) -> dict[str, Any]:
    """A GET operation with conditional requests."""
    statuses = ["406", "412"] if public else ["401", "406", "412"]
    found: dict[str, Any] = {
        "operationId": id,
        "summary": summary,
        "parameters": [field("If-None-Match", "Entity tags of what the client has; 304 where one matches.")],
        "responses": {
            "200": response(summary, schema, "ETag", *names),
            "304": {"description": "Not modified.", "headers": header_refs("X-Request-Id", "ETag")},
            **errors(*statuses),
        },
    }
    if public:
        found["security"] = []
    return found
