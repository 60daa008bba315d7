"""Output for GitHub Actions: the summary of the step, and annotations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from harness.report.console.annotations import lines
from harness.report.formats import markdown
from harness.report.model import Report

LARGEST = 1_000_000
"""Bytes of a step's summary; GitHub rejects one of more than 1 MiB."""


def publish(report: Report, write_line: Callable[[str], object], environ: Mapping[str, str]) -> None:
    """Append to `$GITHUB_STEP_SUMMARY`; print annotations if `$GITHUB_ACTIONS` is `true`.

    A summary that cannot be written gives one line and does not fail the run.
    """
    if environ.get("GITHUB_ACTIONS") == "true":
        for line in lines(report):
            write_line(line)
    path = environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    content = markdown.render(report).encode()
    try:
        with Path(path).open("ab") as file:
            if file.tell() + len(content) + 1 > LARGEST:
                write_line(
                    f"not added to the step's summary, which would be longer than GitHub accepts: {path}"
                )
                return
            file.write(content + b"\n")
    except OSError as error:
        write_line(f"the step's summary cannot be written ({error.strerror or error}): {path}")
