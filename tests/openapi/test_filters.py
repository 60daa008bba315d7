"""Which documented parameters are filters by a listed value, and what a list shows in spite of one."""

from __future__ import annotations

from typing import Any

import pytest

from harness.survey.openapi.promises import Parameter
from harness.survey.value_filters import ValueFilter, value_filters
from suites.openapi.filters import not_selected

COLORS = ("red", "green")
SET = {"color": {"type": "string", "enum": ["red", "green", None]}}


def parameter(name: str = "color", filters: bool = False, values: tuple[str, ...] = COLORS) -> Parameter:
    return Parameter("/things", name, filters, values)


def test_a_filter_by_a_listed_value() -> None:
    assert value_filters([parameter()], {"color": "green"}, SET) == [
        ValueFilter("color", "green", "red", settable=True)
    ]
    # Only the server sets it: the description says that the parameter selects.
    assert value_filters([parameter("state", filters=True)], {"state": "red"}, {}) == [
        ValueFilter("state", "red", "green", settable=False)
    ]


@pytest.mark.parametrize(
    ("one", "item"),
    [
        # Nothing says that it selects: it may choose what is shown.
        (parameter("format"), {"format": "red"}),
        (parameter(values=("red", "green", "all")), {"color": "red"}),
        # No member, a member of another kind, and one value only.
        (parameter(), {"colour": "red"}),
        (parameter(), {"color": ["red"]}),
        (parameter(), {"color": "blue"}),
        (parameter(values=("red",)), {"color": "red"}),
        (parameter(), None),
    ],
)
def test_what_may_not_be_a_filter(one: Parameter, item: Any) -> None:
    assert value_filters([one], item, SET) == []


def test_items_that_were_not_asked_for() -> None:
    items = [{"color": "red"}, {"color": "green"}, {}, {"color": None}]
    assert not_selected(items, "/color", "red") == ["green", None]
    assert not_selected(items[:1], "/color", "red") == []
    assert not_selected(None, "/color", "red") == []
