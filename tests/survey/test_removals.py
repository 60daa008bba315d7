"""Removals that take a while, or that need the version of the item."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import pytest

from harness.rules.verdict import Verdict
from tests.matrix.trials import run_of
from tests.servers import Answer, Seen, http

JSON = ("Content-Type", "application/json")
PROFILE = """
openapi = false
[[resources]]
collection = "/volumes"
body = { name = "Data", size = 3 }
"""


@dataclass
class Volumes:
    """A collection of volumes.

    Attributes:
        lasts: seconds that a removal takes after its 202; None where it is done at once, with 204.
        guarded: whether a removal without If-Match is a conflict.
    """

    lasts: float | None = None
    guarded: bool = False
    items: dict[str, Any] = field(default_factory=dict)
    removed: dict[str, float] = field(default_factory=dict)

    def __call__(self, seen: Seen) -> Answer:
        path = seen.path.partition("?")[0]
        now = time.monotonic()
        there = [id for id in self.items if id not in self.removed or self.removed[id] > now]
        if path == "/volumes" and seen.method == "GET":
            return self._says(200, [self.items[id] for id in there])
        if path == "/volumes" and seen.method == "POST":
            return self._create(seen)
        id = path.removeprefix("/volumes/")
        if id not in there:
            return self._says(404, {"error": "There is no such volume."})
        if seen.method == "DELETE":
            return self._remove(id, seen)
        tag = ("ETag", f'"{id}"')
        return self._says(200, self.items[id], tag) if seen.method in ("GET", "HEAD") else Answer(405)

    def _create(self, seen: Seen) -> Answer:
        if seen.field("content-type") != "application/json" or not seen.body.endswith(b"}"):
            return self._says(400, {"error": "The content is not valid."})
        id = str(uuid.uuid4())
        self.items[id] = {"id": id, **json.loads(seen.body)}
        return self._says(201, self.items[id], ("Location", f"/volumes/{id}"))

    def _remove(self, id: str, seen: Seen) -> Answer:
        if self.guarded and seen.field("if-match") is None:
            return self._says(409, {"error": "Send the version of the volume."})
        self.removed.setdefault(id, time.monotonic() + (self.lasts or 0) - (self.lasts is None))
        return Answer(204) if self.lasts is None else Answer(202)

    @staticmethod
    def _says(status: int, value: Any, *fields: tuple[str, str]) -> Answer:
        return Answer(status, json.dumps(value).encode(), [JSON, *fields])


@pytest.mark.parametrize("api", [Volumes(lasts=0.3), Volumes(guarded=True)], ids=["202", "409"])
def test_what_the_run_created_is_gone_at_the_end(api: Volumes) -> None:
    with http(api) as server:
        report = run_of(["METH-006", "COND-014"], server.url, "--effects", "write", profile=PROFILE)
    verdicts = {one.rule: one.verdict for one in report.findings}
    assert verdicts["METH-006"] is Verdict.PASS
    assert verdicts["COND-014"] in (Verdict.PASS, Verdict.NOT_APPLICABLE)
    assert not report.leftovers
    assert set(api.items) == set(api.removed)
