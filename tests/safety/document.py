"""The OpenAPI document of the model server's orders."""

from __future__ import annotations

ORDER = {
    "type": "object",
    "required": ["note", "customer_ref", "kind"],
    "properties": {
        "note": {"type": "string", "example": "a note"},
        # The example is that of an item which is there.
        "customer_ref": {"type": "string", "example": "REF-0001"},
        "kind": {"type": "string", "enum": ["small", "large"]},
        "size": {"type": "integer", "minimum": 0, "maximum": 9},
    },
}
_BODY = {"requestBody": {"content": {"application/json": {"schema": ORDER}}}}
_ANSWERS = {"responses": {"200": {"description": "", "content": {"application/json": {"schema": ORDER}}}}}
DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "orders", "version": "1"},
    "servers": [{"url": "/api"}],
    "paths": {
        "/orders": {"get": _ANSWERS, "post": {**_BODY, **_ANSWERS}},
        "/orders/{order_id}": {
            "get": _ANSWERS,
            "put": {**_BODY, **_ANSWERS},
            "patch": {**_BODY, **_ANSWERS},
            "delete": {"responses": {"204": {"description": ""}}},
        },
    },
}
