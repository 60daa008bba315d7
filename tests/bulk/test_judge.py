"""Judging batches, on literal responses and effects."""

from __future__ import annotations

from typing import Any

import pytest

from harness.http.content import MISSING
from harness.quota.fields import Quota
from suites.bulk.judge import (
    claims,
    correlation_faults,
    described,
    excess_fault,
    fall,
    halves,
    hidden,
    input_fault,
    last_change,
    misplaced,
    mode_of,
    named_twice,
    order_said,
    refused_for_size,
    repeat_fault,
    shows,
    twins_fault,
    unlike_alone,
    untrue,
    worked_off,
)
from suites.bulk.results import Result, Results

GOOD, BAD, SILENT = Result(False, 201), Result(True, 422), Result()
YES, NO = True, False


def results(*found: Result) -> Results:
    return Results(found, found, "order")


@pytest.mark.parametrize(
    ("status", "found", "claimed"),
    [
        (207, results(GOOD, BAD), [True, False]),
        (200, results(SILENT, SILENT), [True, True]),
        (207, results(SILENT, GOOD), [None, True]),
        (422, results(GOOD, BAD), [False, False]),
        (201, Results(by_input=(None, None)), [True, True]),
        (204, Results(by_input=(None, None)), [True, True]),
        (202, Results(by_input=(None, None)), [None, None]),
        (207, Results(by_input=(None, None)), [None, None]),
        (207, Results((BAD,), (None, None)), [None, None]),
        (302, Results(by_input=(None, None)), [None, None]),
    ],
)
def test_what_a_response_says(status: int, found: Results, claimed: list[bool | None]) -> None:
    assert claims(status, found, 2) == claimed


@pytest.mark.parametrize(
    ("claimed", "there", "lies"),
    [
        ([YES, NO], [YES, NO], 0),
        ([YES, NO, None], [None, None, None], 0),
        ([None, NO], [NO, NO], 0),
        ([YES, YES], [YES, NO], 1),
        ([NO, NO], [YES, NO], 1),
        ([None], [YES], 1),
        ([YES, NO], [NO, YES], 2),
    ],
)
def test_untrue_reports(claimed: list[bool | None], there: list[bool | None], lies: int) -> None:
    assert len(untrue(claimed, there)) == lies


@pytest.mark.parametrize(
    ("claimed", "there", "mode"),
    [
        ([YES, NO, YES], [YES, NO, YES], "partial"),
        ([NO, NO, NO], [NO, NO, NO], "atomic"),
        # 200, and nothing is there: nobody can rely on it.
        ([YES, NO, YES], [NO, NO, NO], "partial"),
        ([NO, NO, NO], [YES, NO, NO], "partial"),
        ([YES, YES, YES], [YES, YES, YES], None),
        ([NO, NO, NO], [NO, None, NO], None),
    ],
)
def test_how_batches_fail(claimed: list[bool | None], there: list[bool | None], mode: str | None) -> None:
    assert mode_of(claimed, there) == mode


@pytest.mark.parametrize(
    ("status", "there", "faulty"),
    [
        (207, [YES, NO], False),
        (200, [YES, NO], False),
        (201, [YES, NO], True),
        (204, [YES, NO], True),
        (201, [YES, YES], False),
        (422, [NO, NO], False),
        (422, [YES, NO], True),
        (500, [YES, NO], True),
        (422, [None, NO], False),
    ],
)
def test_statuses_that_hide_something(status: int, there: list[bool | None], faulty: bool) -> None:
    assert (hidden(status, there) is not None) is faulty


def test_halves() -> None:
    assert halves([YES, NO]) == "the items 1 exist, and the items 2 do not"
    assert halves([YES, YES]) is None
    assert halves([NO, None]) is None


def test_correlation() -> None:
    assert correlation_faults(results(GOOD, GOOD), 2, requests=True) == []
    assert correlation_faults(results(SILENT, GOOD), 2, requests=False) == []
    assert correlation_faults(results(SILENT, GOOD), 2, requests=True) == ["no status in the results 1"]
    assert correlation_faults(results(GOOD), 2, requests=False) == ["1 results for 2 items"]
    assert correlation_faults(Results(by_input=(None,)), 1, requests=False) == [
        "no array with a result for each item"
    ]


def test_results_in_another_order() -> None:
    assert misplaced(["text a", "text b"], [{"t": "text a"}, {"t": "text b"}]) == []
    assert misplaced(["text a", None], [MISSING, {"t": "x"}]) == []
    assert misplaced(["text a", "text b"], [{"t": "other"}, {"t": "text b"}]) == []
    assert len(misplaced(["text a", "text b"], [{"t": "text b"}, {"t": "text a"}])) == 2


@pytest.mark.parametrize(
    ("empty", "status", "value", "faulty"),
    [
        (True, 200, [], False),
        (True, 400, {}, False),
        (True, 500, {}, True),
        (False, 400, {}, False),
        (False, 200, {"results": []}, True),
        (False, 207, {"results": [{"status": 400}]}, False),
        (False, 200, {"errors": [{"message": "no array"}]}, False),
        (False, 200, {"errors": []}, True),
        (False, 200, {"success": False}, False),
        (False, 502, MISSING, True),
    ],
)
def test_what_is_no_batch(empty: bool, status: int, value: Any, faulty: bool) -> None:
    assert (input_fault(empty, status, value) is not None) is faulty


@pytest.mark.parametrize(
    ("status", "there", "effects", "faulty"),
    [
        (413, [NO, NO], True, False),
        (422, [YES, NO], True, True),
        (422, [YES, NO], False, False),
        (207, [YES, YES], True, True),
        (207, [YES, NO], True, False),
        (503, [NO, NO], True, True),
    ],
)
def test_batches_that_are_too_large(
    status: int, there: list[bool | None], effects: bool, faulty: bool
) -> None:
    assert (excess_fault(status, there, effects=effects) is not None) is faulty


def test_refusals_for_the_size() -> None:
    assert refused_for_size(207, 413)
    assert refused_for_size(422, 413)
    assert refused_for_size(207, 422)
    assert not refused_for_size(422, 422)
    assert not refused_for_size(207, 207)


def test_how_far_a_quota_falls() -> None:
    assert fall(Quota(limit=100, remaining=90), Quota(limit=100, remaining=85)) == 5
    assert fall(Quota(limit=100, remaining=10), Quota(limit=100, remaining=95)) is None
    assert fall(Quota(limit=100, remaining=10), Quota(limit=50, remaining=5)) is None
    assert fall(None, Quota(limit=50, remaining=5)) is None


def test_words() -> None:
    assert described([YES, None], [YES, NO]) == "item 1: created, exists; item 2: no result, does not exist"


@pytest.mark.parametrize(
    ("result", "other"), [(None, None), (SILENT, None), (BAD, None), (Result(True, 400), 400), (GOOD, 201)]
)
def test_the_status_of_an_item_that_is_refused_alone(result: Result | None, other: int | None) -> None:
    assert unlike_alone(422, result) == other


@pytest.mark.parametrize(
    ("result", "seen"),
    [
        (None, False),
        (Result(False, 200, value={"title": "of client A"}), True),
        (Result(False, 200, value={"title": "another"}), False),
        (Result(True, 403, value={"detail": "of client A"}), False),
        (Result(value={"title": "of client A"}), True),
    ],
)
def test_a_result_that_shows_an_item(result: Result | None, seen: bool) -> None:
    assert shows(result, "of client A") is seen


@pytest.mark.parametrize(
    ("again", "listed", "fault"),
    [
        (["/items/1"], 1, None),
        (["/items/1"], None, None),
        ([None], 1, None),
        ([None], 0, None),
        ([None, ""], None, None),
        (["/items/3"], None, "the ids are not the same"),
        (["/items/1", "/items/3"], 1, "the ids are not the same"),
        ([None], 2, "the list has the first item 2 times"),
        (["/items/2"], 2, "the list has the first item 2 times"),
    ],
)
def test_items_that_are_sent_again(again: list[str | None], listed: int | None, fault: str | None) -> None:
    assert repeat_fault(["/items/1", "/items/2"], again, listed) == fault


@pytest.mark.parametrize(
    ("outcomes", "fault"),
    [
        ([(YES, NO), (YES, NO)], None),
        ([(NO, NO), (NO, NO)], None),
        ([(YES, NO), (None, NO)], None),
        ([(YES, NO), (NO, YES)], "(True, False), then (False, True)"),
    ],
)
def test_twins(outcomes: list[tuple[bool | None, ...]], fault: str | None) -> None:
    assert twins_fault(outcomes) == fault


@pytest.mark.parametrize(
    ("done", "last"), [([YES, YES], "b"), ([YES, NO], "a"), ([NO, YES], "b"), ([NO, NO], MISSING)]
)
def test_the_last_change_counts(done: list[bool], last: Any) -> None:
    assert last_change(done, ("a", "b")) == last


@pytest.mark.parametrize(
    ("seen", "which"), [("a", "that of change 1"), ("b", "that of change 2"), ("c", "none of their values")]
)
def test_which_change_stayed(seen: str, which: str) -> None:
    said = order_said([YES, NO], ("a", "b"), seen)
    assert said == f"change 1 succeeded, change 2 failed, and the item has {which}"


def test_items_that_are_alike_and_were_all_looked_at() -> None:
    bad = Result(failed=True, status=422)
    assert worked_off([bad, bad, bad])
    assert not worked_off([bad, bad, Result(failed=True, status=413)])
    assert not worked_off([bad, bad, None])
    assert not worked_off([Result(failed=False, status=201)] * 3)
    assert not worked_off([])


@pytest.mark.parametrize(
    ("indices", "count", "fault"),
    [
        ((0, 1, 2), 3, None),
        ((1, 2, 3), 3, None),
        ((2, 0, 1), 3, None),
        ((None, None, None), 3, None),
        ((0, None, 0), 3, None),
        # Positions somewhere else, such as the rank of the items in their collection.
        ((17, 17, 18), 3, None),
        # Those that failed apart, and nothing of the others.
        ((1,), 3, None),
        ((0, 1, 1), 3, "2 of 3 results have the index 1"),
        ((0, 0, 0), 3, "3 of 3 results have the index 0"),
    ],
)
def test_positions_that_name_an_item_twice(
    indices: tuple[int | None, ...], count: int, fault: str | None
) -> None:
    found = tuple(Result(index=one) for one in indices)
    assert named_twice(Results(found, found, "order"), count) == fault
