"""A fault that only a create shows, which no rule about quotas sends: it is reported, also by workers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests import servers
from tests.servers import Answer, Crud, Seen
from tests.sessions import run


class CreatesBelowZero:
    """Creates count against a quota, and its counter goes below zero."""

    def __init__(self) -> None:
        self.crud = Crud()

    def __call__(self, seen: Seen) -> Answer | None:
        given = self.crud(seen)
        if given is None or given.status != 201:
            return given
        return replace(
            given, fields=[*given.fields, ("X-RateLimit-Limit", "5"), ("X-RateLimit-Remaining", "-3")]
        )


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_a_fault_of_one_response_is_reported(tmp_path: Path, workers: tuple[str, ...]) -> None:
    rules = "rule(code='RATE-009') or rule(code='METH-007') or rule(code='METH-013')"
    with servers.http(CreatesBelowZero()) as server:
        options = ("--target-url", server.url, "--effects", "write", "--fail-on", "should", "-m", rules)
        done = run(tmp_path, *options, *workers)
    assert done.code == 1, done.out
    found = done.finding("RATE-009")
    assert found["verdict"] == "warn"
    assert "POST /things -> 201: x-ratelimit-remaining: -3 is negative" in found["reason"]
    shown = {one["id"]: one for one in done.report["exchanges"]}
    assert [shown[id]["method"] for id in found["exchanges"]] == ["POST"]
