"""Judgement of traversals: ids and signals in, sentences on faults out. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from harness.http.content import MISSING, at
from harness.lists.page import PageInfo

SHOWN = 5
"""The most ids that a sentence names."""


def named(ids: Iterable[str]) -> str:
    """Some ids, the first few of them by name."""
    known = list(ids)
    more = len(known) - SHOWN
    return ", ".join(known[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def not_once(seen: Sequence[str], expected: Collection[str]) -> list[str]:
    """Which of the items that a traversal should show exactly once it missed or repeated."""
    counts = Counter(id for id in seen if id in expected)
    missed = [id for id in expected if id not in counts]
    again = [id for id in counts if counts[id] > 1]
    faults = [f"{len(missed)} of {len(expected)} items missed: {named(missed)}"] if missed else []
    return faults + ([f"{len(again)} items shown more than once: {named(again)}"] if again else [])


def unlike(one: Sequence[str], other: Sequence[str]) -> str | None:
    """The first place at which two sequences differ, or None."""
    for place, (left, right) in enumerate(zip(one, other, strict=False), start=1):
        if left != right:
            return f"item {place} is {left} in one and {right} in the other"
    if len(one) != len(other):
        return f"one shows {len(one)} items, the other {len(other)}"
    return None


def contradictions(page: PageInfo, used: Collection[str]) -> str | None:
    """The contradictions between the signals of one page, or None.

    Args:
        used: the signals that the API uses; the absence of a Link that it never sends proves nothing.
    """
    # PAGE-016 judges whether Link agrees with the content.
    says = {where: more for where, more in page.signals.items() if where in used and " " not in where}
    if len(set(says.values())) < 2:
        return None
    return ", ".join(f"{where} says {'more' if more else 'no more'}" for where, more in says.items())


def in_use(pages: Iterable[PageInfo]) -> set[str]:
    """The signals that the API uses: header fields that announce more items, and members that are present."""
    seen = list(pages)
    return {where for page in seen for where, more in page.signals.items() if more or where.startswith("/")}


def says_end(page: PageInfo, used: Collection[str]) -> list[str]:
    """The signals by which a page says that no more items follow; none where one says that more do.

    Args:
        used: the signals that the API uses; the absence of a Link that it never sends proves nothing.
    """
    says = {where: more for where, more in page.signals.items() if where in used}
    return [] if any(says.values()) else list(says)


def ends_early(
    pages: Sequence[tuple[str, PageInfo, Sequence[str]]], used: Collection[str], own: Collection[str]
) -> str:
    """The page of a traversal that is said to be the last although one after it has items of the run; else empty.

    Args:
        pages: of one traversal, in order: what was requested, what it says, and the ids that it shows.
        used: the signals that the API uses.
        own: ids of the run's items.
    """
    for place, (summary, info, ids) in enumerate(pages):
        later = [id for _, _, others in pages[place + 1 :] for id in others if id in own and id not in ids]
        ended = says_end(info, used)
        if ended and later:
            return (
                f"{summary}: {', '.join(ended)} says that no more follow, and the pages after it show "
                f"{named(later)}"
            )
    return ""


def others_than(items: Iterable[Any] | None, pointer: str, value: str) -> list[Any]:
    """The values at a place of listed items that differ from the one asked for; items without one are left out."""
    shown = (at(one, pointer) for one in items or ())
    return [one for one in shown if one is not MISSING and one != value]


def wrong_counts(
    page: PageInfo, *, number: int | None, size: int | None, count: int, estimates: bool
) -> list[str]:
    """Faults of a page's totals.

    Args:
        number: of the requested page; None where pages have no numbers.
        size: the requested page size.
        count: items that a whole traversal showed.
        estimates: whether totals may be rough.
    """
    found = []
    if page.total is not None and page.total != count and not estimates:
        found.append(f"the total is {page.total}, but a traversal shows {count} items")
    if page.total_pages is not None and size is not None and not estimates:
        # An empty list may have no page or one.
        fitting = {math.ceil(count / size)} | ({1} if count == 0 else set())
        if page.total_pages not in fitting:
            found.append(f"the page count is {page.total_pages} for {count} items in pages of {size}")
    if page.page is not None and number is not None and page.page != number:
        found.append(f"page {number} is labelled as page {page.page}")
    return found


@dataclass(frozen=True)
class TotalsRound:
    """Totals of one list around a create and the delete of the same item.

    Attributes:
        before: the total, before anything was written.
        again: the same in a second read.
        created: after the create.
        deleted: after the delete.
    """

    before: int
    again: int
    created: int
    deleted: int


def deletions_uncounted(rounds: Sequence[TotalsRound], fewest: int) -> str | None:
    """What shows that a total ignores deletions, or None.

    Other clients write as well. Only rounds in which nobody else did anything visible count, and only if all agree: the
    total rose by one with the create, and did not fall with the delete.

    Args:
        fewest: how many rounds it takes.
    """
    quiet = all(one.before == one.again for one in rounds) and all(
        one.deleted == other.before for one, other in pairwise(rounds)
    )
    same = all(one.created == one.again + 1 and one.deleted == one.created for one in rounds)
    if len(rounds) < fewest or not quiet or not same:
        return None
    steps = "; ".join(f"{one.again}, {one.created} and {one.deleted}" for one in rounds)
    return f"the total before a create, after it, and after the delete of the same item: {steps}"


def drift(seen: Sequence[str], untouched: Collection[str]) -> tuple[int, int]:
    """The numbers of untouched items that a traversal repeated, and that it left out."""
    counts = Counter(id for id in seen if id in untouched)
    return sum(1 for number in counts.values() if number > 1), len(set(untouched) - set(counts))
