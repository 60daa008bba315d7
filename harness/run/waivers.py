"""Waivers: findings that their owners accept until a date. Which one covers a finding, which are invalid or stale.

1. A waiver for one resource is stale when the rule holds there: `judge()` decides that. A waiver for all resources is
   stale when the rule was decided on at least one of them, is undecided on none, and holds wherever it was decided.
2. Where the rule did not apply or was not decided, the waiver may still be needed: a later run may have more effects
   or another credential. So neither a stale nor an expired waiver fails the run then; an expired one is a warning.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence

import tomlkit

from harness.bad_input import BadInput
from harness.profile.models import Profile, Waiver
from harness.report.assemble import Collected
from harness.report.model import Report, RuleRecord
from harness.report.text import one_line
from harness.report.words import gist, label, ordered
from harness.rules.finding import Finding
from harness.rules.verdict import SERIOUS, Verdict, stale

_CODE = re.compile(r"[A-Z]{2,6}-\d{3}")
_HELD = (Verdict.PASS, Verdict.NOTE)
TODO = "TODO"
_HEADER = "Waivers to sign, drafted from run {run} of {url} ({started})."
_HOW = """\
Keep what you accept: fill in reason, owner and until (such as 2027-01-31), and move it to conformance.toml.
A run rejects a waiver that says TODO. Leave out `resource` to accept a rule on every resource.
"""


def covering(waivers: Iterable[Waiver], rule: str, resource: str | None) -> Waiver | None:
    """The waiver that covers a rule on a resource: one for that resource before one for all, the latest end first."""
    fitting = [one for one in waivers if one.covers(rule, resource)]
    return max(fitting, key=lambda one: (one.resource is not None, one.until), default=None)


def check(waivers: Sequence[Waiver], shipped: Collection[str], where: str, *, own: bool) -> None:
    """Reject a waiver for an unknown rule.

    The code of an unknown suite may belong to rules of the user that are not part of this run.

    Args:
        shipped: codes of the shipped rules.
        where: the file that has the waivers.
        own: whether the user's own rules are part of the run: any code may then be one of theirs.

    Raises:
        BadInput: a waiver names an unknown rule, or what it names is no code.
    """
    suites = {code.partition("-")[0] for code in shipped}
    for number, waiver in enumerate(waivers):
        if waiver.rule in shipped:
            continue
        suite = waiver.rule.partition("-")[0]
        near = difflib.get_close_matches(waiver.rule.upper(), sorted(shipped), n=1, cutoff=0.75)
        fix = f"did you mean {near[0]}?" if near else "a code is like COND-004"
        key = f"waivers[{number}].rule"
        if not _CODE.fullmatch(waiver.rule):
            raise BadInput(where, f"{key}: {waiver.rule!r} is not the code of a rule", fix)
        misspelt = difflib.get_close_matches(suite, sorted(suites), n=1, cutoff=0.75)
        if not own and (suite in suites or misspelt):
            raise BadInput(where, f"{key}: unknown rule {waiver.rule}", fix)


def settle(collected: Sequence[Collected], findings: Mapping[str, Finding], target: Profile) -> list[str]:
    """Fail the rules whose waiver for all resources is stale.

    Args:
        collected: the rules of the run, with their resources.
        findings: by node id; changed in place.
        target: the profile, with all resources.

    Returns:
        The codes of these rules.
    """
    found: list[str] = []
    for waiver in target.waivers:
        own = _covered(waiver, collected, target)
        if waiver.resource is not None or not own or waiver.rule in found:
            continue
        ran = {one.resource for one in collected if one.rule.code == waiver.rule}
        if _applicable(own[0], target) - ran:
            # Only some resources were selected: the waiver may be needed on the others.
            continue
        results = [findings.get(one.nodeid) for one in own]
        held = [finding for finding in results if finding is not None and finding.verdict in _HELD]
        open_ = [one for one in results if one is None or one.verdict not in (*_HELD, Verdict.NOT_APPLICABLE)]
        if held and not open_:
            held[0].verdict, held[0].reason = Verdict.FAIL, stale(waiver.owner)
            found.append(waiver.rule)
    return found


def _covered(waiver: Waiver, collected: Sequence[Collected], target: Profile) -> list[Collected]:
    """What the waiver, and no other one, covers among the rules of a run."""
    return [
        one
        for one in sorted(collected, key=lambda one: one.resource or "")
        if one.rule.code == waiver.rule
        and one.resource is not None
        and (chosen := covering(target.waivers, waiver.rule, one.resource)) is not None
        and chosen.resource is None
        and chosen.until == waiver.until
    ]


def _applicable(one: Collected, target: Profile) -> set[str]:
    """Names of all resources, or rate limits, that the rule can run on."""
    if one.resource not in {resource.name for resource in target.resources}:
        # A rule on rate limits.
        return {limit.name for limit in target.rate_limits}
    return {
        resource.name
        for resource in target.resources
        if all(resource.missing(need) is None for need in one.rule.needs)
    }


def idle(report: Report, today: dt.date | None = None) -> list[str]:
    """Warnings about waivers that waived nothing, one line each."""
    today = today or dt.date.today()
    codes = {rule.code for rule in report.rules}
    warnings = []
    for waiver in report.profile.waivers:
        name = f"{waiver.rule}[{waiver.resource}]" if waiver.resource else waiver.rule
        covered = [f for f in report.of_rule(waiver.rule) if waiver.resource in (None, f.resource)]
        if not covered and waiver.rule in codes:
            warnings.append(f"The waiver by {waiver.owner} for {name} matches no resource of this run.")
        elif covered and waiver.until < today and not any(finding.verdict.decided for finding in covered):
            warnings.append(
                f"The waiver by {waiver.owner} for {name} ended on {waiver.until}, and the rule could not be decided "
                f"({covered[0].verdict.value}): renew or remove it."
            )
    return warnings


def draft(report: Report) -> str:
    """Draft `[[waivers]]` for the findings of a run that failed or warned, the gravest first.

    Returns:
        TOML; the next run rejects it until the owners have filled in what says TODO.
    """
    document = tomlkit.document()
    header = _HEADER.format(run=report.run.id, url=report.target.url, started=report.run.started)
    document.add(tomlkit.comment(one_line(header, 300)))
    rules = {rule.code: rule for rule in report.rules}
    tables = tomlkit.aot()
    for finding in ordered(report.findings, rules):
        if finding.verdict not in SERIOUS:
            continue
        if "waiver" in finding.reason and finding.verdict is Verdict.FAIL:
            # It has a waiver already: a second one would hide that the first has ended, or is no longer needed.
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
