"""From what a run has gathered to its report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.report.assemble import Collected, assemble
from harness.report.model import PlanRecord, Report
from harness.report.operations import coverage
from harness.report.words import headline
from harness.run import estimates, finish, passive, waivers
from harness.run.planning import PLAN

if TYPE_CHECKING:
    from harness.run.session import ConformanceSession


def report_of(session: ConformanceSession, *, interrupted: bool) -> tuple[Report, list[str]] | None:
    """The report of a run that is over, with the codes of rules whose waiver for all resources is stale.

    Args:
        interrupted: whether a signal ended the run.

    Returns:
        None where no rule was collected.
    """
    settings, survey, gathered, clean = (
        session.settings,
        session.survey,
        session.gathered,
        session.recorder.redactor.text,
    )
    for file in sorted(session.folder.glob("collected-*.json")):
        gathered.collected = Collected.load(file.read_text())
    held = session.resumable
    began, seconds = (session.started, 0.0) if held is None else held.seconds(session.started)
    run = finish.run_record(
        session.run_id,
        began,
        seconds,
        settings.failing,
        interrupted=interrupted,
        edition=settings.edition,
    )
    doubted = survey.promises.doubt is not None
    passive.settle(gathered, survey.profile, session.target.url, clean, None if doubted else survey.contract)
    survey.suspicions += passive.crashes(gathered, survey.suspicions, survey.profile, session.target.url)
    stale = waivers.settle(gathered.collected, gathered.findings, survey.profile)
    report = assemble(
        run,
        session.target,
        survey,
        gathered,
        session.recorder.budget.sent,
        session.run_ledger.leftovers,
        clean,
        session.run_ledger.touched,
    )
    if not report.rules:
        return None
    _complete(report, session)
    return report, stale


def _complete(report: Report, session: ConformanceSession) -> None:
    """Add what the run is compared with and judged by, and what it leaves out."""
    held = session.resumable
    report.run.failing_suspicions = session.settings.failing_suspicions
    report.run.fail_under_coverage = session.settings.fail_under_coverage
    report.warnings += waivers.idle(report)
    if held is not None:
        report.warnings += held.remarks({one.nodeid for one in session.gathered.collected})
    report.plan = _planned(session)
    report.shortfall = estimates.shortfall(report)
    if report.plan is not None and report.shortfall is not None:
        report.plan.needed = report.shortfall.needed or report.plan.needed
    report.coverage = coverage(report, session.survey, session.recorder.redactor.text)
    session.earlier.add_to(report, session.target)
    report.conclusion = headline(report, report.run.failing).sentence


def _planned(session: ConformanceSession) -> PlanRecord | None:
    """The plan for the report; that of a worker is that of all."""
    for file in sorted(session.folder.glob(f"{PLAN}*.json")):
        return PlanRecord.model_validate_json(file.read_text())
    return None
