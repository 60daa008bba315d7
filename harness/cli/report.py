"""`python -m harness report conformance.json --html F ...`: any view of a report, made again from its data."""

from __future__ import annotations

import argparse
from pathlib import Path

from harness.bad_input import BadInput


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("report", metavar="conformance.json", help="a report that this harness wrote")
    for name, told in _TOLD.items():
        parser.add_argument(f"--{name}", metavar="FILE", help=f"write {told}; `-` for standard output")


_TOLD = {
    "html": "one self-contained page",
    "junit": "JUnit XML, for CI servers",
    "sarif": "SARIF 2.1.0, for code scanning",
    "markdown": "Markdown, for the summary of a CI step",
    "har": "HAR 1.2, every exchange",
    "badge": "an SVG badge",
    "waivers": "what failed or warned as waivers to be signed (TOML)",
}


def run(given: argparse.Namespace) -> int:
    """Write the views asked for; with none asked for, print the summary.

    Raises:
        BadInput: the report cannot be read, or a view cannot be written.
    """
    from harness.atomic_files import write_text
    from harness.report import json_file
    from harness.report.console import terminal
    from harness.report.views import VIEWS
    from harness.run.waivers import draft

    report = json_file.read(Path(given.report))
    wanted = {name: getattr(given, name) for name in _TOLD if getattr(given, name) is not None}
    if list(wanted.values()).count("-") > 1:
        raise BadInput("report", "only one format can go to standard output", "give a file for the others")
    for name, file in wanted.items():
        text = draft(report) if name == "waivers" else VIEWS[name].render(report)
        if file == "-":
            print(text, end="")
        else:
            write_text(Path(file), text)
    if not wanted:
        print("\n".join(terminal.lines(report, report.run.failing)))
    return 0
