"""Valid values at the edges of a schema: bounds, zero, false, null, empty, absent, Unicode, numbers beyond a word.

Each is certainly valid by the schema, so that an API that answers it with an error, or stores another value, does not
keep what its document says. Members that mean something to the server (ids, states, addresses, codes) are left out.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import jsonpointer

from harness.http.content import MISSING, at, key_parts, replaced
from harness.payloads.constraints import Json, Schema, joined, kinds, member, valid
from harness.payloads.invalid import MOST_MEMBERS
from harness.profile.models import Resource

SAFE = 2**53 - 1
"""The largest integer that every implementation of JSON keeps exactly (RFC 8259 section 6)."""
WORD = 2**31
"""The first integer beyond 32 bits."""
UNICODE = "Zo\u00eb \u03a9 \u6771\u4eac \U0001f389"
"""Letters of two and three bytes in UTF-8, and one of four, which some databases refuse; composed (NFC)."""
LONGEST = 5_000
_LAST_DAY, _LEAP_DAY = "9999-12-31", "2096-02-29"
"""In the future: a day in the past may start what was planned for it."""
_OFFSET = dt.timezone(dt.timedelta(hours=5, minutes=30))
_MEANS = re.compile(
    r"(?i:.*(?:status|state|phase|mode|format|password|secret|token|email|e_?mail|phone|slug|code|sku|isbn|iban|currency"
    r"|country|locale|language|time_?zone|role|host|address|url|uri|href|path|key|user_?name|login|cron|expression"
    r"|query|schema|regex|pattern|colou?r|icon|version|revision|etag))"
    r"|id|_id|.*_ids?|.*[a-z]I[dD]s?|uuid|guid|self|_?links?|type|kind|object|parent.*|.*_by|.*By"
)
"""Names of members whose values mean more to a server than their schema says."""
_PAIRED = re.compile(r"(?i:.*(?:min|max|low|high|from|start|begin|end|until|limit|first|last).*)|to")
"""Names of members of which one must often not exceed another."""


@dataclass(frozen=True)
class Edge:
    """One valid value of one member.

    Attributes:
        pointer: location of the member in the whole body (RFC 6901).
        member: its name.
        what: the value in words.
        value: JSON; `MISSING` where the member is left out.
        promised: whether the schema itself names the bound, so that a refusal contradicts it.
        compared: whether the value read back is compared with it.
        fine: whether only a loss that hurts hardly anybody can be seen with it.
        generated: whether a generator made it.
        room: where the member has the text by which the run recognises its item, the value follows that, up to so many
            characters; None where it takes its place.
    """

    pointer: str
    member: str
    what: str
    value: Any
    promised: bool = False
    compared: bool = True
    fine: bool = False
    generated: bool = False
    room: int | None = None

    def put(self, body: Json) -> Json:
        """A copy of a body with this value."""
        now = at(body, self.pointer)
        if self.room is None or not isinstance(now, str):
            return replaced(body, self.pointer, self.value)
        return replaced(body, self.pointer, f"{now} {self.value}"[: self.room].rstrip())

    def shown(self) -> str:
        """The value in a few words."""
        return f"{self.pointer}: {self.what}"


def edges(known: Resource, body: Json, tag: str | None = None) -> list[Edge]:
    """The edges of every member that a create may set, in the order of the schema.

    Args:
        body: one that the API accepts; valid by the schema, or nothing could be said.
        tag: location of the text by which the run recognises its item: it stays, with something behind it.
    """
    schema = known.create_schema
    if schema is None or not valid(schema, body):
        return []
    inner = joined(schema, member(schema, known.representation) or {})
    properties = inner.get("properties")
    fixed = {known.representation + one for one in _fixed(known)}
    required = set(inner.get("required") or ())
    found = []
    for name, part in islice(properties.items(), MOST_MEMBERS) if isinstance(properties, dict) else ():
        pointer = f"{known.representation}/{jsonpointer.escape(name)}"
        constraints = joined(schema, part)
        if pointer in fixed or pointer in key_parts(known.id) or name in known.read_only:
            continue
        if constraints.get("readOnly") is True or "const" in constraints or "enum" in constraints:
            continue
        now = at(body, pointer)
        for edge in _of_member(pointer, name, constraints, now, name not in required):
            if pointer == tag:
                if not isinstance(edge.value, str) or len(edge.value) < len(UNICODE):
                    continue
                most = constraints.get("maxLength")
                edge = replace(edge, room=most if isinstance(most, int) else LONGEST)
            changed = edge.put(body)
            if changed != body and valid(schema, changed):
                shown = edge.compared and constraints.get("writeOnly") is not True
                found.append(replace(edge, compared=shown))
    return found


def to_draw(found: Sequence[Edge], known: Resource) -> Schema:
    """The schema of an object with the members that have edges, and no other: it is generated in a fraction of the time
    that the whole body takes."""
    schema = known.create_schema or {}
    inner = joined(schema, member(schema, known.representation) or {}).get("properties", {})
    names = dict.fromkeys(edge.member for edge in found if edge.room is None)
    return {
        "type": "object",
        "properties": {name: inner[name] for name in names},
        "required": list(names),
        "additionalProperties": False,
        "$defs": schema.get("$defs", {}),
    }


def drawn(found: Sequence[Edge], objects: Iterable[Json], schema: Schema, body: Json) -> list[Edge]:
    """Values of generated objects of `to_draw()`, each valid in the given body."""
    places = {edge.member: edge.pointer for edge in found if edge.room is None}
    made: list[Edge] = []
    for one in objects:
        for name, pointer in places.items():
            value = one.get(name, MISSING) if isinstance(one, dict) else MISSING
            edge = Edge(pointer, name, "a generated value", value, compared=False, generated=True)
            taken = any(edge.pointer == other.pointer and value == other.value for other in made)
            if _harmless(value) and not taken and valid(schema, replaced(body, pointer, value)):
                made.append(edge)
    return made


def _harmless(value: Json) -> bool:
    """Whether a generated value is there, and no number of a size that may make an item unreadable for ever."""
    if isinstance(value, (int, float)):
        return abs(value) <= SAFE
    return value is not MISSING


def waves(found: Sequence[Edge]) -> list[list[Edge]]:
    """Edges in groups with one of each member: a group is tried with one request."""
    of_member: dict[str, list[Edge]] = {}
    for edge in found:
        of_member.setdefault(edge.pointer, []).append(edge)
    longest = max(map(len, of_member.values()), default=0)
    return [[own[turn] for own in of_member.values() if turn < len(own)] for turn in range(longest)]


def with_edges(body: Json, chosen: Iterable[Edge]) -> Json:
    """A copy of a body with these values."""
    for edge in chosen:
        body = edge.put(body)
    return body


def _fixed(known: Resource) -> Iterator[str]:
    yield from (*known.unique, *known.fresh, *known.volatile)
    keyed = known.idempotency.body if known.idempotency is not None else None
    yield from (one for one in (known.locking.version, known.soft_delete, keyed) if one)


def _of_member(pointer: str, name: str, schema: Schema, now: Json, optional: bool) -> Iterator[Edge]:
    allowed = kinds(schema)
    means = bool(_MEANS.fullmatch(name))
    if "string" in allowed and schema.get("format") == "date-time" and isinstance(now, str):
        if (same := respelled(now)) is not None:
            yield Edge(pointer, name, f"the same instant with another offset, {same}", same)
        if "pattern" not in schema and not means:
            yield Edge(
                pointer, name, "the last instant of RFC 3339", f"{_LAST_DAY}T23:59:59Z", compared=False
            )
        return
    if means:
        return
    if "string" in allowed and schema.get("format") == "date" and "pattern" not in schema:
        yield Edge(pointer, name, "the last day of RFC 3339", _LAST_DAY, compared=False)
        yield Edge(pointer, name, f"a leap day, {_LEAP_DAY}", _LEAP_DAY)
    if "boolean" in allowed:
        yield Edge(pointer, name, "false", False)
        yield Edge(pointer, name, "true", True)
    elif {"integer", "number"} & set(allowed):
        yield from _numbers(pointer, name, schema, "number" not in allowed)
    elif "string" in allowed and not {"format", "pattern", "contentEncoding"} & set(schema):
        yield from _texts(pointer, name, schema)
    elif "array" in allowed:
        yield Edge(pointer, name, "an empty array", [])
    if "null" in allowed:
        yield Edge(pointer, name, "null, which the schema allows", None, promised=True)
    if optional:
        what = "left out, which the schema allows"
        yield Edge(pointer, name, what, MISSING, promised=True, compared=False)


def _numbers(pointer: str, name: str, schema: Schema, whole: bool) -> Iterator[Edge]:
    step = schema.get("multipleOf", 1 if whole else 0)
    paired = bool(_PAIRED.fullmatch(name))
    for word, sign in (("minimum", 1), ("exclusiveMinimum", 1), ("maximum", -1), ("exclusiveMaximum", -1)):
        bound = schema.get(word)
        if isinstance(bound, bool) or not isinstance(bound, (int, float)) or abs(bound) > SAFE:
            continue
        exclusive = word.startswith("exclusive")
        if exclusive and not step:
            continue
        value = bound + sign * step if exclusive else bound
        value = int(value) if value == int(value) else value
        yield Edge(pointer, name, f"{value}, its {word}", value, promised=not paired)
    yield Edge(pointer, name, "0", 0)
    if whole:
        yield Edge(pointer, name, f"{WORD}, which needs more than 32 bits", WORD)
        exact = schema.get("format") == "int64"
        large = 2**53 + 1 if exact else SAFE
        yield Edge(pointer, name, f"{large}{', an int64' if exact else ''}", large)
    else:
        yield Edge(pointer, name, "1234567.89", 1234567.89, fine=schema.get("format") == "float")
        yield Edge(pointer, name, "0.1", 0.1)
        yield Edge(pointer, name, "1e-7", 1e-7, fine=True)


def _texts(pointer: str, name: str, schema: Schema) -> Iterator[Edge]:
    least, most = schema.get("minLength"), schema.get("maxLength")
    if isinstance(most, int) and 0 < most <= LONGEST:
        yield Edge(pointer, name, f"{most} characters, its maxLength", "x" * most, promised=True)
    if isinstance(least, int) and 1 <= least <= LONGEST:
        yield Edge(pointer, name, f"{least} characters, its minLength", "x" * least, promised=True)
    room = most if isinstance(most, int) else LONGEST
    yield Edge(pointer, name, f"Unicode, {UNICODE[:room]!r}", UNICODE[:room].rstrip())
    yield Edge(pointer, name, "a text of digits, '00123'", "00123")
    yield Edge(pointer, name, "quotes and signs", 'O\'Brien & "Sons": 100% \\ $5')
    yield Edge(pointer, name, "an empty text", "")
    yield Edge(pointer, name, "a text with a NUL character", "a\0b", compared=False)


def respelled(text: str) -> str | None:
    """The same instant with another offset (RFC 3339); None where the text is no instant."""
    try:
        instant = dt.datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    if instant.tzinfo is None:
        return None
    zone = _OFFSET if instant.utcoffset() != dt.timedelta(hours=5, minutes=30) else dt.UTC
    try:
        return instant.replace(microsecond=0).astimezone(zone).isoformat()
    except (OverflowError, ValueError):
        return None
