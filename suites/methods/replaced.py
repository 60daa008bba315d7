"""Whether a PUT replaces each member of an item, also those in nested objects."""

from __future__ import annotations

import re
from typing import Any

from harness import payloads
from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.http.content import MISSING, at, differences, json_of, replaced, shown, shown_at
from harness.payloads.empty import empty_values
from harness.profile.models import Resource
from harness.resource.contested import Contested
from harness.resource.item import Item
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import Undecided, expect, note, warn

MOST_CONTROLS = 3
_CREATION = re.compile(r"(?i)(date_?)?(created|creation|inserted|added)(_?(at|on|date|time|ts|timestamp))?")


def recreated(before: Any, after: Any, sent: Any) -> list[str]:
    """Members named like the time of creation that a PUT has changed, and that its content lacks. Pure."""
    return [
        place
        for place in differences(before, after)
        if _CREATION.fullmatch(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", place.rsplit("/", 1)[-1]))
        and at(sent, place) is MISSING
        and MISSING not in (at(before, place), at(after, place))
    ]


def creation_is_kept(item: Item) -> None:
    """Warn where a PUT to an item moves the time of its creation."""
    before, body = json_of(item.get()), item.put_body()
    reply = item.put(item.with_version(body))
    after = json_of(item.get())
    moved = recreated(before, after, body) if reply.is_success else []
    if moved and before == json_of(item.get()):
        return
    if moved:
        seen = f"{moved[0]} was {shown(at(before, moved[0]))} and is {shown(at(after, moved[0]))}"
        warn("the time of creation as it was, after a PUT", f"{exchange_of(reply).summary()}; {seen}")


def empty_values_are_stored(resource: ResourceUnderTest, window: float) -> None:
    """Break the rule where a PUT keeps the old value of a member for which 0, "" or [] was sent."""
    item = resource.create()
    found = empty_values(resource.known, item.put_body())
    if not found:
        return
    body = item.put_body()
    before = body
    for place, value in found:
        body = replaced(body, place, value)
    reply = item.put(item.with_version(body))
    if not reply.is_success or resource.staying:
        return
    places = [place for place, _ in found]
    eventually(lambda: not kept_values(places, before, body, item.state()), window)
    kept = kept_values(places, before, body, item.state())
    if not kept:
        return
    # A create shows whether an empty value is stored at all, and another PUT whether one replaces the member.
    stored = resource.create(body).state()
    kept = [
        place
        for place in kept
        if at(stored, place) == at(body, place) and _replaces(item, place, at(before, place), window)
    ]
    expect(
        not kept,
        "the empty values that a PUT has sent, as a create stores them",
        f"{exchange_of(reply).summary()}; "
        + "; ".join(
            f"{place}: sent {shown(at(body, place))}, shown {shown(at(before, place))}" for place in kept[:3]
        ),
    )


def _replaces(item: Item, place: str, value: Any, window: float) -> bool:
    """Whether a PUT with another value that is not empty replaces a member."""
    other = ["conformance"] if isinstance(value, list) else value + ("a" if isinstance(value, str) else 1)
    reply = item.put(item.with_version(replaced(item.put_body(), place, other)))
    return reply.is_success and eventually(lambda: at(item.state(), place) == other, window)


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
