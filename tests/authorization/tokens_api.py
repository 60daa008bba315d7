"""A small API whose clients send tokens of the demo's issuer, and the places where its keys should be."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from harness.reference.tokens import Tokens, issuer_keys
from tests.servers import Answer, Seen

OPAQUE = {"demo-token-alice": "alice", "demo-token-bob": "bob"}
KEYS = {"keys": issuer_keys().as_dict(private=False)["keys"]}


class Notes:
    """Answers requests: notes, for whoever has a valid token.

    Args:
        pages: further JSON, by path, for everybody.
        refusal: status for a token that is not valid.
        sessions: users by the cookie `session`; each response gives a session a new one, and earlier ones stay valid.
    """

    def __init__(
        self,
        pages: Mapping[str, Any] | None = None,
        refusal: int = 401,
        sessions: Mapping[str, str] | None = None,
    ) -> None:
        self.sessions = dict(sessions or {})
        self.pages = {"/openapi.json": document(), **(pages or {})}
        self.refusal = refusal
        self.notes: dict[str, dict[str, Any]] = {}

    def respond(self, seen: Seen) -> Answer:
        session = (seen.field("cookie") or "").removeprefix("session=")
        user = self.sessions.get(session)
        made = self.answered(seen, user)
        if user is not None:
            self.sessions[fresh := uuid.uuid4().hex] = user
            made.fields.append(("Set-Cookie", f"session={fresh}; Path=/; Secure; HttpOnly; SameSite=Lax"))
        return made

    def answered(self, seen: Seen, known: str | None) -> Answer:
        path = seen.path.partition("?")[0]
        if path in self.pages:
            return answer(200, placed(self.pages[path], f"http://{seen.field('host')}"))
        token = (seen.field("authorization") or "").removeprefix("Bearer ")
        user = known or OPAQUE.get(token) or Tokens().user(token)
        if user is None:
            challenge = ("WWW-Authenticate", 'Bearer realm="notes", error="invalid_token"')
            return answer(self.refusal, {"error": "token"}, *([challenge] if self.refusal == 401 else []))
        head, _, id = path.removeprefix("/").partition("/")
        note = self.notes.get(id)
        if head != "notes" or (id and (note is None or note["owner"] != user)):
            return answer(404, {"error": "absent"})
        if not id and seen.method == "GET":
            return answer(200, [one for one in self.notes.values() if one["owner"] == user])
        if not id and seen.method == "POST":
            return self.create(seen, user)
        if note is not None and seen.method == "GET":
            return answer(200, note)
        if note is not None and seen.method == "DELETE":
            del self.notes[id]
            return Answer(204)
        return answer(405, {"error": "method"}, ("Allow", "GET, DELETE" if id else "GET, POST"))

    def create(self, seen: Seen, user: str) -> Answer:
        try:
            text = json.loads(seen.body)["text"]
        except (ValueError, TypeError, KeyError):
            return answer(422, {"error": "text"})
        note = {"id": uuid.uuid4().hex, "text": text, "owner": user}
        self.notes[note["id"]] = note
        return answer(201, note, ("Location", f"/notes/{note['id']}"))


def placed(value: Any, origin: str) -> Any:
    """JSON with `{origin}` in its texts replaced."""
    return json.loads(json.dumps(value).replace("{origin}", origin))


def answer(status: int, value: Any, *fields: tuple[str, str]) -> Answer:
    return Answer(status, json.dumps(value).encode(), [("Content-Type", "application/json"), *fields])


def document() -> dict[str, Any]:
    text = {"type": "string", "minLength": 1, "maxLength": 200}
    content = {"content": {"application/json": {"schema": {"type": "object", "properties": {"text": text}}}}}
    id = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    plain = {"responses": {"200": {"description": "done", **content}}}
    body = {"required": True, "content": {"application/json": {"schema": new(text)}}}
    create = {"requestBody": body, "responses": {"201": {"description": "created", **content}}}
    gone = {"responses": {"204": {"description": "gone"}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "notes", "version": "1"},
        "security": [{"bearer": []}],
        "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
        "paths": {
            "/notes": {"get": plain, "post": create},
            "/notes/{id}": {"parameters": [id], "get": plain, "delete": gone},
        },
    }


def new(text: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": ["text"], "properties": {"text": text}}
