"""Counts of a list that is filtered by a listed value."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from harness.client.eventually import eventually
from harness.http.content import at
from harness.http.path_templates import matches
from harness.lists.traversal import Page, Walk
from harness.resource.own_list import MOST_PAGES
from harness.resource.resource import ResourceUnderTest
from harness.survey.outcome import Survey
from harness.survey.value_filters import ValueFilter, filters_of

MOST_FILTERS = 3


def documented_filters(resource: ResourceUnderTest, survey: Survey) -> list[ValueFilter]:
    """The documented filters of a list by a listed value."""
    if survey.promises.doubt is not None:
        return []
    path = resource.known.collection or "/"
    return filters_of(resource, [one for one in survey.promises.parameters if matches(one.path, path)])


def miscounted_values(
    resource: ResourceUnderTest,
    filters: Iterable[ValueFilter],
    limit: int | None,
    window: float,
    miscounted: Callable[[Page, int], list[str]],
) -> str:
    """What is wrong with the counts of a list that is filtered by a listed value; empty if nothing is, or can be seen.

    Two traversals in a row must show the same items and the same fault, since other clients may write meanwhile.

    Args:
        limit: page size, if one can be requested.
        window: seconds after which counts must show completed writes.
        miscounted: the faults of a page, given how many items the whole traversal shows.
    """
    asked = [(one, value) for one in list(filters)[:MOST_FILTERS] for value in (one.other, one.shown)]
    for one, value in asked:
        found: list[tuple[list[str], str]] = []

        def right(one: ValueFilter = one, value: str = value) -> bool:
            found[:] = [*found[-1:], _counted(resource, one, value, limit, miscounted)]  # noqa: B023
            return not found[-1][1]  # noqa: B023

        if not eventually(right, window) and not right() and found[0] == found[1]:
            return found[1][1]
    return ""


def _counted(
    resource: ResourceUnderTest,
    one: ValueFilter,
    value: str,
    limit: int | None,
    miscounted: Callable[[Page, int], list[str]],
) -> tuple[list[str], str]:
    """The items that a traversal shows, and the first fault of its counts."""
    walk = Walk(resource, query={one.name: value}, limit=limit)
    while not walk.over and len(walk.pages) < MOST_PAGES:
        walk.step()
    selects = all(at(item, one.pointer) == value for page in walk.pages for item in page.items or ())
    if not walk.over or walk.broken is not None or walk.loop is not None or not selects:
        # DOC-003 judges whether it selects, PAGE-004 whether a traversal ends.
        return walk.ids, ""
    faults = [fault for page in walk.pages for fault in miscounted(page, len(walk.ids))]
    return walk.ids, next(iter(faults), "")
