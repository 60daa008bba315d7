"""Create bodies where the profile has none: after listed items, from SCIM's schemas, from OPTIONS."""

from __future__ import annotations

from typing import Any

import pytest

from harness import payloads
from harness.lists.families import family_of
from harness.payloads import run_token
from harness.profile.models import Resource
from harness.resource.json_api import JSON_API
from harness.survey.ask import services
from harness.survey.infer import bodies, copies, pointers

FLOW = {
    "type": "object",
    "properties": {"flow_id": {"type": "string"}, "pool_id": {"type": "string"}, "name": {"type": "string"}},
    "required": ["flow_id"],
}


def test_a_listed_item_is_the_model_less_what_servers_set() -> None:
    listed = {
        "id": 3,
        "title": "A",
        "n": 2,
        "created_at": "2026-01-01T00:00:00Z",
        "url": "http://a/1",
        "owner": {"id": 1},
        "_links": {},
        "tags": ["x"],
    }
    made = copies.modelled(listed)
    assert set(made) == {"title", "n", "tags"}
    assert made["title"] != "A"
    assert made["tags"] != ["x"]
    assert copies.modelled("text") == {}


def test_json_api_bodies_are_documents() -> None:
    (body,) = bodies.candidates(Resource(collection="/books"), 0, (), JSON_API)
    assert body == {"data": {"type": "books", "attributes": {"title": "A title"}}}


def test_free_members_are_ours_where_a_schema_takes_any() -> None:
    schema = {"type": "object", "properties": {"data": {"type": "object", "additionalProperties": {}}}}
    known = Resource(collection="/records", representation="/data", create_schema=schema)
    assert next(bodies.candidates(known, 0, (), ""))["data"] == bodies.FREE
    closed = {"type": "object", "properties": {"data": {"type": "object", "additionalProperties": False}}}
    shut = known.model_copy(update={"create_schema": closed})
    assert all("title" not in body.get("data", {}) for body in bodies.candidates(shut, 0, (), ""))


def test_references_are_filled_with_ids_of_items_that_exist() -> None:
    known = Resource(collection="/flow_runs", create_schema=FLOW)
    found = bodies.references(known, [Resource(collection="/flows/")])
    assert found == {"flow_id": ("flows", True), "pool_id": (None, False)}
    body = {"flow_id": "x", "pool_id": "y", "name": "n"}
    assert bodies.linked(known, body, {"flow_id": "f1", "pool_id": None}) == {"flow_id": "f1", "name": "n"}


def test_made_up_names_are_our_own() -> None:
    known = Resource(collection="/flows")
    one, other = (bodies.ours(known, {"name": "my-flow", "size": 1}) for _ in range(2))
    assert one["name"] != other["name"] != "my-flow"
    assert bodies.ours(Resource(collection="/x", body={"name": "a"}), {"name": "a"}) == {"name": "a"}


def test_members_that_find_an_item_again_are_fresh_in_every_create() -> None:
    known = Resource(collection="/flows", fresh=["/name"])
    assert payloads.fresh(known, {"name": "flow", "n": 1})["name"] != "flow"
    assert known.unique == []


def test_scim_discovery() -> None:
    types = {"Resources": [{"endpoint": "/Users", "schema": "urn:u"}, {"endpoint": "no path"}, None]}
    attributes = [
        {
            "name": "userName",
            "type": "string",
            "required": True,
            "uniqueness": "server",
            "mutability": "readWrite",
        },
        {"name": "displayName", "type": "string", "mutability": "readWrite"},
        {"name": "password", "type": "string", "mutability": "writeOnly"},
        {"name": "groups", "type": "complex", "multiValued": True, "mutability": "readOnly"},
    ]
    schemas = {"Resources": [{"id": "urn:u", "attributes": attributes}]}
    (users,) = services.scim_resources(types, schemas, {"patch": {"supported": True}})
    assert users.unique == ["/userName"]
    assert users.create_schema is not None
    assert set(users.create_schema["properties"]) == {"schemas", "userName", "displayName"}
    assert not users.capabilities["update"].there
    assert services.scim_resources(None, "x", 3) == []


def test_metadata_of_options() -> None:
    post = {
        "id": {"type": "integer", "read_only": True},
        "title": {"type": "string", "required": True, "max_length": 9},
        "level": {"type": "choice", "required": True, "choices": [{"value": "a"}, {"value": "b"}]},
    }
    schema = services.options_schema({"actions": {"POST": post}})
    assert schema is not None
    assert schema["required"] == ["title", "level"]
    assert schema["properties"] == {
        "title": {"type": "string", "maxLength": 9},
        "level": {"enum": ["a", "b"]},
    }
    assert services.options_schema({"actions": "none"}) is None
    assert services.options_schema([]) is None


def test_json_server() -> None:
    database = {"posts": [{"id": 1}], "profile": {"name": "x"}, "odd name": [], "numbers": [1]}
    assert [one.collection for one in services.json_server(database)] == ["/posts"]


def test_json_schema_of_a_response() -> None:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": {"name": {"type": "string"}},
        "properties": {"id": {"type": "integer", "readOnly": True}, "name": {"$ref": "#/$defs/name"}},
        "required": ["id", "name"],
    }
    found = bodies.json_schema(schema)
    assert found is not None
    assert found["required"] == ["name"]
    body = next(payloads.bodies(Resource(collection="/things", create_schema=found), 0))
    assert set(body) == {"name"}
    for other in ({"properties": {"name": "x"}}, {"name": "x"}, [schema], None, {"type": "object"}):
        assert bodies.json_schema(other) is None


def test_references_by_the_name_of_a_member() -> None:
    others = [Resource(collection="/v1/authors"), Resource(collection="/categories")]
    assert bodies.referred("author", others) == "authors"
    assert bodies.referred("authorId", others) == "authors"
    assert bodies.referred("category_id", others) == "categories"
    assert bodies.referred("title", others) is None


def test_json_api_documents_get_their_type() -> None:
    schema = {
        "type": "object",
        "properties": {
            "data": {
                "type": "object",
                "properties": {
                    "id": {"type": "string"},
                    "type": {"type": "string"},
                    "links": {"type": "object"},
                    "attributes": {
                        "type": "object",
                        "properties": {"title": {"type": "string"}},
                        "required": ["title"],
                    },
                },
            }
        },
    }
    known = Resource(collection="/articles", representation="/data/attributes", create_schema=schema)
    for body in bodies.candidates(known, 0, [], JSON_API):
        assert set(body["data"]) == {"type", "attributes"}
        assert body["data"]["type"] == "articles"
        assert set(body["data"]["attributes"]) == {"title"}
    listed = [{"type": "article", "id": "1", "attributes": {"title": "A"}}]
    assert next(bodies.candidates(known, 0, listed, JSON_API))["data"]["type"] == "article"


def test_an_envelope_is_made_where_a_body_lacks_it() -> None:
    assert bodies.within({}, "/data/attributes", {"a": 1}) == {"data": {"attributes": {"a": 1}}}
    assert bodies.within({"data": {"type": "x"}}, "/data/attributes", {"a": 1}) == {
        "data": {"type": "x", "attributes": {"a": 1}}
    }
    assert bodies.within({"a": 1}, "", {"b": 2}) == {"a": 1, "b": 2}
    assert bodies.within({}, "/posts/0", {"a": 1}) == {"posts": [{"a": 1}]}
    free = Resource(collection="/x", representation="/data", create_schema={"type": "object"})
    assert all("data" in body for body in bodies.candidates(free, 0, [], ""))


@pytest.mark.parametrize(
    ("collection", "listed", "body"),
    [
        ("/articles", {"articles": [{"id": 1, "title": "A"}]}, {"article": {"title": "x"}}),
        ("/posts/", {"posts": [], "meta": {"pagination": {"page": 1}}}, {"posts": [{"title": "x"}]}),
        ("/books", {"data": [], "meta": {"pagination": {"page": 1}}}, {"data": {"title": "x"}}),
        ("/things", {"data": [{"id": 1}]}, {"title": "x"}),
        ("/things", [{"id": 1}], {"title": "x"}),
    ],
)
def test_envelopes_by_the_family_of_the_list(collection: str, listed: Any, body: Any) -> None:
    place = pointers.write_pointer(family_of(listed, collection), listed, collection)
    assert bodies.within({}, place, {"title": "x"}) == body
    assert pointers.representation_pointer(body, collection) == place


def test_sentences_that_a_repair_adds_carry_the_token_of_the_run() -> None:
    known = Resource(collection="/tasks", representation="/task")
    before = {"task": {"name": "A name", "size": 3}}
    made = bodies.marked(
        known, before, {"task": {"name": "A name", "size": 3, "title": "Two words", "code": "AB"}}
    )
    assert made["task"]["title"].startswith("Two words ")
    assert run_token.current() in made["task"]["title"]
    assert {name: made["task"][name] for name in ("name", "size", "code")} == {**before["task"], "code": "AB"}


@pytest.mark.parametrize(
    ("body", "shown", "kept"),
    [
        ({"name": "n", "size": 3, "title": "t"}, [{"id": 1, "title": "t"}], {"title"}),
        ({"name": "n", "size": 3, "title": "t"}, [{"id": 1, "title": "t", "name": "n"}], {"title", "name"}),
        ({"name": "n", "size": 3, "title": "t"}, [None, {"id": 1}], {"title", "name", "size"}),
        ({"name": "n", "password": "p"}, [{"name": "n"}], {"name", "password"}),
        ({"name": "n", "secret": "p"}, [{"id": 1, "secret": "p"}], {"secret"}),
    ],
)
def test_members_that_were_guessed_and_are_ignored_are_left_out(
    body: dict[str, Any], shown: list[Any], kept: set[str]
) -> None:
    assert set(bodies.without_guesses(Resource(collection="/tasks"), body, shown)) == kept
