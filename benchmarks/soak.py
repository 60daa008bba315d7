"""Full runs in a row on one target, in one process: false findings, and growth of what is open.

Told for each run: seconds, requests, what was found or not decided, leftovers on the target, and then the files,
threads and memory of the process. On the reference, which is sound, every finding is false; on another target one that
is not found in every run.

    python benchmarks/soak.py RUNS URL [OPTION OF PYTEST...]
    python benchmarks/soak.py RUNS demo

A profile is given by its whole path (`--profile`): runs take place in a folder of their own.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from harness.reference import ALICE
from harness.report.model import Report
from harness.rules.suites import suites_folder
from harness.rules.verdict import Verdict
from tests.matrix.declared import DECLARED

TOLD = (Verdict.FAIL, Verdict.WARN, Verdict.ERROR, Verdict.INCONCLUSIVE)


def memory() -> float:
    """MB that the process has in use."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def one(url: str, options: list[str]) -> Report:
    command = ["-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:faker", "-q", "--target-url", url]
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        code = pytest.main([*command, *options, *map(str, sorted(suites_folder().rglob("test_*.py")))])
    written = Path("reports", "conformance.json")
    if not written.is_file():
        raise RuntimeError(f"exit code {code}, no report:\n{printed.getvalue()}")
    report = Report.model_validate_json(written.read_text())
    written.unlink()
    return report


def main(runs: str, url: str, *options: str) -> None:
    given = list(options)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        if url == "demo":
            Path("conformance.toml").write_text(DECLARED)
            given += ["--header", f"Authorization: Bearer {ALICE}", "--effects", "flood"]
        print(f"{'run':>4}{'s':>7}{'requests':>10}{'files':>7}{'threads':>9}{'MB':>6}  verdicts")
        found: Counter[str] = Counter()
        for number in range(int(runs)):
            started = time.perf_counter()
            report = one(url, given)
            seconds = time.perf_counter() - started
            found.update(
                f"{one.rule} [{one.resource}] {one.verdict.value}"
                for one in report.findings
                if one.verdict in TOLD
            )
            print(
                f"{number + 1:>4}{seconds:>7.1f}{report.target.requests:>10}"
                f"{len(os.listdir('/proc/self/fd')):>7}{threading.active_count():>9}{memory():>6.0f}  "
                + ", ".join(
                    f"{count} {verdict.value}" for verdict, count in report.summary.counts.items() if count
                )
                + f"; {len(report.leftovers)} left behind",
                flush=True,
            )
        os.chdir("/")
    always = sorted(name for name, count in found.items() if count == int(runs))
    print("found in every run:", ", ".join(always) or "nothing")
    print("found in some:", {name: count for name, count in found.items() if count < int(runs)} or "nothing")


if __name__ == "__main__":
    main(*sys.argv[1:])
