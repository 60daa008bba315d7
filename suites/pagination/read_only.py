"""What can be seen of pages without creating anything: on the items that a list has already, whoever owns them.

Other clients may change the list meanwhile. So the first items are read before and after, in pages as large as the API
allows; where these differ, nothing is concluded.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

from harness.http.content import MISSING
from harness.lists.order import ordered
from harness.lists.traversal import Page, Walk
from harness.profile.models import Pagination
from harness.resource.matching import listed_value
from harness.resource.own_list import MOST_PAGES, Scope
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import applies, control, expect, inconclusive, not_applicable
from harness.rules.verdict import Level

from .judge import named, unlike

FEWEST = 4
"""Items without which pages cannot be compared."""
MANY = 120
"""Items on one page from which a list counts as unbounded."""
SEVERAL = 7
TIED = 20
HUGE = 1_000_000_000


def reads_only(resource: ResourceUnderTest) -> bool:
    """Whether a rule must take the list as it is: nothing may be created, or nothing could be removed."""
    return not (resource.may_create and resource.can("delete"))


class Existing:
    """The first items of a list, as a reference for pages of other sizes.

    Args:
        scope: of a resource in which nothing is created.
        count: items wanted.

    Attributes:
        ids: of the first items, at most `count`.
        whole: whether the list has no others.
    """

    def __init__(self, scope: Scope, count: int) -> None:
        self.scope, self.count = scope, count
        self.ids, self.whole = self._read()
        if len(self.ids) < FEWEST:
            inconclusive(
                f"{scope.resource.name} lists {len(self.ids)} items, too few to compare pages; "
                f"{scope.resource.why_none_created}"
            )

    def _read(self) -> tuple[list[str], bool]:
        most = self.scope.how.max
        walk = self.scope.walk(self.count if most is None else min(self.count, most))
        while not walk.over and len(walk.ids) < self.count and len(walk.pages) < MOST_PAGES:
            control(walk.step().ok, f"the list should be readable: {walk.pages[-1].summary}")
        return walk.ids[: self.count], walk.over and len(walk.ids) <= self.count

    def walk(self, limit: int | None) -> Walk:
        """A traversal in pages of another size, until it has shown as many items, or is at its end."""
        walk = self.scope.walk(limit)
        # Of a list with ends, the end itself is of interest; of a longer one its beginning.
        most = math.ceil(1.5 * len(self.ids)) + 3
        while not walk.over and len(walk.pages) < most and (self.whole or len(walk.ids) < len(self.ids)):
            walk.step()
        return walk

    def expect(self, holds: object, expected: str, observed: str, *, level: Level | None = None) -> None:
        """The requirement, unless another client changed the list meanwhile."""
        if not holds and self._read() != (self.ids, self.whole):
            inconclusive(f"other clients changed {self.scope.resource.name} meanwhile; {observed}")
        expect(holds, expected, observed, level=level)


def once(shown: Sequence[str], reference: Sequence[str], *, whole: bool) -> tuple[list[str], bool]:
    """Which items a traversal missed or repeated, and whether it shows them in the order of the reference. Pure.

    Args:
        shown: ids, as the traversal shows them.
        reference: ids of the same items on larger pages.
        whole: whether the list has no others. In a longer list, an item counts as missed if a later one was shown and
            the order is that of the reference; in another order it may follow.
    """
    place = {id: number for number, id in enumerate(reference)}
    common = [place[id] for id in dict.fromkeys(shown) if id in place]
    ordered = common == sorted(common)
    last = len(reference) if whole else (max(common, default=-1) + 1 if ordered else 0)
    missed = [id for id in reference[:last] if place[id] not in common]
    again = sorted({id for id in shown if shown.count(id) > 1})
    faults = [f"{len(missed)} of {last} items missed: {named(missed)}"] if missed else []
    return faults + ([f"{len(again)} items shown more than once: {named(again)}"] if again else []), ordered


# -- the rules, each on the items that are there ----------------------------------------------------------


def default_page(resource: ResourceUnderTest, page: Page) -> None:
    """PAGE-001: the list is bounded where the request names no page size."""
    total = page.info.total or 0
    if not page.info.more and total <= len(page.items or ()):
        signals = [where for where in page.info.signals if where.startswith("/")]
        if len(page.items or ()) < MANY or signals or page.info.total is not None:
            inconclusive(f"{page.summary}: all items are on one page, which may be large enough by default")
        expect(False, "a bounded list, and a next page", page.summary)
    if page.following is None:
        way = page.info.more or (resource.known.pagination or Pagination()).style in ("page", "offset")
        expect(
            way or total > len(page.items or ()),
            "a next page, or a total",
            f"{page.summary}, without a next page",
        )
        return
    second = Walk(resource).at(page.following)
    expect(
        second.ok and second.items != page.items,
        "more items on the next page",
        f"{page.summary}; the next page: {second.summary}",
    )


def limits(resource: ResourceUnderTest, level: Level) -> None:
    """PAGE-002: pages are no larger than the limit, and a huge one is capped or rejected."""
    there = Existing(_scope(resource), ((resource.known.pagination or Pagination()).max or MANY) + 1)
    how = there.scope.how
    least = how.min or 1
    for limit in (least, least + 2):
        page = there.scope.walk(limit).step()
        control(page.ok, f"a page size of {limit} should be accepted: {page.summary}")
        expect(len(page.items or ()) <= limit, f"at most {limit} items", page.summary, level=level)
    for limit in (HUGE, *([how.max + 1] if how.max is not None else [])):
        page = there.scope.walk(limit).step()
        refused = page.reply.status_code in (400, 422)
        most = f"at most {how.max} items" if how.max is not None else "a page"
        expect(refused or page.ok, f"{most}, or 400 or 422", page.summary, level=Level.SHOULD)
        if page.ok and how.max is not None:
            expect(len(page.items or ()) <= how.max, f"{most}, the maximum", page.summary, level=level)


def traversal(resource: ResourceUnderTest, level: Level) -> None:
    """PAGE-004: a traversal shows every item once."""
    there = Existing(_scope(resource), MANY // 2)
    walk = there.walk(SEVERAL)
    there.expect(walk.broken is None, "the next page", _ending(walk), level=level)
    there.expect(walk.loop is None, "an end after the last item", _ending(walk), level=level)
    wrong, in_order = once(walk.ids, there.ids, whole=there.whole)
    if not wrong and (there.scope.how.limit_param is None or len(walk.pages) < 2):
        inconclusive("the page size cannot be chosen, so no traversal can be compared with another one")
    pages = ", ".join(str(len(page.ids)) for page in walk.pages)
    there.expect(
        not wrong,
        f"each of the first {len(there.ids)} items once",
        f"{'; '.join(wrong)} (from {walk.pages[0].summary} on, pages of {pages} items)",
        level=level,
    )
    if not in_order and not there.whole:
        inconclusive("the order of the items differs between page sizes (see PAGE-005)")


def sizes(resource: ResourceUnderTest) -> None:
    """PAGE-005: the sequence does not depend on the page size."""
    there = Existing(_scope(resource), 11)
    walks = [
        ("pages of 4", there.walk(4)),
        ("pages of 1", there.walk(1)),
        ("pages by default", there.walk(None)),
    ]
    if there.scope.how.style != "page":
        mixed = there.scope.walk(3)
        mixed.step()
        mixed.resize(5)
        while not mixed.over and len(mixed.ids) < len(there.ids):
            mixed.step()
        walks.append(("pages of 3, then 5", mixed))
    for what, walk in walks:
        there.expect(walk.broken is None, "the same sequence", f"{what}: {_ending(walk)}")
        seen = walk.ids[: len(there.ids)]
        control(len(seen) == len(there.ids) or walk.over, f"{what} should show as many items")
        found = unlike(there.ids, seen)
        there.expect(not found, "the same sequence", f"{what}: {found} ({walk.pages[0].summary})")


def ties(resource: ResourceUnderTest) -> None:
    """PAGE-006: items with equal sort keys have the same order each time."""
    plain = Existing(_scope(resource), TIED)
    wrong, _ = once(plain.walk(5).ids, plain.ids, whole=plain.whole)
    control(not wrong, f"an unsorted traversal should be complete (see PAGE-004): {'; '.join(wrong)}")
    there = Existing(Scope(resource, 0, sort=True, alone=False), TIED)
    page = there.scope.walk(min(there.scope.how.max or TIED, TIED)).step()
    known = there.scope.resource.known
    place = known.representation + (there.scope.sort or "")
    values = [listed_value(known, one, place) for one in page.items or ()]
    pairs = list(itertools.pairwise(values))
    if not any(one == other for one, other in pairs) or MISSING in values:
        inconclusive(f"{page.summary}: no two neighbours have the same value of {there.scope.sort}")
    if len(set(map(str, values))) > 1 and not ordered(values):
        inconclusive(f"{page.summary} should be sorted by {there.scope.sort}")
    for number in range(1, 4):
        walk = there.scope.walk(5, new_connections=True)
        while not walk.over and len(walk.ids) < len(there.ids):
            walk.step()
        control(walk.broken is None, f"a sorted traversal should end: {_ending(walk)}")
        found = unlike(there.ids, walk.ids[: len(there.ids)])
        there.expect(
            not found,
            "the same order in each traversal",
            f"traversal {number} of {walk.pages[0].summary}: {found}",
        )


def end(resource: ResourceUnderTest, judge_pages: Callable[[Existing, Walk, str], object]) -> None:
    """PAGE-007: the end of a list is signalled and reached.

    Args:
        judge_pages: judges the pages of a traversal, given what kind it is.
    """
    there = Existing(_scope(resource), MANY // 2)
    if not there.whole:
        inconclusive(f"{resource.name} has more than {MANY // 2} items, so its end was not looked for")
    count = len(there.ids)
    full = (count // 2, "two full pages of items") if count % 2 == 0 else (count, "one full page of items")
    for limit, kind in (full, (4 if count % 4 else 3, "a partly filled last page")):
        walk = there.walk(limit)
        applies(walk.broken is None, f"a traversal ends (see PAGE-004): {_ending(walk)}")
        applies(set(there.ids) <= set(walk.ids), "a traversal shows all items (see PAGE-004)")
        there.expect(walk.loop is None, "an end after the last item", f"{kind}: {_ending(walk)}")
        judge_pages(there, walk, kind)


def counts(resource: ResourceUnderTest, level: Level, miscounted: Callable[..., list[str]]) -> None:
    """PAGE-018: counts and page numbers are consistent with the list.

    Args:
        miscounted: gives the faults of a page's counts.
    """
    there = Existing(_scope(resource), MANY // 2)
    how, size = there.scope.how, 3
    limit = size if how.limit_param is not None else None
    walk = there.walk(limit)
    if not any(page.info.total is not None or page.info.total_pages is not None for page in walk.pages):
        not_applicable("no page has a total")
    wrong, _ = once(walk.ids, there.ids, whole=there.whole)
    control(walk.broken is None and not wrong, f"a traversal should be right (see PAGE-004): {_ending(walk)}")
    found = [
        one
        for page in walk.pages
        for one in miscounted(page, how, limit, len(walk.ids) if there.whole else page.info.total or 0)
    ]
    there.expect(not found, "correct counts", "; ".join(found[:3]), level=level)
    if not there.whole and not any((page.info.total or 0) >= len(there.ids) for page in walk.pages):
        there.expect(
            how.estimates,
            f"a total of at least {len(there.ids)}",
            f"{walk.pages[0].summary}: {walk.pages[0].info.total}",
            level=level,
        )


def _scope(resource: ResourceUnderTest) -> Scope:
    return Scope(resource, 0, alone=False)


def _ending(walk: Walk) -> str:
    if walk.broken is not None:
        return walk.broken.summary
    return walk.loop or f"{len(walk.pages)} pages"
