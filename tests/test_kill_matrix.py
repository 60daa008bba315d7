"""Every rule passes on a sound API and trips on a defective one: on real sockets, in runs as users start them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.reference.server import demo
from harness.report.model import Finding, Report
from harness.suites_folder import suites_folder
from harness.verdict import Verdict
from tests.defects import Defect, errors, methods
from tests.running import run

DEFECTS: tuple[Defect, ...] = methods.DEFECTS + errors.DEFECTS
SUITES = sorted(suites_folder().glob("test_*.py"))
TRIPPED = {Verdict.FAIL, Verdict.WARN}
UNSOUND = {*TRIPPED, Verdict.WAIVED, Verdict.ERROR}
UNDECIDED_ON_THE_REFERENCE: dict[str, str] = {}
"""Rules that cannot be decided on the reference, each with the reason."""
# The defective servers answer from one database in one process: a poll cannot show anything later.
AT_ONCE = "consistency_window = 0\n"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with demo() as (url, _):
        yield url


@pytest.fixture(scope="module")
def sound(url: str) -> Report:
    """A run of all rules on the reference."""
    return run(url, suites=SUITES)


def verdicts(report: Report) -> dict[tuple[str, str], Verdict]:
    return {finding.key: finding.verdict for finding in report.findings}


def told(findings: list[Finding]) -> str:
    return "\n".join(
        f"{finding.rule} [{finding.resource}] {finding.verdict.value}: {finding.reason}"
        for finding in findings
    )


def test_reference_breaks_no_rule(sound: Report) -> None:
    broken = [finding for finding in sound.findings if finding.verdict in UNSOUND]
    assert not broken, told(broken)
    assert not sound.leftovers


def test_every_rule_is_decided_on_the_reference(sound: Report) -> None:
    decided = {finding.rule for finding in sound.findings if finding.verdict.decided}
    undecided = {rule.code for rule in sound.rules} - decided
    assert undecided == set(UNDECIDED_ON_THE_REFERENCE), told(
        [finding for finding in sound.findings if finding.rule in undecided]
    )


def test_every_rule_has_a_defect(sound: Report) -> None:
    rules = {rule.code for rule in sound.rules}
    proven = {defect.rule for defect in DEFECTS}
    assert not rules - proven, f"no defect shows that these can fail: {', '.join(sorted(rules - proven))}"
    assert not proven - rules, f"defects of rules that are not there: {', '.join(sorted(proven - rules))}"


def test_workers_reach_the_same_verdicts(url: str, sound: Report) -> None:
    assert verdicts(run(url, "-n", "4", suites=SUITES)) == verdicts(sound)


def test_any_folder_and_no_argument_but_the_target_will_do(url: str, sound: Report) -> None:
    assert verdicts(run(url)) == verdicts(sound)


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: f"{defect.rule}: {defect.name}")
def test_defect_trips_its_rule_alone(defect: Defect) -> None:
    with defect.serve() as url:
        report = run(url, suites=SUITES, profile=AT_ONCE)
    found = [finding for finding in report.findings if finding.verdict in TRIPPED]
    crashed = [finding for finding in report.findings if finding.verdict is Verdict.ERROR]
    assert not crashed, told(crashed)
    assert {finding.rule for finding in found} == {defect.rule} | defect.also, told(found)
