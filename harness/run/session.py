"""An active run: it surveys the target, shares the survey with workers, and writes the report at the end.

The hooks of the rules between these are in `collecting.py` and `rule_hooks.py`.
"""

from __future__ import annotations

import gc
import tempfile
import time
import uuid
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.bad_input import BadInput
from harness.cleanup.run_ledger import RunLedger
from harness.client.account import InFile, InProcess
from harness.client.budget import Budget
from harness.client.client import Client
from harness.client.credentials_in_use import remarks
from harness.client.recorder import Recorder
from harness.ledger.interrupt import Ending, terminable
from harness.ledger.ledger import Ledger
from harness.profile.models import Profile, Resource
from harness.quota.probe import QuotaUnderTest
from harness.report.assemble import Gathered
from harness.report.directory import check_directory
from harness.report.model import Report
from harness.resource.resource import ResourceUnderTest
from harness.rules.rule import Effect
from harness.rules.suites import suites_folder
from harness.run import estimates, finish, heading, reporting, settings, workers
from harness.run.baseline import EarlierRuns
from harness.run.exclusive import Turns
from harness.run.handover import HandOver, take_over
from harness.run.plan import Plan
from harness.run.planning import Means
from harness.run.prepare import target_of
from harness.run.private import check_accepted
from harness.run.progress import Verdicts
from harness.run.progress import read as read_progress
from harness.run.pytest_items import whole_run
from harness.run.resuming import Resumable, prefix_of
from harness.run.survey_only import surveyed
from harness.run.tracebacks import quiet_transport
from harness.run.workers import Workers
from harness.survey.nothing_found import nothing_found, without_collections
from harness.survey.outcome import Survey
from harness.target.target import Target


class ConformanceSession:
    """A plugin object for one run, in the controller or in a worker of pytest-xdist.

    Attributes:
        worker: what the controller handed over; None in the controller itself.
        settings: the options; `limits.effects` is decided once the target is known.
        ledger, parents: what rules create; what the survey and the profile's `setup` create.
        gathered: the findings so far.
        folder: shared by all processes of the run.
        survey, target, client, recorder, run_ledger, turns: set at the start of the session.
        plan: what the run does and leaves out; None where it is not planned.
        resumable: the progress of the run on disk; None in a worker, and where no rule runs.
        settled: the verdicts of before the run was killed; None for a new run.
        workers: those of the run, in the controller; None in a run of one process.
        needed: requests of a run that leaves nothing out; None if nobody knows.
        report: set at its end.
    """

    survey: Survey
    target: Target
    client: Client
    recorder: Recorder
    run_ledger: RunLedger
    turns: Turns
    folder: Path
    ending: Ending
    means: Means

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.worker: dict[str, Any] | None = getattr(config, "workerinput", None)
        self.started = time.time()
        self.ledger, self.parents = Ledger(), Ledger()
        self.gathered = Gathered()
        self.plan: Plan | None = None
        self.needed: int | None = None
        self.resumable: Resumable | None = None
        self.settled: Verdicts | None = None
        self.report: Report | None = None
        self.written: dict[str, Path] = {}
        self._open, self._signals = ExitStack(), ExitStack()
        self.settings = settings.read(config)
        self.earlier = EarlierRuns(self.settings, config.invocation_params.dir, self.worker)
        if self.worker is None:
            self.run_id = uuid.uuid4().hex[:12]
            self.folder = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="conformance-")))
        if self.settings.dry_run:
            # A dry run runs nothing, so it needs no workers of pytest-xdist.
            config.option.dist, config.option.tx = "no", []
        self.workers: Workers | None = None
        quiet_transport()

    def resource(self, name: str) -> ResourceUnderTest:
        """The resource of that name, for one rule."""
        profile = self.survey.profile
        described = profile.resource(name)
        client = self.client if described.credential is None else self.client.under(described.credential)
        subject = ResourceUnderTest(described, client, self.ledger, profile.volatile)
        subject.sample_id = self.survey.sample_ids.get(name)
        return subject

    def quota(self, name: str) -> QuotaUnderTest:
        """The rate limit of that name, for one rule."""
        profile = self.survey.profile
        return QuotaUnderTest(profile.rate_limit(name), self.client, self.survey.exchanges)

    @property
    def subscriptions(self) -> ResourceUnderTest | None:
        """The subscriptions to webhooks, for one rule; None where the profile does not say how to subscribe."""
        how = self.survey.profile.webhooks
        if how is None or how.subscribe is None:
            return None
        known = Resource(collection=how.subscribe, name="webhooks", body=how.body, id=how.id)
        return ResourceUnderTest(known, self.client, self.ledger)

    @property
    def allowed(self) -> Effect:
        """The most that the run, or the run that a dry run describes, may do to the target."""
        return self.settings.limits.effects if self.settings.dry_run else self.target.limits.effects

    # -- start -----------------------------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionstart(self) -> Generator[None]:
        with self._starting():
            if self.worker is not None:
                self._join(self.worker["workerid"], take_over(workers.received(self.config)))
            else:
                written = self._begin()
                if self.workers is None:
                    self._survey(written)
        # Here pytest-xdist starts the workers, which import the rules while the target is surveyed.
        yield
        if self.workers is not None:
            with self._starting():
                self._survey(written)
                self._hand_over(self.workers)

    @contextmanager
    def _starting(self) -> Iterator[None]:
        """End what has begun where the run cannot start.

        Raises:
            pytest.UsageError: something that the user gave cannot be used.
        """
        try:
            yield
        except BaseException as problem:
            self._open.close()
            if self.workers is not None:
                self.workers.end()
            if isinstance(problem, BadInput):
                raise pytest.UsageError(self._redacted(str(problem))) from None
            raise

    def _begin(self) -> Profile:
        """Prepare the run, in the controller; the profile as written."""
        self.ending = self._signals.enter_context(terminable(self._second_signal))
        written = self._prepare()
        self.workers = workers.of(self.config)
        several = self.workers is not None
        prefix = self._take_up()
        self._connect(InFile(self.folder / "budget") if several else InProcess(), f"{prefix}s")
        self.turns = Turns(self.folder, "main")
        folder = self.path(self.settings.report_dir)
        self.run_ledger = RunLedger.beside(folder, self.run_id, self.ledger, self.parents)
        self.run_ledger.share = 0.5 if several else 1.0
        if self.resumable is not None:
            self.resumable.start(self.config, written, self.client, self.run_id, self.started, self.folder)
            if self.settled is not None:
                self.run_ledger.resume(self.client)
                self.recorder.exchanges = []  # no evidence of the survey
        self.run_ledger.begin(self.client, f"{prefix}s.", self.run_id)
        # Registered after the client, so it runs before the client is closed, also when the survey fails.
        self._open.callback(self._settle)
        return written

    def _survey(self, written: Profile) -> None:
        """Survey the target, in the controller."""
        keep = self.earlier.keep
        self.survey = surveyed(self.config, self.settings, self.client, written, self.parents, keep)
        self.survey.earlier = self.earlier.document(self.target.url, self.folder)
        self.survey.warnings[:0] = heading.staying(self.client, self.survey.profile)
        self._allow_creates()
        self.gathered.exchanges.update((e.id, e) for e in self.survey.exchanges)
        if not self.survey.profile.resources and self.config.args == [str(suites_folder())]:
            without = without_collections(self.survey)
            if without is None:
                raise BadInput(self.target.url, *nothing_found(self.survey))
            self.survey.warnings.append(f"no REST collection was found: {without}")
        check_accepted(self.survey, self.target, self.settings.profile or "--header or conformance.toml")
        self.recorder.exchanges = []
        self.means = Means(self.recorder.budget.committed, self.earlier.verdicts(self.target.url))
        if self.resumable is not None:
            self.means = self.resumable.means(self.means)

    def _take_up(self) -> str:
        """Hold the progress of this run, new or of before; what its ids begin with."""
        if self.config.option.collectonly or self.settings.dry_run:
            return ""
        held = self.resumable = Resumable(self.path(self.settings.report_dir), resume=self.settings.resume)
        self._open.callback(lambda: held.close(over=self.report is not None and not self.report.unfinished))
        self.settled = held.verdicts
        self.run_id = self.run_id if held.before is None else held.before.run
        return held.prefix

    def _prepare(self) -> Profile:
        """Set the target; the profile as written."""
        # Now, and not after an hour of tests: an unwritable report directory.
        check_directory(self.path(self.settings.report_dir))
        prepared = target_of(self.settings, self.config.invocation_params.dir)
        self.target, written = self._open.enter_context(prepared)
        self.settings = replace(self.settings, limits=self.target.limits)
        if self.config.option.collectonly or self.settings.dry_run:
            # A run that only lists rules creates nothing.
            self.target = replace(self.target, limits=replace(self.target.limits, effects=Effect.READ))
        finish.check_waivers(written.waivers, self.config, self.settings)
        return written

    def _join(self, name: str, given: HandOver) -> None:
        """Take part, as a worker, in the run that the controller has prepared."""
        self.ending = self._signals.enter_context(terminable())
        self.target, self.survey, self.folder = given.target, given.survey, given.folder
        self.means = given.means
        name = prefix_of(given.resumed) + name
        if given.progress is not None:
            self.settled = Verdicts(given.progress, read_progress(given.progress).places)
        self._connect(InFile(self.folder / "budget"), f"{name}.")
        self.client.accept_also(self.survey.profile.accept)
        self.run_ledger = RunLedger(given.ledger, self.ledger)
        self.run_ledger.share = 0.5
        self.run_ledger.begin(self.client, f"{name}.")
        self.turns = Turns(self.folder, name)
        self._allow_creates()

    def _connect(self, account: InProcess | InFile, prefix: str) -> None:
        budget = Budget.of(self.target.limits, account)
        self.recorder = Recorder(self.target, budget, prefix)
        self.client = Client.open(self.target, self.recorder)
        self._open.callback(self.client.close)

    def _allow_creates(self) -> None:
        """Let items be created in the collections under test, and nowhere else."""
        self.recorder.ownership.load(self.survey.before)
        for resource in self.survey.profile.resources:
            create = None if resource.create is None else self.client.url(resource.create)
            self.recorder.ownership.collection(self.client.url(resource.collection), create)

    def _hand_over(self, started: Workers) -> None:
        """Give the prepared run to the workers, and show what it does."""
        # Until the first of them asks, seconds may pass without a request: the time goes on with that.
        self.recorder.budget.pause()
        # With the tokens fetched so far, so that the workers need not fetch their own.
        shared = replace(self.target, credentials=self.recorder.wallet.held)
        ledger, held = self.run_ledger.path, self.resumable
        progress, resumed = (None, 0) if held is None else held.handed_over
        given = HandOver(shared, self.folder, ledger, self.survey, self.means, progress, resumed)
        started.give(given.to_json())
        started.show(self._header())

    def pytest_report_header(self) -> list[str]:
        # With workers the survey begins after pytest has written its header.
        return [] if self.workers is not None else self._header()

    def _header(self) -> list[str]:
        limits, found = self.settings.limits, self.survey
        lines = heading.lines(self.target, self.settings, found, self.recorder.budget.left())
        lines += remarks(self.target)
        if limits.effects is not Effect.READ:
            lines.append(f"clean-up: at most {limits.cleanup_time:g} s after the last rule")
        lines += self.run_ledger.header(self._shown(self.run_ledger.path))
        if whole_run(self.config) and not self.settings.dry_run:
            few = estimates.too_few(found.profile, limits.effects, limits.max_requests)
            lines += [f"note: {few}"] if few is not None else []
        lines += self.resumable.header() if self.resumable is not None else []
        lines += [f"note: {warning}" for warning in found.warnings]
        return [self._redacted(f"conformance: {line}") for line in lines]

    # -- end -------------------------------------------------------------------------------------------

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        try:
            if self.worker is not None:
                # The controller removes what this worker leaves.
                self.ending.clean_up(self.run_ledger.pause, str)
                # The end of the process then does not look through all that the rules have imported.
                gc.freeze()
                return
            self._settle()
            if self.ending.asked:
                # The signal may have come after the last rule.
                session.exitstatus = exitstatus = pytest.ExitCode.INTERRUPTED
            unusable = exitstatus == pytest.ExitCode.USAGE_ERROR
            if self.config.option.collectonly or self.settings.dry_run or unusable:
                return
            self._finish(session, int(exitstatus))
        finally:
            self._open.close()
            self.ending.over = True

    def _finish(self, session: pytest.Session, exitstatus: int) -> None:
        """Make the report, decide the exit code, write the files."""
        found = reporting.report_of(self, interrupted=exitstatus == pytest.ExitCode.INTERRUPTED)
        if found is None:
            return
        report, stale = found
        if exitstatus == pytest.ExitCode.OK and (code := finish.exit_code(report, stale)):
            session.exitstatus = code
        report.run.exit_code = int(session.exitstatus)
        self.report = report
        try:
            self.written = finish.write(report, self.settings, self.path)
        except BadInput as problem:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
            report.warnings.append(str(problem))

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.report is None:
            return
        buggy = self.settings.target_url == settings.BUGGY
        finish.show(self.report, self.written, terminalreporter, tour=buggy)
        if hint := self.run_ledger.retry_hint(self._shown(self.run_ledger.path)):
            terminalreporter.write_line(hint)
        if self.report.unfinished:
            terminalreporter.write_line("to continue this run: the same command with --resume")

    def pytest_unconfigure(self) -> None:
        self._open.close()
        self._signals.close()

    # -- both ------------------------------------------------------------------------------------------

    def path(self, given: str) -> Path:
        """The path that the user means by a text."""
        return Path(self.config.invocation_params.dir, given)

    def _shown(self, path: Path) -> str:
        """A path as the user would write it."""
        folder = self.config.invocation_params.dir
        return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)

    def _redacted(self, text: str) -> str:
        """The text without the secrets of the run, as soon as they are read."""
        recorder = getattr(self, "recorder", None)
        return text if recorder is None else recorder.redactor.text(text)

    def _settle(self) -> None:
        """Remove what the run created."""
        self.ending.clean_up(self.run_ledger.settle, self.run_ledger.give_up)

    def _second_signal(self) -> str:
        """The message where a second signal ends the process at once."""
        run_ledger = getattr(self, "run_ledger", None)
        if run_ledger is not None and run_ledger.path.exists():
            shown = self._shown(run_ledger.path)
            return f"interrupted again; to remove what is left: python -m harness cleanup {shown}"
        return "interrupted again; nothing is left"
