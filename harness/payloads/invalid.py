"""Bodies that are certainly invalid, in one known way: what ERR-004 and ERR-005 send.

A violation counts only where jsonschema finds the untouched body valid, the altered one invalid, and nothing
wrong anywhere but at the one member. None can be taken for a coercible value: a scalar becomes an object, a
number never `"5"`.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

import jsonpointer

from harness.payloads.constraints import Json, Schema, at, errors, joined, kinds, member

Kind = Literal["required", "type", "enum", "format", "pattern", "length", "range"]
MOST_MEMBERS = 100
"""Members whose constraints are violated."""
_LONGEST = 5_000
_EXACT = 2**53
"""Beyond it numbers lose their exactness on the way (RFC 8259 section 6)."""
_BROKEN = {
    "email": "no-address",
    "date-time": "no-date-time",
    "date": "no-date",
    "uuid": "no-uuid",
}
_NO_SCALAR = {"unexpected": ["object"]}
_NO_CONTAINER = "neither a list nor an object"
_TAIL = "~~"
_TURNS: tuple[Kind, ...] = ("range", "length", "pattern", "required", "enum", "format", "type")
_MISSING = object()
_NESTED = 3
"""Members of a member beside the representation."""


@dataclass(frozen=True)
class Violation:
    """One constraint of one member, violated.

    Attributes:
        kind: which constraint.
        pointer: location of the member in the whole body (RFC 6901).
        member: its name, as an error should say it.
        body: the whole body, invalid at that member only.
    """

    kind: Kind
    pointer: str
    member: str
    body: dict[str, Any]


def violations(schema: Schema, body: dict[str, Json], representation: str = "") -> list[Violation]:
    """Every certain violation of a member's constraint, one at a time, in the order of the schema.

    Args:
        schema: self-contained JSON Schema of the body.
        body: a valid body; with an invalid one nothing could be attributed, and the list is empty.
        representation: pointer of the object whose members are violated.
    """
    if errors(schema, body) != [] or not isinstance(at(body, representation), dict):
        return []
    inner = joined(schema, member(schema, representation) or {})
    properties = inner.get("properties")
    required = [name for name in inner.get("required") or () if isinstance(name, str)]
    found = []
    for name, part in islice(properties.items(), MOST_MEMBERS) if isinstance(properties, dict) else ():
        pointer = f"{representation}/{jsonpointer.escape(name)}"
        constraints = joined(schema, part)
        if name in required and "default" not in constraints:
            left_out = _altered(body, pointer, _MISSING)
            found += _confirmed(schema, body, Violation("required", pointer, name, left_out))
        if constraints.get("readOnly") is True or "const" in constraints:
            continue
        seen: set[Kind] = set()
        for kind, value in _wrong(constraints):
            if kind not in seen or kind in ("length", "range"):
                altered = _altered(body, pointer, value)
                one = _confirmed(schema, body, Violation(kind, pointer, name, altered))
                found += one
                seen.update(violation.kind for violation in one)
        if "pattern" not in seen:
            found += _misspelled(schema, body, pointer, name, constraints)
    return found


def _misspelled(
    schema: Schema, body: dict[str, Json], pointer: str, name: str, constraints: Schema
) -> list[Violation]:
    """The accepted text with a tail that breaks its pattern, and nothing else."""
    now = at(body, pointer)
    if "pattern" not in constraints or "enum" in constraints or not isinstance(now, str):
        return []
    altered = _altered(body, pointer, f"{now}{_TAIL}")
    found = _confirmed(schema, body, Violation("pattern", pointer, name, altered))
    wrong = {error.validator for one in found for error in errors(schema, one.body) or ()}
    return found if wrong == {"pattern"} else []


def spread(found: Sequence[Violation], most: int) -> list[int]:
    """Which violations to try where there are too many: each kind in turn, each of another member; in their order.

    Types are last: what checks one of them checks the others, and bounds and patterns are checked one by one.
    """
    left = {kind: [number for number, one in enumerate(found) if one.kind == kind] for kind in _TURNS}
    chosen: list[int] = []
    while len(chosen) < min(most, len(found)):
        for numbers in left.values():
            if numbers and len(chosen) < most:
                chosen.append(numbers.pop(0))
    return sorted(chosen)


def beside(schema: Schema, body: dict[str, Json], representation: str) -> list[Violation]:
    """Violations of the types of members beside the representation, such as `relationships` of JSON:API.

    Members of such a member are null, where its schema does not allow that.

    Args:
        body: a valid body.
        representation: pointer of the object whose members are not violated; without an envelope, there are none.
    """
    if not representation or errors(schema, body) != []:
        return []
    outer = representation.rpartition("/")[0]
    found = [one for one in violations(schema, body, outer) if one.kind == "type"]
    around = joined(schema, member(schema, outer) or {}).get("properties")
    for name, part in around.items() if isinstance(around, dict) else ():
        pointer = f"{outer}/{jsonpointer.escape(name)}"
        nested = joined(schema, part).get("properties")
        if pointer == representation or not isinstance(nested, dict):
            continue
        now = at(body, pointer)
        room = _altered(body, pointer, now if isinstance(now, dict) else {})
        for child in islice(nested, _NESTED) if errors(schema, room) == [] else ():
            place = f"{pointer}/{jsonpointer.escape(child)}"
            found += _confirmed(schema, room, Violation("type", place, child, _altered(room, place, None)))
    return [one for one in found if one.pointer != representation]


def combined(found: Sequence[Violation]) -> dict[str, Any] | None:
    """One body that violates three different members at the same stage, or None where that cannot be.

    A server may stop after parsing types, before it looks for members that are missing: three of one kind
    come first, a mixture last.
    """
    for kinds_ in (("required",), ("type",), ("required", "type")):
        chosen: dict[str, Violation] = {}
        for violation in found:
            if violation.kind in kinds_:
                chosen.setdefault(violation.pointer, violation)
        if len(chosen) >= 3:
            picked = list(chosen.values())[:3]
            body = copy.deepcopy(picked[0].body)
            for violation in picked[1:]:
                value = jsonpointer.resolve_pointer(violation.body, violation.pointer, _MISSING)
                body = _altered(body, violation.pointer, value)
            return body
    return None


def _altered(body: dict[str, Json], pointer: str, value: Any) -> dict[str, Json]:
    made = copy.deepcopy(body)
    parent, name = jsonpointer.JsonPointer(pointer).to_last(made)
    if value is _MISSING:
        parent.pop(name, None)
    else:
        parent[name] = copy.deepcopy(value)
    return made


def _confirmed(schema: Schema, body: dict[str, Json], violation: Violation) -> list[Violation]:
    """The violation in a list, or an empty list where it is not certain."""
    wrong = errors(schema, violation.body)
    path = list(jsonpointer.JsonPointer(violation.pointer).parts)
    if not wrong or violation.body == body:
        return []
    for error in wrong:
        where = [str(part) for part in error.absolute_path]
        if violation.kind == "required":
            if error.validator != "required" or where != path[:-1]:
                return []
            instance: Any = error.instance
            demanded: Any = error.validator_value
            if [name for name in demanded if name not in instance] != [violation.member]:
                return []
        elif where[: len(path)] != path:
            return []
    return [violation]


def _wrong(schema: Schema) -> Iterator[tuple[Kind, Json]]:
    """Values that break one constraint each."""
    allowed = kinds(schema)
    if allowed:
        containers = {"object", "array"} & set(allowed)
        yield "type", (_NO_CONTAINER if containers else _NO_SCALAR)
    if "enum" in schema:
        texts = all(isinstance(option, str) or option is None for option in schema["enum"])
        yield "enum", ("no-such-value" if texts else -987654321)
        return
    format_ = schema.get("format")
    if "string" in allowed and format_ in _BROKEN:
        yield "format", _BROKEN[format_]
    if "string" in allowed and "pattern" not in schema and format_ is None:
        yield from _lengths(schema)
    if {"integer", "number"} & set(allowed):
        yield from _ranges(schema)


def _lengths(schema: Schema) -> Iterator[tuple[Kind, str]]:
    least, most = schema.get("minLength"), schema.get("maxLength")
    if isinstance(most, int) and 0 <= most <= _LONGEST:
        yield "length", "x" * (most + 1)
    if isinstance(least, int) and 1 <= least <= _LONGEST:
        yield "length", "x" * (least - 1)


def _ranges(schema: Schema) -> Iterator[tuple[Kind, int | float]]:
    step = schema.get("multipleOf", 1)
    for word, away in (
        ("minimum", -step),
        ("maximum", step),
        ("exclusiveMinimum", 0),
        ("exclusiveMaximum", 0),
    ):
        bound = schema.get(word)
        if isinstance(bound, bool) or not isinstance(bound, (int, float)) or not math.isfinite(bound):
            continue
        if abs(bound) < _EXACT:
            value = bound + away
            yield "range", (int(value) if value == int(value) else value)
