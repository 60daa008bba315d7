"""`python -m harness report conformance.json --html F ...`: render a report in other formats."""

from __future__ import annotations

import argparse
from pathlib import Path

from harness.bad_input import BadInput


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("report", metavar="conformance.json", help="a report that this harness wrote")
    for name, content in _FORMATS.items():
        parser.add_argument(f"--{name}", metavar="FILE", help=f"write {content}; `-` for standard output")


_FORMATS = {
    "html": "one self-contained page",
    "junit": "JUnit XML, for CI servers",
    "sarif": "SARIF 2.1.0, for code scanning",
    "markdown": "Markdown, for the summary of a CI step",
    "har": "HAR 1.2, every exchange",
    "badge": "an SVG badge",
    "waivers": "a draft of waivers for what failed or warned (TOML), to be signed",
}


def run(given: argparse.Namespace) -> int:
    """Write the formats that are given; with none, print the summary.

    Raises:
        BadInput: the report cannot be read, or a file cannot be written.
    """
    from harness.atomic_files import write_text
    from harness.report import json_file
    from harness.report.console import terminal
    from harness.report.views import VIEWS
    from harness.run.waivers import draft

    report = json_file.read(Path(given.report))
    wanted = {name: getattr(given, name) for name in _FORMATS if getattr(given, name) is not None}
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
