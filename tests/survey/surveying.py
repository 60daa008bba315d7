"""Surveys of small servers, in this process, over real sockets."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from harness.client.budget import Budget
from harness.client.client import Client
from harness.client.recorder import Recorder
from harness.ledger.ledger import Ledger
from harness.profile.models import Profile
from harness.rules.rule import Effect
from harness.survey.ask.probe import survey
from harness.survey.outcome import Survey
from harness.target.target import Limits, Target, parse_url
from tests.servers import Answer, Seen


def surveyed(
    url: str,
    effects: Effect = Effect.WRITE,
    profile: dict[str, Any] | None = None,
    openapi: Any = None,
    budget: int = 1000,
) -> Survey:
    """What a survey finds; everything that it created is removed again."""
    client = Client.open(
        (target := Target(parse_url(url), limits=Limits(effects=effects, timeout=10.0))),
        Recorder(target, Budget(budget), "s"),
    )
    parents = Ledger()
    try:
        return survey(
            client, Profile.model_validate({"consistency_window": 0, **(profile or {})}), openapi, parents
        )
    finally:
        parents.clear()
        client.close()


@dataclass
class Api:
    """A JSON API of any collections, nested ones too, with knobs.

    Attributes:
        document: served at /openapi.json.
        prefix: path below which everything is served.
        natural: member by which a create finds an item again.
        lists: whether created items are listed.
        strict: members that a create must have, and may have.
    """

    collections: tuple[str, ...] = ("/things",)
    document: dict[str, Any] | None = None
    prefix: str = ""
    natural: str | None = None
    lists: bool = True
    strict: dict[str, str] = field(default_factory=dict)
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    made: int = 0

    def __call__(self, seen: Seen) -> Answer:
        status, value = self._answer(seen.method, seen.path.partition("?")[0], seen.body)
        body = b"" if value is None else json.dumps(value).encode()
        return Answer(status, body, [("Content-Type", "application/json")])

    def _answer(self, method: str, path: str, content: bytes) -> tuple[int, Any]:
        method = "GET" if method == "HEAD" else method
        if path == "/openapi.json":
            return (200, self.document) if self.document is not None else (404, {})
        if not path.startswith(self.prefix):
            return 404, {"detail": "no such path"}
        path = path.removeprefix(self.prefix)
        _, _, id = path.rpartition("/")
        if path in self.items:
            if method == "DELETE":
                del self.items[path]
                return 204, None
            if method == "PUT":
                self.items[path] = {**json.loads(content), "id": id}
            return (200, self.items[path]) if method in ("GET", "PUT") else (405, {})
        if not self._is_collection(path):
            return 404, {"detail": "nothing here"}
        own = [item for place, item in self.items.items() if place.rpartition("/")[0] == path]
        if method == "GET":
            return 200, {"items": own if self.lists else []}
        if method != "POST":
            return 405, {}
        try:
            sent = json.loads(content)
        except ValueError:
            return 400, {"detail": "not JSON"}
        wrong = [
            {"loc": ["body", name], "msg": "Field required", "type": "missing"}
            for name in self.strict
            if name not in sent
        ]
        wrong += [
            {"loc": ["body", name], "msg": "Extra inputs are not permitted", "type": "extra_forbidden"}
            for name in sent
            if self.strict and name not in self.strict
        ]
        if wrong:
            return 422, {"detail": wrong}
        for item in own:
            if self.natural is not None and item.get(self.natural) == sent.get(self.natural):
                return 200, item
        self.made += 1
        item = self.items[f"{path}/{self.made}"] = {**sent, "id": str(self.made)}
        return 201, item

    def _is_collection(self, path: str) -> bool:
        parts = path.split("/")
        return any(
            len(template.split("/")) == len(parts)
            and all(a == b or a.startswith("{") for a, b in zip(template.split("/"), parts, strict=True))
            and (len(parts) < 4 or "/".join(parts[:-1]) in self.items)
            for template in self.collections
        )


def described(*collections: str, body: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """An OpenAPI document of such collections."""
    schema = body or {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    content = {"application/json": {"schema": schema}}
    paths: dict[str, Any] = {}
    for path in collections:
        answer = {"responses": {"200": {"description": ""}}}
        paths[path] = {"get": answer, "post": {"requestBody": {"content": content}, **answer}}
        paths[f"{path}/{{own_id}}"] = {"get": answer, "put": {"requestBody": {"content": content}, **answer}}
        paths[f"{path}/{{own_id}}"]["delete"] = answer
    return {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": paths, **more}
