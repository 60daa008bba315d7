"""A rate limit under test: what several rules look at, within `--flood-budget`, and its pictures."""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TypeVar

from harness.client.budget import BudgetSpent
from harness.client.client import Client
from harness.client.recorder import Recorder
from harness.http.exchange import Exchange
from harness.http.intermediary import Edge, edge_of
from harness.profile.models import RateLimit
from harness.quota.client import QuotaClient
from harness.quota.series import FIRST, Hit
from harness.rules.checks import draw
from harness.rules.figures import QuotaFigure, QuotaRequest

T = TypeVar("T")
SAMPLE = 10
"""GETs that a rule sends to read the quota fields, if the quota has room for them."""
ROOM = 7
"""Requests that a quota should have room for where a sample begins."""
BEYOND = 2.2
"""Multiple of a declared limit up to which it is used up where nothing is refused: no boundary explains more."""
MARGIN = 1.0
"""Seconds that are added to a Retry-After: it is rounded, and so is an HTTP-date."""


@dataclass(frozen=True)
class Exhaustion:
    """A quota that was used up once, and what came after the wait that was asked for.

    Attributes:
        hits: until it was refused, or half as many again as the limit; of a declared limit more than twice as many.
        used: requests that had been served in the window before.
        after: the requests after each wait: the second only where the first was refused once more.
        waited: seconds before each of them.
        why: why nothing was sent after the wait; empty where something was.
    """

    hits: tuple[Hit, ...]
    used: int = 0
    after: tuple[Hit, ...] = ()
    waited: tuple[float, ...] = ()
    why: str = ""


@dataclass
class _Shared:
    """What the rules of one process share of a target's quotas, by name."""

    exhaustions: dict[str, Exhaustion] = field(default_factory=dict)
    samples: dict[str, tuple[Hit, ...]] = field(default_factory=dict)


_of: weakref.WeakKeyDictionary[Recorder, _Shared] = weakref.WeakKeyDictionary()


class QuotaUnderTest(QuotaClient):
    """A rate limit, as a rule works with it.

    Args:
        known: what the profile says of it.
        client: sends the requests, under the quota's own credential where it has one.
        witnessed: exchanges of the survey, which say how the API presents itself.
    """

    def __init__(self, known: RateLimit, client: Client, witnessed: Sequence[Exchange] = ()) -> None:
        super().__init__(known, client, witnessed)
        self.name = known.name
        self.witnessed = witnessed
        self.from_edge: Edge = edge_of(witnessed)
        self._shared = _of.setdefault(client.recorder, _Shared())
        self._taken: set[str] = set()

    def tier(self, credential: str, limit: int) -> QuotaUnderTest:
        """The same quota for another credential, which has another limit."""
        known = self.known.model_copy(update={"credential": credential, "limit": limit, "tiers": {}})
        return QuotaUnderTest(known, self.client, self.witnessed)

    def of_other(self, credential: str) -> QuotaUnderTest:
        """The same quota as another client meets it."""
        return self.tier(credential, self.limit)

    def room(self, requests: int) -> None:
        """Continue only if so many requests fit what is left of the budgets."""
        self.client.recorder.budget.room_to_flood(requests)

    def sample(self) -> tuple[Hit, ...]:
        """GETs in a row, as many as the quota surely has room for.

        They are sent once for all rules of this process; a rule that asks a second time gets fresh ones.
        """
        return self._once(self._shared.samples, "sample", self._sample, lambda hits: hits)

    def _sample(self) -> tuple[Hit, ...]:
        if self.known.limit is not None:
            self.rest(max(1, self.known.limit - ROOM))
        hits = [self.served_first()]
        while len(hits) < SAMPLE and hits[-1].accepted:
            left, limit = hits[-1].remaining, self.known.limit
            shown = SAMPLE if left is None else left
            own = SAMPLE if limit is None else limit - max(len(hits), len(self.counting()))
            # One is left for who comes next: no rule of this kind provokes a refusal.
            if min(shown, own) <= 1:
                break
            hits.append(self.get())
        return tuple(hits)

    def exhaustion(self) -> Exhaustion:
        """The quota used up, and the wait that was asked for kept; once for all rules, as `sample()`."""
        return self._once(
            self._shared.exhaustions,
            "exhaustion",
            self._exhaustion,
            lambda found: (*found.hits, *found.after),
        )

    @property
    def exhausted(self) -> Exhaustion | None:
        """What a rule of this process has seen when it used the quota up; None where none has."""
        return self._shared.exhaustions.get(self.name)

    def _exhaustion(self) -> Exhaustion:
        limit = self.limit
        most = max(math.ceil(1.5 * limit), limit + FIRST)
        self.room(most + 3)
        with self.restored():
            first = self.served_first()
            used = len(self.counting()) - 1
            hits = (first, *self.until_refused(most - 1, FIRST))
            if self.declared and self.known.window is not None and all(hit.accepted for hit in hits):
                hits += self._further(math.floor(BEYOND * limit) + 1 - len(hits))
            self.draw("until it was refused", hits)
            found = Exhaustion(hits, max(0, used))
            last = hits[-1]
            for _ in range(2):
                if last.accepted:
                    break
                if last.retry_after is None:
                    return replace(found, why=f"{last.shown()} has no valid Retry-After")
                wait = last.retry_after + MARGIN
                if wait > self.known.longest_wait:
                    return replace(
                        found,
                        why=f"Retry-After asks to wait {last.retry_after:g} s, longer than `longest_wait` "
                        f"({self.known.longest_wait:g} s)",
                    )
                self.client.recorder.budget.sleep(wait)
                last = self.get()
                found = replace(found, after=(*found.after, last), waited=(*found.waited, wait))
            return found

    def _further(self, count: int) -> tuple[Hit, ...]:
        """So many more requests, if the budgets have room for them."""
        with suppress(BudgetSpent):
            self.room(count)
            return tuple(self.until_refused(count, FIRST))
        return ()

    def _once(
        self, kept: dict[str, T], what: str, make: Callable[[], T], hits: Callable[[T], Sequence[Hit]]
    ) -> T:
        known = kept.get(self.name)
        if known is None or what in self._taken:
            known = kept[self.name] = make()
        else:
            recorder = self.client.recorder
            recorder.exchanges += [hit.exchange for hit in hits(known) if hit.exchange is not None]
        self._taken.add(what)
        return known

    def draw(self, title: str, series: Sequence[Hit]) -> None:
        """Keep a series as a figure of the running rule."""
        draw(figure(f"{self.known.path}: {title}", series, self.known.limit, self.known.window))


def figure(title: str, series: Sequence[Hit], limit: int | None, window: float | None) -> QuotaFigure:
    """A series as plain data for the report."""
    start = min((one.at for one in series), default=0.0)
    return QuotaFigure(
        title=title,
        limit=limit,
        window=window,
        requests=[
            QuotaRequest(
                at=round(one.at - start, 6),
                status=one.status,
                accepted=one.accepted,
                remaining=one.remaining,
                exchange=None if one.exchange is None else one.exchange.id,
            )
            for one in series
        ],
    )
