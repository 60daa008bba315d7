"""All files of one report, in one directory."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from harness.bad_input import BadInput
from harness.report import html, json_file, junit
from harness.report.atomic import write_text
from harness.report.model import Report
from harness.report.words import FAILING
from harness.verdict import Verdict


def write_all(report: Report, directory: Path, failing: Collection[Verdict] = FAILING) -> dict[str, Path]:
    """Write `conformance.json`, `junit.xml` and `conformance.html`, each whole or not at all.

    Args:
        report: the run.
        directory: where to; made when it is not there.
        failing: verdicts that fail the run.

    Returns:
        The paths by format: `json`, `junit`, `html`.

    Raises:
        BadInput: the directory cannot be made or written to.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(
            str(directory),
            f"cannot be made a directory ({error.strerror or error})",
            "give a directory you may write to",
        ) from None
    # The JSON file comes first: it is the truth, and must be there even if a view of it cannot be made.
    return {
        "json": json_file.write(report, directory / "conformance.json"),
        "junit": write_text(directory / "junit.xml", junit.render(report, failing)),
        "html": write_text(directory / "conformance.html", html.render(report, failing)),
    }
