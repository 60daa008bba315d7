"""Mutual exclusion between the workers of a run: most rules run in parallel, a race or a flood runs alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from enum import Enum
from pathlib import Path

from filelock import FileLock

from harness.rules.rule import Effect, Rule

DISTURBING = (Effect.BURST, Effect.FLOOD, Effect.LOAD)
"""Effects of the rules that would disturb others, and be disturbed by them."""
A_SECOND = 100
"""Number of requests that take about as long as a second of waiting."""
POLL = 0.005
"""Seconds between two attempts to take a lock that another worker holds."""


WHOLE = ""
"""Stands for the whole API among the names of resources."""


def runs_alone(rule: Rule, allowed: Effect, resource: str | None = None) -> bool:
    """Whether no other rule may run beside this one, under the allowed effects.

    Args:
        resource: name of the one that it runs on; None for the whole API.
    """
    return (rule.alone and resource is None) or rule.within(allowed) in DISTURBING


def place(effect: Effect, *, requests: int = 0, waits: float = 0.0) -> tuple[int, float]:
    """A sort key for rules: first those that run in parallel, then those that run alone, floods and loads last.

    The longest come first, so that at the end no worker is busy while the others are idle.

    Args:
        requests: about how many the rule sends; given if workers share the rules.
        waits: seconds that the rule waits at most.
    """
    kind = effect if effect in DISTURBING else Effect.READ
    return int(kind), -(requests + waits * A_SECOND)


class Side(Enum):
    """What a rule does to a resource that another rule cannot bear meanwhile."""

    WRITES = "writes"
    COMPARES = "compares"

    @property
    def other(self) -> Side:
        return Side.COMPARES if self is Side.WRITES else Side.WRITES


class Turns:
    """The locks of one worker.

    Every worker holds a lock of its own while it runs a rule; a rule that must run alone takes the locks of all. Both
    take the door lock first, so that no rule begins while one waits to run alone. A dead worker
    releases its locks.

    The same for the two sides of a resource: writers run beside writers, and those that compare beside those that
    compare. Each waits at the gate of the resource until the other side has ended.

    Args:
        folder: shared by the workers of the run.
        worker: name of this one.
    """

    def __init__(self, folder: Path, worker: str) -> None:
        self._folder, self._worker = folder, worker
        self._door = self._lock("door")
        self._own = self._lock(f"turn-{worker}")
        with self._own:
            pass

    def _lock(self, name: str) -> FileLock:
        return FileLock(self._folder / f"{name}.lock", poll_interval=POLL)

    @contextmanager
    def of(self, *, alone: bool, sides: Iterable[tuple[str, Side]] = ()) -> Iterator[None]:
        """Wait until a rule may run, alone or beside others, and hold the locks while it runs.

        Args:
            sides: of the resources that it writes to, or compares reads of.
        """
        with ExitStack() as held:
            if alone:
                held.enter_context(self._door)
                for path in sorted(self._folder.glob("turn-*.lock")):
                    held.enter_context(self._lock(path.stem))
            else:
                with self._door:
                    held.enter_context(self._own)
                for name, side in sides:
                    self._take(held, name, side)
            yield

    def _take(self, held: ExitStack, name: str, side: Side) -> None:
        """Take a side of a resource, as soon as the other side has ended."""
        # Names may have characters that those of files cannot have.
        named = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        with self._lock(f"gate-{named}"):
            for path in sorted(self._folder.glob(f"{side.other.value}-{named}-*.lock")):
                with self._lock(path.stem):
                    pass
            held.enter_context(self._lock(f"{side.value}-{named}-{self._worker}"))


def sides_of(rule: Rule, allowed: Effect, resource: str | None) -> list[tuple[str, Side]]:
    """The sides that a rule takes where it does not run alone, with the names of the resources. Pure.

    What writes to the whole API may write to each resource; what is compared must bear neither.

    Args:
        resource: name of the one that it runs on; None for the whole API.
    """
    if rule.alone and resource is not None:
        return [(resource, Side.COMPARES), (WHOLE, Side.COMPARES)]
    if rule.within(allowed) is Effect.READ:
        return []
    return [(WHOLE if resource is None else resource, Side.WRITES)]
