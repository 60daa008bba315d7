"""The stop rule: when a target suffers so much that the load ends at once. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from harness.load.latency import duration
from harness.load.sample import Sample

IN_A_ROW = 5
MOST_WAITING = 400
"""Requests without a response at one time; the harness itself might suffer from more."""


def ill(finished: Sequence[Sample], oldest: float, patience: float) -> str:
    """Why the load is to end; empty where it may go on.

    Args:
        finished: requests of the clients that are watched, in the order of their ends.
        oldest: seconds for which the oldest of them without a response has waited.
        patience: seconds that one may wait.
    """
    if oldest > patience:
        return f"a request of the watched client had waited {duration(oldest)}"
    last = finished[-IN_A_ROW:]
    if len(last) == IN_A_ROW and not any(one.served for one in last):
        return f"{IN_A_ROW} requests in a row of the watched client failed, the last with {last[-1].outcome}"
    return ""


def overrun(waiting: int) -> str:
    """Why no more may be sent at this time; empty where more may."""
    return f"{waiting} requests waited for a response at once" if waiting >= MOST_WAITING else ""
