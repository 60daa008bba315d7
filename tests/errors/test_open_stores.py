"""A store that has a collection of any name: an unknown path is an empty list."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from harness.reference.call import Call, Reply
from harness.reference.routing import Router
from harness.rules.verdict import Verdict
from tests.matrix.serving import served
from tests.matrix.trials import run_of


class _Empty(Exception):
    pass


class AnyCollection(Router):
    """Collections need not be declared."""

    def not_found(self, call: Call) -> NoReturn:
        raise _Empty

    def dispatch(self, call: Call, routes: Any) -> Reply:
        try:
            return super().dispatch(call, routes)
        except _Empty:
            return Reply(200, json.dumps({"data": []}).encode(), {"Content-Type": "application/json"})


def test_an_empty_list_at_an_unknown_path_is_a_note() -> None:
    with served({"router": AnyCollection}) as url:
        report = run_of(
            ["ERR-002"],
            url,
            "--effects",
            "write",
            profile='openapi = "/openapi.json"\nonly = ["documents"]\n',
        )
    (found,) = report.findings
    assert found.verdict is Verdict.NOTE, found.reason
    assert "a misspelt collection is not noticed" in found.notes[0]
