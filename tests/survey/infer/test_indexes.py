"""Index documents as frameworks send them; lists of items that must not be taken for one."""

from __future__ import annotations

from typing import Any

import pytest

from harness.survey.infer import indexes

BASE = "http://h/api"


@pytest.mark.parametrize(
    ("value", "paths"),
    [
        pytest.param({"users": "http://h/api/users/", "a": "http://h/api/a/"}, ["/users/", "/a/"], id="DRF"),
        pytest.param(
            {
                "_links": {
                    "self": {"href": "/api"},
                    "orders": {"href": "/api/orders{?page,size}", "templated": True},
                }
            },
            ["/orders"],
            id="HAL",
        ),
        pytest.param(
            {
                "_links": {
                    "child": [{"href": "people", "title": "people"}, {"href": "works", "title": "works"}]
                }
            },
            ["/people", "/works"],
            id="Eve",
        ),
        pytest.param(
            {"id": "a", "zones_url": "/api/zones{/zone}", "gists_url": "http://h/api/gists{/id}{?page}"},
            ["/zones", "/gists"],
            id="GitHub, PowerDNS",
        ),
        pytest.param(
            [{"api_features": [], "server_url": "/api/servers{/server}"}],
            ["/servers"],
            id="PowerDNS, an array",
        ),
        pytest.param({"child": [{"href": "people"}]}, ["/people"], id="relative"),
        pytest.param(
            {"jsonapi": {"version": "1.1"}, "links": {"self": "/api", "articles": "/api/articles"}},
            ["/articles"],
            id="JSON:API",
        ),
        pytest.param(
            {"resources": {"tag:h,2026:widgets": {"href": "/api/widgets/", "hints": {"allow": ["GET"]}}}},
            ["/widgets/"],
            id="JSON home",
        ),
        pytest.param(
            [{"rel": "orders", "href": "/api/orders"}, {"rel": "docs", "href": "/api/docs"}],
            ["/orders"],
            id="array",
        ),
        pytest.param(
            {
                "collections": [
                    {
                        "id": "lakes",
                        "links": [
                            {"rel": "self", "href": "/api/collections/lakes"},
                            {"rel": "items", "href": "/api/collections/lakes/items"},
                        ],
                    }
                ],
                "links": [{"rel": "self", "href": "/api/collections"}],
            },
            ["/collections/lakes/items"],
            id="OGC API",
        ),
        pytest.param({"endpoints": ["/api/users", "GET /api/posts"]}, ["/users", "/posts"], id="texts"),
        pytest.param({"GET /api/users": "all users", "/api/posts/{id}": "one"}, ["/users"], id="names"),
        pytest.param({"endpoints": {"users": "GET /api/users"}}, ["/users"], id="nested"),
        pytest.param(
            {"events": "/api/events", "users": "/api/users", "watch": "/api/watch"},
            ["/users", "/events"],
            id="stream last",
        ),
        pytest.param({"other": "http://elsewhere/x", "self": "/api", "n": 3}, [], id="nothing"),
    ],
)
def test_indexes_list_paths(value: Any, paths: list[str]) -> None:
    assert indexes.below(indexes.entries(value), BASE, BASE) == paths


def test_pages_list_paths() -> None:
    page = '<a href="/api/Books">Books</a> <a href=style.css>x</a> <a href="/api/x.html">y</a> <a href="#z">z</a>'
    assert indexes.below(indexes.in_page(page), BASE, BASE) == ["/Books"]


@pytest.mark.parametrize(
    "listed",
    [
        [{"id": 1, "url": "/orders/1"}],
        [{"url": "http://h/users/ada/", "username": "ada", "email": "a@h"}],
        {
            "count": 1302,
            "next": "http://h?offset=20",
            "results": [{"name": "bulbasaur", "url": "http://h/pokemon/1/"}],
        },
        {"items": [], "total": 0},
        {"_items": [], "_meta": {"total": 0}, "_links": {"self": {"href": "people"}}},
        {"type": "FeatureCollection", "features": [], "links": [{"rel": "self", "href": "/items"}]},
        [],
        ["a", "b"],
    ],
)
def test_lists_of_items_are_no_index(listed: Any) -> None:
    assert not indexes.is_index(listed)


def test_links_are_an_index() -> None:
    assert indexes.is_index({"value": [{"name": "Books", "kind": "EntitySet", "url": "Books"}]})
    assert indexes.is_index({"_links": {"orders": {"href": "/orders"}}})
    assert not indexes.is_index({"_links": {"self": {"href": "/orders"}}, "_embedded": {"orders": []}})


@pytest.mark.parametrize(
    ("listed", "found"),
    [
        pytest.param(
            [
                {
                    "id": "localhost",
                    "url": "/servers/localhost",
                    "zones_url": "/servers/localhost/zones{/zone}",
                }
            ],
            ["/servers/localhost/zones"],
            id="the only server",
        ),
        pytest.param([{"id": 1, "keys_url": "/repos/1/keys{/key_id}"}, {"id": 2}], [], id="several items"),
        pytest.param(
            [{"id": 1, "archive_url": "/repos/1/{format}{/ref}"}], [], id="more than the segment of an item"
        ),
        pytest.param([], [], id="none"),
        pytest.param({"zones_url": "/zones{/zone}"}, [], id="no list"),
    ],
)
def test_the_only_item_of_a_list_leads_to_its_collections(listed: Any, found: list[str]) -> None:
    assert indexes.of_only_item(listed) == found


def test_an_only_item_with_an_id_is_no_index() -> None:
    assert not indexes.is_index([{"id": "localhost", "zones_url": "/servers/localhost/zones{/zone}"}])
    assert indexes.is_index([{"api_features": [], "server_url": "/servers{/server}"}])


def test_absolute_paths_that_lack_the_prefix_of_a_gateway() -> None:
    references = ["/users", "/projects", "//cdn.example.com/a", "https://other.example.com/b"]
    base = "http://h/identity/v3"
    assert indexes.below(references, base, base) == []
    assert indexes.below(references, base, base, prefixed=True) == ["/users", "/projects"]
    # Where one is below the target, the others are elsewhere.
    assert indexes.below([*references, "/identity/v3/groups"], base, base, prefixed=True) == ["/groups"]
    assert indexes.below(["/users"], "http://h", "http://h", prefixed=True) == ["/users"]
