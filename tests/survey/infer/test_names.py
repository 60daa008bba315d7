"""Ids that an item shows in other ways than as a member of its own: nested, or as a resource name."""

from __future__ import annotations

import pytest

from harness.resource.ids import in_collection, unlike
from harness.survey.infer.pointers import holder


@pytest.mark.parametrize(
    ("shown", "id", "pointer"),
    [
        (
            {"metadata": {"name": "c-f7735", "generation": 1}, "spec": {"color": "red"}},
            "c-f7735",
            "/metadata/name",
        ),
        ({"name": "shelves/s1", "theme": "Poetry"}, "s1", "/name"),
        ({"name": "shelves/s1", "shelf": "s1"}, "s1", "/shelf"),
        ({"metadata": {"name": "c-f7735"}}, "c-f7736", None),
        ({"name": "shelves/s10"}, "0", None),
    ],
)
def test_the_member_that_holds_an_id_is_found(shown: object, id: str, pointer: str | None) -> None:
    assert holder("/id", shown, id) == pointer


@pytest.mark.parametrize(
    ("id", "collection", "last"),
    [
        ("shelves/s1", "/v1/shelves", "s1"),
        ("projects/p/shelves/s1", "/v1/projects/p/shelves/", "s1"),
        ("a/b", "/v1/shelves", "a/b"),
        ("helves/s1", "/v1/shelves", "helves/s1"),
        ("s1", "/shelves", "s1"),
        ("shelves/", "/shelves", "shelves/"),
    ],
)
def test_a_resource_name_is_an_id_below_its_collection(id: str, collection: str, last: str) -> None:
    assert in_collection(id, collection) == last


def test_an_absent_resource_name_is_in_the_same_collection() -> None:
    assert unlike("shelves/s1").startswith("shelves/")
