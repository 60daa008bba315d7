"""Where the members of an item are in what a GET shows: on literal representations."""

from __future__ import annotations

from typing import Any

import pytest

from harness.http.content import MISSING, shown_at
from harness.resource.matching import bare

SENT = {"name": "Ada", "size": 3}
ITEM = {"id": "1", **SENT}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (ITEM, ITEM),
        ({"version": 1, "thing": ITEM}, ITEM),
        ({"thing": ITEM, "before": ITEM}, {"thing": ITEM, "before": ITEM}),
        ({"name": None, "before": ITEM}, {"name": None, "before": ITEM}),
        ({"id": "1", "links": {"size": 3}}, {"id": "1", "links": {"size": 3}}),
        ([ITEM], [ITEM]),
        (MISSING, MISSING),
    ],
)
def test_an_envelope_in_reads_is_taken_off(value: Any, found: Any) -> None:
    assert bare(value, SENT) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (ITEM, "Ada"),
        ({"version": 1, "thing": ITEM}, "Ada"),
        ({"name": "Bob", "before": ITEM}, "Bob"),
        ({"one": ITEM, "other": ITEM}, MISSING),
        ({"id": "1"}, MISSING),
        ([ITEM], MISSING),
    ],
)
def test_a_member_is_found_inside_an_envelope(value: Any, found: Any) -> None:
    assert shown_at(value, "/name") == found
