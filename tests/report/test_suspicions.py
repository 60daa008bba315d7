"""Suspicions in every view of a report, and what they do to the headline and to the exit code."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

import pytest

from harness.report.assemble import _suspicion
from harness.report.comparison import compare, lines
from harness.report.comparison import page as comparison_page
from harness.report.console import terminal
from harness.report.formats import junit, markdown, sarif
from harness.report.html import page
from harness.report.model import Report, RuleRecord, SuspicionRecord, tallies, tally
from harness.report.words import headline
from harness.rules.finding import Finding
from harness.rules.verdict import Impact, Level, Verdict
from harness.run.baseline import Baseline, EarlierRuns
from harness.run.finish import exit_code
from harness.survey.suspicion import Suspicion
from harness.target.target import Target
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


def test_formats_for_ci_have_them() -> None:
    root = ElementTree.fromstring(junit.render(report(ODD)))
    shown = {one.get("name"): one.get("value") for one in root[0].iter("property")}
    text = shown["suspicion.1"] or ""
    assert text.startswith("orders: update is declared")
    assert "METH-005" in text
    assert [one.get("name") for one in root.iter("testsuite")].count("suspicions") == 0
    notified = sarif_notifications(report(ODD))
    assert ("warning", True) in [
        (one["level"], one["message"]["text"].startswith("Suspicion: orders")) for one in notified
    ]


def test_formats_for_ci_fail_where_the_run_does() -> None:
    made = report(ODD, ODD.model_copy(update={"known": True, "place": "/x"}), failing=True)
    root = ElementTree.fromstring(junit.render(made))
    suite = root.find("testsuite[@name='suspicions']")
    assert suite is not None
    assert (suite.get("failures"), suite.get("tests")) == ("1", "1")
    assert int(root.get("failures", "0")) >= 1
    assert suite[0].get("name") == "orders update"
    assert {one["level"] for one in sarif_notifications(made) if "Suspicion" in one["message"]["text"]} == {
        "error",
        "warning",
    }


def sarif_notifications(made: Report) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(sarif.render(made))["runs"][0]["invocations"][0][
        "toolExecutionNotifications"
    ]
    return found


def test_a_suspicion_of_the_baseline_fails_no_run() -> None:
    before = Baseline.of(report(ODD))
    again = ODD.model_copy(update={"text": "orders: update is declared; answered: PATCH /orders/2 -> 500"})
    other = ODD.model_copy(update={"capability": "replace"})
    target = Target("http://127.0.0.1:1")
    for odd, code in (((again,), 0), ((again, other), 1)):
        made = report(*odd, failing=True)
        earlier = EarlierRuns.__new__(EarlierRuns)
        earlier.baseline, earlier.failing = before, frozenset(made.run.failing)
        earlier.add_to(made, target)
        assert exit_code(made, []) == code
        assert headline(made).state == ("bad" if code else "unsure")
        assert f"{len(odd) - 1} of them new" in headline(made).sentence
        assert "(in the baseline)" in markdown.render(made)
        assert "(in the baseline)" in page.render(made)


def test_a_comparison_lists_them() -> None:
    compared = compare([report(), report(ODD)])
    first = next(line for line in lines(compared) if "SUSPICION" in line)
    assert first.startswith("   SUSPICION orders: update")
    html = comparison_page(compared)
    assert 'id="suspicions"' in html
    assert SCRIPT not in html
    assert 'id="suspicions"' not in comparison_page(compare([report(), report()]))


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
