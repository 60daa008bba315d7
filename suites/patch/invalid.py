"""Members with values that a patch must not store, and patches that are valid in one half only. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonpointer

from harness.http.content import MISSING, at, replaced
from harness.payloads.constraints import Schema, errors
from harness.payloads.invalid import violations
from harness.profile.models import Resource
from harness.resource.patch_documents import merging, setting

READ_ONLY = "read-only"
TEXT = "text"
"""Kind of a number that is written as a text."""
KINDS = ("type", "enum", "required", "range", "length", "format")
_MOST_READ_ONLY = 2


@dataclass(frozen=True)
class Wrong:
    """A value that a member must not have.

    Attributes:
        kind: the constraint that it breaks; `READ_ONLY` for a member that only the server sets.
        pointer: the member, inside the whole body.
        value: the value; `MISSING` where a required member is removed.
    """

    kind: str
    pointer: str
    value: Any

    @property
    def text(self) -> str:
        """The member and what is wrong with it, for messages."""
        if self.kind == READ_ONLY:
            return f"a read-only {self.pointer}"
        return f"no {self.pointer}" if self.value is MISSING else f"an invalid {self.pointer} ({self.kind})"


def wrongs(schema: Schema, body: Any, representation: str) -> list[Wrong]:
    """Every value that certainly breaks the schema at one member, in the order of the schema."""
    found = [
        Wrong(one.kind, one.pointer, at(one.body, one.pointer))
        for one in violations(schema, body, representation)
    ]
    return [*found, *_numbers_as_texts(schema, body, representation)]


def _numbers_as_texts(schema: Schema, body: Any, representation: str) -> Iterator[Wrong]:
    inside = at(body, representation)
    for name, value in inside.items() if isinstance(inside, Mapping) else ():
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        pointer = f"{representation}/{jsonpointer.escape(name)}"
        found = errors(schema, replaced(body, pointer, str(value)))
        path = jsonpointer.JsonPointer(pointer).parts
        if found and all([str(part) for part in one.absolute_path] == path for one in found):
            yield Wrong(TEXT, pointer, str(value))


def some_of_each(found: list[Wrong], kinds: Mapping[str, int]) -> list[Wrong]:
    """At most so many of each kind, each of another member, in the order of the kinds."""
    chosen: list[Wrong] = []
    for kind, most in kinds.items():
        members = dict.fromkeys(one.pointer for one in found if one.kind == kind)
        firsts = [
            next(one for one in found if one.kind == kind and one.pointer == place) for place in members
        ]
        chosen += firsts[:most]
    return chosen


def read_only(known: Resource, shown: Any) -> list[Wrong]:
    """Members that only the server sets, with another value of the same type; never the id, nor what guards writes."""
    kept = {known.id, known.representation + (known.locking.version or known.id)}
    found = []
    for name in known.read_only:
        pointer = f"{known.representation}/{jsonpointer.escape(name)}"
        value = at(shown, pointer)
        if pointer in kept or isinstance(value, bool) or not isinstance(value, str | int):
            continue
        other = (
            value + 1 if isinstance(value, int) else (value[::-1] if value[::-1] != value else f"{value}0")
        )
        found.append(Wrong(READ_ONLY, pointer, other))
    return found[:_MOST_READ_ONLY]


def half_wrong(
    place: str, value: Any, wrong: list[Wrong], *, operations: bool
) -> Iterator[tuple[str, Any, Wrong | None]]:
    """Patches of which one half is valid and the other must not be stored: name, patch, and the wrong half.

    Args:
        place: a member that may be changed, by its pointer.
        value: a valid value for it.
        wrong: values of other members.
        operations: whether patches are lists of operations (RFC 6902).
    """
    if operations:
        absent = f"{place}-no-such-member-7c1d"
        for name, last in (
            ("a replace, then a test that fails", {"op": "test", "path": place, "value": {"never": "so"}}),
            ("a replace, then a remove of what is not there", {"op": "remove", "path": absent}),
        ):
            yield name, [*setting(place, value), last], None
    for one in wrong:
        if f"{place}/".startswith(f"{one.pointer}/") or f"{one.pointer}/".startswith(f"{place}/"):
            continue
        if operations:
            yield f"a valid {place}, then {one.text}", [*setting(place, value), *refused(one, True)], one
            continue
        first, last = merging(place, value), refused(one, False)
        yield f"a valid {place}, then {one.text}", together(first, last), one
        yield f"{one.text}, then a valid {place}", together(last, first), one


def together(first: Any, last: Any) -> Any:
    """A merge patch with the members of two, in their order, nulls included."""
    made = dict(first)
    for name, value in last.items():
        inside = made.get(name)
        both = isinstance(inside, Mapping) and isinstance(value, Mapping)
        made[name] = together(inside, value) if both else value
    return made


def refused(wrong: Wrong, operations: bool) -> Any:
    """The patch that makes one member invalid."""
    if not operations:
        return merging(wrong.pointer, None if wrong.value is MISSING else wrong.value)
    if wrong.value is MISSING:
        return [{"op": "remove", "path": wrong.pointer}]
    return setting(wrong.pointer, wrong.value)
