"""Drafts waivers for what a run found: to be signed by somebody, and refused by the next run until they are."""

from __future__ import annotations

import tomlkit

from harness.report.model import Report, RuleRecord
from harness.report.text import one_line
from harness.report.words import gist, label, ordered
from harness.rules.finding import Finding
from harness.rules.verdict import BROKEN, Verdict

TODO = "TODO"
_HEADER = "Waivers to be signed, drafted from run {run} of {url} ({started})."
_HOW = """\
Keep what you accept: fill in reason, owner and until (such as 2027-01-31), and move it to conformance.toml.
As long as one of them says TODO, no run accepts it. Leave out `resource` to accept a rule on every resource.
"""


def draft(report: Report) -> str:
    """The findings of a run that failed or warned as `[[waivers]]`, the gravest first; the text is TOML."""
    document = tomlkit.document()
    header = _HEADER.format(run=report.run.id, url=report.target.url, started=report.run.started)
    document.add(tomlkit.comment(one_line(header, 300)))
    rules = {rule.code: rule for rule in report.rules}
    tables = tomlkit.aot()
    for finding in ordered(report.findings, rules):
        if finding.verdict not in BROKEN:
            continue
        if "waiver" in finding.reason and finding.verdict is Verdict.FAIL:
            # There is one already: a second one beside it would hide that it has ended, or can go.
            document.add(tomlkit.comment(f"{label(finding)} left out: {one_line(finding.reason, 200)}"))
            continue
        tables.append(_table(finding, rules.get(finding.rule)))
    if not len(tables):
        document.add(tomlkit.comment("Nothing failed or warned: there is nothing to waive."))
        return tomlkit.dumps(document)
    for line in _HOW.splitlines():
        document.add(tomlkit.comment(line))
    document.append("waivers", tables)
    return tomlkit.dumps(document)


def _table(finding: Finding, rule: RuleRecord | None) -> tomlkit.items.Table:
    table = tomlkit.table()
    title = f": {rule.title}" if rule else ""
    table.add(tomlkit.comment(one_line(f"{finding.verdict.value.upper()}{title}", 200)))
    table.add(tomlkit.comment(one_line(gist(finding), 300)))
    table.add("rule", finding.rule)
    if finding.resource is not None:
        table.add("resource", finding.resource)
    for key in ("reason", "owner", "until"):
        table.add(key, TODO)
    return table
