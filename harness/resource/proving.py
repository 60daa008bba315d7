"""Collects the evidence that an item is the run's own: lists before and after, a second create, a read.

Sends; `ownership.py` decides. Before the first create in a collection its list is read; after it, it is compared.
Before anything else is sent to an item, a second create must have given another one and left the first alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from harness.client.budget import BudgetSpent
from harness.client.marker import Marker
from harness.client.ownership import (
    GONE,
    Claim,
    Collection,
    Marks,
    Ownership,
    Touched,
    holds,
    insufficient,
    listed_ids,
    shape_of,
)
from harness.client.recorder import Refused
from harness.http.content import MISSING, differences, json_of, normalised
from harness.http.item_urls import key, strictly_below
from harness.resource.matching import places
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


def begin(resource: ResourceUnderTest, items: list[Any] | None = None) -> Collection:
    """See what a collection lists, before the first create there.

    Args:
        items: its whole list, where that was just read.

    Raises:
        Refused: what is answered to creates there cannot be told from what was there before.
    """
    found = ownership(resource).collection(resource.url)
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
        named = list(listed_ids(items, [resource.known.id, resource.listed_id, *_USUAL]))
        for id, item in named:
            found.ids.add(id)
            found.items[id] = _normal(resource, item)
        if not named:
            found.unnamed = [_normal(resource, item) for item in items]
    return found


_USUAL = ("/id", "/_id", "/uuid", "/objectId", "/Id", "/ID")


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


def marks_of(resource: ResourceUnderTest, marker: Marker | None, value: Any = MISSING) -> Marks:
    """What an item is recognised by.

    Args:
        value: JSON of the answer to its create.
    """
    known = resource.known
    where = tuple(places(known, marker.pointer)) if marker is not None else ()
    expected = marker is not None and value is not MISSING and holds(value, marker.value)
    return Marks(ownership(resource).token, marker, shape_of(value), where, expected)


def claim(
    resource: ResourceUnderTest,
    id: str,
    reply: httpx.Response | None = None,
    body: Any = MISSING,
    marker: Marker | None = None,
    *,
    put: bool = False,
) -> Claim:
    """Take an item that a create was answered with, or that was found by its text, for ours until that is disproved.

    Args:
        reply: the answer; None where the item was found in the list.
        put: whether it was created by PUT at its own URL, where nothing was.

    Returns:
        The claim; one with `refused` where it is not ours, the earlier one where it is ours already.
    """
    registry, url = ownership(resource), resource.item_url(id)
    collection = registry.collection(resource.url)
    value = json_of(reply) if reply is not None else MISSING
    marks = marks_of(resource, marker, value)
    made = Claim(
        key(url),
        url,
        id,
        marks,
        f"{'PUT' if put else 'POST'} {urlsplit(url if put else resource.url).path}",
        exchange_id(reply),
        _sent(resource, reply),
        put,
        answered=marks.shown_by(value),
        words=frozenset(_words(body, marks.token)),
        volatile=tuple(resource.known.volatile),
        home=None if put else collection,
        prove=partial(_prove, resource),
        disown=partial(_disown, resource),
    )
    earlier = registry.claims.get(made.place)
    if id in collection.ids and not put and (earlier is None or earlier.gone):
        return _there_before(resource, collection, made)
    if earlier is not None and not earlier.gone:
        if put or reply is None or _replayed(resource, earlier, made, value):
            return earlier
        return _answered_twice(resource, collection, earlier, made)
    registry.take(made)
    if not put:
        collection.made.append(made)
    return made


def _words(value: Any, token: str) -> Iterator[str]:
    """The texts in a body that carry the token of the run."""
    if isinstance(value, str):
        if token and token in value:
            yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _words(inner, token)


def exchange_id(reply: httpx.Response | None) -> str:
    """Id of the exchange of an answer; empty where it was read from a raw connection, or there is none."""
    exchange = reply.extensions.get("exchange") if reply is not None else None
    return exchange.id if exchange is not None else ""


@dataclass(frozen=True)
class Beforehand:
    """What is seen right before a create whose item may show no text of ours.

    Attributes:
        listed: ids of all listed items; None where they are not needed, or cannot be read.
        absent: the id that an API which counts gives next, and that names nothing; None where it is not known.
    """

    listed: set[str] | None = None
    absent: str | None = None


NOTHING = Beforehand()


def beforehand(resource: ResourceUnderTest, marker: Marker | None, *, unusual: bool) -> Beforehand:
    """Look at what can tell afterwards that the item of a create is new.

    Args:
        marker: the text that the create sends.
        unusual: whether it is sent in another way than usual, so that the text may not be read.
    """
    collection = ownership(resource).collection(resource.url)
    shows = marker is not None and any(
        one.answered or (one.looked and one.born is MISSING) for one in collection.made
    )
    if collection.complete and collection.read is not None and (not shows or not collection.made):
        return Beforehand(set(collection.ids) if not collection.made else _ids(resource, collection))
    if (shows and not unusual) or not collection.made:
        return Beforehand()
    numbers = [int(one.id) for one in collection.made if one.id.isascii() and one.id.isdigit()]
    guess = str(max(numbers) + 1) if numbers else None
    if guess is None or ownership(resource).claim(resource.item_url(guess)) is not None:
        return Beforehand()
    reply = resource.client.get(resource.item_url(guess))
    return Beforehand(absent=guess if reply.status_code in GONE else None)


def _ids(resource: ResourceUnderTest, collection: Collection) -> set[str] | None:
    items, complete = collection.read() if collection.read is not None else ([], None)
    pointers = [resource.known.id, resource.listed_id, *_USUAL]
    return {id for id, _ in listed_ids(items, pointers)} if complete else None


def born(resource: ResourceUnderTest, made: Claim, reply: httpx.Response, before: Beforehand) -> None:
    """Take note of whether the item of a create is surely new: listed more than before, or absent before."""
    if made.answered or made.refused or made.home is None:
        return
    new = before.absent is not None and before.absent == made.id
    if before.listed is not None:
        after = _ids(resource, made.home)
        new = after is not None and after - before.listed == {made.id}
    value = json_of(reply)
    if new and value is not MISSING:
        made.volatile = tuple(resource.known.volatile)
        made.born = _normal(resource, value)


def _sent(resource: ResourceUnderTest, reply: httpx.Response | None) -> tuple[bytes, str | None]:
    """Content and idempotency key of a create."""
    if reply is None:
        return b"", None
    try:
        request = reply.request
    except RuntimeError:
        return b"", None
    how = resource.known.idempotency
    names = ["Idempotency-Key", *([how.field] if how is not None else [])]
    found = next((request.headers[name] for name in names if name in request.headers), None)
    return request.content, found


def _disown(resource: ResourceUnderTest, claim: Claim) -> None:
    marker = claim.marks.marker
    resource.ledger.disown(
        claim.url, resource.url, claim.refused, lambda last: resource.lost(marker, last=last)
    )


def _there_before(resource: ResourceUnderTest, collection: Collection, made: Claim) -> Claim:
    made.refuse(f"{made.request} was answered with item {made.id}, which was there before")
    collection.doubt = collection.doubt or made.refused
    _compare(resource, collection, made)
    return made


def _replayed(resource: ResourceUnderTest, earlier: Claim, made: Claim, value: Any) -> bool:
    """Whether a create was answered with the item of an earlier one and has changed nothing of it."""
    same_key = made.sent[1] is not None and made.sent[1] == earlier.sent[1]
    if same_key or made.sent[0] == earlier.sent[0] or not made.sent[0]:
        return True
    if earlier.words & made.words:
        # The API finds an item again by one of its members: our own item, by a value of our own.
        return True
    one, other = earlier.marks.marker, made.marks.marker
    if one is None or other is None:
        return False
    if value is MISSING or not (holds(value, one.value) or holds(value, other.value)):
        with suppress(Undecided):
            value = json_of(resource.client.get(made.url))
    return (
        value is not MISSING
        and not holds(value, other.value)
        and (holds(value, one.value) or earlier.changed)
    )


def _answered_twice(
    resource: ResourceUnderTest, collection: Collection, earlier: Claim, made: Claim
) -> Claim:
    why = f"two creates were answered with one item: {made.request} with {made.id}, which may be somebody else's"
    collection.doubt, collection.distinct = collection.doubt or why, False
    earlier.refuse(why)
    made.refuse(why)
    _tell(
        resource,
        f"{made.request} seems to have changed item {made.id}, with which two creates were answered",
        earlier.exchange or made.exchange,
    )
    return made


MOST_BLIND = 2
"""Creates that may tell nothing of what they made, where no list tells it either."""


def after_create(
    resource: ResourceUnderTest, made: Claim | None, marker: Marker | None, exchange: str
) -> None:
    """Compare the list, after the first create in a collection and after each that tells nothing of its item.

    Args:
        made: what it was answered with; None where it does not say.
        exchange: id of the exchange of the create.
    """
    collection = ownership(resource).collection(resource.url)
    if made is None and not collection.distinct:
        collection.blind += 1
        collection.compared = False
    if not collection.compared:
        told = Claim(
            "", resource.url, "", Marks(marker=marker), f"POST {urlsplit(resource.url).path}", exchange
        )
        _compare(resource, collection, made or told)
    if collection.blind >= MOST_BLIND and not (collection.complete and collection.items):
        collection.doubt = collection.doubt or "creates there tell nothing of what they make or change"


def _compare(resource: ResourceUnderTest, collection: Collection, made: Claim) -> None:
    """Tell which of the items that were listed before a create has changed."""
    collection.compared = True
    if collection.unnamed and collection.read is not None:
        _compare_unnamed(resource, collection, made)
    if not collection.items or collection.read is None:
        return
    # As it was read before: what is known of the resource may have changed meanwhile.
    items, complete = collection.read()
    now = dict(listed_ids(items, [resource.known.id, resource.listed_id, *_USUAL]))
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


def _compare_unnamed(resource: ResourceUnderTest, collection: Collection, made: Claim) -> None:
    """The same for items whose ids cannot be read: one that is gone, where another shows the text of the create."""
    items, _ = collection.read() if collection.read is not None else ([], None)
    now = [_normal(resource, item) for item in items]
    marker = made.marks.marker
    ours = marker is not None and any(holds(item, marker.value) for item in items)
    if ours and len(now) <= len(collection.unnamed) and any(one not in now for one in collection.unnamed):
        told = f"{made.request} changed an item of {resource.name} that was there before"
        collection.doubt = collection.doubt or told
        made.refuse(told)
        _tell(resource, told, made.exchange)


def _touched(resource: ResourceUnderTest, collection: Collection, made: Claim, id: str) -> None:
    told = f"{made.request} changed {resource.name} {id}, which was there before"
    collection.doubt = collection.doubt or told
    made.refuse(told)
    _tell(resource, told, made.exchange)


def _vanished(resource: ResourceUnderTest, collection: Collection, made: Claim, id: str) -> None:
    """An item that is no longer listed: told where it is gone; where each create does that, there are no more."""
    with suppress(Undecided):
        reply = resource.client.get(resource.item_url(id))
        if reply.status_code not in GONE:
            return
        collection.items.pop(id)
        _tell(
            resource,
            f"{resource.name} {id}, which was there before {made.request}, is gone after it",
            made.exchange,
        )
        if collection.tried:
            collection.doubt = f"items of others are gone after {made.request}, such as {id}"
        # Somebody else may have removed it: the next create shows.
        collection.compared = collection.tried


def _tell(resource: ResourceUnderTest, told: str, exchange: str) -> None:
    clean = resource.client.recorder.redactor.text
    touched = Touched(clean(told), exchange)
    ownership(resource).touched.append(touched)
    resource.ledger.touch(touched)


# -- proof ---------------------------------------------------------------------------------------------


def _prove(resource: ResourceUnderTest, claim: Claim, creating: bool) -> str | None:
    """Why an item is not shown to be ours; None where it is, or where there is nothing at its URL."""
    collection = ownership(resource).collection(resource.url)
    if not claim.put:
        confirm(resource, collection, creating=creating)
        if collection.doubt and not claim.proven:
            return collection.doubt
    if claim.looked and not claim.gone:
        claim.proven = True
        return None
    looked, nothing = _look(resource, claim)
    if nothing:
        return None
    if looked:
        claim.looked, claim.gone = True, False
    why = verdict(claim, collection, looked)
    claim.proven = why is None
    if why is not None and looked is False and not claim.gone:
        claim.refuse(why)
    return why


def verdict(claim: Claim, collection: Collection, looked: bool | None) -> str | None:
    """As `ownership.insufficient()`, with what the URL tells."""
    if claim.put:
        return None if looked is not False else f"{claim.url} shows something else than was put there"
    if claim.gone and not looked:
        return f"item {claim.id} was removed, and what is there now does not show that it is the same"
    below = strictly_below(claim.place, collection.place) or claim.place.startswith(collection.place + "%28")
    if not below and not looked:
        return f"{claim.url} is not below {collection.place}, and does not show what was sent"
    return insufficient(claim, collection, looked)


def _look(resource: ResourceUnderTest, claim: Claim) -> tuple[bool | None, bool]:
    """Whether a read shows the item's marks, and whether there is nothing at its URL."""
    reply = resource.client.get(claim.url)
    status = reply.status_code
    read = resource.known.capabilities.get("read")
    readable = read is None or read.there
    if (status in GONE and readable) or (
        claim.gone and 400 <= status < 500 and status not in (401, 407, 429)
    ):
        return None, True
    value = json_of(reply) if status == 200 else MISSING
    return (None if value is MISSING else claim.shows(value)), False


def confirm(resource: ResourceUnderTest, collection: Collection, *, creating: bool = True) -> None:
    """See that a second create gives another item and leaves the first alone.

    Args:
        creating: whether another item may be created for that.
    """
    if collection.distinct is not None or collection.doubt:
        return
    alive = _alive(collection)
    if len(alive) < 2 and (collection.tried or not creating):
        return
    collection.tried = True
    if len(alive) < 2:
        try:
            resource.post(resource.body())
        except BudgetSpent:
            collection.tried = False
            raise
        except Undecided:
            # It can be refused for many reasons: then the rest of the evidence has to do.
            return
        alive = _alive(collection)
    if not collection.compared:
        _compare(resource, collection, collection.made[-1] if collection.made else Claim("", "", "", Marks()))
    if len(alive) < 2 or collection.doubt:
        return
    first, second = alive[0], alive[-1]
    why = _overwritten(resource, first, second)
    if why is None:
        collection.distinct = True
        resource.ledger.sure({one.url for one in collection.made})
        return
    collection.distinct, collection.doubt = False, why
    first.refuse(why)
    second.refuse(why)
    _tell(resource, f"{second.request} changed {resource.name} {first.id}", second.exchange)


def _alive(collection: Collection) -> list[Claim]:
    return [one for one in collection.made if not one.gone and not one.refused]


def _overwritten(resource: ResourceUnderTest, first: Claim, second: Claim) -> str | None:
    """Why a second create seems to have changed the item of the first one; None where it has not."""
    reply = resource.client.get(first.url)
    if reply.status_code in GONE and first.looked:
        return f"after another {second.request}, item {first.id} is gone"
    value = json_of(reply) if reply.status_code == 200 else MISSING
    marker = second.marks.marker
    same = first.marks.marker is not None and marker is not None and first.marks.marker.value == marker.value
    if value is not MISSING and marker is not None and not same and holds(value, marker.value):
        return f"a second {second.request} changed item {first.id} of the first one"
    return None
