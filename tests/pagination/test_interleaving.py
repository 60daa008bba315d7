"""Traversals under change: how they are judged, told, drawn, and searched for; no target has a part in it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from harness.rules.checks import Undecided
from suites.pagination.interleaving import PAGE, Act, Event, Played, figure, labels, table, wrong
from suites.pagination.search import search


def played(initial: str, *events: tuple[str, str], loop: str | None = None) -> Played:
    made = [Event(kind, kind, tuple(ids)) for kind, ids in events]  # type: ignore[arg-type]
    return Played(list(initial), made, loop)


@pytest.mark.parametrize(
    "case",
    [
        played("abcd", ("page", "ab"), ("page", "cd")),
        # What came or went meanwhile may be shown, or not.
        played("abcd", ("page", "ab"), ("insert", "x"), ("page", "cd")),
        played("abcd", ("page", "ab"), ("insert", "x"), ("page", "cdx")),
        played("abcd", ("page", "ab"), ("delete", "b"), ("page", "cd")),
        played("abcd", ("page", "ab"), ("delete", "c"), ("page", "cd")),
        # What moved may be shown twice, or never.
        played("abcd", ("page", "ab"), ("move", "b"), ("page", "cdb")),
        played("abcd", ("page", "ab"), ("move", "c"), ("page", "d")),
        played("abcd", ("page", "ab"), ("size", ""), ("page", "cd")),
    ],
)
def test_lawful_traversals(case: Played) -> None:
    assert wrong(case) == []


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (played("abcd", ("page", "ab"), ("page", "d")), "untouched item C never shown"),
        (
            played("abcd", ("page", "ab"), ("insert", "x"), ("page", "bcd")),
            "untouched item B shown more than once",
        ),
        (
            played("abcd", ("page", "ab"), ("page", "dc")),
            "untouched items shown in a different order than before",
        ),
        (played("abcd", ("page", "ab"), ("delete", "c"), ("page", "ccd")), "item C shown more than once"),
        (
            played("ab", ("page", "a"), ("insert", "x"), ("page", "xb"), ("page", "x")),
            "item C shown more than once",
        ),
        (
            played("ab", ("page", "ab"), loop="page 1 leads back to /"),
            "the traversal does not end: page 1 leads back to /",
        ),
    ],
)
def test_unlawful_traversals(case: Played, expected: str) -> None:
    assert wrong(case) == [expected]


def test_a_refused_page_is_all_that_counts() -> None:
    case = played("abcd", ("page", "ab"), ("delete", "b"))
    case.events.append(Event("page", "page 2 is refused", refused="GET /a?c=1 -> 404"))
    assert wrong(case) == ["the traversal was cut off: GET /a?c=1 -> 404"]


def test_the_table_and_the_figure_name_what_happened() -> None:
    case = played("abcd", ("page", "ab"), ("insert", "x"), ("page", "bd"))
    assert table(case) == ("list of A B C D; 1. page: A B; 2. insert: E; 3. page: B D (B = b, C = c, E = x)")
    drawn = figure("orders", case)
    assert [(step.action, [(item.label, item.mark) for item in step.items]) for step in drawn.steps] == [
        ("page", [("A", "seen"), ("B", "seen")]),
        ("insert", [("E", "inserted")]),
        ("page", [("B", "again"), ("D", "seen")]),
        ("page", [("C", "missed")]),
    ]


def test_there_are_names_for_many_items() -> None:
    case = Played([str(number) for number in range(30)])
    assert len(set(labels(case).values())) == 30
    assert labels(case)["26"] == "A1"


# -- the search ----------------------------------------------------------------------------------------

ACTS = (PAGE, Act("insert", "before"), Act("delete", "seen"), Act("delete", "unseen"), Act("size", size=2))


class Target:
    """Breaks on an insert that follows a deletion."""

    def __init__(self, cost: int = 10) -> None:
        self.requests, self.cost = 0, cost
        self.tried: list[tuple[Act, ...]] = []

    def play(self, acts: Sequence[Act]) -> Played:
        self.tried.append(tuple(acts))
        self.requests += self.cost
        kinds = [act.kind for act in acts]
        broken = "delete" in kinds and "insert" in kinds[kinds.index("delete") :]
        events = [(act.kind, "") for act in acts]
        return played("ab", ("page", "a"), *events, ("page", "" if broken else "b"))


def test_what_is_found_is_small_and_the_same_each_time() -> None:
    found = []
    for _ in range(2):
        target = Target(cost=0)
        one = search(target.play, ACTS, seed=8, spent=lambda target=target: target.requests)  # type: ignore[misc]
        assert one.played is not None
        found.append([event.kind for event in one.played.events])
    assert found[0] == found[1] == ["page", "delete", "insert", "page"]


def test_no_interleaving_is_played_twice() -> None:
    target = Target(cost=0)
    search(target.play, ACTS, seed=3, spent=lambda: target.requests)
    assert len(target.tried) == len(set(target.tried))


def test_a_search_keeps_to_its_requests() -> None:
    target = Target()
    found = search(target.play, ACTS, seed=3, spent=lambda: target.requests, most=40)
    assert target.requests <= 80
    if found.played is None:
        assert found.cut == "40 requests were spent on it"
    assert found.tried == len(target.tried)


def test_what_was_found_before_the_requests_were_spent_stands() -> None:
    for seed in range(10):
        target = Target()
        found = search(target.play, ACTS, seed=seed, spent=lambda t=target: t.requests, most=60)  # type: ignore[misc]
        assert target.requests <= 120
        if found.played is not None:
            assert wrong(found.played)


def test_a_sound_target_is_tried_a_few_times() -> None:
    def play(acts: Sequence[Act]) -> Played:
        return played("ab", ("page", "a"), ("insert", "x"), ("page", "b"))

    found = search(play, ACTS, seed=1, spent=lambda: 0)
    assert found.played is None
    assert 5 <= found.tried <= 8
    assert found.writes == found.tried


def test_a_target_that_refuses_writes_ends_the_search() -> None:
    calls = []

    def play(acts: Sequence[Act]) -> Played:
        calls.append(acts)
        raise Undecided("POST /orders -> 429")

    found = search(play, ACTS, seed=1, spent=lambda: 0)
    assert (found.played, found.tried, found.cut) == (None, 0, "POST /orders -> 429")
    assert len(calls) == 1
