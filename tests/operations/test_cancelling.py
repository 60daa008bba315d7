"""Cancellation as a document or a profile has it: by POST, DELETE or PATCH."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import pytest

from harness.profile.models import LongRunningOperation
from harness.rules.verdict import Verdict
from harness.survey.openapi.cancels import Cancel
from suites.operations.starting import Cancellation, Operation, cancellation
from tests import servers
from tests.matrix.trials import listing, run_of
from tests.servers import Answer, Seen

TAKES = 1.0


def operation(**settings: Any) -> Operation:
    return Operation("POST /a", "", "/a", settings=LongRunningOperation(path="/a", **settings))


@pytest.mark.parametrize(
    ("settings", "documented", "expected"),
    [
        ({}, {"/jobs/{id}:cancel": ["POST"]}, Cancellation("POST", "/jobs/7:cancel")),
        ({}, {"/jobs/{id}/cancel": ["POST"]}, Cancellation("POST", "/jobs/7/cancel")),
        ({}, {"/jobs/{id}": ["DELETE"]}, None),
        ({"cancel": "DELETE"}, {}, Cancellation("DELETE", "/jobs/7", True)),
        (
            {"cancel": "PATCH", "cancel_body": {"status": "cancelled"}},
            {},
            Cancellation("PATCH", "/jobs/7", True, {"status": "cancelled"}, "application/merge-patch+json"),
        ),
        ({"cancel": "POST /x/{id}"}, {"/jobs/{id}/cancel": ["POST"]}, Cancellation("POST", "/x/7", True)),
    ],
)
def test_the_profile_comes_first_then_the_path_of_an_action(settings, documented, expected):
    assert cancellation(operation(**settings), "/jobs/7", documented) == expected


def test_then_what_the_document_says_of_the_monitor():
    found = [Cancel("DELETE", "/others/{id}"), Cancel("PATCH", "/jobs/{id}", {"status": "cancelled"})]
    assert cancellation(operation(), "/jobs/7", {}, found) == Cancellation(
        "PATCH", "/jobs/7", False, {"status": "cancelled"}
    )


def test_a_patch_without_a_body_is_a_mistake():
    with pytest.raises(ValueError, match="needs a `cancel_body`"):
        LongRunningOperation(path="/a", cancel="PATCH")


class Jobs:
    """Exports that take a while; PATCH or DELETE of one cancels it, as the document says.

    Attributes:
        method: that cancels.
        stubborn: whether the work goes on all the same.
    """

    def __init__(self, method: str, stubborn: bool) -> None:
        self.method, self.stubborn = method, stubborn
        self.begun: dict[str, float] = {}
        self.cancelled: dict[str, float] = {}

    def document(self) -> dict[str, Any]:
        status = {"type": "string", "enum": ["running", "cancelled", "succeeded"]}
        body = {"content": {"application/json": {"schema": {"properties": {"status": status}}}}}
        accepted = {"202": {"headers": {"Location": {"schema": {"type": "string"}}}}}
        cancel = {"summary": "Cancel an export", "responses": {"200": {"description": "Cancelled."}}}
        if self.method == "PATCH":
            cancel = {"requestBody": body, "responses": {"200": {"description": "Changed."}}}
        return {
            "openapi": "3.1.0",
            "info": {"title": "Exports", "version": "1"},
            "paths": {
                "/things": {"get": {"responses": {"200": {"description": "None."}}}},
                "/exports": {"post": {"responses": accepted}},
                "/operations/{id}": {
                    "parameters": [{"name": "id", "in": "path", "required": True}],
                    "get": {"responses": {"200": {"description": "One."}}},
                    self.method.lower(): cancel,
                },
            },
        }

    def shown(self, id: str) -> dict[str, str]:
        over = time.monotonic() > self.begun[id] + TAKES
        status = "succeeded" if over else "running"
        if id in self.cancelled and not (self.stubborn and over):
            status = "cancelled"
        return {"id": id, "status": status}

    def __call__(self, seen: Seen) -> Answer:
        path, id = seen.path.partition("?")[0], seen.path.rpartition("/")[2]
        status, value, fields = 404, {}, []
        if path == "/openapi.json":
            status, value = 200, self.document()
        elif path == "/things" and seen.method == "GET":
            status, value = 200, []
        elif (seen.method, path) == ("POST", "/exports"):
            id = uuid.uuid4().hex
            self.begun[id] = time.monotonic()
            status, value, fields = 202, self.shown(id), [("Location", f"/operations/{id}")]
        elif id in self.begun and seen.method == "GET":
            status, value = 200, self.shown(id)
        elif id in self.begun and seen.method == self.method:
            ended = self.shown(id)["status"] == "succeeded"
            if not ended:
                self.cancelled[id] = time.monotonic()
            status, value = 409 if ended else 200, self.shown(id)
        return Answer(status, json.dumps(value).encode(), [("Content-Type", "application/json"), *fields])


@pytest.mark.parametrize(
    ("method", "stubborn"), [("PATCH", False), ("DELETE", False), ("DELETE", True)], ids=str
)
def test_what_the_document_says_is_sent_and_its_effect_judged(method, stubborn):
    api = Jobs(method, stubborn)
    with servers.http(api) as server:
        report = run_of(["LRO-007"], server.url, "--effects", "write", profile='openapi = "/openapi.json"\n')
    (finding,) = report.findings
    assert finding.verdict is (Verdict.WARN if stubborn else Verdict.PASS), listing(report.findings)
    assert api.cancelled
