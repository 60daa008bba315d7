"""The comparison of two documents, on each kind of change."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from harness.__main__ import main
from harness.survey.openapi.changes import Change, changes, major

TODAY = date(2026, 3, 1)
Document = dict[str, Any]


def document() -> Document:
    thing = {
        "type": "object",
        "required": ["id", "size"],
        "properties": {
            "id": {"type": "string", "readOnly": True},
            "size": {"type": "string", "enum": ["S", "M"]},
            "note": {"type": "string", "maxLength": 100},
            "count": {"type": "number", "minimum": 0},
            "parent": {"$ref": "#/components/schemas/Thing"},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
    }
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
    find = {"name": "q", "in": "query", "schema": {"type": "string"}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "T", "version": "1.4.0"},
        "paths": {
            "/things": {
                "get": {
                    "parameters": [find],
                    "responses": {"200": {"content": copy.deepcopy(content)}, "404": {}},
                },
                "post": {
                    "requestBody": {"content": copy.deepcopy(content)},
                    "responses": {"201": {"description": "Created."}},
                },
            },
            "/things/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "get": {"responses": {"200": {}}},
                "delete": {"deprecated": True, "x-sunset": "2027-01-01", "responses": {"204": {}}},
            },
        },
        "components": {
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
            "schemas": {"Thing": thing},
        },
    }


def found(change: Callable[[Document], object], today: date = TODAY) -> list[Change]:
    new = document()
    change(new)
    return changes(document(), new, today)


def kinds(change: Callable[[Document], object], today: date = TODAY) -> set[str]:
    return {one.kind for one in found(change, today)}


def thing(made: Document) -> Document:
    schema: Document = made["components"]["schemas"]["Thing"]
    return schema


def listing(made: Document) -> Document:
    operation: Document = made["paths"]["/things"]["get"]
    return operation


def post(made: Document) -> Document:
    operation: Document = made["paths"]["/things"]["post"]
    return operation


def member(name: str, **words: Any) -> Callable[[Document], object]:
    return lambda made: thing(made)["properties"][name].update(words)


def test_no_change() -> None:
    assert found(lambda made: None) == []


BOTH = "request-property-type-changed", "response-property-type-changed"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda d: d["paths"].pop("/things"), {"api-path-removed-without-deprecation"}),
        (lambda d: d["paths"]["/things"].pop("get"), {"api-removed-without-deprecation"}),
        (lambda d: d["paths"]["/things/{id}"].pop("delete"), {"api-removed-before-sunset"}),
        (
            lambda d: d["paths"]["/things/{id}"]["delete"].update({"x-sunset": "2026-06-01"}),
            {"api-sunset-date-changed-too-small"},
        ),
        (lambda d: d.update(security=[{"key": []}]), {"api-security-added"}),
        (lambda d: listing(d).pop("parameters"), {"request-parameter-removed"}),
        (
            lambda d: listing(d)["parameters"][0].update(required=True),
            {"request-parameter-became-required"},
        ),
        (
            lambda d: listing(d)["parameters"].append({"name": "r", "in": "query", "required": True}),
            {"new-required-request-parameter"},
        ),
        (
            lambda d: listing(d)["parameters"][0].update(schema={"type": "integer"}),
            {"request-parameter-type-changed"},
        ),
        (
            lambda d: listing(d)["parameters"][0]["schema"].update(enum=["a"]),
            {"request-parameter-became-enum"},
        ),
        (member("note", type="integer"), set(BOTH)),
        (member("count", type="integer"), {"request-property-type-changed"}),
        (member("note", nullable=True), {"response-property-became-nullable"}),
        (member("size", enum=["S"]), {"request-property-enum-value-removed"}),
        (member("size", enum=["S", "M", "L"]), {"response-property-enum-value-added"}),
        (member("note", maxLength=50), {"request-property-max-length-decreased"}),
        (member("note", minLength=2), {"request-property-min-length-set"}),
        (member("count", minimum=1), {"request-property-min-increased"}),
        (member("count", maximum=9), {"request-property-max-set"}),
        (member("note", pattern="^a"), {"request-property-pattern-added"}),
        (member("tags", items={"type": "integer"}), set(BOTH)),
        (
            lambda d: thing(d)["properties"].pop("size"),
            {"request-property-removed", "response-required-property-removed"},
        ),
        (
            lambda d: thing(d)["properties"].pop("note"),
            {"request-property-removed", "response-optional-property-removed"},
        ),
        (lambda d: thing(d)["required"].append("note"), {"request-property-became-required"}),
        (lambda d: thing(d)["required"].remove("size"), {"response-property-became-optional"}),
        (
            lambda d: (
                thing(d)["properties"].update(new={"type": "string"}),
                thing(d)["required"].append("new"),
            ),
            {"new-required-request-property"},
        ),
        (
            lambda d: listing(d)["responses"].update({"206": listing(d)["responses"].pop("200")}),
            {"response-success-status-removed"},
        ),
        (
            lambda d: listing(d)["responses"]["200"].update(content={"application/xml": {}}),
            {"response-media-type-removed"},
        ),
        (
            lambda d: post(d)["requestBody"].update(content={"application/xml": {}}),
            {"request-body-media-type-removed"},
        ),
        (lambda d: post(d)["requestBody"].update(required=True), {"request-body-became-required"}),
    ],
)
def test_each_kind(change: Callable[[Document], object], expected: set[str]) -> None:
    assert kinds(change) == expected


@pytest.mark.parametrize(
    "change",
    [
        lambda d: thing(d)["properties"].update(more={"type": "string"}),
        lambda d: d["paths"].update({"/more": {"get": {"responses": {}}}}),
        lambda d: listing(d)["parameters"].append({"name": "r", "in": "query"}),
        lambda d: d["paths"]["/things/{id}"]["delete"].update({"x-sunset": "2028-01-01"}),
        lambda d: d["paths"]["/things/{id}"]["delete"].pop("deprecated"),
        lambda d: d["paths"].update({"/things/{thing}": d["paths"].pop("/things/{id}")}),
        lambda d: listing(d)["responses"].pop("404"),
        lambda d: d.update(security=[{"key": []}, {}]),
        lambda d: thing(d)["properties"]["note"].update(maxLength=200, description="Longer."),
        lambda d: thing(d)["properties"]["note"].update(type="string", minLength=0),
        lambda d: thing(d).update(allOf=[{"properties": thing(d).pop("properties")}]),
        lambda d: post(d)["requestBody"]["content"].update({"application/xml": {}}),
        lambda d: listing(d)["responses"].update({"2XX": listing(d)["responses"].pop("200")}),
    ],
)
def test_what_breaks_nobody(change: Callable[[Document], object]) -> None:
    assert found(change) == []


def test_a_removal_after_the_sunset() -> None:
    def removed(made: Document) -> object:
        return made["paths"]["/things/{id}"].pop("delete")

    assert kinds(removed, date(2027, 1, 1)) == set()
    assert kinds(removed, date(2026, 12, 31)) == {"api-removed-before-sunset"}


def test_a_deprecated_member_may_go() -> None:
    old, new = document(), document()
    thing(old)["properties"]["note"]["deprecated"] = True
    del thing(new)["properties"]["note"]
    assert changes(old, new, TODAY) == []


def test_names_of_schemes_and_forms_of_null_do_not_matter() -> None:
    old, new = document(), document()
    for made, name in ((old, "key"), (new, "apiKey")):
        made["components"]["securitySchemes"] = {name: {"type": "apiKey", "in": "header", "name": "X-Key"}}
        made["security"] = [{name: []}]
    old["components"]["schemas"]["Thing"]["properties"]["note"] = {"type": "string", "nullable": True}
    either = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    new["components"]["schemas"]["Thing"]["properties"]["note"] = either
    assert changes(old, new, TODAY) == []
    new["components"]["schemas"]["Thing"]["properties"]["note"] = {"type": ["string", "null"]}
    assert changes(old, new, TODAY) == []


def test_the_prefix_may_move_from_the_server_to_the_paths() -> None:
    old, new = document(), document()
    old["servers"] = [{"url": "https://api.example.com/v1"}]
    new["paths"] = {f"/v1{path}": item for path, item in new["paths"].items()}
    assert changes(old, new, TODAY) == []


def test_swagger() -> None:
    old = {
        "swagger": "2.0",
        "info": {"version": "1"},
        "consumes": ["application/json"],
        "paths": {
            "/a": {
                "get": {
                    "parameters": [{"name": "n", "in": "query", "type": "number"}],
                    "responses": {
                        "200": {"schema": {"type": "object", "properties": {"a": {"type": "string"}}}}
                    },
                }
            }
        },
    }
    new: Any = copy.deepcopy(old)
    new["consumes"] = ["text/plain"]
    assert changes(old, new, TODAY) == []
    new["paths"]["/a"]["get"]["parameters"][0]["type"] = "integer"
    new["paths"]["/a"]["get"]["responses"]["200"]["schema"]["properties"]["a"]["type"] = "integer"
    assert {one.kind for one in changes(old, new, TODAY)} == {
        "request-parameter-type-changed",
        "response-property-type-changed",
    }


def test_majors() -> None:
    assert [major({"info": {"version": one}}) for one in ("1.4.0", "v2", 3, "beta")] == ["1", "2", "3", ""]
    assert major({}) == ""


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new, soft = document(), document(), document()
    del new["paths"]["/things"]["get"]
    soft["components"]["schemas"]["Thing"]["properties"]["size"]["enum"].append("L")
    files = {name: tmp_path / f"{name}.json" for name in ("old", "new", "soft")}
    for made, file in zip((old, new, soft), files.values(), strict=True):
        file.write_text(json.dumps(made))
    names = {name: str(file) for name, file in files.items()}
    assert main(["diff", names["old"], names["old"]]) == 0
    assert main(["diff", names["old"], names["new"]]) == 1
    assert "breaking: GET /things: removed" in capsys.readouterr().out
    assert main(["diff", names["old"], names["soft"]]) == 0
    assert main(["diff", "--strict", "--json", names["old"], names["soft"]]) == 1
    shown = capsys.readouterr().out
    assert '"kind": "response-property-enum-value-added"' in shown
    assert main(["diff", names["old"], str(tmp_path / "none")]) == 4
