"""What recording, redaction and the budget cost: the harness' client against bare httpx, turn by turn in one run.

Goal: at most 1.15 times bare httpx per exchange.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import httpx
from server import serving

from harness.client.budget import Budget
from harness.client.client import ACCEPT, Client
from harness.client.recorder import Recorder
from harness.target.credentials.resolved import Credential
from harness.target.target import Target

ROUNDS, REQUESTS = 25, 200
TOKEN = "0123456789abcdef0123"


def seconds(send: Callable[[], object]) -> float:
    started = time.perf_counter()
    for _ in range(REQUESTS):
        send()
    return (time.perf_counter() - started) / REQUESTS


def main() -> None:
    with serving() as url:
        fields = {"Authorization": f"Bearer {TOKEN}"}
        target = Target(url, {"default": Credential(fields)}, {"TOKEN": TOKEN})
        recorder = Recorder(target, Budget(10**9))
        ours = Client.open(target, recorder)
        headers = {"Accept": ACCEPT, "Accept-Encoding": "identity", "User-Agent": "bare"}
        with httpx.Client(headers=headers, trust_env=False) as bare:
            ratios, ours_us, bare_us = [], [], []
            for _ in range(ROUNDS + 1):
                first = seconds(lambda: bare.get(f"{url}/orders/1", headers=fields))
                second = seconds(lambda: ours.get("/orders/1"))
                third = seconds(lambda: bare.get(f"{url}/orders/1", headers=fields))
                recorder.exchanges.clear()
                ratios.append(second / ((first + third) / 2))
                ours_us.append(second * 1e6)
                bare_us.append((first + third) / 2 * 1e6)
        ours.close()
    # The first round warms up.
    print(
        f"bare httpx      {statistics.median(bare_us[1:]):8.1f} us per exchange (median of {ROUNDS} rounds)"
    )
    print(f"recording       {statistics.median(ours_us[1:]):8.1f} us per exchange")
    print(f"ratio           {statistics.median(ratios[1:]):8.3f}   (goal: at most 1.15)")


if __name__ == "__main__":
    main()
