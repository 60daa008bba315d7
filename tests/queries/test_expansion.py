"""Expansion: which parameters embed, what they embed, and whether that is true."""

from __future__ import annotations

from typing import Any

import pytest

from harness.survey.openapi.expansion import expands, reference, relations
from harness.survey.openapi.queries import QueryParameter
from suites.queries.expansion import (
    by_id,
    elements,
    embedded,
    leads_to,
    next_relation,
    renamed,
    representation,
    same_resource,
    untrue,
)


@pytest.mark.parametrize(
    ("name", "kind", "says", "embeds"),
    [
        ("expand", "string", "", True),
        ("$expand", "", "", True),
        ("expand", "boolean", "Show more.", False),
        ("include", "string", "Related resources to include.", True),
        ("include", "string", "", False),
        ("include", "string", "Include deleted items and related ones.", False),
        ("fields", "string", "Related members.", False),
    ],
)
def test_which_parameters_embed(name: str, kind: str, says: str, embeds: bool) -> None:
    assert expands(QueryParameter("/a", name, kind, says=says)) is embeds


def test_json_api_gives_include_its_meaning() -> None:
    assert expands(QueryParameter("/a", "include", "string"), json_api=True)


def test_relations_are_listed_or_refer_to_something() -> None:
    listed = QueryParameter("/a", "expand", values=("owner", "owner.shop", "lines"))
    assert relations(listed, {}) == ["owner", "lines"]
    whole = {"name": "a", "owner": {"href": "/v1/owner"}, "_links": {"self": {}, "shop": {"href": "/s"}}}
    assert relations(QueryParameter("/a", "expand"), whole) == ["shop", "owner"]
    assert relations(QueryParameter("/a", "expand"), {"name": "/ not a path"}) == []


def test_relations_are_keys_that_the_description_names() -> None:
    item = {"id": 1, "owner_id": 2, "shopId": 3, "tenant_id": 4, "valid": True}
    said = QueryParameter("/a", "expand", says="`owner`, shop or both: embeds them.")
    assert relations(said, item) == ["owner", "shop"]
    assert relations(QueryParameter("/a", "expand", says="Related resources."), item) == []


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("/v1/owner", "/v1/owner"),
        ("https://a.example/owner", "https://a.example/owner"),
        ("//", None),
        ("a/b", None),
        ({"links": {"self": "/v1/owner"}}, "/v1/owner"),
        ({"_links": {"self": {"href": "/v1/owner"}}}, "/v1/owner"),
        ({"links": {"related": {"href": "/v1/owner"}}}, "/v1/owner"),
        ({"links": []}, None),
        (7, None),
    ],
)
def test_references(value: Any, found: str | None) -> None:
    assert reference(value) == found


def test_what_is_embedded() -> None:
    owner = {"name": "Ada", "href": "/v1/owner"}
    assert embedded({"owner": owner}, "owner") == owner
    assert embedded({"_embedded": {"owner": [owner]}}, "owner") == owner
    assert embedded({"owner": {"href": "/v1/owner"}}, "owner") is None
    assert embedded({"owner": [owner, owner]}, "owner") is None
    assert leads_to({"owner": "/v1/owner"}, "owner", {}) == "/v1/owner"
    assert leads_to({"_links": {"owner": {"href": "/o"}}}, "owner", {}) == "/o"
    assert leads_to({}, "owner", owner) == "/v1/owner"
    assert leads_to({}, "owner", {"name": "Ada"}) is None


def test_json_api() -> None:
    person = {"type": "people", "id": "9", "attributes": {"name": "Ada"}, "links": {"self": "/people/9"}}
    author = {"data": {"type": "people", "id": "9"}, "links": {"related": "/articles/1/author"}}
    article = {
        "type": "articles",
        "id": "1",
        "attributes": {"title": "x"},
        "relationships": {"author": author},
    }
    plain = representation({"data": article})
    assert plain == {"title": "x", "id": "1", "author": {"links": {"related": "/articles/1/author"}}}
    assert leads_to(plain, "author", {}) == "/articles/1/author"
    whole = representation({"data": article, "included": [person]})
    assert whole is not None
    assert embedded(whole, "author") == {"name": "Ada", "id": "9", "links": {"self": "/people/9"}}
    assert representation({"data": [article]}) == {"data": [article]}
    assert representation([article]) is None
    assert representation({"data": {**article, "relationships": None}}) == {"title": "x", "id": "1"}


def test_several_of_one_relation() -> None:
    ada, bob = {"id": 1, "name": "Ada"}, {"id": 2, "name": "Bob"}
    assert elements({"authors": [ada, bob]}, "authors") == [ada, bob]
    assert elements({"_embedded": {"authors": [ada, bob]}}, "authors") == [ada, bob]
    assert elements({"author": ada}, "author") == [ada]
    assert elements({"authors": [1, 2]}, "authors") == []
    linked = [{"type": "tags", "id": "1"}, {"type": "tags", "id": "2"}]
    article = {"type": "articles", "id": "1", "attributes": {}, "relationships": {"tags": {"data": linked}}}
    included = [{"type": "tags", "id": "2", "attributes": {"name": "x"}}]
    whole = representation({"data": article, "included": included})
    assert whole is not None
    assert elements(whole, "tags") == [{"name": "x", "id": "2"}]


@pytest.mark.parametrize(
    ("relation", "template", "found"),
    [
        ("author", "/authors/{id}", "/authors/a%201"),
        ("authors", "/authors/{author_id}", "/authors/a%201"),
        ("category", "/v2/categories/{id}", "/v2/categories/a%201"),
        ("lineItems", "/line-items/{id}", "/line-items/a%201"),
        ("box", "/boxes/{id}", "/boxes/a%201"),
        ("author", "/books/{id}/authors/{author_id}", None),
        ("author", "/editors/{id}", None),
        ("author", "/authors", None),
    ],
)
def test_where_a_resource_is_by_its_id(relation: str, template: str, found: str | None) -> None:
    assert by_id(relation, {"id": "a 1", "name": "Ada"}, [template]) == found
    assert by_id(relation, {"name": "Ada"}, [template]) is None
    assert by_id(relation, {"id": True}, [template]) is None


def test_links_of_the_resource_lead_to_what_is_embedded() -> None:
    assert leads_to({"links": {"author": "/a/1"}}, "author", {}) == "/a/1"


def test_another_id() -> None:
    alone = {"id": "1", "name": "Ada", "born": 1815}
    assert renamed({"id": "9", "name": "Ada", "born": 1815}, alone) == (
        "id is '9', and '1' in the resource itself"
    )
    # Another resource, or too little to see it.
    assert renamed({"id": "9", "name": "Bob", "born": 1815}, alone) is None
    assert renamed({"id": "9", "name": "Ada"}, alone) is None
    assert renamed(alone, alone) is None


def test_truth() -> None:
    alone = {"name": "Ada", "age": 36, "shop": {"href": "/v1/shop"}}
    assert untrue({"name": "Ada", "shop": {"name": "x"}}, (alone, alone)) == []
    assert untrue({"name": "Eve", "more": 1}, (alone, alone)) == [
        "name is 'Eve', and 'Ada' in the resource itself"
    ]
    # It has changed in between.
    assert untrue({"name": "Eve"}, (alone, {**alone, "name": "Eve"})) == []
    assert untrue({"name": "Eve"}, (alone, alone), ["/name"]) == []


def test_one_resource_or_two() -> None:
    assert same_resource({"id": "1", "name": "a"}, {"id": 1, "name": "b"})
    assert not same_resource({"id": "1", "name": "a"}, {"id": "2", "name": "a"})
    assert not same_resource({"name": "a"}, {"title": "a", "text": "b"})
    assert same_resource({"name": "a"}, {"name": "b"})


def test_the_way_on() -> None:
    assert next_relation({"href": "/x", "name": "a", "owner": {"href": "/v1/owner"}}) == (
        "owner",
        "/v1/owner",
    )
    assert next_relation({"name": "a", "links": {"self": "/x"}}) is None
