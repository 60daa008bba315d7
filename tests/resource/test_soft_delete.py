"""Marks of deletion in an item that stays readable."""

from __future__ import annotations

from typing import Any

import pytest

from harness.http.content import MISSING
from harness.resource.soft_delete import archived, emptied, looks_deleted


@pytest.mark.parametrize(
    ("before", "after", "member"),
    [
        ({"deleted": False}, {"deleted": True}, "deleted"),
        ({}, {"deleted_at": "2026-01-01T00:00:00Z"}, "deleted_at"),
        ({"deletedAt": None}, {"deletedAt": 5}, "deletedAt"),
        ({"status": "open"}, {"status": "Cancelled"}, "status"),
        ({"active": True}, {"active": False}, "active"),
        ({"data": {"is_deleted": 0}}, {"data": {"is_deleted": 1}}, "data.is_deleted"),
    ],
)
def test_marks_of_deletion(before: Any, after: Any, member: str) -> None:
    assert looks_deleted(before, after) == member


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"a": 1}, {"a": 1}),
        ({"a": 1}, {"a": 2}),
        ({"status": "cancelled"}, {"status": "cancelled"}),
        ({"status": "open"}, {"status": "closed"}),
        ({"deleted": True}, {"deleted": False}),
        ({"deleted_at": "x"}, {"deleted_at": None}),
        ({"active": False}, {"active": True}),
        (MISSING, {"deleted": True}),
        ({"deleted": False}, MISSING),
        ([], [True]),
    ],
)
def test_what_marks_no_deletion(before: Any, after: Any) -> None:
    assert looks_deleted(before, after) is None


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ({"archived": False, "status": "on"}, {"status": "archived", "archived": True}, "/archived"),
        ({"meta": {}}, {"meta": {"deleted_at": "2026-01-01T00:00:00Z"}}, "/meta/deleted_at"),
        ({"status": "on"}, {"status": "archived"}, None),
        ({"archived": True}, {"archived": True}, None),
        ({"archived": False}, {"archived": False}, None),
        (MISSING, {"archived": True}, None),
    ],
)
def test_a_member_that_is_set_by_delete_marks_an_archived_item(
    before: Any, after: Any, place: str | None
) -> None:
    assert archived(before, after) == place


@pytest.mark.parametrize("after", [None, {}, [], ""])
def test_an_empty_response_shows_no_item(after: Any) -> None:
    assert emptied({"id": "1"}, after)
    assert not emptied({}, after)
    assert not emptied(MISSING, after)
    assert not emptied({"id": "1"}, {"id": "1"})
    assert not emptied({"id": "1"}, MISSING)
