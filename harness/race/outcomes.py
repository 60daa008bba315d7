"""Judging races: who won, what was lost, what was mixed. Pure; no I/O.

1. An attempt that was answered 2xx took effect; one that was rejected with 4xx did not. Everything else is open: no
   response, 202, a redirect, a server error. The final state decides what is open, never against the target.
2. A final state that none of the attempts explains is another client's work: the round is void, not broken.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.http.content import MISSING, differences, shown
from harness.race import Linearizability, Operation, OperationKind, check
from harness.rules.judge_result import Ruling

ACCEPTED = 202
TIMED_OUT = 408


@dataclass(frozen=True)
class Attempt:
    """One of several writes that exclude each other.

    Attributes:
        value: what it would store; no two attempts of a round store the same.
        status: None where no answer came.
    """

    value: Any
    status: int | None

    @property
    def won(self) -> bool:
        """Whether it was answered with success."""
        return won(self.status)

    @property
    def refused(self) -> bool:
        """Whether it was rejected, without effect."""
        return refused(self.status)

    @property
    def open(self) -> bool:
        """Whether it may have taken effect or not."""
        return not self.won and not self.refused


def won(status: int | None) -> bool:
    return status is not None and 200 <= status < 300 and status != ACCEPTED


def refused(status: int | None) -> bool:
    return status is not None and 400 <= status < 500 and status != TIMED_OUT


def tally(statuses: Iterable[int | None]) -> str:
    """`1 x 200, 15 x 412`."""
    counted = Counter(statuses)
    return ", ".join(
        f"{count} x {'no answer' if status is None else status}"
        for status, count in sorted(counted.items(), key=lambda one: (one[0] is None, one[0] or 0))
    )


def equal(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON; nothing equals only nothing."""
    if one is MISSING or other is MISSING:
        return one is other
    return not differences(one, other)


def one_winner(attempts: Sequence[Attempt], before: Any, after: Any) -> Ruling:
    """Judge writes of which the first to be performed makes the condition of all others false.

    Args:
        attempts: all that were sent, also those that were turned away or not answered.
        before: the value that they found; `MISSING` where there was nothing.
        after: the value when all was over.
    """
    winners = [one for one in attempts if one.won]
    summary = tally(one.status for one in attempts)
    if len(winners) > 1:
        return Ruling(
            f"{len(winners)} of {len(attempts)} were answered with success ({summary}): "
            f"all but one of these writes are lost; {shown(after)} is stored"
        )
    shows = [one for one in attempts if equal(one.value, after)]
    if not winners:
        if shows and shows[0].open:
            return Ruling()
        if shows:
            # An intermediary that repeats a request whose answer it lost makes a winner look refused.
            return Ruling(undecided=f"the only write that took effect was answered {shows[0].status}")
        return Ruling(undecided=f"no write succeeded ({summary})")
    if shows and shows[0] is winners[0]:
        return Ruling()
    if shows:
        how = "was not answered" if shows[0].status is None else f"was answered {shows[0].status}"
        return Ruling(f"the write that succeeded is lost: the stored one {how} ({summary})")
    if equal(before, after):
        return Ruling(f"a write was answered with success, and the previous state is stored ({summary})")
    return Ruling(undecided=f"{shown(after)} is stored, which no writer sent: does another client write?")


def increments(start: int, end: int, steps: Iterable[tuple[int, int | None]]) -> Ruling:
    """Judge a counter after conditional increments.

    Args:
        start, end: its value before the first and after the last.
        steps: how much each added, and its status.
    """
    given = list(steps)
    sure = sum(step for step, status in given if won(status))
    loose = [step for step, status in given if not won(status) and not refused(status)]
    sums = {0}
    for step in loose:
        sums |= {one + step for one in sums}
    if end - start - sure in sums:
        return Ruling()
    successes = sum(won(status) for _, status in given)
    summary = f"{successes} increments with the sum {sure} were answered with success, starting at {start}"
    if loose:
        summary += f", and the outcome of {len(loose)} is unknown"
    if end - start < sure:
        return Ruling(f"{summary}; it ended at {end}: {start + sure - end} are lost")
    return Ruling(
        undecided=f"{summary}; it ended at {end}, which is more than was added: does another client write?"
    )


def mixture(written: Sequence[Sequence[Any]], read: Sequence[Any]) -> Ruling:
    """Judge what a read shows of some members, after writes that each set them all.

    Args:
        written: for each write, and for the state before, the values of the members.
        read: the values of the same members.
    """
    # A read most often shows one of the last writes.
    if any(all(map(equal, one, read)) for one in reversed(written)):
        return Ruling()
    for place, value in enumerate(read):
        if not any(equal(one[place], value) for one in written):
            return Ruling(undecided=f"{shown(value)} was read, which no writer sent")
    return Ruling(f"{shown(list(read))} was read, a combination that no single write stored")


@dataclass(frozen=True)
class Linearity:
    """What came of checking a history.

    Attributes:
        broken: the failing window in words; None where there is none.
        stale: whether only the reads make it fail: the writes among themselves are linearizable.
        undecided: why the search came to no end; None where it did.
    """

    broken: str | None = None
    stale: bool = False
    undecided: str | None = None


def linearity(operations: Sequence[Operation], initial: Hashable) -> Linearity:
    """Whether conditional writes and reads have an order that explains them all."""
    whole = check(operations, initial)
    if whole.linearizable is not False:
        return Linearity(undecided=_undecided(whole))
    writes = check([one for one in operations if one.kind is not OperationKind.READ], initial)
    if writes.linearizable is False:
        return Linearity(writes.explanation())
    return Linearity(whole.explanation(), stale=True, undecided=_undecided(writes))


def _undecided(judgement: Linearizability) -> str | None:
    return judgement.explanation() if judgement.linearizable is None else None


def keyed_effects(ids: Sequence[str | None], statuses: Sequence[int | None], listed: int | None) -> Ruling:
    """Judge duplicates under one key.

    Args:
        ids: the id that each answer with 2xx names, None where it names none.
        statuses: of all duplicates.
        listed: items that carry the text of this round, None where that is unknown.
    """
    named = list(dict.fromkeys(id for id in ids if id is not None))
    summary = tally(statuses)
    if len(named) > 1:
        return Ruling(f"{len(named)} items, {', '.join(named[:4])}, for one key ({summary})")
    if listed is not None and listed > 1:
        return Ruling(
            f"{listed} items that one key created are listed, although the responses name one ({summary})"
        )
    if not any(map(won, statuses)):
        return Ruling(undecided=f"none of the duplicates succeeded ({summary})")
    return Ruling()


def lags(delays: Sequence[float]) -> str:
    """How late reads showed completed writes, in words."""
    late = sorted(delay for delay in delays if delay > 0)
    if not late:
        return f"each of {len(delays)} writes was visible at once"
    return (
        f"{len(late)} of {len(delays)} writes were visible late: after {late[0] * 1e3:.0f} ms at least, "
        f"{late[len(late) // 2] * 1e3:.0f} ms in the median, {late[-1] * 1e3:.0f} ms at most"
    )


def later(before: Any, after: Any) -> bool:
    """Whether one version can be the successor of another: a greater number, or any other text."""
    if all(isinstance(one, int | float) and not isinstance(one, bool) for one in (before, after)):
        return bool(after > before)
    return not equal(before, after)


def counted(values: Iterable[Any], wanted: Mapping[str, Any]) -> dict[str, int]:
    """How many of some values equal each of those wanted, by its name."""
    everything = list(values)
    return {name: sum(equal(value, one) for value in everything) for name, one in wanted.items()}


def distinct(values: Iterable[Any], most: int) -> list[Any]:
    """The first so many of values that differ from each other."""
    found: list[Any] = []
    for value in itertools.islice(values, most * 6):
        if not any(equal(value, one) for one in found):
            found.append(value)
        if len(found) == most:
            break
    return found


def transition(attempts: Sequence[Attempt], before: Any, after: Any, repeatable: bool) -> Ruling:
    """Judge transitions that exclude each other, all from the same state.

    Args:
        attempts: each with the state that it leads to.
        before, after: the state that they found, and the one when all was over.
        repeatable: whether one that was made already is accepted again, which then counts as the same.
    """
    summary = tally(one.status for one in attempts)
    winners = [one for one in attempts if one.won]
    reached = distinct((one.value for one in winners), len(attempts) or 1)
    if len(reached) > 1:
        return Ruling(
            f"transitions to {', '.join(map(shown, reached))} were all answered with success ({summary})"
        )
    if len(winners) > 1 and not repeatable:
        return Ruling(f"the transition to {shown(reached[0])} succeeded {len(winners)} times ({summary})")
    loose = any(equal(one.value, after) for one in attempts if one.open)
    if not winners:
        return Ruling() if loose else Ruling(undecided=f"no transition succeeded ({summary})")
    if equal(reached[0], after):
        return Ruling()
    if equal(before, after) or any(equal(one.value, after) for one in attempts):
        return Ruling(
            f"the transition to {shown(reached[0])} succeeded, and the state is {shown(after)} ({summary})"
        )
    return Ruling(undecided=f"the state is {shown(after)}, to which no transition leads")
