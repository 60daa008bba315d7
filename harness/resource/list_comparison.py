"""Compares a collection's list before and after creates: which item is new, and which were changed.

Before the first create in a collection its list is read; after that create it is read again and compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from harness.client.budget import BudgetSpent
from harness.client.claims import Claim, ClaimedCollection, Touched, listed_ids
from harness.client.marks import Marker, Marks, holds
from harness.client.ownership import GONE, Ownership
from harness.client.recorder import Refused
from harness.http.content import MISSING, differences, json_of, normalised
from harness.resource.matching import USUAL_IDS
from harness.rules.checks import Undecided

if TYPE_CHECKING:
    from harness.resource.resource import ResourceUnderTest

PAGES = 5
"""Pages of a list that are read before the first create, and after it."""
_LOOKED_FOR = 3
"""Items that are no longer listed, of which it is asked whether they are gone."""


def ownership(resource: ResourceUnderTest) -> Ownership:
    """What the process of a resource's client knows of ownership."""
    return resource.client.recorder.ownership


def begin(resource: ResourceUnderTest, items: list[Any] | None = None) -> ClaimedCollection:
    """See what a collection lists, before the first create there.

    Args:
        items: its whole list, where that was just read.

    Raises:
        Refused: responses to creates there cannot be distinguished from existing items.
    """
    found = ownership(resource).collection(resource.url, resource.create_url)
    if found.doubt:
        raise Refused(f"nothing is created at {resource.url}: {found.doubt}")
    if not found.listed:
        found.listed = True
        found.read = partial(_read, resource)
        complete: bool | None = True
        if items is None:
            items, complete = _read(resource)
        if complete and len(items) >= 10 and len(items) % 5 == 0:
            # It may be cut off at a page's usual size, without a word.
            complete = False
        found.complete = complete
        named = list(listed_ids(items, [resource.known.id, resource.listed_id, *USUAL_IDS]))
        for id, item in named:
            found.ids.add(id)
            found.items[id] = _normal(resource, item)
        if not named:
            found.unnamed = [_normal(resource, item) for item in items]
    return found


def _read(resource: ResourceUnderTest) -> tuple[list[Any], bool | None]:
    """Listed items, and whether they are all; None for that where the list cannot be read."""
    if not resource.can("list"):
        return [], None
    try:
        members = resource.members(pages=PAGES)
    except BudgetSpent:
        raise
    except Undecided:
        return [], None
    return members.items, members.complete


def _normal(resource: ResourceUnderTest, item: Any) -> Any:
    return normalised(item, volatile=resource.known.volatile)


@dataclass(frozen=True)
class Beforehand:
    """Observations right before a create whose item may show no text of the run.

    Attributes:
        listed: ids of all listed items; None if not needed or unreadable.
        absent: ids that an API with counted ids may give next, of which a GET is answered 404 or 410.
        together: ids of all items of one request, where it creates several.
    """

    listed: set[str] | None = None
    absent: frozenset[str] = frozenset()
    together: frozenset[str] = frozenset()


NOTHING = Beforehand()


def beforehand(resource: ResourceUnderTest, marker: Marker | None, *, unusual: bool) -> Beforehand:
    """Observe what can show afterwards that the item of a create is new.

    Args:
        marker: the text that the create sends.
        unusual: whether the request is unusual, so that the server may not read the text.
    """
    collection = ownership(resource).collection(resource.url)
    shows = marker is not None and any(
        one.answered or (one.looked and one.born is MISSING) for one in collection.made
    )
    if collection.complete and collection.read is not None and (not shows or not collection.made):
        return Beforehand(set(collection.ids) if not collection.made else _ids(resource, collection))
    if (shows and not unusual) or not collection.made:
        return Beforehand()
    registry, absent = ownership(resource), set()
    for guess in next_ids(collection):
        claim = registry.claim(resource.item_url(guess))
        if (claim is None or claim.gone) and resource.client.get(
            resource.item_url(guess)
        ).status_code in GONE:
            absent.add(guess)
    return Beforehand(absent=frozenset(absent))


def next_ids(collection: ClaimedCollection) -> set[str]:
    """Ids that a counter may give next: after the highest ever given, after the highest that is still there, or 1."""

    def numbers(ids: Iterable[str]) -> list[int]:
        return [int(id) for id in ids if id.isascii() and id.isdigit()]

    given = numbers([*collection.ids, *(one.id for one in collection.made)])
    there = numbers([*collection.ids, *(one.id for one in collection.made if not one.gone)])
    return {str(max(found, default=0) + 1) for found in (given, there)} if given else set()


def _ids(resource: ResourceUnderTest, collection: ClaimedCollection) -> set[str] | None:
    items, complete = collection.read() if collection.read is not None else ([], None)
    pointers = [resource.known.id, resource.listed_id, *USUAL_IDS]
    return {id for id, _ in listed_ids(items, pointers)} if complete else None


def born(resource: ResourceUnderTest, made: Claim, reply: httpx.Response, before: Beforehand) -> None:
    """Record whether the item of a create is certainly new: an addition to the list, or absent before."""
    if made.answered or made.refused or made.home is None:
        return
    new = made.id in before.absent
    if before.listed is not None:
        after = _ids(resource, made.home)
        new = after is not None and after - before.listed == {made.id, *before.together}
    value = json_of(reply)
    if new and value is not MISSING:
        made.volatile = tuple(resource.known.volatile)
        made.born = _normal(resource, value)


MOST_BLIND = 2
"""Creates whose response may identify no item, if the list does not identify it either."""


def after_create(
    resource: ResourceUnderTest, made: Claim | None, marker: Marker | None, exchange: str
) -> None:
    """Compare the list, after the first create in a collection and after each whose response identifies no item.

    Args:
        made: what it was answered with; None where it does not say.
        exchange: id of the exchange of the create.
    """
    collection = ownership(resource).collection(resource.url)
    if made is None and not collection.distinct:
        collection.blind += 1
        collection.compared = False
    if not collection.compared:
        nameless = Claim(
            "", resource.url, "", Marks(marker=marker), f"POST {urlsplit(resource.create_url).path}", exchange
        )
        compare(resource, collection, made or nameless)
    if collection.blind >= MOST_BLIND and not (collection.complete and collection.items):
        collection.doubt = (
            collection.doubt or "responses to creates there do not show which item they concern"
        )


def compare(resource: ResourceUnderTest, collection: ClaimedCollection, made: Claim) -> None:
    """Report which of the items that were listed before a create have changed."""
    collection.compared = True
    if collection.unnamed and collection.read is not None:
        _compare_unnamed(resource, collection, made)
    if not collection.items or collection.read is None:
        return
    # As it was read before: what the profile says of the resource may have changed meanwhile.
    items, complete = collection.read()
    now = dict(listed_ids(items, [resource.known.id, resource.listed_id, *USUAL_IDS]))
    marker = made.marks.marker
    missing = []
    for id, before in collection.items.items():
        if id not in now:
            missing.append(id)
            continue
        changed = bool(differences(before, _normal(resource, now[id])))
        ours = marker is not None and holds(now[id], marker.value)
        if changed and (ours or id == made.id):
            _touched(resource, collection, made, id)
    if complete and collection.complete:
        for id in missing[:_LOOKED_FOR]:
            _vanished(resource, collection, made, id)


def _compare_unnamed(resource: ResourceUnderTest, collection: ClaimedCollection, made: Claim) -> None:
    """The same for items whose ids cannot be read: one is gone, and another one shows the text of the create."""
    items, _ = collection.read() if collection.read is not None else ([], None)
    now = [_normal(resource, item) for item in items]
    marker = made.marks.marker
    ours = marker is not None and any(holds(item, marker.value) for item in items)
    if ours and len(now) <= len(collection.unnamed) and any(one not in now for one in collection.unnamed):
        found = f"{made.request} changed an item of {resource.name} that existed before"
        collection.doubt = collection.doubt or found
        made.refuse(found)
        report(resource, found, made.exchange)


def _touched(resource: ResourceUnderTest, collection: ClaimedCollection, made: Claim, id: str) -> None:
    text = f"{made.request} changed {resource.name} {id}, which existed before"
    collection.doubt = collection.doubt or text
    made.refuse(text)
    report(resource, text, made.exchange)


def _vanished(resource: ResourceUnderTest, collection: ClaimedCollection, made: Claim, id: str) -> None:
    """An item that is no longer listed: report it if it is gone; if every create does that, stop creating."""
    with suppress(Undecided):
        reply = resource.client.get(resource.item_url(id))
        if reply.status_code not in GONE:
            return
        collection.items.pop(id)
        report(
            resource,
            f"{resource.name} {id}, which existed before {made.request}, is gone after it",
            made.exchange,
        )
        if collection.tried:
            collection.doubt = f"items of other clients are gone after {made.request}, such as {id}"
        # Somebody else may have removed it: the next create shows.
        collection.compared = collection.tried


def report(resource: ResourceUnderTest, text: str, exchange: str) -> None:
    clean = resource.client.recorder.redactor.text
    touched = Touched(clean(text), exchange)
    ownership(resource).touched.append(touched)
    resource.ledger.touch(touched)
