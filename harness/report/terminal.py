"""The report in a few lines, for pytest's terminal summary."""

from __future__ import annotations

from collections.abc import Collection

from harness.report.model import Report
from harness.report.text import count, one_line
from harness.report.words import FAILING, gist, headline, label, ordered, troubles
from harness.verdict import SEVERITY, Verdict

WIDTH = 200
INSET = "    "
WORST = 10
_TOLD = {Verdict.ERROR, Verdict.FAIL, Verdict.WARN}
_LEFTOVERS = 5


def lines(report: Report, failing: Collection[Verdict] = FAILING) -> list[str]:
    """What a reader of a CI log must see: the counts, the troubles and the worst findings.

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
    said += [f"WARNING {text}" for text in troubles(report)]
    said += [f"LEFT OVER {url}" for url in report.leftovers[:_LEFTOVERS]]
    rules = {rule.code: rule for rule in report.rules}
    told = [finding for finding in report.findings if finding.verdict in _TOLD | set(failing)]
    worst = ordered(told, rules)
    # What fails the run goes first, also where a graver verdict does not.
    worst.sort(key=lambda finding: finding.verdict not in failing)
    for finding in worst[:WORST]:
        name = label(finding).replace("[", " [", 1)
        rule = rules.get(finding.rule)
        title = f" {rule.title}" if rule else ""
        said += [f"{finding.verdict.value.upper()} {name}{title}", f"{INSET}{gist(finding)}"]
    if len(worst) > WORST:
        said.append(f"... and {len(worst) - WORST} more in the report")
    return [_bounded(line) for line in said]


def _bounded(line: str) -> str:
    inset = INSET if line.startswith(INSET) else ""
    return inset + one_line(line, WIDTH - len(inset))
