"""What workers did, as a history: literal turns."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from harness.http.content import MISSING
from harness.profile.models import Resource
from harness.race import Completion, Member, OperationKind, Request
from harness.resource.contested import ContestedRead, changeable_members, left, others, patch_type
from suites.concurrency.actors import Turn, foreign, operation, operations, restless


def member(status: int | None, method: str = "PUT", released: float | None = 1.0) -> Member:
    reply = None if status is None else httpx.Response(status)
    return Member(Request(method, "/a"), reply, None, None, released, 1.5, 2.0)


def seen(value: Any, etag: str = '"1"') -> ContestedRead:
    return ContestedRead(httpx.Response(200), value, etag, MISSING)


def write(status: int | None, expected: Any = "old", value: Any = "new") -> Turn:
    return Turn(0, member(status), seen(expected), [value])


def read(value: Any, etag: str = '"1"') -> Turn:
    return Turn(1, member(200, "GET"), seen=seen(value, etag))


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Completion.OK),
        (412, Completion.FAILED),
        (500, Completion.UNKNOWN),
        (202, Completion.UNKNOWN),
        (None, Completion.UNKNOWN),
    ],
)
def test_a_write_is_a_compare_and_set(status: int | None, outcome: Completion) -> None:
    found = operation(write(status))
    assert found is not None
    assert (found.kind, found.expected, found.value) == (OperationKind.CAS, '"old"', '"new"')
    assert found.outcome is outcome
    assert found.returned == (None if outcome is Completion.UNKNOWN else 2.0)


@pytest.mark.parametrize("status", [400, 409, 429])
def test_other_refusals_say_nothing(status: int) -> None:
    assert operation(write(status)) is None


def test_reads_that_failed_or_never_left_say_nothing() -> None:
    assert operation(Turn(0, member(500, "GET"))) is None
    assert operation(Turn(0, member(None, released=None), seen("old"), ["new"])) is None
    assert not left(member(None, released=None))


def test_refusals_can_be_left_out() -> None:
    turns = [write(200), write(412), read("new")]
    assert len(operations(turns)) == 3
    assert [one.outcome for one in operations(turns, refusals=False)] == [Completion.OK, Completion.OK]


def test_a_tag_that_changes_without_the_value_is_noticed() -> None:
    assert not restless([read("a", '"1"'), read("b", '"2"'), read("a", '"1"')])
    assert restless([read("a", '"1"'), read("a", '"2"')])


def test_values_of_others_are_noticed() -> None:
    assert foreign([write(200), read("new"), read("old")], "old") == []
    assert foreign([write(200), read("strange")], "old") == ["strange"]


def test_members_and_values_to_change() -> None:
    body = {"note": "A note.", "amount": 5, "sku": "A-1", "id": "x"}
    known = Resource(collection="/orders", body=body, unique=["/sku"])
    assert changeable_members(known, body, 4) == ["/note", "/amount"]
    series = others(known, body, "/amount")
    assert all(isinstance(next(series), int) for _ in range(5))
    locked = Resource(collection="/orders", patch=["application/json-patch+json"])
    assert patch_type(locked) == "application/json-patch+json"
    assert patch_type(known) == "application/merge-patch+json"
