"""Path templates with values in the places of their parameters."""

from __future__ import annotations

import pytest

from harness.profile.models import Resource
from harness.survey.infer import templates


@pytest.mark.parametrize(
    ("collection", "item", "parent", "placed"),
    [
        ("/shops/{shop}/shelves", "", "/shops", ("/shops/a%20b/shelves", "/shops/a%20b/shelves/{id}")),
        (
            "/A/{S}/Calls.json",
            "/A/{S}/Calls/{id}.json",
            "/A.json",
            ("/A/a%20b/Calls.json", "/A/a%20b/Calls/{id}.json"),
        ),
        ("/a/{x}/b/", "/a/{x}/b/{id}/", "/a/", ("/a/a%20b/b/", "/a/a%20b/b/{id}/")),
        ("/a/{x}/b", "/b/{id}", "/a", ("/a/a%20b/b", "/a/a%20b/b/{id}")),
        ("/apps/ns/{ns}/jobs", "", "/v1/ns", ("/apps/ns/a%20b/jobs", "/apps/ns/a%20b/jobs/{id}")),
    ],
)
def test_a_collection_is_put_below_an_item(
    collection: str, item: str, parent: str, placed: tuple[str, str]
) -> None:
    above = Resource(collection=parent, item=f"{templates.stem(parent)}/{{id}}")
    found = templates.below(Resource(collection=collection, item=item), above, "a b")
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
