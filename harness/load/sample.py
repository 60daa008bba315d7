"""What a load came to: samples of each client, and the harness' own lag."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from harness.load.latency import Latencies, duration

SERVED = range(200, 400)
REFUSED = frozenset({429, 503})
"""How a server says that it does not serve a request now."""


@dataclass(frozen=True)
class Sample:
    """One request; instants are seconds after the beginning.

    Attributes:
        due: when it was to be sent, whatever came of those before.
        sent: when it was.
        done: when the response was complete, or was given up.
        status: of the response; None if there was none.
        error: why there was none.
        retry_after: whether the response has a valid Retry-After.
        attempt: 1, or more for a retry.
        exchange: id of the exchange that was recorded of it; empty for most.
        signs: members of a successful response that say that the request failed, such as `success: false`; empty for
            none, and where ordinary responses have them, too.
    """

    due: float
    sent: float
    done: float
    status: int | None
    error: str = ""
    retry_after: bool = False
    attempt: int = 1
    exchange: str = ""
    signs: str = ""

    @property
    def served(self) -> bool:
        return self.status in SERVED and not self.signs

    @property
    def refused(self) -> bool:
        return self.status in REFUSED

    @property
    def latency(self) -> float:
        """Seconds from when it was due: a late request waits in its queue, too (no coordinated omission)."""
        return self.done - self.due

    @property
    def outcome(self) -> str:
        if self.status is None:
            return self.error
        return f"{self.status} with {self.signs}" if self.signs else str(self.status)


@dataclass(frozen=True)
class Series:
    """The samples of one client."""

    samples: tuple[Sample, ...] = ()

    def between(self, start: float, end: float) -> Series:
        """Those that were due in a span."""
        return Series(tuple(one for one in self.samples if start <= one.due < end))

    @property
    def count(self) -> int:
        return len(self.samples)

    @property
    def failed(self) -> tuple[Sample, ...]:
        return tuple(one for one in self.samples if not one.served)

    @property
    def latencies(self) -> Latencies:
        """Of all that were answered or given up: leaving the failed ones out would flatter."""
        return Latencies(one.latency for one in self.samples)

    def outcomes(self) -> str:
        """`58 x 200, 2 x no response within 10 s`."""
        return tally(one.outcome for one in self.samples)


def tally(outcomes: Iterable[str]) -> str:
    """How often each occurs, the most frequent first."""
    counts: dict[str, int] = {}
    for one in outcomes:
        counts[one] = counts.get(one, 0) + 1
    return ", ".join(f"{number} x {one}" for one, number in sorted(counts.items(), key=lambda kv: -kv[1]))


@dataclass(frozen=True)
class Lag:
    """How late the harness itself was: sending, and waking up.

    Attributes:
        seconds: one for each request and each tick of its clock.
    """

    seconds: Sequence[float] = field(default_factory=tuple)

    @property
    def usual(self) -> float:
        """Seconds that 99 of 100 stay below."""
        return Latencies(self.seconds).quantile(0.99) if self.seconds else 0.0

    @property
    def middle(self) -> float:
        """Seconds that half of them stay below: what a median of latencies has in it."""
        return Latencies(self.seconds).quantile(0.5) if self.seconds else 0.0

    def shown(self) -> str:
        return f"the harness itself was up to {duration(self.usual)} late (p99)"
