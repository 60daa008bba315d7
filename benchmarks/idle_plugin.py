"""What the idle plugin adds to pytest's start-up: runs with and without it, in turn.

Goal: below 20 ms. Other plugins that come with the dependencies (schemathesis, Faker, hypothesis, anyio) are
switched off on both sides, so that only ours makes the difference.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PAIRS = 20
OTHERS = [
    f"-pno:{name}"
    for name in ("schemathesis", "faker", "hypothesispytest", "anyio", "xdist", "cacheprovider")
]


def seconds(folder: Path, *more: str) -> float:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("CONFORMANCE_")}
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *OTHERS, *more, "test_one.py"],
        cwd=folder,
        env=environ,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - started


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_one.py").write_text("def test_one():\n    pass\n")
        pairs = [(seconds(folder), seconds(folder, "-pno:conformance")) for _ in range(PAIRS + 1)][1:]
    added = [(with_it - without) * 1000 for with_it, without in pairs]
    print(
        f"with the plugin     {statistics.median(pair[0] for pair in pairs) * 1000:8.1f} ms (median of {PAIRS})"
    )
    print(f"without             {statistics.median(pair[1] for pair in pairs) * 1000:8.1f} ms")
    print(f"added               {statistics.median(added):8.1f} ms (goal: below 20)")


if __name__ == "__main__":
    main()
