"""Searches by POST: the filters of a list as content, for clients whose values do not fit into a URL."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NoReturn

from starlette.datastructures import QueryParams

from harness.reference.call import Call, Document, Reply
from harness.reference.openapi_parts import errors, response, schema_ref
from harness.reference.reader import JSON
from harness.reference.resources import ServedResource


class SearchEndpoint:
    """POST that changes nothing: the page of the list that GET would answer with the same filters."""

    def post(self, call: Call) -> Reply:
        """200 with the first page; 422 for what is no filter."""
        _, content = call.policies.reader.read(call, JSON)
        filters = content.get("filter", {}) if isinstance(content, dict) else None
        known = set(call.resource.filters)
        if (
            not isinstance(filters, dict)
            or not set(content) <= {"filter", "limit"}
            or not set(filters) <= known
        ):
            self.refuse(call, "filter", f"must be an object with some of {', '.join(sorted(known))}")
        for name, value in filters.items():
            if not isinstance(value, str | bool):
                self.refuse(call, f"filter/{name}", "must be a value of that member")
        document = self.found(call, self.applied(filters), content.get("limit"))
        return call.policies.representation.reply(call, 200, document)

    def applied(self, filters: Document) -> Document:
        """The filters that are evaluated: all."""
        return filters

    def found(self, call: Call, filters: Document, limit: Any) -> Document:
        """The page of the list."""
        texts = {
            name: str(value).lower() if isinstance(value, bool) else value for name, value in filters.items()
        }
        more = {} if limit is None else {"limit": str(limit)}
        asked = replace(call, query=QueryParams({**texts, **more}))
        asked.principal, asked.resource = call.principal, call.resource
        return call.policies.paginator.page(asked)[0]

    def refuse(self, call: Call, field: str, detail: str) -> NoReturn:
        """422 that names the field."""
        failure = call.policies.validator.failure(field.split("/"), "invalid", detail)
        call.policies.validator.refuse(call, [failure])


def search_path(resource: ServedResource) -> dict[str, Any]:
    """The operation in the document; none for resources without it."""
    if not resource.searched:
        return {}
    members = {**resource.properties, **resource.read_only}
    wanted: dict[str, Any] = {
        name: {key: members[name][key] for key in members[name] if key in ("type", "enum")}
        | {"description": f"Filters by {name}."}
        for name in resource.filters
    }
    content = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "filter": {"type": "object", "additionalProperties": False, "properties": wanted},
            "limit": {"type": "integer", "minimum": 1, "maximum": 100},
        },
    }
    data = {"type": "array", "items": schema_ref(resource.title)}
    shown = {"type": "object", "required": ["data"], "properties": {"data": data}}
    operation = {
        "operationId": f"search{resource.title}s",
        "summary": f"Your {resource.name} that have these values. Changes nothing.",
        "requestBody": {"required": True, "content": {"application/json": {"schema": content}}},
        "responses": {
            "200": response("Found.", shown),
            **errors("400", "401", "403", "406", "413", "415", "422"),
        },
    }
    return {f"/{resource.name}/search": {"post": operation}}
