"""The OpenAPI 3.1 document, derived from the resources."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from harness.reference.batches import batch_paths, sub_request_path
from harness.reference.deprecation import operations as deprecated_operations
from harness.reference.expansion import paths as expansion_paths
from harness.reference.openapi_parts import (
    JSON_PATCH_SCHEMA,
    KEY_DESCRIPTION,
    PROBLEM_SCHEMA,
    PROBLEMS,
    errors,
    field,
    get_operation,
    header_refs,
    headers,
    path_parameter,
    problem_response,
    query,
    response,
    schema_ref,
)
from harness.reference.operations import operation_paths, operation_schemas
from harness.reference.rate_limits import Limiter
from harness.reference.resources import RESOURCES, Schema, ServedResource
from harness.reference.searching import search_path
from harness.reference.versions import paths as version_paths


def describe(limiter: Limiter, resources: Iterable[ServedResource] = RESOURCES) -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, Any] = {
        **page_paths(limiter),
        **operation_paths(),
        **deprecated_operations(),
        **expansion_paths(),
        **version_paths(),
        **sub_request_path(),
    }
    schemas: dict[str, Any] = {"Problem": PROBLEM_SCHEMA, "JsonPatch": JSON_PATCH_SCHEMA}
    schemas |= operation_schemas()
    for resource in resources:
        paths |= resource_paths(resource)
        schemas |= resource_schemas(resource)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Demo API",
            "version": "1.0.0",
            "description": "A conformant demo API. HEAD is supported wherever GET is, OPTIONS everywhere, QUERY where "
            "Accept-Query says so.",
        },
        "servers": [{"url": "/v1"}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas,
            "responses": {status: problem_response(status, text) for status, text in PROBLEMS.items()},
            "headers": headers(),
        },
    }


def page_paths(limiter: Limiter) -> dict[str, Any]:
    """The paths that are no resources of the business."""
    anything: Schema = {"type": "object"}
    limited = get_operation(
        "getLimited",
        "A constant with a quota.",
        {"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}},
        "RateLimit",
        "RateLimit-Policy",
    )
    limited["description"] = f"At most {limiter.limit} requests in {limiter.window} seconds for each client."
    limited["responses"] |= errors("429")
    kind = get_operation(
        "getProblemType",
        "What a problem type means.",
        {
            "type": "object",
            "required": ["code", "title", "status", "description"],
            "properties": {
                "code": {"type": "string"},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "description": {"type": "string"},
            },
        },
        public=True,
    )
    kind["parameters"].insert(0, path_parameter("code"))
    kind["responses"] |= errors("404")
    return {
        "/": {"get": get_operation("getRoot", "The entry point.", anything, "Link", public=True)},
        "/openapi.json": {"get": get_operation("getDescription", "This document.", anything, public=True)},
        "/problems/{code}": {"get": kind},
        "/limited": {"get": limited},
    }


def resource_schemas(resource: ServedResource) -> dict[str, Any]:
    """The component schemas of a resource."""
    title = resource.title
    found = {title: resource.representation_schema(), f"{title}Create": resource.schema("create")}
    found[f"{title}Page"] = page_schema(resource)
    if "PUT" in resource.item_methods:
        found[f"{title}Replace"] = resource.schema("replace")
    if "PATCH" in resource.item_methods:
        found[f"{title}Patch"] = merge_patch_schema(resource)
    return found


def page_schema(resource: ServedResource) -> Schema:
    """The schema of a page of the collection."""
    members: dict[str, Schema] = {
        "data": {"type": "array", "maxItems": 100, "items": schema_ref(resource.title)}
    }
    if resource.numbered:
        least = {"page": 1, "per_page": 1, "total": 0, "total_pages": 0}
        members |= {name: {"type": "integer", "minimum": value} for name, value in least.items()}
    else:
        members |= {"next_cursor": {"type": ["string", "null"]}, "has_more": {"type": "boolean"}}
    return {"type": "object", "required": list(members), "properties": members}


def merge_patch_schema(resource: ServedResource) -> Schema:
    """A merge patch: any of the writable members, null removes an optional one (RFC 7396)."""
    members = {
        name: schema if name in resource.required else {"anyOf": [schema, {"type": "null"}]}
        for name, schema in resource.properties.items()
    }
    version: Schema = {"version": {"type": "integer", "minimum": 1}} if resource.versioned else {}
    return {
        "type": "object",
        "required": list(version),
        "additionalProperties": {"type": "null"},
        "properties": {**members, **resource.read_only, **version},
    }


def resource_paths(resource: ServedResource) -> dict[str, Any]:
    """The paths of a resource."""
    collection = f"/{resource.name}"
    item: dict[str, Any] = {"parameters": [path_parameter("id")]}
    operations = {"GET": get_item, "PUT": put_item, "PATCH": patch_item, "DELETE": delete_item}
    for method in resource.item_methods:
        item[method.lower()] = operations[method](resource)
    found = {
        collection: {"get": list_items(resource), "post": post_item(resource)},
        collection + "/{id}": item,
    }
    if resource.lookup:
        found[f"{collection}/lookup"] = {"post": look_up_items(resource)}
    found |= search_path(resource)
    found |= batch_paths(resource)
    for change in resource.transitions:
        found[f"{collection}/{{id}}/{change.action}"] = {
            "parameters": [path_parameter("id")],
            "post": {
                "operationId": f"{change.action}{resource.title}",
                "summary": f"Move from {change.before} to {change.after}.",
                "parameters": [field("Idempotency-Key", KEY_DESCRIPTION)],
                "responses": {
                    "200": response(
                        "Moved.", schema_ref(resource.title), "Content-Location", "Idempotent-Replayed"
                    ),
                    **errors("400", "401", "403", "404", "406", "409", "422"),
                },
            },
        }
    return found


def look_up_items(resource: ServedResource) -> dict[str, Any]:
    """POST with ids below the collection."""
    ids: Schema = {"type": "array", "maxItems": 100, "items": {"type": "string"}}
    data: Schema = {"type": "array", "items": schema_ref(resource.title)}
    schema: Schema = {"type": "object", "required": ["ids"], "properties": {"ids": ids}}
    shown: Schema = {"type": "object", "required": ["data"], "properties": {"data": data}}
    return {
        "operationId": f"lookUp{resource.title}s",
        "summary": f"Those of your {resource.name} that have one of these ids.",
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {
            "200": response("Found.", shown),
            **errors("400", "401", "403", "406", "413", "415", "422"),
        },
    }


def list_items(resource: ServedResource) -> dict[str, Any]:
    """GET of the collection."""
    found = get_operation(
        f"list{resource.title}s",
        f"A page of your {resource.name}, newest first.",
        schema_ref(f"{resource.title}Page"),
        "Link",
    )
    limit: Schema = {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}
    if resource.numbered:
        number: Schema = {"type": "integer", "minimum": 1, "default": 1}
        found["parameters"] += [
            query("per_page", limit, "The most items on the page."),
            query("page", number, "The number of the page."),
        ]
    else:
        cursor: Schema = {"type": "string", "pattern": "^[A-Za-z0-9_-]{24,}$"}
        found["parameters"] += [
            query("limit", limit, "The most items on the page."),
            query("cursor", cursor, "The next_cursor of the page before; opaque."),
        ]
    if resource.sortable:
        orders = [sign + name for name in resource.sortable for sign in ("", "-")]
        text = "Sort by this member, ascending, or descending after a hyphen; ties are broken."
        found["parameters"].append(query("sort", {"type": "string", "enum": orders}, text))
    rows: Schema = {"type": "string", "description": "A line for each item, after a line of names."}
    found["responses"]["200"]["content"]["text/csv"] = {"schema": rows}
    members = {**resource.properties, **resource.read_only}
    for name in resource.filters:
        schema: Schema = {key: members[name][key] for key in members[name] if key in ("type", "enum")}
        found["parameters"].append(query(name, schema, f"Only items with this {name}."))
    found["parameters"] += [*bounds(resource), *fields(resource)]
    found["responses"] |= errors("400")
    return found


def bounds(resource: ServedResource) -> list[dict[str, Any]]:
    """The parameters that select by a range, and the search."""
    whole: Schema = {"type": "integer"}
    found = [
        query(f"{end}_{name}", whole, f"Only items whose {name} is at {word} this.")
        for name in resource.ranges
        for end, word in (("min", "least"), ("max", "most"))
    ]
    if resource.searchable:
        text = f"Search: items whose {resource.searchable} contains this text, whatever its case."
        found.append(query("q", {"type": "string", "maxLength": 200}, text))
    return found


def fields(resource: ServedResource) -> list[dict[str, Any]]:
    """The parameter that selects members."""
    text = "The members to show, with commas between them; the id is always shown."
    return [query("fields", {"type": "string"}, text)] if resource.selectable else []


def body(
    resource: ServedResource, schema: str, version: bool = False, *, xml: bool = False
) -> dict[str, Any]:
    """JSON request content with an example, and XML where that is taken."""
    example = {**resource.example, "version": 1} if version else resource.example
    content: dict[str, Any] = {"application/json": {"schema": schema_ref(schema), "example": example}}
    if xml:
        content["application/xml"] = {"schema": schema_ref(schema)}
    return {"required": True, "content": content}


def validators(resource: ServedResource) -> list[str]:
    """The validator fields that the resource has."""
    return ["ETag", "Last-Modified"] if resource.etag else ["Last-Modified"]


def conditions(resource: ServedResource) -> list[dict[str, Any]]:
    """The precondition fields of unsafe methods."""
    if not resource.etag:
        return []
    return [
        field(
            "If-Match",
            "The entity tag that the change is based on; 412 where it is stale.",
            resource.condition_required and not resource.client_ids,
        ),
        field("If-None-Match", "`*`: only where there is no current representation."),
    ]


def write_errors(resource: ServedResource, *statuses: str) -> dict[str, Any]:
    """The errors of an unsafe method on an item."""
    required = ["428"] if resource.condition_required else []
    return errors("401", "403", "404", "412", *required, *statuses)


def post_item(resource: ServedResource) -> dict[str, Any]:
    """POST to the collection."""
    created = response(
        "Created.", schema_ref(resource.title), "Location", "Idempotent-Replayed", *validators(resource)
    )
    link = {"operationId": f"get{resource.title}", "parameters": {"id": "$response.body#/id"}}
    return {
        "operationId": f"create{resource.title}",
        "summary": f"Create a {resource.title.lower()}.",
        "parameters": [field("Idempotency-Key", KEY_DESCRIPTION, resource.key_required)],
        "requestBody": body(resource, f"{resource.title}Create", xml=resource.xml),
        "responses": {
            "201": created | {"links": {resource.title: link}},
            **errors("400", "401", "403", "406", "409", "413", "415", "422", "429"),
        },
    }


def get_item(resource: ServedResource) -> dict[str, Any]:
    """GET of an item."""
    found = get_operation(f"get{resource.title}", f"A {resource.title.lower()}.", schema_ref(resource.title))
    found["responses"]["200"]["headers"] = header_refs("X-Request-Id", *(validators(resource)))
    if not resource.etag:
        found["parameters"] = [
            field("If-Modified-Since", "Date of what the client has; 304 where it is current.")
        ]
        found["responses"]["304"] = {
            "description": "Not modified.",
            "headers": header_refs("X-Request-Id", "Last-Modified"),
        }
    if resource.selectable:
        found["parameters"] = [*found.get("parameters", []), *fields(resource)]
        found["responses"] |= errors("400")
    found["responses"] |= errors("404")
    return found


def put_item(resource: ServedResource) -> dict[str, Any]:
    """PUT of an item."""
    created = (
        {"201": response("Created.", schema_ref(resource.title), "Location")} if resource.client_ids else {}
    )
    conflict = ["409"] if resource.unique or resource.versioned else []
    return {
        "operationId": f"replace{resource.title}",
        "summary": f"Replace a {resource.title.lower()}" + (", or create it." if created else "."),
        "parameters": conditions(resource),
        "requestBody": body(resource, f"{resource.title}Replace", resource.versioned),
        "responses": {
            "200": response("Replaced.", schema_ref(resource.title)),
            **created,
            **write_errors(resource, "400", "406", "413", "415", "422", *conflict),
        },
    }


def patch_item(resource: ServedResource) -> dict[str, Any]:
    """PATCH of an item."""
    name = resource.required[0]
    value = resource.example[name]
    guard = [{"op": "test", "path": "/version", "value": 1}] if resource.versioned else []
    merge = {name: value, "version": 1} if resource.versioned else {name: value}
    return {
        "operationId": f"patch{resource.title}",
        "summary": f"Change parts of a {resource.title.lower()}.",
        "parameters": [*conditions(resource), field("Idempotency-Key", KEY_DESCRIPTION)],
        "requestBody": {
            "required": True,
            "content": {
                "application/merge-patch+json": {
                    "schema": schema_ref(f"{resource.title}Patch"),
                    "example": merge,
                },
                "application/json-patch+json": {
                    "schema": schema_ref("JsonPatch"),
                    "example": [*guard, {"op": "replace", "path": f"/{name}", "value": value}],
                },
            },
        },
        "responses": {
            "200": response(
                "Changed.", schema_ref(resource.title), "Idempotent-Replayed", *validators(resource)
            ),
            **write_errors(resource, "400", "406", "409", "413", "415", "422"),
        },
    }


def delete_item(resource: ServedResource) -> dict[str, Any]:
    """DELETE of an item."""
    return {
        "operationId": f"delete{resource.title}",
        "summary": f"Delete a {resource.title.lower()}.",
        "parameters": conditions(resource)[:1],
        "responses": {"204": response("Deleted.", None), **write_errors(resource)},
    }
