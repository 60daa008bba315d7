"""What changes between two schemas break: for who sends a request, and for who reads a response. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from harness.survey.openapi.document import Node, resolve

MAX_DEPTH = 40
_ATMOST = {
    "maxLength": "max-length",
    "maximum": "max",
    "exclusiveMaximum": "exclusive-max",
    "maxItems": "max-items",
    "maxProperties": "max-properties",
}
_ATLEAST = {
    "minLength": "min-length",
    "minimum": "min",
    "exclusiveMinimum": "exclusive-min",
    "minItems": "min-items",
    "minProperties": "min-properties",
}
_NATURAL = ("minLength", "minItems", "minProperties")
"""Words for which 0 forbids nothing."""
_COMBINED = ("anyOf", "oneOf")


@dataclass(frozen=True)
class SchemaChange:
    """One change that may break clients.

    Attributes:
        kind: the end of its name, such as `property-removed`.
        where: the member, as `customer/name` or `items[]/id`; empty for the whole.
        text: what changed, in words.
        breaks: whether it breaks clients; if not, it breaks those that read strictly.
    """

    kind: str
    where: str
    text: str
    breaks: bool = True


@dataclass
class Comparison:
    """Schemas of two documents, in one direction; each pair is compared once.

    Attributes:
        old, new: the documents.
        request: whether clients send what the schemas describe.
    """

    old: Node
    new: Node
    request: bool
    _seen: set[tuple[int, int]] = field(default_factory=set)
    _kept: list[Any] = field(default_factory=list)

    def changes(self, old: Any, new: Any, where: str = "", depth: int = 0) -> Iterator[SchemaChange]:
        """The changes from one schema to another."""
        before, after = resolve(self.old, old), resolve(self.new, new)
        pair = id(before), id(after)
        if pair in self._seen or depth > MAX_DEPTH or not before or not after:
            return
        # Objects that are kept keep their id.
        self._seen.add(pair)
        self._kept += [before, after]
        a, b = plain(self.old, before), plain(self.new, after)
        yield from self._type(a, b, where)
        yield from self._enum(a, b, where)
        if self.request:
            yield from _tightened(a, b, where)
        yield from self._members(a, b, where, depth)
        yield from self._alternatives(a, b, where, depth)
        if isinstance(a.get("items"), dict) and isinstance(b.get("items"), dict):
            yield from self.changes(a["items"], b["items"], f"{where}[]", depth + 1)

    def _type(self, a: Node, b: Node, where: str) -> Iterator[SchemaChange]:
        old, new = types(a), types(b)
        if old and new:
            narrow, wide = (old, new) if self.request else (new, old)
            if not all(one in wide or (one == "integer" and "number" in wide) for one in narrow):
                yield SchemaChange("type-changed", where, f"{_or(old)} became {_or(new)}")
            elif self.request and nullable(a) and not nullable(b):
                yield SchemaChange("became-not-nullable", where, "null is no longer accepted")
        if not self.request and old and new and nullable(b) and not nullable(a):
            yield SchemaChange("became-nullable", where, "may be null now")

    def _enum(self, a: Node, b: Node, where: str) -> Iterator[SchemaChange]:
        old, new = _values(a), _values(b)
        if self.request and new:
            gone = [one for one in old if one not in new]
            if gone:
                yield SchemaChange("enum-value-removed", where, f"{_list(gone)} no longer accepted")
            elif not old:
                yield SchemaChange("became-enum", where, f"only {_list(new)} accepted")
        if not self.request and old and "x-extensible-enum" not in a:
            more = [one for one in new if one not in old]
            if more:
                yield SchemaChange("enum-value-added", where, f"may be {_list(more)} now", breaks=False)
            elif not new and types(b):
                yield SchemaChange("enum-removed", where, "may have any value now", breaks=False)

    def _members(self, a: Node, b: Node, where: str, depth: int) -> Iterator[SchemaChange]:
        old, new = _properties(a), _properties(b)
        needed, needs = _required(a), _required(b)
        skipped = "readOnly" if self.request else "writeOnly"
        for name, schema in old.items():
            before, place = resolve(self.old, schema), f"{where}/{name}" if where else str(name)
            if before.get(skipped) is True:
                continue
            if name not in new:
                if new or b.get("additionalProperties") is False:
                    yield from self._removed(before, name in needed, b, place)
                continue
            after = resolve(self.new, new[name])
            if self.request and name in needs and name not in needed and after.get("readOnly") is not True:
                kept = "default" in after
                yield SchemaChange("became-required", place, "is required now", breaks=not kept)
            if not self.request and name in needed and name not in needs:
                yield SchemaChange("became-optional", place, "may be absent now")
            yield from self.changes(schema, new[name], place, depth + 1)
        for name in sorted(needs - set(old)) if self.request else ():
            after = resolve(self.new, new.get(name))
            if after and after.get("readOnly") is not True and "default" not in after:
                place = f"{where}/{name}" if where else name
                yield SchemaChange("new-required-property", place, "is new and required")

    def _removed(self, before: Node, required: bool, b: Node, place: str) -> Iterator[SchemaChange]:
        if before.get("deprecated") is True:
            return
        if self.request:
            strict = b.get("additionalProperties") is False
            yield SchemaChange("property-removed", place, "is no longer accepted", breaks=strict)
        else:
            kind = "required-property-removed" if required else "optional-property-removed"
            yield SchemaChange(kind, place, "is no longer in responses", breaks=required)

    def _alternatives(self, a: Node, b: Node, where: str, depth: int) -> Iterator[SchemaChange]:
        """Alternatives that have a name: others cannot be matched."""
        for word in _COMBINED:
            old, new = _named(a.get(word)), _named(b.get(word))
            if not old or not new:
                continue
            gone, more = sorted(set(old) - set(new)), sorted(set(new) - set(old))
            if self.request and gone:
                yield SchemaChange(
                    f"{word.lower()[:3]}-of-removed", where, f"{_list(gone)} no longer accepted"
                )
            if not self.request and more:
                yield SchemaChange(
                    f"{word.lower()[:3]}-of-added", where, f"may be {_list(more)} now", breaks=False
                )
            for name in sorted(set(old) & set(new)):
                yield from self.changes(old[name], new[name], where, depth + 1)


def plain(document: Node, schema: Node) -> Node:
    """A schema with its `allOf` merged into it, and an only alternative beside null in place of both."""
    made = dict(schema)
    for _ in range(MAX_DEPTH):
        parts = made.pop("allOf", None)
        if isinstance(parts, list):
            for part in parts:
                _merge(made, resolve(document, part))
            continue
        for word in _COMBINED:
            given = made.get(word)
            if not isinstance(given, list):
                continue
            real = [one for one in given if not (isinstance(one, dict) and one.get("type") == "null")]
            if len(real) == 1:
                made.pop(word)
                _merge(made, resolve(document, real[0]))
                made["nullable"] = made.get("nullable") is True or len(real) < len(given)
                break
        else:
            return made
    return made


def _merge(made: Node, part: Node) -> None:
    for word, value in part.items():
        there = made.get(word)
        if word in ("properties", "patternProperties") and isinstance(value, dict):
            made[word] = {**(there if isinstance(there, dict) else {}), **value}
        elif word in ("required", "allOf") and isinstance(value, list):
            made[word] = [*(there if isinstance(there, list) else []), *value]
        else:
            made.setdefault(word, value)


def types(schema: Node) -> frozenset[str]:
    """The types of a schema without null; empty where it says none."""
    given = schema.get("type")
    if isinstance(given, str):
        given = [given]
    if isinstance(given, list):
        return frozenset(one for one in given if isinstance(one, str) and one != "null")
    return frozenset({"object"}) if isinstance(schema.get("properties"), dict) else frozenset()


def nullable(schema: Node) -> bool:
    """Whether null is valid (`nullable`, or the type `null`)."""
    given = schema.get("type")
    return schema.get("nullable") is True or (isinstance(given, list) and "null" in given)


def _tightened(a: Node, b: Node, where: str) -> Iterator[SchemaChange]:
    for words, sign, verb in ((_ATMOST, 1, "decreased"), (_ATLEAST, -1, "increased")):
        for word, name in words.items():
            before, after = _number(a.get(word)), _number(b.get(word))
            if after is None or (before is None and after == 0 and word in _NATURAL):
                continue
            if before is None:
                # It may have been so all the time, and is documented now.
                yield SchemaChange(f"{name}-set", where, f"{word} is {after:g} now", breaks=False)
            elif (after - before) * sign < 0:
                yield SchemaChange(f"{name}-{verb}", where, f"{word} was {before:g}, and is {after:g}")
    old, new = a.get("pattern"), b.get("pattern")
    if isinstance(new, str) and new != old:
        kind = "pattern-added" if old is None else "pattern-changed"
        yield SchemaChange(kind, where, f"must match {new!r} now", breaks=False)


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _values(schema: Node) -> list[Any]:
    given = [schema["const"]] if "const" in schema else schema.get("enum")
    return [one for one in given if one is not None] if isinstance(given, list) else []


def _properties(schema: Node) -> dict[str, Any]:
    given = schema.get("properties")
    return given if isinstance(given, dict) else {}


def _required(schema: Node) -> set[str]:
    given = schema.get("required")
    return {one for one in given if isinstance(one, str)} if isinstance(given, list) else set()


def _named(alternatives: Any) -> dict[str, Any]:
    """Alternatives by the last part of their reference; empty where one has none."""
    if not isinstance(alternatives, list):
        return {}
    found = {
        str(one["$ref"]).rpartition("/")[2]: one
        for one in alternatives
        if isinstance(one, dict) and "$ref" in one
    }
    return found if len(found) == len(alternatives) else {}


def _or(names: Iterable[str]) -> str:
    return " or ".join(sorted(names))


def _list(values: Iterable[Any]) -> str:
    shown = [repr(one) for one in values]
    return ", ".join(shown[:5]) + (f" and {len(shown) - 5} more" if len(shown) > 5 else "")
