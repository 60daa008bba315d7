"""Whether a write acts on the item of its URL where the content names another one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx

from harness.client.client import exchange_of
from harness.http.content import MISSING, at, differences, json_of
from harness.resource.item import Item
from harness.resource.matching import bare
from harness.resource.resource import ResourceUnderTest


def misdirected(resource: ResourceUnderTest, send: Callable[[Item, Any], httpx.Response]) -> str | None:
    """What a write to one item of the run does wrong where its content has the id of another one of the run.

    A refusal is right, and so is a success that takes the id from the URL. None where items show no id.

    Args:
        send: sends the write to an item, with this id in its content.
    """
    place = resource.known.id
    if not place.startswith(resource.known.representation + "/"):
        return None
    started = time.monotonic()
    target, other = resource.create(), resource.create()
    before, id, own = other.state(), shown_id(other, place), shown_id(target, place)
    if MISSING in (id, own) or id == own:
        return None
    reply = send(target, id)
    if not reply.is_success:
        return None
    said = f"{exchange_of(reply).summary()} with the id {id} of another item"
    changed = differences(before, other.state())
    if changed:
        # A state may move soon after the creation.
        moving = resource.drift(time.monotonic() - started)
        changed = [where for where in changed if where not in moving]
    if changed:
        return f"{said}: that one has changed ({', '.join(changed[:5])})"
    # One that shows the other id at its own URL has stored what was sent.
    found = target.get()
    return f"{said}: {exchange_of(found).summary()}" if found.status_code in (404, 410) else None


def shown_id(item: Item, place: str) -> Any:
    """The id that an item shows; `MISSING` for none."""
    return at(bare(json_of(item.get()), item.sent), place)
