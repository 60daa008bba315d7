"""Which listed items carry a value that a create sent: pure functions on what a list shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from harness.http.content import at, id_text
from harness.profile.models import Resource


def places(known: Resource, pointer: str) -> list[str]:
    """Where a member of a create body may be in a listed item: inside the same envelope, or without it."""
    return [pointer, pointer.removeprefix(known.representation)]


def bare(value: Any, sent: Any) -> Any:
    """A representation without an envelope that it has only when it is read.

    Args:
        value: as a GET showed it.
        sent: what the item was created with.

    Returns:
        The one member that has most of the members that were sent, where the representation itself has none of them;
        else the representation.
    """
    if not isinstance(value, Mapping) or not isinstance(sent, Mapping) or set(sent) & set(value):
        return value
    inner = [one for one in value.values() if isinstance(one, Mapping)]
    found = [one for one in inner if 2 * len(set(sent) & set(one)) > len(sent)]
    return found[0] if len(found) == 1 else value


def carrying(items: Iterable[Any], places: Iterable[str], value: Any) -> list[Any]:
    """The items in which a value is at one of several places."""
    wanted = list(places)
    return [item for item in items if any(at(item, place) == value for place in wanted)]


def carriers(items: Iterable[Any], places: Iterable[str], value: Any, id: str) -> list[str]:
    """Distinct ids of those items: listed on two pages, it is still one item.

    Args:
        id: where the id is in a listed item.
    """
    ids = (id_text(at(item, id)) for item in carrying(items, places, value))
    return list(dict.fromkeys(one for one in ids if one is not None))
