"""All files of one report, in one directory."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from harness.atomic_files import write_text
from harness.bad_input import BadInput
from harness.report import json_file
from harness.report.model import Report
from harness.report.views import DEFAULT, VIEWS


def write_all(report: Report, directory: Path, formats: Collection[str] = DEFAULT) -> dict[str, Path]:
    """Write `conformance.json` and views of it, each whole or not at all.

    Args:
        report: the run.
        directory: where to; made when it is not there.
        formats: names of views, of `views.VIEWS`.

    Returns:
        The paths by format: `json` and those of the views.

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
    written = {"json": json_file.write(report, directory / "conformance.json")}
    for name in formats:
        view = VIEWS[name]
        written[name] = write_text(directory / view.file, view.render(report))
    return written
