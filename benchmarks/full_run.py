"""How long a full run takes, over the time that its requests need at least, and how much memory.

The reference API, a process of its own, behind 0, 20 and 100 ms of added latency; 1, 4 and 8 workers. The lower bound
is requests x round trip / workers, where the round trip is the added latency plus what a GET of an item takes without:
it takes into account neither that rules ask one thing after another nor that races and floods run alone, at the end.

Goals: at 100 ms at most 1.3 times the bound; a full run at 0 ms below 60 s with two workers on 2 cores; below 300 MB
of memory for 10,000 exchanges.

    python benchmarks/full_run.py [MILLISECONDS,...] [WORKERS,...] [EFFECTS] [RESOURCE,...]

Without resources, all of the reference.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.apart import apart, measured
from benchmarks.latency import behind
from harness.reference import ALICE
from harness.reference.server import demo
from tests.matrix.declared import CLIENTS, LIMITS, RESOURCES, WIRE

PROBES = 200
"""GETs whose mean is the round trip without added latency."""


@dataclass(frozen=True)
class Told:
    """A run: seconds, requests, verdicts, and the most memory that one of its processes had, in MB."""

    seconds: float
    requests: int
    counts: dict[str, int]
    memory: float


def run(url: str, workers: int, effects: str, only: list[str]) -> Told:
    named = [text for name, text in RESOURCES.items() if name in only or not only]
    profile = "".join([f"only = {only}\n" if only else "", CLIENTS, WIRE, *named, LIMITS])
    authorised = ("--header", f"Authorization: Bearer {ALICE}")
    report, seconds, memory = measured(url, profile, "-n", str(workers), *authorised, "--effects", effects)
    counts = {verdict: count for verdict, count in report["summary"]["counts"].items() if count}
    return Told(seconds, report["target"]["requests"], counts, memory)


def round_trip(url: str) -> float:
    """Seconds that a GET takes, in the mean, over a connection that is kept."""
    with httpx.Client(headers={"Authorization": f"Bearer {ALICE}"}) as client:
        client.get(f"{url}/orders")
        started = time.perf_counter()
        for _ in range(PROBES):
            client.get(f"{url}/orders")
        return (time.perf_counter() - started) / PROBES


def main(
    delays: str = "0,20,100", workers: str = "1,4,8", effects: str = "write", only: str = "orders"
) -> None:
    resources = [name for name in only.split(",") if name]
    print(f"effects up to {effects}, on {only or 'all resources'}")
    print(f"{'added':>8}{'-n':>4}{'requests':>10}{'wall s':>8}{'bound s':>9}{'ratio':>7}{'MB':>6}  verdicts")
    for delay in (int(text) / 1000 for text in delays.split(",")):
        for count in (int(text) for text in workers.split(",")):
            with apart(demo) as (url, _):
                near = round_trip(url)
                with behind(url, delay) as far:
                    shown = run(far, count, effects, resources)
            bound = shown.requests * (delay + near) / max(count, 1)
            print(
                f"{delay * 1000:>5.0f} ms{count:>4}{shown.requests:>10}{shown.seconds:>8.1f}{bound:>9.1f}"
                f"{shown.seconds / bound:>7.2f}{shown.memory:>6.0f}  "
                + ", ".join(f"{count} {verdict}" for verdict, count in shown.counts.items()),
                flush=True,
            )


if __name__ == "__main__":
    main(*sys.argv[1:])
