"""Schema objects of OpenAPI 3.0, 3.1 and Swagger 2.0 as self-contained JSON Schema 2020-12.

References stay references (recursive schemas stay finite): the definitions that they reach are copied into
`$defs`, each translated once for a document. Malformed parts are removed, which only makes a schema accept
more. So are parts that expand to more than a body could need: the number of schemas that apply to one value is bounded
here, so that users of a schema may follow its references.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from typing import Any

from harness.survey.openapi import discriminators
from harness.survey.openapi.document import MAX_CHAIN, Node, note, resolve, shortened, target
from harness.survey.openapi.folding import Folded, fold
from harness.survey.openapi.taming import MAX_NAME, weight

MAX_DEFINITIONS = 300
"""Definitions that one schema may reach; further ones accept anything."""
MAX_DEPTH = 40
"""Levels of one definition that are kept."""
MAX_VALUES = 100_000
"""Most values in one self-contained schema; further parts accept anything."""
MAX_EXAMPLE = 20_000
"""Most values in an example, a default or a constant."""
MAX_PARTS = 1_000
"""Most schemas combined for one level of a schema."""
MAX_ALL_PARTS = 300_000
"""Most schemas combined for all levels of all schemas of a document."""
HUGE, TINY = 1e100, 1e-12
"""Numbers from which bounds and steps are ignored."""
MAX_PATTERN = 5_000
"""Most characters in a regular expression."""
_TYPES = {"null", "boolean", "object", "array", "number", "string", "integer"}
_ONE = {"additionalProperties", "not", "contains", "propertyNames", "if", "then", "else"}
_LIST = {"allOf", "anyOf", "oneOf", "prefixItems"}
_MAP = {"properties", "patternProperties", "dependentSchemas"}
_COUNTS = {"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"}
_NUMBERS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}


@dataclass(frozen=True)
class _Definition:
    """One schema translated.

    Attributes:
        reached: references in it.
        values: number of values in it.
    """

    schema: Any
    reached: tuple[str, ...] = ()
    values: int = 0


class Schemas:
    """The schemas of one document.

    Args:
        document: the whole document, as `parse()` gave it.
        request: whether read-only properties are removed, also from `required`.
        notes: takes one line for each reference that could not be followed.
    """

    def __init__(self, document: Node, request: bool = True, notes: list[str] | None = None) -> None:
        self.document, self.request = document, request
        self.notes = notes if notes is not None else []
        self._names: dict[str, str] = {}
        self._taken: dict[str, int] = {}
        self._made: dict[str, _Definition] = {}
        self._folded = Folded()
        self._parts = 0
        self._room = MAX_VALUES
        # By identity: the document outlives this object, and nothing in it changes.
        self._flat: dict[int, Node] = {}
        self._resolved: dict[str, Node] = {}

    def inlined(self, schema: Any, of: str = "a schema") -> Node:
        """A self-contained schema: a shallow copy whose parts are shared and must not be changed.

        Args:
            of: whose schema it is, for the notes.
        """
        root = self._defined(schema, of)
        made = {} if root.schema is True else root.schema
        if not isinstance(made, dict):
            return {"not": {}}
        definitions: Node = {}
        pending, inner = deque(root.reached), set[str]()
        seen, values = set(pending), root.values
        while pending:
            reference = pending.popleft()
            one = self._definition(reference)
            values += one.values
            if len(definitions) >= MAX_DEFINITIONS or values > MAX_VALUES:
                note(self.notes, f"{of} expands without end: {shortened(reference)} was ignored")
                definitions[self._name(reference)] = {}
                values -= one.values
                continue
            definitions[self._name(reference)] = one.schema
            inner.update(one.reached)
            fresh = [other for other in one.reached if other not in seen]
            seen.update(fresh)
            pending.extend(fresh)
        for given_up in fold(made, definitions, self._folded):
            note(self.notes, f"{of} expands without end: {given_up} was ignored")
        if set(made) == {"$ref"} and root.reached:
            first = next(iter(root.reached))
            whole = definitions.get(self._name(first))
            if isinstance(whole, dict):
                # A body that is one reference is clearer as the definition itself.
                made = whole
                if first not in inner:
                    del definitions[self._name(first)]
        return {**made, "$defs": definitions} if definitions else dict(made)

    def flat(self, schema: Any) -> Node:
        """One level of a schema: `type`, `properties`, `required`, `items`; references and allOf followed.

        Of alternatives, the first that is not null is used. Must not be changed in place.
        """
        node = self._resolve(schema)
        if not node:
            return self._flattened({}, frozenset(), [1])
        if id(node) not in self._flat:
            room = [min(MAX_PARTS, MAX_ALL_PARTS - self._parts)]
            before = room[0]
            found = self._flat[id(node)] = self._flattened(node, frozenset(), room)
            found["required"] = list(dict.fromkeys(found["required"]))
            self._parts += before - room[0]
            if room[0] <= 0:
                what = schema.get("$ref") or schema.get("title") if isinstance(schema, dict) else None
                named = f"the schema {shortened(str(what))}" if what else "a schema"
                note(self.notes, f"{named} combines too many schemas: those after the first were ignored")
        return self._flat[id(node)]

    def _resolve(self, schema: Any) -> Node:
        reference = schema.get("$ref") if isinstance(schema, dict) else None
        if not isinstance(reference, str):
            return schema if isinstance(schema, dict) else {}
        if reference not in self._resolved:
            self._resolved[reference] = resolve(self.document, schema, self.notes)
        return self._resolved[reference]

    def _flattened(self, node: Node, within: frozenset[int], room: list[int]) -> Node:
        """See `flat()`; `room` is how many schemas may still be combined."""
        kind = node.get("type")
        if isinstance(kind, list):
            kind = next((one for one in kind if one != "null"), None)
        found: Node = {"type": kind, "properties": {}, "required": [], "items": node.get("items")}
        if id(node) not in within and len(within) < MAX_CHAIN:
            within = within | {id(node)}
            parts = list(_list(node.get("allOf")))
            for word in ("oneOf", "anyOf"):
                parts += self._alternatives(_list(node.get(word)))[:1]
            for part in parts:
                if room[0] <= 0:
                    break
                room[0] -= 1
                below = self._flattened(self._resolve(part), within, room)
                found["properties"].update(below["properties"])
                found["required"] += below["required"]
                found["type"] = found["type"] or below["type"]
                found["items"] = found["items"] or below["items"]
        properties = node.get("properties")
        if isinstance(properties, dict):
            found["properties"].update(properties)
        found["required"] += [name for name in _list(node.get("required")) if isinstance(name, str)]
        if found["type"] is None:
            found["type"] = "object" if found["properties"] else "array" if found["items"] else None
        return found

    def _alternatives(self, parts: list[Any]) -> list[Any]:
        """Those that are not null, one item before an array of items."""
        some = [part for part in parts if self._resolve(part).get("type") != "null"]
        return sorted(some, key=lambda part: self._resolve(part).get("type") == "array")

    def one_item(self, schema: Any) -> Any:
        """The schema without its alternatives that are arrays, if it has others: a body of one item."""
        node = self._resolve(schema)
        for word in ("oneOf", "anyOf"):
            parts = _list(node.get(word))
            single = [part for part in parts if self._resolve(part).get("type") != "array"]
            if 0 < len(single) < len(parts):
                rest = {key: value for key, value in node.items() if key != word}
                return single[0] if len(single) == 1 and not rest else {**rest, word: single}
        return schema

    def marked(self, schema: Any, word: str) -> bool:
        """Whether a property's schema carries `word: true`, itself or behind its reference."""
        if not isinstance(schema, dict):
            return False
        if schema.get(word) is True or self._resolve(schema).get(word) is True:
            return True
        return any(isinstance(part, dict) and part.get(word) is True for part in _list(schema.get("allOf")))

    def _name(self, reference: str) -> str:
        if reference not in self._names:
            word = re.sub(r"[^A-Za-z0-9._-]", "_", reference.rsplit("/", 1)[-1]) or "root"
            name, count = word, self._taken.get(word, 1)
            while name in self._taken:
                count += 1
                name = f"{word}_{count}"
            self._taken[word] = count
            self._taken.setdefault(name, 1)
            self._names[reference] = name
        return self._names[reference]

    def _definition(self, reference: str) -> _Definition:
        if reference not in self._made:
            self._made[reference] = _Definition({})
            self._made[reference] = self._defined(
                target(self.document, reference, self.notes), shortened(reference)
            )
        return self._made[reference]

    def _defined(self, schema: Any, of: str) -> _Definition:
        """One schema translated, its references still open."""
        before, self._room = self._room, MAX_VALUES
        reached: dict[str, None] = {}
        made = self._translated(schema, reached, 0)
        values = MAX_VALUES - self._room
        self._room = before
        if values >= MAX_VALUES:
            note(self.notes, f"{of} has more than {MAX_VALUES} values: those after the first were ignored")
        return _Definition(made, tuple(reached), values)

    def _translated(self, schema: Any, reached: dict[str, None], depth: int) -> Any:
        self._room -= 1
        if isinstance(schema, bool):
            return schema
        if not isinstance(schema, dict) or depth > MAX_DEPTH or self._room <= 0:
            return {}
        made: Node = {}
        reference = schema.get("$ref")
        if isinstance(reference, str):
            if not isinstance(target(self.document, reference, self.notes), (dict, bool)):
                return {}
            reached[reference] = None
            made["$ref"] = f"#/$defs/{self._name(reference)}"
            if str(self.document.get("openapi", "")).startswith("3.0") or "swagger" in self.document:
                return made  # OpenAPI 3.0: a Reference Object has no other members.
        for word, value in schema.items():
            kept = self._keyword(word, value, reached, depth + 1)
            if kept is not None:
                made[word] = kept[0]
        if self.request:
            made = discriminators.applied(schema, made)
        self._without_read_only(schema, made)
        return _nullable(schema, self._examples(schema, _bounds(schema, made)))

    def _keyword(self, word: str, value: Any, reached: dict[str, None], depth: int) -> tuple[Any] | None:
        """The value to keep in a tuple, or None for none."""
        if word in _ONE:
            return (self._translated(value, reached, depth),) if isinstance(value, (dict, bool)) else None
        if word == "items":
            if isinstance(value, list):
                return ({},)
            return (self._translated(value, reached, depth),)
        if word in _LIST:
            parts = [self._translated(part, reached, depth) for part in _list(value)]
            return (parts,) if parts else None
        if word in _MAP and isinstance(value, dict):
            return (
                {
                    name: self._translated(part, reached, depth)
                    for name, part in value.items()
                    if len(name) <= MAX_NAME and (word != "patternProperties" or _compiles(name))
                },
            )
        if not _usable(word, value) or not self._has_room(value):
            return None
        if word in ("type", "required") and isinstance(value, list):
            return (list(dict.fromkeys(value)),)
        return (value,)

    def _has_room(self, value: Any) -> bool:
        """Whether a value is small enough to be kept; it counts towards the size of the schema."""
        heavy = weight(value, MAX_EXAMPLE)
        self._room -= min(heavy, MAX_EXAMPLE)
        return heavy <= MAX_EXAMPLE and self._room > 0

    def _examples(self, schema: Node, made: Node) -> Node:
        given = schema.get("examples")
        if isinstance(given, list) and given:
            found = given
        elif "example" in schema or "x-example" in schema:
            found = [schema["example"] if "example" in schema else schema["x-example"]]
        else:
            return made
        if self._has_room(found):
            made["examples"] = found
        return made

    def _without_read_only(self, schema: Node, made: Node) -> None:
        properties = schema.get("properties")
        if not self.request or not isinstance(properties, dict):
            return
        hidden = {name for name, part in properties.items() if self.marked(part, "readOnly")}
        for name in hidden:
            made["properties"].pop(name, None)
        if hidden and isinstance(made.get("required"), list):
            made["required"] = [name for name in made["required"] if name not in hidden]


def inlined(document: Node, schema: Any, *, request: bool = False, notes: list[str] | None = None) -> Node:
    """A schema of a document as self-contained JSON Schema 2020-12.

    Args:
        request: whether read-only properties are removed.
        notes: takes one line for each reference that could not be followed.
    """
    return Schemas(document, request, notes).inlined(schema)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _usable(word: str, value: Any) -> bool:
    if word == "type":
        names = value if isinstance(value, list) else [value]
        return bool(names) and all(isinstance(name, str) and name in _TYPES for name in names)
    if word == "enum":
        return isinstance(value, list) and bool(value)
    if word == "required":
        return isinstance(value, list) and all(isinstance(name, str) for name in value)
    if word in _COUNTS:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if word in _NUMBERS:
        # No number of a program is that large, or has so small a step.
        return _number(value) and abs(value) < HUGE and (word != "multipleOf" or value > TINY)
    if word == "pattern":
        return isinstance(value, str) and _compiles(value)
    if word == "format":
        return isinstance(value, str)
    if word == "dependentRequired":
        return isinstance(value, dict) and all(_usable("required", names) for names in value.values())
    if word in ("title", "description", "contentEncoding"):
        return isinstance(value, str)
    if word in ("readOnly", "writeOnly", "uniqueItems"):
        return isinstance(value, bool)
    return word in ("const", "default")


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _compiles(pattern: str) -> bool:
    if len(pattern) > MAX_PATTERN:
        return False
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return False
    return True


def _bounds(schema: Node, made: Node) -> Node:
    """OpenAPI 3.0's `exclusiveMinimum: true` with `minimum` as the one number of JSON Schema 2020-12."""
    for exclusive, plain in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if schema.get(exclusive) is True and plain in made:
            made[exclusive] = made.pop(plain)
    return made


def _nullable(schema: Node, made: Node) -> Node:
    if schema.get("nullable") is not True and schema.get("x-nullable") is not True:
        return made
    if "enum" in made and None not in made["enum"]:
        made["enum"] = [*made["enum"], None]
    kind = made.get("type")
    if isinstance(kind, str):
        made["type"] = [kind, "null"] if kind != "null" else kind
    elif isinstance(kind, list):
        made["type"] = kind if "null" in kind else [*kind, "null"]
    elif any(word in made for word in ("$ref", "allOf", "anyOf", "oneOf")):
        return {"anyOf": [made, {"type": "null"}]}
    return made
