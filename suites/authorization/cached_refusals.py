"""Refusals that a cache keeps: client A's item is there, and its URL denies it."""

from __future__ import annotations

import uuid

from harness.client.client import exchange_of
from harness.http.fields import FRESH

from .principals import Clients

CACHED = "a refusal seems to be cached"


def still_there(clients: Clients) -> str | None:
    """What shows that client A's item is there where its URL is answered 404, as words; None where nothing does."""
    victim, fresh = clients.victim, {"harness": uuid.uuid4().hex}
    get = clients.a.client.get
    for options in ({"headers": FRESH}, {"params": fresh}):
        reply = get(victim.url, **options)
        if victim.shown_by(reply) is not None:
            return f"and {exchange_of(reply).summary()} shows the item: {CACHED}"
    return f"and the list shows the item: {CACHED}" if clients.lists(clients.a, fresh) else None
