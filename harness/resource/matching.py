"""Which listed items carry a value that a create sent: pure functions on what a list shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from harness.http.content import MISSING, at, id_text
from harness.profile.models import Resource


def places(known: Resource, pointer: str) -> list[str]:
    """Where a member of a single representation, or of a create body, may be in a listed item.

    The envelope of a single item may be gone, or a part of it: JSON:API shows `/data/attributes/title` as
    `/attributes/title`, and `/data/id` as `/id`.

    Returns:
        JSON Pointers: as it is first, and without any of the envelope last.
    """
    if pointer[:1] not in ("", "/"):
        # A key of several members.
        return [pointer]
    envelope, parts = known.representation.split("/")[1:], pointer.split("/")[1:]
    shared = 0
    while shared < min(len(envelope), len(parts) - 1) and envelope[shared] == parts[shared]:
        shared += 1
    return ["".join(f"/{part}" for part in parts[left:]) for left in range(shared + 1)]


def listed_value(known: Resource, item: Any, pointer: str) -> Any:
    """The value that a listed item has for a member of a create body; `MISSING` if it has none."""
    return next(
        (value for place in places(known, pointer) if (value := at(item, place)) is not MISSING), MISSING
    )


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
        id: where the id is in a listed item; if it is not there, the usual places are tried.
    """
    ids = (_id_of(item, id) for item in carrying(items, places, value))
    return list(dict.fromkeys(one for one in ids if one is not None))


USUAL_ID_NAMES = ("id", "_id", "uuid", "objectId", "Id", "ID")
"""Names of members that identify an item, the most usual first."""
USUAL_IDS = (*(f"/{name}" for name in USUAL_ID_NAMES), "/metadata/name")


def _id_of(item: Any, place: str) -> str | None:
    """The id of a listed item: of a collection in which nothing was created yet, its place may be unknown."""
    links = [
        value
        for name, value in (item.items() if isinstance(item, Mapping) else ())
        if isinstance(value, str) and str(name).endswith(("_href", "Href"))
    ]
    values = [at(item, one) for one in (place, *USUAL_IDS)]
    return next((id for one in (*values, *links) if (id := id_text(one)) is not None), None)
