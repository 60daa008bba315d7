"""Surveys of servers whose responses have an envelope that requests lack, and of servers that take forms."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

import pytest

from tests.servers import Answer, Seen, http
from tests.survey.surveying import described, surveyed


class Enveloped:
    """Items in `{"data": ...}`; requests are naked JSON, or a form."""

    def __init__(
        self, *, form: bool = False, document: Any = None, location: bool = False, keeps: bool = False
    ) -> None:
        self.form, self.document, self.location, self.keeps = form, document, location, keeps
        self.items: dict[str, dict[str, Any]] = {}
        self.made = 0

    def __call__(self, seen: Seen) -> Answer:
        status, value, more = self._answer(seen)
        body = b"" if value is None else json.dumps(value).encode()
        return Answer(status, body, [("Content-Type", "application/json"), *more])

    def _answer(self, seen: Seen) -> tuple[int, Any, list[tuple[str, str]]]:
        path, method = seen.path.partition("?")[0], seen.method
        if path == "/openapi.json":
            return (200, self.document, []) if self.document is not None else (404, {}, [])
        if path in ("", "/"):
            return 200, {"things": "/things"}, []
        if path == "/things" and method in ("GET", "HEAD"):
            return 200, {"data": list(self.items.values())}, []
        if path == "/things" and method == "POST":
            sent = self._read(seen)
            if sent is None or not isinstance(sent.get("name"), str):
                return 422, {"errors": {"name": ["The name field is required."]}}, []
            self.made += 1
            item = self.items[str(self.made)] = {
                "id": self.made,
                "name": sent["name"],
                "size": sent.get("size"),
            }
            return 201, {"data": item}, [("Location", f"/things/{self.made}")] if self.location else []
        return self._of_item(seen, path.rpartition("/")[2], method)

    def _of_item(self, seen: Seen, id: str, method: str) -> tuple[int, Any, list[tuple[str, str]]]:
        if id not in self.items:
            return 404, {"message": "not found"}, []
        if method == "DELETE" and self.keeps:
            return 403, {"message": "You may not delete."}, []
        if method == "DELETE":
            del self.items[id]
            return 204, None, []
        if method == "PUT":
            sent = self._read(seen)
            if sent is None or "name" not in sent:
                return 422, {"errors": {"name": ["The name field is required."]}}, []
            self.items[id] |= {"name": sent["name"], "size": sent.get("size")}
        return (200, {"data": self.items[id]}, []) if method in ("GET", "PUT", "HEAD") else (405, {}, [])

    def _read(self, seen: Seen) -> dict[str, Any] | None:
        if self.form:
            named = seen.field("Content-Type") or ""
            return dict(parse_qsl(seen.body.decode())) if "urlencoded" in named else None
        try:
            value = json.loads(seen.body)
        except ValueError:
            return None
        return value if isinstance(value, dict) else None


@pytest.mark.parametrize("location", [False, True])
def test_an_envelope_that_only_responses_have(location: bool) -> None:
    api = Enveloped(location=location)
    with http(api) as server:
        found = surveyed(server.url)
    (known,) = found.profile.resources
    assert (known.representation, known.bare, known.id, known.items) == ("/data", True, "/data/id", "/data")
    assert known.body is not None
    assert "name" in known.body["data"]
    for need in ("create", "read", "replace", "tag"):
        assert known.missing(need) is None
    assert api.items == {}
    assert found.leftovers == []


def test_forms() -> None:
    schema = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    document = described("/things", body=schema)
    for path in document["paths"].values():
        for operation in path.values():
            content = operation.get("requestBody", {}).get("content", {})
            if "application/json" in content:
                content["application/x-www-form-urlencoded"] = content.pop("application/json")
    api = Enveloped(form=True, document=document)
    with http(api) as server:
        found = surveyed(server.url)
    (known,) = found.profile.resources
    assert known.media_type == "application/x-www-form-urlencoded"
    for need in ("create", "read", "replace", "tag"):
        assert known.missing(need) is None
    assert api.items == {}


def test_nothing_more_is_created_where_removals_are_refused() -> None:
    with http(Enveloped(keeps=True)) as server:
        found = surveyed(server.url)
    (known,) = found.profile.resources
    assert not known.capabilities["create"].there
    assert "what it creates stays" in known.capabilities["create"].because


class Books:
    """Books whose `author_id` must be the id of an author that exists; without a document."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {"/authors/70": {"id": 70, "name": "Ann"}}
        self.made = 100

    def __call__(self, seen: Seen) -> Answer:
        status, value = self._answer(seen)
        body = b"" if value is None else json.dumps(value).encode()
        return Answer(status, body, [("Content-Type", "application/json")])

    def _answer(self, seen: Seen) -> tuple[int, Any]:
        path, method = seen.path.partition("?")[0].rstrip("/"), seen.method
        if path == "":
            return 200, {"authors": "/authors", "books": "/books"}
        if path in ("/authors", "/books") and method == "GET":
            return 200, [one for place, one in self.items.items() if place.startswith(path)]
        if path in ("/authors", "/books") and method == "POST":
            return self._create(path, json.loads(seen.body))
        if path not in self.items:
            return 404, {}
        if method == "DELETE":
            del self.items[path]
            return 204, None
        return (200, self.items[path]) if method == "GET" else (405, {})

    def _create(self, path: str, sent: dict[str, Any]) -> tuple[int, Any]:
        if "name" not in sent:
            return 422, {"errors": [{"field": "name", "message": "is required"}]}
        if path == "/books" and f"/authors/{sent.get('author_id')}" not in self.items:
            what = "Invalid foreign key" if "author_id" in sent else "is required"
            return 422, {"errors": [{"field": "author_id", "message": what}]}
        self.made += 1
        item = self.items[f"{path}/{self.made}"] = {**sent, "id": self.made}
        return 201, item


def test_a_reference_gets_the_id_of_an_item_that_exists() -> None:
    api = Books()
    with http(api) as server:
        found = surveyed(server.url)
    books = next(one for one in found.profile.resources if one.name == "books")
    assert books.missing("create") is None
    assert books.body is not None
    assert isinstance(books.body["author_id"], int)
    assert list(api.items) == ["/authors/70"]
