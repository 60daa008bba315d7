"""What a document promises, read from literal documents."""

from __future__ import annotations

from typing import Any

import pytest

from harness.http.path_templates import matches
from harness.survey.infer import page_parameters
from harness.survey.openapi import resources
from harness.survey.openapi.promises import DocumentedAnswer, of_path, promises

HEADER = {"schema": {"type": "string"}}
OK = {"responses": {"200": {"description": ""}}}


def document(paths: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"openapi": "3.1.0", "paths": paths, **more}


def get(headers: dict[str, Any] | None = None, *parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "get": {
            "responses": {"200": {"description": "", "headers": headers or {}}},
            "parameters": list(parameters),
            **more,
        }
    }


def test_required_fields_and_others() -> None:
    found = promises(document({"/a": get({"X-A": {**HEADER, "required": True}, "ETag": HEADER})}), "")
    assert found.answers == (DocumentedAnswer("GET", "/a", "200", ("X-A",), ("ETag",)),)


def test_references_are_followed() -> None:
    shared = {"headers": {"A": {**HEADER, "required": True}}}
    found = promises(
        document({"/a": get({"X-A": {"$ref": "#/components/headers/A"}})}, components=shared), ""
    )
    assert found.answers[0].required == ("X-A",)


@pytest.mark.parametrize(
    "name", ["Content-Type", "Access-Control-Allow-Origin", "Set-Cookie", "content-length"]
)
def test_fields_that_depend_on_the_request_or_the_connection_promise_nothing(name: str) -> None:
    assert promises(document({"/a": get({name: {**HEADER, "required": True}})}), "").answers == ()


@pytest.mark.parametrize("more", [{"deprecated": True}, {"servers": [{"url": "https://files.example.com"}]}])
def test_deprecated_operations_and_those_of_other_servers_promise_nothing(more: dict[str, Any]) -> None:
    paths = {"/a": get({"ETag": {**HEADER, "required": True}}, **more), "/b": get()}
    given = document(paths, servers=[{"url": "https://api.example.com"}])
    assert promises(given, "").answers == ()
    assert resources.documented(given, "")["/a"] == ["GET"]


def test_servers_of_an_operation_that_are_the_documents_own_change_nothing() -> None:
    own = [{"url": "https://api.example.com/v1/"}]
    paths = {"/a": get({"ETag": {**HEADER, "required": True}}, servers=own)}
    assert promises(document(paths, servers=[{"url": "https://api.example.com/v1"}]), "/v1").answers
    assert promises(document(paths), "/v1").answers


def test_a_response_for_whatever_else_promises_nothing() -> None:
    paths = {"/a": {"get": {"responses": {"default": {"headers": {"X-A": {**HEADER, "required": True}}}}}}}
    assert promises(document(paths), "").answers == ()


@pytest.mark.parametrize(
    ("says", "filters"),
    [
        ("Only items with this title.", True),
        ("Filter by title", True),
        ("Restricts the list to one title", True),
        ("Title to search for; filters by similar ones", False),
        ("Currency in which amounts are shown", False),
        ("", False),
    ],
)
def test_a_filter_is_what_its_description_calls_so(says: str, filters: bool) -> None:
    one = {"name": "title", "in": "query", "description": says, "schema": {"type": "string"}}
    found = promises(document({"/a": get(None, one)}), "").parameters
    assert [parameter.filters for parameter in found] == ([True] if filters else [])


def test_listed_values_of_a_parameter() -> None:
    flat = {"name": "sort", "in": "query", "schema": {"enum": ["size", "-size"]}}
    several = {"name": "order", "in": "query", "schema": {"type": "array", "items": {"enum": ["age"]}}}
    swagger = {"name": "by", "in": "query", "type": "string", "enum": ["name"]}
    found = promises(document({"/a": get(None, flat, several, swagger)}), "").parameters
    assert {one.name: one.values for one in found} == {
        "sort": ("size", "-size"),
        "order": ("age",),
        "by": ("name",),
    }


@pytest.mark.parametrize(
    ("base", "urls", "sure"),
    [
        ("/v1", ["https://a.example.com/v1", "https://b.example.com/v1"], True),
        ("/v2", ["/v1", "/v2"], True),
        ("", ["/v1", "/v2"], True),
        ("/gateway", ["/v1", "/v2"], False),
        ("/gateway", ["/v1"], True),
        ("/gateway", [], True),
    ],
)
def test_of_several_servers_the_target_must_be_one(base: str, urls: list[str], sure: bool) -> None:
    found = promises(document({"/a": get()}, servers=[{"url": url} for url in urls]), base)
    assert (found.doubt is None) is sure


def test_methods_of_a_path_are_those_that_every_matching_template_has() -> None:
    documented = {"/a/{id}": ["GET", "PUT"], "/a/{number}": ["GET"], "/a/mine": ["GET", "DELETE"]}
    assert of_path(documented, "/a/7") == {"GET"}
    assert of_path(documented, "/a/mine") == {"GET", "DELETE"}
    assert of_path(documented, "/b") == set()


@pytest.mark.parametrize(
    ("template", "path", "same"),
    [
        ("/a/{id}", "/a/7", True),
        ("/a/{id}", "/a/", False),
        ("/a('{id}')", "/a('7')", True),
        ("/a.{format}", "/a.json", True),
        ("/a.{format}", "/ab", False),
        ("/a/{id}/b", "/a/7", False),
    ],
)
def test_templates(template: str, path: str, same: bool) -> None:
    assert matches(template, path) is same


def test_the_smallest_page_size_of_a_document() -> None:
    one = {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 10, "maximum": 50}}
    found = page_parameters.documented([one], {"properties": {}, "required": []}, {})
    assert found is not None
    assert (found.min, found.max) == (10, 50)
