"""Whether a PUT replaces each member of an item, also those in nested objects."""

from __future__ import annotations

from typing import Any

from harness import payloads
from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.http.content import at, shown, shown_at
from harness.profile.models import Resource
from harness.resource.contested import Contested
from harness.resource.item import Item
from harness.rules.checks import Undecided, expect, note

MOST_CONTROLS = 3


def kept_values(members: list[str], before: Any, sent: Any, after: Any) -> list[str]:
    """Members of which the old value is shown, and not the one that was sent. Pure.

    Args:
        members: their pointers, of which a create was shown as it was sent.
        before: the body of the create.
        sent: the body of the PUT.
        after: the representation after it.
    """
    return [
        place
        for place in members
        if at(before, place) != at(sent, place) and shown_at(after, place) == at(before, place)
    ]


def members_are_replaced(item: Item, window: float) -> None:
    """Break the rule where a PUT leaves a member as it was of which a PATCH stores another value.

    Without a PATCH that does, the member may be fixed once the item is created.
    """
    resource = item.resource
    known, before = resource.known, item.put_body()
    sent = item.with_version(payloads.varied(known, before))
    shown_first = item.state()
    members = [
        place
        for place in (known.representation + one for one in payloads.variable(known, before))
        if shown_at(shown_first, place) == at(item.sent, place) == at(before, place)
    ]
    reply = item.put(sent)
    if not reply.is_success or not members:
        return
    eventually(lambda: not kept_values(members, before, sent, item.state()), window)
    kept = kept_values(members, before, sent, item.state())
    if len(kept) == len(members):
        # Where no PUT takes effect, another rule reports that.
        return
    fixed: list[str] = []
    for place in kept:
        if len(fixed) < MOST_CONTROLS and patch_stores(
            resource.create(), known, place, at(sent, place), window
        ):
            expect(
                False,
                f"{shown(at(sent, place))} at {place} after a PUT with that",
                f"{exchange_of(reply).summary()}; {place} is still {shown(at(before, place))}, and a PATCH changes it",
            )
        fixed.append(place)
    if fixed:
        note(f"not changed by PUT, and maybe fixed once an item is created: {', '.join(fixed)}")


def patch_stores(item: Item, known: Resource, place: str, value: Any, window: float) -> bool:
    """Whether a PATCH of one member stores that value."""
    try:
        contested = Contested(
            item, window, patching=True, pointers=[place.removeprefix(known.representation)]
        )
        if contested.method != "PATCH":
            return False
        now = contested.look()
        request = contested.request([value], etag=now.etag, version=now.version, condition=False)
        if not contested.send(request).is_success:
            return False
        return bool(contested.settled(lambda found: found == value).value == value)
    except Undecided:
        return False
