"""PAGE-018: whether the total of a list without a filter falls when an item is deleted."""

from __future__ import annotations

from contextlib import suppress

from harness import expect
from harness.client.eventually import eventually
from harness.lists.traversal import Page, Walk
from harness.resource.item import Item
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import Undecided
from harness.rules.verdict import Level

from .judge import TotalsRound, deletions_uncounted

ROUNDS = 3
"""Rounds that must all show the same: other clients write as well."""
PAGES = 20


class Totals:
    """Reads the total of a list until it is as expected, and keeps the last page."""

    def __init__(self, resource: ResourceUnderTest, limit: int | None, window: float) -> None:
        self.resource, self.limit, self.window = resource, limit, window
        self.page = self._page()

    def _page(self) -> Page:
        return Walk(self.resource, limit=self.limit).step()

    @property
    def value(self) -> int | None:
        return self.page.info.total if self.page.ok else None

    def read(self, expected: int | None = None) -> int | None:
        """The total, after the consistency window where it is not the expected one."""

        def there() -> bool:
            self.page = self._page()
            return expected is None or self.value == expected

        eventually(there, self.window)
        return self.value


def falls_with_deletions(
    resource: ResourceUnderTest, limit: int | None, window: float, *, level: Level
) -> None:
    """Break the rule if each of several deletions of own items leaves the total as it was.

    Args:
        limit: page size to ask for; None for the API's own.
        window: seconds after which a total must show a completed write.
    """
    if resource.known.missing("delete") is not None or not resource.may_create:
        return
    totals = Totals(resource, limit, window)
    rounds: list[TotalsRound] = []
    while len(rounds) < ROUNDS:
        first, second = totals.read(), totals.read()
        if first is None or second is None:
            return
        item = resource.create()
        created = totals.read(second + 1)
        shown = item.id in totals.page.ids
        if not _removed(item, window):
            return
        deleted = totals.read(second)
        if created is None or deleted is None or item.id in totals.page.ids:
            return
        rounds.append(TotalsRound(first, second, created, deleted))
        if deletions_uncounted(rounds, 1) is None:
            return
    if not shown and not _unlisted(resource, item):
        return
    uncounted = deletions_uncounted(rounds, ROUNDS)
    expect(
        uncounted is None,
        "a total that falls when an item is deleted",
        f"{totals.page.summary}: {uncounted}",
        level=level,
    )


def _unlisted(resource: ResourceUnderTest, item: Item) -> bool:
    """Whether the whole list lacks an item: a total that counts what is listed is right."""
    walk = Walk(resource)
    with suppress(Undecided):
        walk.run(PAGES)
    return walk.over and walk.broken is None and walk.loop is None and item.id not in walk.ids


def _removed(item: Item, window: float) -> bool:
    """Whether an item was deleted and is gone; one that stays readable may lawfully be counted."""
    return item.delete().is_success and eventually(lambda: item.get().status_code in (404, 410), window)
