"""Running the collected rules: what keeps one from running, its finding, and how pytest shows it."""

from __future__ import annotations

from typing import Any, NoReturn

import pytest

from harness.client.recorder import Recorder
from harness.report.text import encodable
from harness.rules.finding import Finding
from harness.rules.rule import Rule
from harness.rules.verdict import Verdict
from harness.run import teststatus, waivers
from harness.run.arguments import passed
from harness.run.barred import doubtful, inapplicable
from harness.run.exclusive import runs_alone, sides_of
from harness.run.execution import Execution, explain
from harness.run.planning import too_little_left, why_left_out
from harness.run.progress import Settled
from harness.run.pytest_items import resource_of, rule_of
from harness.run.session import ConformanceSession
from harness.run.tracebacks import clean_crash, clean_report, crash_text

FINDING = pytest.StashKey[tuple[Finding, list[Any]]]()
SKIPPED = (Verdict.NOT_APPLICABLE, Verdict.INCONCLUSIVE)
SETTLED = pytest.StashKey[bool]()
"""Whether the finding is one of before the run was killed."""


class Judging:
    """The hooks of the rules, in the controller and in each worker."""

    def __init__(self, session: ConformanceSession) -> None:
        self._session = session

    @property
    def _recorder(self) -> Recorder:
        return self._session.recorder

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        rule = rule_of(item)
        if rule is None:
            return
        settled = self._session.settled.take(item.nodeid) if self._session.settled is not None else None
        if settled is not None:
            item.stash[SETTLED] = True
            self._end_as_before(item, rule, settled)
        verdict, reason = self._barred(item, rule)
        if verdict is not None:
            finding = Finding(
                rule=rule.code,
                resource=resource_of(item),
                verdict=verdict,
                reason=reason,
                nodeid=item.nodeid,
            )
            item.stash[FINDING] = finding, []
            finding.later = self._is_later(rule)
            if self._session.earlier.fails(finding):
                pytest.fail(f"{verdict.value}: {reason}", pytrace=False)
            pytest.skip(f"{verdict.value}: {reason}")

    def _end_as_before(self, item: pytest.Item, rule: Rule, settled: Settled) -> NoReturn:
        """End a test that is not run again, before any of its fixtures is set up."""
        finding = settled.finding
        item.stash[FINDING] = finding, settled.exchanges
        if self._session.earlier.fails(finding):
            pytest.fail(explain(rule, finding, settled.exchanges), pytrace=False)
        if finding.verdict in SKIPPED:
            pytest.skip(f"{finding.verdict.value}: {finding.reason}")
        # Its call then does nothing: see `pytest_runtest_makereport`.
        pytest.skip("decided before the run was killed")

    def _is_later(self, rule: Rule) -> bool:
        """Whether a rule is of a later edition than the run's."""
        edition = self._session.settings.edition
        return edition is not None and rule.edition > edition

    def _barred(self, item: pytest.Item, rule: Rule) -> tuple[Verdict | None, str]:
        """The verdict on a rule that is not run, with its reason; None for a rule that is run."""
        session = self._session
        arguments, name = getattr(item, "fixturenames", ()), resource_of(item)
        profile = session.survey.profile
        if absent := inapplicable(rule, name, arguments, profile, session.target.limits.effects):
            return Verdict.NOT_APPLICABLE, absent
        if self._recorder.died is not None:
            return Verdict.INCONCLUSIVE, self._recorder.died
        reason = doubtful(rule, name, arguments, profile) or self._unaffordable(item)
        return (None, "") if reason is None else (Verdict.INCONCLUSIVE, reason)

    def _unaffordable(self, item: pytest.Item) -> str | None:
        """Why the budget does not cover a rule; None if it does, or if the run is not planned."""
        plan, budget = self._session.plan, self._recorder.budget
        if plan is None:
            return None
        if item.nodeid in plan.excluded:
            return why_left_out(budget.maximum)
        cost = plan.cost(item.nodeid)
        return too_little_left(budget.maximum - budget.committed, budget.maximum, cost) if cost else None

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        rule = rule_of(pyfuncitem)
        if rule is None:
            return None
        if pyfuncitem.stash.get(SETTLED, False):
            return True
        session = self._session
        profile = session.survey.profile
        arguments = passed(pyfuncitem)
        name = resource_of(pyfuncitem)
        execution = Execution(
            rule,
            name,
            pyfuncitem.nodeid,
            self._recorder,
            session.ledger,
            strict=profile.strict,
            minor=Verdict(profile.advice),
            waiver=waivers.covering(profile.waivers, rule.code, name),
            witnessed=session.survey.exchanges,
        )
        allowed = session.target.limits.effects
        turn = session.turns.of(alone=runs_alone(rule, allowed, name), sides=sides_of(rule, allowed, name))
        with turn:
            finding = execution.run(lambda: pyfuncitem.obj(**arguments))
        self._recorder.exchanges.clear()
        finding.later = self._is_later(rule)
        pyfuncitem.stash[FINDING] = finding, execution.exchanges
        if execution.crash is not None:
            text = f"ERROR {rule.code} {rule.title}\n\n{crash_text(execution.crash)}"
            pytest.fail(self._recorder.redactor.text(text), pytrace=False)
        if session.earlier.fails(finding):
            pytest.fail(explain(rule, finding, execution.exchanges), pytrace=False)
        if finding.verdict in SKIPPED:
            pytest.skip(f"{finding.verdict.value}: {finding.reason}")
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        report = yield
        clean_report(report, self._recorder.redactor)
        rule = rule_of(item)
        if rule is None or call.when == "teardown":
            return report
        settled = item.stash.get(SETTLED, False)
        if settled and call.when == "setup":
            if report.skipped and item.stash[FINDING][0].verdict not in SKIPPED:
                report.outcome, report.longrepr = "passed", None
                return report
            report.when = "call"
        if isinstance(report.longrepr, tuple):
            # A skip is shown at the rule, not at the line of the engine that raised it.
            path, line, _ = item.location
            report.longrepr = path, (line or 0) + 1, report.longrepr[2]
        found = item.stash.get(FINDING, None)
        if found is None and not report.passed:
            # A fixture failed, or a mark skips the rule.
            reason = str(call.excinfo.value if call.excinfo else f"{call.when} failed")
            finding = Finding(
                rule=rule.code,
                resource=resource_of(item),
                verdict=Verdict.ERROR if report.failed else Verdict.NOT_APPLICABLE,
                reason=encodable(self._recorder.redactor.text(reason)),
                nodeid=item.nodeid,
            )
            found = finding, []
        if found is not None:
            report.conformance = self._session.gathered.pack(*found, self._recorder.died)
            if FINDING in item.stash:
                del item.stash[FINDING]
            report.conformance_settled = settled
            report.conformance_verdict = found[0].verdict.value
            report.conformance_known = found[0].known
            report.conformance_later = found[0].later
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        # CPython 3.11 has instructions without a line number; pytest fails where an interrupt comes at one.
        excinfo.traceback = excinfo.traceback.filter(lambda one: one._rawentry.tb_lineno is not None)

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(self, excrepr: Any) -> None:
        if hasattr(self._session, "recorder"):
            clean_crash(excrepr, self._recorder.redactor)

    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, Any] | None:
        verdict = getattr(report, "conformance_verdict", None)
        if verdict is None:
            return None
        failing, known = report.outcome == "failed", report.conformance_known
        later = report.conformance_later
        return teststatus.status(Verdict(verdict), failing=failing, known=known, later=later)

    def pytest_runtest_logreport(self, report: Any) -> None:
        if self._session.worker is None:
            self._session.gathered.take(report)
            if self._session.resumable is not None:
                self._session.resumable.add(report, self._session.recorder.budget)
