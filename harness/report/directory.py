"""The directory for the reports, checked before the run."""

from __future__ import annotations

import os
from pathlib import Path

from harness.bad_input import BadInput


def check_directory(directory: Path) -> None:
    """Make the report directory.

    Raises:
        BadInput: it cannot be made or written to.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(
            "--report-dir",
            f"{directory} cannot be made ({error.strerror})",
            "give a directory you may write to",
        ) from None
    if not os.access(directory, os.W_OK | os.X_OK):
        raise BadInput("--report-dir", f"{directory} is not writable", "give a directory you may write to")
