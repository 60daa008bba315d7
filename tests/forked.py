"""Runs of pytest in processes that need not import anything: they are forked from one that has."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

WARM = "tests.matrix.warm"
"""What the process imports from which runs are forked."""


def forked(
    command: list[str], folder: Path, environment: Mapping[str, str], longest: float
) -> tuple[int | None, str]:
    """The exit code of `python -m pytest` with these arguments, and what it printed.

    Args:
        command: arguments of pytest.
        folder: working folder of the run; what it prints is kept there until it ends.
        environment: all variables of the run.
        longest: seconds after which the run is killed; the exit code is None then.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([WARM])
    shown = folder / ".printed.txt"
    process = context.Process(target=_pytest, args=(command, str(folder), dict(environment), str(shown)))
    process.start()
    process.join(longest)
    code = process.exitcode
    if code is None:
        process.kill()
        process.join()
    if not shown.exists():
        return code, ""
    printed = shown.read_text(errors="replace")
    shown.unlink()
    return code, printed


def _pytest(command: list[str], folder: str, environment: dict[str, str], shown: str) -> None:
    """Be the process of a run."""
    with open(shown, "wb") as file, open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    # As `python -m` does.
    sys.path.insert(0, folder)
    sys.argv = ["pytest", *command]
    sys.exit(pytest.main(command))
