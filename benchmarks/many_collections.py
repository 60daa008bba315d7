"""What a run takes on an API of 60, 300 and 1,000 collections that behave alike, and whether it finds a bug in one.

The API is generated: it creates, lists, reads, replaces and deletes, and has an OpenAPI document. With the bug, a
repeated PUT has another effect than the first in one of the collections (METH-007).

    python benchmarks/many_collections.py [COLLECTIONS,...] [EFFECTS]
    python benchmarks/many_collections.py nightly

Goals: requests, time and memory grow less than linearly with the number of collections; `--resources all` finds the
bug in one of 60.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.apart import apart, measured
from tests import servers
from tests.survey.surveying import Api, described

BROKEN = "/c037"
RULE = "METH-007"
FEW = 60
TURNS = 10
"""Nightly runs in which each of 60 collections that behave alike is tested."""


@dataclass
class Repetitive(Api):
    """In one of the collections a repeated PUT has another effect than the first."""

    broken: str = ""

    def _answer(self, method: str, path: str, content: bytes) -> tuple[int, Any]:
        if method == "PUT" and path in self.items and path.rpartition("/")[0] == self.broken:
            puts = self.items[path].get("revision", 0) + 1
            self.items[path] = {**json.loads(content), "id": path.rpartition("/")[2], "revision": puts}
            if puts > 1:
                # The second of two equal requests has another effect than the first alone.
                self.items[path]["name"] = f"{self.items[path].get('name', '')} (copy)"
            return 200, self.items[path]
        return super()._answer(method, path, content)


@contextmanager
def collections(number: int, broken: str) -> Iterator[str]:
    """An API of so many collections; its URL."""
    paths = tuple(f"/c{place:03}" for place in range(number))
    with servers.http(Repetitive(paths, described(*paths), broken=broken)) as server:
        yield server.url


def serving(number: int, broken: str = "") -> AbstractContextManager[str]:
    """The same in a process of its own."""
    return apart(partial(collections, number, broken))


def run(url: str, *arguments: str) -> tuple[dict[str, Any], float, float]:
    """The report of a run as data, its seconds, and the most memory that its process had, in MB."""
    return measured(url, "consistency_window = 0\n", *arguments)


def line(report: dict[str, Any], seconds: float, memory: float) -> str:
    alike = re.search(r"(\d+) answer plain reads like these", " ".join(report["warnings"]))
    resources = report["profile"]["resources"]
    part = sum(bool(one.get("light")) for one in resources)
    return (
        f"{len(resources) - part} in full, {part} in part, {alike[1] if alike else 0} by a look; survey "
        f"{len(report['survey'])} of {report['target']['requests']} requests, {seconds:.0f} s, {memory:.0f} MB; "
        f"verified {report['summary']['verified']} of {report['summary']['rules']} rules"
    )


def nightly() -> None:
    """Print in which nightly runs the bug is found, where each run explores other collections."""
    for turn in range(TURNS):
        with serving(FEW, BROKEN) as url:
            report, seconds, memory = run(url, "--effects", "write", "--rotate", str(turn), "-k", RULE)
        print(f"--rotate {turn}: {RULE} fails on {failing(report)}", flush=True)
        print(f"    {line(report, seconds, memory)}", flush=True)


def failing(report: dict[str, Any]) -> list[str]:
    """Names of the resources on which the rule fails."""
    return [one["resource"] for one in report["findings"] if one["rule"] == RULE and one["verdict"] == "fail"]


def main(collections: str = "60,300,1000", effects: str = "write") -> None:
    for number in map(int, collections.split(",")):
        with serving(number) as url:
            print(f"{number} collections: {line(*run(url, '--effects', effects))}", flush=True)
    for which in ("families", "all"):
        with serving(FEW, BROKEN) as url:
            report, seconds, memory = run(url, "--effects", effects, "--resources", which)
        found = failing(report)
        print(f"a bug in {BROKEN[1:]} of {FEW}, --resources {which}: {RULE} fails on {found}", flush=True)
        print(f"    {line(report, seconds, memory)}", flush=True)


if __name__ == "__main__":
    nightly() if sys.argv[1:] == ["nightly"] else main(*sys.argv[1:])
