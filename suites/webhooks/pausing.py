"""Subscriptions that are switched off and stay: a member of theirs says so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import jsonpointer

from harness.http.content import at, json_of
from harness.resource.item import Item

from .changing import changed

_ON = re.compile(r"(is[_-]?)?(active|enabled)", re.IGNORECASE)
_OFF = re.compile(r"(is[_-]?)?(disabled|paused|suspended|inactive)", re.IGNORECASE)


def switch(shown: Any, words: Sequence[str] = ()) -> tuple[str, Any] | None:
    """Where a subscription says that it is on, and the value that switches it off; None where it does not. Pure.

    Args:
        shown: its JSON.
        words: the values of its status in the document.
    """
    for name, value in shown.items() if isinstance(shown, dict) else ():
        pointer = f"/{jsonpointer.escape(str(name))}"
        if (value is True and _ON.fullmatch(name)) or (value is False and _OFF.fullmatch(name)):
            return pointer, not value
        if name in ("status", "state") and isinstance(value, str) and _ON.fullmatch(value):
            off = next((word for word in words if _OFF.fullmatch(word)), None)
            if off is not None:
                return pointer, off
    return None


def switched_off(item: Item, words: Sequence[str] = ()) -> str:
    """Switch a subscription off; what it then shows, or nothing where it cannot be switched."""
    found = switch(json_of(item.get()), words)
    if found is None:
        return ""
    pointer, value = found
    for method in ("PATCH", "PUT"):
        reply = changed(item, method, pointer, value)
        if reply.is_success and at(json_of(item.get()), pointer) == value:
            return f"{pointer[1:]}: {str(value).lower()}"
    return ""
