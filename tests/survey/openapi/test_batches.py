"""Documented operations that take the ids of several items, on literal documents."""

from __future__ import annotations

from typing import Any

import pytest

from harness.survey.openapi.batches import Batch, batches, purpose

pytestmark = pytest.mark.topic(name="survey")
IDS = {"type": "array", "items": {"type": "string"}}
TEXT = {"type": "string"}
ROWS: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "integer"}, "title": {"type": "string"}},
    },
}


def found(path: str, method: str, **operation: Any) -> tuple[Batch, ...]:
    return batches({"openapi": "3.1.0", "paths": {path: {method: operation}}}, "")


def body(schema: Any) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def members(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


@pytest.mark.parametrize(
    ("path", "method", "schema", "batch"),
    [
        ("/a/lookup", "post", members(ids=IDS), Batch("POST", "/a/lookup", "read", array="ids")),
        ("/a:batchGet", "post", members(ids=IDS), Batch("POST", "/a:batchGet", "read", array="ids")),
        ("/notes/get", "post", members(note_ids=IDS), Batch("POST", "/notes/get", "read", array="note_ids")),
        ("/notes/get", "post", members(noteIds=IDS), Batch("POST", "/notes/get", "read", array="noteIds")),
        ("/a/batch-delete", "post", IDS, Batch("POST", "/a/batch-delete", "deleted")),
        ("/a", "delete", IDS, Batch("DELETE", "/a", "deleted")),
        ("/a", "patch", ROWS, Batch("PATCH", "/a", "changed", id="id", numeric=True, members=("title",))),
        (
            "/a/bulk",
            "patch",
            members(rows=ROWS),
            Batch("PATCH", "/a/bulk", "changed", array="rows", id="id", numeric=True, members=("title",)),
        ),
        (
            "/a",
            "patch",
            {**members(ids=IDS, state=TEXT, note=TEXT), "required": ["ids"]},
            Batch("PATCH", "/a", "changed", array="ids", members=("state", "note"), shared=True),
        ),
        (
            "/a/batch-update",
            "post",
            {**members(ids=IDS, state=TEXT, note=TEXT), "required": ["ids", "state"]},
            Batch("POST", "/a/batch-update", "changed", array="ids", members=("state",), shared=True),
        ),
        (
            "/a",
            "patch",
            {"allOf": [members(ids=IDS), {**members(set=members(state=TEXT)), "required": ["set"]}]},
            Batch("PATCH", "/a", "changed", array="ids", members=("state",), shared=True, inside="set"),
        ),
        (
            "/batch/a",
            "delete",
            {"allOf": [members(names=IDS)]},
            Batch("DELETE", "/batch/a", "deleted", array="names"),
        ),
    ],
)
def test_ids_in_the_content(path: str, method: str, schema: Any, batch: Batch) -> None:
    assert found(path, method, **body(schema)) == (batch,)


@pytest.mark.parametrize(
    ("parameter", "exploded"),
    [
        ({"name": "ids", "schema": IDS}, True),
        ({"name": "id", "schema": IDS}, True),
        ({"name": "ids", "schema": IDS, "explode": False}, False),
        ({"name": "ids", "schema": {"type": "string"}}, False),
    ],
)
def test_ids_in_the_query(parameter: dict[str, Any], exploded: bool) -> None:
    name = parameter["name"]
    (batch,) = found("/a", "get", parameters=[{"in": "query", **parameter}])
    assert batch == Batch("GET", "/a", "read", name, exploded)
    assert batch.parameters(["x", "y"]) == {name: ["x", "y"] if exploded else "x,y"}
    assert batch.content(["x"], {}) is None


@pytest.mark.parametrize(
    ("path", "method", "operation"),
    [
        # Words that may reach beyond the items, and creates.
        ("/a/refund", "post", body(members(ids=IDS))),
        ("/a", "post", body(IDS)),
        # Replaces the whole collection.
        ("/a", "put", body(ROWS)),
        # Ids of something else, one id, members that nothing says how to fill.
        ("/a/search", "post", body(members(tag_ids=IDS))),
        ("/a", "get", {"parameters": [{"in": "query", "name": "tag_ids", "schema": IDS}]}),
        ("/a", "get", {"parameters": [{"in": "query", "name": "id", "schema": {"type": "string"}}]}),
        ("/a/lookup", "post", body({**members(ids=IDS, reason={}), "required": ["ids", "reason"]})),
        ("/a", "patch", body({**ROWS, "items": {**ROWS["items"], "required": ["id", "title"]}})),
        ("/a", "patch", body(IDS)),
        ("/a", "patch", body({**members(ids=IDS, b=TEXT, c=TEXT), "required": ["ids", "b", "c"]})),
        ("/a", "patch", body(members(ids=IDS))),
        ("/a", "get", {}),
    ],
)
def test_other_operations_are_left_out(path: str, method: str, operation: dict[str, Any]) -> None:
    assert found(path, method, **operation) == ()


def test_where_it_is_sent() -> None:
    below = Batch("POST", "/shops/{shop}/orders/lookup", "read", array="ids")
    assert below.of("/shops/5/orders") == "/shops/5/orders/lookup"
    assert below.of("/shops/{shop_id}/orders/") == "/shops/{shop_id}/orders/lookup"
    assert below.of("/orders") is None
    assert Batch("PATCH", "/orders", "changed").of("/orders/") == "/orders"
    assert Batch("POST", "/orders:batchGet", "read").of("/orders") == "/orders:batchGet"
    assert Batch("POST", "/orders/lookup", "read").of("/payments") is None
    assert Batch("PATCH", "/batch/orders", "changed").of("/orders") == "/batch/orders"
    assert Batch("PATCH", "/{shop}/bulk/orders", "changed").of("/5/orders") == "/5/bulk/orders"
    assert Batch("PATCH", "/batch/orders", "changed").of("/payments") is None


@pytest.mark.parametrize(
    ("path", "all_items"),
    [
        ("/orders", True),
        ("/api/orders", True),
        ("/orders/bulk", True),
        ("/batch/orders", True),
        ("/orders/batch-delete", False),
    ],
)
def test_where_overlooked_ids_would_be_all_items(path: str, all_items: bool) -> None:
    assert Batch("DELETE", path, "deleted").at_collection is all_items


def test_what_is_sent() -> None:
    assert Batch("POST", "/a/get", "read", array="ids").content(["x", "y"], {}) == {"ids": ["x", "y"]}
    assert Batch("POST", "/a/get", "read", numeric=True).content(["7", "x"], {}) == [7, "x"]
    rows = Batch("PATCH", "/a", "changed", array="rows", id="id", members=("t",))
    assert rows.content(["x", "y"], {"t": 1}) == {"rows": [{"t": 1, "id": "x"}, {"t": 1, "id": "y"}]}


def test_purposes_by_word() -> None:
    assert purpose("POST", "/a/lookup") == "read"
    assert purpose("POST", "/a/bulk_update") == "changed"
    assert purpose("POST", "/a/{id}/update") is None
    assert purpose("POST", "/a/send") is None
    shared = Batch("PATCH", "/a", "changed", array="ids", members=("t",), shared=True)
    assert shared.content(["x", "y"], {"t": 1}) == {"ids": ["x", "y"], "t": 1}
    nested = Batch("PATCH", "/a", "changed", array="ids", members=("t",), shared=True, inside="set")
    assert nested.content(["x"], {"t": 1}) == {"ids": ["x"], "set": {"t": 1}}
