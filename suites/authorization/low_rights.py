"""A client that may only read: which of its writes take effect although others are refused, on items of the run."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import httpx

from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.profile.models import Profile
from harness.resource.canary import creates
from harness.resource.item import Item
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import Undecided

from .attempts import Attempt, attempts, window

READER = "readonly"
FORBIDDEN = frozenset({401, 403})


@dataclass(frozen=True)
class Unequal:
    """What a client with fewer rights may do to the items of one resource, although other writes are refused to it.

    Attributes:
        changed: what it changed although it may not create, as a sentence; None for nothing.
        created: what it created although it may change nothing, as a sentence; None for nothing.
        refused: what was refused to it, where all was; None where that could not be seen.
    """

    changed: str | None = None
    created: str | None = None
    refused: str | None = None


def unequal(resource: ResourceUnderTest, profile: Profile) -> Unequal:
    """Try every method as the client with fewer rights, on an item of the run that it reads.

    Args:
        resource: under the credential of the run.

    Raises:
        Undecided: the run cannot create an item.
    """
    if not creates(resource):
        return Unequal()
    low = resource.under(READER)
    item = resource.create()
    if not low.client.get(item.url).is_success:
        # Whether it may write at all is not known for what it cannot see.
        return Unequal()
    posted = low.post()
    take_away(resource, posted)
    said = f"{READER}: {exchange_of(posted).summary()}"
    if not posted.is_success and posted.status_code not in FORBIDDEN:
        return Unequal()
    item.prove()
    refused = []
    for attempt in attempts(item):
        reply = attempt.send(low.client)
        summary = exchange_of(reply).summary()
        if eventually(partial(took, attempt, item), window(reply, profile)):
            if posted.is_success:
                return Unequal()
            return Unequal(
                f"{READER} {attempt.did} item {item.id}: {summary}; a create is refused to it: {said}"
            )
        refused += [summary] if reply.status_code in FORBIDDEN else []
    if not refused:
        return Unequal()
    if posted.is_success:
        return Unequal(created=f"{said}, and whatever changes an item is refused to it: {'; '.join(refused)}")
    return Unequal(refused=f"{said}; {'; '.join(refused)}")


def took(attempt: Attempt, item: Item) -> bool:
    return attempt.took(item.get())


def take_away(resource: ResourceUnderTest, reply: httpx.Response) -> None:
    """Remove what a client created that may not remove it."""
    id = resource.id_in(reply) if reply.is_success else None
    if id is not None and resource.can("delete"):
        with suppress(Undecided):
            resource.client.delete(resource.item_url(id))
