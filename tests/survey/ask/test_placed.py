"""A path that the user names may be a place of a template in the document."""

from __future__ import annotations

import pytest

from harness.profile.models import Resource
from harness.profile.resource import matching
from harness.survey.ask.choice import placed

SHELVES = Resource(
    collection="/shops/{shop}/shelves", item="/shops/{shop}/shelves/{id}", parent="shops", body={"width": 3}
)


def test_a_path_that_fills_a_template_in_takes_what_the_document_says() -> None:
    found = placed(Resource(collection="/shops/7/shelves"), [Resource(collection="/shops"), SHELVES])
    assert found is not None
    assert (found.collection, found.item) == ("/shops/7/shelves", "/shops/7/shelves/{id}")
    assert found.parent is None
    assert found.body == {"width": 3}


@pytest.mark.parametrize(
    "path", ["/shops/shelves", "/shops/7/shelves/8", "/shops/7/tables", "/shops/{shop}/shelves"]
)
def test_other_paths_do_not(path: str) -> None:
    assert placed(Resource(collection=path, parent="shops"), [SHELVES]) is None


def test_parameters_of_templates_may_have_other_names() -> None:
    found = matching(Resource(collection="/shops/{id}/shelves", parent="shops"), [SHELVES])
    assert found is not None
    assert (found.collection, found.item) == ("/shops/{id}/shelves", "/shops/{id}/shelves/{id}")
    assert found.body == {"width": 3}
    assert matching(Resource(collection="/shops/7/shelves"), [SHELVES]) is None
