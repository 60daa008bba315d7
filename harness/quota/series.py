"""Series of requests against a quota: what was accepted and refused when. Pure.

Instants are seconds on one monotonic clock. The server decided on a request somewhere between its release and its
answer; where that matters, both ends are tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.http.exchange import Exchange
from harness.quota.fields import Quota, QuotaReading

FIRST = 3
"""Refusals in a row that are judged."""


@dataclass(frozen=True)
class QuotaAttempt:
    """One request against a quota.

    Attributes:
        at: when it was released.
        done: when its answer was complete.
        accepted: whether it was served.
    """

    at: float
    done: float
    accepted: bool


@dataclass(frozen=True)
class Hit(QuotaAttempt):
    """An attempt with what came back.

    Attributes:
        status: None where there was no answer.
        exchange: the evidence; None where nothing was recorded.
        readings: the quota fields of the response.
        quota: the same, put together.
        retry_after: seconds that a valid Retry-After asks to wait.
        why: what makes it a refusal, where that is not the status.
    """

    status: int | None = None
    exchange: Exchange | None = None
    readings: tuple[QuotaReading, ...] = ()
    quota: Quota | None = None
    retry_after: float | None = None
    why: str = ""

    @property
    def remaining(self) -> int | None:
        return None if self.quota is None else self.quota.remaining

    def shown(self) -> str:
        """`GET /a -> 429`, for one line of a finding."""
        shown = str(self.status) if self.exchange is None else self.exchange.summary()
        return f"{shown} ({self.why})" if self.why else shown


def accepted(series: Iterable[QuotaAttempt]) -> int:
    """How many were served."""
    return sum(one.accepted for one in series)


def duration(series: Sequence[QuotaAttempt]) -> float:
    """Seconds from the first release to the last answer; 0 for none."""
    return max((one.done for one in series), default=0.0) - min((one.at for one in series), default=0.0)


def most_within(series: Iterable[QuotaAttempt], window: float) -> int:
    """The most that were surely served within any span of `window` seconds.

    Only requests whose release and answer both lie in the span are surely served in it.
    """
    served = sorted((one for one in series if one.accepted), key=lambda one: one.done)
    starts = sorted(one.at for one in served)
    return max(
        (sum(start <= one.at and one.done <= start + window for one in served) for start in starts), default=0
    )


def before_refusal(series: Iterable[QuotaAttempt]) -> int | None:
    """How many were served before the first was refused; None where none was."""
    return next((count for count, one in enumerate(series) if not one.accepted), None)


def pattern(series: Iterable[QuotaAttempt], most: int = 12) -> str:
    """`10 served, 3 refused, 1 served`: the series in words."""
    parts: list[tuple[bool, int]] = []
    for one in series:
        if parts and parts[-1][0] == one.accepted:
            parts[-1] = one.accepted, parts[-1][1] + 1
        else:
            parts.append((one.accepted, 1))
    shown = ", ".join(f"{count} {'served' if good else 'refused'}" for good, count in parts[:most])
    return shown + (", ..." if len(parts) > most else "")
