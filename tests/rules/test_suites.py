"""The shipped suites have an order that does not depend on the names of their files."""

from __future__ import annotations

from harness.rules.suites import order, suites


def test_no_two_suites_have_one_place() -> None:
    places = [one.order for one in suites()]
    assert len(set(places)) == len(places)


def test_suites_of_others_come_last() -> None:
    assert sorted(["ZZZ", "AAA", *(one.code for one in suites())], key=order)[-2:] == ["AAA", "ZZZ"]
