"""Which members a PUT has left as they were."""

from __future__ import annotations

from suites.methods.replaced import kept_values, recreated

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


def test_the_time_of_creation_is_the_clients_only_if_it_sends_one() -> None:
    before = {"createdAt": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z", "name": "Ada"}
    after = {"createdAt": "2026-01-02T00:00:00Z", "updated_at": "2026-01-02T00:00:00Z", "name": "Ada"}
    assert recreated(before, after, {"name": "Ada"}) == ["/createdAt"]
    assert recreated(before, after, {"name": "Ada", "createdAt": "2026-01-02T00:00:00Z"}) == []
    assert recreated(before, before, {"name": "Ada"}) == []
