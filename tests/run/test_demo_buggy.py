"""`--target-url demo:buggy`: the five bugs are noticed, nothing beside them is, and the run says so in plain words."""

from __future__ import annotations

import pytest

from harness.reference.buggy import BUGS
from harness.rules.finding import Finding
from harness.rules.verdict import Verdict
from harness.run.tour import lines
from tests.sessions import run

FOUND = {(code, bug.resource) for bug in BUGS for code in bug.rules}


def found(code: str, resource: str | None, verdict: Verdict = Verdict.FAIL) -> Finding:
    return Finding(
        rule=code,
        resource=resource,
        verdict=verdict,
        reason="",
        breaches=[],
        notes=[],
        evidence=[],
        figures=[],
        exchanges=[],
        repeat=[],
        nodeid="",
        duration=0.0,
    )


def shown(*findings: Finding) -> list[str]:
    return lines(findings)


def test_each_bug_names_the_rules_that_noticed_it() -> None:
    said = shown(found("IDEM-006", "payments"), found("ERR-011", None, Verdict.WARN))
    assert said[0] == "The demo has 5 bugs that real teams ship. This run noticed 2:"
    assert said[1].endswith("is charged again. [payments: IDEM-006]")
    assert said[2].endswith("shows its source code. [orders: ERR-011]")
    assert len([line for line in said if line.startswith("  not noticed in this run: ")]) == 3
    assert said[-1] == "Now your API: pytest --target-url URL"


@pytest.mark.parametrize("other", [found("IDEM-006", "orders"), found("PAGE-004", "orders", Verdict.PASS)])
def test_what_was_found_elsewhere_or_not_at_all_is_not_claimed(other: Finding) -> None:
    assert shown(other)[0].endswith("This run noticed 0:")


@pytest.mark.slow
def test_a_run_finds_the_five_and_nothing_beside_them(tmp_path) -> None:
    done = run(tmp_path, "--target-url", "demo:buggy")
    assert done.code == 1
    assert "This run noticed 5:" in done.out
    broken = {
        (one["rule"], one["resource"])
        for one in done.report["findings"]
        if one["verdict"] in ("fail", "warn", "error")
    }
    assert broken <= FOUND | {(code, None) for code, _ in FOUND}
    assert done.report["warnings"] == []
    assert done.report["leftovers"] == []
