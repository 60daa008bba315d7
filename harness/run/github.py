"""What a run tells a GitHub workflow that it is a step of: the step's summary, and annotations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from harness.report.console.annotations import lines
from harness.report.formats import markdown
from harness.report.model import Report

LARGEST = 1_000_000
"""Octets of a step's summary; GitHub refuses one of more than 1 MiB."""


def tell(report: Report, write_line: Callable[[str], object], environ: Mapping[str, str]) -> None:
    """Append to `$GITHUB_STEP_SUMMARY`, and print annotations where `$GITHUB_ACTIONS` says that a runner reads them.

    A summary that cannot be written is told, and fails nothing.
    """
    if environ.get("GITHUB_ACTIONS") == "true":
        for line in lines(report):
            write_line(line)
    path = environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    octets = markdown.render(report).encode()
    try:
        with Path(path).open("ab") as file:
            if file.tell() + len(octets) + 1 > LARGEST:
                write_line(
                    f"not added to the step's summary, which would be longer than GitHub takes: {path}"
                )
                return
            file.write(octets + b"\n")
    except OSError as error:
        write_line(f"the step's summary cannot be written ({error.strerror or error}): {path}")
