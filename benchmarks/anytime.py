"""How soon a run finds what is broken: the share of the seeded defects found by a share of a full run's requests.

A full run on the sound reference, by value and by suites, says after how many requests each rule has its verdict on
each resource. A defect is found when its rule has the verdict on a resource on which it shows: the kill matrix proves
that its rule fails there. Rules send about the same on a defective server as on the sound one, until the first of them
fails. That is measured, too: CONFIRM critical defects, each on a server of its own, with a run by value that ends with
the first finding.

    python benchmarks/anytime.py [EFFECTS] [CONFIRM]

Goal: half of the critical defects within 10 percent of the requests, 90 percent within 50.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.apart import QUICK, apart
from harness.reference import ALICE
from harness.reference.server import demo
from harness.rules.rule import Effect, Rule
from harness.rules.verdict import Impact
from tests.matrix.declared import AT_ONCE, DECLARED
from tests.matrix.defect import Defect
from tests.matrix.found import defects
from tests.matrix.trials import listed

SHARES = (0.05, 0.10, 0.25, 0.50, 1.0)
SAMPLE = 30
"""Defects of the fixed sample: half of them critical, each from the list in equal steps."""
PROFILE = AT_ONCE + DECLARED


def run(url: str, *arguments: str) -> dict[str, Any]:
    """The report of a whole run, as data."""
    with tempfile.TemporaryDirectory() as name:
        Path(name, "conformance.toml").write_text(PROFILE)
        command = [sys.executable, "-m", "pytest", "-q", "--target-url", url, *arguments]
        command += ["--header", f"Authorization: Bearer {ALICE}", "--report-formats", "none"]
        command += QUICK
        subprocess.run(command, cwd=name, stdout=subprocess.DEVNULL, check=False)
        report: dict[str, Any] = json.loads(Path(name, "reports", "conformance.json").read_text())
        return report


def positions(report: Mapping[str, Any]) -> tuple[dict[tuple[str, str], int], int]:
    """Requests after which each rule has its verdict, by rule and resource; and those of the whole run."""
    numbers = {one["id"]: int(re.sub(r"\D", "", one["id"])) for one in report["exchanges"]}
    survey = max(numbers[id] for id in report["survey"])
    found = {}
    for finding in report["findings"]:
        if finding["verdict"] in ("pass", "note", "advice", "warn", "fail"):
            sent = [numbers[id] for id in (*finding["exchanges"], *finding["repeat"]) if id in numbers]
            found[finding["rule"], finding["resource"] or ""] = max([survey, *sent]) - survey
    return found, max(numbers.values()) - survey


def found_at(defect: Defect, places: Mapping[tuple[str, str], int]) -> int | None:
    """Requests after which a defect is found; None if the run does not decide its rule."""
    keys = [(code, name) for code in (defect.rule, *defect.also) for name in (*defect.on, "")]
    return min((places[key] for key in keys if key in places), default=None)


def sample(rules: Mapping[str, Rule], allowed: Effect) -> tuple[list[Defect], list[Defect]]:
    """The fixed sample: critical defects, and others."""
    mine = [one for one in defects() if rules[one.rule].effect <= allowed]
    critical = [one for one in mine if rules[one.rule].impact is Impact.CRITICAL]
    others = [one for one in mine if one not in critical]
    return _steps(critical, SAMPLE // 2), _steps(others, SAMPLE // 2)


def _steps(some: Sequence[Defect], number: int) -> list[Defect]:
    return [some[place * len(some) // number] for place in range(min(number, len(some)))]


def row(name: str, some: Sequence[Defect], places: Mapping[tuple[str, str], int], total: int) -> str:
    """A row of the table: the shares found."""
    at = [found_at(one, places) for one in some]
    decided = [one for one in at if one is not None]
    cells = [f"{sum(one <= total * share for one in decided) / len(some):>6.0%}" for share in SHARES]
    return f"{name:<32}{total:>9}  " + " ".join(cells)


def main(effects: str = "burst", confirm: str = "6") -> None:
    rules = {code: one.rule for code, one in listed().items()}
    allowed = Effect[effects.upper()]
    critical, others = sample(rules, allowed)
    every = [one for one in defects() if rules[one.rule].effect <= allowed]
    all_critical = [one for one in every if rules[one.rule].impact is Impact.CRITICAL]
    print(f"{'':<32}{'requests':>9}  " + " ".join(f"{share:>6.0%}" for share in SHARES), flush=True)
    total = 0
    for order in ("value", "suites"):
        with apart(demo) as (url, _):
            places, total = positions(run(url, "--effects", effects, "--order", order))
        for name, some in (
            (f"{order}: {len(critical)} critical, sample", critical),
            (f"{order}: {len(critical) + len(others)}, sample", [*critical, *others]),
            (f"{order}: all {len(all_critical)} critical", all_critical),
            (f"{order}: all {len(every)}", every),
        ):
            print(row(name, some, places, total), flush=True)
    for one in critical[:: max(1, len(critical) // max(int(confirm), 1))][: int(confirm)]:
        with one.serve() as url:
            report = run(url, "--effects", effects, "--fail-on", "should,advice", "-x")
        first = next((f["rule"] for f in report["findings"] if f["verdict"] in ("fail", "warn")), "nothing")
        sent = report["target"]["requests"] - len(report["survey"])
        print(f"{one.rule}: {one.name}: {first} after {sent} requests, {sent / total:.1%}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
