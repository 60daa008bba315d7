"""Turns: side by side, but for those who must be alone."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.rules.rule import MUST, Effect, of, rule
from harness.run.exclusive import DISTURBING, WHOLE, Side, Turns, place, runs_alone, sides_of

SOON = 0.1
"""Seconds in which something that must not happen would have happened."""
LATE = 10.0
Sides = Sequence[tuple[str, Side]]
ORDERS_WRITTEN, ORDERS_COMPARED = (
    [("orders", Side.WRITES)],
    [("orders", Side.COMPARES), (WHOLE, Side.COMPARES)],
)
ITEMS_WRITTEN, ITEMS_COMPARED = [("items", Side.WRITES)], [("items", Side.COMPARES), (WHOLE, Side.COMPARES)]
ALL_WRITTEN = [(WHOLE, Side.WRITES)]


class Worker(threading.Thread):
    """Runs one rule, until it is told to end."""

    def __init__(self, turns: Turns, alone: bool = False, sides: Sides = ()) -> None:
        super().__init__(daemon=True)
        self.turns, self.alone, self.sides = turns, alone, sides
        self.running, self.end = threading.Event(), threading.Event()
        self.start()

    def run(self) -> None:
        with self.turns.of(alone=self.alone, sides=self.sides):
            self.running.set()
            self.end.wait(LATE)

    def finish(self) -> None:
        self.end.set()
        self.join(LATE)
        assert not self.is_alive()


def test_most_rules_run_side_by_side(tmp_path: Path) -> None:
    one = Worker(Turns(tmp_path, "gw0"))
    other = Worker(Turns(tmp_path, "gw1"))
    assert one.running.wait(LATE)
    assert other.running.wait(LATE)
    one.finish()
    other.finish()


@pytest.mark.parametrize("beside", [False, True])
def test_a_race_waits_until_it_is_alone(tmp_path: Path, beside: bool) -> None:
    other = Worker(Turns(tmp_path, "gw0"), beside)
    assert other.running.wait(LATE)
    race = Worker(Turns(tmp_path, "gw1"), alone=True)
    assert not race.running.wait(SOON)
    other.finish()
    assert race.running.wait(LATE)
    race.finish()


def test_nobody_begins_while_a_race_runs_or_waits(tmp_path: Path) -> None:
    first = Turns(tmp_path, "gw0")
    running = Worker(first)
    assert running.running.wait(LATE)
    race = Worker(Turns(tmp_path, "gw1"), alone=True)
    assert not race.running.wait(SOON)
    late = Worker(Turns(tmp_path, "gw2"))
    assert not late.running.wait(SOON)
    running.finish()
    assert race.running.wait(LATE)
    assert not late.running.is_set()
    race.finish()
    assert late.running.wait(LATE)
    late.finish()


def test_a_worker_that_ended_is_not_waited_for(tmp_path: Path) -> None:
    Turns(tmp_path, "gw0")
    race = Worker(Turns(tmp_path, "gw1"), alone=True)
    assert race.running.wait(LATE)
    race.finish()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ORDERS_WRITTEN, ORDERS_WRITTEN),
        (ORDERS_COMPARED, ITEMS_WRITTEN),
        (ORDERS_COMPARED, ITEMS_COMPARED),
        (ORDERS_WRITTEN, ALL_WRITTEN),
        (ALL_WRITTEN, ALL_WRITTEN),
        (ORDERS_COMPARED, ()),
    ],
)
def test_rules_that_do_not_disturb_each_other_run_side_by_side(
    tmp_path: Path, one: Sides, other: Sides
) -> None:
    first = Worker(Turns(tmp_path, "gw0"), sides=one)
    assert first.running.wait(LATE)
    second = Worker(Turns(tmp_path, "gw1"), sides=other)
    assert second.running.wait(LATE)
    first.finish()
    second.finish()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ORDERS_WRITTEN, ORDERS_COMPARED),
        (ORDERS_COMPARED, ORDERS_WRITTEN),
        (ALL_WRITTEN, ORDERS_COMPARED),
        (ORDERS_COMPARED, ALL_WRITTEN),
    ],
)
def test_nothing_is_written_to_what_is_compared(tmp_path: Path, one: Sides, other: Sides) -> None:
    first = Worker(Turns(tmp_path, "gw0"), sides=one)
    assert first.running.wait(LATE)
    second = Worker(Turns(tmp_path, "gw1"), sides=other)
    assert not second.running.wait(SOON)
    first.finish()
    assert second.running.wait(LATE)
    second.finish()


def test_a_race_waits_for_what_waits_for_a_resource(tmp_path: Path) -> None:
    compares = Worker(Turns(tmp_path, "gw0"), sides=ORDERS_COMPARED)
    assert compares.running.wait(LATE)
    writes = Worker(Turns(tmp_path, "gw1"), sides=ORDERS_WRITTEN)
    race = Worker(Turns(tmp_path, "gw2"), alone=True)
    assert not race.running.wait(SOON)
    compares.finish()
    # Either may come first.
    for one in (writes, race):
        one.end.set()
    for one in (writes, race):
        one.finish()
        assert one.running.is_set()


def described(effect: Effect, rougher: Effect | None = None, *, alone: bool = False) -> Any:
    """A rule of which nothing else matters."""

    @rule("TEST-001", MUST, refs=["RFC 9110 section 1"], effect=effect, rougher=rougher, alone=alone)
    def test_nothing() -> None:
        """Hold

        Why: it is a test.
        Fix: none.
        """

    return of(test_nothing)


def test_races_run_alone_where_they_are_allowed_and_rules_that_say_so_always() -> None:
    races = described(Effect.READ, Effect.BURST)
    assert [runs_alone(races, allowed) for allowed in (Effect.WRITE, Effect.BURST)] == [False, True]
    compares = described(Effect.READ, alone=True)
    assert runs_alone(compares, Effect.READ)
    assert not runs_alone(compares, Effect.READ, "orders")
    assert runs_alone(described(Effect.BURST, alone=True), Effect.BURST, "orders")
    assert not runs_alone(described(Effect.WRITE), Effect.LOAD)
    assert all(runs_alone(described(effect), Effect.LOAD) for effect in DISTURBING)


def test_the_sides_of_a_rule() -> None:
    compares, reads, writes = (
        described(Effect.READ, alone=True),
        described(Effect.READ),
        described(Effect.WRITE),
    )
    assert sides_of(compares, Effect.WRITE, "orders") == ORDERS_COMPARED
    assert sides_of(reads, Effect.WRITE, "orders") == []
    assert sides_of(writes, Effect.WRITE, "orders") == ORDERS_WRITTEN
    assert sides_of(writes, Effect.WRITE, None) == ALL_WRITTEN
    assert sides_of(described(Effect.READ, Effect.WRITE), Effect.READ, "orders") == []


def test_what_must_be_alone_comes_last_and_what_takes_long_first() -> None:
    flood, race = place(Effect.FLOOD, requests=900), place(Effect.BURST)
    long, short = place(Effect.WRITE, requests=90), place(Effect.READ, requests=3)
    waiting = place(Effect.READ, requests=3, waits=1.1)
    assert sorted([flood, race, short, long, waiting]) == [waiting, long, short, race, flood]
