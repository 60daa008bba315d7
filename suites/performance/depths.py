"""Pages of one list at several depths, and how long each takes to be answered: in turns, so that all see the same."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from harness.client.client import exchange_of
from harness.lists.traversal import Page, Walk
from harness.load.machine import Machine
from harness.load.sample import Lag
from harness.load.verdicts import Conditions
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import applies, control, inconclusive

from .judge import Depth, growing

DEEP = 10_000
"""Items after which a page is deep: in a shorter list even a full scan costs nothing."""
SIZE = 100
"""Page size that is asked for where no maximum is declared."""
MOST_PAGES = 300
ROUNDS = 30
FEWEST_ROUNDS = 6
LONGEST = 20.0
"""Seconds after which no further round begins, if there were enough."""
PAUSE = 0.002
"""Seconds of a pause between two requests, whose excess is the harness' own lag."""


@dataclass
class Depths:
    """Three full pages of a list: the second, one in the middle, and the last.

    Attributes:
        pages: with the number of items before each.
        latencies: seconds of each page, by round.
        lags: by how much pauses were exceeded, in seconds.
    """

    resource: ResourceUnderTest
    pages: list[tuple[int, Page]]
    latencies: list[list[float]] = field(default_factory=lambda: [[], [], []])
    lags: list[float] = field(default_factory=list)
    machine: Machine = field(default_factory=Machine)

    @property
    def under(self) -> Conditions:
        return Conditions(Lag(tuple(self.lags)), self.machine.use())

    @property
    def seen(self) -> list[Depth]:
        return [
            Depth(before, tuple(latencies))
            for (before, _), latencies in zip(self.pages, self.latencies, strict=True)
        ]

    def measure(self, enough: Callable[[Depths], bool]) -> None:
        """Ask for each page in turn, until that is enough, but not more often than `ROUNDS` nor for too long."""
        began = time.monotonic()
        for number in range(ROUNDS + 1):
            for place, (_, page) in enumerate(self.pages):
                asked = time.monotonic()
                time.sleep(PAUSE)
                self.lags.append(max(0.0, time.monotonic() - asked - PAUSE))
                reply = self.resource.client.get(page.url)
                exchange = exchange_of(reply)
                control(reply.status_code == 200, f"a page should be served again: {exchange.summary()}")
                # The first round opens the connection, and fills caches.
                if number:
                    self.latencies[place].append(exchange.ended - exchange.started)
            if number >= FEWEST_ROUNDS and (enough(self) or time.monotonic() - began > LONGEST):
                return


def depths_of(resource: ResourceUnderTest) -> Depths:
    """The pages of a list to compare; it ends the rule where the list is not long enough."""
    how = resource.known.pagination
    size = (how.max or SIZE) if how is not None and how.limit_param is not None else None
    walk = Walk(resource, limit=size)
    first = walk.step()
    control(first.ok, f"the list should be served in pages of {size}: {first.summary}")
    total = first.info.total or 0
    applies(total >= DEEP, f"{resource.name} has {DEEP} items or more, by its total ({first.info.total})")
    shown = len(first.items or ())
    control(
        shown * MOST_PAGES >= DEEP,
        f"{DEEP} items should be on at most {MOST_PAGES} pages: a page has {shown}; set `max` in its pagination",
    )
    before, found = 0, [(0, first)]
    while not walk.over and before + len(found[-1][1].items or ()) < total and len(walk.pages) < MOST_PAGES:
        before += len(found[-1][1].items or ())
        found.append((before, walk.step()))
        control(found[-1][1].ok, f"each page should be served: {found[-1][1].summary}")
    full = [(start, page) for start, page in found[1:] if len(page.items or ()) == shown]
    if len(full) < 3 or full[-1][0] < DEEP * 0.8:
        inconclusive(f"{len(found)} pages of {resource.name} came to item {before} of {total}")
    middle = min(full, key=lambda one: abs(one[0] - full[-1][0] / 2))
    return Depths(resource, [full[0], middle, full[-1]])


def sizes_differ(depths: Depths) -> str:
    """How much more content a deep page has than the first; empty where they are comparable."""
    sizes = [len(page.reply.content) for _, page in depths.pages]
    return f"the pages have {sizes} bytes" if max(sizes) > 1.5 * min(sizes) else ""


def decided(depths: Depths) -> bool:
    """Whether the latencies grow beyond doubt."""
    return growing(depths.seen, depths.under).holds is False
