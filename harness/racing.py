"""Races of creates: what they bring about is in the ledger, whatever comes of them."""

from __future__ import annotations

from collections.abc import Sequence

from harness.interrupt import uninterrupted
from harness.race import Race, Request, race
from harness.resource import ResourceUnderTest


def race_creates(resource: ResourceUnderTest, requests: Sequence[Request]) -> Race:
    """Race requests that may each create an item of a resource; the items are removed at the end.

    Raises:
        Undecided: nothing was sent; see `harness.race.race`.
    """
    resource.reserve(len(requests))
    with uninterrupted():
        try:
            result = race(resource.client, requests)
        except BaseException:
            for _ in requests:
                resource.account(None)
            raise
        for member in result.members:
            resource.account(member.reply)
    return result
