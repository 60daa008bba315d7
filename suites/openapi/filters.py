"""Filters by one of several listed values: what a list shows in spite of one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from harness.client.eventually import eventually
from harness.http.content import MISSING, at, replaced
from harness.lists.page import with_param
from harness.lists.traversal import Page, Walk
from harness.resource.item import Item
from harness.resource.own_list import MOST_PAGES
from harness.resource.resource import ResourceUnderTest
from harness.survey.value_filters import ValueFilter

PAGES = 3
"""Pages of one item that are read: the first page alone does not show a filter that is lost on the way."""


def not_selected(items: Iterable[Any] | None, pointer: str, value: str) -> list[Any]:
    """The values of listed items that another value was asked for."""
    shown = (at(one, pointer) for one in items or ())
    return [one for one in shown if one is not MISSING and one != value]


def ignored(resource: ResourceUnderTest, one: ValueFilter, window: float) -> tuple[str, bool]:
    """What a list shows in spite of a filter by a value, empty for nothing; and whether the filter was evaluated.

    Args:
        window: seconds after which a list must show completed writes.
    """
    last: list[Page] = []
    walks: list[tuple[str, int | None, int]] = [(one.other, None, 1)]
    if one.settable:
        place = resource.known.representation + one.pointer
        for value in (one.shown, one.other, one.shown):
            made = resource.create(replaced(resource.body(), place, value))
        if at(made.state(), place) == one.shown and (missed := lacking(resource, one, made, window)):
            return missed, True
        walks.append((one.shown, 1, PAGES))
    else:
        # Items with different values can only be those that are there.
        walks += [(value, 1, PAGES) for value in (one.other, one.shown)]

    def wrong() -> str:
        for value, limit, most in walks:
            walk = Walk(resource, query={one.name: value}, limit=limit)
            while not walk.over and len(walk.pages) < most:
                page = walk.step()
                last[:] = [page]
                if values := not_selected(page.items, one.pointer, value):
                    asked = with_param(resource.url, one.name, value)
                    return (
                        f"{page.summary} has an item whose {one.name} is {values[0]!r}, as a page of {asked}"
                    )
        return ""

    eventually(lambda: not wrong(), window)
    return wrong(), bool(last) and last[-1].ok


def lacking(resource: ResourceUnderTest, one: ValueFilter, item: Item, window: float) -> str:
    """How a list that is filtered by an item's value shows nothing, though the whole list has it; else empty."""
    url = with_param(resource.url, one.name, one.shown)

    def empty() -> Page | None:
        page = Walk(resource).at(url)
        return page if page.ok and not page.items and not page.info.more else None

    if eventually(lambda: empty() is None, window) or (page := empty()) is None:
        return ""
    walk = Walk(resource)
    while not walk.over and len(walk.pages) < MOST_PAGES:
        walk.step()
    if item.id not in walk.ids:
        return ""
    return f"{page.summary}, though item {item.id} in the list without it has {one.name} {one.shown!r}"
