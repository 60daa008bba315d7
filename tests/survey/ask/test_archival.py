"""Items without DELETE that an update archives: the run finds that out, and archives its own."""

from __future__ import annotations

from typing import Any

import pytest

from harness.resource.creating import ARCHIVE
from harness.survey.openapi.resources import resources
from tests.servers import http
from tests.survey.archiving_api import Archiving
from tests.survey.surveying import surveyed


@pytest.mark.parametrize(
    ("api", "by", "hidden"),
    [
        (Archiving(), "archived", True),
        (Archiving(listed=True), "archived", False),
        (Archiving(readable=False), "archived", True),
        (
            Archiving(
                fresh={"deletedAt": None},
                may=("title", "deletedAt"),
                put_away=lambda one: one.get("deletedAt") is not None,
            ),
            "deletedAt",
            True,
        ),
        (
            Archiving(
                fresh={"status": "active"},
                may=("title", "status"),
                put_away=lambda one: one.get("status") == "archived",
                refusal={"detail": "Notes are not deleted: set status to 'archived'."},
            ),
            "status",
            True,
        ),
    ],
)
def test_items_are_archived_where_there_is_no_delete(api: Archiving, by: str, hidden: bool) -> None:
    with http(api) as server:
        found = surveyed(server.url)
    (one,) = found.profile.resources
    assert list(one.archive or {}) == [by]
    assert one.missing("delete") is not None
    assert (one.missing(ARCHIVE) is None) == hidden
    assert len(api.items) > 1
    assert not api.staying
    assert not found.leftovers
    assert api.items["1"]["title"] == "Of somebody else"
    assert not api.put_away(api.items["1"])


def schema(**properties: Any) -> Any:
    content = {"application/json": {"schema": {"type": "object", "properties": properties}}}
    return {"requestBody": {"content": content}, "responses": {"200": {"description": "the note"}}}


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"archived": {"type": "boolean"}}, {"archived": True}),
        ({"archived": {"type": "boolean", "readOnly": True}}, None),
        ({"state": {"anyOf": [{"enum": ["open", "archived"]}, {"type": "null"}]}}, {"state": "archived"}),
        ({"state": {"enum": ["open", "cancelled"]}}, None),
    ],
)
def test_a_documented_patch_names_what_archives(properties: Any, expected: Any) -> None:
    text = {"title": {"type": "string"}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "notes", "version": "1"},
        "paths": {
            "/notes": {"get": {"responses": {"200": {"description": "all"}}}, "post": schema(**text)},
            "/notes/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "get": {"responses": {"200": {"description": "one"}}},
                "patch": schema(**text, **properties),
            },
        },
    }
    (one,) = resources(document, "")
    assert one.archive == expected


def test_a_patch_without_effect_archives_nothing() -> None:
    api = Archiving(ignores=True)
    with http(api) as server:
        found = surveyed(server.url)
    (one,) = found.profile.resources
    assert one.archive is None
    assert len(found.leftovers) == len(api.staying) <= 3


def test_a_delete_is_preferred() -> None:
    from tests.survey.ask.test_conventions import Store

    store = Store(
        "/notes",
        "/notes/{id}",
        shown=lambda id, one: {"id": id, "archived": False, **one},
        pages={"/": {"notes": "/notes"}},
    )
    with http(store) as server:
        found = surveyed(server.url)
    (one,) = found.profile.resources
    assert one.archive is None
    assert one.missing("delete") is None
    assert not store.items
