"""The version for which a write was refused."""

from __future__ import annotations

import pytest

from harness.survey.openapi.versions import counted, named

ITEM = {"rowVersion": 3, "version": True, "name": "A"}


@pytest.mark.parametrize(
    ("status", "text", "place"),
    [
        (409, '{"fields": [{"name": "rowVersion", "why": "is not the current one"}]}', "/rowVersion"),
        (422, "rowVersion is missing", "/rowVersion"),
        # Another word, a value that is no version, a member that the item does not have, another status.
        (409, "rowVersions differ", None),
        (409, "version", None),
        (409, "revision", None),
        (404, "rowVersion", None),
    ],
)
def test_a_refusal_that_names_the_version(status: int, text: str, place: str | None) -> None:
    assert named(ITEM, status, text) == place


def test_content_that_is_no_object_has_none() -> None:
    assert named([ITEM], 409, "rowVersion") is None


SCHEMA = {"type": "object", "properties": {"version": {"type": "integer"}, "name": {"type": "string"}}}


def test_a_version_that_writes_may_carry() -> None:
    assert counted({"version": 3, "name": "A"}, SCHEMA, "") == "/version"
    assert counted({"version": "3"}, SCHEMA, "") is None
    assert counted({"revision": 3}, SCHEMA, "") is None
    assert counted({"version": 3}, None, "") is None
    read_only = {"type": "object", "properties": {"version": {"type": "integer", "readOnly": True}}}
    assert counted({"version": 3}, read_only, "") is None
