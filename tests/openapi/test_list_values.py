"""Parameters of lists whose values a document lists: which are judged, and what shows that one is ignored."""

from __future__ import annotations

import pytest

from harness.survey.openapi.promises import Parameter
from suites.openapi.judge import Listed, no_effect, orders, same_order, selecting

pytestmark = pytest.mark.topic(name="openapi")

OPEN, CLOSED, OTHER = Listed("1", "open"), Listed("2", "closed"), Listed("3", None)


@pytest.mark.parametrize(
    ("plain", "answered", "ignored"),
    [
        ([OPEN, OTHER], {"open": [OPEN, OTHER], "closed": [OPEN, OTHER]}, ["closed"]),
        ([OPEN, CLOSED], {"open": [OPEN, CLOSED], "closed": [OPEN, CLOSED]}, ["open", "closed"]),
        # A value that selects everything is no filter's value.
        ([OPEN], {"open": [OPEN], "all": [OPEN], "closed": [OPEN]}, ["closed"]),
        # One value has an effect: the parameter may select what is at least so.
        ([OPEN, CLOSED], {"open": [OPEN, CLOSED], "closed": [CLOSED]}, []),
        ([OPEN], {"open": [OPEN], "closed": []}, []),
        # All items have the value that was asked for, or one that the document does not list.
        ([OPEN], {"open": [OPEN]}, []),
        ([OTHER], {"open": [OTHER], "closed": [OTHER]}, []),
        ([OPEN], {}, []),
        # The list changed meanwhile.
        ([OPEN], {"open": [OPEN], "closed": [OPEN, Listed("9", "open")]}, []),
    ],
)
def test_a_filter_that_changes_nothing(
    plain: list[Listed], answered: dict[str, list[Listed]], ignored: list[str]
) -> None:
    assert no_effect(plain, answered) == ignored


def test_which_parameters_select() -> None:
    values = ("low", "high")
    assert selecting(Parameter("/tasks", "status", values=values))
    for shows in ("level", "severity", "logLevel", "view", "lang", "language"):
        assert not selecting(Parameter("/tasks", shows, values=values))
    assert selecting(Parameter("/tasks", "language", filters=True, values=values))


def test_orders_with_a_reverse() -> None:
    assert orders(["name", "-name", "size", "-date"]) == [("name", "name", "-name")]
    assert same_order([OPEN, CLOSED], [OPEN, CLOSED])
    assert not same_order([OPEN, CLOSED], [CLOSED, OPEN])
    assert not same_order([OPEN, Listed("4", "open")], [OPEN, Listed("4", "open")])
