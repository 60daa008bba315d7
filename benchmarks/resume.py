"""A run that is killed with SIGKILL at ten random moments, and continued each time: is its report that of one run?

    python benchmarks/resume.py [KILLS] [WORKERS] [SEED]

Goals: the same verdicts as a run that nobody kills, nothing decided twice, nothing left behind.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.apart import QUICK, apart
from harness.reference.server import demo
from harness.run.progress import FILE

SUITES = "COND or ERR or IDEM or METH or PAGE"


def started(folder: str, url: str, token: str, workers: str, *more: str) -> subprocess.Popen[bytes]:
    """A run in a process group of its own."""
    Path(folder, "conformance.toml").write_text("consistency_window = 0\n")
    command = [sys.executable, "-m", "pytest", "-q", "--target-url", url, "--effects", "write", "-k", SUITES]
    command += ["--header", f"Authorization: Bearer {token}", "-n", workers, *more]
    command += QUICK
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, start_new_session=True
    )


def verdicts(folder: str) -> tuple[dict[str, Any], dict[tuple[str, str], str]]:
    """The report of a run, and its verdicts by rule and resource."""
    report = json.loads(Path(folder, "reports", "conformance.json").read_text())
    return report, {(one["rule"], one["resource"] or ""): one["verdict"] for one in report["findings"]}


def decided(progress: Path) -> list[str]:
    """Node ids of the verdicts on disk, in order."""
    if not progress.exists():
        return []
    lines = progress.read_text().splitlines()
    found = []
    for line in lines:
        try:
            found.append(json.loads(line).get("test"))
        except ValueError:
            # Written in part when the run was killed.
            continue
    return [one for one in found if one is not None]


def kill(folder: str, process: subprocess.Popen[bytes], after: float, seconds: float) -> bool:
    """Kill a run some time after its first new verdict; whether it was still active."""
    progress = Path(folder, "reports", FILE)
    size = progress.stat().st_size if progress.exists() else 0
    until = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < until:
        if progress.exists() and progress.stat().st_size > size + 1000:
            break
        time.sleep(0.01)
    time.sleep(after)
    active = process.poll() is None
    os.killpg(process.pid, signal.SIGKILL) if active else None
    process.wait()
    return active


def main(kills: str = "10", workers: str = "2", seed: str = "1") -> None:
    chance = random.Random(int(seed))
    with (
        apart(demo) as (url, token),
        tempfile.TemporaryDirectory() as whole,
        tempfile.TemporaryDirectory() as cut,
    ):
        before = time.monotonic()
        started(whole, url, token, workers).wait()
        seconds = time.monotonic() - before
        report, usual = verdicts(whole)
        print(f"not killed: {report['target']['requests']} requests, {len(usual)} verdicts", flush=True)
        done, options = 0, ()
        while done < int(kills):
            process = started(cut, url, token, workers, *options)
            if not kill(cut, process, chance.uniform(0.0, 0.8 * seconds / int(kills)), 4 * seconds):
                break
            done, options = done + 1, ("--resume",)
            print(f"killed {done}: {len(decided(Path(cut, 'reports', FILE)))} verdicts on disk", flush=True)
        code = (
            started(cut, url, token, workers, *options).wait() if Path(cut, "reports", FILE).exists() else 0
        )
        report, found = verdicts(cut)
    known = {one["id"] for one in report["exchanges"]}
    lost = [id for one in report["findings"] for id in one["exchanges"] if id not in known]
    print(
        f"killed {done} times, exit code {code}: {report['target']['requests']} requests, {len(found)} verdicts, "
        f"{sum(found.get(key) != verdict for key, verdict in usual.items())} differ, {len(lost)} exchanges are lost, "
        f"{len(report['leftovers'])} items are left"
    )
    for key, verdict in usual.items():
        if found.get(key) != verdict:
            print(f"  {' '.join(key)}: {verdict}, and {found.get(key)} in the run that was killed")


if __name__ == "__main__":
    main(*sys.argv[1:])
