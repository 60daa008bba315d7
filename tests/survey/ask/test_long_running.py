"""Creates that are only accepted, batches, and deprecated operations: what answers say, and surveys of such servers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from harness.profile.models import State
from harness.resource.long_running import later
from harness.survey.openapi import resources
from harness.survey.openapi.promises import promises
from tests import servers
from tests.sessions import here
from tests.survey.surveying import Api, described, surveyed

pytest_plugins = ["pytester"]


def is_item(location: str) -> bool:
    return location.startswith("/things/")


@pytest.mark.parametrize(
    ("status", "fields", "value", "id", "shown"),
    [
        (202, {"Operation-Location": "/operations/9"}, {}, None, "Operation-Location: /operations/9"),
        (202, {"azure-asyncoperation": "/o/9"}, {"id": "7"}, "7", "Azure-AsyncOperation: /o/9"),
        (202, {"Location": "/operations/9"}, {"id": "9"}, "9", "Location: /operations/9"),
        (202, {}, {"status": "running"}, None, "neither an id nor Location"),
        (202, {}, None, None, "neither an id nor Location"),
        (200, {}, {"name": "operations/9", "done": False}, None, "the operation operations/9"),
        (202, {"Location": "/things/7"}, {}, None, None),
        (202, {}, {"id": "7"}, "7", None),
        (201, {"Operation-Location": "/operations/9"}, {"id": "7"}, "7", None),
        (201, {"Location": "/elsewhere/7"}, {"id": "7"}, "7", None),
        (201, {}, {"name": "mow the lawn", "done": False, "id": 7}, "7", None),
    ],
)
def test_what_tells_of_an_operation_instead_of_an_item(
    status: int, fields: dict[str, str], value: Any, id: str | None, shown: str | None
) -> None:
    assert later(status, fields, value, id, is_item) == shown


@dataclass
class Later(Api):
    """Accepts creates, and carries them out when somebody has looked at the list often enough.

    Attributes:
        monitor: what tells of the operation; the id of the item to be where it is empty.
        looks: requests for the list before a new item shows; 0 for at once.
    """

    monitor: str = "Location"
    looks: int = 2
    waiting: dict[str, list[Any]] = field(default_factory=dict)

    def __call__(self, seen: servers.Seen) -> servers.Answer:
        if seen.method == "GET" and seen.path.partition("?")[0] in self.collections:
            for path, pending in list(self.waiting.items()):
                pending[0] -= 1
                if pending[0] <= 0:
                    self.items[path] = self.waiting.pop(path)[1]
        if seen.path.startswith("/operations/"):
            return servers.Answer(200, b'{"status": "running"}', [("Content-Type", "application/json")])
        answer = super().__call__(seen)
        if seen.method != "POST" or answer.status != 201:
            return answer
        made = json.loads(answer.body)
        path = f"{seen.path}/{made['id']}"
        if self.looks:
            self.waiting[path] = [self.looks, self.items.pop(path)]
        if not self.monitor:
            return replace(answer, status=202)
        fields = [*answer.fields, (self.monitor, f"/operations/{made['id']}")]
        return servers.Answer(202, b'{"status": "running"}', fields)


@pytest.mark.parametrize("monitor", ["Location", "Operation-Location", ""])
def test_a_create_that_is_only_accepted_is_no_create_and_leaves_nothing(monitor: str) -> None:
    api = Later(document=described("/things"), monitor=monitor, looks=1)
    with servers.http(api) as server:
        found = surveyed(server.url)
    (things,) = found.profile.resources
    assert things.capabilities["long_running"].state is State.DETECTED
    assert things.capabilities["create"].state is State.ABSENT
    assert things.capabilities["create"].because.startswith(
        "OpenAPI: POST /things, but creates are long-running: POST"
    )
    assert found.suspicions == []
    assert things.capabilities["delete"].state is State.DECLARED
    assert (api.items, api.waiting) == ({}, {})


def test_an_item_that_is_there_at_once_is_created_whatever_the_status() -> None:
    api = Later(document=described("/things"), monitor="", looks=0)
    with servers.http(api) as server:
        (things,) = surveyed(server.url).profile.resources
    assert things.capabilities["create"].state is State.DECLARED
    assert not things.capabilities["long_running"].there
    assert api.items == {}


def test_rules_do_not_take_what_is_accepted_for_created(pytester: Any) -> None:
    api = Later(document=described("/things"))
    with servers.http(api) as server:
        files = {"conformance.toml": "consistency_window = 0\n"}
        done = here(
            pytester,
            "--target-url",
            server.url,
            "--effects",
            "write",
            "-k",
            "METH or DOC or PAGE",
            files=files,
        )
    shown = {one["rule"]: (one["verdict"], one["reason"]) for one in done.report["findings"]}
    broken = {code for code, (verdict, _) in shown.items() if verdict in ("fail", "warn", "advice", "error")}
    # The small server knows no OPTIONS, no method that is unknown, and no Allow field; its document lacks the 202.
    assert broken <= {"METH-015", "METH-016", "METH-017", "SCH-001"}
    assert shown["METH-013"][0] == "not applicable"
    assert "creates are long-running" in shown["METH-013"][1]
    assert (api.items, api.waiting) == ({}, {})


def test_documented_long_running_creates_and_batches() -> None:
    document = described("/things", "/plain")
    document["paths"]["/things"]["post"]["responses"] = {"202": {"description": ""}}
    for path in ("/things/batch", "/things:batchCreate", "/things/{id}/bulk", "/plain/_bulk"):
        document["paths"][path] = {"post": {"responses": {}}}
    plain, things = resources.resources(document, "")
    assert things.capabilities["long_running"].because == "OpenAPI: POST /things is answered 202"
    assert things.capabilities["batch"].because == "OpenAPI: POST /things:batchCreate"
    assert plain.capabilities["batch"].because == "OpenAPI: POST /plain/_bulk"
    assert "long_running" not in plain.capabilities


def test_a_create_that_takes_an_array_is_a_batch() -> None:
    document = described("/things", body={"type": "array", "items": {"type": "object"}})
    (things,) = resources.resources(document, "")
    assert (
        things.capabilities["create"].because == "OpenAPI: POST /things takes an array: a batch, not one item"
    )
    assert things.capabilities["batch"].there


def test_deprecated_operations_are_left_alone_and_listed(pytester: Any) -> None:
    document = described("/things", "/old")
    document["paths"]["/things"]["post"]["deprecated"] = True
    for operation in (*document["paths"]["/old"].values(), *document["paths"]["/old/{own_id}"].values()):
        operation["deprecated"] = True
    assert promises(document, "").deprecated[:2] == ("GET /old", "POST /old")
    with servers.http(Api(("/things", "/old"), document)) as server:
        done = here(pytester, "--target-url", server.url, "--survey-only")
        assert set(server.methods) <= {"GET", "HEAD", "OPTIONS"}
        assert not any(seen.path.startswith("/old") for seen in server.seen)
    assert "Deprecated, and not tested: GET /old, POST /old," in " ".join(done.out.split())
