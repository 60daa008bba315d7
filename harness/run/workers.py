"""The workers of pytest-xdist: they start while the controller surveys the target, and get the run once it is prepared.

A run travels over the channel between the two processes, never in a file: it contains credentials.
"""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest

from harness.rules.suites import rule_files, suites_folder

KEY = "conformance"
"""The member of `workerinput` that makes the plugin of a worker active: the run, or None where it is not prepared."""
XDIST = "dsession"
"""The name under which pytest-xdist registers itself in a controller that shares the tests."""

PATIENCE = 10.0
"""Seconds in which workers that have ended their rules must have closed their connections."""


class Workers:
    """The workers of a run, in the controller."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._waiting: list[Any] = []
        self._nodes: list[Any] = []
        self._run: str | None = None
        if config.option.maxschedchunk is None:
            # Long rules come first: a free worker takes the next one. With more at a time, a worker that ends many
            # short ones gets others in advance, which then wait behind its next long one.
            config.option.maxschedchunk = 1

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        self._nodes.append(node)
        # One that replaces a worker that has died need not wait.
        node.workerinput[KEY] = self._run
        if self._run is None:
            self._waiting.append(node)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Let the processes of workers end while the report is written, where all of them have ended their rules."""
        dsession: Any = self._config.pluginmanager.get_plugin(XDIST)
        if dsession.session_finished:
            for node in self._nodes:
                node.gateway.exit()

    def pytest_unconfigure(self) -> None:
        ends = time.monotonic() + PATIENCE
        for node in self._nodes:
            node.gateway.join(timeout=max(0.0, ends - time.monotonic()))

    def give(self, run: str) -> None:
        """Give the prepared run to the workers, and to those that will replace them."""
        self._run = run
        for node in self._waiting:
            # Where it has died meanwhile, pytest-xdist replaces it.
            with suppress(OSError):
                node.channel.send(run)
        self._waiting.clear()

    def show(self, lines: Sequence[str]) -> None:
        """Add lines to the header, which pytest has written when the workers start."""
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if reporter is None or not reporter.showheader or reporter.no_header:
            return
        if reporter.isatty:
            # The state of the workers is shown in a line without an end.
            reporter.write_line("")
        for line in lines:
            reporter.write_line(line)

    def end(self) -> None:
        """End the workers of a run that cannot start: pytest does that only for one that has."""
        xdist: Any = self._config.pluginmanager.get_plugin(XDIST)
        xdist.pytest_sessionfinish()


def of(config: pytest.Config) -> Workers | None:
    """The workers of a run that shares its rules; None for a run in one process."""
    if not config.pluginmanager.has_plugin(XDIST):
        return None
    workers = Workers(config)
    config.pluginmanager.register(workers, "conformance-workers")
    return workers


def received(config: pytest.Config) -> str:
    """The run that the controller has prepared, in a worker; it is waited for, and the rules are imported meanwhile.

    Raises:
        KeyboardInterrupt: the controller has ended without one.
    """
    run: str | None = config.workerinput[KEY]  # type: ignore[attr-defined]
    if run is not None:
        return run
    if config.args == [str(suites_folder())]:
        _import_rules()
    [interactor] = [
        one for one in config.pluginmanager.get_plugins() if type(one).__name__ == "WorkerInteractor"
    ]
    try:
        return str(interactor.channel.receive())
    except EOFError:
        # Without a word: the controller says why.
        raise KeyboardInterrupt from None


def _import_rules() -> None:
    """Import the files that pytest is going to collect, under the names that it gives them."""
    folder = suites_folder()
    package = "harness." if folder.parent.name == "harness" else ""
    if not package and str(folder.parent) not in sys.path:
        # As pytest does when it collects them.
        sys.path.insert(0, str(folder.parent))
    for file in rule_files():
        place = file.relative_to(folder.parent).with_suffix("")
        # What is wrong with a file is reported when it is collected.
        with suppress(Exception):
            importlib.import_module(package + ".".join(place.parts))
