"""What a race says of itself, on literal instants: overlap, timeline, detection, rounds."""

from __future__ import annotations

import random

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.client.budget import BudgetSpent
from harness.race import Member, Race, Request, overlap, rounds
from harness.race.detection import Measured, smallest_window, together
from harness.race.rounds import shown
from harness.rules.checks import Broken, Undecided, expect
from harness.rules.figures import Lane, RaceFigure

US = 1e-6
STORM = Request("POST", "/orders")


def member(released: float, first: float, done: float, status: int = 201, **fields: str) -> Member:
    return Member(
        STORM,
        httpx.Response(status, headers=fields),
        released=released * US,
        first=first * US,
        done=done * US,
    )


def of(*members: Member, spread: float = 0.0) -> Race:
    return Race(members, "HTTP/1.1", spread * US)


GOOD = of(*(member(10 * n, 500 + 20 * n, 600 + 20 * n) for n in range(16)), spread=160)


# -- overlap -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("intervals", "most"),
    [
        ([], 0),
        ([(0, 1)], 1),
        ([(0, 1), (1, 2), (2, 3)], 1),
        ([(0, 2), (1, 3)], 2),
        ([(0, 9), (1, 2), (3, 4), (5, 6)], 2),
        ([(0, 9), (1, 8), (2, 7)], 3),
    ],
)
def test_overlap(intervals: list[tuple[float, float]], most: int) -> None:
    assert overlap(intervals) == most


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 20)).map(lambda pair: (pair[0], sum(pair)))))
def test_overlap_is_the_fullest_instant(intervals: list[tuple[int, int]]) -> None:
    fullest = max((sum(a <= t < b for a, b in intervals) for t in range(41)), default=0)
    assert overlap(intervals) == fullest


def test_requests_one_after_another_are_inconclusive() -> None:
    race = of(member(0, 1, 2), member(2, 3, 4), member(5, 6, 7))
    assert not race.overlapped
    with pytest.raises(Undecided, match="did not overlap: at most 1 were in flight"):
        race.members_or_inconclusive()


def test_members_that_overlap_are_returned() -> None:
    race = of(
        member(0, 5, 6), member(1, 5, 6), member(1, 5, 6, 429), Member(STORM, reason="reset", released=0.0)
    )
    assert race.overlapped
    assert [one.status for one in race.members_or_inconclusive()] == [201, 201]
    assert race.losses() == "1 x throttled with 429; 1 x reset"
    with pytest.raises(Undecided, match="only 2 of 4"):
        race.members_or_inconclusive(3)


def test_a_rule_that_needs_three_at_once_is_not_content_with_two_and_two() -> None:
    race = of(member(0, 5, 6), member(1, 5, 6), member(7, 8, 9), member(7, 8, 9))
    assert len(race.members_or_inconclusive(2)) == 4
    with pytest.raises(Undecided, match="at most 2 were in flight"):
        race.members_or_inconclusive(3)


# -- figure --------------------------------------------------------------------------------------------


def test_the_figure_is_relative_to_the_first_release() -> None:
    race = of(
        member(1_000_000, 1_000_400, 1_000_500), member(1_000_020, 1_000_300, 1_000_320, 409), spread=30
    )
    figure = race.figure("a storm")
    assert RaceFigure.model_validate_json(figure.model_dump_json()) == figure
    assert (figure.title, figure.spread, figure.overlap, figure.protocol) == ("a storm", 30.0, 2, "HTTP/1.1")
    assert figure.lanes[1] == Lane(label="POST /orders", released=20.0, first=300.0, done=320.0, status=409)


def test_a_race_without_members_left_has_a_figure() -> None:
    race = of(Member(STORM, reason="no connection"), Member(STORM, reason="no connection"))
    assert "no answer (2 x no connection)" in race.summary()
    assert [lane.note for lane in race.figure("a storm").lanes] == ["no connection"] * 2


# -- detection -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("measured", "window", "probability"),
    [
        (Measured(1, 0.0), 1.0, 0.0),
        (Measured(0, 0.0), 1.0, 0.0),
        (Measured(2, 100 * US), 0.0, 0.0),
        (Measured(2, 100 * US), 100 * US, 1.0),
        (Measured(2, 0.0), 1 * US, 1.0),
        (Measured(2, 100 * US), 25 * US, 0.25),
        (Measured(3, 100 * US), 25 * US, 1 - 0.75**2),
        (Measured(3, 100 * US, 20 * US), 40 * US, 1 - 0.75**2),
        (Measured(16, 9000 * US, 8000 * US), 5000 * US, 0.0),
    ],
)
def test_detection_of_one_race(measured: Measured, window: float, probability: float) -> None:
    assert measured.probability(window) == pytest.approx(probability)


MEASURED = st.builds(Measured, st.integers(0, 20), st.floats(1e-6, 1e-1), st.floats(0, 1e-3))


@given(MEASURED, st.floats(0, 1e-1), st.floats(0, 1e-1))
def test_a_wider_gap_is_no_harder_to_see(measured: Measured, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0.0 <= measured.probability(low) <= measured.probability(high) <= 1.0


@given(MEASURED, st.floats(1e-6, 1e-1))
def test_more_members_see_no_less(measured: Measured, window: float) -> None:
    more = Measured(measured.members + 1, measured.spread, measured.lead)
    assert measured.probability(window) <= more.probability(window)


@pytest.mark.parametrize("members", [2, 4, 16])
@pytest.mark.parametrize("window", [20, 100, 400])
def test_the_model_is_not_above_what_even_arrivals_show(members: int, window: int) -> None:
    chance = random.Random(1)
    seen, draws = 0, 4000
    for _ in range(draws):
        checks = sorted(chance.uniform(0, 1000) for _ in range(members))
        seen += checks[1] - checks[0] < window
    claimed = Measured(members, 1000 * US).probability(window * US)
    assert claimed <= seen / draws + 0.03


@given(st.lists(MEASURED, min_size=1, max_size=5), st.floats(0.5, 0.999))
def test_the_smallest_window_just_meets_the_confidence(measured: list[Measured], confidence: float) -> None:
    smallest = smallest_window(measured, confidence)
    if smallest is None:
        assert all(one.members < 2 for one in measured)
    else:
        assert together(measured, smallest) >= confidence
        assert together(measured, smallest * 0.99 - 1e-9) < confidence


# -- rounds --------------------------------------------------------------------------------------------


def test_rounds_end_when_the_confidence_is_met() -> None:
    numbers: list[int] = []
    outcome = rounds(lambda number: numbers.append(number) or GOOD, designed_window=200 * US, least=1)
    assert numbers == [1]
    assert outcome.met
    assert outcome.ended == ""
    assert outcome.sentence() == (
        "no duplicate in 1 round of 16; a check-then-act window of 200 us or more would have been detected with "
        "probability > 0.99"
    )


def test_narrow_windows_take_more_rounds() -> None:
    each = GOOD.detection(20 * US)
    outcome = rounds(lambda number: GOOD, designed_window=20 * US, confidence=0.999)
    assert 0 < each < 0.999
    assert 1 - (1 - each) ** len(outcome.races) >= 0.999 > 1 - (1 - each) ** (len(outcome.races) - 1)
    assert outcome.probability == pytest.approx(1 - (1 - each) ** len(outcome.races))


def test_rounds_that_do_not_reach_the_confidence_say_what_they_reached() -> None:
    slow = of(member(0, 1_000, 1_100), member(30, 90_000, 90_100), spread=60)
    outcome = rounds(lambda number: slow, designed_window=200 * US, most=5)
    assert not outcome.met
    assert len(outcome.races) == 5
    assert outcome.sentence("one winner") == (
        "one winner in 5 rounds of 2; a check-then-act window of 200 us or more would have been detected with "
        "probability 0.0095 (0.99 was required), one of 53.6 ms with 0.99; 5 rounds are the maximum"
    )


def test_a_broken_oracle_ends_the_rounds() -> None:
    numbers: list[int] = []

    def one(number: int) -> Race:
        numbers.append(number)
        expect(number < 2, "one order", "two orders")
        return GOOD

    with pytest.raises(Broken):
        rounds(one, designed_window=1 * US)
    assert numbers == [1, 2]


def test_rounds_that_cannot_be_judged_do_not_count() -> None:
    def one(number: int) -> Race:
        if number % 2:
            raise Undecided("no overlap")
        return GOOD

    outcome = rounds(one, designed_window=200 * US, least=2)
    assert (len(outcome.races), outcome.void) == (2, 2)
    assert "2 more could not be judged" in outcome.sentence()


def test_three_rounds_in_a_row_that_cannot_be_judged_are_enough() -> None:
    numbers: list[int] = []

    def one(number: int) -> Race:
        numbers.append(number)
        raise Undecided("no overlap")

    with pytest.raises(Undecided, match="no overlap"):
        rounds(one, designed_window=200 * US)
    assert numbers == [1, 2, 3]


@pytest.mark.parametrize("after", [0, 2])
def test_a_spent_budget_ends_the_rounds(after: int) -> None:
    def one(number: int) -> Race:
        if number > after:
            raise BudgetSpent("budget: all spent")
        return GOOD

    if after == 0:
        with pytest.raises(BudgetSpent):
            rounds(one, designed_window=200 * US)
    else:
        outcome = rounds(one, designed_window=200 * US)
        assert len(outcome.races) == 2
        assert outcome.ended == "budget: all spent"


def test_retry_after_is_obeyed_between_rounds() -> None:
    waits: list[float] = []
    throttled = of(member(0, 5, 6), member(1, 5, 6), member(1, 5, 6, 429, **{"Retry-After": "7"}))
    rounds(lambda number: throttled, designed_window=1 * US, most=3, sleep=waits.append)
    assert waits == [7.0, 7.0]


def test_rounds_end_where_the_target_asks_for_more_patience_than_there_is() -> None:
    throttled = of(member(0, 5, 6), member(1, 5, 6), member(1, 5, 6, 429, **{"Retry-After": "3600"}))
    outcome = rounds(lambda number: throttled, designed_window=1 * US, sleep=lambda seconds: None)
    assert len(outcome.races) == 1
    assert outcome.ended == "the target asks to wait 3600 s before more"


@pytest.mark.parametrize(
    ("seconds", "text"), [(50e-6, "50 us"), (200e-6, "200 us"), (5e-3, "5 ms"), (1.5, "1.5 s")]
)
def test_durations(seconds: float, text: str) -> None:
    assert shown(seconds) == text
