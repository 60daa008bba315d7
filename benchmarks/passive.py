"""What the judgement of all exchanges of a run takes. Not run in CI.

A run of some suites on the reference gives real exchanges; they are repeated, with other ids, up to the number
asked for. The judges are those that a run applies when its rules have ended.

    python benchmarks/passive.py [EXCHANGES] [conformance.json]

Goal: 10,000 exchanges in less than 5 s.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parents[1]))

from harness.http.exchange import Exchange
from harness.reference.openapi import describe
from harness.reference.rate_limits import Limiter
from harness.reference.server import demo
from harness.report.model import Report
from harness.rules.catalogue import judges
from harness.rules.passive import record
from harness.survey.openapi.answers import contract
from tests.matrix.declared import AT_ONCE, DECLARED
from tests.matrix.running import run
from tests.matrix.trials import SUITES

TOPICS = ("methods", "errors", "pagination", "patch", "schema")


def recorded(file: str | None) -> Report:
    """The report of a run on the reference, or an earlier one."""
    if file is not None:
        return Report.model_validate_json(Path(file).read_bytes())
    with demo() as (url, _):
        suites = [one for one in SUITES if one.parent.name in TOPICS]
        return run(url, "--effects", "write", suites=suites, profile=AT_ONCE + DECLARED)


def repeated(exchanges: list[Exchange], count: int) -> list[Exchange]:
    """So many exchanges: those there are, and again with other ids. Their instants are what they were."""
    turns = range(-(-count // len(exchanges)))
    found = [replace(one, id=f"{one.id}-{turn}") for turn in turns for one in exchanges]
    return found[:count]


def main(count: str = "10000", file: str | None = None) -> None:
    report = recorded(file)
    exchanges = repeated(list(report.exchanges), int(count))
    base = report.target.url
    promised = contract(describe(Limiter()), urlsplit(base).path)
    listed = judges()
    started = time.perf_counter(), time.process_time()
    # The exchanges are of this machine's monotonic clock.
    found = record(exchanges, base, offset=time.time() - time.monotonic(), contract=promised)
    spent: dict[str, float] = {}
    faults = 0
    for one in listed:
        began = time.process_time()
        faults += len(list(one.faults(found)))
        spent[one.code] = spent.get(one.code, 0.0) + time.process_time() - began
    seconds, busy = time.perf_counter() - started[0], time.process_time() - started[1]
    print(f"{len(report.exchanges)} exchanges of a run, {len(exchanges)} judged by {len(listed)} judges")
    print(f"{seconds:.1f} s, {busy:.1f} s of it busy; {faults} faults")
    slowest = sorted(spent.items(), key=lambda one: -one[1])[:5]
    print("slowest:", ", ".join(f"{code} {each:.2f} s" for code, each in slowest))


if __name__ == "__main__":
    main(*sys.argv[1:])
