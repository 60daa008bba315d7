"""Suspicions in every view of a report, and what they do to the headline and to the exit code."""

from __future__ import annotations

from typing import Any

import pytest

from harness.report.assemble import _suspicion
from harness.report.console import terminal
from harness.report.formats import markdown
from harness.report.html import page
from harness.report.model import Report, RuleRecord, SuspicionRecord, tallies, tally
from harness.report.words import headline
from harness.rules.finding import Finding
from harness.rules.verdict import Impact, Level, Verdict
from harness.run.finish import exit_code
from harness.survey.suspicion import Suspicion
from tests.report import sample
from tests.report.hostile import SCRIPT

ODD = SuspicionRecord(
    text=f"orders: update is declared (OpenAPI: PATCH); answered: PATCH /orders/1 -> 500 {SCRIPT}",
    exchanges=["s1"],
    resource="orders",
    capability="update",
    rules=["METH-005"],
)


def report(*odd: SuspicionRecord, failing: bool = False, **counts: Any) -> Report:
    """A run in which nothing failed."""
    made = sample.build()
    findings = [one.model_copy(update={"verdict": Verdict.PASS, "breaches": []}) for one in made.findings]
    run = made.run.model_copy(update={"failing_suspicions": failing})
    update = {"findings": findings, "summary": tally(findings), "suites": tallies(findings), "run": run}
    return made.model_copy(update={**update, "suspicions": list(odd)})


def test_nothing_is_well_while_there_are_suspicions() -> None:
    assert headline(report()).state == "good"
    said = headline(report(ODD))
    assert said.state == "unsure"
    assert said.sentence == "1 suspicion: 1 rule could not be decided. No verified rule failed."
    warned = report(ODD)
    warned.findings[0] = warned.findings[0].model_copy(update={"verdict": Verdict.WARN})
    warned.summary = tally(warned.findings)
    assert headline(warned).sentence.endswith("No verified rule failed, 1 rule warned.")
    failing = headline(report(ODD, failing=True))
    assert failing.state == "bad"
    assert "No rule failed" not in failing.sentence


@pytest.mark.parametrize(("odd", "failing", "code"), [((ODD,), False, 0), ((ODD,), True, 1), ((), True, 0)])
def test_suspicions_fail_a_run_that_asks_for_it(
    odd: tuple[SuspicionRecord, ...], failing: bool, code: int
) -> None:
    assert exit_code(report(*odd, failing=failing), []) == code


def test_every_view_has_them_on_its_first_screen() -> None:
    made = report(ODD)
    lines = terminal.lines(made)
    assert any(line.startswith("SUSPICION orders: update is declared") for line in lines)
    assert lines.index(next(line for line in lines if "SUSPICION" in line)) < 10
    text = markdown.render(made)
    assert text.index("### Suspicions") < text.index("| Suite |")
    html = page.render(made)
    assert html.index('id="suspicions"') < html.index("<main")
    assert SCRIPT not in html
    assert "could not be decided: METH-005" in html


def record(code: str, *needs: str) -> RuleRecord:
    return RuleRecord(
        code=code,
        suite=code.partition("-")[0],
        level=Level.MUST,
        impact=Impact.MAJOR,
        title="Do",
        why="w",
        fix="f",
        refs=["r"],
        needs=list(needs),
        effect="WRITE",
    )


def test_the_rules_that_a_suspicion_costs_are_those_that_need_it_and_were_not_decided() -> None:
    rules = {
        one.code: one
        for one in (record("AAA-001", "update"), record("AAA-002", "read"), record("AAA-003", "update"))
    }
    findings = [
        Finding(rule="AAA-001", resource="orders", verdict=Verdict.INCONCLUSIVE),
        Finding(rule="AAA-001", resource="users", verdict=Verdict.PASS),
        Finding(rule="AAA-002", resource="orders", verdict=Verdict.INCONCLUSIVE),
        Finding(rule="AAA-003", resource="orders", verdict=Verdict.FAIL),
    ]
    found = _suspicion(Suspicion("odd", ("1",), "orders", "update"), rules, findings, str)
    assert found.rules == ["AAA-001"]
