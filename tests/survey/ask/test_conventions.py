"""Conventions of frameworks on real sockets: the URL alone is given, and what the API can do is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from harness.profile.models import Resource
from harness.rules.rule import Effect
from harness.survey.infer.rpc_endpoints import takes_queries
from harness.survey.nothing_found import nothing_found, without_collections
from harness.survey.outcome import Survey
from harness.survey.suspicion import SOFT_DELETE
from tests.servers import Answer, Seen, http
from tests.survey.surveying import surveyed

Json = Any


@dataclass
class Store:
    """A collection in memory, with the conventions of one framework.

    Attributes:
        collection: its path.
        item: path of an item, with {id}.
        fault: what is wrong with a create body: the JSON of the refusal; None if nothing is.
        kept: the members that are kept of a body.
        shown: an item as it is read, of its id and its members.
        listed: the list, of the items as they are read.
        pages: other GET responses by path.
        archives: whether DELETE only marks an item.
        key: the id of an item by its members; a number that counts up if omitted.
        unfit: what is wrong with a PATCH of an item, by its id and the body; there is no PATCH if omitted.
    """

    collection: str
    item: str
    fault: Callable[[Json], Json | None] = lambda body: None
    kept: Callable[[Json], Json] = lambda body: body
    shown: Callable[[str, Json], Json] = lambda id, members: {"id": id, **members}
    listed: Callable[[list[Json]], Json] = lambda items: items
    pages: dict[str, Json] = field(default_factory=dict)
    archives: bool = False
    key: Callable[[Json], str] | None = None
    unfit: Callable[[str, Json], Json | None] | None = None
    items: dict[str, Json] = field(default_factory=dict)
    made: int = 0

    def __call__(self, seen: Seen) -> Answer:
        path = seen.path.partition("?")[0]
        if seen.method == "GET" and path in self.pages:
            page = self.pages[path]
            return page if isinstance(page, Answer) else answer(200, page)
        if path == self.collection:
            return self._collection(seen)
        head, _, tail = self.item.partition("{id}")
        id = path.removeprefix(head).removesuffix(tail)
        if not path.startswith(head) or not path.endswith(tail) or id not in self.items:
            return answer(404, {"message": "nothing here"})
        if seen.method == "DELETE":
            if self.archives:
                self.items[id] = {**self.items[id], "archived": True}
            else:
                del self.items[id]
            return Answer(204)
        if seen.method in ("GET", "HEAD"):
            return answer(200, self.shown(id, self.items[id]))
        if seen.method == "PATCH" and self.unfit is not None:
            body = json.loads(seen.body)
            if (fault := self.unfit(id, body)) is not None:
                return answer(409, fault)
            self.items[id] = {**self.items[id], **self.kept(body)}
            return answer(200, self.shown(id, self.items[id]))
        return answer(405, {"message": "no"}, ("Allow", "DELETE, GET, HEAD"))

    def _collection(self, seen: Seen) -> Answer:
        if seen.method == "GET":
            there = [self.shown(id, one) for id, one in self.items.items() if not one.get("archived")]
            return answer(200, self.listed(there))
        if seen.method != "POST":
            return answer(405, {"message": "no"}, ("Allow", "GET, POST"))
        try:
            body = json.loads(seen.body)
        except ValueError:
            return answer(400, {"message": "malformed JSON"})
        if (fault := self.fault(body)) is not None:
            return answer(400, fault)
        members = self.kept(body)
        self.made += 1
        id = str(self.made) if self.key is None else self.key(members)
        if id in self.items:
            return answer(409, {"message": "there is one already"})
        self.items[id] = members
        return answer(201, self.shown(id, members), ("Location", self.item.replace("{id}", id)))


def answer(status: int, value: Json, *fields: tuple[str, str]) -> Answer:
    return Answer(status, json.dumps(value).encode(), [("Content-Type", "application/json"), *fields])


def only(store: Store, **given: Any) -> tuple[Resource, Survey]:
    """The one resource that a survey finds; everything that it created is gone."""
    with http(store) as server:
        found = surveyed(server.url, **given)
    (one,) = found.profile.resources
    assert not found.leftovers
    return one, found


def test_rails_names_the_root_that_a_body_lacks() -> None:
    def fault(body: Json) -> Json:
        inside = body.get("article") if isinstance(body, dict) else None
        if not isinstance(inside, dict):
            return {
                "status": 400,
                "error": "param is missing or the value is empty or invalid: article",
            }
        return None if isinstance(inside.get("title"), str) else {"title": ["can't be blank"]}

    store = Store(
        "/articles.json",
        "/articles/{id}.json",
        fault,
        kept=lambda body: {"title": body["article"]["title"]},
        shown=lambda id, one: {"id": int(id), **one, "url": f"/articles/{id}.json"},
    )
    one, _ = only(store, profile={"resources": [{"collection": "/articles.json"}]})
    assert one.missing("create") is None
    assert (one.representation, one.within, one.item) == ("", "/article", "/articles/{id}.json")
    assert one.capabilities["tag"].there
    assert not store.items


def test_phoenix_has_one_envelope_in_bodies_and_another_in_responses() -> None:
    def fault(body: Json) -> Json:
        inside = body.get("product") if isinstance(body, dict) else None
        if not isinstance(inside, dict):
            return {"errors": {"product": ["can't be blank"]}}
        return None if isinstance(inside.get("title"), str) else {"errors": {"title": ["can't be blank"]}}

    store = Store(
        "/products",
        "/products/{id}",
        fault,
        kept=lambda body: {"title": body["product"]["title"]},
        shown=lambda id, one: {"data": {"id": int(id), **one}},
        listed=lambda items: {"data": [one["data"] for one in items]},
    )
    one, _ = only(store, profile={"resources": [{"collection": "/products"}]})
    assert (one.representation, one.within, one.id) == ("/data", "/product", "/data/id")
    assert one.missing("create") is None
    assert one.capabilities["tag"].there
    assert not store.items


def test_strapi_lists_choices_without_quotes() -> None:
    def fault(body: Json) -> Json:
        inside = body.get("data") if isinstance(body, dict) else None
        if not isinstance(inside, dict):
            return {"data": None, "error": {"message": 'Missing "data" payload in the request body'}}
        faults = [
            {"path": [name], "message": text, "name": "ValidationError"}
            for name, text in (
                ("title", "title must be defined."),
                ("level", "level must be one of the following values: easy, hard"),
            )
            if (name == "level" and inside.get(name) not in ("easy", "hard")) or name not in inside
        ]
        return {"data": None, "error": {"message": "x", "details": {"errors": faults}}} if faults else None

    store = Store(
        "/lessons",
        "/lessons/{id}",
        fault,
        kept=lambda body: {name: body["data"][name] for name in ("title", "level")},
        shown=lambda id, one: {"data": {"id": int(id), **one}},
    )
    one, _ = only(store, profile={"resources": [{"collection": "/lessons"}]})
    assert one.missing("create") is None
    assert one.representation == "/data"
    assert one.body is not None
    assert one.body["data"]["level"] == "easy"
    assert not store.items


def test_members_may_be_deeper_in_responses_than_in_bodies() -> None:
    store = Store(
        "/lessons",
        "/lessons/{id}",
        lambda body: None if isinstance(body.get("data"), dict) else {"message": 'Missing "data" payload'},
        kept=lambda body: body["data"],
        shown=lambda id, one: {"data": {"id": int(id), "attributes": one}, "meta": {}},
        listed=lambda items: {
            "data": [one["data"] for one in items],
            "meta": {"pagination": {"page": 1, "pageSize": 25, "pageCount": 1, "total": len(items)}},
        },
    )
    one, _ = only(store, profile={"resources": [{"collection": "/lessons"}]})
    assert (one.representation, one.bare, one.within) == ("/data/attributes", True, "/data")
    assert (one.id, one.missing("create")) == ("/data/id", None)
    assert one.capabilities["tag"].there
    assert not store.items


def test_an_eve_collection_without_items_is_no_index() -> None:
    store = Store(
        "/people",
        "/people/{id}",
        lambda body: None if set(body) == {"name"} else {"_issues": {"size": "unknown field"}},
        shown=lambda id, one: {"_id": id, **one, "_links": {"self": {"href": f"people/{id}"}}},
        listed=lambda items: {
            "_items": items,
            "_links": {"self": {"href": "people"}, "parent": {"href": "/"}},
            "_meta": {"page": 1, "max_results": 25, "total": len(items)},
        },
        pages={"/": {"_links": {"child": [{"href": "people", "title": "people"}]}}},
    )
    one, _ = only(store)
    assert (one.collection, one.id, one.missing("create")) == ("/people", "/_id", None)


def test_features_are_found_behind_the_collections_of_an_ogc_api() -> None:
    def fault(body: Json) -> Json:
        sound = body.get("type") == "Feature" and "geometry" in body and "name" in body.get("properties", {})
        return None if sound else {"detail": "the body must be a GeoJSON Feature"}

    store = Store(
        "/collections/lakes/items",
        "/collections/lakes/items/{id}",
        fault,
        shown=lambda id, one: {"id": id, **one},
        listed=lambda items: {
            "type": "FeatureCollection",
            "features": items,
            "links": [{"rel": "self", "href": "/collections/lakes/items"}],
            "numberMatched": len(items),
        },
        pages={
            "/": {"links": [{"rel": "data", "href": "/collections"}]},
            "/collections": {
                "links": [{"rel": "self", "href": "/collections"}],
                "collections": [
                    {
                        "id": "lakes",
                        "links": [
                            {"rel": "self", "href": "/collections/lakes"},
                            {"rel": "items", "href": "/collections/lakes/items"},
                        ],
                    }
                ],
            },
        },
    )
    one, _ = only(store)
    assert (one.collection, one.representation) == ("/collections/lakes/items", "/properties")
    assert one.missing("create") is None
    assert not store.items


def test_a_server_that_names_one_fault_at_a_time_is_understood() -> None:
    wanted = {"displayName": str, "capacity": int, "openDate": str, "region": str}

    def fault(body: Json) -> Json:
        for name in body:
            if name not in wanted:
                return violation(
                    "", f'Invalid JSON payload received. Unknown name "{name}": Cannot find field.'
                )
        for name, kind in wanted.items():
            if name not in body:
                return violation(name, f"{name} must not be empty")
            if not isinstance(body[name], kind):
                return violation(name, "must be an integer greater than or equal to 10")
        if body["capacity"] < 10:
            return violation("capacity", "must be an integer greater than or equal to 10")
        if len(body["openDate"]) != len("2026-11-30"):
            return violation("openDate", "must be a date in the form YYYY-MM-DD")
        return None if body["region"] in ("EU", "US") else violation("region", "must be one of EU, US")

    store = Store("/shelves", "/shelves/{id}", fault, listed=lambda items: {"shelves": items})
    one, _ = only(store, profile={"resources": [{"collection": "/shelves"}]})
    assert one.missing("create") is None
    assert one.body is not None
    assert set(one.body) == set(wanted)


def violation(name: str, text: str) -> Json:
    """A refusal as google.rpc.BadRequest has it."""
    return {"error": {"code": 400, "details": [{"fieldViolations": [{"field": name, "description": text}]}]}}


def test_an_item_that_delete_marks_counts_as_removed() -> None:
    store = Store(
        "/contacts",
        "/contacts/{id}",
        shown=lambda id, one: {"id": id, "archived": False, **one},
        archives=True,
        pages={"/": {"contacts": "/contacts"}},
    )
    one, found = only(store)
    assert (one.soft_delete, one.missing("delete")) == ("/archived", None)
    assert [(fact.fact, fact.value) for fact in found.learnt if fact.fact == SOFT_DELETE] == [
        (SOFT_DELETE, "/archived")
    ]
    assert all(kept["archived"] for kept in store.items.values())


LINES = """<Edmx><Schema Namespace="S"><EntityType Name="Line">
<Key><PropertyRef Name="Order"/><PropertyRef Name="Lang"/></Key>
<Property Name="Order" Type="Edm.Int32" Nullable="false"/><Property Name="Lang" Type="Edm.String" Nullable="false"/>
<Property Name="Text" Type="Edm.String" Nullable="false"/></EntityType>
<EntityContainer Name="C"><EntitySet Name="Lines" EntityType="S.Line"/></EntityContainer></Schema></Edmx>"""


def test_an_odata_key_of_several_members_is_sent_and_found() -> None:
    def key(members: Json) -> str:
        return f"Order={members['Order']},Lang='{members['Lang']}'"

    service = {
        "@odata.context": "/$metadata",
        "value": [{"name": "Lines", "kind": "EntitySet", "url": "Lines"}],
    }
    store = Store(
        "/Lines",
        "/Lines({id})",
        lambda body: None if {"Order", "Lang", "Text"} <= set(body) else {"error": {"message": "incomplete"}},
        shown=lambda id, one: {"@odata.context": "/$metadata#Lines/$entity", **one},
        listed=lambda items: {"@odata.context": "/$metadata#Lines", "value": items},
        pages={
            "/": service,
            "/$metadata": Answer(200, LINES.encode(), [("Content-Type", "application/xml")]),
        },
        key=key,
    )
    one, _ = only(store)
    assert (one.id, one.item) == ("Order={/Order},Lang='{/Lang}'", "/Lines({id})")
    assert one.missing("create") is None
    assert one.missing("read") is None
    assert not store.items


def test_a_document_without_collections_leaves_its_own_rules() -> None:
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Rates", "version": "1"},
        "paths": {"/latest": {"get": {"responses": {"200": {"description": "rates"}}}}},
    }
    store = Store("/none", "/none/{id}", pages={"/openapi.json": document, "/latest": {"USD": 1.1}})
    with http(store) as server:
        found = surveyed(server.url, Effect.READ)
    without = without_collections(found)
    assert without is not None
    assert f"{server.url}/openapi.json declares none" in without


def test_graphql_at_its_usual_path_is_found() -> None:
    asks = answer(400, {"errors": [{"message": "Must provide query string."}]})
    with http(Store("/none", "/none/{id}", pages={"/graphql": asks})) as server:
        found = surveyed(server.url, Effect.READ)
    assert any(takes_queries(one, server.url) for one in found.exchanges)
    assert without_collections(found) is not None
    refused = answer(400, {"message": "no such path"})
    with http(Store("/none", "/none/{id}", pages={"/graphql": refused})) as server:
        found = surveyed(server.url, Effect.READ)
    assert not any(takes_queries(one, server.url) for one in found.exchanges)
    assert without_collections(found) is None


def test_the_next_command_makes_the_bucket_that_an_object_store_lacks() -> None:
    empty = Answer(200, b"<ListAllMyBucketsResult/>", [("Content-Type", "application/xml")])
    with http(Store("/none", "/none/{id}", pages={"/": empty, "": empty})) as server:
        found = surveyed(server.url, Effect.READ)
        assert without_collections(found) is None
        _, then = nothing_found(found)
        assert f"curl -X PUT {server.url}/conformance" in then
        assert then.endswith("--resource 'PUT /conformance/{key}'")


class JsonApi(Store):
    """A store whose content is all of the media type of JSON:API."""

    def __call__(self, seen: Seen) -> Answer:
        reply = super().__call__(seen)
        kept = [one for one in reply.fields if one[0] != "Content-Type"]
        reply.fields = [("Content-Type", "application/vnd.api+json"), *kept] if reply.body else kept
        return reply


def test_updates_of_json_api_name_the_item_that_they_change() -> None:
    def fault(body: Json) -> Json:
        data = body.get("data") if isinstance(body, dict) else None
        inside = data.get("attributes") if isinstance(data, dict) and data.get("type") == "book" else None
        fine = isinstance(inside, dict) and isinstance(inside.get("title"), str)
        where = {"source": {"pointer": "/data/attributes/title"}}
        return None if fine else {"errors": [{**where, "detail": "must be a string"}]}

    def unfit(id: str, body: Json) -> Json:
        data = body["data"]
        fine = (data.get("type"), data.get("id")) == ("book", id)
        return None if fine else {"errors": [{"detail": "type and id must be those of the URL"}]}

    store = JsonApi(
        "/books",
        "/books/{id}",
        fault,
        kept=lambda body: {"title": body["data"]["attributes"]["title"]},
        shown=lambda id, one: {"data": {"type": "book", "id": id, "attributes": one}},
        listed=lambda items: {"data": [one["data"] for one in items], "jsonapi": {"version": "1.1"}},
        items={"0": {"title": "Persuasion"}},
        unfit=unfit,
    )
    one, _ = only(store, profile={"resources": [{"collection": "/books"}]})
    assert one.representation == "/data/attributes"
    assert one.missing("update") is None
    assert store.items == {"0": {"title": "Persuasion"}}
