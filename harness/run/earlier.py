"""A run beside earlier ones: `--baseline` (what is known fails nothing), `--rerun` (only what was not good), and the
run before, of which is only told what changed since."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from harness.bad_input import BadInput
from harness.report.model import Report
from harness.rules.finding import Finding, fails
from harness.run.baseline import Again, Baseline, read_again, read_baseline
from harness.run.options import Settings
from harness.run.pytest_items import resource_of, rule_of
from harness.target.target import Target


class Earlier:
    """A plugin object beside the session, in the controller and in each worker.

    Args:
        settings: of the run.
        directory: where the paths of the user begin.
        worker: what the controller handed over; None in the controller itself.

    Raises:
        BadInput: a report cannot be read, or has nothing to run again.
    """

    baseline: Baseline | None = None
    again: Again | None = None
    left: Path | None = None
    """Where the report of the run before may lie, until this run's is written."""

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
            self.left = directory / settings.report_dir / "conformance.json"
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
        left: list[pytest.Item] = []
        for item in items:
            rule = rule_of(item)
            wanted = rule is None or (rule.code, resource_of(item) or "") in self.again.keys
            (kept if wanted else left).append(item)
        if left:
            items[:] = kept
            config.hook.pytest_deselected(items=left)

    def fails(self, finding: Finding) -> bool:
        """Whether a finding fails the run; marks it where the baseline has it already."""
        finding.known = self.baseline is not None and self.baseline.knows(finding)
        return fails(finding, self.failing)

    def tell(self, report: Report, target: Target) -> None:
        """Put into the report what the earlier run has to do with this one."""
        if self.baseline is not None:
            report.baseline = self.baseline.record(report.findings, self.failing)
            if self.baseline.url != target.url and not target.loopback:
                report.warnings.append(f"The baseline is of another target: {self.baseline.url}")
        elif self.left is not None:
            before = _run_before(self.left)
            if before is not None and before.url == target.url:
                report.previous = before.changes(report.findings)
        if self.again is not None:
            report.warnings.append(self.again.told(len(report.rules)))


def _run_before(path: Path) -> Baseline | None:
    """The run before; None where there is none whose report can be read."""
    try:
        return read_baseline(path)
    except BadInput:
        return None


def _mapped(handed: dict[str, Any]) -> dict[str, Any]:
    return {**handed, "verdicts": {(rule, name): verdict for rule, name, verdict in handed["verdicts"]}}
