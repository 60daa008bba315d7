"""The budget: never one request more, whoever asks, also over processes."""

from __future__ import annotations

import multiprocessing
import threading
from pathlib import Path

import pytest

from harness.client import budget as module
from harness.client.account import InFile, InProcess
from harness.client.budget import Budget, BudgetSpent


def spend_all(budget: Budget) -> int:
    count = 0
    while True:
        try:
            budget.take()
        except BudgetSpent:
            return count
        count += 1


def spend_in_process(path: str, maximum: int, results) -> None:
    results.put(spend_all(Budget(maximum, account=InFile(Path(path)))))


def test_exactly_as_many_as_allowed():
    budget = Budget(3)
    assert spend_all(budget) == 3
    assert budget.sent == 3


def test_threads_share_it():
    budget = Budget(500)
    counts: list[int] = []
    threads = [threading.Thread(target=lambda: counts.append(spend_all(budget))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 500


def test_four_processes_share_it(tmp_path):
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    path = tmp_path / "budget"
    workers = [context.Process(target=spend_in_process, args=(str(path), 200, results)) for _ in range(4)]
    for worker in workers:
        worker.start()
    counts = [results.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join()
    assert sum(counts) == 200
    assert Budget(200, account=InFile(path)).sent == 200


@pytest.mark.parametrize("shared", [False, True])
def test_what_is_reserved_is_left_for_cleaning_up(tmp_path, shared):
    budget = Budget(4, account=InFile(tmp_path / "b") if shared else InProcess())
    budget.reserve()
    budget.take()
    budget.take()
    budget.take()
    with pytest.raises(BudgetSpent, match="all 4 requests of --max-requests"):
        budget.take()
    budget.take(reserved=True)
    assert budget.sent == 4
    with pytest.raises(BudgetSpent):
        budget.take(reserved=True)
    assert budget.sent == 4


def test_nothing_is_created_that_could_not_be_removed():
    budget = Budget(2)
    budget.take()
    with pytest.raises(BudgetSpent, match="too few"):
        budget.reserve()
    twice = Budget(2)
    with pytest.raises(BudgetSpent):
        twice.reserve(2)
    assert spend_all(twice) == 2


def test_a_reservation_can_be_given_back():
    budget = Budget(3)
    budget.reserve(2)
    budget.release(2)
    budget.release()
    assert spend_all(budget) == 3


class Clock:
    """Time that passes only in sleep()."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        self.now += seconds


def test_the_pace_spaces_requests_evenly(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    budget = Budget(10, rps=4)
    for _ in range(4):
        budget.take()
    assert clock.slept == [0.0, 0.25, 0.25, 0.25]
    clock.now += 10
    budget.take()
    budget.take()
    # Nobody catches up on a pause.
    assert clock.slept[-2:] == [0.0, 0.25]


def test_two_workers_share_the_pace(monkeypatch, tmp_path):
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    one, other = (Budget(10, rps=2, account=InFile(tmp_path / "b")) for _ in range(2))
    for budget in (one, other, one, other):
        budget.take()
    assert clock.slept == [0.0, 0.5, 0.5, 0.5]
