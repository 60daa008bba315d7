"""Which members a PUT has left as they were."""

from __future__ import annotations

from suites.methods.replaced import kept_values

BEFORE = {"name": "Ada", "size": {"width": 1, "height": 2}, "note": "old"}
SENT = {"name": "Bob", "size": {"width": 3, "height": 4}, "note": "old"}
MEMBERS = ["/name", "/size/width", "/size/height", "/note"]


def test_members_that_keep_the_old_value_are_found() -> None:
    after = {"id": 7, "name": "Bob", "size": {"width": 1, "height": 2}, "note": "old"}
    assert kept_values(MEMBERS, BEFORE, SENT, after) == ["/size/width", "/size/height"]


def test_a_value_that_is_neither_the_old_nor_the_new_is_normalised() -> None:
    after = {"name": "BOB", "size": {"width": 3}, "note": "old"}
    assert kept_values(MEMBERS, BEFORE, SENT, after) == []


def test_an_envelope_of_reads_hides_nothing() -> None:
    assert kept_values(["/name"], BEFORE, SENT, {"item": {"name": "Ada"}}) == ["/name"]
