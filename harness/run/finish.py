"""The end of a run: its record, its exit code, the files, the terminal summary, the output for a CI runner."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from harness import __version__
from harness.atomic_files import write_text
from harness.profile.models import Waiver
from harness.profile.read import FILE
from harness.report import files
from harness.report.console import terminal
from harness.report.model import Report, RunRecord
from harness.report.stronger_effects import further
from harness.rules.finding import fails
from harness.rules.suites import suites_folder
from harness.rules.verdict import SEVERITY, Verdict
from harness.run import github, waivers
from harness.run.settings import Settings

WAIVERS = "waivers.toml"
TOO_LITTLE_VERIFIED = 5
"""Exit code of a run in which nothing failed, but too few rules were decided to say that the target conforms."""


def check_waivers(written: Sequence[Waiver], config: pytest.Config, settings: Settings) -> None:
    """Reject waivers for unknown rules at start-up, before anything is sent.

    Raises:
        BadInput: see `waivers.check()`.
    """
    if not written:
        return
    from harness.rules.catalogue import codes

    exists = Path(config.invocation_params.dir, FILE).exists()
    where = settings.profile or (FILE if exists else "pyproject.toml")
    waivers.check(written, codes(), where, own=config.args != [str(suites_folder())])


def run_record(
    id: str,
    started: float,
    seconds: float,
    failing: Collection[Verdict],
    *,
    interrupted: bool,
    edition: str | None = None,
) -> RunRecord:
    """The run itself, as the report has it.

    Args:
        started: seconds since the epoch.
        seconds: for which it ran.
        failing: verdicts that fail the run.
        interrupted: whether a signal ended the run.
        edition: see `Settings`.
    """
    return RunRecord(
        id=id,
        harness=__version__,
        python=sys.version.split()[0],
        started=datetime.fromtimestamp(started, UTC).isoformat(timespec="seconds"),
        duration=round(seconds, 3),
        interrupted=interrupted,
        edition=edition,
        failing=[verdict for verdict in SEVERITY if verdict in failing],
    )


def exit_code(report: Report, stale: Sequence[str]) -> int:
    """The exit code of a run in which no test failed; a fault that was found at the end may still fail it.

    Args:
        stale: codes of the rules whose waiver for all resources is stale.
    """
    broken = any(fails(finding, report.run.failing) for finding in report.findings)
    broken = broken or bool(report.failing_suspicions) or report.uncovered
    if broken or report.target.died is not None or stale:
        return int(pytest.ExitCode.TESTS_FAILED)
    return TOO_LITTLE_VERIFIED if report.thin else int(pytest.ExitCode.OK)


def write(report: Report, settings: Settings, path_of: Callable[[str], Path]) -> dict[str, Path]:
    """Write the report in the formats that the user chose, and a draft of waivers if the user wants one.

    Args:
        path_of: resolves a path as the user wrote it.

    Returns:
        The paths by format, and that of the waivers.

    Raises:
        BadInput: a file cannot be written.
    """
    written = files.write_all(report, path_of(settings.report_dir), settings.formats)
    if settings.write_waivers is not None:
        path = path_of(settings.write_waivers or str(Path(settings.report_dir, WAIVERS)))
        written["waivers"] = write_text(path, waivers.draft(report))
    return written


def show(report: Report, written: dict[str, Path], reporter: Any, *, tour: bool = False) -> None:
    """Print the summary on the terminal, and the output for a CI runner.

    Args:
        tour: whether the target is `demo:buggy`, whose bugs are listed, too.
    """
    reporter.section("conformance")
    for line in terminal.lines(report, report.run.failing):
        reporter.write_line(line)
    for name, path in sorted(written.items()):
        reporter.write_line(f"{'waivers to sign' if name == 'waivers' else 'report'}: {path}")
    github.publish(report, reporter.write_line, os.environ)
    if tour:
        from harness.run.tour import lines

        for line in lines(report.findings):
            reporter.write_line(line)
    elif more := further(report):
        reporter.write_line(more)
