"""Turns: side by side, but for those who must be alone."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from harness.rules.rule import Effect
from harness.run.exclusive import ALONE, Turns, place

SOON = 0.1
"""Seconds in which something that must not happen would have happened."""
LATE = 10.0


class Worker(threading.Thread):
    """Runs one rule, until it is told to end."""

    def __init__(self, turns: Turns, effect: Effect) -> None:
        super().__init__(daemon=True)
        self.turns, self.effect = turns, effect
        self.running, self.end = threading.Event(), threading.Event()
        self.start()

    def run(self) -> None:
        with self.turns.of(self.effect):
            self.running.set()
            self.end.wait(LATE)

    def finish(self) -> None:
        self.end.set()
        self.join(LATE)
        assert not self.is_alive()


def test_most_rules_run_side_by_side(tmp_path: Path) -> None:
    one = Worker(Turns(tmp_path, "gw0"), Effect.WRITE)
    other = Worker(Turns(tmp_path, "gw1"), Effect.READ)
    assert one.running.wait(LATE)
    assert other.running.wait(LATE)
    one.finish()
    other.finish()


@pytest.mark.parametrize("effect", ALONE)
@pytest.mark.parametrize("beside", list(Effect))
def test_a_race_waits_until_it_is_alone(tmp_path: Path, effect: Effect, beside: Effect) -> None:
    other = Worker(Turns(tmp_path, "gw0"), beside)
    assert other.running.wait(LATE)
    race = Worker(Turns(tmp_path, "gw1"), effect)
    assert not race.running.wait(SOON)
    other.finish()
    assert race.running.wait(LATE)
    race.finish()


def test_nobody_begins_while_a_race_runs_or_waits(tmp_path: Path) -> None:
    first = Turns(tmp_path, "gw0")
    running = Worker(first, Effect.WRITE)
    assert running.running.wait(LATE)
    race = Worker(Turns(tmp_path, "gw1"), Effect.BURST)
    assert not race.running.wait(SOON)
    late = Worker(Turns(tmp_path, "gw2"), Effect.WRITE)
    assert not late.running.wait(SOON)
    running.finish()
    assert race.running.wait(LATE)
    assert not late.running.is_set()
    race.finish()
    assert late.running.wait(LATE)
    late.finish()


def test_a_worker_that_ended_is_not_waited_for(tmp_path: Path) -> None:
    Turns(tmp_path, "gw0")
    race = Worker(Turns(tmp_path, "gw1"), Effect.FLOOD)
    assert race.running.wait(LATE)
    race.finish()


def test_what_must_be_alone_comes_last_and_what_takes_long_first() -> None:
    flood, race = place(Effect.FLOOD, requests=900), place(Effect.BURST)
    long, short = place(Effect.WRITE, requests=90), place(Effect.READ, requests=3)
    waiting = place(Effect.READ, requests=3, waits=1.1)
    assert sorted([flood, race, short, long, waiting]) == [waiting, long, short, race, flood]
