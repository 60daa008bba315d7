"""Judging races on literal outcomes: what breaks a rule, what voids a round, what is lawful."""

from __future__ import annotations

import pytest

from harness.http.content import MISSING
from harness.race import Completion, Operation, OperationKind
from harness.race.outcomes import (
    Attempt,
    counted,
    distinct,
    equal,
    increments,
    keyed_effects,
    lags,
    later,
    linearity,
    mixture,
    one_winner,
    refused,
    tally,
    transition,
    won,
)
from harness.rules.judge_result import Ruling

HOLDS = Ruling()


def attempts(**outcomes: int | None) -> list[Attempt]:
    return [Attempt(value, status) for value, status in outcomes.items()]


@pytest.mark.parametrize(
    ("status", "succeeded", "turned_away"),
    [
        (200, True, False),
        (201, True, False),
        (204, True, False),
        (202, False, False),
        (303, False, False),
        (408, False, False),
        (409, False, True),
        (412, False, True),
        (429, False, True),
        (500, False, False),
        (None, False, False),
    ],
)
def test_statuses_mean_success_refusal_or_nothing(
    status: int | None, succeeded: bool, turned_away: bool
) -> None:
    assert (won(status), refused(status)) == (succeeded, turned_away)
    assert Attempt("a", status).open is not (succeeded or turned_away)


class TestOneWinner:
    def test_one_success_that_is_stored_holds(self) -> None:
        assert one_winner(attempts(a=412, b=200, c=409), "old", "b") == HOLDS

    def test_two_successes_break_it(self) -> None:
        found = one_winner(attempts(a=200, b=200, c=412), "old", "b")
        assert found.breach is not None
        assert "2 of 3" in found.breach
        assert "2 x 200, 1 x 412" in found.breach

    @pytest.mark.parametrize("status", [412, 500, 202, None])
    def test_another_write_that_is_stored_in_place_of_the_winner_breaks_it(self, status: int | None) -> None:
        assert "is lost" in (one_winner(attempts(a=200, b=status), "old", "b").breach or "")

    def test_a_success_that_is_nowhere_breaks_it(self) -> None:
        assert "previous state" in (one_winner(attempts(a=200, b=412), "old", "old").breach or "")

    def test_a_success_that_created_nothing_breaks_it(self) -> None:
        assert one_winner(attempts(a=201, b=412), MISSING, MISSING).breach is not None

    def test_a_state_that_nobody_of_ours_wrote_voids_it(self) -> None:
        found = one_winner(attempts(a=200, b=412), "old", "strange")
        assert (found.breach, found.undecided is not None) == (None, True)

    @pytest.mark.parametrize("status", [500, 202, None])
    def test_an_open_write_that_is_stored_is_the_winner(self, status: int | None) -> None:
        assert one_winner(attempts(a=412, b=status), "old", "b") == HOLDS

    def test_no_success_voids_it(self) -> None:
        assert one_winner(attempts(a=412, b=412), "old", "old").undecided == "no write succeeded (2 x 412)"

    def test_a_refused_write_that_is_stored_alone_voids_it(self) -> None:
        found = one_winner(attempts(a=412, b=412), "old", "b")
        assert found == Ruling(undecided="the only write that took effect was answered 412")


class TestIncrements:
    def test_the_sum_of_successes_holds(self) -> None:
        assert increments(5, 8, [(1, 200), (2, 200), (3, 412)]) == HOLDS

    def test_less_is_lost(self) -> None:
        assert "1 are lost" in (increments(5, 7, [(1, 200), (2, 200)]).breach or "")

    def test_an_open_one_may_count_or_not(self) -> None:
        for end in (6, 8):
            assert increments(5, end, [(1, 200), (2, None)]) == HOLDS

    def test_an_open_one_explains_nothing_else(self) -> None:
        assert increments(5, 7, [(1, 200), (2, None)]).undecided is not None
        assert increments(5, 5, [(1, 200), (2, None)]).breach is not None

    def test_more_is_someone_else(self) -> None:
        assert increments(5, 9, [(1, 200)]).undecided is not None


class TestMixture:
    WRITTEN = [["a", 1, True], ["b", 2, False]]

    def test_a_whole_state_holds(self) -> None:
        assert mixture(self.WRITTEN, ["b", 2, False]) == HOLDS

    def test_parts_of_two_break_it(self) -> None:
        assert mixture(self.WRITTEN, ["a", 2, False]).breach is not None

    def test_true_is_not_1(self) -> None:
        assert mixture([["a", 1]], ["a", True]).undecided is not None

    def test_a_strange_value_voids_it(self) -> None:
        assert mixture(self.WRITTEN, ["c", 2, False]).undecided == '"c" was read, which no writer sent'


class TestKeys:
    def test_one_item_holds(self) -> None:
        assert keyed_effects(["1", "1", None], [201, 201, 409], 1) == HOLDS

    def test_two_ids_break_it(self) -> None:
        assert "2 items, 1, 2," in (keyed_effects(["1", "2"], [201, 201], None).breach or "")

    def test_two_listed_items_break_it(self) -> None:
        assert keyed_effects(["1"], [201, 409], 2).breach is not None

    def test_no_success_voids_it(self) -> None:
        assert keyed_effects([], [409, 500], 0).undecided is not None


class TestTransition:
    def test_one_winner_holds(self) -> None:
        assert transition(attempts(paid=200, cancelled=409), "pending", "paid", False) == HOLDS

    def test_two_states_break_it(self) -> None:
        assert transition(attempts(paid=200, cancelled=200), "pending", "paid", True).breach is not None

    def test_the_same_twice_breaks_it_unless_it_may_be_repeated(self) -> None:
        twice = [Attempt("paid", 200), Attempt("paid", 200)]
        assert transition(twice, "pending", "paid", True) == HOLDS
        assert transition(twice, "pending", "paid", False).breach is not None

    @pytest.mark.parametrize("state", ["pending", "cancelled"])
    def test_a_success_that_is_not_the_state_breaks_it(self, state: str) -> None:
        assert transition(attempts(paid=200, cancelled=409), "pending", state, False).breach is not None

    def test_a_state_of_someone_else_voids_it(self) -> None:
        assert transition(attempts(paid=200), "pending", "refunded", False).undecided is not None

    def test_no_success_voids_it_but_for_an_open_one(self) -> None:
        assert transition(attempts(paid=409), "pending", "pending", False).undecided is not None
        assert transition(attempts(paid=None), "pending", "paid", False) == HOLDS


def cas(expected: str, value: str, outcome: Completion, begun: float, ended: float) -> Operation:
    return Operation("w", OperationKind.CAS, value, expected, outcome, begun, ended)


class TestLinearity:
    def test_one_winner_holds(self) -> None:
        history = [cas("0", "a", Completion.OK, 0, 2), cas("0", "b", Completion.FAILED, 1, 3)]
        assert linearity(history, "0").broken is None

    def test_two_winners_break_the_writes(self) -> None:
        found = linearity([cas("0", "a", Completion.OK, 0, 2), cas("0", "b", Completion.OK, 1, 3)], "0")
        assert (found.broken is not None, found.stale) == (True, False)

    def test_a_stale_read_is_distinguished(self) -> None:
        history = [
            cas("0", "a", Completion.OK, 0, 1),
            Operation("r", OperationKind.READ, "0", invoked=2, returned=3),
        ]
        found = linearity(history, "0")
        assert (found.broken is not None, found.stale) == (True, True)


def test_values_are_compared_as_json() -> None:
    assert equal(1, 1.0)
    assert not equal(1, True)
    assert equal(MISSING, MISSING)
    assert not equal(MISSING, None)
    assert counted(["a", "b", "a"], {"one": "a", "two": "c"}) == {"one": 2, "two": 0}
    assert distinct(iter(["a", "a", "b", "c"]), 2) == ["a", "b"]
    assert distinct(iter(["a"] * 100), 2) == ["a"]


def test_versions_grow_as_numbers_and_differ_as_texts() -> None:
    assert later(9, 10)
    assert not later(10, 10)
    assert not later(10, 9)
    assert later("9", "10")
    assert not later("a", "a")


def test_words() -> None:
    assert tally([412, 200, None, 412]) == "1 x 200, 2 x 412, 1 x no answer"
    assert lags([0.0, 0.0]) == "each of 2 writes was visible at once"
    assert "2 of 3 writes were visible late: after 100 ms at least" in lags([0.1, 0.0, 0.3])
