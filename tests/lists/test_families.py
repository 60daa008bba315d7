"""Lists of each family of APIs (`families.json`: recorded, or from the documentation), and where things are in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.http.content import MISSING
from harness.lists import conventions, families
from harness.lists.families import FAMILIES, family_of, found
from harness.lists.page import complete, page_info
from harness.profile.models import Resource
from harness.survey.infer.pointers import items_pointer, listed_id

ROWS = json.loads((Path(__file__).parent / "families.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", ROWS, ids=[row["family"] for row in ROWS])
def test_a_list_is_recognised(row: dict[str, Any]) -> None:
    body, collection = row["body"], row["collection"]
    family = family_of(body, collection)
    assert family is not None
    assert family.name == row["family"]
    assert items_pointer(body, collection) == row["items"]
    items = found(body, row["items"])
    if row["id"] is not None:
        known = listed_id(Resource(collection=collection, id=family.id[0]), items[0])
        assert known is not None
        assert known[1] == row["id"]
    pages = conventions.pointers(body, len(items))
    assert {key: pages.get(key) for key in row["pages"]} == row["pages"]
    for place in pages.values():
        assert found(body, place) is not MISSING


def test_each_family_has_a_list() -> None:
    assert {row["family"] for row in ROWS} == {family.name for family in FAMILIES}


def test_the_next_link_of_an_array_of_links_is_followed_wherever_it_is() -> None:
    first = {"type": "FeatureCollection", "features": [{}], "links": [{"rel": "next", "href": "/a?offset=1"}]}
    how = complete(None, first, 1)
    assert page_info(how, {}, first).url == "/a?offset=1"
    last = {"type": "FeatureCollection", "features": [{}], "links": [{"rel": "self", "href": "/a?offset=1"}]}
    assert page_info(how, {}, last).url is None


@pytest.mark.parametrize(
    "value", [None, [], [1], {}, {"data": {}}, {"data": "x"}, {"errors": [{"id": "1"}]}, 3]
)
def test_other_content_is_of_no_family(value: Any) -> None:
    assert family_of(value, "/things") is None


def test_names_after_the_collection() -> None:
    assert families.located({"blogPosts": []}, "/{plural}", "/v1/blog-posts/") == "/blogPosts"
    assert families.located({}, "/{singular}", "/categories") == "/category"
    assert families.located({}, "/{plural}", "") is None


@pytest.mark.parametrize(
    ("item", "found_at"),
    [
        ({"name": "Ann", "ID": 1}, ("/ID", "1")),
        ({"key": "a", "Id": "7"}, ("/Id", "7")),
        ({"name": "Ann", "size": 1}, ("/name", "Ann")),
    ],
)
def test_an_id_comes_before_a_name(item: dict[str, Any], found_at: tuple[str, str]) -> None:
    assert listed_id(Resource(collection="/authors"), item) == found_at
