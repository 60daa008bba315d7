"""Rules on a small API: what it forgets to check below a project, for a link, a search, a count and a balance."""

from __future__ import annotations

import pytest

from harness.report.model import Report
from harness.rules.verdict import BROKEN, Verdict
from tests.authorization.projects_api import (
    BALANCE,
    CACHE,
    COUNT,
    EXPORT,
    HEAD,
    ID,
    KEPT,
    LINK,
    MOVED,
    NEST,
    SEARCH,
    Projects,
)
from tests.matrix.declared import AT_ONCE, CLIENTS
from tests.matrix.trials import run_of
from tests.servers import http

pytestmark = pytest.mark.topic(name="authorization")
RULES = ("AUTH-011", "AUTH-012", "AUTH-014", "AUTH-019")


def report(*forgets: str) -> Report:
    with http(Projects(forgets).respond) as server:
        return run_of(RULES, server.url, "--effects", "write", profile=AT_ONCE + CLIENTS)


def broken(found: Report) -> dict[tuple[str, str | None], str]:
    return {(one.rule, one.resource): one.reason for one in found.findings if one.verdict in BROKEN}


def test_an_api_that_checks_is_not_accused() -> None:
    found = report()
    assert broken(found) == {}
    passed = {(one.rule, one.resource) for one in found.findings if one.verdict is Verdict.PASS}
    both = {(rule, kind) for rule in ("AUTH-011", "AUTH-012") for kind in ("projects", "notes")}
    assert passed >= both | {("AUTH-011", "tasks"), ("AUTH-014", "projects")}
    assert found.leftovers == []


def test_what_it_forgets_is_found() -> None:
    found = report(NEST, LINK, SEARCH, COUNT, BALANCE)
    reasons = broken(found)
    assert "client B created item" in reasons["AUTH-011", "tasks"]
    assert "`project_id` of its own item" in reasons["AUTH-011", "projects"]
    assert "GET /notes/search" in reasons["AUTH-012", "notes"]
    assert "at /projects/count was" in reasons["AUTH-012", "projects"]
    assert "balance" in reasons["AUTH-014", "projects"]
    assert {rule for rule, _ in reasons} <= {"AUTH-011", "AUTH-012", "AUTH-014"}
    assert found.leftovers == []


@pytest.mark.parametrize(
    ("forgets", "rule", "resource", "said"),
    [
        (MOVED, "AUTH-011", "tasks", "below an item of its own: client B: GET /projects/"),
        (HEAD, "AUTH-011", "notes", "client B read the fields of notes item"),
        (ID, "AUTH-011", "notes", "by a create that names its id: client B: POST /notes -> 201"),
        (EXPORT, "AUTH-012", "notes", "client B: GET /notes/export -> 200 shows"),
        (CACHE, "AUTH-012", "notes", "in a list at a URL that client A had requested before"),
    ],
)
def test_one_thing_that_it_forgets(forgets: str, rule: str, resource: str, said: str) -> None:
    found = report(forgets)
    reasons = broken(found)
    assert said in reasons[rule, resource]
    assert {code for code, _ in reasons} == {rule}
    assert found.leftovers == []


def test_lists_that_are_kept_for_each_client_are_decided_at_a_url_that_no_cache_has() -> None:
    found = report(KEPT)
    assert broken(found) == {}
    lists = {one.resource: one.verdict for one in found.findings if one.rule == "AUTH-012"}
    assert lists == {"projects": Verdict.PASS, "notes": Verdict.PASS, "tasks": Verdict.NOT_APPLICABLE}
