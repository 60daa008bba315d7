"""How many rules more a run of rougher effects would verify, by what a milder one has seen."""

from __future__ import annotations

from harness.profile.models import Resource
from harness.report.model import Report, RuleRecord
from harness.report.text import count
from harness.rules.finding import Finding
from harness.rules.rule import Effect
from harness.rules.verdict import Verdict


def rougher(report: Report) -> dict[Effect, frozenset[str]]:
    """For each of WRITE and BURST that the run was not allowed: the rules that it would verify, and this run did not.

    A survey that only reads does not see what writes would show. What neither the profile nor the document denies is
    taken for possible then, so that these are the most that there can be. Every rule of WRITE is among those of BURST.
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
    """What rougher effects would add, in one line; empty where they would add nothing."""
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
        # It was put to the target. Only what a survey that writes would have seen can change what came of it.
        undecided = all(finding.verdict is Verdict.INCONCLUSIVE for finding in findings)
        nowhere = bool(rule.needs) and all(finding.resource is None for finding in findings)
        if allowed is not Effect.READ or not (undecided or nowhere):
            return False
    return not rule.needs or any(_may(one, rule, allowed) for one in report.profile.resources)


def _may(resource: Resource, rule: RuleRecord, allowed: Effect) -> bool:
    lacking = resource.surely_missing if allowed is Effect.READ else resource.missing
    return all(lacking(need) is None for need in rule.needs)
