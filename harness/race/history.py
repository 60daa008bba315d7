"""Histories: what clients asked of one shared value, what the responses were, and when.

1. An operation takes effect at one instant between its invocation and its return, or not at all.
2. `OK`: it did what it says; a read returned `value`, a write or compare-and-set installed it.
3. `FAILED`: it surely changed nothing. A failed compare-and-set (412, 409) says that the value was not the expected
   one; a failed read or write says nothing.
4. `UNKNOWN`: no answer came. It may take effect at any time after its invocation, also after everything else, or
   never; `returned` is None.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from enum import Enum


class OperationKind(str, Enum):
    READ = "read"
    WRITE = "write"
    CAS = "compare-and-set"


class Completion(str, Enum):
    OK = "ok"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Operation:
    """One operation of a client on the shared value.

    Attributes:
        client: who asked.
        kind: read, write, or compare-and-set.
        value: what a read returned, or what a write or compare-and-set installs.
        expected: what a compare-and-set wants to find; None for the others.
        outcome: see the rules above.
        invoked: seconds on the monotonic clock, not after the request could reach the target.
        returned: seconds on the same clock, not before the answer was complete; None where it is unknown.

    Raises:
        ValueError: an outcome other than unknown without `returned`, or a return before the invocation.
    """

    client: str
    kind: OperationKind
    value: Hashable = None
    expected: Hashable = None
    outcome: Completion = Completion.OK
    invoked: float = 0.0
    returned: float | None = None

    def __post_init__(self) -> None:
        if self.outcome is not Completion.UNKNOWN and self.returned is None:
            raise ValueError("an operation with a known outcome has returned")
        if self.returned is not None and self.returned < self.invoked:
            raise ValueError("an operation returns after its invocation")

    @property
    def open(self) -> bool:
        """Whether it may take effect at any later time, or never."""
        return self.outcome is Completion.UNKNOWN

    @property
    def changes(self) -> bool:
        """Whether it may install its value."""
        return self.kind is not OperationKind.READ and self.outcome is not Completion.FAILED

    @property
    def tells(self) -> bool:
        """Whether it says anything of the value: what does not is left out of every search."""
        if self.kind is OperationKind.CAS:
            return True
        return self.outcome is Completion.OK or (self.kind is OperationKind.WRITE and self.open)

    def after(self, value: Hashable) -> Hashable:
        """The value once it has taken effect on a value.

        Raises:
            Impossible: it cannot have had its outcome on that value.
        """
        if self.kind is OperationKind.READ:
            if value != self.value:
                raise Impossible
            return value
        if self.kind is OperationKind.WRITE:
            return self.value
        if self.outcome is Completion.FAILED:
            if value == self.expected:
                raise Impossible
            return value
        if value != self.expected:
            raise Impossible
        return self.value

    def words(self) -> str:
        """`write "a"`, for a table."""
        if self.kind is OperationKind.CAS:
            return f"compare-and-set {self.expected!r} -> {self.value!r}"
        return f"{self.kind.value} {self.value!r}"


class Impossible(Exception):
    """An operation cannot have had its outcome on the value given."""


def table(operations: Iterable[Operation]) -> str:
    """Operations as lines of text, instants in microseconds after the first invocation."""
    ordered = sorted(operations, key=lambda operation: operation.invoked)
    if not ordered:
        return ""
    origin = ordered[0].invoked
    rows = [("client", "operation", "outcome", "invoked", "returned")]
    for one in ordered:
        returned = "never" if one.returned is None else f"{(one.returned - origin) * 1e6:+.0f} us"
        invoked = f"{(one.invoked - origin) * 1e6:+.0f} us"
        rows.append((one.client, one.words(), one.outcome.value, invoked, returned))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column > 2 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
