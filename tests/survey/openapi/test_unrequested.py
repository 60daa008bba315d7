"""Members that no documented request sets: what the document leaves open is none of them."""

from __future__ import annotations

from typing import Any

import pytest

from harness.survey.openapi.operations import endpoints
from harness.survey.openapi.unrequested import ServerMember, unrequested

TEXT = {"type": "string"}


def document(
    create: Any, shown: Any, *, patch: Any = None, media: str = "application/json"
) -> dict[str, Any]:
    def content(schema: Any, kind: str = "application/json") -> dict[str, Any]:
        return {"content": {kind: {"schema": schema}}}

    item: dict[str, Any] = {"get": {"responses": {"200": {"description": "", **content(shown)}}}}
    if patch is not None:
        item["patch"] = {"requestBody": content(patch, media), "responses": {"200": {"description": ""}}}
    post = {"requestBody": content(create), "responses": {"201": {"description": ""}}}
    return {"openapi": "3.1.0", "paths": {"/users": {"post": post}, "/users/{id}": item}}


def members(found: dict[str, Any]) -> list[ServerMember]:
    return list(unrequested(found, list(endpoints(found, ""))))


def object_of(*names: str, **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": dict.fromkeys(names, TEXT), **more}


ROLE = {"type": "string", "enum": ["user", "admin"]}
SHOWN = {"type": "object", "properties": {"id": {**TEXT, "readOnly": True}, "name": TEXT, "role": ROLE}}


def test_what_a_response_has_and_no_request() -> None:
    assert members(document(object_of("name"), SHOWN)) == [
        ServerMember("/users/{id}", "role", ("user", "admin"))
    ]


def test_what_an_update_sets_is_the_clients() -> None:
    assert members(document(object_of("name"), SHOWN, patch=object_of("role"))) == []
    patched = document(
        object_of("name"), SHOWN, patch=object_of("name"), media="application/merge-patch+json"
    )
    assert [one.name for one in members(patched)] == ["role"]


@pytest.mark.parametrize(
    "create",
    [
        {"type": "object"},
        object_of("name", additionalProperties=True),
        object_of("name", additionalProperties=TEXT),
        {"allOf": [object_of("name"), {"anyOf": [object_of("role"), object_of("x")]}]},
        {"oneOf": [object_of("name"), object_of("name", "role")]},
    ],
)
def test_a_request_that_may_have_any_member_shows_nothing(create: Any) -> None:
    assert members(document(create, SHOWN)) == []


def test_no_documented_request_shows_nothing() -> None:
    found = document(object_of("name"), SHOWN)
    del found["paths"]["/users"]
    assert members(found) == []
