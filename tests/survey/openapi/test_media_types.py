"""Media types that a document has for requests and responses."""

from __future__ import annotations

from typing import Any

import pytest

from harness.survey.openapi.resources import resources

from .documents import TEXT, api, obj, orders


@pytest.mark.parametrize(
    ("media", "sent", "creatable"),
    [
        ("application/vnd.api+json", "application/vnd.api+json", True),
        ("application/json; charset=utf-8", "application/json", True),
        ("*/*", "application/json", True),
        ("multipart/form-data", "multipart/form-data", True),
        ("application/x-www-form-urlencoded", "application/x-www-form-urlencoded", True),
        ("application/xml", "application/xml", False),
    ],
)
def test_media_types(media: str, sent: str, creatable: bool) -> None:
    one = api(obj(a=TEXT), obj(id=TEXT), media=media)
    assert one.media_type == sent
    assert one.capabilities["create"].there is creatable
    assert (one.create_schema is not None) is creatable


def test_media_types_of_requests_and_responses() -> None:
    one = orders()
    assert one.accepts == ["application/xml", "application/json"]
    assert one.offers == {"collection": ["application/json"], "item": ["application/json"]}


@pytest.mark.parametrize(
    ("responses", "offers"),
    [
        (
            {"200": {"content": {"text/csv; header=present": {}, "Application/JSON": {}}}},
            ["text/csv", "application/json"],
        ),
        ({"200": {"content": {"*/*": {}}}}, None),
        ({"200": {"content": {"application/*": {}, "text/csv": {}}}}, ["text/csv"]),
        ({"2XX": {"content": {"application/json": {}}}}, ["application/json"]),
        ({"default": {"content": {"application/json": {}}}}, None),
        ({"200": {}}, None),
        ({"200": {"content": ["application/json"]}}, None),
        (None, None),
    ],
)
def test_media_types_that_are_offered(responses: Any, offers: list[str] | None) -> None:
    document = {
        "openapi": "3.1.0",
        "paths": {"/orders": {"get": {"responses": responses}, "post": {"responses": {}}}},
    }
    (one,) = resources(document, "")
    assert one.offers == ({} if offers is None else {"collection": offers})
