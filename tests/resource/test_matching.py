"""Where the members of an item are in what a GET shows: on literal representations."""

from __future__ import annotations

from typing import Any

import pytest

from harness.http.content import MISSING, shown_at
from harness.profile.models import Resource
from harness.resource.matching import bare, carriers, listed_value, places

SENT = {"name": "Ada", "size": 3}
ITEM = {"id": "1", **SENT}


@pytest.mark.parametrize(
    ("representation", "pointer", "found"),
    [
        ("", "/id", ["/id"]),
        ("", "", [""]),
        ("/data", "/data/id", ["/data/id", "/id"]),
        ("/data", "/id", ["/id"]),
        ("/data/attributes", "/data/id", ["/data/id", "/id"]),
        (
            "/data/attributes",
            "/data/attributes/title",
            ["/data/attributes/title", "/attributes/title", "/title"],
        ),
        ("/data", "/database", ["/database"]),
        ("/data", "/data", ["/data"]),
    ],
)
def test_a_listed_item_lacks_the_envelope_of_a_single_one_or_a_part_of_it(
    representation: str, pointer: str, found: list[str]
) -> None:
    known = Resource(collection="/articles", representation=representation)
    assert places(known, pointer) == found


@pytest.mark.parametrize(
    ("item", "value"),
    [
        ({"data": {"attributes": {"views": 3}}}, 3),
        ({"id": "1", "attributes": {"views": 3}}, 3),
        ({"id": "1", "views": 3}, 3),
        ({"id": "1", "attributes": {}}, MISSING),
    ],
)
def test_a_member_of_a_create_body_is_found_in_a_listed_item(item: Any, value: Any) -> None:
    known = Resource(collection="/articles", representation="/data/attributes")
    assert listed_value(known, item, "/data/attributes/views") == value


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


@pytest.mark.parametrize(
    ("item", "ids"),
    [
        ({"name": "Ada", "id": 7}, ["7"]),
        ({"name": "Ada", "uuid": "a-b"}, ["a-b"]),
        ({"name": "Ada", "pulp_href": "/api/v3/things/01a22a40/"}, ["01a22a40"]),
        ({"name": "Ada", "href": 7}, []),
        ({"name": "Bob", "id": 7}, []),
    ],
)
def test_an_item_of_the_run_is_found_wherever_its_id_is(item: Any, ids: list[str]) -> None:
    assert carriers([item, item], ["/name"], "Ada", "/id") == ids
