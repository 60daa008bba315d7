"""The report in a few lines, for pytest's terminal summary."""

from __future__ import annotations

from collections.abc import Collection

from harness.report.model import Report
from harness.report.text import count, inert, one_line
from harness.report.unlocks import unlocks
from harness.report.words import gist, headline, label, ordered, since, suspicions, troubles
from harness.rules.finding import FAILING, fails
from harness.rules.verdict import SEVERITY, Verdict

WIDTH = 200
INSET = "    "
WORST = 10
_LISTED = {Verdict.ERROR, Verdict.FAIL, Verdict.WARN}
_LEFTOVERS = 5
_SUSPICIONS = 10
_UNLOCKS = 5
_LAST = ("--effects write", "--effects burst")


def lines(report: Report, failing: Collection[Verdict] = FAILING) -> list[str]:
    """What a reader of a CI log must see: the counts, the warnings and the worst findings.

    Args:
        report: the run.
        failing: verdicts that fail the run.
    """
    counted = ", ".join(
        f"{number} {verdict.value}" for verdict in SEVERITY if (number := report.summary.counts.get(verdict))
    )
    said = [
        f"{report.target.url}: {headline(report, failing).sentence}",
        f"{report.headline}, {count(report.target.requests, 'request')}: {counted or 'no rule ran'}",
    ]
    if report.baseline is not None:
        said.append(since(report))
    said += [f"WARNING {text}" for text in troubles(report)]
    said += [f"SUSPICION {text}" for text in suspicions(report)[:_SUSPICIONS]]
    said += [f"LEFT OVER {url}" for url in report.leftovers[:_LEFTOVERS]]
    rules = {rule.code: rule for rule in report.rules}
    listed = [finding for finding in report.findings if finding.verdict in _LISTED | set(failing)]
    worst = ordered(listed, rules)
    # What fails the run comes first, even before a worse verdict that does not.
    worst.sort(key=lambda finding: not fails(finding, failing))
    for finding in worst[:WORST]:
        name = label(finding).replace("[", " [", 1)
        rule = rules.get(finding.rule)
        title = f" {rule.title}" if rule else ""
        known = " (known)" if finding.known else ""
        said += [f"{finding.verdict.value.upper()}{known} {name}{title}", f"{INSET}{gist(finding)}"]
    if len(worst) > WORST:
        said.append(f"... and {len(worst) - WORST} more in the report")
    # What stronger effects would add is the last line of the run: `rougher.further()`.
    further = [one for one in unlocks(report) if one.line not in _LAST]
    for one in further[:_UNLOCKS]:
        said.append(f"{count(one.rules, 'rule')} more if {one.condition}: {one.line}")
    return [_bounded(line) for line in said]


def _bounded(line: str) -> str:
    inset = INSET if line.startswith(INSET) else ""
    return inset + one_line(inert(line), WIDTH - len(inset))
