"""Concurrent workers that read an item and write it on condition of what they read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from harness.http.content import shown
from harness.http.fields import FRESH
from harness.race import Completion, Member, Operation, OperationKind, Race, Request, race
from harness.race.outcomes import equal, refused, won
from harness.race.rounds import longest_wait
from harness.resource.contested import Contested, ContestedRead, left
from harness.rules.checks import Undecided

PRECONDITION_FAILED = 412

Next = Callable[[int, ContestedRead], Sequence[Any]]
"""The values that a worker, given by its number, writes after a read."""


@dataclass(frozen=True)
class Turn:
    """What a worker did in one race.

    Attributes:
        worker: its number.
        found: what it had read before a write; None for a read.
        values: what it wrote.
        seen: what it read; None for a write, or where the read did not succeed.
    """

    worker: int
    member: Member
    found: ContestedRead | None = None
    values: Sequence[Any] = ()
    seen: ContestedRead | None = None

    @property
    def status(self) -> int | None:
        return self.member.status


@dataclass(frozen=True)
class Worked:
    """What all workers did, race by race."""

    races: tuple[Race, ...]
    turns: tuple[Turn, ...]

    @property
    def writes(self) -> list[Turn]:
        return [turn for turn in self.turns if turn.found is not None]

    def summary(self) -> str:
        together = [race.overlap for race in self.races if race.overlapped]
        successes = sum(won(turn.status) for turn in self.writes)
        return (
            f"{len(self.races)} races of {len(self.races[0].members)}, {len(together)} of them with "
            f"{min(together, default=0)} or more in flight at once; {len(self.writes)} conditional writes, "
            f"of which {successes} succeeded; the last race: {self.races[-1].summary()}"
        )


def work(contested: Contested, workers: int, races: int, following: Next) -> Worked:
    """Let workers alternate reads and writes; half of them begin with a write, the others with a read.

    A worker writes on condition of its own last read, and reads again after each write, whatever its result.

    Raises:
        Undecided: fewer than half of the races overlapped.
    """
    start = contested.look()
    last: dict[int, ContestedRead | None] = {
        worker: start if worker % 2 else None for worker in range(workers)
    }
    done: list[Race] = []
    turns: list[Turn] = []
    for _ in range(races):
        planned: list[tuple[Request, Sequence[Any]]] = []
        for worker, seen in last.items():
            if seen is None:
                planned.append((Request("GET", contested.item.url, FRESH), ()))
            else:
                values = following(worker, seen)
                planned.append((contested.request(values, etag=seen.etag, version=seen.version), values))
        result = race(contested.resource.client, [request for request, _ in planned])
        done.append(result)
        for worker, (member, (_, values)) in enumerate(zip(result.members, planned, strict=True)):
            if not left(member):
                continue
            found = last[worker]
            seen = None
            if found is None and member.reply is not None and member.reply.is_success:
                seen = contested.seen(member.reply)
            turns.append(Turn(worker, member, found, values, seen))
            last[worker] = seen
        if longest_wait(result):
            raise Undecided(f"the target throttles the workers: {result.summary()}")
    overlapped = sum(one.overlapped for one in done)
    if overlapped * 2 < races:
        raise Undecided(f"requests were in flight at once in only {overlapped} of {races} races")
    return Worked(tuple(done), tuple(turns))


def operations(turns: Sequence[Turn], refusals: bool = True) -> list[Operation]:
    """Turns as the history of one register, with values as JSON text.

    Args:
        refusals: whether a refusal proves that the value was not the expected one.
    """
    found = (operation(turn) for turn in turns)
    return [one for one in found if one is not None and (refusals or one.outcome is not Completion.FAILED)]


def restless(turns: Sequence[Turn]) -> bool:
    """Whether one value was read with several entity tags: a condition may then fail without a write."""
    tags: dict[str, str | None] = {}
    return any(
        tags.setdefault(shown(seen.value, 10_000), seen.etag) != seen.etag
        for turn in turns
        for seen in (turn.seen, turn.found)
        if seen is not None
    )


def operation(turn: Turn) -> Operation | None:
    """A turn as an operation; None where it proves nothing.

    Of the refusals, only 412 proves that the condition was false: 409 may be due to a lock held by another worker.
    """
    member, client = turn.member, f"worker {turn.worker + 1}"
    if member.released is None:
        return None
    if turn.found is None:
        if turn.seen is None or member.done is None:
            return None
        value = shown(turn.seen.value, 10_000)
        return Operation(client, OperationKind.READ, value, invoked=member.released, returned=member.done)
    value, expected = shown(turn.values[0], 10_000), shown(turn.found.value, 10_000)
    status = turn.status
    if refused(status) and status != PRECONDITION_FAILED:
        return None
    outcome = Completion.OK if won(status) else Completion.FAILED if refused(status) else Completion.UNKNOWN
    returned = None if outcome is Completion.UNKNOWN else member.done
    return Operation(client, OperationKind.CAS, value, expected, outcome, member.released, returned)


def foreign(turns: Sequence[Turn], initial: Any) -> list[Any]:
    """Values that were read and that none of the workers wrote."""
    ours = [initial, *(turn.values[0] for turn in turns if turn.found is not None)]
    read = [turn.seen.value for turn in turns if turn.seen is not None]
    return [value for value in read if not any(equal(value, one) for one in ours)]
