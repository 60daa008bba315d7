"""Cuts an OpenAPI document down to a size that can be read many times. Pure.

A document comes from someone else's server, and each part of it is read together with others: paths with servers,
operations with shared parameters, properties with required names. Parts longer than in any real document are cut,
with a note.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import jsonpointer

from harness.survey.openapi.document import Node, note

MAX_PATHS = 3_000
"""Paths that are read."""
MAX_MEMBERS = 2_000
"""Members of any other object, and items of an array, that are read."""
MAX_PROPERTIES = 500
"""Properties of a schema that are read, required ones first."""
MAX_NAME = 1_000
"""Most characters in a member's name."""
MAX_TEXT = 100_000
"""Most characters in a text."""
LISTS = {"enum": 5_000, "parameters": 200, "servers": 20, "security": 50, "tags": 200}
"""Items of arrays that are read once for each path or operation, by the member's name."""
_CATALOGUES = frozenset(
    ("schemas", "responses", "parameters", "examples", "requestBodies", "headers", "securitySchemes", "links")
)


def tamed(document: Node, notes: list[str]) -> Node:
    """The same document, changed in place: overlong parts are cut, and noted with their JSON Pointer.

    All definitions that others refer to by name are kept.
    """
    seen: set[int] = set()
    stack: list[tuple[Any, tuple[str, ...]]] = [(document, ())]
    while stack:
        node, place = stack.pop()
        if id(node) in seen:
            # A YAML alias: one object in several places.
            continue
        seen.add(id(node))
        if isinstance(node, dict):
            _object(node, place, notes)
        else:
            _array(node, place, notes)
        for key, value in list(_members(node)):
            if isinstance(value, (dict, list)):
                stack.append((value, (*place, str(key))))
            elif isinstance(value, (str, float)):
                node[key] = _scalar(value, (*place, str(key)), notes)
    return document


def _members(node: Any) -> Iterator[tuple[Any, Any]]:
    return iter(node.items()) if isinstance(node, dict) else enumerate(node)


def _object(node: Node, place: tuple[str, ...], notes: list[str]) -> None:
    for name in [name for name in node if len(name) > MAX_NAME or not _utf8(name)]:
        del node[name]
        note(notes, f"{pointer(place)}: the member {name[:40]!a}... was ignored because of its name")
    most = _most(node, place)
    if len(node) > most:
        note(notes, f"{pointer(place)}: of {len(node)} members the first {most} are read")
        for name in list(node)[most:]:
            del node[name]
    properties, required = node.get("properties"), node.get("required")
    if isinstance(properties, dict) and len(properties) > MAX_PROPERTIES:
        note(notes, f"{pointer(place)}: of {len(properties)} properties {MAX_PROPERTIES} are read")
        needed = {name for name in required if isinstance(name, str)} if isinstance(required, list) else set()
        for name in sorted(properties, key=lambda name: name not in needed)[MAX_PROPERTIES:]:
            del properties[name]


def _most(node: Node, place: tuple[str, ...]) -> int:
    if place == ("paths",):
        return MAX_PATHS
    catalogue = place[:1] == ("components",) and len(place) == 2 and place[1] in _CATALOGUES
    if catalogue or place in (("definitions",), ("responses",), ("parameters",)):
        return len(node)
    return MAX_MEMBERS


def _array(node: list[Any], place: tuple[str, ...], notes: list[str]) -> None:
    most = LISTS.get(place[-1], MAX_MEMBERS) if place else MAX_MEMBERS
    if len(node) > most:
        note(notes, f"{pointer(place)}: of {len(node)} items the first {most} are read")
        del node[most:]


def _scalar(value: str | float, place: tuple[str, ...], notes: list[str]) -> Any:
    if isinstance(value, float):
        # JSON has no such numbers, and could not carry them back to the server (RFC 8259 section 6).
        return value if math.isfinite(value) else None
    if len(value) > MAX_TEXT:
        note(notes, f"{pointer(place)}: of {len(value)} characters the first {MAX_TEXT} are read")
        value = value[:MAX_TEXT]
    return value if _utf8(value) else value.encode("utf-8", "replace").decode()


def _utf8(text: str) -> bool:
    """Whether a text can be encoded in UTF-8: not with half a surrogate pair (RFC 8259 section 8.2)."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def pointer(place: tuple[str, ...]) -> str:
    """A place in the document as a URI fragment (RFC 6901 section 6), shortened in the middle if it is long."""
    shown = "#" + "".join(f"/{jsonpointer.escape(name)}" for name in place)
    return shown if len(shown) <= 120 else f"{shown[:80]}...{shown[-37:]}"


def weight(value: Any, most: int) -> int:
    """The number of values in a value, with long texts counted per thousand characters; counting ends at `most`.

    Args:
        value: JSON.
        most: the limit; `most + 1` is returned for anything larger.
    """
    found, stack = 0, [value]
    while stack and found <= most:
        one = stack.pop()
        found += 1
        if isinstance(one, str):
            found += len(one) // 1000
        elif isinstance(one, dict):
            found += len(one)
            stack.extend(one.values())
        elif isinstance(one, list):
            stack.extend(one)
    return min(found, most + 1)
