"""Documents that are valid, and some that are not."""

from __future__ import annotations

from typing import Any

import pytest

from suites.urls.validity import faults, silent

OK: dict[str, Any] = {"200": {"description": "Fine."}, "404": {"description": "Gone."}}


def document(version: str = "3.1.0", **operation: Any) -> dict[str, Any]:
    given = {"responses": OK, **operation}
    return {"openapi": version, "info": {"title": "T", "version": "1"}, "paths": {"/a": {"get": given}}}


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.1.1", "3.2.0"])
def test_valid_documents(version: str) -> None:
    assert faults(document(version)) == []


def test_swagger() -> None:
    valid = {
        "swagger": "2.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"get": {"responses": OK}}},
    }
    assert faults(valid) == []
    assert faults(valid | {"info": {}}) != []


@pytest.mark.parametrize(
    "operation",
    [
        {"responses": 5},
        {"parameters": [{"name": "x"}]},
        {"parameters": [{"$ref": "#/components/parameters/Nowhere"}]},
    ],
)
def test_invalid_documents(operation: dict[str, Any]) -> None:
    assert faults(document(**operation)) != []


def test_an_unknown_version_has_no_validator() -> None:
    with pytest.raises(ValueError, match=r"version 4\.0\.0"):
        faults(document("4.0.0"))


def test_operations_that_say_nothing_of_success_or_errors() -> None:
    assert silent(document()) == ([], [])
    assert silent(document(responses={"200": {}})) == ([], ["GET /a"])
    assert silent(document(responses={"304": {}, "404": {}})) == (["GET /a"], [])
    assert silent(document(responses={"default": {}})) == ([], [])
    assert silent(document(responses={"303": {}, "4XX": {}})) == ([], [])


def test_parameters_of_a_path() -> None:
    two = document()
    two["paths"]["/a/{b}@{c}"] = {
        "get": {"responses": OK, "parameters": [path("b")]},
        "parameters": [path("c")],
    }
    assert faults(two) == []
    del two["paths"]["/a/{b}@{c}"]["parameters"]
    assert faults(two) == ["GET /a/{b}@{c}: c is not declared"]


def path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
