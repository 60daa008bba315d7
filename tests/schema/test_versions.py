"""What a create says about the version of an item, on a real server."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.rules.verdict import Verdict
from tests.matrix.trials import listing, run_of
from tests.servers import Answer, Crud, Seen, http

SCHEMA = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string", "maxLength": 80}, "version": {"type": "integer"}},
}
CONTENT = {"content": {"application/json": {"schema": SCHEMA}}}
DONE = {"responses": {"default": {"description": "An answer."}}}
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Things", "version": "1"},
    "paths": {
        "/things": {"get": DONE, "post": {"requestBody": {"required": True, **CONTENT}, **DONE}},
        "/things/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": DONE,
            "put": {"requestBody": {"required": True, **CONTENT}, **DONE},
            "delete": DONE,
        },
    },
}
PROFILE = """
[[resources]]
collection = "/things"
body = {name = "a thing of ours", version = 1}
change = "/name"
[resources.locking]
version = "/version"
"""


class Counting(Crud):
    """Each item has a version, which the server counts.

    Args:
        takes: whether a create stores the version that it is sent.
    """

    def __init__(self, *, takes: bool) -> None:
        super().__init__()
        self.takes = takes

    def __call__(self, seen: Seen) -> Answer | None:
        if seen.path == "/openapi.json":
            return Answer(200, json.dumps(DOCUMENT).encode(), [("Content-Type", "application/json")])
        return super().__call__(seen)

    def _answer(self, seen: Seen) -> tuple[int, Any, list[tuple[str, str]]]:
        before = self.items.get(seen.path.removeprefix("/things/"), {})
        sent = json.loads(seen.body) if seen.method == "PUT" else {}
        if before and sent and sent.get("version") != before["version"]:
            return 409, {"error": "it has changed"}, []
        if before and sent and not isinstance(sent.get("name"), str):
            return 422, {"error": "the name is no text"}, []
        status, value, fields = super()._answer(seen)
        if isinstance(value, dict) and "id" in value and seen.method in ("POST", "PUT"):
            if seen.method == "PUT" or not self.takes:
                value["version"] = before.get("version", 0) + 1
            if len(value["name"]) > 80:
                del self.items[value["id"]]
                return 422, {"error": "the name is too long"}, []
        return status, value, fields


@pytest.mark.parametrize(
    ("takes", "verdict"), [(False, Verdict.PASS), (True, Verdict.WARN)], ids=["the server's", "the client's"]
)
def test_a_create_may_say_anything_about_a_version_that_the_server_sets(takes, verdict):
    with http(Counting(takes=takes)) as server:
        report = run_of(["SCH-004"], server.url, "--effects", "write", profile=PROFILE)
    (finding,) = report.findings
    assert finding.verdict is verdict, listing(report.findings)
