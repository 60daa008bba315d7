"""JSON Schemas as the harness uses them: validation that never raises, and members found in them.

Formats are checked here, where the harness vouches for a value; no reference is ever fetched.
"""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import jsonpointer
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from referencing import Registry

Json = Any
Schema = dict[str, Any]
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
_HOST = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")
_MERGES = 32
MOST_CHECKS = 50_000
"""Keywords that are checked of one value; a schema that takes more is of no use."""
MOST_FOLDED = 2_000
"""Schemas that are joined to one."""


def _checker() -> FormatChecker:
    """jsonschema's own checks that need no further package, and those of date-time, uri and hostname."""
    checker = FormatChecker(("date", "email", "ipv4", "ipv6", "uuid", "regex"))
    checker.checks("date-time")(_is_date_time)
    checker.checks("uri")(_is_uri)
    checker.checks("hostname")(lambda value: not isinstance(value, str) or bool(_HOST.fullmatch(value)))
    return checker


def _is_date_time(value: object) -> bool:
    """RFC 3339 section 5.6."""
    if not isinstance(value, str):
        return True
    if not _DATE_TIME.fullmatch(value):
        return False
    try:
        dt.datetime.fromisoformat(value.upper())
    except ValueError:
        # A leap second is right, and datetime does not know it.
        return value[17:19] == "60"
    return True


def _is_uri(value: object) -> bool:
    """RFC 3986: with a scheme and without spaces."""
    if not isinstance(value, str):
        return True
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return bool(parts.scheme) and bool(parts.netloc or parts.path) and not re.search(r"\s", value)


_FORMATS = _checker()


@lru_cache(maxsize=512)
def _pattern(pattern: str) -> Any:
    import jsonschema_rs

    return jsonschema_rs.validator_for({"pattern": pattern})


def matches(pattern: str, text: str) -> bool:
    """Whether a text matches a `pattern`.

    A stranger's pattern may take Python's `re` forever; this engine (schemathesis brings it) gives up in
    time, and knows ECMA 262's classes.
    """
    try:
        return bool(_pattern(pattern).is_valid(text))
    except Exception:
        return False


def _check_pattern(validator: Any, pattern: str, value: Json, schema: Schema) -> Iterator[ValidationError]:
    if isinstance(value, str) and not matches(pattern, value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


class _Count(threading.local):
    """Keywords that may still be checked of the value at hand, in each thread."""

    left = 0


_count = _Count()


def _counted(check: Callable[..., Any]) -> Callable[..., Any]:
    """The same check, which gives up where a schema unfolds without end."""

    def counted(validator: Any, value: Any, instance: Json, schema: Schema) -> Any:
        _count.left -= 1
        if _count.left < 0:
            raise OverflowError("the schema is infinitely recursive")
        return check(validator, value, instance, schema)

    return counted


_extend: Any = extend  # untyped in some releases of jsonschema
_CHECKS = {**Draft202012Validator.VALIDATORS, "pattern": _check_pattern}
_Validator = _extend(Draft202012Validator, {word: _counted(check) for word, check in _CHECKS.items()})


def errors(schema: Schema, value: Json) -> list[ValidationError] | None:
    """What is wrong with a value, formats included; None where the schema itself is of no use."""
    _count.left = MOST_CHECKS
    try:
        # The registry is empty: a reference to another document is an error, and nothing is fetched.
        return list(_Validator(schema, format_checker=_FORMATS, registry=Registry()).iter_errors(value))
    except Exception:
        # A schema comes from a stranger: whatever is wrong with it, nothing can be said about values.
        return None


def valid(schema: Schema, value: Json) -> bool:
    """Whether a value certainly satisfies a schema."""
    return errors(schema, value) == []


def dereferenced(root: Schema, schema: Json) -> Json:
    """What a schema's chain of local `$ref`s leads to, its own other keywords laid over; {} for nowhere."""
    over: Schema = {}
    for _ in range(_MERGES):
        if not isinstance(schema, dict):
            break
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return {**schema, **over} if over else schema
        over = {**{key: value for key, value in schema.items() if key != "$ref"}, **over}
        if not reference.startswith("#"):
            return over
        try:
            schema = jsonpointer.resolve_pointer(root, reference[1:])
        except (jsonpointer.JsonPointerException, ValueError):
            return over
    return over if schema is True or isinstance(schema, dict) else schema


def joined(root: Schema, schema: Json) -> Schema:
    """A schema with its references followed and its allOf folded in, one level deep.

    Where that is without end, some of it is left out, so that the schema accepts more.
    """
    return _joined(root, schema, 0, [MOST_FOLDED])


def _joined(root: Schema, schema: Json, depth: int, room: list[int]) -> Schema:
    """See `joined()`; `room` is how many schemas may still be folded in."""
    found = dereferenced(root, schema)
    if not isinstance(found, dict):
        return {}
    parts = found.get("allOf")
    if not isinstance(parts, list) or depth > 8:
        return found
    made = {key: value for key, value in found.items() if key != "allOf"}
    for part in parts:
        room[0] -= 1
        if room[0] < 0:
            break
        made = both(made, _joined(root, part, depth + 1, room))
    return made


def both(one: Schema, other: Schema) -> Schema:
    """One schema that demands what two demand, as far as keywords can be put together."""
    made = dict(one)
    for key, value in other.items():
        if key not in made:
            made[key] = value
            continue
        mine = made[key]
        if key == "properties" and isinstance(mine, dict) and isinstance(value, dict):
            shared = {name: {"allOf": [mine[name], value[name]]} for name in mine if name in value}
            made[key] = {**mine, **value, **shared}
        elif key == "required" and isinstance(mine, list) and isinstance(value, list):
            made[key] = list(dict.fromkeys([*mine, *value]))
        elif key in ("minimum", "minLength", "minItems", "exclusiveMinimum"):
            made[key] = max(mine, value)
        elif key in ("maximum", "maxLength", "maxItems", "exclusiveMaximum"):
            made[key] = min(mine, value)
        elif key == "enum" and len(mine) * len(value) <= MOST_CHECKS:
            made[key] = [option for option in mine if option in value] or mine
        elif key == "type":
            kinds = [kind for kind in _listed(mine) if kind in _listed(value)]
            made[key] = kinds or mine
        elif key in ("anyOf", "oneOf"):
            made["allOf"] = [*_listed(made.get("allOf", [])), {key: value}]
        else:
            made[key] = value
    return made


def kinds(schema: Schema) -> list[str]:
    """The types that a schema allows, as far as it says so."""
    named = schema.get("type")
    if named is not None:
        return [kind for kind in _listed(named) if isinstance(kind, str)]
    for keyword, kind in (("properties", "object"), ("items", "array"), ("pattern", "string")):
        if keyword in schema:
            return [kind]
    for keyword in ("format", "minLength", "maxLength"):
        if keyword in schema:
            return ["string"]
    return ["number"] if {"minimum", "maximum", "multipleOf"} & set(schema) else []


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def member(schema: Schema, pointer: str) -> Schema | None:
    """The self-contained schema of what a pointer leads to in a value; None where the schema has none."""
    found = schema
    for name in jsonpointer.JsonPointer(pointer).parts:
        found = _inside(schema, joined(schema, found), name)
        if found is None:
            return None
    found = joined(schema, found) if pointer else schema
    if "$defs" in schema and pointer:
        found = {**found, "$defs": schema["$defs"]}
    return found


def _inside(root: Schema, schema: Schema, name: str) -> Any:
    properties = schema.get("properties")
    if isinstance(properties, dict) and isinstance(properties.get(name), dict):
        return properties[name]
    for word in ("oneOf", "anyOf"):
        for part in _listed(schema.get(word, [])):
            inner = joined(root, part)
            if isinstance(inner.get("properties"), dict) and isinstance(inner["properties"].get(name), dict):
                return inner["properties"][name]
    items = schema.get("items")
    return items if name.isdigit() and isinstance(items, dict) else None


def at(body: Json, pointer: str) -> Json:
    """What is at a pointer, or None."""
    return jsonpointer.resolve_pointer(body, pointer, None)


def members(body: Json, representation: str) -> Iterator[tuple[str, str, Json]]:
    """Name, pointer inside the representation, and value of each member of a body's representation."""
    inner = at(body, representation)
    for name, value in inner.items() if isinstance(inner, dict) else ():
        yield name, "/" + jsonpointer.escape(name), value
