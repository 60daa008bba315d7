"""What an earlier run has to say of this one: which findings are known already, and which are to be run again.

1. A finding is known where the earlier run has the same rule on the same resource with a verdict at least as grave,
   and of the same kind: broken, or not decided.
2. An error of the harness and a stale waiver are never known: nobody accepts them by keeping a report.
3. Fixed is what failed earlier and was put to the target and held now; what was not decided now is not fixed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.bad_input import BadInput
from harness.report import json_file
from harness.report.model import BaselineRecord, FixedRecord, PreviousRecord, Report
from harness.rules.finding import Finding
from harness.rules.verdict import BROKEN, SEVERITY, Verdict

Key = tuple[str, str]
"""Code of a rule, and name of the resource; empty for a rule on the whole target."""

_HELD = (Verdict.PASS, Verdict.NOTE)
_AGAIN = (Verdict.FAIL, Verdict.WARN, Verdict.INCONCLUSIVE, Verdict.ERROR)


@dataclass(frozen=True)
class Baseline:
    """The verdicts of an earlier run.

    Attributes:
        run: id of that run.
        started: when it began.
        url: the target that it tested.
        verdicts: by rule and resource.
    """

    run: str
    started: str
    url: str
    verdicts: Mapping[Key, Verdict]

    @classmethod
    def of(cls, report: Report) -> Baseline:
        verdicts = {finding.key: finding.verdict for finding in report.findings}
        return cls(report.run.id, report.run.started, report.target.url, verdicts)

    def knows(self, finding: Finding) -> bool:
        """Whether the earlier run has the finding already."""
        before = self.verdicts.get(finding.key)
        if before is None:
            return False
        if finding.verdict is Verdict.INCONCLUSIVE:
            return before is Verdict.INCONCLUSIVE
        if finding.verdict not in BROKEN or before not in BROKEN or not finding.breaches:
            return False
        return SEVERITY.index(before) <= SEVERITY.index(finding.verdict)

    def record(self, findings: Iterable[Finding], failing: Collection[Verdict]) -> BaselineRecord:
        """The part of the report that tells of the earlier run.

        Args:
            findings: of this run.
            failing: verdicts that fail a run.
        """
        fixed = [
            FixedRecord(rule=finding.rule, resource=finding.resource, verdict=before)
            for finding in sorted(findings, key=lambda finding: finding.key)
            if finding.verdict in _HELD and (before := self.verdicts.get(finding.key)) in {*BROKEN, *failing}
        ]
        return BaselineRecord(run=self.run, started=self.started, url=self.url, fixed=fixed)

    def changes(self, findings: Iterable[Finding]) -> PreviousRecord:
        """What changed since. What was not run, or not decided, in one of the runs is no change."""
        told = PreviousRecord(run=self.run, started=self.started)
        for finding in sorted(findings, key=lambda finding: finding.key):
            before = self.verdicts.get(finding.key)
            if before is None:
                continue
            record = FixedRecord(rule=finding.rule, resource=finding.resource, verdict=before)
            if finding.verdict in BROKEN and before.decided:
                (told.still if before in BROKEN else told.new).append(record)
            elif finding.verdict in _HELD and before in BROKEN:
                told.fixed.append(record)
        return told


@dataclass(frozen=True)
class Again:
    """What of an earlier run is to be run again.

    Attributes:
        run: id of that run.
        keys: rules and resources.
        rules: how many rules that run had.
    """

    run: str
    keys: frozenset[Key]
    rules: int

    @classmethod
    def of(cls, report: Report) -> Again:
        keys = frozenset(finding.key for finding in report.findings if finding.verdict in _AGAIN)
        return cls(report.run.id, keys, len(report.rules))

    def told(self, rules: int) -> str:
        """What a reader of the report must know of its counts."""
        return (
            f"Only what failed, warned or was not decided in run {self.run} was run again: "
            f"{rules} of its {self.rules} rules."
        )


def read_baseline(path: Path) -> Baseline:
    """The run that `--baseline` names.

    Raises:
        BadInput: the file is no report of this format.
    """
    return Baseline.of(json_file.read(path, exchanges=False))


def read_again(path: Path) -> Again:
    """The run that `--rerun` names.

    Raises:
        BadInput: the file is no report of this format, or has nothing to run again.
    """
    again = Again.of(json_file.read(path, exchanges=False))
    if not again.keys:
        raise BadInput(
            f"--rerun {path}",
            "nothing in it failed, warned or was left undecided",
            "leave --rerun out to run all rules",
        )
    return again
