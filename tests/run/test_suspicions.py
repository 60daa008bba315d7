"""Runs on a target whose PATCH and PUT are declared and fail, over a real socket."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests import servers
from tests.sessions import here
from tests.survey.surveying import Api, described

RULES = """
from harness import MUST, WRITE, rule


@rule("ACME-001", MUST, refs=["our guide"], needs="create replace", effect=WRITE)
def test_needs(resource):
    \"\"\"Replace

    Why: x.
    Fix: y.
    \"\"\"
    assert resource.create().put(resource.body()).is_success


@rule("ACME-002", MUST, refs=["our guide"], needs="create replace!", effect=WRITE)
def test_judges(resource):
    \"\"\"Judge whether it is replaced

    Why: x.
    Fix: y.
    \"\"\"
    assert resource.can("replace"), "PUT is declared and does not work"


@rule("ACME-003", MUST, refs=["our guide"], needs="list")
def test_lists(resource):
    \"\"\"List

    Why: x.
    Fix: y.
    \"\"\"
"""


class PutFails(Api):
    def _answer(self, method: str, path: str, content: bytes) -> tuple[int, Any]:
        if method == "PUT" and path.startswith("/things"):
            return 500, {"detail": "a bug"}
        return super()._answer(method, path, content)


@pytest.fixture
def broken():
    """Two resources; PUT fails on one of them."""
    document = described("/things", "/others")
    with servers.http(PutFails(("/things", "/others"), document)) as running:
        yield running


def test_a_declared_operation_that_fails_is_not_absent(pytester, broken):
    done = here(pytester, "--target-url", broken.url, "test_own.py", files={"test_own.py": RULES})
    found = {(one["rule"], one["resource"]): one for one in done.report["findings"]}
    assert found["ACME-001", "others"]["verdict"] == "pass", json.dumps(found["ACME-001", "others"])
    lost = found["ACME-001", "things"]
    assert lost["verdict"] == "inconclusive"
    assert "-> 500" in lost["reason"]
    # The rule that judges it runs.
    assert found["ACME-002", "things"]["verdict"] == "fail"
    (odd,) = done.report["suspicions"]
    assert (odd["resource"], odd["capability"], odd["rules"]) == ("things", "replace", ["ACME-001"])
    assert odd["exchanges"][0] in {one["id"] for one in done.report["exchanges"]}
    assert "SUSPICION things: replace is declared (OpenAPI: PUT /things/{id})" in done.out


@pytest.mark.parametrize(("more", "code"), [((), 0), (("--fail-on", "suspicion"), 1)])
def test_suspicions_fail_the_run_on_demand(pytester, broken, more, code):
    arguments = ("--target-url", broken.url, "test_own.py", "-k", "ACME-003", *more)
    done = here(pytester, *arguments, files={"test_own.py": RULES})
    assert done.code == code, done.out
    assert "1 suspicion" in done.report["conclusion"]
    assert "No rule failed." not in done.report["conclusion"]
