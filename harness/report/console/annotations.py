"""Annotations of a GitHub workflow: a line on standard output for each finding that must be seen on the run's page.

A runner takes every line that begins with `::` for a command. Text that a target may have influenced is escaped in the
way that the runner unescapes it, and put on one line.
"""

from __future__ import annotations

from harness.report.model import Report
from harness.report.text import inert, one_line
from harness.report.words import coverage, gist, headline, label, ordered
from harness.rules.finding import fails
from harness.rules.verdict import Verdict

MOST = 10
"""Annotations of one kind that GitHub shows of a step."""
WIDTH = 500


def lines(report: Report) -> list[str]:
    """Commands that make the annotations: an error for what fails the run, a warning for what warns.

    If little was verified, the first line says so: an error if it is too little for any answer.
    """
    rules = {rule.code: rule for rule in report.rules}
    findings = ordered(report.findings, rules)
    errors = [finding for finding in findings if fails(finding, report.run.failing)]
    warnings = [finding for finding in findings if finding.verdict is Verdict.WARN and finding not in errors]
    made = []
    if coverage(report):
        command = "error" if report.thin else "warning"
        sentence = headline(report, report.run.failing).sentence
        made.append(f"::{command} title=conformance::{_data(one_line(sentence, WIDTH))}")
    for command, chosen in (("error", errors), ("warning", warnings)):
        for finding in chosen[:MOST]:
            rule = rules.get(finding.rule)
            title = f"{label(finding)} {rule.title if rule else ''}".strip()
            made.append(
                f"::{command} title={_property(one_line(title, WIDTH))}::{_data(one_line(gist(finding), WIDTH))}"
            )
    return made


def _data(text: str) -> str:
    """Escaped as the runner's `escapeData`; and nothing in it is a command in the runner's older form."""
    return inert(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escaped as the runner's `escapeProperty`."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
