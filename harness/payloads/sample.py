"""A value of a JSON Schema, walked by hand: readable where the schema is plain, `NoValue` where it is not."""

from __future__ import annotations

import math
import re
import time
from decimal import Decimal
from typing import Any

from harness.payloads import patterns
from harness.payloads.constraints import Json, Schema, both, dereferenced, joined, kinds, matches, valid
from harness.payloads.realistic import Words

MAX_DEPTH = 6
MAX_ITEMS = 50
LONGEST = 100_000
MAX_STEPS = 3_000
LONGEST_WALK = 5.0
"""Seconds."""

_NUMBERS = frozenset(("integer", "int32", "int64", "number", "numeric", "float", "double", "boolean"))
"""Formats of texts that frameworks list beside the type itself, for forms and queries."""


class NoValue(Exception):
    """The walk finds no value; a generator may."""


class Sampler:
    """Makes values of one schema.

    Args:
        schema: self-contained JSON Schema 2020-12.
        words: where texts come from.
        full: whether objects get all their properties, or only the required ones.
    """

    def __init__(self, schema: Schema, words: Words, full: bool) -> None:
        self.root, self.words, self.full = schema, words, full
        self.steps = 0
        self.until = time.monotonic() + LONGEST_WALK

    def value(self, schema: Json = None, name: str = "", depth: int = 0) -> Json:
        """A value that should satisfy the schema; the caller validates.

        Raises:
            NoValue: none was found.
        """
        schema = self.root if schema is None else schema
        self.steps += 1
        if self.steps > MAX_STEPS or time.monotonic() > self.until:
            raise NoValue("the schema is infinitely recursive")
        if schema is True:
            return self.words.named(name)
        if not isinstance(schema, dict) or depth > MAX_DEPTH:
            raise NoValue(name)
        found = joined(self.root, schema)
        known, value = self._known(found)
        if known:
            return value
        for word in ("oneOf", "anyOf"):
            if isinstance(found.get(word), list) and found[word]:
                return self._alternative(found, word, name, depth)
        allowed = kinds(found)
        kind = next((one for one in allowed if one != "null"), None)
        if kind is None:
            return None if allowed == ["null"] else self._text({}, name)
        if kind == "object":
            return self._object(found, depth)
        if kind == "array":
            return self._array(found, name, depth)
        if kind == "boolean":
            return True
        return self._text(found, name) if kind == "string" else self._number(found, name, kind == "integer")

    def _known(self, schema: Schema) -> tuple[bool, Json]:
        """A value that the schema itself gives."""
        if "const" in schema:
            return True, schema["const"]
        given = []
        if isinstance(schema.get("examples"), list):
            given += schema["examples"][:1]
        if "default" in schema and schema["default"] is not None:
            given.append(schema["default"])
        plain = not isinstance(schema.get("properties"), dict)
        for value in given:
            # An object is put together from its members: its example may hold what only the server sets.
            if plain and valid({**schema, "$defs": self.root.get("$defs", {})}, value):
                return True, value
        for option in schema.get("enum") or ():
            if option is not None:
                return True, option
        return ("enum" in schema and schema["enum"] == [None]), None

    def _alternative(self, schema: Schema, word: str, name: str, depth: int) -> Json:
        base = {key: value for key, value in schema.items() if key != word}
        options = [part for part in schema[word] if joined(self.root, part).get("type") != "null"]
        options.sort(key=lambda part: _number_as_text(joined(self.root, part)))
        for part in options[:8]:
            try:
                merged = both(base, joined(self.root, part))
                made = self.value(merged, name, depth + 1)
            except NoValue:
                continue
            if valid({**schema, "$defs": self.root.get("$defs", {})}, made):
                return made
        if len(options) < len(schema[word]):
            return None
        raise NoValue(name)

    def _object(self, schema: Schema, depth: int) -> Json:
        properties = schema.get("properties")
        properties = properties if isinstance(properties, dict) else {}
        required = [name for name in schema.get("required") or () if isinstance(name, str)]
        needed = set(required)
        made: dict[str, Json] = {}
        for name in [*properties, *(name for name in required if name not in properties)]:
            part = properties.get(name, schema.get("additionalProperties", {}))
            if name not in needed and (not self.full or self._left_out(part, depth)):
                continue
            try:
                made[name] = self.value(part if part is not False else {}, name, depth + 1)
            except NoValue:
                if name in needed:
                    raise
        more = schema.get("additionalProperties", {})
        for number in range(min(int(schema.get("minProperties") or 0) - len(made), MAX_ITEMS)):
            name = f"key{number + 1}"
            made[name] = self.value(
                more if isinstance(more, dict) and more else {"type": "string"}, name, depth + 1
            )
        return made

    def _left_out(self, part: Json, depth: int) -> bool:
        found = dereferenced(self.root, part)
        if not isinstance(found, dict) or found.get("readOnly") is True:
            return True
        return depth >= 2 and "object" in kinds(found)

    def _array(self, schema: Schema, name: str, depth: int) -> Json:
        least = int(schema.get("minItems") or 0)
        most = schema.get("maxItems")
        count = max(least, 1 if self.full else 0)
        if most is not None:
            count = min(count, int(most))
        if count > MAX_ITEMS:
            raise NoValue(name)
        first = schema.get("prefixItems")
        first = first if isinstance(first, list) else []
        items = schema.get("items", {})
        singular = name[:-1] if name.endswith("s") else name
        made: list[Json] = []
        for place in range(count):
            part = first[place] if place < len(first) else items
            try:
                made.append(self._item(part, singular, depth, made if schema.get("uniqueItems") else []))
            except NoValue:
                if place < least:
                    raise
                break
        return made

    def _item(self, part: Json, name: str, depth: int, taken: list[Json]) -> Json:
        for _ in range(10):
            value = self.value(part if part is not None else {}, name, depth + 1)
            if value not in taken:
                return value
        found = joined(self.root, part)
        for option in found.get("enum") or ():
            if option not in taken:
                return option
        if taken and isinstance(taken[-1], (int, float)) and not isinstance(taken[-1], bool):
            return taken[-1] + found.get("multipleOf", 1)
        raise NoValue(name)

    def _text(self, schema: Schema, name: str) -> str:
        least, most = int(schema.get("minLength") or 0), schema.get("maxLength")
        made = None
        if isinstance(schema.get("format"), str):
            made = self.words.formatted(schema["format"])
        fixed = made is not None
        if made is None:
            made = self.words.named(name)
        pattern = schema.get("pattern")
        if isinstance(pattern, str):
            options = (made, made.upper(), made.lower(), re.sub(r"\W+", "-", made.lower()).strip("-"))
            fitting = [one for one in options if matches(pattern, one)]
            simple = None if fitting else patterns.text(pattern)
            if not fitting and simple is None:
                raise NoValue(name)
            made = fitting[0] if fitting else str(simple)
            fixed = fixed or not fitting
        if fixed:
            if not least <= len(made) <= (len(made) if most is None else int(most)):
                raise NoValue(name)
            return made
        if least > LONGEST:
            raise NoValue(name)
        while len(made) < least:
            made = f"{made} {self.words.words(3).lower()}" if made else self.words.words(2)
        if most is not None and len(made) > most:
            # A server may strip spaces at the end, and the text would be too short then.
            cut = made[: int(most)].rstrip()
            made = cut + "s" * max(0, least - len(cut))
        return made

    def _number(self, schema: Schema, name: str, whole: bool) -> Json:
        return number(schema, self.words.amount(name), whole)


def number(schema: Schema, wished: float | None, whole: bool) -> int | float:
    """A number within the bounds of a schema, the wished one if it fits.

    Raises:
        NoValue: nothing lies between the bounds.
    """
    step = Decimal(str(schema.get("multipleOf") or (1 if whole else "0.01")))
    low, high = (
        _bound(schema, "minimum", "exclusiveMinimum", step),
        _bound(schema, "maximum", "exclusiveMaximum", -step),
    )
    wish = Decimal(str(wished if wished is not None else 10))
    if high is not None:
        wish = min(wish, high)
    if low is not None:
        wish = max(wish, low)
    made = (wish / step).to_integral_value() * step
    if low is not None and made < low:
        made += step
    if high is not None and made > high:
        made -= step
    if (low is not None and made < low) or (high is not None and made > high):
        raise NoValue("no number is within the bounds")
    if whole and made != made.to_integral_value():
        raise NoValue("no integer within the bounds is a multiple")
    return int(made) if whole or made == made.to_integral_value() else float(made)


def _bound(schema: Schema, plain: str, exclusive: str, step: Decimal) -> Decimal | None:
    found = []
    for key, shift in ((plain, Decimal(0)), (exclusive, step)):
        value = schema.get(key)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
            found.append(Decimal(str(value)) + shift)
    if not found:
        return None
    return max(found) if step > 0 else min(found)


def sample(schema: Schema, seed: int, full: bool) -> Any:
    """A valid value of a schema made by hand.

    Raises:
        NoValue: the walk finds none.
    """
    try:
        made = Sampler(schema, Words(seed), full).value()
    except (ArithmeticError, TypeError, ValueError, RecursionError, KeyError) as error:
        raise NoValue(str(error)) from None
    if not valid(schema, made):
        raise NoValue("the generated value does not validate")
    return made


def _number_as_text(schema: Schema) -> bool:
    """Whether an alternative is a number in the text of a form: what takes JSON takes a number, too."""
    return schema.get("type") == "string" and schema.get("format") in _NUMBERS
