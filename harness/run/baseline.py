"""A run and the runs before it: `--baseline`, `--rerun`, and what changed since the last run.

1. A finding is in the baseline if the baseline has the same rule on the same resource with a verdict at least as
   grave, and of the same kind: broken, or not decided. Such a finding does not fail the run.
2. An error of the harness and a stale waiver always fail the run: keeping a report does not accept them.
3. Fixed is what failed in the baseline and holds now. What is not decided now is not fixed.
4. A suspicion is in the baseline if that has one about the same capability, or member, of the same resource.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from harness.bad_input import BadInput
from harness.report import json_file
from harness.report.kept_document import unpacked
from harness.report.model import BaselineRecord, FixedRecord, PreviousRecord, Report
from harness.rules.finding import Finding, fails
from harness.rules.verdict import BROKEN, SERIOUS, SEVERITY, Verdict
from harness.run.pytest_items import resource_of, rule_of
from harness.run.settings import Settings
from harness.survey.outcome import EarlierDocument
from harness.target.target import Target

Key = tuple[str, str]
"""Code of a rule, and name of the resource; empty for a rule on the whole target."""

_HELD = (Verdict.PASS, Verdict.NOTE)
_AGAIN = (Verdict.FAIL, Verdict.WARN, Verdict.INCONCLUSIVE, Verdict.ERROR)


@dataclass(frozen=True)
class Baseline:
    """The verdicts of an earlier run, by rule and resource.

    Attributes:
        run: id of that run.
        started: when it began.
        url: the target that it tested.
        verdicts: by rule and resource.
        suspicions: their keys; empty in a worker, where none is judged.
        document: the OpenAPI document of that run, packed; None in a worker, or where the report keeps none.
    """

    run: str
    started: str
    url: str
    verdicts: Mapping[Key, Verdict]
    suspicions: frozenset[tuple[str, ...]] = frozenset()
    document: str | None = None

    @classmethod
    def of(cls, report: Report) -> Baseline:
        verdicts = {finding.key: finding.verdict for finding in report.findings}
        suspicions = frozenset(one.key for one in report.suspicions)
        return cls(
            report.run.id, report.run.started, report.target.url, verdicts, suspicions, report.document
        )

    def knows(self, finding: Finding) -> bool:
        """Whether the baseline has the finding."""
        before = self.verdicts.get(finding.key)
        if before is None:
            return False
        if finding.verdict is Verdict.INCONCLUSIVE:
            return before is Verdict.INCONCLUSIVE
        if finding.verdict not in BROKEN or before not in BROKEN or not finding.breaches:
            return False
        return SEVERITY.index(before) <= SEVERITY.index(finding.verdict)

    def record(self, findings: Iterable[Finding], failing: Collection[Verdict]) -> BaselineRecord:
        """The part of the report about the baseline.

        Args:
            findings: of this run.
            failing: verdicts that fail a run.
        """
        fixed = [
            FixedRecord(rule=finding.rule, resource=finding.resource, verdict=before)
            for finding in sorted(findings, key=lambda finding: finding.key)
            if finding.verdict in _HELD and (before := self.verdicts.get(finding.key)) in {*SERIOUS, *failing}
        ]
        return BaselineRecord(run=self.run, started=self.started, url=self.url, fixed=fixed)

    def changes(self, findings: Iterable[Finding]) -> PreviousRecord:
        """What changed since. A rule that was not run or not decided in one of the two runs has not changed."""
        changed = PreviousRecord(run=self.run, started=self.started)
        for finding in sorted(findings, key=lambda finding: finding.key):
            before = self.verdicts.get(finding.key)
            if before is None:
                continue
            record = FixedRecord(rule=finding.rule, resource=finding.resource, verdict=before)
            if finding.verdict in SERIOUS and before.decided:
                (changed.still if before in SERIOUS else changed.new).append(record)
            elif finding.verdict in _HELD and before in SERIOUS:
                changed.fixed.append(record)
        return changed


@dataclass(frozen=True)
class Again:
    """The part of an earlier run that `--rerun` repeats.

    Attributes:
        run: id of that run.
        keys: what failed, warned or was not decided in it.
        rules: how many rules that run had.
    """

    run: str
    keys: frozenset[Key]
    rules: int

    @classmethod
    def of(cls, report: Report) -> Again:
        again = {*_AGAIN, *report.run.failing}
        keys = frozenset(finding.key for finding in report.findings if finding.verdict in again)
        return cls(report.run.id, keys, len(report.rules))

    def warning(self, rules: int) -> str:
        """A warning for readers of the report: its counts are not those of a whole run.

        Args:
            rules: how many rules were repeated.
        """
        return (
            f"This run repeated only what failed, warned or was not decided in run {self.run}: "
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


class EarlierRuns:
    """The hooks that compare with earlier runs, in the controller and in each worker.

    Args:
        settings: of the run.
        directory: the paths of the user are relative to it.
        worker: what the controller handed over; None in the controller itself.

    Raises:
        BadInput: a report cannot be read, or has nothing to run again.
    """

    baseline: Baseline | None = None
    again: Again | None = None
    previous: Path | None = None
    """Where the last run may have written its report; this run will overwrite it."""
    kept: str | None = None
    """The OpenAPI document of this run, packed."""

    def __init__(self, settings: Settings, directory: Path, worker: dict[str, Any] | None) -> None:
        self.failing = settings.failing
        if worker is not None:
            handed = worker["conformance_earlier"]
            if handed["baseline"] is not None:
                self.baseline = TypeAdapter(Baseline).validate_python(_mapped(handed["baseline"]))
            if handed["again"] is not None:
                self.again = TypeAdapter(Again).validate_python(handed["again"])
            return
        if settings.baseline is not None:
            self.baseline = read_baseline(directory / settings.baseline)
        else:
            self.previous = directory / settings.report_dir / "conformance.json"
        if settings.rerun is not None:
            self.again = read_again(directory / settings.rerun)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        baseline, again = self.baseline, self.again
        node.workerinput["conformance_earlier"] = {
            "baseline": None
            if baseline is None
            else {
                "run": baseline.run,
                "started": baseline.started,
                "url": baseline.url,
                "verdicts": [[*key, verdict.value] for key, verdict in sorted(baseline.verdicts.items())],
            },
            "again": None
            if again is None
            else {"run": again.run, "keys": [list(key) for key in sorted(again.keys)], "rules": again.rules},
        }

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        if self.again is None:
            return
        kept: list[pytest.Item] = []
        deselected: list[pytest.Item] = []
        for item in items:
            rule = rule_of(item)
            wanted = rule is None or (rule.code, resource_of(item) or "") in self.again.keys
            (kept if wanted else deselected).append(item)
        if deselected:
            items[:] = kept
            config.hook.pytest_deselected(items=deselected)

    @cached_property
    def _last(self) -> Baseline | None:
        """The last run, as the planning of this one first reads it: this run overwrites the file."""
        return None if self.previous is None else _last_run(self.previous)

    def verdicts(self, url: str) -> Mapping[Key, Verdict]:
        """The verdicts of the baseline, or else of the previous run on that target; empty without either."""
        before = self.baseline or self._last
        return before.verdicts if before is not None and before.url == url else {}

    def keep(self, document: str | None) -> None:
        """Keep the packed OpenAPI document of this run for its report."""
        self.kept = document

    def document(self, url: str, folder: Path) -> EarlierDocument | None:
        """The OpenAPI document of the baseline, or else of the previous run on that target; None without one.

        Args:
            folder: takes a file with the document, for all processes of the run.
        """
        before = self.baseline or self._last
        kept = before is not None and (before is self.baseline or before.url == url)
        content = unpacked(before.document) if before is not None and kept and before.document else None
        if before is None or content is None:
            return None
        file = folder / "earlier-openapi.json"
        file.write_bytes(content)
        return EarlierDocument(str(file), f"the document of run {before.run} of {before.started}")

    def fails(self, finding: Finding) -> bool:
        """Whether a finding fails the run; it is marked as known if the baseline has it."""
        finding.known = self.baseline is not None and self.baseline.knows(finding)
        return fails(finding, self.failing)

    def add_to(self, report: Report, target: Target) -> None:
        """Add the comparison with earlier runs, and what the next run compares with, to a report."""
        report.document = self.kept
        if self.baseline is not None:
            report.baseline = self.baseline.record(report.findings, self.failing)
            for one in report.suspicions:
                one.known = one.key in self.baseline.suspicions
            if self.baseline.url != target.url and not target.loopback:
                report.warnings.append(f"The baseline is of another target: {self.baseline.url}")
        elif self.previous is not None:
            before = self._last
            if before is not None and before.url == target.url:
                report.previous = before.changes(report.findings)
        if self.again is not None:
            report.warnings.append(self.again.warning(len(report.rules)))


def _last_run(path: Path) -> Baseline | None:
    """The last run; None if it has left no report that can be read."""
    try:
        return read_baseline(path)
    except BadInput:
        return None


def _mapped(handed: dict[str, Any]) -> dict[str, Any]:
    return {**handed, "verdicts": {(rule, name): verdict for rule, name, verdict in handed["verdicts"]}}
