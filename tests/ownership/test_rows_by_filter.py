"""Rows that are addressed by a filter of the collection's URL: a write there could reach the rows of everybody."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import pytest

from harness.client.ownership import Ownership
from tests import servers
from tests.matrix.running import run
from tests.ownership.test_nothing_of_others import SUITES
from tests.servers import Answer, Seen

URL = "http://127.0.0.1/rows"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_filter_that_matches_nothing_does_not_show_that_there_is_nothing(method: str) -> None:
    registry = Ownership()
    registry.collection(URL)
    registry.saw("GET", f"{URL}?id=eq.999", 404, lambda: None)
    assert registry.why_not(method, URL) is not None
    assert registry.why_not(method, f"{URL}?id=eq.5") is not None
    registry.saw("GET", f"{URL}/999?select=id", 404, lambda: None)
    assert registry.why_not(method, f"{URL}/999") is not None
    registry.saw("GET", f"{URL}/999", 404, lambda: None)
    assert registry.why_not(method, f"{URL}/999") is None


@dataclass
class Rows:
    """A table as PostgREST serves it, without a document; a filter without a match is answered 404.

    Attributes:
        harm: unsafe requests other than creates.
    """

    rows: list[dict[str, Any]] = field(
        default_factory=lambda: [{"id": n, "name": f"row {n}"} for n in (1, 2, 3)]
    )
    harm: list[str] = field(default_factory=list)

    def __call__(self, seen: Seen) -> Answer:
        path, _, query = seen.path.partition("?")
        if path == "/":
            return _json(200, {"rows": "/rows"})
        if path != "/rows":
            return _json(404, {"message": "no such table"})
        if seen.method in ("GET", "HEAD"):
            wanted = [value.removeprefix("eq.") for name, value in parse_qsl(query) if name == "id"]
            found = [one for one in self.rows if not wanted or str(one["id"]) in wanted]
            return _json(200 if found else 404, found)
        if seen.method == "POST":
            return self._create(seen)
        if seen.method in ("PUT", "PATCH", "DELETE"):
            self.harm.append(f"{seen.method} {seen.path}")
            return Answer(204)
        return _json(405, {"message": "no"}, ("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE"))

    def _create(self, seen: Seen) -> Answer:
        try:
            body = json.loads(seen.body)
        except ValueError:
            return _json(400, {"message": "malformed JSON"})
        if not isinstance(body, dict) or not isinstance(body.get("name"), str):
            return _json(400, {"message": 'null value in column "name"'})
        made = {"id": len(self.rows) + 1, "name": body["name"]}
        self.rows.append(made)
        return _json(201, [made], ("Location", f"/rows?id=eq.{made['id']}"))


def _json(status: int, value: Any, *fields: tuple[str, str]) -> Answer:
    return Answer(status, json.dumps(value).encode(), [("Content-Type", "application/json"), *fields])


def test_a_whole_run_writes_to_no_rows_and_makes_few() -> None:
    api = Rows()
    with servers.http(api) as server:
        run(server.url, "--effects", "burst", suites=SUITES)
    assert api.harm == []
    assert len(api.rows) <= 3 + 3
