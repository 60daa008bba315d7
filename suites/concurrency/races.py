"""Rounds of races, what they decide, and how sure the result is."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from harness import draw, evidence
from harness.client.budget import BudgetSpent
from harness.http.content import at, id_text
from harness.race import Race, rounds
from harness.resource.matching import listed_value
from harness.resource.resource import ResourceUnderTest
from harness.rules.judge_result import Ruling
from harness.rules.judge_result import decide as apply
from harness.rules.verdict import Level

STORM = 16
"""Concurrent requests in a round."""
WINDOW = 200e-6
"""The check-then-act gap, in seconds, that the rounds are designed for."""
MOST = 16
"""Rounds on one resource: about a second on a near target."""
PLAIN = 10
"""Rounds for a gap without a model."""
LEAST = 3
"""Rounds that are run however long they take."""
LONGEST = 8
"""Seconds after which no further round begins."""


def decide(ruling: Ruling, expected: str, result: Race, level: Level | None = None, cause: str = "") -> None:
    """Apply the ruling on a race to the rule, with a picture of the race; undecided where it did not overlap."""
    pictured(result)
    apply(ruling, expected, level=level, context=result.summary(), cause=cause)
    result.members_or_inconclusive()


def pictured(result: Race) -> Race:
    """Draw the race for the report; the last race drawn is the one that decides."""
    draw(result.figure("The race that decided"))
    return result


def repeat(one_round: Callable[[int], Race], what: str) -> None:
    """Run rounds until the confidence is met; the evidence says which gap they would have shown."""
    found = rounds(timely(one_round), designed_window=WINDOW, most=MOST)
    evidence(f"{found.sentence(what)}; the last round: {found.races[-1].summary()}")


def timely(one_round: Callable[[int], Race]) -> Callable[[int], Race]:
    """The same rounds, ended after `LONGEST` seconds: new connections for each round may cost seconds."""
    started = time.monotonic()

    def run(number: int) -> Race:
        if number > LEAST and time.monotonic() - started > LONGEST:
            raise BudgetSpent(f"a rule races for {LONGEST} s at most")
        return one_round(number)

    return run


def repeat_plainly(one_round: Callable[[int], Race], what: str, count: int = PLAIN) -> None:
    """Run a fixed number of rounds, for gaps without a model of their probability."""
    found = rounds(timely(one_round), designed_window=WINDOW, least=count, most=count)
    sizes = sorted({one.overlap for one in found.races})
    size = str(sizes[0]) if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]}"
    void = f" ({found.void} more could not be judged)" if found.void else ""
    evidence(
        f"{what} in {len(found.races)} rounds of {size}{void}; the last round: {found.races[-1].summary()}"
    )


def listed_values(resource: ResourceUnderTest, pointer: str) -> list[Any]:
    """The value of each listed item at a JSON Pointer of a create body; an item on two pages counts once."""
    items = {id_text(at(one, resource.listed_id)): one for one in resource.members().items}
    return [listed_value(resource.known, one, pointer) for id, one in items.items() if id is not None]
