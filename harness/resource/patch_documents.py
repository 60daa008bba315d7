"""Patch documents and their meaning: JSON Merge Patch (RFC 7396) and JSON Patch (RFC 6902).

The expected result of a patch is computed by independent libraries, never here.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import json_merge_patch
import jsonpatch
import jsonpointer

from harness.http.content import MISSING, at, differences
from harness.payloads.constraints import errors

MERGE_PATCH = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
PLAIN = "application/json"

WORDS = ("alpha", "beta", "gamma", "delta", "a/b", "m~n")
VALUES: tuple[tuple[Any, ...], ...] = (WORDS, (3, 1, 4, 15, 9, 2), (True, False))
"""Values of one kind for the members of a map, the preferred kind first."""

Operation = dict[str, Any]


def after_merge(document: Any, patch: Any) -> Any:
    """What JSON Merge Patch makes of a document (RFC 7396 section 2)."""
    return json_merge_patch.merge(copy.deepcopy(document), copy.deepcopy(patch))


def after_operations(document: Any, operations: Sequence[Operation]) -> Any:
    """What JSON Patch makes of a document (RFC 6902 section 4); `MISSING` where it must fail."""
    try:
        return jsonpatch.apply_patch(document, operations)
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException):
        return MISSING


def merging(place: str, value: Any) -> Any:
    """The merge patch that sets one location, given as a JSON Pointer through objects, to a value."""
    patch = value
    for name in reversed(jsonpointer.JsonPointer(place).parts):
        patch = {name: patch}
    return patch


def setting(place: str, value: Any) -> list[Operation]:
    """The JSON Patch that replaces what is at a location."""
    return [{"op": "replace", "path": place, "value": value}]


def unset(value: Any) -> bool:
    """Whether a value is how a representation shows that nothing is set."""
    return value is MISSING or value in (None, "", [], {})


def same_set(found: Any, wanted: Any) -> bool:
    """Whether a location holds what it should; an empty object or array may as well be left out."""
    return not differences(found, wanted) or (unset(found) and unset(wanted))


def free_map(body: Any, schema: Any, representation: str, words: Sequence[str]) -> str | None:
    """Pointer, in the whole body, of a member that takes any texts under any names; None where none is known.

    Args:
        body: a valid body.
        schema: JSON Schema of bodies.
        representation: pointer of the object with the members.
        words: names, and texts, that it must take.
    """
    found = open_map(body, schema, representation, words, (words,))
    return None if found is None else found[0]


def open_map(
    body: Any,
    schema: Any,
    representation: str,
    names: Sequence[str] = WORDS,
    kinds: Sequence[Sequence[Any]] = VALUES,
) -> tuple[str, list[Any]] | None:
    """A member that takes any names with values of one kind, and values to use; None where none is known.

    Args:
        body, schema, representation: as for `free_map`.
        names: that it must take.
        kinds: values of one kind each, the preferred kind first.
    """
    inside = at(body, representation)
    if not isinstance(inside, Mapping) or not isinstance(schema, dict) or errors(schema, body) != []:
        return None
    for values in kinds:
        for name in sorted(inside):
            place = f"{representation}/{jsonpointer.escape(name)}"
            if not isinstance(inside[name], Mapping):
                continue
            tried = copy.deepcopy(body)
            pairs = zip(names, itertools.cycle(values), strict=False)
            jsonpointer.set_pointer(tried, place, dict(pairs))
            if errors(schema, tried) == []:
                return place, list(values)
    return None


def nested_scalars(body: Any, representation: str, apart: str | None) -> list[tuple[str, str]]:
    """Members of nested objects that hold a scalar beside at least one other member.

    Args:
        body: a valid body.
        representation: where the resource's own members are.
        apart: an object to leave out; None for none.

    Returns:
        Pointers inside the representation of the object, and the name of the member in it.
    """
    inside = at(body, representation)
    found = []
    for name, value in sorted(inside.items()) if isinstance(inside, Mapping) else ():
        place = f"/{jsonpointer.escape(name)}"
        if isinstance(value, Mapping) and len(value) > 1 and representation + place != apart:
            scalars = [key for key, one in sorted(value.items()) if isinstance(one, str | int | float)]
            found += [(place, key) for key in scalars]
    return found


def shows_nothing(value: Any) -> Any:
    """A representation without members that are null: an absent member may be shown so."""
    if isinstance(value, Mapping):
        return {name: shows_nothing(one) for name, one in value.items() if one is not None}
    return value


@dataclass(frozen=True)
class Faulty:
    """A JSON Patch document that must be refused, whatever the state it is applied to holds."""

    name: str
    operations: Any


def faulty(place: str, value: Any) -> list[Faulty]:
    """JSON Patch documents that must fail, one for each way (RFC 6902 sections 4 and 5).

    Args:
        place: an existing location that holds a scalar.
        value: another valid value for it.
    """
    absent = f"{place.rsplit('/', 1)[0]}/no-such-member-7c1d"
    return [
        Faulty("remove of a location that does not exist", [{"op": "remove", "path": absent}]),
        Faulty("replace of a location that does not exist", setting(absent, value)),
        Faulty("move from a location that does not exist", [{"op": "move", "from": absent, "path": place}]),
        Faulty("an unknown op", [{"op": "increment", "path": place, "value": value}]),
        Faulty("replace without value", [{"op": "replace", "path": place}]),
        Faulty("move without from", [{"op": "move", "path": place}]),
    ]


def out_of_range(place: str, length: int, value: Any) -> Faulty:
    """The same for an index beyond the end of an array (RFC 6902 section 4.1)."""
    return Faulty(
        "add at an index beyond the end", [{"op": "add", "path": f"{place}/{length + 3}", "value": value}]
    )


# -- operations to try -------------------------------------------------------------------------------------

Move = tuple[str, int, int]
"""An operation in the abstract: what is done, and two numbers that choose where and with what."""
ON_MAPS = ("set", "unset", "change", "rename", "double", "check")
ON_ARRAYS = ("push", "insert", "drop", "swap", "shift", "again")


def explicit(on_map: bool, on_array: bool) -> Iterator[list[Move]]:
    """Sequences of operations that are tried first: each kind once, then some together."""
    for kind in (*(ON_MAPS if on_map else ()), *(ON_ARRAYS if on_array else ())):
        yield [(kind, 1, 2)]
    if on_map:
        yield [("set", 4, 0), ("rename", 4, 5), ("double", 5, 0)]
    if on_array:
        yield [("insert", 0, 3), ("push", 0, 1), ("shift", 2, 0), ("drop", 1, 0)]


def concrete(
    document: Any,
    moves: Sequence[Move],
    map_at: str | None,
    array_at: str | None,
    elements: Sequence[Any] = WORDS,
) -> list[Operation]:
    """Operations that fit a document, of moves in the abstract; those for which there is nothing are left out.

    Args:
        map_at, array_at: where the document has a map of texts, and an array.
        elements: what may be in the array.
    """
    done: list[Operation] = []
    for move in moves:
        kind = move[0]
        place = map_at if kind in ON_MAPS else array_at
        here = MISSING if place is None else at(document, place)
        made = (
            _on_map(here, place or "", move)
            if isinstance(here, Mapping)
            else _on_array(here, place or "", move, elements)
            if isinstance(here, list)
            else None
        )
        if made is not None:
            done.append(made)
            document = after_operations(document, [made])
    return done


def _on_map(here: Mapping[str, Any], place: str, move: Move) -> Operation | None:
    kind, first, second = move
    word, other = WORDS[first % len(WORDS)], WORDS[second % len(WORDS)]
    path = f"{place}/{jsonpointer.escape(word)}"
    if kind == "set":
        return {"op": "add", "path": path, "value": other}
    names = sorted(here)
    if not names:
        return None
    known = f"{place}/{jsonpointer.escape(names[first % len(names)])}"
    if kind == "unset":
        return {"op": "remove", "path": known}
    if kind == "change":
        return {"op": "replace", "path": known, "value": other}
    if kind == "check":
        return {"op": "test", "path": known, "value": here[names[first % len(names)]]}
    return {
        "op": "move" if kind == "rename" else "copy",
        "from": known,
        "path": f"{place}/{jsonpointer.escape(other)}",
    }


def _on_array(here: list[Any], place: str, move: Move, elements: Sequence[Any]) -> Operation | None:
    kind, first, second = move
    word = elements[second % len(elements)]
    if kind == "push":
        return {"op": "add", "path": f"{place}/-", "value": word}
    if kind == "insert":
        return {"op": "add", "path": f"{place}/{first % (len(here) + 1)}", "value": word}
    if not here:
        return None
    index = first % len(here)
    if kind == "drop":
        return {"op": "remove", "path": f"{place}/{index}"}
    if kind == "swap":
        return {"op": "replace", "path": f"{place}/{index}", "value": word}
    return {
        "op": "move" if kind == "shift" else "copy",
        "from": f"{place}/{index}",
        "path": f"{place}/{second % len(here)}",
    }
