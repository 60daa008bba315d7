"""Collection: which rules a run has, on which resources and rate limits, and in which order."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.report.assemble import Collected, rule_record
from harness.rules import rule as rules
from harness.rules.rule import Effect, Rule
from harness.rules.suites import suites_folder
from harness.run import estimates
from harness.run.arguments import QUOTA, RESOURCE
from harness.run.barred import sends
from harness.run.dry_run import surely_lacks
from harness.run.exclusive import place
from harness.run.plan import planned, run_order
from harness.run.planning import PLAN, Collectible, checks_of, record_of, unmeasured
from harness.run.pytest_items import lacks, resource_of, rule_of
from harness.run.session import ConformanceSession


class Collecting:
    """The hooks of collection, in the controller and in each worker."""

    def __init__(self, session: ConformanceSession) -> None:
        self._session = session
        self._codes: dict[str, str] = {}
        config = session.config
        if config.args_source is not pytest.Config.ArgsSource.ARGS:
            # In a worker, too: it gets the arguments of the command line, not those of the controller.
            config.args = [str(suites_folder())]
            # A user's own python_files must not hide the suites.
            config.addinivalue_line("python_files", "test_*.py")
            config.addinivalue_line("python_functions", "test_")

    @pytest.hookimpl(tryfirst=True)
    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """What the user's own ini excludes from collection must not hide the suites."""
        inside = collection_path.is_relative_to(suites_folder()) and collection_path.name != "__pycache__"
        return False if inside else None

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
        profile = self._session.survey.profile
        if QUOTA in metafunc.fixturenames:
            _parametrize(metafunc, QUOTA, sorted(limit.name for limit in profile.rate_limits))
        if RESOURCE not in metafunc.fixturenames:
            return
        lacking = surely_lacks if self._session.settings.dry_run else lacks
        able = sorted(
            resource.name
            for resource in profile.resources
            # What is declared and does not work is not absent: the rule says so for that resource.
            if (not lacking(resource, rule) or resource.doubted(rule.needs) is not None)
            and (rule.light or not resource.light)
        )
        _parametrize(metafunc, RESOURCE, able)

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        rule = rule_of(item)
        if rule is not None:
            # So that `-k METH-001` selects it.
            item.extra_keyword_matches.add(rule.code)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """What is worth most per request first; floods last: what they leave behind then disturbs no other rule."""
        if self._session.settings.by_value:
            self._plan(items)
            return

        def order(item: pytest.Item) -> tuple[int, float]:
            rule = rule_of(item)
            if rule is None or self._session.worker is None:
                return place(self._effect(rule))
            return place(self._effect(rule), requests=estimates.about(rule) or 0, waits=rule.waits)

        items.sort(key=order)

    def _plan(self, items: list[pytest.Item]) -> None:
        """Plan the run, and put the items in its order; what is no rule comes first."""
        session = self._session
        most, profile, allowed = session.target.limits.max_requests, session.survey.profile, session.allowed
        collected = []
        for item in items:
            if (rule := rule_of(item)) is not None:
                name = resource_of(item)
                runs = sends(rule, name, getattr(item, "fixturenames", ()), profile, allowed)
                collected.append(Collectible(item.nodeid, rule, name, runs))
        checks = checks_of(collected, profile, allowed, session.means.before)
        plan = session.plan = planned(checks, session.means.available(most))
        place = run_order(plan, shared=session.worker is not None)
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            # Rules of one file are no longer together: its name before each of them says nothing.
            reporter.showfspath = False
        # What is left out sends nothing: it is reported at once.
        items.sort(key=lambda item: place.get(item.nodeid, (-1, 0, 0)))
        name = "main" if session.worker is None else session.worker["workerid"]
        record = record_of(plan, session.means.spent, unmeasured(collected))
        session.needed = record.needed
        Path(session.folder, f"{PLAN}{name}.json").write_text(record.model_dump_json())

    def _effect(self, rule: Rule | None) -> Effect:
        return Effect.READ if rule is None else rule.within(self._session.target.limits.effects)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        collected = [
            Collected(item.nodeid, rule_record(rule, item.nodeid), resource_of(item))
            for item in session.items
            if (rule := rule_of(item)) is not None
        ]
        worker = self._session.worker
        if worker is None:
            self._session.gathered.collected = collected
        else:
            file = self._session.folder / f"collected-{worker['workerid']}.json"
            file.write_text(Collected.dump(collected))


def _parametrize(metafunc: pytest.Metafunc, name: str, found: list[str]) -> None:
    """Run a rule on each of these names; with none of them it is collected once, as not applicable."""
    values: list[str | None] = [*found] or [None]
    metafunc.parametrize(name, values, ids=[value or "none" for value in values], indirect=True)
