"""Surveys of APIs whose items are created by PUT at a path that the client chooses."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest

from harness.profile import additions
from harness.profile.models import State
from harness.profile.resource import SHOWN
from harness.survey.infer.repair import repaired
from harness.survey.openapi.document import parse
from harness.survey.openapi.resources import resources
from tests.servers import Answer, Seen, http
from tests.survey.surveying import described, surveyed


@dataclass
class Shelf:
    """Items that PUT creates below a path.

    Attributes:
        root: of the items' paths.
        listed: whether GET of the root lists them.
        form: what an id must be: a `word` or a `number`.
        creates: whether PUT creates at all.
        own: member of an item that must be the id in its path; empty for none.
        options: whether OPTIONS of an item, there or not, names PUT.
    """

    root: str = "/things"
    listed: bool = False
    form: str = "word"
    creates: bool = True
    own: str = "name"
    options: bool = False
    document: dict[str, Any] | None = None
    items: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __call__(self, seen: Seen) -> Answer:
        if self.options and seen.method == "OPTIONS" and seen.path.startswith(f"{self.root}/"):
            return Answer(204, b"", [("Allow", "DELETE, GET, HEAD, OPTIONS, PUT")])
        status, value = self._answer(seen.method, seen.path.partition("?")[0], seen.body)
        body = b"" if value is None else json.dumps(value).encode()
        return Answer(status, body, [("Content-Type", "application/json")])

    def _answer(self, method: str, path: str, content: bytes) -> tuple[int, Any]:
        if path == "/openapi.json" and self.document is not None:
            return 200, self.document
        if path == self.root and self.listed:
            return (200, list(self.items.values())) if method in ("GET", "HEAD") else (405, {})
        above, _, id = path.rpartition("/")
        if above != self.root or not id:
            return 404, {"detail": "no such path"}
        if method == "PUT":
            return self._put(id, content)
        if id not in self.items:
            return 404, {"detail": "no such item"}
        if method == "DELETE":
            del self.items[id]
            return 204, None
        return (200, self.items[id]) if method in ("GET", "HEAD") else (405, {})

    def _put(self, id: str, content: bytes) -> tuple[int, Any]:
        new = id not in self.items
        if new and not self.creates:
            return 404, {"detail": "no such item"}
        if id.isdigit() is not (self.form == "number"):
            return 400, {"detail": "no valid id"}
        try:
            sent = json.loads(content)
        except ValueError:
            return 400, {"detail": "not JSON"}
        if self.own and str(sent.get(self.own, id)) != id:
            return 400, {"detail": f"{self.own} is not {id}"}
        self.items[id] = {**sent, self.own: id} if self.own else sent
        return (201, self.items[id]) if new else (200, self.items[id])


def placed(
    path: str, parameters: dict[str, dict[str, Any]], *, status: str = "201", listed: bool = False
) -> Any:
    """A document of items at a path, which PUT creates."""
    members = {"name": {"type": "string"}, "note": {"type": "string"}}
    schema = {"type": "object", "properties": members, "required": ["note"]}
    content = {"application/json": {"schema": schema}}
    shown = {"responses": {"200": {"description": "", "content": content}}}
    item: dict[str, Any] = {
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": one} for name, one in parameters.items()
        ],
        "get": shown,
        "put": {
            "requestBody": {"content": content},
            "responses": {status: {"description": "", "content": content}},
        },
        "delete": {"responses": {"204": {"description": ""}}},
    }
    document = described()
    document["paths"][path] = item
    if listed:
        several = {"application/json": {"schema": {"type": "array", "items": schema}}}
        document["paths"][path.rpartition("/")[0]] = {
            "get": {"responses": {"200": {"description": "", "content": several}}}
        }
    return document


class TestDocuments:
    def test_items_without_a_collection_are_found_and_created(self) -> None:
        api = Shelf(
            document=placed("/things/{name}", {"name": {"type": "string", "pattern": "^[a-z][a-z0-9]*$"}})
        )
        with http(api) as server:
            found = surveyed(server.url)
        (one,) = found.profile.resources
        assert (one.collection, one.item, one.create_method) == ("/things", "/things/{id}", "PUT")
        assert one.capabilities["create"].state is State.DECLARED
        assert {
            name for name in ("create", "read", "replace", "delete", "tag") if one.missing(name) is None
        } == {*("create", "read", "replace", "delete", "tag")}
        assert one.id == "/name"
        assert "POST" not in server.methods
        assert not api.items
        assert not found.leftovers

    @pytest.mark.parametrize(
        "said", [{}, {"summary": "Create or replace a thing"}, {"operationId": "upsertThing"}]
    )
    def test_only_a_put_that_is_said_to_create_is_tried(self, said: dict[str, str]) -> None:
        document = placed("/things/{name}", {"name": {"type": "string"}}, status="200", listed=True)
        document["paths"]["/things/{name}"]["put"] |= said
        api = Shelf(document=document, listed=True)
        with http(api) as server:
            found = surveyed(server.url)
        (one,) = found.profile.resources
        assert (one.missing("create") is None) is bool(said)
        assert ("PUT" in server.methods) is bool(said)
        assert not api.items

    def test_a_put_that_creates_nothing_contradicts_the_document(self) -> None:
        api = Shelf(document=placed("/things/{name}", {"name": {"type": "string"}}), creates=False)
        with http(api) as server:
            found = surveyed(server.url)
        (one,) = found.profile.resources
        assert one.capabilities["create"].state is State.CONTRADICTED
        assert one.put_creates is False

    def test_the_first_part_of_a_key_gets_one_value(self) -> None:
        parameters = {"section": {"type": "string"}, "number": {"type": "integer"}}
        root = "/shelves/t0123456789abcd"
        api = Shelf(
            root=root, form="number", own="", document=placed("/shelves/{section}/{number}", parameters)
        )
        with http(api) as server:
            found = surveyed(server.url)
        (one,) = found.profile.resources
        assert (one.collection, one.name, one.new_id) == (root, "shelves", "number")
        assert one.missing("create") is None
        assert not api.items

    def test_ids_that_are_listed_are_not_new(self) -> None:
        api = Shelf(document=placed("/things/{name}", {"name": {"enum": ["a", "b"]}}))
        with http(api) as server:
            found = surveyed(server.url)
        (one,) = found.profile.resources
        assert one.missing("create") == "create: OpenAPI: the ids in PUT /things/{id} are not free to choose"
        assert "PUT" not in server.methods

    def test_a_put_without_content_is_no_create(self) -> None:
        document = placed("/things/{name}", {"name": {"type": "string"}}, listed=True)
        del document["paths"]["/things/{name}"]["put"]["requestBody"]
        api = Shelf(document=document, listed=True)
        with http(api) as server:
            found = surveyed(server.url)
        assert "PUT" not in server.methods
        assert found.profile.resources[0].create_method == "POST"


class TestAllow:
    """Nothing declares how items are created, and POST is refused."""

    PROFILE: ClassVar = {"resources": [{"collection": "/things"}]}

    @pytest.mark.parametrize("form", ["word", "number"])
    def test_an_absent_item_that_takes_put_is_created_by_it(self, form: str) -> None:
        api = Shelf(form=form, listed=True, options=True)
        there = {"7" if form == "number" else "seven": {"name": "seven", "size": 1}}
        api.items.update(there)
        with http(api) as server:
            found = surveyed(server.url, profile=self.PROFILE, openapi=False)
        (one,) = found.profile.resources
        assert one.create_method == "PUT"
        assert [one.missing(need) for need in ("create", "read", "delete")] == [None] * 3
        assert api.items == there
        assert not found.leftovers
        assert not [seen for seen in server.seen if seen.method == "PUT" and "seven" in seen.path]

    def test_without_that_sign_nothing_is_put(self) -> None:
        with http(Shelf(listed=True)) as server:
            found = surveyed(server.url, profile=self.PROFILE, openapi=False)
        assert "PUT" not in server.methods
        assert found.profile.resources[0].create_method == "POST"

    def test_where_put_creates_nothing_one_line_says_what_to_give(self) -> None:
        api = Shelf(listed=True, options=True, creates=False)
        with http(api) as server:
            found = surveyed(server.url, profile=self.PROFILE, openapi=False)
        assert found.profile.resources[0].create_method == "POST"
        (line,) = [line for line in found.warnings if "PUT" in line]
        assert "--resource 'PUT /things/{key}' --body 'things={...}'" in line


class TestOptions:
    @pytest.mark.parametrize("form", ["word", "number"])
    @pytest.mark.parametrize("listed", [True, False])
    def test_the_form_of_ids_is_found(self, form: str, listed: bool) -> None:
        api = Shelf(form=form, listed=listed)
        table = additions.resource("PUT /things/{name}")
        with http(api) as server:
            found = surveyed(server.url, profile={"resources": [table]}, openapi=False)
        (one,) = found.profile.resources
        assert one.id == "/name"
        assert one.missing("read") is None
        assert one.missing("delete") is None
        assert (one.missing("list") is None) is listed
        assert not api.items
        assert not found.leftovers


def test_a_member_that_only_responses_describe_gets_their_example() -> None:
    document = described("/things", body={"type": "object", "properties": {"data": {"type": "string"}}})
    shown = {"properties": {"id": {"type": "string"}, "storage": {"type": "string", "example": "local"}}}
    enveloped = {"type": "object", "properties": {"data": {"type": "object", **shown}}}
    content = {"application/json": {"schema": enveloped}}
    document["paths"]["/things"]["post"]["responses"] = {"200": {"description": "", "content": content}}
    (one,) = resources(parse(json.dumps(document).encode(), "d"), "")
    assert one.create_schema is not None
    assert one.create_schema[SHOWN] == {"storage": "local"}
    refusal = {"errors": [{"message": "storage is required", "extensions": {"field": "storage"}}]}
    assert repaired(one, {"data": "x"}, refusal) == {"data": "x", "storage": "local"}


@pytest.mark.parametrize(
    ("encoding", "repeated"),
    [({}, ["to"]), ({"to": {"style": "deepObject"}}, []), ({"to": {"explode": False}}, [])],
)
def test_arrays_of_forms_repeat_their_name(encoding: dict[str, Any], repeated: list[str]) -> None:
    document = described("/mails")
    members = {"to": {"type": "array", "items": {"type": "string"}}, "text": {"type": "string"}}
    media = {"schema": {"type": "object", "properties": members}, "encoding": encoding}
    document["paths"]["/mails"]["post"]["requestBody"] = {
        "content": {"application/x-www-form-urlencoded": media}
    }
    (one,) = resources(parse(json.dumps(document).encode(), "d"), "")
    assert one.repeated == repeated
