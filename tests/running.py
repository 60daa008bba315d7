"""Runs of the harness as a user starts it: a process of its own, in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from harness.reference import ALICE
from harness.report.model import Report

LONGEST = 120.0
"""Seconds after which a run is given up."""
LEAN = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""Environment of a run that loads no plugin but ours: others cost a second each time."""


def run(
    url: str,
    *arguments: str,
    suites: Iterable[Path] | None = None,
    profile: str | None = None,
) -> Report:
    """The report of `pytest --target-url URL`, under the first user's credential.

    Args:
        url: base URL of a reference API, sound or defective.
        arguments: further arguments of pytest.
        suites: files with rules, and no plugin but ours beside them; all rules, and all plugins that are
            installed, when omitted.
        profile: text of `conformance.toml`.

    Raises:
        AssertionError: the run wrote no report; says what it printed.
    """
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q"]
    environment = {name: value for name, value in os.environ.items() if not _ours(name)}
    if suites is not None:
        command += ["-p", "harness.plugin", *(["-p", "xdist"] if "-n" in arguments else [])]
        environment |= LEAN
    command += ["--target-url", url, "--header", f"Authorization: Bearer {ALICE}", *arguments]
    command += [str(suite) for suite in suites or ()]
    with tempfile.TemporaryDirectory(prefix="conformance-run-") as folder:
        if profile is not None:
            Path(folder, "conformance.toml").write_text(profile)
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=LONGEST,
            )
        except subprocess.TimeoutExpired as problem:
            raise AssertionError(f"not over after {LONGEST:.0f} s:\n{_tail(problem.stdout)}") from None
        written = Path(folder, "reports", "conformance.json")
        if not written.is_file():
            raise AssertionError(f"no report; pytest ended with {done.returncode}:\n{_tail(done.stdout)}")
        return Report.model_validate_json(written.read_bytes())


def _ours(name: str) -> bool:
    """Whether a variable would change the run: what an outer pytest, or its user, has set."""
    return name.startswith(("PYTEST_", "CONFORMANCE_"))


def _tail(text: str | bytes | None, lines: int = 40) -> str:
    told = text.decode(errors="replace") if isinstance(text, bytes) else text or ""
    return "\n".join(told.splitlines()[-lines:])
