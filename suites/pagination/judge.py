"""Judgement of what traversals showed. Pure: ids and signals in, sentences about what is wrong out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from harness.lists.page import Told

SHOWN = 5
"""Ids that a sentence names at most."""


def named(ids: Iterable[str]) -> str:
    """Some ids, the first few of them by name."""
    known = list(ids)
    more = len(known) - SHOWN
    return ", ".join(known[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def not_once(seen: Sequence[str], expected: Collection[str]) -> list[str]:
    """What a traversal missed or repeated of the items that it should show exactly once."""
    counts = Counter(id for id in seen if id in expected)
    missed = [id for id in expected if id not in counts]
    again = [id for id in counts if counts[id] > 1]
    told = [f"{len(missed)} of {len(expected)} items missed: {named(missed)}"] if missed else []
    return told + ([f"{len(again)} items shown more than once: {named(again)}"] if again else [])


def unlike(one: Sequence[str], other: Sequence[str]) -> str | None:
    """The first place at which two sequences differ, or None."""
    for place, (left, right) in enumerate(zip(one, other, strict=False), start=1):
        if left != right:
            return f"item {place} is {left} in one and {right} in the other"
    if len(one) != len(other):
        return f"one shows {len(one)} items, the other {len(other)}"
    return None


def contradictions(page: Told, used: Collection[str]) -> str | None:
    """What the signals of one page say that cannot all be so.

    Args:
        used: the signals that the traversal has seen in use; a Link that an API never sends says nothing.
    """
    # Whether Link agrees with the content is another rule's matter.
    says = {where: more for where, more in page.signals.items() if where in used and " " not in where}
    if len(set(says.values())) < 2:
        return None
    return ", ".join(f"{where} says {'more' if more else 'no more'}" for where, more in says.items())


def in_use(pages: Iterable[Told]) -> set[str]:
    """The signals that some page gives: header fields that say that more follows, and members that are there."""
    told = list(pages)
    return {where for page in told for where, more in page.signals.items() if more or where.startswith("/")}


def wrong_counts(
    page: Told, *, number: int | None, size: int | None, count: int, estimates: bool
) -> list[str]:
    """What a page's totals say that does not hold.

    Args:
        number: of the page that was asked for; None where pages have no numbers.
        size: page size that was asked for.
        count: items that a whole traversal showed.
        estimates: whether totals may be rough.
    """
    found = []
    if page.total is not None and page.total != count and not estimates:
        found.append(f"the total is {page.total}, and a traversal shows {count} items")
    if page.total_pages is not None and size is not None and not estimates:
        # Of an empty list, both no page and one are said.
        fitting = {math.ceil(count / size)} | ({1} if count == 0 else set())
        if page.total_pages not in fitting:
            found.append(f"{page.total_pages} pages of {size} are told for {count} items")
    if page.page is not None and number is not None and page.page != number:
        found.append(f"page {number} says that it is page {page.page}")
    return found


def drift(seen: Sequence[str], untouched: Collection[str]) -> tuple[int, int]:
    """How many untouched items a traversal repeated, and how many it left out."""
    counts = Counter(id for id in seen if id in untouched)
    return sum(1 for number in counts.values() if number > 1), len(set(untouched) - set(counts))
