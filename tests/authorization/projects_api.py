"""A small API of two users: projects, tasks below them, notes that name one; what it forgets to check is chosen."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.servers import Answer, Seen

USERS = {"Bearer demo-token-alice": "alice", "Bearer demo-token-bob": "bob"}
MEMBERS = {"projects": ("name",), "tasks": ("title",), "notes": ("text", "project_id")}
_PATH = re.compile(
    r"(?:/projects/(?P<parent>[0-9a-f]+))?/(?P<kind>projects|tasks|notes)(?:/(?P<id>[0-9a-f]+))?"
)
TEXT = {"type": "string", "maxLength": 200}
NEST, LINK, SEARCH, COUNT, BALANCE = "nest", "link", "search", "count", "balance"
KEPT = "kept"
"""No fault: each client's lists are kept for longer than any rule waits, at each URL."""
MOVED, HEAD, ID, EXPORT, CACHE = "moved", "head", "id", "export", "cache"


class Projects:
    """Answers requests.

    Args:
        forgets: `nest` creates below any project, `link` takes any project's id, `search` and `count` are of all users,
            `balance` is set by whoever sends it, `moved` finds tasks below any project of the caller, `head` answers
            HEAD without asking whose the item is, `id` creates with the id that is sent, whosever that is, `export` is
            of all users, and `cache` keeps lists by their URL alone.
    """

    def __init__(self, forgets: Iterable[str] = ()) -> None:
        self.forgets = frozenset(forgets)
        self.cache: dict[str, Answer] = {}
        self.items: dict[str, dict[str, dict[str, Any]]] = {kind: {} for kind in MEMBERS}

    def respond(self, seen: Seen) -> Answer:
        path, query = urlsplit(seen.path).path, dict(parse_qsl(urlsplit(seen.path).query))
        if path == "/openapi.json":
            return answer(200, document())
        user = USERS.get(seen.field("authorization") or "")
        if user is None:
            return answer(401, {}, ("WWW-Authenticate", 'Bearer realm="projects", error="invalid_token"'))
        if path == "/notes/search":
            texts = self.mine("notes", None if SEARCH in self.forgets else user)
            return answer(200, {"notes": [one for one in texts if query.get("q", "") in one["text"]]})
        if path == "/projects/count":
            return answer(200, {"count": len(self.mine("projects", None if COUNT in self.forgets else user))})
        if path == "/notes/export":
            rows = self.mine("notes", None if EXPORT in self.forgets else user)
            lines = "".join(f"{one['id']},{len(one['text'])}\n" for one in rows)
            return Answer(200, f"id,length\n{lines}".encode(), [("Content-Type", "text/csv")])
        found = _PATH.fullmatch(path)
        if found is None or (found["kind"] == "tasks") != (found["parent"] is not None):
            return answer(404, {})
        parent = found["parent"]
        allowed = NEST in self.forgets and seen.method == "POST"
        if parent is not None and not (allowed or self.own("projects", parent, user)):
            return answer(404, {})
        return self.one(seen, user, found["kind"], found["id"], parent)

    def one(self, seen: Seen, user: str, kind: str, id: str | None, parent: str | None) -> Answer:
        """A request to a collection or an item."""
        if id is None and seen.method == "GET":
            listed = answer(200, [one for one in self.mine(kind, user) if one.get("project") == parent])
            place = seen.path if CACHE in self.forgets else f"{user} {seen.path}"
            return self.cache.setdefault(place, listed) if self.forgets & {CACHE, KEPT} else listed
        item = self.items[kind].get(id or "")
        if id is not None and (item is None or not self.may(seen.method, item, user, parent)):
            return answer(404, {})
        if item is not None and seen.method in ("GET", "HEAD"):
            return answer(200, item)
        if item is not None and seen.method == "DELETE":
            del self.items[kind][item["id"]]
            return Answer(204)
        if (seen.method == "POST") != (item is None) or seen.method not in ("POST", "PATCH"):
            return answer(405, {}, ("Allow", "GET, PATCH, DELETE" if id else "GET, POST"))
        try:
            sent = json.loads(seen.body)
        except ValueError:
            return answer(400, {})
        taken = (*MEMBERS[kind], "balance") if BALANCE in self.forgets else MEMBERS[kind]
        known = (
            {name: value for name, value in sent.items() if name in taken} if isinstance(sent, dict) else {}
        )
        named = known.get("project_id")
        there = (
            self.items["projects"].get(str(named))
            if LINK in self.forgets
            else self.own("projects", named, user)
        )
        if (item is None and MEMBERS[kind][0] not in known) or (named is not None and there is None):
            return answer(422, {})
        if item is None:
            id = str(sent.get("id")) if ID in self.forgets and "id" in sent else uuid.uuid4().hex
            item = {"id": id, "balance": 0, "owner": self.items[kind].get(id, {"owner": user})["owner"]}
            item |= {"project": parent} if parent is not None else {}
            self.items[kind][item["id"]] = item
        item.update(known)
        created = seen.method == "POST"
        return answer(
            201 if created else 200, item, *([("Location", f"{seen.path}/{item['id']}")] if created else [])
        )

    def may(self, method: str, item: dict[str, Any], user: str, parent: str | None) -> bool:
        """Whether a client may use an item, which is below one of its own where there is a parent."""
        if method == "HEAD" and HEAD in self.forgets:
            return True
        if parent is None:
            return bool(item["owner"] == user)
        return MOVED in self.forgets or item["project"] == parent

    def mine(self, kind: str, user: str | None) -> list[dict[str, Any]]:
        return [one for one in self.items[kind].values() if user in (None, one["owner"])]

    def own(self, kind: str, id: Any, user: str) -> dict[str, Any] | None:
        item = self.items[kind].get(str(id))
        return item if item is not None and item["owner"] == user else None


def answer(status: int, value: Any, *fields: tuple[str, str]) -> Answer:
    return Answer(status, json.dumps(value).encode(), [("Content-Type", "application/json"), *fields])


def document() -> dict[str, Any]:
    """The OpenAPI document."""

    def content(schema: Any, kind: str = "application/json") -> dict[str, Any]:
        return {"content": {kind: {"schema": schema}}}

    def response(status: str, schema: Any) -> dict[str, Any]:
        return {"responses": {status: {"description": "", **content(schema)}}}

    paths: dict[str, Any] = {}
    for kind, names in MEMBERS.items():
        sent: dict[str, Any] = {
            "type": "object",
            "required": [names[0]],
            "properties": dict.fromkeys(names, TEXT),
        }
        shown = {
            "type": "object",
            "properties": {
                "id": {**TEXT, "readOnly": True},
                **sent["properties"],
                "balance": {"type": "integer"},
            },
        }
        base = "/projects/{project}/tasks" if kind == "tasks" else f"/{kind}"
        above = (
            [{"name": "project", "in": "path", "required": True, "schema": TEXT}] if kind == "tasks" else []
        )
        listed = {"type": "array", "items": shown}
        create = {"requestBody": content(sent), **response("201", shown)}
        paths[base] = {"parameters": above, "get": response("200", listed), "post": create}
        patch = {"type": "object", "properties": sent["properties"]}
        paths[f"{base}/{{id}}"] = {
            "parameters": [*above, {"name": "id", "in": "path", "required": True, "schema": TEXT}],
            "get": response("200", shown),
            "patch": {
                "requestBody": content(patch, "application/merge-patch+json"),
                **response("200", shown),
            },
            "delete": {"responses": {"204": {"description": ""}}},
        }
    text = {"name": "q", "in": "query", "required": True, "schema": TEXT}
    paths["/notes/search"] = {"get": {"parameters": [text], **response("200", {"type": "object"})}}
    paths["/notes/export"] = {"get": {"responses": {"200": {"description": "", **content(TEXT, "text/csv")}}}}
    paths["/projects/count"] = {"get": response("200", {"type": "object"})}
    bearer = {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}}
    info = {"title": "Projects", "version": "1"}
    return {
        "openapi": "3.1.0",
        "info": info,
        "paths": paths,
        "security": [{"bearer": []}],
        "components": bearer,
    }
