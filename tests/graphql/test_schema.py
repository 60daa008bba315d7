"""What is read from a schema."""

from __future__ import annotations

from graphql import build_schema

from suites.graphql.schema import crud, listing, nested, nesting, node_reader, unlimited

RELAY = """
type Query { me: User, item(id: ID!): Item, items(first: Int, after: String): Items! }
type Mutation {
  login(user: String!, password: String!): String
  createItem(input: ItemInput!): Item!
  updateItem(id: ID!, input: ItemPatch!): Item!
  deleteItem(id: ID!): ID!
}
type User { name: String!, items(first: Int): Items! }
type Item { id: ID!, name: String!, owner: User! }
type Items { edges: [Edge!]! }
type Edge { node: Item! }
input ItemInput { name: String!, kind: Kind!, n: Int }
input ItemPatch { name: String }
enum Kind { BOOK PEN }
"""
PAYLOADS = """
type Query { tag(tagId: ID!): Tag, tags: [Tag!]! }
type Mutation { tagCreate(title: String!): Created, tagDelete(tagId: ID!): Deleted, addPost(author: ID!): Tag }
type Created { tag: Tag, ok: Boolean }
type Deleted { ok: Boolean }
type Tag { id: ID!, title: String }
"""


def test_a_type_with_create_read_update_and_delete() -> None:
    found = crud(build_schema(RELAY), "T")
    assert found is not None
    assert (found.type, found.create, found.remove, found.read) == (
        "Item",
        "createItem",
        "deleteItem",
        "item",
    )
    assert found.values == {"input": {"name": "T", "kind": "BOOK"}}
    assert (found.kept, found.text, found.removed) == ((), "name", "")
    assert found.update == ("updateItem", "id", {"input": {"name": "T"}})


def test_payloads_are_looked_into() -> None:
    found = crud(build_schema(PAYLOADS), "T")
    assert found is not None
    assert (found.create, found.kept, found.values) == ("tagCreate", ("tag",), {"title": "T"})
    assert (found.remove, found.remove_id, found.removed) == ("tagDelete", "tagId", "{ __typename }")
    assert found.update is None


def test_nothing_is_created_that_cannot_be_removed() -> None:
    kept = RELAY.replace("deleteItem(id: ID!): ID!", "deleteAll: Boolean")
    assert crud(build_schema(kept), "T") is None


def test_nothing_is_created_that_refers_to_something_else() -> None:
    assert crud(build_schema(RELAY.replace("kind: Kind!", "shop: ID!")), "T") is None


def test_a_way_to_nest_asks_for_one_item() -> None:
    way = nesting(build_schema(RELAY))
    assert way is not None
    text = nested(*way, 6)
    assert text.count("{") == text.count("}")
    assert text.count("items(first: 1)") >= 2
    assert nesting(build_schema(PAYLOADS)) is None


def test_lists() -> None:
    assert listing(build_schema(RELAY), "Item") == (("items", "edges"), "{ node { id } }")
    assert listing(build_schema(PAYLOADS), "Tag") == (("tags",), "{ id }")
    assert unlimited(build_schema(PAYLOADS)) == ["tags"]
    assert unlimited(build_schema(RELAY)) == []


NODES = """
interface Node { id: ID! }
type Task implements Node { id: ID!, title: String! }
type Note { id: ID!, title: String! }
union Any = Note | Task
type Query { nodes(ids: [ID!]!): [Node]!, %s }
"""


def test_the_query_for_objects_of_any_type() -> None:
    schema = build_schema(NODES % "node(id: ID!): Node")
    assert node_reader(schema, "Task") == ("node", "id")
    assert node_reader(schema, "Note") is None
    assert node_reader(schema, "Nothing") is None
    assert node_reader(build_schema(NODES % "find(anyId: ID): Any"), "Note") == ("find", "anyId")
    assert node_reader(build_schema(NODES % "find(text: String!): Any"), "Note") is None
