"""Documented uploads and downloads of files, on literal documents."""

from __future__ import annotations

from typing import Any

import pytest

from harness.survey.openapi.files import DocumentedUpload, downloads, uploads

pytestmark = pytest.mark.topic(name="survey")
BINARY = {"type": "string", "format": "binary"}


def document(path: str, method: str, operation: dict[str, Any], version: str = "3.1.0") -> dict[str, Any]:
    head = {"swagger": "2.0"} if version == "2.0" else {"openapi": version}
    return {**head, "paths": {path: {method: operation}}}


def body(**content: Any) -> dict[str, Any]:
    return {"requestBody": {"content": {name.replace("_", "/", 1): one for name, one in content.items()}}}


def form(required: list[str], **properties: Any) -> dict[str, Any]:
    schema = {"type": "object", "required": required, "properties": properties}
    return {"requestBody": {"content": {"multipart/form-data": {"schema": schema}}}}


@pytest.mark.parametrize(
    ("path", "method", "operation", "expected"),
    [
        ("/files", "post", form(["file"], file=BINARY), DocumentedUpload("POST", "/files", "file")),
        (
            "/files",
            "post",
            form(["file", "kind", "title"], file=BINARY, kind={"enum": ["a", "b"]}, title={"type": "string"}),
            DocumentedUpload("POST", "/files", "file", (("kind", "a"), ("title", "conformance"))),
        ),
        ("/files", "post", form(["at"], file=BINARY, at={"type": "string", "format": "date-time"}), None),
        ("/files", "post", form([], one=BINARY, two=BINARY), None),
        ("/files", "post", form([], name={"type": "string"}), None),
        (
            "/files",
            "post",
            form([], file={"type": "string", "contentMediaType": "application/octet-stream"}),
            DocumentedUpload("POST", "/files", "file"),
        ),
        ("/raw", "post", body(**{"application_octet-stream": {}}), DocumentedUpload("POST", "/raw")),
        ("/raw", "post", body(image_png={}), DocumentedUpload("POST", "/raw", types=("image/png",))),
        ("/raw", "post", body(application_json={}, image_png={}), None),
        (
            "/raw/{name}",
            "put",
            body(**{"application_octet-stream": {}}),
            DocumentedUpload("PUT", "/raw/{name}"),
        ),
        (
            "/raw/{id}/content",
            "put",
            body(**{"application_octet-stream": {}}),
            DocumentedUpload("PUT", "/raw/{id}/content"),
        ),
        ("/raw/{id}/parts/content", "put", body(**{"application_octet-stream": {}}), None),
        ("/raw/{id}", "post", body(**{"application_octet-stream": {}}), None),
    ],
)
def test_uploads(
    path: str, method: str, operation: dict[str, Any], expected: DocumentedUpload | None
) -> None:
    found = uploads(document(path, method, operation), "")
    assert found == (() if expected is None else (expected,))


def test_an_upload_that_needs_a_parameter_is_left_alone() -> None:
    needed = {"parameters": [{"name": "X-Tenant", "in": "header", "required": True}]}
    assert not uploads(document("/files", "post", {**form([], file=BINARY), **needed}), "")


def test_uploads_of_swagger_2() -> None:
    operation = {
        "consumes": ["multipart/form-data"],
        "parameters": [{"name": "upload", "in": "formData", "type": "file", "required": True}],
    }
    found = uploads(document("/api/files", "post", operation, "2.0"), "")
    assert found == (DocumentedUpload("POST", "/api/files", "upload"),)


@pytest.mark.parametrize(
    ("operation", "found"),
    [
        ({"responses": {"200": {"content": {"application/pdf": {}}}}}, True),
        ({"responses": {"200": {"content": {"*/*": {"schema": BINARY}}}}}, True),
        ({"responses": {"200": {"content": {"application/json": {}, "application/pdf": {}}}}}, False),
        ({"responses": {"200": {"content": {"text/csv": {}}}}}, False),
        ({"responses": {"200": {"content": {"application/problem+json": {}}}}}, False),
        ({"responses": {"204": {}}}, False),
        ({}, False),
        (
            {
                "responses": {"200": {"content": {"application/pdf": {}}}},
                "parameters": [{"name": "from", "in": "query", "required": True}],
            },
            False,
        ),
    ],
)
def test_downloads(operation: dict[str, Any], found: bool) -> None:
    assert downloads(document("/f/{id}", "get", operation), "") == (("/f/{id}",) if found else ())
