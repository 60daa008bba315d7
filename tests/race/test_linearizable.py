"""The checker for compare-and-set registers: literal histories, and hypothesis against brute force."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.race import Completion, Operation, OperationKind, check
from harness.race.history import table

OK, FAILED, UNKNOWN = Completion.OK, Completion.FAILED, Completion.UNKNOWN


def read(value: Hashable, invoked: float, returned: float | None, client: str = "r") -> Operation:
    outcome = OK if returned is not None else UNKNOWN
    return Operation(client, OperationKind.READ, value, None, outcome, invoked, returned)


def write(value: Hashable, invoked: float, returned: float | None, outcome: Completion = OK) -> Operation:
    return Operation(
        "w", OperationKind.WRITE, value, None, outcome if returned is not None else UNKNOWN, invoked, returned
    )


def cas(
    expected: Hashable, value: Hashable, invoked: float, returned: float | None, outcome: Completion = OK
) -> Operation:
    outcome = outcome if returned is not None else UNKNOWN
    return Operation("c", OperationKind.CAS, value, expected, outcome, invoked, returned)


GOOD = {
    "empty": [],
    "one after another": [write("a", 0, 1), read("a", 2, 3), cas("a", "b", 4, 5), read("b", 6, 7)],
    "a read during a write sees the old value": [write("a", 0, 9), read("0", 1, 2)],
    "a read during a write sees the new value": [write("a", 0, 9), read("a", 1, 2), read("a", 3, 4)],
    "overlapping writes in either order": [write("a", 0, 9), write("b", 1, 8), read("a", 10, 11)],
    "one winner of two": [cas("0", "a", 0, 5), cas("0", "b", 1, 6, FAILED), read("a", 7, 8)],
    "two winners of two values": [cas("0", "a", 0, 5), cas("a", "b", 1, 6), read("b", 7, 8)],
    "unknown write seen later": [write("a", 0, None), read("0", 1, 2), read("a", 3, 4)],
    "unknown write never seen": [write("a", 0, None), read("0", 1, 2), read("0", 3, 4)],
    "unknown compare-and-set seen later": [cas("0", "a", 0, None), read("0", 1, 2), read("a", 3, 4)],
    "unknown compare-and-set never seen": [cas("0", "a", 0, None), cas("0", "b", 1, 2), read("b", 3, 4)],
    "unknown write makes the loser": [write("a", 0, None), cas("0", "b", 1, 2, FAILED)],
    "unknown write between two reads of another": [
        write("a", 0, None),
        read("0", 1, 2),
        read("a", 3, 4),
        cas("a", "0", 5, 6),
        read("0", 7, 8),
    ],
    "a failed write changes nothing": [write("a", 0, 1, FAILED), read("0", 2, 3)],
    "an unknown read tells nothing": [read("never", 0, None), read("0", 1, 2)],
    "instants that touch are concurrent": [write("a", 0, 1), read("0", 1, 2)],
}

BAD = {
    "stale read": ([write("a", 0, 1), read("0", 2, 3)], 2),
    "stale read long after": (
        [
            read("0", -9, -8),
            read("0", -7, -6),
            write("a", 0, 1),
            read("0", 2, 3),
            read("a", 4, 5),
            read("a", 6, 7),
        ],
        2,
    ),
    "the value goes back": ([write("a", 0, 9), read("a", 1, 2), read("0", 3, 4)], 2),
    "lost update": ([cas("0", "a", 0, 1), cas("0", "b", 2, 3), read("b", 4, 5)], 2),
    "two winners of one compare-and-set": ([cas("0", "a", 0, 5), cas("0", "b", 1, 6), read("b", 7, 8)], 2),
    "read of a value that was never written": ([write("a", 0, 1), read("never", 2, 3), read("a", 4, 5)], 1),
    "a loser without a winner": ([read("0", 0, 1), cas("0", "a", 2, 3, FAILED), read("0", 4, 5)], 1),
    "a failed write is seen": ([write("a", 0, 1, FAILED), read("a", 2, 3)], 1),
    "a loser's value is seen": ([write("a", 0, 1), cas("0", "b", 2, 3, FAILED), read("b", 4, 5)], 1),
    "an unknown write takes effect twice": (
        [write("a", 0, None), read("a", 1, 2), cas("a", "b", 3, 4), read("a", 5, 6)],
        4,
    ),
    "seen before it was asked for": ([read("a", 0, 1), write("a", 2, 3)], 1),
}


@pytest.mark.parametrize("history", GOOD.values(), ids=GOOD)
def test_good_histories(history: list[Operation]) -> None:
    judgement = check(history, "0")
    assert judgement.linearizable is True, judgement.explanation()
    assert judgement.window == ()
    assert judgement.explanation().startswith("linearizable")


@pytest.mark.parametrize(("history", "smallest"), BAD.values(), ids=BAD)
def test_bad_histories_and_their_windows(history: list[Operation], smallest: int) -> None:
    judgement = check(reversed(history), "0")
    assert judgement.linearizable is False
    assert len(judgement.window) == smallest, judgement.explanation()


def test_the_explanation_is_a_table_of_the_window() -> None:
    history = [
        read("v1", 0.0, 0.001, "reader"),
        Operation("writer", OperationKind.CAS, "v2", "v1", OK, 0.002, 0.0031),
        read("v1", 0.004, 0.0052, "reader"),
        read("v2", 0.006, 0.007, "reader"),
    ]
    assert check(history, "v1").explanation() == (
        "not linearizable: no order of these 2 operations explains the responses, "
        "with the value 'v1' before\n"
        "client  operation                     outcome   invoked  returned\n"
        "writer  compare-and-set 'v1' -> 'v2'  ok          +0 us  +1100 us\n"
        "reader  read 'v1'                     ok       +2000 us  +3200 us"
    )


def test_operations_that_never_returned_are_reported_so() -> None:
    assert table([write("a", 0.0, None)]).splitlines()[1].split() == [
        "w",
        "write",
        "'a'",
        "unknown",
        "+0",
        "us",
        "never",
    ]
    assert table([]) == ""


@pytest.mark.parametrize(
    ("outcome", "invoked", "returned"),
    [(OK, 0.0, None), (FAILED, 0.0, None), (OK, 2.0, 1.0), (UNKNOWN, 2.0, 1.0)],
)
def test_impossible_operations_are_refused(
    outcome: Completion, invoked: float, returned: float | None
) -> None:
    with pytest.raises(ValueError):
        Operation("c", OperationKind.WRITE, "a", None, outcome, invoked, returned)


def test_a_search_that_reaches_its_bound_is_undecided() -> None:
    history = [write(str(n), 0, 100) for n in range(12)] + [read("never", 0, 100)]
    judgement = check(history, "0", most_states=50)
    assert judgement.linearizable is None
    assert judgement.window == ()
    assert judgement.explanation().startswith("undecided")


def test_long_histories_are_quick() -> None:
    history = []
    for number in range(400):
        start = number * 10.0
        history += [
            cas(str(number), str(number + 1), start, start + 9),
            cas(str(number), "lost", start + 1, start + 30, FAILED),
            read(str(number + 1), start + 2, start + 14),
        ]
    assert check(history, "0").linearizable is True
    broken = [*history, read("17", 1000.0, 1001.0)]
    judgement = check(broken, "0")
    assert judgement.linearizable is False
    assert len(judgement.window) <= 6


# -- against brute force -------------------------------------------------------------------------------


def orders(operations: Sequence[Operation]) -> Iterator[Sequence[Operation]]:
    """All orders of all known operations with any of the unknown ones."""
    unknown = [one for one in operations if one.outcome is UNKNOWN]
    known = [one for one in operations if one.outcome is not UNKNOWN]
    for size in range(len(unknown) + 1):
        for chosen in itertools.combinations(unknown, size):
            yield from itertools.permutations([*known, *chosen])


def keeps_time(order: Sequence[Operation]) -> bool:
    return not any(
        later.returned is not None and later.returned < earlier.invoked
        for place, earlier in enumerate(order)
        for later in order[place + 1 :]
    )


def explains(order: Sequence[Operation], value: Hashable) -> bool:
    for one in order:
        if one.kind is OperationKind.READ:
            if one.outcome is OK and one.value != value:
                return False
        elif one.kind is OperationKind.WRITE:
            value = value if one.outcome is FAILED else one.value
        elif one.outcome is FAILED:
            if one.expected == value:
                return False
        elif one.expected == value:
            value = one.value
        else:
            return False
    return True


def brute_force(operations: Sequence[Operation], initial: Hashable) -> bool:
    return any(keeps_time(order) and explains(order, initial) for order in orders(operations))


VALUES = st.sampled_from(["0", "a", "b"])


@st.composite
def operations(draw: st.DrawFn) -> Operation:
    kind, outcome = draw(st.sampled_from(OperationKind)), draw(st.sampled_from([OK, OK, OK, FAILED, UNKNOWN]))
    invoked = draw(st.integers(0, 12))
    returned = None if outcome is UNKNOWN else float(invoked + draw(st.integers(0, 6)))
    expected = draw(VALUES) if kind is OperationKind.CAS else None
    return Operation("c", kind, draw(VALUES), expected, outcome, float(invoked), returned)


@settings(max_examples=600, deadline=None)
@given(st.lists(operations(), max_size=6))
def test_agrees_with_brute_force(history: list[Operation]) -> None:
    judgement = check(history, "0")
    assert judgement.linearizable is brute_force(history, "0")
    if not judgement.linearizable:
        assert judgement.window
        assert judgement.explanation().count("\n") == len(judgement.window) + 1


@settings(max_examples=300, deadline=None)
@given(st.lists(operations(), max_size=6))
def test_a_window_fails_whatever_value_it_found(history: list[Operation]) -> None:
    judgement = check(history, "0")
    for value in judgement.initial:
        assert not brute_force(judgement.window, value)


@st.composite
def executions(draw: st.DrawFn) -> list[Operation]:
    """What clients could have seen of a register that really did one operation after another."""
    value, history = "0", []
    for number in range(draw(st.integers(0, 25))):
        kind, operand, expected = draw(st.sampled_from(OperationKind)), draw(VALUES), draw(VALUES)
        at = number * 10.0
        invoked, returned = at - draw(st.floats(0, 40)), at + draw(st.floats(0, 40))
        outcome = OK
        if kind is OperationKind.READ:
            operand = value
        elif kind is OperationKind.WRITE or expected == value:
            value = operand
        else:
            outcome = FAILED
        lost = draw(st.integers(0, 9)) == 0
        history.append(
            Operation(
                f"c{number % 4}",
                kind,
                operand,
                expected if kind is OperationKind.CAS else None,
                UNKNOWN if lost else outcome,
                invoked,
                None if lost else returned,
            )
        )
    return draw(st.permutations(history))


@settings(max_examples=300, deadline=None)
@given(executions())
def test_histories_of_a_real_register_pass(history: list[Operation]) -> None:
    judgement = check(history, "0")
    assert judgement.linearizable is True, judgement.explanation()
