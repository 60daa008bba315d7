"""How many more rules a run with stronger effects would verify, judged from a run with weaker ones."""

from __future__ import annotations

from harness.profile.models import Resource
from harness.report.model import Report, RuleRecord
from harness.report.text import count
from harness.rules.finding import Finding
from harness.rules.rule import Effect
from harness.rules.verdict import Verdict


def rougher(report: Report) -> dict[Effect, frozenset[str]]:
    """The rules that WRITE and BURST would verify in addition, for each of the two that the run was not allowed.

    A survey that only reads does not see what writes would show. Whatever neither the profile nor the document denies
    counts as possible, so these numbers are upper bounds. Every rule of WRITE is also among those of BURST.
    """
    allowed = Effect[report.target.effects]
    findings: dict[str, list[Finding]] = {}
    for finding in report.findings:
        findings.setdefault(finding.rule, []).append(finding)
    rules = [rule for rule in report.rules if _possible(rule, findings.get(rule.code, []), report, allowed)]
    return {
        effect: frozenset(rule.code for rule in rules if Effect[rule.effect] <= effect)
        for effect in (Effect.WRITE, Effect.BURST)
        if effect > allowed
    }


def further(report: Report) -> str:
    """What stronger effects would add, in one line; empty if they would add nothing."""
    parts, said = [], 0
    for effect, codes in rougher(report).items():
        if len(codes) > said:
            said = len(codes)
            parts.append(f"--effects {effect.name.lower()} would verify up to {count(said, 'rule')} more")
    if not parts:
        return ""
    return f"verified under --effects {report.target.effects.lower()}: {'; '.join(parts)}"


def _possible(rule: RuleRecord, findings: list[Finding], report: Report, allowed: Effect) -> bool:
    if any(finding.verdict.decided for finding in findings):
        return False
    if Effect[rule.effect] <= allowed:
        # The rule has run. Only what a survey that writes would find can change its result.
        undecided = all(finding.verdict is Verdict.INCONCLUSIVE for finding in findings)
        nowhere = bool(rule.needs) and all(finding.resource is None for finding in findings)
        if allowed is not Effect.READ or not (undecided or nowhere):
            return False
    return not rule.needs or any(_may(one, rule, allowed) for one in report.profile.resources)


def _may(resource: Resource, rule: RuleRecord, allowed: Effect) -> bool:
    lacking = resource.surely_missing if allowed is Effect.READ else resource.missing
    return all(lacking(need) is None for need in rule.needs)
