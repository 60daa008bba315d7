"""Path templates with values in the places of their parameters."""

from __future__ import annotations

import pytest

from harness.profile.models import Resource
from harness.survey.infer import templates


@pytest.mark.parametrize(
    ("collection", "item", "above", "placed"),
    [
        ("/shops/{shop}/shelves", "", "/shops/7", ("/shops/7/shelves", "/shops/7/shelves/{id}")),
        (
            "/A/{Sid}/Calls.json",
            "/A/{Sid}/Calls/{id}.json",
            "/A/AC1",
            ("/A/AC1/Calls.json", "/A/AC1/Calls/{id}.json"),
        ),
        ("/a/{x}/b/", "/a/{x}/b/{id}/", "/a/1", ("/a/1/b/", "/a/1/b/{id}/")),
        ("/a/{x}/b", "/b/{id}", "/a/1", ("/a/1/b", "/a/1/b/{id}")),
    ],
)
def test_a_collection_is_put_below_an_item(
    collection: str, item: str, above: str, placed: tuple[str, str]
) -> None:
    resource = Resource(collection=collection, item=item)
    found = templates.below(resource, above)
    assert (found.collection, found.item) == placed


def test_parameters_are_filled_in() -> None:
    resource = Resource(collection="/repos/{owner}/{repo}/issues")
    found = templates.filled(resource, {"owner": "a b", "repo": "r"})
    assert (found.collection, found.item) == ("/repos/a%20b/r/issues", "/repos/a%20b/r/issues/{id}")
    assert templates.filled(resource, {"owner": "a"}).collection == "/repos/a/{repo}/issues"
    assert templates.parameters(resource.collection) == ["owner", "repo"]


def test_words_and_stems() -> None:
    assert templates.last_word("/2010/Accounts/{Sid}/Calls.json") == "Calls"
    assert templates.last_word("/{x}") == ""
    assert templates.stem("/orders/") == templates.stem("/orders.json") == "/orders"
