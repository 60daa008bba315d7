"""Judgement of what operations show, on literal looks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.http.exchange import Body, Exchange
from harness.http.monitors import MonitorLink, OperationState, monitor_in, phase_of, state_in
from suites.operations.following import Look
from suites.operations.judge import (
    bad_wait,
    cacheable,
    changed_id,
    falling,
    not_final,
    unreadable,
    unreported,
    wrong_result,
)
from suites.operations.starting import without


def exchange(status: int = 200, fields: tuple[tuple[str, str], ...] = ()) -> Exchange:
    return Exchange("1", "GET", "http://a/operations/7", (), Body(), status, response_fields=fields)


def look(at: float, value: Any, status: int = 200, *, final: bool = False) -> Look:
    return Look(at, exchange(status), state_in(value), final)


def states(*shown: Any) -> list[Look]:
    """Looks, a second apart: a status, or a status with its progress."""
    found = []
    for number, one in enumerate(shown):
        status, progress = one if isinstance(one, tuple) else (one, None)
        found.append(look(float(number), {"id": "7", "status": status, "progress": progress}))
    return found


@pytest.mark.parametrize(
    ("status", "fields", "value", "expected"),
    [
        (202, {"Operation-Location": "/o/1", "Location": "/things/1"}, None, ("/o/1", "Operation-Location")),
        (201, {"Azure-AsyncOperation": "http://a/o/1"}, None, ("http://a/o/1", "Azure-AsyncOperation")),
        (202, {"Link": '</o/1>; rel="monitor"'}, None, ("/o/1", 'Link with rel="monitor"')),
        (202, {"Location": "/jobs/1"}, {"id": 1}, ("/jobs/1", "Location")),
        (201, {"Location": "/jobs/1"}, {"status": "queued"}, ("/jobs/1", "Location")),
        (200, {"Location": "/jobs/1"}, {}, None),
        (202, {}, {"status_url": "/o/1"}, ("/o/1", "member status_url")),
        (202, {}, {"task": "/pulp/api/v3/tasks/1/"}, ("/pulp/api/v3/tasks/1/", "member task")),
        (202, {}, {"task": "write the report"}, None),
        (202, {}, {"job": {"links": [{"rel": "self", "href": "/jobs/1"}]}}, ("/jobs/1", "member links")),
        (202, {}, {"_links": {"self": {"href": "/jobs/1"}}}, ("/jobs/1", "member _links")),
        (200, {}, {"name": "operations/1"}, ("/operations/1", "name of an operation (AIP-151)")),
        (202, {}, {"message": "accepted"}, None),
        (202, {}, ["accepted"], None),
    ],
)
def test_a_response_leads_to_its_monitor(
    status: int, fields: dict[str, str], value: Any, expected: Any
) -> None:
    found = monitor_in(status, fields.get, value)
    assert found == (None if expected is None else MonitorLink(*expected))


@pytest.mark.parametrize(
    ("value", "status", "phase"),
    [
        ({"status": "IN_PROGRESS"}, "IN_PROGRESS", "running"),
        ({"state": "completed"}, "completed", "succeeded"),
        ({"properties": {"provisioningState": "Succeeded"}}, "Succeeded", "succeeded"),
        ({"state": {"type": "CRASHED", "name": "Crashed"}}, "CRASHED", "failed"),
        ({"job": {"status": "canceled"}}, "canceled", "cancelled"),
        ({"name": "operations/1", "done": False}, "done: false", "running"),
        ({"name": "operations/1", "done": True, "error": {"code": 3}}, "done: true", "failed"),
        ({"name": "operations/1", "done": True, "response": {}}, "done: true", "succeeded"),
        ({"status": "frobnicating"}, "frobnicating", None),
        ({"id": 1}, None, None),
        ({"status": 3}, None, None),
    ],
)
def test_a_status_is_read_in_each_style(value: Any, status: str | None, phase: str | None) -> None:
    found = state_in(value)
    assert found is not None
    assert (found.status, found.phase) == (status, phase)


def test_what_is_no_object_has_no_state() -> None:
    assert state_in(["done"]) is None
    assert state_in(None) is None


def test_every_word_has_one_meaning() -> None:
    assert [phase_of(word) for word in ("Not Started", "in-progress", "timed_out", "CANCELLED", "maybe")] == [
        "running",
        "running",
        "failed",
        "cancelled",
        None,
    ]


def test_results_and_errors_are_found() -> None:
    assert state_in({"status": "done", "result_url": "/r/1"}) == OperationState(
        "done", "succeeded", result="/r/1"
    )
    linked = state_in({"status": "done", "links": {"result": {"href": "/r/1"}}})
    assert linked is not None
    assert linked.result == "/r/1"
    inline = state_in({"status": "done", "result": {"rows": 1}})
    assert inline is not None
    assert inline.inline
    failed = state_in({"status": "failed", "message": "no rows"})
    assert failed is not None
    assert failed.error == "no rows"
    assert state_in({"status": "running", "message": "reading"}) == OperationState("running", "running")


@pytest.mark.parametrize(
    ("looks", "fault"),
    [
        (states("pending", "running", "done"), None),
        ([look(0.0, None, 202), look(1.0, {"rows": 1}, final=True)], None),
        ([look(0.0, None, 404), *states("running", "done")], None),
        ([*states("running"), look(1.0, {"title": "Found"}, 303)], None),
        ([*states("running"), look(1.0, None, 404)], "404"),
        ([look(0.0, None, 404)], "404"),
        ([look(0.0, {"status": 500}, 500)], "500"),
        ([look(0.0, "<html>")], "no JSON object"),
        ([look(0.0, {"id": "7"})], "without a status"),
        ([look(0.0, None, 204)], "no JSON object"),
    ],
)
def test_a_monitor_can_be_read(looks: list[Look], fault: str | None) -> None:
    found = unreadable(looks)
    assert found is None if fault is None else fault in (found or "")


def test_location_may_be_that_of_an_item_that_is_made_later() -> None:
    assert unreadable([look(0.0, None, 404), look(2.5, None, 404)], plain=True) is None
    assert unreadable([*states("running"), look(2.5, None, 404)], plain=True) is not None


def test_a_monitor_shows_one_operation() -> None:
    assert changed_id(states("running", "done")) is None
    other = look(2.0, {"id": "8", "status": "done"})
    assert changed_id([*states("running"), other]) == "the monitor showed the operation 7, then 8"


@pytest.mark.parametrize(
    ("after", "fault"),
    [
        (states("done"), None),
        (states("DONE", "completed"), None),
        ([look(3.0, None, 404)], None),
        (states("running"), "running"),
        (states("failed"), "failed"),
        (states("archived"), None),
    ],
)
def test_an_end_is_final(after: list[Look], fault: str | None) -> None:
    found = not_final(states("running", "done"), after)
    assert found is None if fault is None else fault in (found or "")


def test_what_has_not_ended_may_change() -> None:
    assert not_final(states("running"), states("pending")) is None
    assert not_final([], []) is None


@pytest.mark.parametrize(
    ("looks", "falls"),
    [
        (states(("running", 10), ("running", 10), ("running", 60), ("done", 100)), False),
        (states(("running", 60), ("retrying", 60), ("running", 0)), False),
        (states(("uploading", 90), ("indexing", 10)), False),
        (states("running", ("running", 5)), False),
        (states(("running", 60), ("running", 40)), True),
    ],
)
def test_progress_never_falls_under_one_status(looks: list[Look], falls: bool) -> None:
    assert (falling(looks) is not None) is falls


def test_a_result_is_where_it_is_linked() -> None:
    looks = states("running", "done")
    assert wrong_result(looks, None) is None
    assert wrong_result(looks, exchange(200)) is None
    assert wrong_result(looks, exchange(302)) is None
    assert wrong_result(looks, exchange(403)) is None
    assert "404" in (wrong_result(looks, exchange(404)) or "")
    assert "500" in (wrong_result(looks, exchange(500)) or "")


def test_a_failure_says_what_failed() -> None:
    assert unreported(look(0.0, {"status": "failed", "error": {"code": "x", "message": "y"}})) is None
    assert unreported(look(0.0, {"status": "failed", "detail": "no rows"})) is None
    assert unreported(look(0.0, {"status": "done"})) is None
    assert "nothing in it says" in (unreported(look(0.0, {"status": "failed", "error": None})) or "")
    assert "as if itself" in (unreported(look(0.0, {"error": "x"}, 500)) or "")


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, None),
        ({"Cache-Control": "no-cache, max-age=60"}, None),
        ({"Cache-Control": "private"}, None),
        ({"Cache-Control": "max-age=0"}, None),
        ({"Cache-Control": "public, max-age=60"}, "max-age=60"),
        ({"Cache-Control": "s-maxage=5"}, "s-maxage=5"),
        ({"Date": "Mon, 30 Nov 2026 06:00:00 GMT", "Expires": "Mon, 30 Nov 2026 07:00:00 GMT"}, "Expires"),
        ({"Date": "Mon, 30 Nov 2026 06:00:00 GMT", "Expires": "0"}, None),
    ],
)
def test_a_state_that_changes_is_not_cacheable(fields: dict[str, str], found: str | None) -> None:
    fault = cacheable(exchange(200, tuple(fields.items())))
    assert fault is None if found is None else found in (fault or "")


def test_a_wait_can_be_read() -> None:
    assert bad_wait(exchange()) is None
    assert bad_wait(exchange(200, (("Retry-After", "3"),))) is None
    assert bad_wait(exchange(200, (("Retry-After", "Mon, 30 Nov 2026 07:00:00 GMT"),))) is None
    assert bad_wait(exchange(200, (("Retry-After", "soon"),))) == "Retry-After: soon"


def test_what_is_required_is_left_out() -> None:
    body = json.loads('{"a": 1, "b": 2}')
    assert without(body, ("b", "a")) == {"a": 1}
    assert without(body, ("c",)) is None
    assert without(None, ("a",)) is None
