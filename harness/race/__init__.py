"""Races: requests that reach the target together, and evidence that they did.

1. `race()` sends prepared requests up to their last byte (HTTP/1.1) or END_STREAM (HTTP/2), waits until all are
   parked, and releases them together. Its result says how close together, and how many were in flight at once.
2. `rounds()` repeats a race until a check-then-act gap of a designed size would have shown with the confidence
   wanted, and words that as evidence.
3. `Operation` and `check()` judge histories of reads and conditional writes against a compare-and-set register.
"""

from harness.race.history import Completion, Operation, OperationKind
from harness.race.linearizable import Linearizability, check
from harness.race.race import Member, Race, race
from harness.race.requests import Request
from harness.race.rounds import Rounds, rounds
from harness.race.timeline import overlap

__all__ = [
    "Completion",
    "Linearizability",
    "Member",
    "Operation",
    "OperationKind",
    "Race",
    "Request",
    "Rounds",
    "check",
    "overlap",
    "race",
    "rounds",
]
