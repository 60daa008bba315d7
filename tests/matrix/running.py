"""Runs of the harness as a user starts it: a process of its own, in a folder of its own.

Runs of given suites are forked from a process that has imported everything: that takes longer than many a run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from harness.reference import ALICE
from harness.report.model import Report
from tests.forked import forked

LONGEST = 400.0
"""Seconds after which a run is given up."""
LEAN = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""Environment of a run that loads no plugin but ours: others cost a second each time."""
SPARED = tuple(
    argument
    for name in (
        *("debugging", "doctest", "faulthandler", "junitxml", "legacypath", "logging", "pastebin", "recwarn"),
        *(
            "setuponly",
            "setupplan",
            "stepwise",
            "subtests",
            "threadexception",
            "unittest",
            "unraisableexception",
        ),
    )
    for argument in ("-p", f"no:{name}")
)
"""Without plugins of pytest itself that no rule needs: to set all of them up takes a tenth of many a run."""


def run(
    url: str,
    *arguments: str,
    suites: Iterable[Path] | None = None,
    profile: str | None = None,
    formats: str | None = "none",
    header: str = f"Authorization: Bearer {ALICE}",
) -> Report:
    """The report of `pytest --target-url URL`, under the first user's credential.

    Args:
        url: base URL of a reference API, sound or defective.
        arguments: further arguments of pytest.
        suites: files with rules, and no plugin but ours beside them; all rules, and all plugins that are
            installed, when omitted.
        profile: text of `conformance.toml`.
        formats: the views of the report to write beside conformance.json; None for those of a user's run.
        header: the field that carries the first user's credential.

    Raises:
        AssertionError: the run wrote no report; says what it printed.
    """
    command = ["-p", "no:cacheprovider", "-q"]
    if formats is not None:
        command += ["--report-formats", formats, *(SPARED if "-n" not in arguments else ())]
    environment = {name: value for name, value in os.environ.items() if not _ours(name)}
    if suites is not None:
        command += ["-p", "harness.plugin", *(["-p", "xdist"] if "-n" in arguments else [])]
        environment |= LEAN
    command += ["--target-url", url, "--header", header, *arguments]
    command += [str(suite) for suite in suites or ()]
    with tempfile.TemporaryDirectory(prefix="conformance-run-") as folder:
        if profile is not None:
            Path(folder, "conformance.toml").write_text(profile)
        if suites is not None and "-n" not in arguments:
            code, printed = forked(command, Path(folder), environment, LONGEST)
        else:
            code, printed = _started(command, folder, environment)
        if code is None:
            raise AssertionError(f"not over after {LONGEST:.0f} s:\n{_tail(printed)}")
        written = Path(folder, "reports", "conformance.json")
        if not written.is_file():
            raise AssertionError(f"no report; pytest ended with {code}:\n{_tail(printed)}")
        return Report.model_validate_json(written.read_bytes())


def _started(command: list[str], folder: str, environment: dict[str, str]) -> tuple[int | None, str]:
    """The exit code of pytest, None where it had to be ended, and what it printed."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *command],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=LONGEST,
        )
    except subprocess.TimeoutExpired as problem:
        return None, (problem.stdout or b"").decode(errors="replace")
    return done.returncode, done.stdout.decode(errors="replace")


def _ours(name: str) -> bool:
    """Whether a variable would change the run: what an outer pytest, or its user, has set."""
    return name.startswith(("PYTEST_", "CONFORMANCE_"))


def _tail(text: str, lines: int = 40) -> str:
    return "\n".join(text.splitlines()[-lines:])
