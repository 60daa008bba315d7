"""Races of creates: what they bring about is in the ledger, whatever comes of them."""

from __future__ import annotations

from collections.abc import Sequence

from harness.concurrency import refused
from harness.interrupt import uninterrupted
from harness.ledger import Entry
from harness.race import Race, Request, race
from harness.resource import ResourceUnderTest


def race_creates(resource: ResourceUnderTest, requests: Sequence[Request]) -> Race:
    """Race requests that may each create an item of a resource; the items are removed at the end.

    Raises:
        Undecided: nothing was sent; see `harness.race.race`.
    """
    with uninterrupted():
        result = _reserved(resource, requests, len(requests))
        for member in result.members:
            resource.account(member.reply)
    return result


def race_puts(resource: ResourceUnderTest, id: str, requests: Sequence[Request]) -> Race:
    """Race requests that may create one item under an id of the client's choice; it is removed at the end.

    Raises:
        Undecided: nothing was sent; see `harness.race.race`.
    """
    with uninterrupted():
        result = _reserved(resource, requests, 1)
        if all(member.reply is not None and refused(member.status) for member in result.members):
            resource.account(None)
        else:
            known = resource.known
            entry = Entry(
                resource.item_url(id), resource.client, known.locking.if_match, resource.can("delete")
            )
            resource.ledger.add(entry)
    return result


def _reserved(resource: ResourceUnderTest, requests: Sequence[Request], items: int) -> Race:
    """The race, with the removal of so many items put aside; given back where nothing was sent."""
    resource.reserve(items)
    try:
        return race(resource.client, requests)
    except BaseException:
        for _ in range(items):
            resource.account(None)
        raise
