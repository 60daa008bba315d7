"""How surely a race is noticed: the race engine against the usual ways, side by side in one run.

Each round sends the same claim 16 times. Told for each way: how far apart the requests reached the server (first to
last, median and 95th percentile), and the share of rounds in which a check-then-act gap of a given size let two or
more through. `model` is the probability that the engine itself claims for its rounds: it should not be above the share.

Goal: at 200 us, at least 5 times the share of asyncio.gather, or above 0.95, whichever is lower.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import trustme
from race_servers import serving

from harness.client.budget import Budget
from harness.client.client import Client
from harness.client.recorder import Recorder
from harness.race import Request, race
from harness.target.credentials.resolved import Credential
from harness.target.target import DEFAULT, Limits, Target

MEMBERS = 16
ROUNDS = 100
WINDOWS = (50, 200, 500, 5000)
CONTENT = {"amount": 1999, "currency": "EUR"}
_names = itertools.count(1)

Way = Callable[[list[str]], list[float]]
"""Runs a round on each path; the probability that it claims for each, where it claims any."""


def gather(url: str, http2: bool) -> Way:
    """asyncio.gather over warmed connections."""

    async def run(paths: list[str]) -> None:
        limits = httpx.Limits(max_connections=MEMBERS, max_keepalive_connections=MEMBERS)
        async with httpx.AsyncClient(base_url=url, http2=http2, limits=limits, trust_env=http2) as client:
            await asyncio.gather(*(client.get("/") for _ in range(MEMBERS)))
            for path in paths:
                posts = (client.post(path, json=CONTENT) for _ in range(MEMBERS))
                await asyncio.gather(*posts, return_exceptions=True)

    def way(paths: list[str]) -> list[float]:
        asyncio.run(run(paths))
        return []

    return way


def barrier(url: str, http2: bool) -> Way:
    """Threads that wait for one another at a barrier, over warmed connections."""

    def way(paths: list[str]) -> list[float]:
        start = threading.Barrier(MEMBERS)
        limits = httpx.Limits(max_connections=MEMBERS, max_keepalive_connections=MEMBERS)
        with (
            httpx.Client(base_url=url, http2=http2, limits=limits, trust_env=http2) as client,
            ThreadPoolExecutor(MEMBERS) as threads,
        ):

            def member(path: str) -> None:
                start.wait()
                if path == "/":
                    client.get(path)
                else:
                    client.post(path, json=CONTENT)

            for path in ["/", *paths]:
                list(threads.map(member, [path] * MEMBERS))
        return []

    return way


def engine(url: str, http2: bool) -> Way:
    """harness.race."""

    def way(paths: list[str]) -> list[float]:
        target = Target(url, {DEFAULT: Credential()}, {}, Limits(max_requests=10**9))
        client = Client.open(target, Recorder(target, Budget(10**9)))
        claimed = []
        for path in paths:
            result = race(client, Request("POST", path, json=CONTENT).times(MEMBERS))
            assert result.protocol == ("HTTP/2" if http2 else "HTTP/1.1")
            claimed.append(result.detection(int(path.rpartition("/")[2]) / 1e6))
            client.recorder.exchanges.clear()
        client.close()
        return claimed

    return way


@contextmanager
def certificates() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        authority, server = Path(folder, "authority.pem"), Path(folder, "server.pem")
        made = trustme.CA()
        made.cert_pem.write_to_path(authority)
        made.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(server)
        os.environ["SSL_CERT_FILE"] = str(authority)
        yield str(server)


def measured(url: str, way: Way) -> tuple[list[float], dict[int, float], dict[int, float]]:
    """Arrival spreads in microseconds, the share of rounds that showed a gap of each size, and what was claimed."""
    rounds = {window: [f"r{next(_names)}" for _ in range(ROUNDS)] for window in WINDOWS}
    claims = {}
    for window, names in rounds.items():
        claimed = way([f"/claim/{name}/{window}" for name in names])
        if claimed:
            claims[window] = statistics.mean(claimed)
    found = httpx.get(f"{url}/results", timeout=30).json()
    results = {name: found.get(name, (0, [])) for names in rounds.values() for name in names}
    spreads = [
        (max(arrivals) - min(arrivals)) * 1e6 for _, arrivals in results.values() if len(arrivals) == MEMBERS
    ]
    shares = {w: statistics.mean(results[name][0] >= 2 for name in names) for w, names in rounds.items()}
    return spreads, shares, claims


def main() -> None:
    started = time.perf_counter()
    heads = "".join(f"{f'{window} us':>9}" for window in WINDOWS)
    print(f"{MEMBERS} requests, {ROUNDS} rounds for each window")
    print(f"{'server':<20}{'way':<16}{'spread median':>14}{'p95':>9}{heads}")
    with certificates() as certificate:
        for kind, http2 in (("threads", False), ("uvicorn", False), ("hypercorn", True)):
            with serving(kind, certificate if http2 else "") as url:
                _wait_for(url)
                for name, make in (("gather", gather), ("barrier threads", barrier), ("engine", engine)):
                    if http2 and make is barrier:
                        # httpx does not protect the state of an HTTP/2 connection from its threads.
                        continue
                    spreads, shares, claims = measured(url, make(url, http2))
                    spreads.sort()
                    p95 = spreads[int(len(spreads) * 0.95)]
                    server = f"{kind}, HTTP/{'2' if http2 else '1.1'}"
                    row = "".join(f"{shares[window]:9.2f}" for window in WINDOWS)
                    print(
                        f"{server:<20}{name:<16}{statistics.median(spreads):11.0f} us{p95:9.0f}{row}",
                        flush=True,
                    )
                    if claims:
                        row = "".join(f"{claims[window]:9.2f}" for window in WINDOWS)
                        print(f"{'':<20}{'  model':<16}{'':>14}{'':>9}{row}", flush=True)
    print(f"{time.perf_counter() - started:.0f} s")


def _wait_for(url: str) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            httpx.get(url)
            return
        except httpx.TransportError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


if __name__ == "__main__":
    main()
