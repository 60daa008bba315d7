"""The pytest plugin: with a target URL it runs the suites against an API; without one it does nothing.

Imported in every pytest run of every user who has it installed, so it must stay light: see `harness/run/`.
"""

from __future__ import annotations

import copy
from collections.abc import Generator

import pytest

from harness.run import options

MARKER = "rule(code, suite, level, impact, effect, needs): a conformance rule, made by `harness.rule()`."


def pytest_addoption(parser: pytest.Parser) -> None:
    options.add_keys(parser)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> Generator[None]:
    rest = options.without(args)
    if rest != args:
        # The options are not added yet: pytest would search their values, as paths, for conftest.py.
        parsed = parser.parse_known_args(rest, namespace=copy.copy(early_config.option))
        early_config.known_args_namespace.file_or_dir = parsed.file_or_dir
    yield
    options.add(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    if options.given(config, "survey-only") is None or options.given(config, "target-url") is None:
        return None
    from harness.run.survey_only import main

    return main(config)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)
    if hasattr(config, "workerinput"):
        active = "conformance" in config.workerinput
    else:
        active = options.given(config, "target-url") is not None
    if not active:
        return
    from harness.bad_input import BadInput
    from harness.run import arguments, fixtures
    from harness.run.collecting import Collecting
    from harness.run.rule_hooks import Judging
    from harness.run.session import ConformanceSession

    try:
        session = ConformanceSession(config)
    except BadInput as problem:
        raise pytest.UsageError(str(problem)) from None
    config.pluginmanager.register(session, "conformance-session")
    config.pluginmanager.register(Collecting(session), "conformance-collecting")
    config.pluginmanager.register(Judging(session), "conformance-judging")
    config.pluginmanager.register(session.earlier, "conformance-earlier")
    config.pluginmanager.register(arguments, "conformance-arguments")
    config.pluginmanager.register(fixtures, "conformance-fixtures")
    if session.settings.dry_run:
        from harness.run.dry_run import DryRun

        config.pluginmanager.register(DryRun(session), "conformance-dry-run")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.pluginmanager.has_plugin("conformance-session"):
        return
    for item in items:
        if item.get_closest_marker("rule") is not None:
            item.add_marker(pytest.mark.skip(reason="a conformance rule: runs with --target-url"))
