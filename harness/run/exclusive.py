"""Mutual exclusion between the workers of a run: most rules run in parallel, a race or a flood runs alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock

from harness.rules.rule import Effect, Rule

DISTURBING = (Effect.BURST, Effect.FLOOD, Effect.LOAD)
"""Effects of the rules that would disturb others, and be disturbed by them."""
A_SECOND = 100
"""Number of requests that take about as long as a second of waiting."""
POLL = 0.005
"""Seconds between two attempts to take a lock that another worker holds."""


def runs_alone(rule: Rule, allowed: Effect) -> bool:
    """Whether no other rule may run beside this one, under the allowed effects."""
    return rule.alone or rule.within(allowed) in DISTURBING


def place(effect: Effect, *, alone: bool = False, requests: int = 0, waits: float = 0.0) -> tuple[int, float]:
    """A sort key for rules: first those that run in parallel, then those that run alone, floods and loads last.

    The longest come first, so that at the end no worker is busy while the others are idle.

    Args:
        alone: whether the rule runs alone.
        requests: about how many the rule sends; given if workers share the rules.
        waits: seconds that the rule waits at most.
    """
    kind = effect if effect in DISTURBING else Effect.BURST if alone else Effect.READ
    return int(kind), -(requests + waits * A_SECOND)


class Turns:
    """The locks of one worker.

    Every worker holds a lock of its own while it runs a rule; a rule that must run alone takes the locks of all. Both
    take the door lock first, so that no rule begins while one waits to run alone. A dead worker
    releases its locks.

    Args:
        folder: shared by the workers of the run.
        worker: name of this one.
    """

    def __init__(self, folder: Path, worker: str) -> None:
        self._folder = folder
        self._door = self._lock("door")
        self._own = self._lock(f"turn-{worker}")
        with self._own:
            pass

    def _lock(self, name: str) -> FileLock:
        return FileLock(self._folder / f"{name}.lock", poll_interval=POLL)

    @contextmanager
    def of(self, *, alone: bool) -> Iterator[None]:
        """Wait until a rule may run, alone or beside others, and hold the locks while it runs."""
        with ExitStack() as held:
            if alone:
                held.enter_context(self._door)
                for path in sorted(self._folder.glob("turn-*.lock")):
                    held.enter_context(self._lock(path.stem))
            else:
                with self._door:
                    held.enter_context(self._own)
            yield
