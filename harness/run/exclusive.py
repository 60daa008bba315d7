"""Turns of the workers of a run: most rules run side by side; a race or a flood runs alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock

from harness.rules.rule import Effect

ALONE = (Effect.BURST, Effect.FLOOD)
"""What would be disturbed by others, and disturbs them."""
A_SECOND = 100
"""Requests that take as long as a second of waiting, more or less."""
POLL = 0.005
"""Seconds between two looks at a lock that another worker holds."""


def place(effect: Effect, *, requests: int = 0, waits: float = 0.0) -> tuple[int, float]:
    """Sorts rules into the order in which they run: first what runs side by side, races at the end, floods after them.

    Who begins with the longest is not left with one worker busy and the others idle.

    Args:
        requests: about how many it sends, where workers share the rules.
        waits: seconds for which it lets time go by at most.
    """
    return int(effect if effect in ALONE else Effect.READ), -(requests + waits * A_SECOND)


class Turns:
    """The turns that one worker takes.

    Every worker holds a lock of its own while it runs a rule; who must be alone takes the locks of all. The door is
    passed by both, so that nobody begins while one waits to be alone. A worker that dies lets go of its locks.

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
    def of(self, effect: Effect) -> Iterator[None]:
        """Wait for the turn of a rule with this effect, and keep it while the rule runs."""
        with ExitStack() as held:
            if effect in ALONE:
                held.enter_context(self._door)
                for path in sorted(self._folder.glob("turn-*.lock")):
                    held.enter_context(self._lock(path.stem))
            else:
                with self._door:
                    held.enter_context(self._own)
            yield
