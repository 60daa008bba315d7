"""PAGE: traversals of a list: page size, completeness, order, end and counts."""

from __future__ import annotations

import math
from dataclasses import replace

from harness import (
    MAJOR,
    MUST,
    SHOULD,
    WRITE,
    applies,
    control,
    evidence,
    expect,
    inconclusive,
    not_applicable,
    note,
    rule,
)
from harness.client.eventually import eventually
from harness.http.content import shown
from harness.lists.order import ordered
from harness.lists.page import first_page
from harness.lists.traversal import Walk
from harness.resource.own_list import Scope, binding

from . import read_only
from .by_number import numbered
from .deletions import falls_with_deletions
from .judge import contradictions, ends_early, in_use, named, not_once, unlike, wrong_counts
from .value_totals import documented_filters, miscounted_values

MOST_CREATED = 120
MORE_THAN_A_PAGE = 22
"""Items, as usual page sizes are 10 and 20."""
TRIES = 3
"""Attempts to grow a list from which others remove items."""


def whole(scope, limit=None, **options):
    """A complete traversal, as a control: PAGE-004 judges it."""
    walk = scope.walk(limit, **options).run(most(scope))
    control(
        walk.broken is None and walk.loop is None, f"a traversal should end (see PAGE-004): {ending(walk)}"
    )
    wrong = not_once(walk.ids, scope.items)
    control(not wrong, f"a traversal should be complete (see PAGE-004): {'; '.join(wrong)}")
    return walk


def most(scope):
    """The most pages of a traversal: 1.5 for each item, and three more."""
    return math.ceil(1.5 * len(scope.settled())) + 3


def ending(walk):
    if walk.broken is not None:
        return walk.broken.summary
    return walk.loop or f"{len(walk.pages)} pages"


def several_pages(walk):
    """Whether a traversal has more than one page with items."""
    return len([page for page in walk.pages if page.ids]) > 1


@rule(
    "PAGE-001",
    SHOULD,
    refs=["AIP-158", "Zalando guideline 159"],
    needs="list",
    rougher=WRITE,
)
def test_a_list_is_bounded_by_default(resource, profile):
    """Page lists by default and link to the next page

    Why: a list that grows with the data exhausts the memory of the client, and then of the server.
    Fix: page by default, with the server's page size where the client names none.
    """
    if read_only.reads_only(resource):
        read_only.default_page(resource, bare(resource))
        return
    scope = Scope(resource, profile.consistency_window, alone=False)
    how = scope.how
    if how.default is not None and how.default + 5 > MOST_CREATED:
        inconclusive(f"the default page size is {how.default}: more items than a rule creates")
    stages = (30, 60, MOST_CREATED) if how.default is None else (how.default + 5,)
    page = bare(resource)
    for stage in stages:
        page = grown(scope, page, stage, profile.consistency_window)
        if page.info.more or len(page.items) < stage:
            break
    hidden = set(scope.items) - set(page.ids)
    if not page.info.more and not hidden:
        if len(page.items) < stages[-1]:
            inconclusive(f"{page.summary}: others removed items before the list had grown to {stages[-1]}")
        allowed = f"{how.default}, the declared default," if how.default else f"{len(page.items) - 1}"
        signals = [where for where, _ in page.info.signals.items() if where.startswith("/")]
        if how.default is None and (signals or page.info.total is not None):
            inconclusive(
                f"{page.summary}, with a signal that these are all; the default page size may be larger"
            )
        expect(
            False,
            f"at most {allowed} items without a page size in the request, and a next page",
            page.summary,
        )
    if page.following is None:
        way = page.info.more or how.style in ("page", "offset") or (page.info.total or 0) > len(page.items)
        expect(
            way,
            "a next page, or a total",
            f"{page.summary}, without {named(hidden)} and without a next page",
        )
        return
    second = Walk(resource).at(page.following)
    expect(
        second.ok and second.items != page.items,
        "more items on the next page",
        f"{page.summary}; the next page: {second.summary}",
    )


def grown(scope, page, stage, window):
    """The list without parameters, once it has so many items, lacks some of the run's, or signals more.

    Items that others remove meanwhile are replaced by more of the run's.
    """
    for _ in range(TRIES):
        if page.info.more or len(page.items) >= stage:
            break
        for _ in range(stage - len(page.items)):
            scope.create()
        pages = [page]

        def complete(pages=pages):
            pages.append(bare(scope.resource))
            return pages[-1].info.more or set(scope.items) <= set(pages[-1].ids)

        eventually(complete, window)
        page = pages[-1]
        if set(scope.items) - set(page.ids):
            break
    return page


def bare(resource):
    """The response to a GET of the list without parameters."""
    page = Walk(resource, links_only=True).step()
    control(page.ok, f"the list should be readable: {page.summary}")
    return page


@rule("PAGE-004", MUST, refs=["AIP-158"], needs="list pages", rougher=WRITE)
def test_a_traversal_shows_every_item_once(resource, profile):
    """Show every item exactly once in a traversal of unchanged data

    Why: an export leaves out customers, or bills them twice, and nobody notices.
    Fix: order by a unique key, and begin each page right after the last item of the page before.
    """
    if read_only.reads_only(resource):
        read_only.traversal(resource, binding(resource, "pages"))
        return
    scope = Scope(resource, profile.consistency_window)
    # A page after the first that drops the filter shows these, or the first page of all items again.
    scope.beside(2)
    scope.fill(25)
    walk = scope.walk(7).run(most(scope))
    level = binding(resource, "pages")
    if scope.selects and walk.pages[0].info.url is None:
        # Where pages link to each other, PAGE-017 judges what the links lead to.
        for page in walk.pages[1:]:
            alien = scope.alien(page)
            scope.expect(
                not alien,
                "only items that the query selects, on each page",
                f"{page.summary}, page {page.number} from {walk.pages[0].summary} on, shows {named(alien)}",
                level=level,
            )
    scope.expect(walk.broken is None, "the next page", f"page {len(walk.pages)}: {ending(walk)}", level=level)
    early = walk.loop is not None and not set(scope.items) <= set(walk.ids)
    scope.expect(not early, "an end after the last item", ending(walk), level=level)
    wrong = not_once(walk.ids, scope.items)
    pages = ", ".join(str(len(page.ids)) for page in walk.pages)
    if not wrong and not several_pages(walk):
        inconclusive(
            f"all {len(walk.ids)} items are on one page: declare `limit_param`, or a `default`, of the pagination"
        )
    scope.expect(
        not wrong,
        f"each of {len(scope.items)} items once",
        f"{'; '.join(wrong)} (from {walk.pages[0].summary} on, pages of {pages} items)",
        level=level,
    )


@rule("PAGE-005", SHOULD, refs=["AIP-158"], needs="list pages limit", rougher=WRITE)
def test_the_page_size_does_not_change_the_sequence(resource, profile):
    """Keep the sequence of items independent of the page size, even if it changes during a traversal

    Why: a client that lowers the page size after a timeout must neither lose nor repeat items.
    Fix: let the cursor name a position in the list, independent of the page size.
    """
    if read_only.reads_only(resource):
        read_only.sizes(resource)
        return
    scope = Scope(resource, profile.consistency_window)
    scope.fill(11)
    if scope.how.style == "page":
        evidence(
            "with page numbers, a change of the page size during the traversal lawfully changes the position"
        )
    base = whole(scope, 4)
    control(several_pages(base), "a page of 4 should not hold all items")
    sizes = [(1, whole(scope, 1)), ("by default", whole(scope))]
    if scope.how.style != "page":
        mixed = scope.walk(3)
        mixed.step()
        mixed.resize(5)
        sizes.append(("of 3, then 5", mixed.run(most(scope))))
    for size, walk in sizes:
        observed = f"pages {size if isinstance(size, str) else f'of {size}'}"
        scope.expect(
            walk.broken is None and walk.loop is None, "the same sequence", f"{observed}: {ending(walk)}"
        )
        found = unlike(scope.own(base.ids), scope.own(walk.ids))
        scope.expect(
            not found, "the sequence of pages of 4", f"{observed}: {found} ({walk.pages[0].summary})"
        )


@rule("PAGE-006", SHOULD, refs=["AIP-132", "AIP-158"], needs="list pages limit sort", rougher=WRITE)
def test_ties_are_ordered_the_same_each_time(resource, profile):
    """Order items with equal sort keys deterministically

    Why: items with equal keys at the boundary of a page are shown twice, or not at all.
    Fix: add a unique key, such as the id, to every ordering and to the cursor.
    """
    if read_only.reads_only(resource):
        read_only.ties(resource)
        return
    scope = Scope(resource, profile.consistency_window, sort=True)
    base = scope.base()
    for value in (base + 20, base, *[base + 10] * 12):
        scope.create(value)
    scope.settled()
    values = [[scope.values[id] for id in scope.own(whole_or_not(scope).ids)]]
    query = f"{scope.how.sort_param}={scope.query[scope.how.sort_param]}"
    if not ordered(values[0]):
        inconclusive(f"{query} should sort by {scope.sort}, and the values are listed as {shown(values[0])}")
    plain = Walk(
        resource, {name: scope.query[name] for name in scope.query if name != scope.how.sort_param}, 5
    )
    wrong = not_once(plain.run(most(scope)).ids, scope.items)
    control(not wrong, f"an unsorted traversal should be complete (see PAGE-004): {'; '.join(wrong)}")
    walks = [scope.walk(5, new_connections=True).run(most(scope)) for _ in range(3)]
    for number, walk in enumerate(walks, start=1):
        control(walk.broken is None, f"a sorted traversal should end: {ending(walk)}")
        wrong = not_once(walk.ids, scope.items)
        where = f"traversal {number} of {walk.pages[0].summary}"
        scope.expect(not wrong, "each of the 12 items with equal keys once", f"{where}: {'; '.join(wrong)}")
        found = unlike(scope.own(walks[0].ids), scope.own(walk.ids))
        scope.expect(not found, "the order of the first traversal", f"{where}: {found}")


def whole_or_not(scope):
    """A traversal of the sorted list with the largest pages."""
    walk = scope.walk(scope.large)
    while not walk.over and len(walk.pages) < most(scope):
        walk.step()
    control(walk.broken is None, f"the sorted list should be readable: {ending(walk)}")
    return walk


@rule(
    "PAGE-007",
    SHOULD,
    refs=["AIP-158", "Zalando guideline 248"],
    needs="list pages limit",
    rougher=WRITE,
)
def test_the_end_is_signalled_and_reached(resource, profile):
    """Signal the end of a list unambiguously, and never loop

    Why: a client stops too early and loses items, or sends requests for ever.
    Fix: leave the next cursor or link out on the last page, and let every flag agree with that.
    """
    if read_only.reads_only(resource):
        read_only.end(resource, signalled)
        return
    scope = Scope(resource, profile.consistency_window)
    scope.fill(6)
    population = len(scope.settled())
    if population % 2:
        scope.create()
        population = len(scope.settled())
    used = set()
    for limit, kind in (
        (population // 2, "two full pages of items"),
        (4, "a partly filled last page"),
    ):
        walk = scope.walk(limit).run(most(scope))
        applies(walk.broken is None, f"a traversal ends (see PAGE-004): {ending(walk)}")
        applies(set(scope.items) <= set(walk.ids), "a traversal shows all items (see PAGE-004)")
        scope.expect(walk.loop is None, "an end after the last item", f"{kind}: {ending(walk)}")
        used |= in_use(page.info for page in walk.pages)
        signalled(scope, walk, kind, used, own=scope.items)


def signalled(scope, walk, kind, used=(), own=None):
    """Judge the signals on the pages of a traversal: they agree, and the last one alone signals the end.

    Args:
        used: signals that the API uses elsewhere.
        own: ids of the items that count; those of the scope if omitted.
    """
    used = {*used, *in_use(page.info for page in walk.pages)}
    if not used:
        note("only an empty page signals the end")
        return
    for page in walk.pages:
        found = contradictions(page.info, used)
        scope.expect(not found, "signals that agree", f"{kind}: {page.summary} {found}")
    early = ends_early(
        [(page.summary, page.info, page.ids) for page in walk.pages], used, scope.ids if own is None else own
    )
    scope.expect(not early, "a next page as long as items follow", f"{kind}: {early}")
    where = f"{kind}, {walk.pages[-1].summary}"
    scope.expect(not walk.pages[-1].info.more, "no next page after the last", f"{where} signals more items")
    # Other items of the run, removed meanwhile, leave such a page once.
    if not walk.pages[-1].ids and not replace(walk).run(len(walk.pages) + 1).pages[-1].ids:
        note(f"the list ends with an empty page: {where}")


@rule("PAGE-018", MUST, refs=["AIP-158"], needs="list pages totals", rougher=WRITE, impact=MAJOR)
def test_counts_and_page_numbers_are_right(resource, survey, profile):
    """Keep counts and page numbers consistent with the list

    Why: progress bars, page buttons and reconciliations are computed from them.
    Fix: count with the same conditions as the list, in one transaction; or declare the total as an estimate.
    Probe: compares the counts with a traversal of the run's own items (22, as counts are often cut at the size of a
        page), and of the list filtered by each value of up to three documented filters. Then creates an item and
        deletes it: the total of the list without a filter must fall. Three rounds in a row must show that it does not,
        between reads that show no other writer.
    """
    if read_only.reads_only(resource):
        read_only.counts(resource, binding(resource, "totals"), miscounted)
        return
    scope = Scope(resource, profile.consistency_window)
    how, size = scope.how, 5
    scope.beside(2)
    scope.fill(MORE_THAN_A_PAGE)
    limit = size if how.limit_param is not None else None
    walks, found = [], []

    def right():
        """Whether the counts are right; they may lag behind the list as the list does behind a write."""
        walks.append(whole(scope, limit))
        found[:] = [
            one for page in walks[-1].pages for one in miscounted(page, how, limit, len(walks[-1].ids))
        ]
        return not found

    eventually(right, profile.consistency_window)
    walk, level = walks[-1], binding(resource, "totals")
    if not any(page.info.total is not None or page.info.total_pages is not None for page in walk.pages):
        not_applicable("no page has a total")
    scope.expect(not found, "correct counts", "; ".join(found[:3]), level=level)
    # Before anything else is created: a list may begin with the newest item.
    numbered(scope, walk, limit, level)
    if how.estimates:
        note("the profile declares totals as estimates, so they are not compared")
    else:
        wrong = miscounted_values(
            resource,
            documented_filters(resource, survey),
            scope.large,
            profile.consistency_window,
            lambda page, count: miscounted(page, how, scope.large, count),
        )
        expect(not wrong, "correct counts, whatever the filter", wrong, level=level)
    if not how.estimates and walk.pages[0].info.total is not None:
        falls_with_deletions(resource, limit, profile.consistency_window, level=level)


def miscounted(page, how, limit, count):
    """Faults of the counts on a page."""
    number = page.number - 1 + first_page(how) if how.style == "page" else None
    found = wrong_counts(page.info, number=number, size=limit, count=count, estimates=how.estimates)
    return [f"{page.summary}: {one}" for one in found]
