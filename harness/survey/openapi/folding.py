"""Bounds how many schemas apply to one value of a self-contained schema, by removing parts. Pure.

Validators, samplers and generators expand `$ref`, `allOf` and similar keywords at one place of a value: twelve levels
of ten references each are 10^12 schemas.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from harness.survey.openapi.document import Node

MOST = 2_000
"""Schemas that may apply to one value."""
_ONE = ("not", "if", "then", "else")
_SEVERAL = ("allOf", "anyOf", "oneOf")
_INSIDE = ("items", "additionalProperties", "contains", "propertyNames")
_NAMED = ("properties", "patternProperties")


@dataclass(frozen=True)
class Folded:
    """What earlier calls of `fold()` have done, by `id()`; each entry keeps its schema alive.

    Attributes:
        counted: number of schemas that each visited schema expands to.
        whole: definitions of which every part is counted.
    """

    counted: dict[int, tuple[Node, int]] = field(default_factory=dict)
    whole: dict[int, Node] = field(default_factory=dict)


def fold(schema: Node, definitions: Node, before: Folded) -> list[str]:
    """Remove, in place, the keywords that make more than `MOST` schemas apply to one value.

    Args:
        schema: self-contained except for its `$defs`.
        definitions: its `$defs`.
        before: what earlier calls have done, and this one adds to.

    Returns:
        What was removed, such as `allOf of L3`.
    """
    given_up: list[str] = []
    for name, root in [("its root", schema), *definitions.items()]:
        if id(root) not in before.whole:
            for node in _all(root):
                _count(node, name, definitions, before.counted, given_up)
            before.whole[id(root)] = root
    return given_up


def _all(root: Any) -> Iterator[Node]:
    """Every schema in one, references not followed."""
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            yield node
            stack.extend(_inside(node))
            stack.extend(one for word, parts in _applied(node, {}) if word != "$ref" for _, one in parts)


def _count(
    root: Node, name: str, definitions: Node, counted: dict[int, tuple[Node, int]], given_up: list[str]
) -> None:
    """Count a schema after those that it applies to the same value; a circle counts once."""
    stack: list[tuple[Any, str, bool]] = [(root, name, False)]
    open_: set[int] = set()
    while stack:
        node, where, done = stack.pop()
        if not isinstance(node, dict) or (not done and (id(node) in counted or id(node) in open_)):
            continue
        if done:
            counted[id(node)] = node, _settled(node, where, definitions, counted, given_up)
            continue
        open_.add(id(node))
        stack.append((node, where, True))
        for _, parts in _applied(node, definitions):
            stack.extend((one, target or where, False) for target, one in parts)


def _settled(
    node: Node,
    where: str,
    definitions: Node,
    counted: dict[int, tuple[Node, int]],
    given_up: list[str],
) -> int:
    """The number of schemas that a schema expands to after its heaviest keywords are removed."""
    sizes = {
        word: sum(counted[id(one)][1] if id(one) in counted else 1 for _, one in parts)
        for word, parts in _applied(node, definitions)
    }
    while 1 + sum(sizes.values()) > MOST:
        heaviest = max(sizes, key=lambda word: sizes[word])
        del sizes[heaviest], node[heaviest]
        given_up.append(f"{heaviest} of {where}")
    return 1 + sum(sizes.values())


def _applied(node: Node, definitions: Node) -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """The keywords that apply schemas to the same value: each with those schemas and, of a reference, its name."""
    for word, value in node.items():
        if word == "$ref" and isinstance(value, str):
            name = value.removeprefix("#/$defs/")
            yield word, [(name, definitions.get(name))]
        elif word in _ONE:
            yield word, [("", value)]
        elif word in _SEVERAL and isinstance(value, list):
            yield word, [("", one) for one in value]
        elif word == "dependentSchemas" and isinstance(value, dict):
            yield word, [("", one) for one in value.values()]


def _inside(node: Node) -> Iterator[Any]:
    """The schemas of the values inside a value."""
    for word in _INSIDE:
        if word in node:
            yield node[word]
    for word in _NAMED:
        if isinstance(node.get(word), dict):
            yield from node[word].values()
    if isinstance(node.get("prefixItems"), list):
        yield from node["prefixItems"]
