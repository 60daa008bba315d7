"""Changes of a subscription by PATCH and PUT: what may not be subscribed may not be changed to, either."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import jsonpointer

from harness.client.client import exchange_of
from harness.http.content import at, json_of, replaced
from harness.resource.item import Item
from harness.rules.checks import evidence, expect

MERGE_PATCH = "application/merge-patch+json"


def places(body: Any, placeholder: str, pointer: str = "") -> Iterator[str]:
    """Locations at which a body has a placeholder, alone or as the only value of an array. Pure."""
    if body in (placeholder, [placeholder]):
        yield pointer
    elif isinstance(body, dict):
        for name, inner in body.items():
            yield from places(inner, placeholder, f"{pointer}/{jsonpointer.escape(name)}")


def merge_patch(pointer: str, value: Any) -> Any:
    """A merge patch that changes one member (RFC 7396). Pure."""
    for name in reversed(jsonpointer.JsonPointer(pointer).parts):
        value = {name: value}
    return value


def changed(item: Item, method: str, pointer: str, value: Any) -> httpx.Response:
    """The response to a change of one member of a subscription."""
    if method == "PUT":
        return item.put(replaced(item.sent, pointer, value))
    patch = merge_patch(pointer, value)
    reply = item.client.patch(item.url, json=patch, headers={"Content-Type": MERGE_PATCH})
    if reply.status_code == 415:
        reply = item.client.patch(item.url, json=patch, headers={"Content-Type": "application/json"})
    return reply


def refuses_invalid_changes(item: Item, pointer: str, valid: Any, invalid: Any, what: str) -> None:
    """Break the rule where PATCH or PUT changes a member to what a subscription may not have.

    Args:
        valid: another value that it may have: the control.
        what: the invalid value in words.
    """
    for method in ("PATCH", "PUT"):
        control = changed(item, method, pointer, valid)
        if not control.is_success or at(json_of(item.get()), pointer) != valid:
            evidence(f"{exchange_of(control).summary()}: {method} does not change {pointer}")
            continue
        reply = changed(item, method, pointer, invalid)
        shown = at(json_of(item.get()), pointer)
        expect(
            not (reply.is_success and shown == invalid),
            "400 or 422",
            f"{exchange_of(reply).summary()} for a change to {what}, which the subscription has since then",
        )
