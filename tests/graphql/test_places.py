"""Where the endpoint is."""

from __future__ import annotations

import json
from typing import Any

from harness.http.exchange import Body, Exchange
from suites.graphql.places import endpoint, named

BASE = "http://127.0.0.1:1/v1"


def answered(content: Any, url: str = BASE, status: int = 200) -> Exchange:
    text = json.dumps(content)
    fields = (("Content-Type", "application/json"),)
    return Exchange("1", "GET", url, (), Body(), status, "", "", fields, Body(text, len(text)))


def test_the_profile_comes_first() -> None:
    assert endpoint("/api", {"/graphql": ["POST"]}, [], BASE) == (f"{BASE}/api", "the profile")


def test_the_document_names_it() -> None:
    assert endpoint(None, {"/orders": ["POST"], "/graphql": ["GET", "POST"]}, [], BASE) == (
        f"{BASE}/graphql",
        "the document",
    )
    assert endpoint(None, {"/graphql": ["GET"], "/{tenant}/graphql": ["POST"]}, [], BASE) is None


def test_the_entry_point_links_to_it_on_its_own_origin() -> None:
    found = endpoint(None, {}, [answered({"links": {"graphql": "/v1/graphql"}})], BASE)
    assert found is not None
    assert found[0] == "http://127.0.0.1:1/v1/graphql"
    assert endpoint(None, {}, [answered({"links": ["https://example.com/graphql"]})], BASE) is None
    assert endpoint(None, {}, [answered({"links": ["/v1/graphql"]}, f"{BASE}/orders")], BASE) is None


def test_the_target_url_is_one() -> None:
    refused = answered({"errors": [{"message": "Must provide query string."}]}, status=400)
    found = endpoint(None, {}, [refused], BASE)
    assert found is not None
    assert found[0] == BASE


def test_names() -> None:
    assert named("/api/GraphQL/")
    assert not named("/graphql-docs")
