"""Whether an item that stays readable after a DELETE is marked as deleted. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

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


def emptied(before: Any, after: Any) -> bool:
    """Whether a response no longer shows an item: a successful one may have null, or nothing, in place of it.

    Args:
        before: its representation before the DELETE.
        after: the content of a successful GET after it.
    """
    return bool(before) and before is not MISSING and after in (None, {}, [], "")


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
        if _MARKER.match(str(name)) and value not in (None, False, "", 0):
            return str(name)
        if isinstance(value, str) and _STATE.match(value):
            return str(name)
        if name in ("active", "enabled", "is_active", "isActive") and value is False:
            return str(name)
        found = looks_deleted(before.get(name), value)
        if found is not None:
            return f"{name}.{found}"
    return None
