"""Filters by one of several listed values: which documented parameters certainly are such filters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import jsonpointer

from harness.http.content import at, json_of
from harness.resource.resource import ResourceUnderTest
from harness.survey.openapi.promises import Parameter


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
