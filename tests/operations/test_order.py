"""Judgement of the order of states, of ranges, of late results and of cancellations, on literal looks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.http.monitors import state_in
from harness.survey.openapi.document import parse
from harness.survey.openapi.promises import promises
from suites.operations.judge import (
    by_done,
    late_result,
    out_of_range,
    stepped_back,
    took_back,
    unlisted,
    went_on,
    wrong_result,
)
from tests.operations.test_judge import exchange, look, states

USUAL = ("queued", "validating", "running", "succeeded", "failed")


@pytest.mark.parametrize(
    ("shown", "words", "back"),
    [
        (["queued", "running", "queued", "succeeded"], (), True),
        (["queued", "running", "succeeded"], (), False),
        (["validating", "running", "validating", "succeeded"], USUAL, True),
        # A further step, of which the order of the document says little.
        (["running", "validating", "succeeded"], USUAL, False),
        (["processing", "pending", "succeeded"], (), False),
        (["validating", "running", "validating", "succeeded"], (), False),
        # In the order of the alphabet, or of none: the words alone count.
        (["queued", "active", "packing", "succeeded"], ("active", "failed", "packing", "queued"), False),
        (["packing", "boxing"], ("boxing", "packing", "done"), False),
        (["queued", "packing", "queued"], ("running", "queued", "packing"), False),
        # What may come at any time.
        (["running", "waiting", "running", "succeeded"], (), False),
        (["running", "retrying", "running"], ("queued", "retrying", "running", "done"), False),
        (["running", "paused", "running"], ("queued", "paused", "running", "done"), False),
        (["running", "scheduled", "running"], (), False),
    ],
)
def test_work_does_not_wait_again(shown: list[str], words: tuple[str, ...], back: bool) -> None:
    assert (stepped_back(states(*shown), words) is not None) is back


@pytest.mark.parametrize("name", ["attempt", "attempts", "retry_count", "runCount", "restarted_at"])
def test_another_attempt_may_wait(name: str) -> None:
    looks = [
        look(0.0, {"status": "queued", name: 1}),
        look(1.0, {"status": "running", name: 1}),
        look(2.0, {"status": "queued", name: 2}),
        look(3.0, {"status": "running", name: 2}),
    ]
    assert stepped_back(looks) is None


def test_a_word_of_its_own_has_ended_when_the_time_of_its_end_is_there() -> None:
    assert state_in({"status": "live", "finished_at": "2026-05-01T10:00:00Z"}).phase == "succeeded"  # type: ignore[union-attr]
    assert state_in({"status": "broken", "endTime": 1, "error": "x"}).phase == "failed"  # type: ignore[union-attr]
    assert state_in({"status": "building", "finished_at": None}).phase is None  # type: ignore[union-attr]
    assert state_in({"status": "running", "finished_at": "2026"}).phase == "running"  # type: ignore[union-attr]


def test_a_status_is_one_of_the_document() -> None:
    assert unlisted(states("queued", "running"), ()) is None
    assert unlisted(states("queued", "running"), USUAL) is None
    assert "lists queued" in str(unlisted(states("queued", "RUNNING"), USUAL))
    assert unlisted([look(0.0, {"name": "operations/1", "done": True})], USUAL) is None


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ([{"status": "running", "percent": 140}], True),
        ([{"status": "running", "progress": 140}, {"status": "done", "progress": 100}], True),
        # A number of rows, perhaps.
        ([{"status": "running", "progress": 140}, {"status": "done", "progress": 5000}], False),
        ([{"status": "running", "percentComplete": -1}], True),
        ([{"status": "running", "progress": 0.4}, {"status": "done", "progress": 1}], False),
    ],
)
def test_a_percentage_is_one(values: list[Any], wrong: bool) -> None:
    looks = [look(float(place), value) for place, value in enumerate(values)]
    assert (out_of_range(looks) is not None) is wrong


def test_a_result_is_there_when_success_is_shown() -> None:
    done, later = (
        look(1.0, {"status": "done", "result": None}),
        look(2.0, {"status": "done", "result": {"a": 1}}),
    )
    assert "without a result" in str(late_result([done], [later]))
    assert late_result([done], [done]) is None
    assert late_result([later], [later]) is None
    assert late_result([look(1.0, {"status": "failed"})], [later]) is None


def test_a_result_that_only_the_document_knows_may_be_none() -> None:
    done = states("done")
    assert wrong_result(done, exchange(404)) is not None
    assert wrong_result(done, exchange(202)) is not None
    assert wrong_result(done, exchange(404), linked=False) is None
    assert wrong_result(done, exchange(500), linked=False) is not None


def test_what_was_called_cancelled_does_not_go_on() -> None:
    cancelled = state_in({"status": "cancelled"})
    assert took_back(cancelled, states("running", "succeeded")) is not None
    assert took_back(cancelled, states("cancelled")) is None
    assert took_back(cancelled, states("cancelling", "cancelled")) is None
    assert took_back(state_in({"status": "cancelling"}), states("running", "succeeded")) is None
    assert took_back(None, states("running")) is None


@pytest.mark.parametrize(
    ("seen", "at", "ignored"),
    [
        (["running", "running", "succeeded"], 0.1, True),
        (["running", "succeeded"], 0.1, False),
        (["running", "cancelling", "succeeded"], 0.1, False),
        (["running", "running", "cancelled"], 0.1, False),
        (["running", "running", "succeeded"], 1.9, False),
    ],
    ids=["goes on", "ends sooner", "is being cancelled", "is cancelled", "too late"],
)
def test_a_cancellation_that_nothing_notices(seen: list[str], at: float, ignored: bool) -> None:
    assert went_on(states(*seen), states("running", "running", "succeeded"), at) is ignored
    assert not by_done(states(*seen))


def test_listed_values_of_a_status_are_found() -> None:
    job = {"type": "object", "properties": {"state": {"$ref": "#/components/schemas/State"}}}
    shown = {"200": {"description": "", "content": {"application/json": {"schema": job}}}}
    other = {"200": {"description": "", "content": {"application/json": {"schema": {"type": "string"}}}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/jobs/{id}": {"get": {"responses": shown}}, "/texts/{id}": {"get": {"responses": other}}},
        "components": {"schemas": {"State": {"type": "string", "enum": list(USUAL)}}},
    }
    found = promises(parse(json.dumps(document).encode(), "openapi.json"), "")
    assert found.statuses == (("/jobs/{id}", USUAL),)
