"""What each finds: this harness and schemathesis' own command line, on the same servers with a seeded defect each.

Both get the URL, the credential and the OpenAPI document. Schemathesis runs all its phases and checks; what it
reports of the sound reference in so many runs (3) is its baseline, and only what is new counts as found. Of the
harness only the defect's own rule is run, and counts; what all rules cost is told of the sound reference. On a server
with a defect both are put to the resources on which it shows. The harness looks for what no schema says: the two do
not compete, and belong side by side.

    python benchmarks/beside_schemathesis.py [BASELINE RUNS] [PART OF A DEFECT'S RULE OR NAME]
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from harness.reference import ALICE
from harness.reference.server import demo
from tests.matrix.declared import DECLARED
from tests.matrix.defect import Defect
from tests.matrix.running import run
from tests.matrix.test_kill_matrix import DEFECTS
from tests.matrix.trials import SUITES, TRIPPED

TWENTY = (
    ("IDEM-001", "the key is ignored"),
    ("IDEM-003", "another payload gets the stored result"),
    ("IDEM-006", "a gap of 500 us between look-up and storing"),
    ("IDEM-011", "a broken connection gives the key back"),
    ("CONC-002", "If-Match is checked before the write, a gap of 500 us"),
    ("CONC-007", "unique values are looked for first, a gap of 500 us"),
    ("CONC-011", "a paid order can be cancelled"),
    ("COND-004", "gzip has the strong ETag of identity"),
    ("COND-008", "412, but applied"),
    ("COND-016", "private data is public"),
    ("ERR-003", "malformed JSON crashes the handler"),
    ("ERR-011", "a stack trace is in the detail"),
    ("METH-005", "GET of the list changes a status"),
    ("METH-010", "PUT merges"),
    ("NEGO-004", "an unacceptable Accept crashes the handler"),
    ("PAGE-006", "ties in any order"),
    ("PAGE-009", "an offset in the guise of a cursor"),
    ("PATCH-003", "nested objects are replaced"),
    ("RATE-009", "remaining never falls"),
    ("WIRE-005", "the clock is an hour ahead"),
)
SCHEMATHESIS = str(Path(sys.executable).with_name("schemathesis"))
LONGEST = 600
"""Seconds after which a run of schemathesis is given up."""
FAILED = 1


@dataclass(frozen=True)
class Told:
    """A run: what it sent, how long it took, and whether it found something."""

    requests: int
    seconds: float
    found: bool

    def __str__(self) -> str:
        return f"{'found' if self.found else '-':>7}{self.requests:>7}{self.seconds:>7.0f}"


def schemathesis(url: str, baseline: Path, seed: int, *more: str) -> Told:
    command = [SCHEMATHESIS, "run", f"{url}/openapi.json", "-H", f"Authorization: Bearer {ALICE}"]
    command += ["--no-color", "--seed", str(seed), "--baseline", str(baseline)]
    command += ["--continue-on-failure", *more]
    started = time.perf_counter()
    done = subprocess.run(
        command, cwd=baseline.parent, capture_output=True, text=True, timeout=LONGEST, check=False
    )
    generated = re.search(r"(\d+) generated", done.stdout)
    if generated is None:
        raise RuntimeError(f"schemathesis did not run:\n{done.stdout}\n{done.stderr}")
    return Told(int(generated[1]), time.perf_counter() - started, done.returncode == FAILED)


def ours(url: str, defect: Defect | None = None) -> Told:
    """A run of all rules, or of a defect's on its resources."""
    started = time.perf_counter()
    one = [] if defect is None else ["-k", defect.rule]
    only = "" if defect is None else f"only = {sorted(defect.on)}\n"
    report = run(url, "--effects", "flood", *one, suites=SUITES, profile=only + DECLARED)
    found = any(finding.verdict in TRIPPED for finding in report.findings)
    return Told(report.target.requests, time.perf_counter() - started, found)


def chosen(part: str) -> list[Defect]:
    by_name = {(defect.rule, defect.name): defect for defect in DEFECTS}
    return [by_name[key] for key in TWENTY if part in " ".join(key)]


def main(runs: str = "3", part: str = "") -> None:
    with tempfile.TemporaryDirectory() as name:
        baseline = Path(name, "baseline.json")
        with demo() as (url, _):
            for seed in range(int(runs)):
                schemathesis(url, baseline, seed, "--baseline-update")
            print("a sound reference, ours:", ours(url), flush=True)
            print("         schemathesis':", schemathesis(url, baseline, int(runs)), flush=True)
        print(f"{'ours':>7}{'sent':>7}{'s':>7}{'theirs':>9}{'sent':>7}{'s':>7}  defect")
        found = [0, 0]
        for defect in chosen(part):
            with defect.serve() as url:
                there = f"^/({'|'.join(defect.on)})(/|$)"
                mine = ours(url, defect)
                theirs = schemathesis(url, baseline, 0, "--include-path-regex", there)
            found = [found[0] + mine.found, found[1] + theirs.found]
            print(f"{mine}  {theirs}  {defect.rule} {defect.name}", flush=True)
        print(f"found of {len(chosen(part))}: ours {found[0]}, schemathesis {found[1]}")


if __name__ == "__main__":
    main(*sys.argv[1:])
