"""The conformance session: survey first, then rules, then the report. Pytest's hooks, and what they share."""

from __future__ import annotations

import json
import sys
import tempfile
import time
import uuid
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from harness import __version__
from harness.bad_input import BadInput
from harness.cleanup.run_ledger import Keeping
from harness.client.budget import Budget, InFile, InProcess
from harness.client.client import Client
from harness.client.recorder import Recorder
from harness.client.wallet import remarks
from harness.ledger.interrupt import terminable
from harness.ledger.ledger import Ledger
from harness.payloads import run_token
from harness.profile.models import Profile
from harness.quota.probe import QuotaUnderTest
from harness.report.assemble import Collected, Gathered, assemble, rule_record
from harness.report.directory import check_directory
from harness.report.model import Report, RunRecord
from harness.report.text import encodable
from harness.report.words import headline
from harness.resource.resource import ResourceUnderTest
from harness.rules import rule as rules
from harness.rules.finding import Finding
from harness.rules.rule import Effect, Rule
from harness.rules.suites import suites_folder
from harness.rules.verdict import SEVERITY, Verdict
from harness.run import dry_run, estimates, finish, heading, options, teststatus, waivers
from harness.run.arguments import QUOTA, RESOURCE, passed
from harness.run.earlier import Earlier
from harness.run.exclusive import Turns, place
from harness.run.execution import Execution, explain
from harness.run.prepare import demo, permitted, prepare
from harness.run.pytest_items import lacks, resource_of, rule_of, whole_run
from harness.run.survey_only import Progress, cache
from harness.run.tracebacks import clean_crash, clean_report, crash_text, quiet_transport
from harness.survey.ask.probe import survey
from harness.survey.outcome import Survey, nothing_found
from harness.target.target import Target

FINDING = pytest.StashKey[tuple[Finding, list[Any]]]()
TOO_LITTLE_VERIFIED = 5


class ConformanceSession:
    """A plugin object that lives for one run, in the controller or in a worker of pytest-xdist."""

    survey: Survey
    target: Target
    client: Client

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.worker: dict[str, Any] | None = getattr(config, "workerinput", None)
        self.started = time.time()
        self.ledger, self.parents = Ledger(), Ledger()
        self._codes: dict[str, str] = {}
        self.gathered = Gathered()
        self.report: Report | None = None
        self.written: dict[str, Path] = {}
        self._open, self._signals = ExitStack(), ExitStack()
        self.settings = options.settings(config)
        self.earlier = Earlier(self.settings, config.invocation_params.dir, self.worker)
        if self.worker is None:
            self.run_id = uuid.uuid4().hex[:12]
            self._shared = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="conformance-")))
        if config.args_source is not pytest.Config.ArgsSource.ARGS:
            # In a worker, too: it is given the arguments of the command line, not those of the controller.
            config.args = [str(suites_folder())]
            # A user's own python_files must not hide the suites.
            config.addinivalue_line("python_files", "test_*.py")
            config.addinivalue_line("python_functions", "test_")
        if self.settings.dry_run:
            # Nothing is run, so there is nothing for workers of pytest-xdist.
            config.option.dist, config.option.tx = "no", []
        quiet_transport()

    @pytest.hookimpl(tryfirst=True)
    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """What the user's own ini leaves out of collection must not hide the suites."""
        inside = collection_path.is_relative_to(suites_folder()) and collection_path.name != "__pycache__"
        return False if inside else None

    # -- start -----------------------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        try:
            if self.worker is None:
                self._survey()
            else:
                self._join(json.loads(self.worker["conformance"]))
        except BadInput as problem:
            self._open.close()
            raise pytest.UsageError(self._clean(str(problem))) from None
        except BaseException:
            self._open.close()
            raise

    def _clean(self, text: str) -> str:
        """The text without the secrets of the run, once they are read."""
        recorder = getattr(self, "recorder", None)
        return text if recorder is None else recorder.redactor.text(text)

    def _survey(self) -> None:
        self.ending = self._signals.enter_context(terminable(self._may_be_left))
        self.target, written = self._target()
        if self.config.option.collectonly:
            # What is only listed creates nothing.
            limits = replace(self.target.limits, effects=Effect.READ)
            self.target = replace(self.target, limits=limits)
        finish.check_waivers(written.waivers, self.config, self.settings)
        several = self.config.pluginmanager.has_plugin("dsession")
        if several and self.config.option.maxschedchunk is None:
            # Long rules come first: whoever is free takes the next one, and nobody keeps a store of them.
            self.config.option.maxschedchunk = 2
        account = InFile(self._shared / "budget") if several else InProcess()
        self._connect(account, "s")
        self.turns = Turns(self._shared, "main")
        folder = self._path(self.settings.report_dir)
        self.keeping = Keeping.beside(folder, self.run_id, self.ledger, self.parents)
        self.keeping.share = 0.5 if several else 1.0
        self.keeping.begin(self.client, "s.", self.run_id)
        # Registered after the client, so settled before that is closed, also when the survey fails.
        self._open.callback(self._settle)
        progress = Progress(self.config)
        try:
            self.survey = survey(
                self.client,
                written,
                self.settings.openapi,
                self.parents,
                kept=cache(self.settings, self.config, self.target, written, self.recorder.redactor.values),
                tell=lambda line: progress.tell(self.recorder.redactor.text(line)),
            )
        finally:
            progress.over()
        self._know_collections()
        self.gathered.exchanges.update((e.id, e) for e in self.survey.exchanges)
        if not self.survey.profile.resources and self.config.args == [str(suites_folder())]:
            raise BadInput(self.target.url, *nothing_found(self.survey))
        self.recorder.exchanges = []

    def _target(self) -> tuple[Target, Profile]:
        given = self.settings
        # An empty report directory now is better than an unwritable one after an hour.
        check_directory(self._path(given.report_dir))
        url, headers = given.target_url, list(given.headers)
        others: dict[str, dict[str, str]] = {}
        if url == options.DEMO:
            url, token, second = self._open.enter_context(demo())
            headers.append(f"Authorization: Bearer {token}")
            others["other"] = {"Authorization": f"Bearer {second}"}
        target, written = prepare(
            url,
            directory=self.config.invocation_params.dir,
            profile=given.profile,
            headers=headers,
            others=others,
            limits=given.limits,
            insecure=given.insecure,
        )
        limits = permitted(given.limits, given.effects, written, target.url)
        self.settings = replace(given, limits=limits)
        return replace(target, limits=dry_run.only_reading(limits) if given.dry_run else limits), written

    def _settle(self) -> None:
        self.ending.clean_up(self.keeping.settle, self.keeping.give_up)

    def _may_be_left(self) -> str:
        shown = self._shown(self.keeping.path) if hasattr(self, "keeping") else ""
        if shown and self.keeping.path.exists():
            return f"interrupted again: to remove what is left: python -m harness cleanup {shown}"
        return "interrupted again: nothing is left"

    def _path(self, given: str) -> Path:
        return Path(self.config.invocation_params.dir, given)

    def _shown(self, path: Path) -> str:
        """A path as the user would write it."""
        folder = self.config.invocation_params.dir
        return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)

    def _connect(self, account: InProcess | InFile, prefix: str) -> None:
        limits = self.target.limits
        budget = Budget(
            limits.max_requests,
            limits.rps,
            account,
            limits.flood_budget,
            limits.max_time,
            limits.cleanup_time,
        )
        self.recorder = Recorder(self.target, budget, prefix)
        self.client = Client.open(self.target, self.recorder)
        self._open.callback(self.client.close)

    def _join(self, shared: dict[str, Any]) -> None:
        """Take part, as a worker, in the run that the controller has prepared."""
        assert self.worker is not None
        from pydantic import TypeAdapter

        self.ending = self._signals.enter_context(terminable())
        self.target = TypeAdapter(Target).validate_python(shared["target"])
        run_token.take_over(shared["token"])
        self._shared = Path(shared["folder"])
        self.survey = Survey.from_json(shared["survey"])
        name = self.worker["workerid"]
        self._connect(InFile(self._shared / "budget"), f"{name}.")
        self.client.accept_also(self.survey.profile.accept)
        self.keeping = Keeping(Path(shared["ledger"]), self.ledger)
        self.keeping.share = 0.5
        self.keeping.begin(self.client, f"{name}.")
        self.turns = Turns(self._shared, name)
        self._know_collections()

    def _know_collections(self) -> None:
        """Let items be created in the collections under test, and in no other place."""
        self.recorder.ownership.load(self.survey.before)
        for resource in self.survey.profile.resources:
            self.recorder.ownership.collection(self.client.url(resource.collection))

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        from pydantic import TypeAdapter

        # Starting workers takes seconds in which nothing is asked: the time goes on with their first request.
        self.recorder.budget.pause()
        # Tokens that are good already: nothing is fetched anew for each worker.
        shared = replace(self.target, credentials=self.recorder.wallet.held)
        node.workerinput["conformance"] = json.dumps(
            {
                "target": TypeAdapter(Target).dump_python(shared, mode="json"),
                "folder": str(self._shared),
                "ledger": str(self.keeping.path),
                "token": run_token.current(),
                "survey": self.survey.to_json(),
            }
        )

    def pytest_report_header(self) -> list[str]:
        limits, found = self.settings.limits, self.survey
        lines = heading.lines(self.target, self.settings, found, self.recorder.budget.left())
        lines += remarks(self.target)
        if limits.effects is not Effect.READ:
            lines.append(f"clean-up: at most {limits.cleanup_time:g} s after the last rule")
        lines += self.keeping.header(self._shown(self.keeping.path))
        if whole_run(self.config) and not self.settings.dry_run:
            few = estimates.too_few(found.profile, limits.effects, limits.max_requests)
            lines += [f"note: {few}"] if few is not None else []
        lines += [f"note: {warning}" for warning in found.warnings]
        return [self._clean(f"conformance: {line}") for line in lines]

    # -- rules -----------------------------------------------------------------------------------------

    def resource(self, name: str) -> ResourceUnderTest:
        """The resource of that name, for one rule."""
        profile = self.survey.profile
        known = profile.resource(name)
        client = self.client if known.credential is None else self.client.under(known.credential)
        subject = ResourceUnderTest(known, client, self.ledger, profile.volatile)
        subject.sample_id = self.survey.sample_ids.get(name)
        return subject

    def quota(self, name: str) -> QuotaUnderTest:
        """The rate limit of that name, for one rule."""
        profile = self.survey.profile
        return QuotaUnderTest(profile.rate_limit(name), self.client, self.survey.exchanges)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        rule = rules.of(metafunc.function)
        if rule is None:
            return
        nodeid = metafunc.definition.nodeid
        other = self._codes.setdefault(rule.code, nodeid)
        if other != nodeid:
            raise pytest.Collector.CollectError(
                f"{nodeid}: rule code {rule.code} is taken by {other}; a code is never reused"
            )
        if QUOTA in metafunc.fixturenames:
            quotas = sorted(limit.name for limit in self.survey.profile.rate_limits)
            _over(metafunc, QUOTA, quotas)
        if RESOURCE not in metafunc.fixturenames:
            return
        resources = self.survey.profile.resources
        lacking = dry_run.surely_lacks if self.settings.dry_run else lacks
        able = sorted(resource.name for resource in resources if not lacking(resource, rule))
        _over(metafunc, RESOURCE, able)

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        rule = rule_of(item)
        if rule is not None:
            # So that `-k METH-001` selects it.
            item.extra_keyword_matches.add(rule.code)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Races at the end, floods after them: what they leave behind disturbs no other rule."""

        def turn(item: pytest.Item) -> tuple[int, float]:
            rule = rule_of(item)
            if rule is None or self.worker is None:
                return place(self._effect(rule))
            return place(self._effect(rule), requests=estimates.about(rule) or 0, waits=rule.waits)

        items.sort(key=turn)

    def _effect(self, rule: Rule | None) -> Effect:
        return Effect.READ if rule is None else rule.within(self.target.limits.effects)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        seen = [
            Collected(item.nodeid, rule_record(rule, item.nodeid), resource_of(item))
            for item in session.items
            if (rule := rule_of(item)) is not None
        ]
        if self.worker is None:
            self.gathered.collected = seen
        else:
            name = self.worker["workerid"]
            (self._shared / f"collected-{name}.json").write_text(Collected.dump(seen))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        rule = rule_of(item)
        if rule is None:
            return
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
            if self.earlier.fails(finding):
                pytest.fail(f"{verdict.value}: {reason}", pytrace=False)
            pytest.skip(f"{verdict.value}: {reason}")

    def _barred(self, item: pytest.Item, rule: Rule) -> tuple[Verdict | None, str]:
        allowed = self.target.limits.effects
        if rule.effect > allowed:
            why = f"it would {rule.effect.name.lower()}, and --effects {allowed.name.lower()} is all allowed"
            return Verdict.NOT_APPLICABLE, why
        wants_resource = RESOURCE in getattr(item, "fixturenames", ())
        if wants_resource and resource_of(item) is None:
            lacking = [
                f"{resource.name} lacks {lacks(resource, rule)}" for resource in self.survey.profile.resources
            ]
            return Verdict.NOT_APPLICABLE, "; ".join(lacking) or "no resource is known"
        if QUOTA in getattr(item, "fixturenames", ()) and not self.survey.profile.rate_limits:
            return (
                Verdict.NOT_APPLICABLE,
                "no answer, document or profile ([[rate_limits]]) tells of a rate limit",
            )
        if self.recorder.died is not None:
            return Verdict.INCONCLUSIVE, self.recorder.died
        return None, ""

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        rule = rule_of(pyfuncitem)
        if rule is None:
            return None
        arguments = passed(pyfuncitem)
        name = resource_of(pyfuncitem)
        execution = Execution(
            rule,
            name,
            pyfuncitem.nodeid,
            self.recorder,
            self.ledger,
            strict=self.survey.profile.strict,
            waiver=waivers.covering(self.survey.profile.waivers, rule.code, name),
            witnessed=self.survey.exchanges,
        )
        with self.turns.of(self._effect(rule)):
            finding = execution.run(lambda: pyfuncitem.obj(**arguments))
        self.recorder.exchanges.clear()
        pyfuncitem.stash[FINDING] = finding, execution.exchanges
        if execution.crash is not None:
            told = f"ERROR {rule.code} {rule.title}\n\n{crash_text(execution.crash)}"
            pytest.fail(self.recorder.redactor.text(told), pytrace=False)
        if self.earlier.fails(finding):
            pytest.fail(explain(rule, finding, execution.exchanges), pytrace=False)
        if finding.verdict in (Verdict.NOT_APPLICABLE, Verdict.INCONCLUSIVE):
            pytest.skip(f"{finding.verdict.value}: {finding.reason}")
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        report = yield
        clean_report(report, self.recorder.redactor)
        rule = rule_of(item)
        if rule is None or call.when == "teardown":
            return report
        if isinstance(report.longrepr, tuple):
            # The place of a skip is the rule, not the line in the engine that skipped it.
            path, line, _ = item.location
            report.longrepr = path, (line or 0) + 1, report.longrepr[2]
        found = item.stash.get(FINDING, None)
        if found is None and not report.passed:
            # A fixture failed, or a mark said to skip.
            reason = str(call.excinfo.value if call.excinfo else f"{call.when} failed")
            finding = Finding(
                rule=rule.code,
                resource=resource_of(item),
                verdict=Verdict.ERROR if report.failed else Verdict.NOT_APPLICABLE,
                reason=encodable(self.recorder.redactor.text(reason)),
                nodeid=item.nodeid,
            )
            found = finding, []
        if found is not None:
            report.conformance = self.gathered.pack(*found, self.recorder.died)
            if FINDING in item.stash:
                del item.stash[FINDING]
            report.conformance_verdict = found[0].verdict.value
            report.conformance_known = found[0].known
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(self, excrepr: Any) -> None:
        if hasattr(self, "recorder"):
            clean_crash(excrepr, self.recorder.redactor)

    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, Any] | None:
        verdict = getattr(report, "conformance_verdict", None)
        if verdict is None:
            return None
        failing, known = report.outcome == "failed", report.conformance_known
        return teststatus.status(Verdict(verdict), failing=failing, known=known)

    def pytest_runtest_logreport(self, report: Any) -> None:
        if self.worker is None:
            self.gathered.take(report)

    # -- end -------------------------------------------------------------------------------------------

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        try:
            if self.worker is not None:
                # What is left is for the controller.
                self.ending.clean_up(self.keeping.pause, str)
                return
            self._settle()
            if self.ending.asked:
                # The signal may have come after the last rule.
                session.exitstatus = exitstatus = pytest.ExitCode.INTERRUPTED
            if self.config.option.collectonly or self.settings.dry_run:
                return
            if exitstatus == pytest.ExitCode.USAGE_ERROR:
                return
            self._finish(session, int(exitstatus))
        finally:
            self._open.close()
            self.ending.over = True

    def _finish(self, session: pytest.Session, exitstatus: int) -> None:
        for file in sorted(self._shared.glob("collected-*.json")):
            self.gathered.collected = Collected.load(file.read_text())
        interrupted = exitstatus == pytest.ExitCode.INTERRUPTED
        run = RunRecord(
            id=self.run_id,
            harness=__version__,
            python=sys.version.split()[0],
            started=datetime.fromtimestamp(self.started, UTC).isoformat(timespec="seconds"),
            duration=round(time.time() - self.started, 3),
            interrupted=interrupted,
            failing=[verdict for verdict in SEVERITY if verdict in self.settings.failing],
        )
        stale = waivers.settle(self.gathered.collected, self.gathered.findings, self.survey.profile)
        report = assemble(
            run,
            self.target,
            self.survey,
            self.gathered,
            self.recorder.budget.sent,
            self.ledger.leftovers,
            self.recorder.redactor.text,
            self.keeping.touched,
        )
        if not report.rules:
            return
        report.warnings += waivers.idle(report)
        report.shortfall = estimates.shortfall(report)
        self.earlier.tell(report, self.target)
        report.conclusion = headline(report, report.run.failing).sentence
        if exitstatus == pytest.ExitCode.OK:
            if report.target.died is not None or stale:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED
            elif report.thin:
                session.exitstatus = TOO_LITTLE_VERIFIED
        report.run.exit_code = int(session.exitstatus)
        self.report = report
        try:
            self.written = finish.write(report, self.settings, self._path)
        except BadInput as problem:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
            report.warnings.append(str(problem))

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.report is None:
            return
        finish.show(self.report, self.written, terminalreporter)
        if left := self.keeping.told(self._shown(self.keeping.path)):
            terminalreporter.write_line(left)

    def pytest_unconfigure(self) -> None:
        self._open.close()
        self._signals.close()


def _over(metafunc: pytest.Metafunc, name: str, found: list[str]) -> None:
    """Parametrize over what was found; where nothing was, the rule is collected once, to say so."""
    values: list[str | None] = [*found] or [None]
    metafunc.parametrize(name, values, ids=[value or "none" for value in values], indirect=True)
