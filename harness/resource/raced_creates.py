"""Races of creates: what they bring about is in the ledger before, and settled by their answers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from harness.http.content import at, json_of
from harness.ledger.entries import Entry
from harness.ledger.interrupt import uninterrupted
from harness.race import Race, Request, race
from harness.race.outcomes import refused
from harness.resource.placing import left
from harness.resource.proving import claim, marks_of
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import Undecided


def race_creates(resource: ResourceUnderTest, requests: Sequence[Request], place: str | None = None) -> Race:
    """Race requests that may each create an item of a resource; the items are removed at the end.

    Args:
        place: JSON Pointer of a text that differs in each of the requests. Where several are answered with one item,
            that item belongs to the request whose text it shows; without a pointer, nothing more is created in the
            collection, as the item may be another client's.

    Raises:
        Undecided: nothing was sent; see `harness.race.race`.
    """
    with uninterrupted():
        resource.reserve(len(requests), [request.json for request in requests])
        try:
            result = race(resource.client, requests)
        except BaseException as problem:
            for _ in requests:
                resource.account(None, sent=left(problem))
            raise
        mistaken = _answered_with_another(resource, result, place) if place is not None else set()
        for number, member in enumerate(result.members):
            if number in mistaken:
                resource.account(None, sent=False)
            else:
                resource.account(member.reply, sent=member.released is not None)
    return result


def _answered_with_another(resource: ResourceUnderTest, result: Race, place: str) -> set[int]:
    """The members whose response names an item that shows the text of another member."""
    named: dict[str, list[int]] = {}
    for number, member in enumerate(result.members):
        id = resource.id_in(member.reply) if member.reply is not None and member.reply.is_success else None
        if id is not None:
            named.setdefault(id, []).append(number)
    found: set[int] = set()
    for id, numbers in named.items():
        if len(numbers) < 2:
            continue
        with suppress(Undecided):
            shown = at(json_of(resource.client.get(resource.item_url(id))), place)
            owners = [one for one in numbers if at(result.members[one].request.json, place) == shown]
            found |= set(numbers) - {owners[0]} if owners else set()
    return found


def race_puts(resource: ResourceUnderTest, id: str, requests: Sequence[Request]) -> Race:
    """Race requests that may create one item under an id of the client's choice; it is removed at the end.

    Raises:
        Undecided: nothing was sent; see `harness.race.race`.
    """
    known = resource.known
    url = resource.item_url(id)
    resource.free(url)
    marks = marks_of(resource, None)
    entry = Entry(url, resource.client, known.locking.if_match, resource.can("delete"), marks=marks)
    with uninterrupted():
        resource.enter(entry)
        try:
            result = race(resource.client, requests)
        except BaseException as problem:
            if not left(problem):
                resource.ledger.strike(entry.url)
            raise
        if all(member.reply is not None and refused(member.status) for member in result.members):
            resource.ledger.strike(entry.url)
        else:
            claim(resource, id, put=True)
    return result
