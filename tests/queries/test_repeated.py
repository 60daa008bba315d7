"""Filters that may be given several times, on literal lists."""

from __future__ import annotations

import pytest

from suites.queries.repeated import one_value_wins, with_values


@pytest.mark.parametrize(
    ("one", "other", "both", "reversed_", "wins"),
    [
        ("12", "34", "1234", "1234", ""),
        ("12", "34", "34", "12", "last"),
        ("12", "34", "12", "34", "first"),
        ("12", "12", "12", "12", ""),
        ("12", "34", "12", "12", ""),
        ("12", "34", "", "", ""),
    ],
)
def test_which_value_counts(one: str, other: str, both: str, reversed_: str, wins: str) -> None:
    shown = {("a",): one, ("b",): other, ("a", "b"): both, ("b", "a"): reversed_}
    lists = {values: frozenset(ids) for values, ids in shown.items()}
    assert one_value_wins(lists, "a", "b") == wins


def test_a_parameter_is_sent_once_for_each_value() -> None:
    assert with_values("http://a/b", "c", ("1", "2 3")) == "http://a/b?c=1&c=2+3"
    assert with_values("http://a/b?d=0", "c", ("1",)) == "http://a/b?d=0&c=1"
