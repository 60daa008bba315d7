"""Orders, filters and selections, judged on literal lists and on generated ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suites.queries.oracle import (
    KEYS,
    chosen,
    direction,
    explained_by,
    filter_fault,
    flag_fault,
    folded,
    not_a_filter,
    order_fault,
    pages_fault,
    selection_fault,
)
from suites.queries.orders import between_twins
from suites.queries.parameters import Filter


def by(member: str = "amount", sign: Any = "eq") -> Filter:
    return Filter(member, member, sign, True)


@pytest.mark.parametrize(
    "values",
    [
        [2, 9, 9, 10, 100],
        [-5, 0, 3],
        ["Apple", "Zoo", "banana", "zebra", "\u00e4pfel"],
        ["\u00e4pfel", "Apple", "banana", "zebra", "Zoo"],
        [None, None, 1, 2],
        [1, 2, None],
        [],
        [1],
    ],
)
def test_lawful_orders(values: list[Any]) -> None:
    assert order_fault(values, "up") == ""
    assert order_fault(values[::-1], "down") == ""


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ([10, 100, 2, 35, 9], "in the order of texts, not of numbers"),
        ([100, 10, 9], "in the reverse order"),
        ([1, None, 2], "with items that have no value among those that have one"),
        ([None, 1, None], "with items that have no value among those that have one"),
        ([3, 1, 2, 50], "in no order of that member"),
        (["Apple", "zebra", "banana", "Zoo"], "in no order of that member"),
    ],
)
def test_broken_orders(values: list[Any], fault: str) -> None:
    assert order_fault(values, "up") == fault


@given(st.lists(st.integers() | st.floats(allow_nan=False, allow_infinity=False)), st.integers(0, 3))
def test_sorted_numbers_are_in_order_wherever_nulls_are_put(values: list[float], nulls: int) -> None:
    up = sorted(values)
    empty = [None] * nulls
    for shown in ([*empty, *up], [*up, *empty]):
        assert "up" in direction(shown)
        assert "down" in direction(shown[::-1])


@given(st.lists(st.text()), st.sampled_from(sorted(KEYS)))
def test_texts_sorted_by_any_collation_are_in_order(values: list[str], name: str) -> None:
    assert "up" in direction(sorted(values, key=KEYS[name]))


@given(st.lists(st.integers(-1000, 1000), min_size=2, unique=True), st.data())
def test_two_numbers_that_change_places_are_noticed(values: list[int], data: st.DataObject) -> None:
    shown = sorted(values)
    place = data.draw(st.integers(0, len(shown) - 2))
    shown[place], shown[place + 1] = shown[place + 1], shown[place]
    assert "up" not in direction(shown)


AMOUNTS = {"a": 9, "b": 90, "c": 100, "d": None}


@pytest.mark.parametrize(
    ("sign", "value", "must", "may"),
    [
        ("eq", 9, {"a"}, {"a"}),
        ("ge", 90, {"b", "c"}, {"b", "c"}),
        ("gt", 90, {"c"}, {"c"}),
        ("lt", 90, {"a"}, {"a"}),
        ("from", 90, {"c"}, {"b", "c"}),
        ("to", 90, {"a"}, {"a", "b"}),
    ],
)
def test_numbers_that_filters_select(sign: str, value: int, must: set[str], may: set[str]) -> None:
    assert chosen(by(sign=sign), value, AMOUNTS) == (must, may)


NAMES = {"a": "like_x", "b": "likeXx", "c": "LIKE_X", "d": "I like_x too", "e": "\u00e4pfel", "f": "Apfel"}


@pytest.mark.parametrize(
    ("value", "ids", "fault"),
    [
        ("like_x", {"a"}, ""),
        ("like_x", {"a", "c", "d"}, ""),
        ("like_x", {"a", "b"}, "with an item whose name is 'likeXx'"),
        ("like_x", {"c"}, "without the item whose name is 'like_x'"),
        ("\u00e4pfel", {"e", "f"}, ""),
        ("nothing", set(), ""),
    ],
)
def test_texts_that_filters_select(value: str, ids: set[str], fault: str) -> None:
    assert filter_fault(by("name"), value, NAMES, ids) == fault


@given(st.text(), st.text(), st.text())
def test_a_part_of_a_text_may_be_selected(before: str, part: str, after: str) -> None:
    _, may = chosen(by("name"), part, {"a": before + part + after})
    # A combining sign at the edge of the part may become one character with its neighbour.
    assert "a" in may or folded(part) not in folded(before + part + after)


WHOLE = {"id": "1", "a": 1, "b": 2, "c": 3, "d": 4}


@pytest.mark.parametrize(
    ("shown", "fault"),
    [
        ({("a",): {"a": 1}, ("b",): {"b": 2, "id": "1"}}, ""),
        ({("a",): {"a": 1, "d": 4}, ("b",): {"b": 2, "d": 4}}, ""),
        ({("a",): {"a": 1, "d": 4}, ("d",): {"d": 4}, ("id",): {"id": "1", "d": 4}}, ""),
        ({("a",): WHOLE, ("b",): WHOLE}, "the selection of a shows all 5 members"),
        ({("a",): WHOLE, ("d",): WHOLE, ("id",): WHOLE}, "the selection of a shows all 5 members"),
        ({("a",): {"a": 1, "c": 3}, ("b",): {"b": 2}}, "the selection of a shows c as well"),
        ({("a",): {"a": 1}, ("a", "b"): {"a": 1}}, "the selection of a, b lacks b"),
        ({("a",): {"a": "1"}}, "a is '1' in the selection of a, and 1 without one"),
        ({("a",): {"a": 1}, ("id",): {"a": 1}}, "the selection of id lacks id"),
    ],
)
def test_selections(shown: dict[tuple[str, ...], dict[str, Any]], fault: str) -> None:
    assert selection_fault(WHOLE, shown) == fault


def test_a_member_that_clients_set_is_not_shown_unasked() -> None:
    shown = {
        ("a",): {"a": 1, "d": 4},
        ("d",): {"d": 4},
        ("a", "d"): {"a": 1, "d": 4},
        ("id",): {"id": "1", "d": 4},
    }
    assert selection_fault(WHOLE, shown) == ""
    assert selection_fault(WHOLE, shown, sent={"a", "d"}) == "the selection of a shows d as well"


def test_the_key_is_always_shown() -> None:
    whole = {"ID": 7, "a": 1, "b": 2}
    shown = {("a",): {"ID": 7, "a": 1, "@context": "x"}, ("ID",): {"ID": 7}, ("b",): {"ID": 7, "b": 2}}
    assert selection_fault(whole, shown, ["ID"]) == ""


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        ([{"a"}], ""),
        ([set(), {"a", "b"}], ""),
        ([{"b", "a"}], "has no effect"),
        ([set(), set()], "selects nothing, as a parameter of another meaning may"),
    ],
)
def test_parameters_of_another_meaning(seen: list[set[str]], why: str) -> None:
    assert not_a_filter({"a", "b"}, seen) == why


FLAGS = {"on": True, "off": False}


@pytest.mark.parametrize(
    ("yes", "no", "exact", "fault"),
    [
        ({"on"}, {"off"}, True, ""),
        ({"on", "other"}, {"off", "another"}, True, ""),
        ({"on"}, {"on", "off"}, False, ""),
        ({"on", "off"}, {"off"}, False, ""),
        ({"on"}, {"on", "off"}, True, "false lists an item that has the other value"),
        ({"on", "off"}, {"off"}, True, "true lists an item that has the other value"),
        ({"on", "off"}, {"on", "off"}, False, "both list the same items"),
        (set(), set(), False, "neither lists an item"),
        ({"off"}, {"on"}, False, "true does not list the item that has it"),
        ({"on"}, set(), False, "false does not list the item that has it"),
    ],
)
def test_boolean_filters(yes: set[str], no: set[str], exact: bool, fault: str) -> None:
    assert flag_fault(yes, no, FLAGS, exact) == fault


@pytest.mark.parametrize(
    ("seen", "bound"),
    [
        ([(2, {"b"}), (3, {"c"})], ""),
        ([(2, {"b", "c"}), (3, {"c"})], "ge"),
        ([(2, {"a", "b"}), (3, {"a", "b", "c"})], "le"),
        ([(2, {"c"}), (3, set())], "gt"),
        ([(2, {"a"}), (3, {"c"})], ""),
        ([("2", {"b", "c"})], ""),
    ],
)
def test_a_bound_that_only_looks_like_an_equal_value(seen: list[Any], bound: str) -> None:
    assert explained_by(by(), seen, {"a": 1, "b": 2, "c": 3}) == bound


@pytest.mark.parametrize(
    ("ids", "fault"),
    [
        ("abcd", ""),
        ("abc", ""),
        ("acd", "without the one whose value is 2"),
        ("abbcd", "with the one whose value is 2 on two pages"),
        ("abccd", ""),
    ],
)
def test_pages_of_a_sorted_list(ids: str, fault: str) -> None:
    assert pages_fault(list(ids), {"a": 1, "b": 2, "c": 3, "d": 3}) == fault


def test_a_filter_that_is_said_to_be_exact_selects_no_part() -> None:
    exact = replace(by("name"), whole=True)
    values = {"a": "Ada", "b": "ADA", "c": "Adam"}
    assert chosen(exact, "Ada", values) == ({"a"}, {"a", "b"})
    assert "'Adam'" in filter_fault(exact, "Ada", values, ["a", "c"])
    assert not filter_fault(by("name"), "Ada", values, ["a", "c"])


@pytest.mark.parametrize(
    ("ids", "most", "found"),
    [
        ("abcd", 100, (3, "d")),
        ("abdc", 100, (3, "c")),
        # Items of others are before them, and between them.
        ("xyabcd", 100, (5, "d")),
        ("abcxd", 100, None),
        # The page would be too large.
        ("abcd", 2, None),
        ("ab", 100, None),
        ("", 100, None),
        # Two without a value.
        ("ef", 100, None),
    ],
)
def test_two_neighbours_with_the_same_value(ids: str, most: int, found: Any) -> None:
    values = {"a": "Apple", "b": "banana", "c": "like", "d": "like", "e": None, "f": None}
    assert between_twins(list(ids), values, most) == found
