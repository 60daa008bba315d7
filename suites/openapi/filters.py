"""Filters by one of several listed values: which parameters are such filters, and what a list shows for a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import jsonpointer

from harness.client.eventually import eventually
from harness.http.content import MISSING, at, json_of, replaced
from harness.lists.page import with_param
from harness.lists.traversal import Page, Walk
from harness.resource.resource import ResourceUnderTest
from harness.survey.openapi.promises import Parameter

PAGES = 3
"""Pages of one item that are read: the first page alone does not show a filter that is lost on the way."""


@dataclass(frozen=True)
class ValueFilter:
    """A documented filter by a member with listed values.

    Attributes:
        name: of the parameter, and of the member.
        shown: the value that a new item has.
        other: another listed value.
        settable: whether a create may set the member.
    """

    name: str
    shown: str
    other: str
    settable: bool

    @property
    def pointer(self) -> str:
        """JSON Pointer of the member in an item."""
        return "/" + jsonpointer.escape(self.name)


def value_filters(
    parameters: Iterable[Parameter], item: Any, properties: Mapping[str, Any]
) -> list[ValueFilter]:
    """The parameters that certainly select by a member of the items.

    Certain is what the document describes as a filter, or what has the listed values of the member with its name.

    Args:
        parameters: of one list.
        item: the representation of a new item.
        properties: schemas of the members that a create may set, by name.
    """
    found = []
    for one in parameters:
        shown = item.get(one.name) if isinstance(item, Mapping) else None
        rest = [value for value in one.values if value != shown]
        if not isinstance(shown, str) or shown not in one.values or not rest:
            continue
        schema = properties.get(one.name)
        listed = schema.get("enum") if isinstance(schema, Mapping) else None
        same = isinstance(listed, list) and {value for value in listed if value is not None} == set(
            one.values
        )
        if one.filters or same:
            found.append(ValueFilter(one.name, shown, rest[0], same))
    return found


def not_selected(items: Iterable[Any] | None, pointer: str, value: str) -> list[Any]:
    """The values of listed items that another value was asked for."""
    shown = (at(one, pointer) for one in items or ())
    return [one for one in shown if one is not MISSING and one != value]


def filters_of(resource: ResourceUnderTest, parameters: Iterable[Parameter]) -> list[ValueFilter]:
    """Such filters of a list, as a new item of it shows them."""
    listed = [one for one in parameters if len(one.values) > 1]
    if not listed:
        return []
    known = resource.known
    schema = at(known.create_schema, f"/properties{known.representation}/properties")
    if not known.representation or not isinstance(schema, Mapping):
        schema = at(known.create_schema, "/properties")
    item = at(json_of(resource.create().get()), known.representation)
    return value_filters(listed, item, schema if isinstance(schema, Mapping) else {})


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
            resource.create(replaced(resource.body(), place, value))
        walks.append((one.shown, 1, PAGES))

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
