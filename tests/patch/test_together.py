"""Patches of two members."""

from __future__ import annotations

from suites.patch.together import apart, together


def test_patches_of_two_members() -> None:
    values = {"/a": 1, "/data/b~1c": "x"}
    assert together(values, operations=False) == {"a": 1, "data": {"b/c": "x"}}
    operations = together(values, operations=True)
    assert [(one["path"], one["value"]) for one in operations] == [("/a", 1), ("/data/b~1c", "x")]


def test_members_that_are_apart() -> None:
    assert apart("/a", "/b")
    assert apart("/a", "/ab")
    assert not apart("/a", "/a")
    assert not apart("/a", "/a/b")
    assert not apart("/a/b", "/a")
