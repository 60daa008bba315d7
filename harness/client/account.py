"""What a run has spent: one count for all of its processes."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock


@dataclass
class Account:
    """What has been spent.

    Attributes:
        sent: requests sent.
        reserved: requests reserved for removing what was created.
        flooded: those among the sent ones that rules sent to be refused with 429.
        loaded: those among the sent ones that were sent as load.
        next_slot: earliest monotonic time, in seconds, at which the pace allows another request.
        given_up: why the target was given up, if a worker did.
        until: when the time of the run is over, on the monotonic clock; 0 while it does not run.
        left: seconds of it that are left where it does not run; negative for all.
        made: creates by collection, without those that created nothing.
        staying: why items of a collection could not be removed, as far as a removal has shown that.
        harm: what probes have damaged, in a sentence, by the kind of probe.
    """

    sent: int = 0
    reserved: int = 0
    flooded: int = 0
    loaded: int = 0
    next_slot: float = 0.0
    given_up: str = ""
    until: float = 0.0
    left: float = -1.0
    made: dict[str, int] = field(default_factory=dict)
    staying: dict[str, str] = field(default_factory=dict)
    harm: dict[str, str] = field(default_factory=dict)


LASTING = ("sent", "flooded", "loaded", "made", "staying", "harm")
"""What still counts when a run that was killed is continued."""


def kept(account: Account) -> dict[str, Any]:
    """What of an account still counts when the run is continued, as JSON has it. Pure."""
    return {name: value for name, value in asdict(account).items() if name in LASTING}


def restore(account: Account, before: Mapping[str, Any]) -> None:
    """Continue with what was spent before; see `kept()`."""
    for name in LASTING:
        if name in before:
            setattr(account, name, before[name])


class InProcess:
    """An account for one process; threads share it."""

    def __init__(self) -> None:
        self._account = Account()
        self._lock = threading.Lock()

    def open(self) -> InProcess:
        return self

    def __enter__(self) -> Account:
        self._lock.acquire()
        return self._account

    def __exit__(self, *ended: object) -> None:
        self._lock.release()


class InFile:
    """An account that the workers of a run share; their monotonic clock is the machine's."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # The lock is held for microseconds; the library would ask for it again only every 50 ms.
        self._lock = FileLock(f"{path}.lock", poll_interval=0.0005)

    @contextmanager
    def open(self) -> Iterator[Account]:
        with self._lock:
            try:
                account = Account(**json.loads(self._path.read_text()))
            except FileNotFoundError:
                account = Account()
            yield account
            # A worker may be killed at any time: the others must never read half an account.
            draft = self._path.with_name(f"{self._path.name}.draft")
            draft.write_text(json.dumps(asdict(account)))
            os.replace(draft, self._path)
