"""The report in a few lines, for pytest's terminal summary."""

from __future__ import annotations

from collections.abc import Collection

from harness.report.causes import TOGETHER, Cause, causes
from harness.report.model import Report, RuleRecord
from harness.report.text import count, inert, one_line
from harness.report.unlocks import unlocks
from harness.report.words import gist, headline, label, operations, ordered, since, suspicions, troubles
from harness.rules.finding import FAILING, fails
from harness.rules.verdict import SEVERITY, Verdict

WIDTH = 200
INSET = "    "
WORST = 10
_LISTED = {Verdict.ERROR, Verdict.FAIL, Verdict.WARN}
_ADVISED = 12
_LEFTOVERS = 5
_SUSPICIONS = 10
_UNLOCKS = 5
_LAST = ("--effects write", "--effects burst")


def lines(report: Report, failing: Collection[Verdict] = FAILING) -> list[str]:
    """What a reader of a CI log must see: the counts, the warnings and the worst findings, those of one cause once.

    Args:
        report: the run.
        failing: verdicts that fail the run.
    """
    counted = ", ".join(
        f"{number} {verdict.value}"
        for verdict in SEVERITY
        if verdict is not Verdict.ADVICE and (number := report.summary.counts.get(verdict))
    )
    said = [
        f"{report.target.url}: {headline(report, failing).sentence}",
        f"{report.headline}, {count(report.target.requests, 'request')}: {counted or 'no rule ran'}",
    ]
    if report.coverage is not None:
        said.append(operations(report))
    if report.baseline is not None:
        said.append(since(report))
    said += [f"WARNING {text}" for text in troubles(report)]
    said += [f"SUSPICION {text}" for text in suspicions(report)[:_SUSPICIONS]]
    said += [f"LEFT OVER {url}" for url in report.leftovers[:_LEFTOVERS]]
    rules = {rule.code: rule for rule in report.rules}
    found = causes(report.findings, rules)
    listed = [cause for cause in found if cause.verdict in _LISTED | set(failing)]
    # What could not be decided has no cause; it is listed if it fails the run.
    rest = [one for one in report.findings if one.verdict in failing and one.verdict not in TOGETHER]
    listed += [Cause((finding,)) for finding in ordered(rest, rules)]
    # What fails the run comes first, even before a worse verdict that does not.
    listed.sort(key=lambda cause: not fails(cause.lead, failing))
    for cause in listed[:WORST]:
        said += _cause(cause, rules)
    if len(listed) > WORST:
        said.append(f"... and {len(listed) - WORST} more in the report")
    said += _advice([cause for cause in found if cause.verdict is Verdict.ADVICE and cause not in listed])
    # What stronger effects would add is the last line of the run: `stronger_effects.further()`.
    further = [one for one in unlocks(report) if one.line not in _LAST]
    for one in further[:_UNLOCKS]:
        said.append(f"{count(one.rules, 'rule')} more if {one.condition}: {one.line}")
    return [_bounded(line) for line in said]


def _cause(cause: Cause, rules: dict[str, RuleRecord]) -> list[str]:
    """A finding, the first of its cause, in two lines."""
    finding = cause.lead
    rule = rules.get(finding.rule)
    title = f" {cause.sentence or (rule.title if rule else '')}".rstrip()
    known = " (known)" if finding.known else " (later edition)" if finding.later else ""
    also = f" ({cause.also})" if cause.also else ""
    name = label(finding).replace("[", " [", 1)
    return [f"{finding.verdict.value.upper()}{known} {name}{also}{title}", f"{INSET}{gist(finding)}"]


def _advice(found: list[Cause]) -> list[str]:
    """All advice in one line; nothing without any."""
    if not found:
        return []
    codes = list(dict.fromkeys(cause.lead.rule for cause in found))
    more = f" and {len(codes) - _ADVISED} more" if len(codes) > _ADVISED else ""
    return [f"ADVICE of minor impact, in the report: {', '.join(codes[:_ADVISED])}{more}"]


def _bounded(line: str) -> str:
    inset = INSET if line.startswith(INSET) else ""
    # A warning ends with the rules that are lost.
    width = 2 * WIDTH if line.startswith("WARNING ") else WIDTH
    return inset + one_line(inert(line), width - len(inset))
