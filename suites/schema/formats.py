"""Instants and amounts in responses that clients may read in two ways, found by the names of members. Pure; no I/O.

An instant that the server sets when it creates an item lies where its own clock, the Date field, is. One that is whole
quarters of an hour beside it is a time of the wall clock under the label of another zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

MOST_VALUES = 20_000
"""Values that are looked at in one response."""
_INSTANT = re.compile(
    r".*(?:_at|[a-z]At)|(?:.*[_a-z])?(?:timestamp|Timestamp|date_?time|dateTime|DateTime)|created|updated|modified"
)
_SET_AT_CREATION = re.compile(
    r"(?i:(?:created|inserted|updated|modified)(?:_?(?:at|on|date|time))?|(?:date_?created)|(?:creation_?(?:time|date))|create_?time)"
)
_ENVELOPES = ("data", "attributes", "item", "result")
_MINUTES = frozenset(
    (
        *range(60, 15 * 60, 60),
        *(2 * 60 + 30, 3 * 60 + 30, 4 * 60 + 30, 5 * 60 + 30, 5 * 60 + 45, 6 * 60 + 30),
        *(8 * 60 + 45, 9 * 60 + 30, 10 * 60 + 30, 12 * 60 + 45, 13 * 60 + 45),
    )
)
"""Minutes by which time zones are ahead of UTC, or behind it. A clock that is 15 minutes off is in no zone."""
_CLOCKS = 120
"""Seconds by which the clocks of one service may differ, and a create may take."""
_MONEY = re.compile(r"(?i:(?:.*_)?(?:price|amount|total|subtotal|cost|balance|fee|tax|vat|discount))")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)")
_LOCAL = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?")
_READ_TWO_WAYS = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.]\d{2,4}(?:[ ,T].*)?")
_NO_COLON = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?[+-]\d{2}(?:\d\d)?")
_ARTEFACT = re.compile(r"-?\d+\.\d*?(?:0{6,}[1-9]|9{6,}\d?)\d?")


@dataclass(frozen=True)
class Found:
    """A value that may be read in two ways.

    Attributes:
        member: name of the member.
        what: what is wrong with it.
        value: as it is in the content.
    """

    member: str
    what: str
    value: str


def ambiguous(body: Any) -> list[Found]:
    """The values of one response that clients may read in two ways, one of each member and kind."""
    made: dict[tuple[str, str], Found] = {}
    for name, value in _members(body):
        what = fault(name, value)
        if what is not None:
            made.setdefault((name, what), Found(name, what, str(value)))
    return list(made.values())


def fault(name: str, value: Any) -> str | None:
    """What is wrong with the value of a member of that name; None where nothing is, or the name says nothing."""
    if isinstance(value, str) and _INSTANT.fullmatch(name) and not _RFC3339.fullmatch(value):
        if _LOCAL.fullmatch(value):
            return "an instant without an offset (RFC 3339 section 4.4)"
        if _NO_COLON.fullmatch(value):
            return "an instant whose offset is not that of RFC 3339 section 5.6"
        match = _READ_TWO_WAYS.fullmatch(value)
        if match is not None and int(match[1]) <= 31 and int(match[2]) <= 31:
            return "an instant whose day and month can be exchanged (RFC 3339 section 5.6)"
    if isinstance(value, float) and _MONEY.fullmatch(name) and _ARTEFACT.fullmatch(repr(value)):
        return "an amount with an artefact of binary numbers (RFC 8259 section 6)"
    return None


def styles(bodies: Iterable[Any]) -> dict[str, str]:
    """Members with the name of an instant that are a text in one response and a number in another, with examples."""
    texts: dict[str, str] = {}
    numbers: dict[str, str] = {}
    for body in bodies:
        for name, value in _members(body):
            if not _INSTANT.fullmatch(name) or isinstance(value, bool):
                continue
            if isinstance(value, str) and _RFC3339.fullmatch(value):
                texts.setdefault(name, value)
            elif isinstance(value, (int, float)):
                numbers.setdefault(name, str(value))
    return {name: f"{texts[name]} and {numbers[name]}" for name in texts if name in numbers}


def offsets(created: Any, sent: Any, date: datetime) -> dict[str, int]:
    """Seconds by which instants of a new item are in another zone than they say (RFC 3339 section 4.2); 0 for none.

    Args:
        created: the representation in the answer to the create, perhaps in an envelope.
        sent: what the create was sent: what a client says itself is its own affair.
        date: the Date field of that answer (RFC 9110 section 6.6.1), with its zone.
    """
    given = {name for name, _ in _members(sent)}
    found = {}
    for name, value in _new_item(created).items():
        if name in given or not _SET_AT_CREATION.fullmatch(name) or not isinstance(value, str):
            continue
        if not _RFC3339.fullmatch(value):
            continue
        try:
            off = (datetime.fromisoformat(value.upper()) - date).total_seconds()
        except ValueError:
            continue
        found[name] = _of_zone(off)
    return found


def _of_zone(off: float) -> int:
    """The offset of a time zone that a difference of so many seconds is, within what clocks differ; 0 for none."""
    whole = next((one * 60 for one in _MINUTES if abs(abs(off) - one * 60) <= _CLOCKS), 0)
    return whole if off > 0 else -whole


def _new_item(created: Any) -> dict[str, Any]:
    """The members of a new item itself: what it embeds was created at another time."""
    while isinstance(created, Mapping):
        inner = next((created[name] for name in _ENVELOPES if isinstance(created.get(name), Mapping)), None)
        if inner is None:
            return {str(name): value for name, value in created.items()}
        created = inner
    return {}


def _members(body: Any) -> Iterator[tuple[str, Any]]:
    """Name and value of every member, at any depth."""
    waiting, seen = [body], 0
    while waiting and seen < MOST_VALUES:
        node = waiting.pop()
        seen += 1
        if isinstance(node, Mapping):
            for name, value in node.items():
                yield str(name), value
                waiting.append(value)
        elif isinstance(node, list):
            waiting.extend(node)
