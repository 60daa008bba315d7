"""Creates without a response: their items are found in the list by a unique text."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import jsonpointer

from harness.client.eventually import eventually
from harness.client.marks import Marker
from harness.http.content import at, id_text
from harness.lists.traversal import Walk
from harness.payloads import run_token
from harness.profile.models import Pagination, Resource
from harness.resource.matching import carriers, places
from harness.rules.checks import Undecided

if TYPE_CHECKING:
    from harness.resource.resource import ResourceUnderTest

PAGES = 20
"""Pages of a list that are read."""
_OWN = re.compile(r".* (?:[0-9a-f]{8})?[0-9a-f]{6}\Z", re.S)
_LONG = 12
"""Characters of a unique value that nobody else has by chance."""


def marker_of(known: Resource, body: Any, tag: str | None) -> Marker | None:
    """What the item of a create can be recognised by; None for nothing.

    Args:
        body: as sent.
        tag: pointer of the member with a text of the run, inside the whole body; None for none.
    """
    for pointer, form in [(tag, _OWN), *((known.representation + one, None) for one in known.unique)]:
        value = at(body, pointer) if pointer is not None else None
        # A rule may send a text that other items have, too: only one made for this request identifies its item.
        if isinstance(value, str) and (form.match(value) if form else len(value) >= _LONG):
            return Marker(str(pointer), value)
    inside = at(body, known.representation)
    for name, value in inside.items() if isinstance(inside, Mapping) else ():
        pointer = f"{known.representation}/{jsonpointer.escape(name)}"
        # A text of the usual body is in every item of the run.
        if isinstance(value, str) and run_token.current() in value and value != at(known.body, pointer):
            return Marker(pointer, value)
    return None


def find(
    resource: ResourceUnderTest, marker: Marker | None, window: float, pages: int = PAGES
) -> list[str] | None:
    """URLs of the listed items with a marker; an empty list if the whole list has none, None if that is unknown.

    Args:
        window: seconds within which the list may show it.
        pages: of the list that are read at most.

    Raises:
        Undecided: the list cannot be read now.
    """
    if marker is None or not resource.can("list"):
        return None
    seen: list[list[str] | None] = []

    def look() -> bool:
        seen[:] = [_listed(resource, marker, pages)]
        return bool(seen[0])

    eventually(look, window)
    # Where nobody saw that the API keeps such a text, it is no news that the list lacks it.
    return seen[0] or (seen[0] if resource.can("tag") else None)


def none_new(resource: ResourceUnderTest, own: Collection[str], pages: int = PAGES) -> list[str] | None:
    """An empty list if a create that nothing identifies has surely created nothing, None if that is unknown.

    Args:
        own: URLs of the items that other creates of the run were answered with.
        pages: of the list that are read at most.

    Raises:
        Undecided: the list cannot be read now.
    """
    if not resource.can("list"):
        return None
    members = resource.members(pages)
    before = resource.client.recorder.ownership.collection(resource.url).ids
    ids = [id_text(at(one, resource.listed_id)) for one in members.items]
    # What is neither from before the run nor known may be what it has created, or another client's.
    known = all(id is not None and (id in before or resource.item_url(id) in own) for id in ids)
    return [] if members.complete and known else None


def _listed(resource: ResourceUnderTest, marker: Marker, pages: int) -> list[str] | None:
    known = resource.known
    how = known.pagination or Pagination()
    filtered = False
    if how.filter_param is not None and marker.pointer == known.representation + (how.filter_member or "-"):
        with suppress(Undecided):
            walk = Walk(resource, query={how.filter_param: marker.value}).run(pages)
            found = _carrying(resource, marker, [item for page in walk.pages for item in page.items or []])
            if found:
                return found
            filtered = walk.broken is None
    members = resource.members(pages)
    found = _carrying(resource, marker, members.items)
    where = places(known, marker.pointer)
    # A list may leave members out: that it lacks a text says nothing unless its items have some.
    shows = not members.items or any(
        isinstance(at(one, place), str) for one in members.items for place in where
    )
    # A list that is too long is filtered.
    sure = members.complete or filtered
    return found if found or (sure and shows) else None


def _carrying(resource: ResourceUnderTest, marker: Marker, items: list[Any]) -> list[str]:
    """URLs of the items with a marker; those that existed before the first create do not belong to the run."""
    where = places(resource.known, marker.pointer)
    registry = resource.client.recorder.ownership
    before = registry.collection(resource.url).ids
    found = carriers(items, where, marker.value, resource.listed_id)
    urls = [resource.item_url(id) for id in found if id not in before]
    return [url for url in urls if (claim := registry.claim(url)) is None or not claim.refused]
