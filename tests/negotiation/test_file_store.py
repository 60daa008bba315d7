"""A store of files keeps any content under any label: nothing that it takes is a fault."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator

import pytest

from tests import servers
from tests.servers import Answer, Seen
from tests.sessions import here

RULES = "rule(code='ERR-003') or rule(code='NEGO-001') or rule(code='NEGO-006')"


class Files:
    """POST, GET and DELETE of files; the list has their ids."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[bytes, str]] = {}
        self.ids = itertools.count(1)

    def __call__(self, seen: Seen) -> Answer:
        path, _, id = seen.path.partition("?")[0].strip("/").partition("/")
        if path != "files":
            return self.json(404, {"error": "not found"})
        if not id and seen.method == "POST":
            id = f"file-{next(self.ids):08d}-kept"
            self.kept[id] = (seen.body, seen.field("Content-Type") or "application/octet-stream")
            return self.json(201, {"id": id}, ("Location", f"/files/{id}"))
        if not id:
            return self.json(200, [{"id": one} for one in self.kept])
        if id not in self.kept:
            return self.json(404, {"error": "not found"})
        if seen.method == "DELETE":
            del self.kept[id]
            return Answer(204)
        content, kind = self.kept[id]
        return Answer(200, content, [("Content-Type", kind)])

    def json(self, status: int, value: object, *more: tuple[str, str]) -> Answer:
        return Answer(status, json.dumps(value).encode(), [("Content-Type", "application/json"), *more])


@pytest.fixture
def files() -> Iterator[servers.Server]:
    with servers.http(Files()) as running:
        yield running


def test_no_content_is_wrong_there(pytester, files):
    done = here(pytester, "--target-url", files.url, "--resource", "/files", "-m", RULES)
    assert {code for code, verdict in done.verdicts.items() if verdict in ("fail", "warn", "advice")} == set()
    assert done.verdicts["ERR-003"] == "not applicable"
    assert done.verdicts["NEGO-006"] == "not applicable"
    assert done.verdicts["NEGO-001"] == "pass"
