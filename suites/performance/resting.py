"""The first request after a rest, on a new connection and on a kept one."""

from __future__ import annotations

import time

from harness.client.client import Client, exchange_of
from harness.load.latency import Latencies
from harness.load.machine import Machine
from harness.load.sample import Lag
from harness.load.verdicts import Conditions
from harness.rules.checks import control

from .tail import First, Graded, first_after

WARM = 10
"""Requests on each kind of connection, without a rest before them."""
PAUSE = 0.002
"""Seconds of a pause before each request, whose excess is the harness' own lag."""


def rested(client: Client, url: str, rest: float) -> Graded:
    """Compare requests after two rests with others: the first is on a new connection, the second on a kept one.

    Args:
        rest: seconds without requests.

    Raises:
        BudgetSpent: the time of the run does not allow the rest.
    """
    machine, lags = Machine(), list[float]()

    def latency(fresh: bool) -> float:
        asked = time.monotonic()
        time.sleep(PAUSE)
        lags.append(max(0.0, time.monotonic() - asked - PAUSE))
        sender = client.on_new_connections() if fresh else client
        exchange = exchange_of(sender.get(url))
        control(exchange.status == 200, f"it should be served again: {exchange.summary()}")
        return exchange.ended - exchange.started

    warm: dict[bool, list[float]] = {True: [], False: []}
    # The first of each kind opens a connection, looks names up, and fills caches.
    for number in range(WARM + 1):
        for fresh in warm:
            taken = latency(fresh)
            if number:
                warm[fresh].append(taken)
    firsts = []
    for fresh in (True, False):
        client.recorder.budget.sleep(rest)
        firsts.append(First(fresh, latency(fresh)))
    under = Conditions(Lag(tuple(lags)), machine.use())
    return first_after(rest, firsts, {fresh: Latencies(taken) for fresh, taken in warm.items()}, under)
