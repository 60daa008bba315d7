"""A bug in one of many collections that behave alike: found where only some rules are put to it, too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from harness.rules.verdict import Verdict
from tests import servers
from tests.matrix.declared import AT_ONCE
from tests.matrix.trials import run_of
from tests.survey.surveying import Api, described

PATHS = tuple(f"/c{place:03}" for place in range(25))
FORGOTTEN = "/c014"


@dataclass
class Forgetful(Api):
    """One of the collections crashes where content is not JSON: all others share the code that refuses it."""

    def _answer(self, method: str, path: str, content: bytes) -> tuple[int, Any]:
        status, value = super()._answer(method, path, content)
        if method == "POST" and path == FORGOTTEN and status == 400:
            return 500, {"detail": "Internal Server Error"}
        return status, value


def test_a_sibling_without_validation() -> None:
    with servers.http(Forgetful(PATHS, described(*PATHS))) as server:
        report = run_of(["ERR-003", "METH-007"], server.url, "--effects", "write", profile=AT_ONCE)
    light = {one.name for one in report.profile.resources if one.light}
    assert FORGOTTEN[1:] in light
    broken = [(one.rule, one.resource) for one in report.findings if one.verdict is Verdict.WARN]
    assert broken == [("ERR-003", FORGOTTEN[1:])]
    # A rule that does not differ between siblings is left to those that are tested in full.
    put = {one.resource for one in report.findings if one.rule == "METH-007"}
    assert put == {one.name for one in report.profile.resources} - light
    assert any(f"{len(light)} of them tested in part" in line for line in report.warnings)
