"""Collects the evidence that an item is the run's own: lists before and after, a second create, a read.

Sends; `client/ownership.py` decides. Before anything else is sent to an item, a second create must have given another
one and left the first alone. `list_comparison.py` compares the list before and after creates.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from harness import payloads
from harness.client.budget import BudgetSpent
from harness.client.claims import Claim, ClaimedCollection, insufficient
from harness.client.marks import Marker, Marks, holds, shape_of
from harness.client.ownership import GONE
from harness.http.content import MISSING, json_of
from harness.http.item_urls import key, strictly_below
from harness.resource.list_comparison import compare, ownership, report
from harness.resource.matching import places
from harness.rules.checks import Undecided

if TYPE_CHECKING:
    from harness.resource.resource import ResourceUnderTest


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
    """Claim an item that a create was answered with, or that was found by its text, until that is disproved.

    Args:
        reply: the answer; None where the item was found in the list.
        put: whether it was created by PUT at its own URL, where nothing was.

    Returns:
        The claim; one with `refused` if it does not belong to the run; the earlier claim if there is one.
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
        f"{'PUT' if put else 'POST'} {urlsplit(url if put else resource.create_url).path}",
        exchange_id(reply),
        _sent(resource, reply),
        put,
        answered=marks.shown_by(value),
        words=frozenset(_words(body, marks.token)),
        volatile=tuple(resource.known.volatile),
        home=None if put else collection,
        prove=partial(_prove, resource),
        disown=partial(_disown, resource),
        wrote=partial(_wrote, resource),
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


def _wrote(resource: ResourceUnderTest, claim: Claim, text: str | None) -> None:
    resource.ledger.wrote(claim.url, text)


def _there_before(resource: ResourceUnderTest, collection: ClaimedCollection, made: Claim) -> Claim:
    made.refuse(f"{made.request} was answered with item {made.id}, which existed before")
    collection.doubt = collection.doubt or made.refused
    compare(resource, collection, made)
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
    resource: ResourceUnderTest, collection: ClaimedCollection, earlier: Claim, made: Claim
) -> Claim:
    why = f"two creates were answered with one item: {made.request} with {made.id}, which may belong to another client"
    collection.doubt, collection.distinct = collection.doubt or why, False
    earlier.refuse(why)
    made.refuse(why)
    report(
        resource,
        f"{made.request} seems to have changed item {made.id}, with which two creates were answered",
        earlier.exchange or made.exchange,
    )
    return made


def _prove(resource: ResourceUnderTest, claim: Claim, creating: bool) -> str | None:
    """Why an item is not shown to belong to this run; None where it is, or where there is nothing at its URL."""
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


def verdict(claim: Claim, collection: ClaimedCollection, looked: bool | None) -> str | None:
    """As `claims.insufficient()`, with the evidence of the URL."""
    if claim.put:
        return None if looked is not False else f"{claim.url} does not show the content of the PUT"
    if claim.gone and not looked:
        return f"item {claim.id} was removed, and nothing shows that the item there now is the same"
    # Both /orders/1 and /orders/1.json lie below /orders.json.
    root = collection.place.removesuffix(".json")
    below = strictly_below(claim.place, root) or claim.place.startswith(root + "%28")
    if not below and not looked:
        return f"{claim.url} is not below {collection.place}, and does not show the content that was sent"
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


def confirm(
    resource: ResourceUnderTest, collection: ClaimedCollection, *, creating: bool = True
) -> httpx.Response | None:
    """See that a second create gives another item and leaves the first alone.

    Args:
        creating: whether another item may be created for that.

    Returns:
        The response with which the second create was refused; None if it was not, or not sent.
    """
    if collection.distinct is not None or collection.doubt or resource.puts:
        return None
    alive = _alive(collection)
    refused = None
    if len(alive) < 2 and (collection.tried or not creating):
        return None
    collection.tried = True
    if len(alive) < 2:
        try:
            refused = _create_another(resource, collection)
        except BudgetSpent:
            collection.tried = False
            raise
        except Undecided:
            # It can be refused for many reasons: then the rest of the evidence has to do.
            return None
        alive = _alive(collection)
    if not collection.compared:
        compare(resource, collection, collection.made[-1] if collection.made else Claim("", "", "", Marks()))
    if len(alive) < 2 or collection.doubt:
        return refused
    first, second = alive[0], alive[-1]
    why = _overwritten(resource, first, second)
    if why is None:
        collection.distinct = True
        resource.ledger.sure({one.url for one in collection.made})
        return refused
    collection.distinct, collection.doubt = False, why
    first.refuse(why)
    second.refuse(why)
    report(resource, f"{second.request} changed {resource.name} {first.id}", second.exchange)
    return refused


def _create_another(resource: ResourceUnderTest, collection: ClaimedCollection) -> httpx.Response | None:
    """Create a second item; if it is refused, once more with other values, as one of them may have to be unique.

    Returns:
        The first refusal.
    """
    reply = resource.post(resource.body())
    if reply.is_success:
        return None
    if reply.status_code not in (401, 405, 429, 501) and not collection.doubt and resource.has_room():
        resource.post(payloads.varied(resource.known, resource.body()))
    return reply


def _alive(collection: ClaimedCollection) -> list[Claim]:
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
