"""Whether an item that stays readable after a DELETE is marked as deleted. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import jsonpointer

from harness.http.content import MISSING

_MARKER = re.compile(
    r"(?:is|in)?_?(?:date_?)?(?:delet(?:ed|e|ion)|discarded|archived?|removed|trash(?:ed)?|purged?|obsolete|hidden)"
    r"_?(?:at|on|date|time|timestamp|by)?\Z",
    re.I,
)
_STATE = re.compile(
    r"(?:pending[_ -]?)?(?:delet|archiv|remov|terminat|deprovision|trash|purg|revok|disabl|deactivat|expir)"
    r"(?:e|ed|ing|ion)(?:[_ -]?pending)?\Z|cancell?(?:ed|ing)\Z|inactive\Z|void(?:ed)?\Z",
    re.I,
)

_UNSET = (None, False, "", 0)


def emptied(before: Any, after: Any) -> bool:
    """Whether a response no longer shows an item: a successful one may have null, or nothing, in place of it.

    Args:
        before: its representation before the DELETE.
        after: the content of a successful GET after it.
    """
    return bool(before) and before is not MISSING and after in (None, {}, [], "")


def archived(before: Any, after: Any) -> str | None:
    """Location of a member that is set in an item since a successful DELETE, and was not before; None if there is none.

    A state in words is no such member: it is set before, too.
    """
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return None
    for name, value in after.items():
        place = f"/{jsonpointer.escape(str(name))}"
        if _MARKER.match(str(name)) and value not in _UNSET and before.get(name) in _UNSET:
            return place
        if (inside := archived(before.get(name), value)) is not None:
            return place + inside
    return None


def looks_deleted(before: Any, after: Any) -> str | None:
    """The member by which an item that stays readable seems to be marked as deleted, or None.

    Args:
        before: its representation before the DELETE.
        after: its representation after it.
    """
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return None
    for name, value in after.items():
        if value == before.get(name):
            continue
        if _MARKER.match(str(name)) and value not in _UNSET:
            return str(name)
        if isinstance(value, str) and _STATE.match(value):
            return str(name)
        if name in ("active", "enabled", "is_active", "isActive") and value is False:
            return str(name)
        found = looks_deleted(before.get(name), value)
        if found is not None:
            return f"{name}.{found}"
    return None
