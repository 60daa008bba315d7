"""Creates in one request: each item is in the ledger before, and settled by what the response, or the list, says of it.

The response says which items it has created. Whatever it says of the others, the list is read for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx

from harness.client.claims import listed_ids
from harness.client.client import Client
from harness.client.eventually import eventually
from harness.client.marks import holds
from harness.http.content import MISSING, at, id_text, json_of, last_segment
from harness.http.item_urls import leaves_its_place
from harness.ledger.entries import CreatePlan
from harness.ledger.interrupt import uninterrupted
from harness.resource.list_comparison import Beforehand
from harness.resource.matching import USUAL_IDS
from harness.resource.placing import left
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import Undecided

SHOWN = (200, 203)
ACCEPTED = 202
LOOKED_FOR = 6
"""Items of one batch that are looked for in the list, at most: each takes a look of its own."""


@dataclass(frozen=True)
class Part:
    """What a response says of one item of a batch.

    Attributes:
        value: its representation; `MISSING` without one.
        location: of the item; None without one.
        failed: whether it was not created; None where nothing says so.
    """

    value: Any = MISSING
    location: str | None = None
    failed: bool | None = None


@dataclass(frozen=True)
class Batched:
    """What became of a batch.

    Attributes:
        urls: of the items that are there, by their position: empty for what is not there, None where that is unknown.
        named: of the items as the response names them; None where it names none.
    """

    reply: httpx.Response
    urls: list[str | None]
    named: list[str | None]


def post_batch(
    resource: ResourceUnderTest,
    url: str,
    content: bytes,
    bodies: Sequence[Any],
    headers: Mapping[str, str | None],
    read: Callable[[httpx.Response], Sequence[Part]],
    window: float,
    client: Client | None = None,
) -> Batched:
    """Send a batch of creates, and see which of its items are there.

    Args:
        url: to which the batch is sent.
        bodies: the items, in order.
        read: what a response says of each, in order; may be shorter.
        window: seconds within which what was created must show.
        client: sends the batch, if that is not the resource's own.

    Raises:
        Undecided: nothing was sent, or there was no answer.
    """
    sender = client or resource.client
    nameless = any(resource.marker(body) is None for body in bodies)
    before = _ids(resource) if nameless else None
    with uninterrupted():
        resource.reserve(len(bodies), bodies)
        plans = resource.ledger.plans[-len(bodies) :]
        try:
            with resource.client.recorder.ownership.granting("POST", url):
                reply = sender.request("POST", url, content=content, headers=headers)
        except BaseException as problem:
            for _ in bodies:
                resource.account(None, sent=left(problem))
            raise
        said = list(read(reply)) if reply.is_success else []
        parts = [said[number] if number < len(said) else Part() for number in range(len(bodies))]
        named = [item_id(resource, part) for part in parts]
        plans = [plans[place] for place in _shown(plans, parts)]
        looked = Beforehand(before, together=frozenset(id for id in named if id is not None))
        for plan, part, id in zip(plans, parts, named, strict=True):
            # The plans of the others stay, until the list has been read.
            if id is not None:
                resource.account_for(plan, id, _alone(reply, part), looked)
    looks = LOOKED_FOR
    urls: list[str | None] = []
    for plan, part, id in zip(plans, parts, named, strict=True):
        if id is not None:
            urls.append(_there(resource, id, window))
            continue
        failed = part.failed is True or reply.status_code >= 400
        if plan.marker is None:
            none = before is not None and _none_new(resource, before, named)
            _settle(resource, plan, failed or none)
            urls.append("" if none else None)
        else:
            urls.append(_looked_for(resource, plan, reply, failed=failed, look=looks > 0))
            looks -= 1
    shown = [resource.item_url(id) if id is not None else None for id in named]
    return Batched(reply, urls, shown)


def _shown(plans: Sequence[CreatePlan], parts: Sequence[Part]) -> list[int]:
    """Which create each part is of: by the text that it shows; the others have what is left, in their order."""
    found: list[int | None] = []
    for part in parts:
        shown = [
            place
            for place, plan in enumerate(plans)
            if plan.marker is not None and part.value is not MISSING and holds(part.value, plan.marker.value)
        ]
        found.append(shown[0] if len(shown) == 1 else None)
    sure = [one for one in found if one is not None]
    if len(set(sure)) < len(sure):
        return list(range(len(plans)))
    left_over = iter([place for place in range(len(plans)) if place not in sure])
    return [next(left_over) if one is None else one for one in found]


def _settle(resource: ResourceUnderTest, plan: CreatePlan, nothing: bool) -> None:
    """Settle a create whose item nobody can find; `nothing` is whether there is none, as far as is known."""
    if nothing:
        resource.ledger.drop(plan)
    else:
        resource.ledger.lose(plan)


def _ids(resource: ResourceUnderTest) -> set[str] | None:
    """Ids of all listed items; None where the whole list cannot be read."""
    if not resource.can("list"):
        return None
    try:
        members = resource.members()
    except Undecided:
        return None
    places = [resource.listed_id, resource.known.id, *USUAL_IDS]
    return {id for id, _ in listed_ids(members.items, places)} if members.complete else None


def _none_new(resource: ResourceUnderTest, before: set[str], named: Sequence[str | None]) -> bool:
    """Whether the list has no items but those of before and those that the response names."""
    after = _ids(resource)
    return after is not None and not after - before - {one for one in named if one is not None}


def item_id(resource: ResourceUnderTest, part: Part) -> str | None:
    """The id of the item that a part of a response names; None where it names none."""
    if part.failed:
        return None
    known = resource.known
    for place in (known.id, resource.listed_id):
        id = id_text(at(part.value, place)) if part.value is not MISSING else None
        if id is not None:
            return id
    if part.location is None or leaves_its_place(part.location):
        return None
    return resource.id_in(httpx.Response(201, headers=[(b"location", part.location.encode())], request=_POST))


_POST = httpx.Request("POST", "http://localhost/")


def _alone(reply: httpx.Response, part: Part) -> httpx.Response:
    """The response as if the item had been created by a request of its own."""
    made = httpx.Response(201, json=None if part.value is MISSING else part.value, request=reply.request)
    made.extensions = {"exchange": reply.extensions["exchange"]}
    return made


def _there(resource: ResourceUnderTest, id: str, window: float) -> str | None:
    """The URL of an item that a response names; empty if there is none."""
    url = resource.item_url(id)
    seen: list[httpx.Response] = []

    def shown() -> bool:
        seen[:] = [resource.client.get(url)]
        return seen[0].status_code in SHOWN

    if eventually(shown, window):
        return url
    return "" if seen[0].status_code in (404, 410) else None


def _looked_for(
    resource: ResourceUnderTest, plan: CreatePlan, reply: httpx.Response, *, failed: bool, look: bool
) -> str | None:
    """The URL of an item that no response names, by the list; empty if the whole list has none, None if unknown."""
    found: list[str] | None = None
    with suppress(Undecided):
        found = resource.lost(plan.marker) if look else None
    if found is None or (not found and reply.status_code == ACCEPTED):
        _settle(resource, plan, failed)
        return None
    id = last_segment(found[0]) if found else None
    if id is None:
        if not failed and plan.marker is not None and holds(json_of(reply), plan.marker.value):
            resource.ledger.stays(
                plan, "the answer shows it, and the list has no such item: an array may be stored as one"
            )
        else:
            resource.ledger.drop(plan)
        return ""
    resource.account_for(plan, id, _alone(reply, Part()))
    return found[0]
