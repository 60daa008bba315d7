"""Tails, regular pauses and first requests, judged on literal latencies; and a rest on a real server."""

from __future__ import annotations

import threading
import time

import pytest

from harness.load.latency import Latencies
from suites.performance.resting import WARM, rested
from suites.performance.tail import First, Grade, first_after, period, tail
from tests import servers
from tests.load.samples import BUSY, FROZEN, QUIET, series
from tests.load.test_generator import client
from tests.servers import Answer, Seen

WARM_LATENCIES = {True: Latencies([0.02] * 10), False: Latencies([0.01] * 10)}


@pytest.mark.parametrize(
    ("latencies", "grade"),
    [
        ([0.02] * 240, Grade.USUAL),
        # Ten times the median, and yet nothing that anybody notices.
        ([0.002] * 220 + [0.05] * 20, Grade.USUAL),
        # One request of 240 is chance.
        ([0.02] * 239 + [5.0], Grade.USUAL),
        ([0.02] * 237 + [5.0] * 3, Grade.UNSURE),
        ([0.02] * 216 + [0.4] * 24, Grade.NOTED),
        ([0.02] * 216 + [2.5] * 24, Grade.LONG),
        # As slow as it is, it is slow evenly.
        ([2.0] * 240, Grade.USUAL),
    ],
)
def test_tails(latencies: list[float], grade: Grade) -> None:
    assert tail(series(latencies), QUIET).grade is grade


def test_a_busy_machine_finds_no_tail() -> None:
    long = series([0.02] * 216 + [1.5] * 24)
    assert tail(long, QUIET).grade is Grade.LONG
    assert tail(long, BUSY).grade in (Grade.NOTED, Grade.UNSURE)
    assert tail(series([0.02] * 216 + [0.4] * 24), BUSY).grade is Grade.UNSURE
    assert tail(series([0.02] * 216 + [30.0] * 24), FROZEN).grade is Grade.UNSURE


def test_a_pause_each_second_is_noted_with_its_period() -> None:
    found = tail(series(([0.02] * 7 + [0.3, 0.4, 0.3]) * 24), QUIET)
    assert found.grade is Grade.NOTED
    assert "slow requests come every 1 s" in found.text


@pytest.mark.parametrize(
    ("times", "found"),
    [
        ([1.0, 1.1, 2.0, 3.0, 3.1, 4.0], 1.0),
        ([1.0, 2.0, 3.0], None),
        ([1.0, 2.0, 4.5, 5.0, 9.0], None),
        # All are slow.
        ([place / 10 for place in range(100)], None),
        ([], None),
    ],
)
def test_slow_times_that_come_regularly(times: list[float], found: float | None) -> None:
    assert period(times, 0.1) == found


@pytest.mark.parametrize(
    ("new", "kept", "grade"),
    [
        (0.03, 0.02, Grade.USUAL),
        (0.9, 0.8, Grade.NOTED),
        # Only one of the two was slow: that may be chance.
        (0.9, 0.01, Grade.USUAL),
        (6.0, 0.8, Grade.NOTED),
        (6.0, 5.0, Grade.LONG),
    ],
)
def test_first_requests(new: float, kept: float, grade: Grade) -> None:
    found = first_after(300, [First(True, new), First(False, kept)], WARM_LATENCIES, QUIET)
    assert found.grade is grade
    assert "after 300 s without any took" in found.text


def test_a_busy_machine_finds_no_cold_start() -> None:
    firsts = [First(True, 0.9), First(False, 0.8)]
    assert first_after(300, firsts, WARM_LATENCIES, BUSY).grade is Grade.UNSURE


def test_a_server_that_falls_asleep() -> None:
    last, lock = [time.monotonic()], threading.Lock()

    def respond(_: Seen) -> Answer:
        with lock:
            asleep = time.monotonic() - last[0] > 0.7
            if asleep:
                time.sleep(2)
            last[0] = time.monotonic()
        return Answer(200, b"{}")

    with servers.http(respond) as server:
        found = rested(client(server.url), f"{server.url}/a", 1.0)
    assert len(server.seen) == 2 * (WARM + 1) + 2
    # A machine that is too busy leaves it undecided.
    assert found.grade in (Grade.NOTED, Grade.UNSURE), found.text
