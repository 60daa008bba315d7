"""How surely a rule notices a race: each race rule against servers with a check-then-act gap, run after run.

Every seeded defect of the kill matrix that has a gap is served, and its rule is run on it so many times, each as a
user would run it: on every resource that it applies to. Told for each: the share of runs that found it, the share of
resources on which it was found, and how long the rule took.

Goal: at 50 us, found in at least 99 of 100 runs, in less than 10 s each.

    python benchmarks/race_rules.py [RUNS] [PART OF A DEFECT'S NAME]
"""

from __future__ import annotations

import re
import statistics
import sys
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.concurrency import defects as concurrency
from tests.idempotency import defects as idempotency
from tests.matrix.declared import AT_ONCE, CLIENTS, RESOURCES
from tests.matrix.defect import Defect
from tests.matrix.running import run
from tests.matrix.trials import SUITES, TRIPPED

GAP = re.compile(r"\d+ (us|ms)\b")


@dataclass
class Measured:
    """What the runs of one rule on one defect came to; the seconds of each hold its repeats."""

    runs: int = 0
    resources: int = 0
    found: int = 0
    found_on: int = 0
    seconds: list[float] = field(default_factory=list)


def measured(defect: Defect, runs: int) -> Measured:
    """Runs of a defect's rule on the server that has the defect."""
    profile = AT_ONCE + CLIENTS + "".join(RESOURCES.values())
    shown = Measured()
    with defect.serve() as url:
        for _ in range(runs):
            report = run(url, "-k", defect.rule, suites=SUITES, profile=profile)
            decided = [finding for finding in report.of_rule(defect.rule) if finding.verdict.decided]
            tripped = [finding for finding in decided if finding.verdict in TRIPPED]
            shown.runs += 1
            shown.resources += len(decided)
            shown.found += bool(tripped)
            shown.found_on += len(tripped)
            shown.seconds.append(sum(finding.duration for finding in decided))
    return shown


def main(runs: int = 20, part: str = "50 us") -> None:
    print(f"{runs} runs each")
    print(f"{'rule':<10}{'found':>7}{'on each':>9}{'median s':>10}{'longest s':>11}  defect")
    for defect in idempotency.DEFECTS + concurrency.DEFECTS:
        if GAP.search(defect.name) and part in defect.name:
            shown = measured(defect, runs)
            print(
                f"{defect.rule:<10}{shown.found / shown.runs:>7.2f}{shown.found_on / shown.resources:>9.2f}"
                f"{statistics.median(shown.seconds):>10.2f}{max(shown.seconds):>11.2f}  {defect.name}",
                flush=True,
            )


if __name__ == "__main__":
    main(*(int(a) if a.isdecimal() else a for a in sys.argv[1:]))  # type: ignore[arg-type]
