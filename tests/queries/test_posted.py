"""Searches by POST, on literal documents and responses."""

from __future__ import annotations

from typing import Any

import pytest

from suites.queries.posted import Search, contents, listed, searches

LIST: dict[str, Any] = {"type": "object", "properties": {"items": {"type": "array"}}}
TEXT = {"type": "string"}


def document(path: str, content: Any = None, status: str = "200", shown: Any = None) -> dict[str, Any]:
    body = {"content": {"application/json": {"schema": content or {"type": "object"}}}}
    reply = {"content": {"application/json": {"schema": shown or LIST}}}
    return {
        "openapi": "3.1.0",
        "servers": [{"url": "/v1"}],
        "paths": {path: {"post": {"requestBody": body, "responses": {status: reply}}}},
    }


@pytest.mark.parametrize(
    ("path", "collection"),
    [
        ("/orders/search", "/orders"),
        ("/orders/_search", "/orders"),
        ("/orders:search", "/orders"),
        ("/orders/filter/", "/orders"),
        ("/orders/research", None),
        ("/orders/{id}/search", None),
        ("/search", None),
        ("/orders/search/saved", None),
    ],
)
def test_what_only_reads_by_its_path(path: str, collection: str | None) -> None:
    found = [one.collection for one in searches(document(path), "/v1")]
    assert found == ([] if collection is None else [collection])


@pytest.mark.parametrize(
    ("status", "shown"),
    [("201", LIST), ("202", LIST), ("2XX", LIST), ("200", {"type": "object", "properties": {"id": TEXT}})],
)
def test_what_may_create_is_left_alone(status: str, shown: Any) -> None:
    assert searches(document("/orders/search", status=status, shown=shown), "/v1") == []


def obj(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}


@pytest.mark.parametrize(
    ("schema", "content"),
    [
        (obj(name=TEXT), {"name": "a"}),
        (obj(name={"type": "array", "items": TEXT}), {"name": ["a"]}),
        (obj(filter=obj(name=TEXT)), {"filter": {"name": "a"}}),
        (
            obj(orders={"anyOf": [obj(name=obj(any_={"type": "array"}))]}),
            {"orders": {"name": {"any_": ["a"]}}},
        ),
        (obj(flows=obj(name=TEXT), orders=obj(name=TEXT)), {"orders": {"name": "a"}}),
        (obj(flows=obj(name=TEXT)), None),
        (obj(where=obj(name=obj(eq=TEXT))), {"where": {"name": {"eq": "a"}}}),
        (obj(name={**TEXT, "description": "A part of the name, fuzzy."}), None),
        (obj(name={"type": "integer"}), None),
        ({**obj(name=TEXT, tenant=TEXT), "required": ["tenant"]}, None),
    ],
)
def test_where_the_content_takes_a_value(schema: dict[str, Any], content: Any) -> None:
    assert next(contents(Search("/orders/search", "/orders", schema), "name", "a"), None) == content


@pytest.mark.parametrize(
    ("content", "ids"),
    [
        ([{"id": 1}, {"id": "b"}], ["1", "b"]),
        ({"items": [{"id": "a"}], "total": 1}, ["a"]),
        ({"errors": [], "total": 0}, []),
        ({"tags": [{"name": "x"}], "items": [{"id": "a"}]}, ["a"]),
        ({"id": "a"}, None),
        ("text", None),
    ],
)
def test_ids_that_are_listed(content: Any, ids: list[str] | None) -> None:
    assert listed(content, ("id",)) == ids
