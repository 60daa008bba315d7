"""Rounds: a race is repeated until a gap of the designed size would have shown with the confidence wanted."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from harness.client.budget import BudgetSpent
from harness.client.client import LONGEST_WAIT
from harness.client.recorder import Refused, TargetDied
from harness.http.fields import retry_after
from harness.race import detection
from harness.race.race import Race
from harness.rules.checks import Undecided

VOID_BEFORE_GIVING_UP = 3


@dataclass(frozen=True)
class Rounds:
    """Rounds that were run without the rule having been broken.

    Attributes:
        races: the race of each round that counts.
        window: the check-then-act gap that the rounds were designed for, in seconds.
        confidence: the probability of showing it that was wanted.
        void: rounds that could not be judged.
        ended: why there were no more of them; empty where the confidence was met.
    """

    races: tuple[Race, ...]
    window: float
    confidence: float
    void: int = 0
    ended: str = ""

    @property
    def probability(self) -> float:
        """Probability with which a gap of the designed size, or a wider one, would have shown."""
        return detection.together([race.measured for race in self.races], self.window)

    @property
    def met(self) -> bool:
        return self.probability >= self.confidence

    @property
    def smallest_window(self) -> float | None:
        """The smallest gap, in seconds, that would have shown with the confidence wanted."""
        return detection.smallest_window([race.measured for race in self.races], self.confidence)

    def sentence(self, what: str = "no duplicate") -> str:
        """The evidence in words: how often, with how many, and what would have shown with what probability.

        Args:
            what: what was not seen.
        """
        sizes = sorted({race.overlap for race in self.races})
        size = str(sizes[0]) if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]}" if sizes else "0"
        count = len(self.races)
        text = f"{what} in {count} round{'' if count == 1 else 's'} of {size}; "
        gap = f"a check-then-act window of {shown(self.window)} or more would have been detected with probability "
        if self.met:
            text += f"{gap}> {self.confidence:g}"
        else:
            text += f"{gap}{self.probability:.2g} ({self.confidence:g} was required)"
            smallest = self.smallest_window
            text += "" if smallest is None else f", one of {shown(smallest)} with {self.confidence:g}"
        if self.void:
            text += f"; {self.void} more could not be judged"
        return f"{text}; {self.ended}" if self.ended else text


def rounds(
    run_one: Callable[[int], Race],
    *,
    designed_window: float,
    confidence: float = 0.99,
    least: int = 3,
    most: int = 30,
    sleep: Callable[[float], None] = time.sleep,
) -> Rounds:
    """Repeat a race until its confidence is met or the budget is spent.

    The probability that a round shows a gap is computed from what was measured in that round (members in flight at
    once, spread): see `harness.race.detection` for the model. Retry-After of throttled members is obeyed between
    rounds.

    Args:
        run_one: runs and judges one round on fresh resources, given its number from 1. A broken oracle ends
            everything; `Undecided` voids the round.
        designed_window: the check-then-act gap to detect, in seconds.
        confidence: probability wanted.
        least: rounds that are run in any case.
        most: rounds that are run at most, void ones included.

    Raises:
        Undecided: not one round could be judged, three in a row could not, or the target has died.
    """
    races: list[Race] = []
    missed, void, in_a_row, ended = 1.0, 0, 0, ""
    for number in range(1, most + 1):
        try:
            race = run_one(number)
        except (TargetDied, Refused):
            raise
        except BudgetSpent as spent:
            if not races:
                raise
            ended = str(spent)
            break
        except Undecided:
            void, in_a_row = void + 1, in_a_row + 1
            if in_a_row == VOID_BEFORE_GIVING_UP or (number == most and not races):
                raise
            continue
        in_a_row = 0
        races.append(race)
        missed *= 1.0 - race.detection(designed_window)
        if 1.0 - missed >= confidence and len(races) >= least:
            break
        wait = longest_wait(race)
        if wait > LONGEST_WAIT:
            ended = f"the target asks to wait {wait:.0f} s before more"
            break
        if wait and number < most:
            sleep(wait)
    else:
        ended = f"{most} rounds are the maximum"
    return Rounds(tuple(races), designed_window, confidence, void, ended)


def longest_wait(race: Race) -> float:
    """Seconds that the throttled members' Retry-After asks to wait; one where they name none, 0 without any."""
    waits = [0.0]
    for member in race.members:
        if member.throttled and member.reply is not None:
            headers = member.reply.headers
            asked = retry_after(headers.get("retry-after"), headers.get("date"))
            waits.append(1.0 if asked is None else asked)
    return max(waits)


def shown(seconds: float) -> str:
    """A short duration in the unit that reads best."""
    if seconds < 1e-3:
        return f"{seconds * 1e6:.0f} us"
    return f"{seconds * 1e3:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"
