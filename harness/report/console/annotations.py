"""Annotations of a GitHub workflow: a line on standard output for each finding that must be seen on the run's page.

A runner takes every line that begins with `::` for a command. Text that a target may have influenced is escaped in the
way that the runner unescapes it, and put on one line.
"""

from __future__ import annotations

from harness.report.causes import TOGETHER, Cause, causes
from harness.report.model import Report
from harness.report.text import inert, one_line
from harness.report.words import coverage, gist, headline, label, ordered
from harness.rules.finding import fails
from harness.rules.verdict import Verdict

MOST = 10
"""Annotations of one kind that GitHub shows of a step."""
WIDTH = 500


def lines(report: Report) -> list[str]:
    """Commands that make the annotations: an error for what fails the run, a warning for what warns, each cause once.

    If little was verified, the first line says so: an error if it is too little for any answer.
    """
    rules = {rule.code: rule for rule in report.rules}
    others = [finding for finding in report.findings if finding.verdict not in TOGETHER]
    found = causes(report.findings, rules) + [Cause((one,)) for one in ordered(others, rules)]
    errors = [cause for cause in found if fails(cause.lead, report.run.failing)]
    warnings = [cause for cause in found if cause.verdict is Verdict.WARN and cause not in errors]
    made = []
    if coverage(report):
        command = "error" if report.thin else "warning"
        sentence = headline(report, report.run.failing).sentence
        made.append(f"::{command} title=conformance::{_data(one_line(sentence, WIDTH))}")
    for command, chosen in (("error", errors), ("warning", warnings)):
        for cause in chosen[:MOST]:
            finding = cause.lead
            rule = rules.get(finding.rule)
            title = f"{label(finding)} {cause.sentence or (rule.title if rule else '')}".strip()
            text = gist(finding) + (f" ({cause.also})" if cause.also else "")
            made.append(
                f"::{command} title={_property(one_line(title, WIDTH))}::{_data(one_line(text, WIDTH))}"
            )
    return made


def _data(text: str) -> str:
    """Escaped as the runner's `escapeData`; and nothing in it is a command in the runner's older form."""
    return inert(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escaped as the runner's `escapeProperty`."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
