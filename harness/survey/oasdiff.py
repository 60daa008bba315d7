"""What breaks clients between two documents: by an installed oasdiff, else by the comparison of our own.

oasdiff (https://www.oasdiff.com) has more checks. Kinds have the same names in both.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from datetime import date
from pathlib import Path

from harness.survey.openapi.changes import Change, changes
from harness.survey.openapi.document import Node

PROGRAM = "oasdiff"
LONGEST = 60.0
"""Seconds for one comparison."""
OWN = "the comparison of the harness"
_ERROR = 3
"""oasdiff's level of what breaks clients; a warning is 2."""


def compared(old: Node, new: Node, today: date, *, own: bool = False) -> tuple[list[Change], str]:
    """The changes, breaking ones first, and what found them.

    Args:
        today: what is removed after its declared sunset is no change.
        own: use no oasdiff.
    """
    program = None if own or "swagger" in old or "swagger" in new else shutil.which(PROGRAM)
    found = None if program is None else _run(program, old, new)
    return (found, PROGRAM) if found is not None else (changes(old, new, today), OWN)


def _run(program: str, old: Node, new: Node) -> list[Change] | None:
    """What oasdiff finds; None where it fails, or takes too long."""
    with tempfile.TemporaryDirectory(prefix="oasdiff-") as folder:
        files = []
        for name, document in (("old.json", old), ("new.json", new)):
            files.append(Path(folder, name))
            files[-1].write_text(json.dumps(document, default=str))
        command = [program, "breaking", "--format", "json", *map(str, files)]
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                timeout=LONGEST,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
    return read(done.stdout) if done.returncode == 0 else None


def read(text: str) -> list[Change] | None:
    """The changes in oasdiff's JSON; None if it is something else."""
    try:
        listed = json.loads(text or "[]") or []
        made = [
            Change(
                str(one["id"]),
                f"{one.get('operation', '')} {one.get('path', '')}".strip() or "the document",
                " ".join(str(one.get("text", "")).split()),
                int(one["level"]) >= _ERROR,
            )
            for one in listed
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return sorted(dict.fromkeys(made), key=lambda one: not one.breaks)
