"""How items are archived by an update, where there is no DELETE: found in what they show and in a document. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import jsonpointer

from harness.ledger.archiving import Archive
from harness.profile.models import Resource
from harness.profile.resource import enveloped
from harness.resource.patch_documents import JSON_PATCH, setting

_FLAG = re.compile(r"(?:is_?)?(?:deleted|archived?|trashed|removed|discarded)\Z", re.I)
_TIME = re.compile(r"(?:date_?)?(?:deleted|archived|trashed|removed|discarded)_?(?:at|on|date|time)\Z", re.I)
_STATE_MEMBER = re.compile(r"(?:status|state|lifecycle(?:_?(?:state|status))?)\Z", re.I)
_STATE = re.compile(r"(?:archived|deleted|trashed|removed|discarded|inactive)\Z", re.I)
"""States from which nothing follows outside the API; a cancelled order may be refunded."""
_PREFERRED = ("archived", "inactive", "discarded", "trashed", "removed", "deleted")
_SAID = re.compile(
    r"\b(?P<name>[A-Za-z_]{5,30})\b[\"'`]?\s*(?:[:=]|to\b|is\b)\s*[\"'`]?(?P<value>true|[A-Za-z]{6,10})\b"
)
_UNSET = (None, False, 0, "")


def members(shown: Any, properties: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
    """Members that an update sets to archive an item; None if nothing says that there are any.

    Args:
        shown: members of an item that is not archived.
        properties: schemas of the members that an update may set, by name.
    """
    there = shown if isinstance(shown, Mapping) else {}
    described = properties or {}
    for name in dict.fromkeys([*there, *described]):
        part = described.get(name)
        part = part if isinstance(part, Mapping) else {}
        if part.get("readOnly") is True or there.get(name) not in _UNSET:
            continue
        kind = part.get("type")
        if _TIME.match(name) and (kind in (None, "string") or isinstance(kind, list)):
            return {name: now()}
        if _FLAG.match(name) and (kind == "boolean" or (kind is None and name in there)):
            return {name: True}
    return _by_state(described)


def _by_state(described: Mapping[str, Any]) -> dict[str, Any] | None:
    for name, part in described.items():
        values = part.get("enum") if isinstance(part, Mapping) and part.get("readOnly") is not True else None
        if not _STATE_MEMBER.match(name) or not isinstance(values, list):
            continue
        states = {one.casefold(): one for one in values if isinstance(one, str) and _STATE.match(one)}
        found = next((states[word] for word in _PREFERRED if word in states), None)
        if found is not None:
            return {name: found}
    return None


def named(refusal: str) -> dict[str, Any] | None:
    """The members that the refusal of a DELETE tells to set, as in `set archived to true` or `{"status": "archived"}`.

    Args:
        refusal: its content, as text.
    """
    for found in _SAID.finditer(refusal[:20_000].replace('\\"', '"')):
        name, value = found["name"], found["value"]
        if _FLAG.match(name) and value == "true":
            return {name: True}
        if _STATE_MEMBER.match(name) and _STATE.match(value):
            return {name: value}
    return None


def archive_of(known: Resource) -> Archive | None:
    """The PATCH that archives an item, and how a GET shows it then; None where nothing is known."""
    if not known.archive:
        return None
    place = known.representation
    inside = known.within if known.bare else place
    shown = {
        f"{place}/{jsonpointer.escape(name)}": value if _is_state(value) else True
        for name, value in known.archive.items()
    }
    plain = known.partial
    if known.patch and not plain:
        operations = [
            one
            for name, value in known.archive.items()
            for one in setting(f"{inside}/{jsonpointer.escape(name)}", value)
        ]
        return Archive(operations, JSON_PATCH, shown)
    content = enveloped(dict(known.archive), inside) if inside else dict(known.archive)
    return Archive(content, plain[0] if plain else known.media_type, shown)


def _is_state(value: Any) -> bool:
    return isinstance(value, str) and _STATE.match(value) is not None


def now() -> str:
    """The present as a date-time (RFC 3339 section 5.6)."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
