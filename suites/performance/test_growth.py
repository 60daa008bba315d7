"""PERF-004: what each further item of a page takes."""

from __future__ import annotations

from harness import MAY, advise, evidence, inconclusive, rule, warn
from harness.load.verdicts import Judged

from . import per_item
from .page_sizes import page_sizes


def judged(measured):
    """Each kind of page with its judgement: the plain list first."""
    under, plain = measured.under, measured.plain
    for pages in measured.all:
        if not pages.slower:
            yield pages, Judged(True, per_item.shown(pages.sizes))
        elif pages is plain:
            yield pages, per_item.listed(pages.sizes, under)
        else:
            yield pages, per_item.embedding(plain.sizes, pages.sizes, under)


def decided(measured):
    """Whether nothing is left to be measured."""
    return all(one.holds is not None for _, one in judged(measured))


@rule(
    "PERF-004",
    MAY,
    refs=[
        "OWASP API4:2023",
        "Fowler, Patterns of Enterprise Application Architecture, chapter 11 (ripple loading)",
    ],
    needs="limit",
)
def test_items_of_a_page_are_read_together(resource, survey):
    """Read the items of a page, and what they refer to, together

    Why: a query for each item (N+1) makes a page of a hundred items a hundred times as slow as a page of one, and the
        database is as busy as with a hundred clients.
    Fix: read what all items of a page refer to in one query (a join, `WHERE id IN (...)`, a data loader).
    Probe: of a list with 20 items or more, a small, a medium and a large page (up to 80 items) are read in turns, three
        times each, and up to 20 times or for 20 seconds where the large one is slower; the same with each related
        resource that a documented parameter embeds. It warns where an item surely takes more than five times as long
        with the related resource as without. Growth by a step (a query for fifty items), what the content may take on
        its way, and 50 ms are left out of account. A busy machine makes it inconclusive.
    Advice: where the list itself takes more than 200 ms and four times as long for the large page, evenly for each
        item, that may be a query for each item, or work that is needed; nobody outside can know.
    """
    measured = page_sizes(resource, survey.promises.queries, survey.exchanges)
    measured.measure(decided)
    undecided = []
    for pages, one in judged(measured):
        what = f"{resource.name} with {pages.name}" if pages.name else resource.name
        text = f"{what}: {one.text}"
        if one.holds is None:
            undecided.append(text)
        elif one.holds:
            evidence(text)
        elif pages.name:
            warn("an item to take at most five times as long with related resources as without", text)
        else:
            advise("a large page to take about as long as a small one", text)
    if undecided:
        inconclusive("; ".join(undecided))
