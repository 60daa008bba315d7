"""From the findings of a run to its report."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError

from harness.client.claims import Touched
from harness.http.exchange import Exchange
from harness.profile.models import Profile
from harness.report.causes import causes
from harness.report.model import (
    LearntRecord,
    OperationRecord,
    Report,
    RuleRecord,
    RunRecord,
    SuspicionRecord,
    TargetRecord,
    TouchedRecord,
    tallies,
    tally,
)
from harness.rules import facts
from harness.rules.finding import Finding
from harness.rules.rule import Rule
from harness.rules.verdict import Verdict
from harness.survey.outcome import Survey
from harness.survey.suspicion import Suspicion
from harness.target.target import Target

_EXCHANGES: TypeAdapter[list[Exchange]] = TypeAdapter(list[Exchange])


@dataclass(frozen=True)
class Collected:
    """A rule that pytest collected, with the resource it is to run on."""

    nodeid: str
    rule: RuleRecord
    resource: str | None

    @staticmethod
    def dump(collected: list[Collected]) -> str:
        return _COLLECTED.dump_json(collected).decode()

    @staticmethod
    def load(text: str) -> list[Collected]:
        return _COLLECTED.validate_json(text)


_COLLECTED: TypeAdapter[list[Collected]] = TypeAdapter(list[Collected])


@dataclass
class Gathered:
    """The results of the rules that have run, from this process or from workers."""

    collected: list[Collected] = field(default_factory=list)
    findings: dict[str, Finding] = field(default_factory=dict)
    exchanges: dict[str, Exchange] = field(default_factory=dict)
    died: str | None = None

    def pack(self, finding: Finding, exchanges: list[Exchange], died: str | None) -> str:
        """A finding as text that a test report can carry from a worker to the controller."""
        return json.dumps(
            {
                "finding": finding.model_dump(mode="json"),
                "exchanges": _EXCHANGES.dump_python(exchanges, mode="json"),
                "died": died,
            }
        )

    def take(self, report: Any) -> None:
        """Take in a test report."""
        packed = getattr(report, "conformance", None)
        if packed is None:
            if report.failed and report.when not in ("setup", "call", "teardown"):
                # pytest-xdist reports the rule that was running when its worker crashed in this way.
                self.findings.setdefault(report.nodeid, self._crashed(report))
            return
        unpacked = json.loads(packed)
        finding = Finding.model_validate(unpacked["finding"])
        self.findings[finding.nodeid] = finding
        for exchange in _EXCHANGES.validate_python(unpacked["exchanges"]):
            self.exchanges[exchange.id] = exchange
        self.died = self.died or unpacked["died"]

    def _crashed(self, report: Any) -> Finding:
        return Finding(rule="", verdict=Verdict.ERROR, reason=str(report.longrepr), nodeid=report.nodeid)


def rule_record(rule: Rule, nodeid: str) -> RuleRecord:
    return RuleRecord(
        code=rule.code,
        suite=rule.suite,
        level=rule.level,
        impact=rule.impact,
        title=rule.title,
        why=rule.why,
        fix=rule.fix,
        refs=list(rule.refs),
        needs=list(rule.needs),
        effect=rule.effect.name,
        strict=rule.strict,
        advice=rule.advice,
        module=nodeid.partition("::")[0].rpartition("/")[2],
        shared=rule.shared,
    )


def assemble(
    run: RunRecord,
    target: Target,
    survey: Survey,
    gathered: Gathered,
    requests: int,
    leftovers: list[str],
    clean: Callable[[str], str] = str,
    touched: Sequence[Touched] = (),
) -> Report:
    """Make the report; a rule that was collected and never ran is inconclusive, and says so.

    Args:
        clean: removes secrets from a text; applied to what comes from the OpenAPI document and the survey.
        touched: what existed before the run and was changed by its creates.
    """
    findings = _findings(gathered, run.interrupted, clean)
    rules = {one.rule.code: one.rule for one in gathered.collected}
    return Report(
        run=run,
        target=_target_record(target, survey, gathered.died, requests, clean),
        profile=_public(survey, clean),
        summary=tally(findings),
        suites=tallies(findings),
        rules=[rules[code] for code in sorted(rules)],
        findings=findings,
        causes=[cause.record() for cause in causes(findings, rules)],
        exchanges=list(gathered.exchanges.values()),
        survey=[exchange.id for exchange in survey.exchanges],
        leftovers=[clean(line) for line in leftovers],
        suspicions=[_suspicion(one, rules, findings, clean) for one in survey.suspicions],
        learnt=[
            LearntRecord(
                resource=one.resource,
                fact=one.fact,
                value=one.value,
                because=clean(one.because),
                exchanges=list(one.exchanges),
            )
            for one in survey.learnt
        ],
        touched=[TouchedRecord(message=clean(one.message), exchange=one.exchange) for one in touched],
        warnings=[clean(line) for line in (*survey.warnings, *([gathered.died] if gathered.died else []))],
    )


def _suspicion(
    one: Suspicion, rules: Mapping[str, RuleRecord], findings: Sequence[Finding], clean: Callable[[str], str]
) -> SuspicionRecord:
    """A suspicion with the rules that it keeps from being decided: those that need what is in doubt."""
    lost = {
        finding.rule
        for finding in findings
        if finding.verdict is Verdict.INCONCLUSIVE
        and _relies_on(rules[finding.rule], one)
        and (one.fact or finding.resource in (None, one.resource))
    }
    return SuspicionRecord(
        text=clean(one.text),
        exchanges=list(one.exchanges),
        resource=one.resource,
        capability=one.capability,
        fact=one.fact,
        place=one.place,
        rules=sorted(lost),
    )


def _relies_on(rule: RuleRecord, one: Suspicion) -> bool:
    """Whether a rule cannot be decided without what a suspicion is about."""
    if one.fact == "quota":
        return one.fact in facts.used().get(rule.code, ())
    return bool(one.capability) and one.capability in rule.needs


def _findings(gathered: Gathered, interrupted: bool, clean: Callable[[str], str]) -> list[Finding]:
    """One finding for each collected rule and resource, in the order of their keys."""
    findings = []
    for one in gathered.collected:
        finding = gathered.findings.get(one.nodeid)
        if finding is None:
            why = "the run was interrupted" if interrupted else "the run ended before it"
            finding = Finding(rule="", verdict=Verdict.INCONCLUSIVE, reason=f"not run: {why}")
        findings.append(
            finding.model_copy(
                update={
                    "rule": one.rule.code,
                    "resource": one.resource,
                    "nodeid": one.nodeid,
                    "reason": clean(finding.reason),
                }
            )
        )
    return sorted(findings, key=lambda finding: finding.key)


def _target_record(
    target: Target, survey: Survey, died: str | None, requests: int, clean: Callable[[str], str]
) -> TargetRecord:
    limits = target.limits
    return TargetRecord(
        url=target.url,
        openapi=survey.openapi and clean(survey.openapi),
        credentials=sorted(target.credentials),
        effects=limits.effects.name,
        max_requests=limits.max_requests,
        rps=limits.rps,
        flood_budget=limits.flood_budget,
        load_budget=limits.load_budget,
        max_time=limits.max_time,
        timeout=limits.timeout,
        requests=requests,
        died=died and clean(died),
        operations=operations(survey, clean),
    )


def operations(survey: Survey, clean: Callable[[str], str] = str) -> list[OperationRecord]:
    """The documented operations, each with its place in the document."""
    found = []
    for path, methods in sorted(survey.documented.items()):
        written = survey.written.get(path, path).replace("~", "~0").replace("/", "~1")
        for method in sorted(methods):
            pointer = f"/paths/{clean(written)}/{method.lower()}"
            found.append(OperationRecord(method=method, path=clean(path), pointer=pointer))
    return found


def _public(survey: Survey, clean: Callable[[str], str]) -> Profile:
    """The profile without the values of credentials, also where the target repeated them."""
    credentials = {name: one.masked() for name, one in survey.profile.credentials.items()}
    shown = survey.profile.model_copy(update={"credentials": credentials})
    text = shown.model_dump_json()
    found = clean(text)
    if found == text:
        return shown
    try:
        return Profile.model_validate_json(found)
    except ValidationError:
        # The replacement of a secret does not fit a member that is no text.
        return Profile(credentials=credentials)
