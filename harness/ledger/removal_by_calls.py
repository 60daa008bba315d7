"""Removes one item that has no URL of its own: looks whether it is still the run's own, removes it, and looks again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from harness.client.client import exchange_of
from harness.client.marks import holds
from harness.http.content import MISSING, json_of
from harness.ledger.calls import Calls
from harness.ledger.entries import CALLS, Entry
from harness.rules.checks import Undecided

NOT_YET = frozenset({401, 403, 408, 425, 429})
"""Refusals that say nothing of the item."""


def remove_by_calls(entry: Entry, calls: Calls) -> tuple[str | None, bool]:
    """Remove an item; why it could not be, or None, and whether that is the target's last word."""
    if not entry.sure:
        entry.client.recorder.budget.release(CALLS)
        return "not removed: there is no evidence that the item did not exist before the run", False
    try:
        there, reply = _look(entry, calls)
        if there is None:
            entry.client.recorder.budget.release(CALLS - 1)
            return f"not removed: it cannot be read: {exchange_of(reply).summary()}", False
        if not there:
            entry.client.recorder.budget.release(CALLS - 1)
            return None, True
        reply = _send(entry, calls, calls.remove)
        there, _ = _look(entry, calls)
    except Undecided as problem:
        return str(problem), False
    if there is False:
        return None, True
    return f"it is still there: {exchange_of(reply).summary()}", False


def _look(entry: Entry, calls: Calls) -> tuple[bool | None, httpx.Response]:
    reply = _send(entry, calls, calls.look)
    return still_there(reply.status_code, json_of(reply), calls.text), reply


def still_there(status: int, value: Any, text: str) -> bool | None:
    """Whether a response to a look shows an item; None where it says nothing of it. Pure.

    Args:
        value: its JSON; `MISSING` for none.
        text: that the item shows.
    """
    if value is not MISSING and holds(value, text):
        return True
    if status >= 500 or status in NOT_YET or not isinstance(value, Mapping):
        return None
    return False if "data" in value else None


def _send(entry: Entry, calls: Calls, content: Mapping[str, Any]) -> httpx.Response:
    with entry.client.recorder.ownership.granting("POST", calls.url):
        return entry.client.post(calls.url, json=content, cleanup=True)
