"""Judgement of concurrent creates with different content, and of lags. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harness.http.content import MISSING
from harness.race.outcomes import equal, tally, won
from harness.rules.judge_result import Ruling

ABSENT = (404, 410)
LASTING = 0.5
"""Seconds from which a lag is one that people notice; replicas and busy machines are mostly faster."""


@dataclass(frozen=True)
class Created:
    """One of several concurrent creates.

    Attributes:
        text: what only its content has.
        status: None where no answer came.
        id: that the response names; None where it names none.
        read: status of a later GET of the item with that id; None where there was none.
        stored: what that GET shows in the place of the text; `MISSING` where nothing is there.
    """

    text: Any
    status: int | None
    id: str | None = None
    read: int | None = None
    stored: Any = MISSING


def own_items(creates: Sequence[Created]) -> Ruling:
    """Whether each create that succeeded has an item of its own, with its own content (RFC 9110 section 15.3.2)."""
    summary = tally(one.status for one in creates)
    named = [one for one in creates if won(one.status) and one.id is not None]
    if not any(won(one.status) for one in creates):
        return Ruling(undecided=f"none of the creates succeeded ({summary})")
    shared = sorted({one.id or "" for one in named if [other.id for other in named].count(one.id) > 1})
    if shared:
        times = max([one.id for one in named].count(id) for id in shared)
        return Ruling(
            f"{len(shared)} ids, such as {shared[0]}, were given to several creates with different content, one to "
            f"{times} ({summary}): the content of all but one is lost"
        )
    lost = [one.id or "" for one in named if one.read in ABSENT]
    if lost:
        return Ruling(f"{len(lost)} items that were created cannot be read, such as {lost[0]} ({summary})")
    others = [
        one
        for one in named
        if not equal(one.stored, one.text) and any(equal(one.stored, other.text) for other in creates)
    ]
    return (
        Ruling(f"item {others[0].id} has the content of another create ({summary})") if others else Ruling()
    )


def lasting(delays: Sequence[float]) -> bool:
    """Whether each of several writes was shown late enough to be noticed.

    Args:
        delays: seconds after which each was shown.
    """
    return len(delays) > 1 and min(delays) >= LASTING
