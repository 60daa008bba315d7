"""Reference APIs whose OpenAPI document declares their webhooks."""

from __future__ import annotations

from typing import Any

from harness.reference.extra_endpoints import Description
from harness.reference.openapi import describe

EVENT: dict[str, Any] = {
    "type": "object",
    "required": ["id", "type", "timestamp", "sequence", "data"],
    "properties": {
        "id": {"type": "string"},
        "type": {"type": "string", "enum": ["document.created", "document.deleted"]},
        "timestamp": {"type": "string", "format": "date-time"},
        "sequence": {"type": "integer"},
        "data": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
    },
}


def content(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def subscribing() -> dict[str, Any]:
    """The paths of subscriptions."""
    kinds = {"enum": ["document.created", "document.deleted"]}
    members = {"url": {"type": "string", "format": "uri"}, "events": {"type": "array", "items": kinds}}
    shown = {
        "type": "object",
        "properties": {"id": {"type": "string"}, "secret": {"type": "string"}, **members},
    }
    made = {"description": "Made.", **content(shown)}
    sent = {"type": "object", "required": ["url", "events"], "properties": members}
    return {
        "/webhooks": {"post": {"requestBody": content(sent), "responses": {"201": made}}},
        "/webhooks/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "delete": {"responses": {"204": {"description": "Ended."}}},
        },
    }


def delivery() -> dict[str, Any]:
    return {"post": {"requestBody": content(EVENT), "responses": {"200": {"description": "Taken."}}}}


class Documented(Description):
    """A document that a request for it gives."""

    def document(self, call: Any) -> dict[str, Any]:
        return describe(call.policies.limiter, call.policies.resources)

    def get(self, call: Any) -> Any:
        return call.policies.representation.selected(call, self.document(call))


class WithWebhooks(Documented):
    """`webhooks` of OpenAPI 3.1, and the operation that subscribes."""

    def document(self, call: Any) -> dict[str, Any]:
        found = super().document(call)
        found["webhooks"] = {"document.created": delivery(), "document.deleted": delivery()}
        found["paths"] |= subscribing()
        return found


class WithCallbacks(Documented):
    """A callback of the operation that subscribes."""

    def document(self, call: Any) -> dict[str, Any]:
        found = super().document(call)
        paths = subscribing()
        paths["/webhooks"]["post"]["callbacks"] = {"event": {"{$request.body#/url}": delivery()}}
        found["paths"] |= paths
        return found


class EventsOnly(Documented):
    """`webhooks`, and nothing on how to subscribe."""

    def document(self, call: Any) -> dict[str, Any]:
        return {**super().document(call), "webhooks": {"document.created": delivery()}}
