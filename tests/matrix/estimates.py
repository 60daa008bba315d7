"""`python -m tests.matrix.estimates`: write `harness/run/estimates.json` from runs on the reference API."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence

from harness.run.estimates import FILE, estimates, measured
from tests.matrix.declared import ALL, DECLARED
from tests.matrix.running import run
from tests.matrix.serving import reference
from tests.matrix.trials import SUITES, listed

RUNS = 3
NEAR = 0.1
"""Part of an estimate by which a measurement may differ and change nothing: races take more or fewer rounds."""


def updated(before: Mapping[str, int], runs: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """Estimates by code: the median of the runs, or what was estimated before where that is near.

    Args:
        before: the estimates until now.
        runs: what each run measured.
    """
    new: dict[str, int] = {}
    for code in sorted({code for one in runs for code in one}):
        taken = round(statistics.median(one[code] for one in runs if code in one))
        kept = before.get(code)
        new[code] = kept if kept is not None and abs(taken - kept) <= NEAR * kept else taken
    return new


def main() -> None:
    """Measure, write, and print what has changed."""
    shared = {code for code, one in listed().items() if one.rule.shared > 1}
    before = estimates()
    runs = []
    for _ in range(RUNS):
        with reference() as url:
            runs.append(measured(run(url, *ALL, suites=SUITES, profile=DECLARED), shared))
    new = updated(before, runs)
    FILE.write_text(json.dumps(new, indent=2) + "\n")
    for code in sorted({*before, *new}):
        if before.get(code) != new.get(code):
            print(f"{code}: {before.get(code, 'none')} -> {new.get(code, 'gone')}")


if __name__ == "__main__":
    main()
