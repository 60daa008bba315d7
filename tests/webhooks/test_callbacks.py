"""A whole run on an API whose creates each take a receiver, as its OpenAPI document says in `callbacks`."""

from __future__ import annotations

import json
import secrets
from typing import Any

import pytest

from harness.reference.webhook_sender import Sender, Subscription
from harness.rules.verdict import Verdict
from tests import servers
from tests.matrix.trials import listing, run_of
from tests.servers import Answer, Crud, Seen
from tests.webhooks.test_runs import HOOK, verdicts

DONE = {"type": "object", "required": ["thing"], "properties": {"thing": {"type": "string"}}}
THING = {
    "type": "object",
    "required": ["name", "callbackUrl"],
    "properties": {"name": {"type": "string"}, "callbackUrl": {"type": "string", "format": "uri"}},
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Things", "version": "1"},
    "paths": {
        "/things": {
            "get": {"responses": {"200": {"description": "all"}}},
            "post": {
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": THING,
                            "example": {"name": "a", "callbackUrl": "http://127.0.0.1:9/none"},
                        }
                    }
                },
                "responses": {"201": {"description": "made"}},
                "callbacks": {
                    "done": {
                        "{$request.body#/callbackUrl}/done": {
                            "post": {"requestBody": {"content": {"application/json": {"schema": DONE}}}}
                        }
                    }
                },
            },
        },
        "/things/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {"responses": {"200": {"description": "one"}}},
            "delete": {"responses": {"204": {"description": "gone"}}},
        },
    },
}


class Thin(Sender):
    """The content has no id and no type, and nothing is signed: the URL tells what it is about."""

    def envelope(self, event):
        return event["data"]

    def fields(self, subscription, event, content):
        return {}


class Things(Crud):
    """Each create is answered, and then told to the URL that it brought."""

    thing = "thing"

    def __call__(self, seen: Seen) -> Answer | None:
        if seen.path == "/openapi.json":
            return Answer(200, json.dumps(DOCUMENT).encode(), [("Content-Type", "application/json")])
        answer = super().__call__(seen)
        if seen.method == "POST" and answer is not None and answer.status == 201:
            sent = json.loads(seen.body)
            where = Subscription(secrets.token_hex(4), "", f"{sent['callbackUrl']}/done", [])
            Thin().publish(where, {"id": "1", "data": {self.thing: json.loads(answer.body)["id"]}})
        return answer


@pytest.mark.parametrize("thing", ["thing", "thingId"], ids=["as documented", "another member"])
def test_each_create_has_a_receiver_of_its_own(thing):
    api = Things()
    api.thing = thing
    with servers.http(api) as server:
        report = run_of(HOOK, server.url, "--effects", "write", profile='openapi = "/openapi.json"\n')
    found = verdicts(report)
    expected = Verdict.PASS if thing == "thing" else Verdict.FAIL
    assert found["HOOK-013"] is expected, listing(report.findings)
    for code in ("HOOK-003", "HOOK-006", "HOOK-008"):
        assert found[code] is Verdict.PASS, listing(report.findings)
    for code in ("HOOK-001", "HOOK-004", "HOOK-009"):
        assert found[code] is Verdict.NOT_APPLICABLE, listing(report.findings)
    broken = {code for code, verdict in found.items() if verdict in (Verdict.FAIL, Verdict.WARN)}
    assert broken == ({"HOOK-013"} if expected is Verdict.FAIL else set()), listing(report.findings)
    assert not api.items
