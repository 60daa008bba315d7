"""How surely a rule notices a race: each race rule against servers with a check-then-act gap, run after run.

Every seeded defect of the kill matrix that has a gap is served, and its rule is run on it so many times, each as a
user would run it. Told for each: the share of runs that found it, and how long the rule took.

Goal: at 50 us, found in at least 99 of 100 runs, in less than 10 s each.

    python benchmarks/race_rules.py [RUNS] [PART OF A DEFECT'S NAME]
"""

from __future__ import annotations

import re
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.defects import Defect, concurrency, idempotency
from tests.running import run
from tests.test_kill_matrix import AT_ONCE, CLIENTS, RESOURCES, SUITES, TRIPPED

GAP = re.compile(r"\d+ (us|ms)\b")


def measured(defect: Defect, runs: int) -> tuple[int, list[float]]:
    """How many runs found the defect, and the seconds that its rule took in each, its repeat included."""
    only = f"only = {sorted(defect.on)}\n"
    profile = AT_ONCE + only + CLIENTS + "".join(RESOURCES[name] for name in defect.on)
    found, seconds = 0, []
    with defect.serve() as url:
        for _ in range(runs):
            report = run(url, "-k", defect.rule, suites=SUITES, profile=profile)
            findings = report.of_rule(defect.rule)
            found += any(finding.verdict in TRIPPED for finding in findings)
            seconds.append(sum(finding.duration for finding in findings))
    return found, seconds


def main(runs: int = 20, part: str = "50 us") -> None:
    print(f"{runs} runs each")
    print(f"{'rule':<10}{'found':>7}{'median s':>10}{'longest s':>11}  defect")
    for defect in idempotency.DEFECTS + concurrency.DEFECTS:
        if GAP.search(defect.name) and part in defect.name:
            found, seconds = measured(defect, runs)
            print(
                f"{defect.rule:<10}{found / runs:>7.2f}{statistics.median(seconds):>10.2f}{max(seconds):>11.2f}  "
                f"{defect.name}",
                flush=True,
            )


if __name__ == "__main__":
    main(*(int(a) if a.isdecimal() else a for a in sys.argv[1:]))  # type: ignore[arg-type]
