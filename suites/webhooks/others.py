"""Events of another client: client B causes one, and the receivers of client A should not get it."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from harness.client.client import exchange_of
from harness.payloads import run_token
from harness.resource.canary import body_with_canary, marked, texts_in
from harness.resource.causing import Cause, Creates
from harness.resource.item import Item
from harness.rules.checks import Undecided

from .receiver import Delivery
from .setting import Setting

REFUSED = (401, 403, 404)
SHORTEST = 8
"""Characters of an id that nothing else in a delivery has by chance."""


@dataclass
class OfOther:
    """The event of another client.

    Attributes:
        item: of client B, whose create was the event.
        texts: that only this item has: its id, and marked texts of its create.
        refused: how client A is refused the item, which client B reads; None where it is not.
    """

    item: Item
    texts: frozenset[str]
    refused: str | None = None

    def look(self, given: Setting) -> None:
        """See who may read the item."""
        if self.item.resource.can("read") and self.item.get().is_success:
            reply = given.client.get(self.item.url)
            self.refused = exchange_of(reply).summary() if reply.status_code in REFUSED else None


def caused_by_other(given: Setting, cause: Cause) -> OfOther | str:
    """Let another client create an item, which causes the event that the receivers have subscribed to.

    Returns:
        The event, or why there is none.
    """
    name = given.client.target.another(given.client.credential)
    if name is None:
        return "one client is configured ([credentials.other] has a second one)"
    if not isinstance(cause, Creates) or cause.resource is None or cause.item is None:
        return "no create causes the event"
    theirs = cause.resource.under(name)
    try:
        item = theirs.create(body_with_canary(theirs))
    except Undecided as problem:
        return f"client B could not create an item: {problem}"
    texts = marked(item.sent, run_token.current()) - texts_in(cause.item.sent)
    return OfOther(item, texts | ({item.id} if len(item.id) >= SHORTEST else set()))


def tells(delivery: Delivery, texts: Collection[str]) -> str | None:
    """The text of an item that a delivery has, alone or at the end of a path; None where it has none. Pure."""
    try:
        found = texts_in(json.loads(delivery.content))
    except (ValueError, RecursionError):
        content = delivery.content.decode("utf-8", "replace")
        return next((one for one in sorted(texts) if one in content), None)
    ends = {one.rstrip("/").rpartition("/")[2] for one in found}
    return next((one for one in sorted(texts) if one in found or one in ends), None)
