"""Advice and causes in every view of a report."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest

from harness.report import json_file
from harness.report.causes import causes
from harness.report.console import annotations, terminal
from harness.report.formats import badge, junit, markdown, sarif
from harness.report.html import page as html
from harness.report.model import Report, tallies, tally
from harness.report.words import headline
from harness.rules.finding import FAILING, BreachRecord, Finding
from harness.rules.verdict import Impact, Level, Verdict
from tests.report import sample

ADVISED = FAILING | {Verdict.ADVICE}
WHY = "Hardly any client reads it."


def report(failing: frozenset[Verdict] = FAILING) -> Report:
    """The sample with advice on two resources, and with one rule that fails on three in one way."""
    made = sample.build()
    level = Level.SHOULD
    advice = [
        Finding(
            rule="METH-001",
            resource=name,
            verdict=Verdict.ADVICE,
            reason="204 without Allow",
            breaches=[
                BreachRecord(
                    expected="Allow",
                    observed=f"OPTIONS /{name} -> 204 without Allow",
                    level=level,
                    impact=Impact.MINOR,
                )
            ],
        )
        for name in ("orders", "customers")
    ]
    failed = [
        Finding(
            rule="PAGE-003",
            resource=name,
            verdict=Verdict.FAIL,
            reason="200",
            breaches=[
                BreachRecord(expected="400", observed=f"GET /{name}?limit=-1 -> 200", level=Level.MUST)
            ],
        )
        for name in ("orders", "customers", "notes")
    ]
    keys = {finding.key for finding in [*advice, *failed]}
    findings = [one for one in made.findings if one.key not in keys] + advice + failed
    findings.sort(key=lambda finding: finding.key)
    rules = [one.model_copy(update={"advice": WHY}) for one in made.rules]
    by_code = {rule.code: rule for rule in rules}
    return made.model_copy(
        update={
            "findings": findings,
            "rules": rules,
            "summary": tally(findings),
            "suites": tallies(findings),
            "causes": [cause.record() for cause in causes(findings, by_code)],
            "run": made.run.model_copy(update={"failing": sorted(failing)}),
        }
    )


def test_json_keeps_each_finding_and_lists_the_causes() -> None:
    data = json.loads(json_file.dumps(report()))
    assert sum(finding["rule"] == "PAGE-003" for finding in data["findings"]) == 3
    cause = next(one for one in data["causes"] if one["findings"][0]["rule"] == "PAGE-003")
    assert [one["resource"] for one in cause["findings"]] == ["customers", "notes", "orders"]
    assert data["summary"]["counts"]["advice"] == 1
    assert Report.model_validate(data).causes == report().causes


def test_a_report_of_an_earlier_version_can_still_be_read() -> None:
    data = json.loads(json_file.dumps(sample.build()))
    del data["causes"], data["profile"]["advice"]
    for rule in data["rules"]:
        del rule["advice"]
    for finding in data["findings"]:
        for breach in finding["breaches"]:
            del breach["impact"], breach["cause"]
    old = Report.model_validate(data)
    # The views make the causes of the findings themselves.
    assert "also" not in markdown.render(old) or causes(old.findings, {})


def test_the_headline_counts_causes_if_they_are_fewer() -> None:
    made = report()
    assert headline(made).sentence.startswith("3 rules failed. ")
    text = "Items are lost"
    for finding in made.findings:
        if finding.rule in ("PAGE-003", "COND-004"):
            finding.breaches[0].cause = text
    made.causes = [one.record() for one in causes(made.findings, {rule.code: rule for rule in made.rules})]
    assert headline(made).sentence.startswith("3 rules failed (of 2 causes). ")


def test_the_headline_counts_advice_only_if_it_fails_the_run() -> None:
    assert "advice" not in headline(report()).sentence
    assert "1 rule with advice" in headline(report(ADVISED), ADVISED).sentence


def test_the_terminal_lists_a_cause_once_and_advice_in_one_line() -> None:
    lines = terminal.lines(report())
    failed = [line for line in lines if line.startswith("FAIL PAGE-003")]
    assert failed == ["FAIL PAGE-003 [customers] (also on notes, orders) " + sample.TITLES["PAGE-003"]]
    assert [line for line in lines if "METH-001" in line] == [
        "ADVICE of minor impact, in the report: METH-001"
    ]
    assert not any(re.search(r"\d advice", line) for line in lines)


def test_the_terminal_lists_advice_that_fails_the_run() -> None:
    lines = terminal.lines(report(ADVISED), ADVISED)
    assert any(line.startswith("ADVICE METH-001 [customers] (also on orders)") for line in lines)
    assert not any("of minor impact" in line for line in lines)


def test_annotations_are_one_a_cause_and_none_for_advice() -> None:
    lines = annotations.lines(report())
    assert sum("PAGE-003" in line for line in lines) == 1
    assert any("also on notes, orders" in line for line in lines)
    assert not any("METH-001" in line for line in lines)
    assert any("::error title=METH-001" in line for line in annotations.lines(report(ADVISED)))


def test_markdown_folds_advice() -> None:
    text = markdown.render(report())
    assert text.count("PAGE-003") == 1
    assert "`also on notes, orders`" in text
    fold = text.index("<details><summary>Advice, of minor impact: 1</summary>")
    assert text.index("### What to fix") < text.index("PAGE-003") < fold < text.index("METH-001")
    assert text.index("METH-001") < text.index("</details>", fold)
    failing = markdown.render(report(ADVISED))
    assert "Advice, of minor impact" not in failing
    assert "#### ADVICE `METH-001[customers]`" in failing


def test_junit_fails_no_case_for_advice() -> None:
    def case(failing: frozenset[Verdict]) -> ElementTree.Element:
        root = ElementTree.fromstring(junit.render(report(failing), failing))
        return next(c for c in root.iter("testcase") if c.get("name", "").startswith("METH-001[orders]"))

    assert case(FAILING).find("failure") is None
    assert (case(FAILING).findtext("system-out") or "").startswith("advice: ")
    assert case(ADVISED).find("failure") is not None


def test_sarif_has_advice_as_notes() -> None:
    results = json.loads(sarif.render(report()))["runs"][0]["results"]
    levels = {(one["ruleId"], one["properties"]["resource"]): one["level"] for one in results}
    assert levels["METH-001", "orders"] == "note"
    assert levels["PAGE-003", "orders"] == "error"


def test_the_badge_does_not_count_advice() -> None:
    assert "METH" not in badge.render(report())
    assert "4 failed" in badge.render(report())
    assert "5 failed" in badge.render(report(ADVISED))


@pytest.fixture(scope="module")
def folded() -> str:
    return html.render(report())


def test_the_page_folds_advice_and_counts_it_apart(folded: str) -> None:
    assert re.search(r'<a href="#advice">1 piece of advice</a>, of minor impact', folded)
    group = folded[folded.index('<h3 id="advice">') :]
    assert group.index('<details class="fold">') < group.index('id="METH-001-customers"')
    assert 'class="fold" open' not in folded
    assert f"<dt>Why only advice</dt><dd>{WHY}</dd>" in folded
    first = folded[folded.index('<ol class="first">') : folded.index("</ol>")]
    assert "METH-001" not in first


def test_the_page_shows_a_cause_once_with_its_places(folded: str) -> None:
    assert re.search(r'<h3 id="fail">Failed <span class="number">3</span>', folded)
    lead, others = folded.index('id="PAGE-003-customers"'), folded.index('<details class="alike">')
    assert lead < others < folded.index('id="PAGE-003-notes"') < folded.index('id="PAGE-003-orders"')
    assert "<summary>The same cause: also on notes, orders</summary>" in folded


def test_the_page_does_not_fold_advice_that_fails_the_run() -> None:
    text = html.render(report(ADVISED), ADVISED)
    assert '<details class="fold">' not in text
    assert "METH-001" in text[text.index('<ol class="first">') : text.index("</ol>")]
