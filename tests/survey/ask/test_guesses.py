"""Guesses that the target's responses correct: envelopes, members, ids, slashes, media types."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from harness.profile.models import State
from harness.rules.rule import Effect
from harness.survey.nothing_found import nothing_found
from tests.servers import Answer, Seen, http
from tests.survey.surveying import surveyed

JSON_API = "application/vnd.api+json"


@dataclass
class Tasks:
    """Tasks with a title, in a list that is named like the collection.

    Attributes:
        envelope: of an item, when it is sent and when it is shown; empty for none.
        silent: whether a create answers with Location alone.
        slash: whether only URLs with a slash at their end are served.
        media: the only media type that GET serves; any if empty.
    """

    envelope: str = ""
    silent: bool = False
    slash: bool = False
    media: str = ""
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    made: int = 0

    def __call__(self, seen: Seen) -> Answer:
        path = seen.path.partition("?")[0]
        if self.slash and path.startswith("/tasks") and not path.endswith("/"):
            return Answer(301, b"", [("Location", f"{path}/")])
        if self.media and seen.method == "GET" and self.media not in (seen.field("accept") or ""):
            return Answer(406, json.dumps({"detail": f"only {self.media}"}).encode(), self.kind)
        status, value, more = self._answer(seen.method, path.rstrip("/"), seen.body)
        body = b"" if value is None else json.dumps(value).encode()
        return Answer(status, body, [*self.kind, *more])

    @property
    def kind(self) -> list[tuple[str, str]]:
        return [("Content-Type", self.media or "application/json")]

    def _answer(self, method: str, path: str, content: bytes) -> tuple[int, Any, list[tuple[str, str]]]:
        if path == "/tasks" and method == "GET":
            return 200, {"tasks": list(self.items.values())}, []
        if path == "/tasks" and method == "POST":
            sent = self._sent(content)
            if sent is None:
                return 422, {"title": "Invalid", "description": "'title' is required, and a string"}, []
            self.made += 1
            key = f"k{self.made}"
            self.items[key] = {"key": key, "title": sent["title"]}
            location = [("Location", f"/tasks/{key}")]
            return 201, None if self.silent else self._shown(key), location
        key = path.removeprefix("/tasks/")
        if key not in self.items:
            return 404, {"detail": "nothing here"}, []
        if method == "DELETE":
            del self.items[key]
            return 204, None, []
        return (200, self._shown(key), []) if method in ("GET", "HEAD") else (405, {}, [])

    def _shown(self, key: str) -> dict[str, Any]:
        return {self.envelope: self.items[key]} if self.envelope else self.items[key]

    def _sent(self, content: bytes) -> dict[str, Any] | None:
        try:
            value = json.loads(content)
        except ValueError:
            return None
        inside = value.get(self.envelope) if self.envelope else value
        return inside if isinstance(inside, dict) and isinstance(inside.get("title"), str) else None


TABLE = {"resources": [{"collection": "/tasks"}]}


def test_an_envelope_that_only_the_list_suggests_is_dropped() -> None:
    api = Tasks(silent=True)
    with http(api) as server:
        found = surveyed(server.url, profile=TABLE)
    (one,) = found.profile.resources
    assert one.missing("create") is None
    assert (one.representation, one.id) == ("", "/key")
    assert not api.items


def test_members_that_the_api_ignores_are_left_out_and_the_others_carry_the_token() -> None:
    api = Tasks(envelope="task")
    with http(api) as server:
        found = surveyed(server.url, profile=TABLE)
    (one,) = found.profile.resources
    assert one.representation == "/task"
    assert one.body is not None
    assert set(one.body["task"]) == {"title"}
    assert one.capabilities["tag"].state is State.DETECTED
    assert not api.items
    assert not found.leftovers


def test_a_slash_at_the_end_of_items_is_found() -> None:
    api = Tasks(slash=True)
    with http(api) as server:
        found = surveyed(server.url, profile={"resources": [{"collection": "/tasks/"}]})
    (one,) = found.profile.resources
    assert one.item == "/tasks/{id}/"
    assert one.missing("read") is None
    assert not api.items


def test_the_media_type_that_a_refused_list_names_is_requested() -> None:
    with http(Tasks(media=JSON_API, items={"k": {"key": "k", "title": "t"}})) as server:
        found = surveyed(server.url, Effect.READ, profile=TABLE)
    assert found.profile.accept == [JSON_API]
    assert found.profile.resources[0].missing("list") is None


def test_the_next_command_names_what_a_server_does_not_list() -> None:
    buckets = b"<ListAllMyBucketsResult><Buckets><Bucket><Name>b-1</Name></Bucket></Buckets></ListAllMyBucketsResult>"

    def store(seen: Seen) -> Answer:
        return Answer(200, buckets, [("Content-Type", "application/xml")])

    with http(store) as server:
        _, then = nothing_found(surveyed(server.url, Effect.READ))
        assert then.endswith(f"pytest --target-url {server.url} --resource 'PUT /b-1/{{key}}'")
    fields = [("Content-Type", "text/html"), ("Access-Control-Allow-Headers", "X-Parse-Application-Id")]
    with http(lambda seen: Answer(404, b"<!doctype html>", fields)) as server:
        _, then = nothing_found(surveyed(server.url, Effect.READ))
        assert then.endswith("--resource /classes/NAME")


def test_a_store_of_any_content_is_sent_no_malformed_json() -> None:
    kept: dict[str, tuple[bytes, str]] = {}

    def store(seen: Seen) -> Answer:
        path = seen.path.partition("?")[0]
        if seen.method == "PUT":
            kept[path] = seen.body, seen.field("content-type") or ""
            return Answer(200, b"")
        if path not in kept:
            return Answer(404, b"<Error/>", [("Content-Type", "application/xml")])
        if seen.method == "DELETE":
            del kept[path]
            return Answer(204)
        content, kind = kept[path]
        return Answer(200, content, [("Content-Type", kind)])

    table = {"collection": "/b", "create_method": "PUT"}
    with http(store) as server:
        found = surveyed(server.url, profile={"resources": [table]}, openapi=False)
    (one,) = found.profile.resources
    assert one.missing("create") is None
    assert "malformed JSON" not in {trigger.kind for trigger in found.triggers}
    assert not kept
