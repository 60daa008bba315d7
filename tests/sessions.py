"""Runs of pytest with the plugin, each in a process and a folder of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

# Imported here, not anew by every run inside this process.
import harness.run.fixtures
import harness.run.session
from tests.forked import forked

PYTEST = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider")
# Plugins that the project's dependencies bring along; without them a process starts sooner.
QUICK = ("-p", "no:schemathesis", "-p", "no:faker", "-p", "no:hypothesispytest")

LONGEST = 400.0
"""Seconds after which a run is given up."""

assert harness.run.fixtures
assert harness.run.session


@dataclass
class Done:
    """A run that has ended."""

    code: int
    out: str
    folder: Path

    @property
    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads((self.folder / "reports" / "conformance.json").read_text())
        return report

    @property
    def verdicts(self) -> dict[str, str]:
        return {finding["rule"]: finding["verdict"] for finding in self.report["findings"]}

    def finding(self, code: str) -> dict[str, Any]:
        found: dict[str, Any]
        (found,) = [finding for finding in self.report["findings"] if finding["rule"] == code]
        return found

    @property
    def artefacts(self) -> dict[str, str]:
        """Everything that the run left for somebody to read."""
        reports = self.folder / "reports"
        files = reports.iterdir() if reports.is_dir() else ()
        return {"terminal": self.out, **{file.name: file.read_text() for file in files}}

    @property
    def error(self) -> str:
        """The one line of a run that was given something it cannot use."""
        lines = [line for line in self.out.splitlines() if line.strip()]
        assert len(lines) == 1, self.out
        assert lines[0].startswith("ERROR: "), self.out
        assert "Traceback" not in self.out
        return lines[0].removeprefix("ERROR: ")


def environment(given: Mapping[str, str]) -> dict[str, str]:
    # CI makes pytest print long lines whole, and so twice.
    foreign = ("CONFORMANCE_", "PYTEST", "CI", "BUILD_NUMBER", "GITHUB_")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return {**clean, **given}


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def run(
    folder: Path,
    *arguments: str,
    files: Mapping[str, str] = {},
    env: Mapping[str, str] = {},
    quick: bool = True,
    fresh: bool = False,
) -> Done:
    """Run pytest in a folder, after writing files to it.

    Args:
        folder: working folder of the run.
        arguments: of pytest.
        files: their texts by path.
        env: further variables of its environment.
        quick: without the plugins that the project's dependencies bring along.
        fresh: in an interpreter of its own, for tests of what is imported, and how, and under `-W error`; also where
            `env` has PYTHONPATH. Other runs are forked from a process that has imported the harness, which takes
            longer than many a run.
    """
    write(folder, files)
    if not fresh and "PYTHONPATH" not in env:
        given = ["-p", "no:cacheprovider", *(QUICK if quick else ()), *arguments]
        code, out = forked(given, folder, environment(env), LONGEST)
        assert code is not None, f"not over after {LONGEST:.0f} s:\n{out}"
        return Done(code, out, folder)
    done = subprocess.run(
        [*PYTEST, *(QUICK if quick else ()), *arguments],
        cwd=folder,
        env=environment(env),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST,
    )
    return Done(done.returncode, done.stdout, folder)


def here(pytester: pytest.Pytester, *arguments: str, files: Mapping[str, str] = {}) -> Done:
    """Run pytest in this process: many times sooner, for what needs no process of its own."""
    write(pytester.path, files)
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("GITHUB_")]:
            patch.delenv(name)
        result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:xdist", *arguments)
    return Done(int(result.ret), f"{result.stdout.str()}\n{result.stderr.str()}", pytester.path)


def interrupted(
    folder: Path,
    *arguments: str,
    files: Mapping[str, str],
    when: Callable[[], object],
    number: int = signal.SIGINT,
    alone: bool = False,
    ignoring: Iterable[signal.Signals] = (),
    again: Callable[[], object] | None = None,
) -> Done:
    """Run pytest, and send Ctrl-C, or another signal, to it and its workers as soon as `when` returns.

    Args:
        alone: not to its workers.
        ignoring: signals that the run inherits as ignored.
        again: the signal is sent a second time as soon as this returns.
    """
    write(folder, files)
    process = started([*PYTEST, *QUICK, *arguments], folder, ignoring)
    for wait in (when, again):
        if wait is not None:
            wait()
            if alone:
                os.kill(process.pid, number)
            else:
                os.killpg(process.pid, number)
    out, _ = process.communicate(timeout=LONGEST)
    return Done(process.returncode, out, folder)


@contextmanager
def foreground() -> Iterator[None]:
    """Handle signals as a process in the foreground does, whatever this one has inherited."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def started(
    command: Sequence[str], folder: Path, ignoring: Iterable[signal.Signals] = ()
) -> subprocess.Popen[str]:
    """Start a command as a shell would in the foreground, whatever this process has inherited.

    Args:
        ignoring: signals that it inherits as ignored.
    """
    ignored = frozenset(ignoring)

    def inherit() -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)

    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment({}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=inherit,
    )
