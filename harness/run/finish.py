"""What the end of a run needs beside the report: its files, what the terminal and a CI runner are told, the waivers."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.atomic_files import write_text
from harness.profile.models import Waiver
from harness.profile.read import FILE
from harness.report import files
from harness.report.console import terminal
from harness.report.model import Report
from harness.report.rougher import further
from harness.rules.suites import suites_folder
from harness.run import github, waivers
from harness.run.options import Settings
from harness.run.waivers_draft import draft

WAIVERS = "waivers.toml"


def check_waivers(written: Sequence[Waiver], config: pytest.Config, settings: Settings) -> None:
    """Refuse waivers for rules that there are not, before anything is sent.

    Raises:
        BadInput: see `waivers.check()`.
    """
    if not written:
        return
    from harness.rules.catalogue import codes

    there = Path(config.invocation_params.dir, FILE).exists()
    where = settings.profile or (FILE if there else "pyproject.toml")
    waivers.check(written, codes(), where, own=config.args != [str(suites_folder())])


def write(report: Report, settings: Settings, path_of: Callable[[str], Path]) -> dict[str, Path]:
    """Write the report in the formats asked for, and draft waivers where they are asked for.

    Args:
        path_of: the path that a user means by a text.

    Returns:
        The paths by format, and that of the waivers.

    Raises:
        BadInput: a file cannot be written.
    """
    written = files.write_all(report, path_of(settings.report_dir), settings.formats)
    if settings.write_waivers is not None:
        path = path_of(settings.write_waivers or str(Path(settings.report_dir, WAIVERS)))
        written["waivers"] = write_text(path, draft(report))
    return written


def show(report: Report, written: dict[str, Path], reporter: Any) -> None:
    """Tell the run on the terminal, and to the workflow that it is a step of."""
    reporter.section("conformance")
    for line in terminal.lines(report, report.run.failing):
        reporter.write_line(line)
    for name, path in sorted(written.items()):
        reporter.write_line(f"{'waivers to be signed' if name == 'waivers' else 'report'}: {path}")
    github.tell(report, reporter.write_line, os.environ)
    if more := further(report):
        reporter.write_line(more)
