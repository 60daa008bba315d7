"""APIs whose items have their ids in `metadata.name`, or as resource names (AIP-122)."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import Any

import pytest

from harness.rules.verdict import Verdict
from tests.matrix.trials import run_of
from tests.servers import Answer, Seen, http

JSON = ("Content-Type", "application/json")


@dataclass
class Configs:
    """Items that show nothing of the run but their id, which the server makes of few characters.

    Attributes:
        aip: whether an item has a resource name at its top, and no Location.
    """

    aip: bool = False
    items: dict[str, Any] = field(default_factory=dict)
    created: int = 0

    def seed(self, count: int) -> Configs:
        for number in range(count):
            self._make(f"cfg-{number}")
        return self

    def _make(self, id: str) -> Any:
        shown = {"name": f"configs/{id}"} if self.aip else {"metadata": {"name": id}}
        self.items[id] = {**shown, "spec": {"color": "red"}}
        return self.items[id]

    def __call__(self, seen: Seen) -> Answer:
        path = seen.path.partition("?")[0]
        if path == "/configs" and seen.method == "GET":
            return self._says(200, {"items": list(self.items.values())})
        if path == "/configs" and seen.method == "POST":
            if seen.field("content-type") != "application/json" or not seen.body.endswith(b"}"):
                return self._says(400, {"error": "The content is not valid."})
            self.created += 1
            id = f"c-{uuid.uuid4().hex[:5]}"
            located = [] if self.aip else [("Location", f"/configs/{id}")]
            return self._says(201, self._make(id), *located)
        id = path.removeprefix("/configs/")
        if not path.startswith("/configs/") or id not in self.items:
            return self._says(404, {"error": "There is no such item."})
        if seen.method == "DELETE":
            del self.items[id]
            return Answer(204)
        return self._says(200, self.items[id]) if seen.method in ("GET", "HEAD") else Answer(405)

    @staticmethod
    def _says(status: int, value: Any, *fields: tuple[str, str]) -> Answer:
        return Answer(status, json.dumps(value).encode(), [JSON, *fields])


PROFILE = """
openapi = false
[[resources]]
collection = "/configs"
body = { metadata = { generateName = "c-" }, spec = { color = "red" } }
"""


@pytest.mark.parametrize("aip", [False, True])
def test_items_are_recognised_by_what_the_list_has_more_and_removed(aip: bool) -> None:
    api = Configs(aip).seed(3)
    with http(api) as server:
        report = run_of(["METH-006"], server.url, "--effects", "write", profile=PROFILE)
    assert {one.verdict for one in report.findings} == {Verdict.PASS}, report.findings
    assert not report.leftovers
    assert len(api.items) == 3


def test_few_are_created_where_nothing_shows_that_they_belong_to_the_run() -> None:
    # A list of ten may be cut off, so that it does not show what is new.
    api = Configs().seed(10)
    with http(api) as server:
        report = run_of(
            ["METH-005", "METH-006", "PAGE-004"], server.url, "--effects", "write", profile=PROFILE
        )
    assert api.created <= 3
    assert len(report.leftovers) == api.created
