"""The type of resource objects of JSON:API."""

from __future__ import annotations

from typing import Any

import pytest

from harness.profile.models import Resource
from harness.resource.json_api import JSON_API, resource_type


@pytest.mark.parametrize(
    ("known", "found"),
    [
        ({"body": {"data": {"type": "book", "attributes": {}}}}, "book"),
        ({"media_type": JSON_API}, "books"),
        ({}, ""),
        ({"body": {"data": {"attributes": {"title": "x"}}}}, ""),
        ({"media_type": JSON_API, "representation": ""}, ""),
        # Strapi 4 shows attributes, and takes none.
        ({"media_type": JSON_API, "bare": True}, ""),
    ],
)
def test_only_documents_of_json_api_have_one(known: dict[str, Any], found: str) -> None:
    values = {"collection": "/books", "representation": "/data/attributes", **known}
    assert resource_type(Resource.model_validate(values)) == found
