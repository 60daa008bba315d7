"""Whether a history of a compare-and-set register is linearizable (Herlihy and Wing 1990), and if not, where.

The rules:
1. A history is linearizable if its operations can be put in one order that keeps real time (an operation that
   returned before another was invoked precedes it) and in which each has its outcome on the value that the ones
   before it leave.
2. Operations of unknown outcome never return: they may be anywhere after their invocation, or be left out.
3. The search is Wing and Gong's (1993): of the operations that no other must precede, try each as the next one; with
   Lowe's memoisation (2017): no pair of (operations placed, value) is tried twice.
4. The failing window is the smallest stretch of operations, in the order of their invocation, that is not
   linearizable whatever value it found: any value that was there from the beginning, or that an operation invoked
   before could have installed. Changes from outside the window that may have happened during it may be anywhere
   in it or be left out. So what fails in the window fails in the whole.
5. The search is bounded. A history on which the bound is reached is undecided, never a finding.
"""

from __future__ import annotations

import bisect
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from harness.race.history import Impossible, Operation, table

MOST_STATES = 200_000
"""States that one search looks at; a few seconds."""


@dataclass(frozen=True)
class Linearizability:
    """What came of a check.

    Attributes:
        linearizable: None where the bound was reached.
        window: the smallest failing stretch of operations; empty unless not linearizable.
        initial: values that the window may have found.
        operations: how many operations of the history were looked at.
    """

    linearizable: bool | None
    window: tuple[Operation, ...] = ()
    initial: tuple[Hashable, ...] = ()
    operations: int = 0

    def explanation(self) -> str:
        """The verdict in words, with the failing window as a table."""
        if self.linearizable is None:
            return f"undecided: no order of the {self.operations} operations was found within the bound"
        if self.linearizable:
            return f"linearizable: an order explains all {self.operations} operations"
        count = len(self.window)
        which = f"these {count} operations" if count > 1 else "this operation"
        found = ", ".join(sorted(map(repr, self.initial))[:8])
        more = ", ..." if len(self.initial) > 8 else ""
        return (
            f"not linearizable: no order of {which} explains the responses, "
            f"with the value {found}{more} before\n{table(self.window)}"
        )


class _Exhausted(Exception):
    """The bound on states was reached."""


def check(
    operations: Iterable[Operation], initial: Hashable, most_states: int = MOST_STATES
) -> Linearizability:
    """Judge a history of one register.

    Args:
        operations: in any order.
        initial: the value before the first invocation.
        most_states: bound on each search.
    """
    history = sorted((one for one in operations if one.tells), key=lambda one: one.invoked)
    try:
        if _orderable(history, [], {initial}, most_states):
            return Linearizability(True, operations=len(history))
    except _Exhausted:
        return Linearizability(None, operations=len(history))
    low, high = _window(history, initial, most_states)
    return Linearizability(
        False,
        tuple(history[low:high]),
        tuple(_found(history, low, initial)),
        len(history),
    )


def _orderable(
    needed: Sequence[Operation], optional: Sequence[Operation], values: Iterable[Hashable], most_states: int
) -> bool:
    """Whether all needed operations, and any of the optional ones, can be put in order from one of the values.

    Raises:
        _Exhausted: the bound was reached first.
    """
    every = sorted([*needed, *optional], key=lambda one: one.invoked)
    loose = {id(one) for one in optional}
    bound = [not one.open and id(one) not in loose for one in every]
    goal = sum(1 << number for number, fixed in enumerate(bound) if fixed)
    stack: list[tuple[int, Hashable]] = [(0, value) for value in values]
    seen = set(stack)
    while stack:
        placed, value = stack.pop()
        if placed & goal == goal:
            return True
        for number in reversed(_next(every, bound, placed)):
            try:
                state = (placed | 1 << number, every[number].after(value))
            except Impossible:
                continue
            if state not in seen:
                seen.add(state)
                stack.append(state)
        if len(seen) > most_states:
            raise _Exhausted
    return False


def _next(every: Sequence[Operation], bound: Sequence[bool], placed: int) -> list[int]:
    """The operations that no unplaced one must precede."""
    found: list[int] = []
    earliest = float("inf")
    first = (~placed & (placed + 1)).bit_length() - 1
    for number in range(first, len(every)):
        one = every[number]
        if placed >> number & 1:
            continue
        if one.invoked > earliest:
            break
        found.append(number)
        if bound[number]:
            assert one.returned is not None
            earliest = min(earliest, one.returned)
    return [number for number in found if every[number].invoked <= earliest]


def _window(history: Sequence[Operation], initial: Hashable, most_states: int) -> tuple[int, int]:
    """Bounds of the smallest failing window of a history that is not linearizable.

    What fails still fails with more operations on either end. So the shortest failing beginning is found by halving,
    then its shortest failing end; further on, only windows shorter than that are of interest.
    """

    def fails(low: int, high: int) -> bool:
        return low < high and _fails(history, low, high, initial, most_states)

    high = bisect.bisect_left(range(len(history)), True, lo=1, key=lambda bound: fails(0, bound))
    low = bisect.bisect_left(range(high), True, lo=1, key=lambda bound: not fails(bound, high)) - 1
    best = (low, high)
    for high in range(best[1], len(history) + 1):
        while fails(low := high - (best[1] - best[0]) + 1, high):
            best = (low, high)
    return best


def _fails(history: Sequence[Operation], low: int, high: int, initial: Hashable, most_states: int) -> bool:
    window = history[low:high]
    begun = window[0].invoked
    ended = max((one.returned for one in window if one.returned is not None), default=begun)
    outside = [
        one
        for one in (*history[:low], *history[high:])
        if one.changes and one.invoked <= ended and (one.returned is None or one.returned >= begun)
    ]
    try:
        return not _orderable(window, outside, _found(history, low, initial), most_states)
    except _Exhausted:
        return False


def _found(history: Sequence[Operation], low: int, initial: Hashable) -> set[Hashable]:
    """Values that a window may have found: there from the beginning, or installed by what was invoked before."""
    return {initial, *(one.value for one in history[:low] if one.changes)}
