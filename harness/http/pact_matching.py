"""A response against what a consumer expects of it: the matchers of Pact, versions 2 to 4. Pure.

As its specification says, members and header fields that are not expected are allowed in a response.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from harness.http.content import MISSING
from harness.http.pact import Interaction, Matchers, Rules

MOST = 20
"""Faults that are looked for."""
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]|\[['\"]([^'\"]*)['\"]\]|\[(\*)\]")
_TIMES = {
    "date": "yyyy-MM-dd",
    "time": "HH:mm:ss",
    "timestamp": "yyyy-MM-dd'T'HH:mm:ss",
    "datetime": "yyyy-MM-dd'T'HH:mm:ss",
}
_CLASSES = {
    "informational": (100, 199),
    "info": (100, 199),
    "success": (200, 299),
    "redirect": (300, 399),
    "clientError": (400, 499),
    "serverError": (500, 599),
    "nonError": (100, 399),
    "error": (400, 599),
}
_SEMVER = re.compile(r"\d+\.\d+\.\d+(-[\w.-]+)?(\+[\w.-]+)?", re.ASCII)
Step = str | int
Place = tuple[Step, ...]


def faults(
    interaction: Interaction, status: int, fields: Callable[[str], str | None], content: Any
) -> list[str]:
    """What a response lacks of what is expected, in words; empty where nothing.

    Args:
        fields: gives the value of a header field, whatever the case of its name.
        content: JSON value or text of the response; `MISSING` for none.
    """
    found = [*_status_faults(interaction, status)]
    for name, wanted in interaction.expected_fields.items():
        found += _field_faults(name, wanted, fields(name), interaction.field_rules.get(name.lower()))
    if interaction.expected is not MISSING:
        if interaction.expected is None:
            if content not in (MISSING, None, ""):
                found.append("there is content, and none is expected")
        else:
            _compare(interaction.expected, content, (), _Table(interaction.body_rules), found)
    return found[:MOST]


def _status_faults(interaction: Interaction, status: int) -> list[str]:
    for one in interaction.status_rules.matchers if interaction.status_rules else ():
        if one["match"] == "statusCode":
            wanted = one.get("status")
            allowed = isinstance(wanted, list) and status in wanted
            least, most = _CLASSES.get(str(wanted), (0, -1))
            return [] if allowed or least <= status <= most else [f"status {status}, not {wanted}"]
    return [] if status == interaction.status else [f"status {status}, not {interaction.status}"]


def _field_faults(name: str, wanted: str, value: str | None, rules: Matchers | None) -> list[str]:
    if value is None:
        return [f"no field {name}"]
    if rules is not None:
        return [f"{name}: {one}" for one in _applied(rules, wanted, value)]
    if name.lower() == "content-type":
        parts, given = (_parameters(one) for one in (wanted, value))
        same = parts[0] == given[0] and parts[1] <= given[1]
    else:
        same = re.sub(r",\s+", ",", wanted.strip()) == re.sub(r",\s+", ",", value.strip())
    return [] if same else [f"{name}: {value}, not {wanted}"]


def _parameters(value: str) -> tuple[str, set[str]]:
    kind, *rest = (part.strip().lower() for part in value.split(";"))
    return kind, {one.replace(" ", "").replace('"', "") for one in rest if one}


class _Table:
    """The rules of a body, found by place."""

    def __init__(self, rules: Rules) -> None:
        self.rules = [(_steps(path), one) for path, one in rules.items()]

    def at(self, place: Place) -> tuple[Matchers | None, bool]:
        """The matchers of a place, and whether they are its own: `type` holds for what is below it, too."""
        best: tuple[int, int, Matchers] | None = None
        for steps, one in self.rules:
            weight = _weight(steps, place)
            if weight == 0:
                continue
            own = len(steps) == len(place)
            if not own and not all(each["match"] == "type" for each in one.matchers):
                continue
            if best is None or (len(steps), weight) > best[:2]:
                best = (len(steps), weight, one)
        return (None, False) if best is None else (best[2], best[0] == len(place))


def _steps(path: str) -> tuple[Step, ...]:
    return tuple(
        int(number) if number else star or name or quoted
        for name, number, quoted, star in _STEP.findall(path.removeprefix("$"))
    )


def _weight(steps: tuple[Step, ...], place: Place) -> int:
    """How well a path matches the beginning of a place; 0 for not at all."""
    if len(steps) > len(place):
        return 0
    weight = 2
    for step, actual in zip(steps, place, strict=False):
        if step == actual:
            weight *= 2
        elif step != "*":
            return 0
    return weight


def _compare(wanted: Any, actual: Any, place: Place, table: _Table, found: list[str]) -> None:
    """Compare a value with what is expected at its place; faults are appended."""
    if len(found) >= MOST:
        return
    rules, own = table.at(place)
    kinds = {one["match"] for one in rules.matchers} if rules is not None else set()
    if actual is MISSING:
        found.append(f"{shown(place)} is missing")
        return
    if rules is not None and own and not kinds <= {"type", "values", "eachValue", "eachKey", "arrayContains"}:
        found += [f"{shown(place)}: {one}" for one in _applied(rules, wanted, actual)]
        return
    if rules is not None and (what := _same_kind(wanted, actual)) is not None:
        found.append(f"{shown(place)}: {what}")
        return
    if isinstance(wanted, Mapping) and isinstance(actual, Mapping):
        _compare_members(wanted, actual, place, table, found, rules if own else None)
    elif isinstance(wanted, list) and isinstance(actual, list):
        _compare_elements(wanted, actual, place, table, found, rules, own)
    elif rules is None and not _equal(wanted, actual):
        found.append(f"{shown(place)} is {_text(actual)}, not {_text(wanted)}")


def _compare_members(
    wanted: Mapping[str, Any],
    actual: Mapping[str, Any],
    place: Place,
    table: _Table,
    found: list[str],
    rules: Matchers | None,
) -> None:
    special = {one["match"]: one for one in rules.matchers} if rules is not None else {}
    each = special.keys() & {"values", "eachValue", "eachKey"}
    if not each:
        for name, value in wanted.items():
            _compare(value, actual.get(name, MISSING), (*place, name), table, found)
        return
    template = next(iter(wanted.values()), MISSING)
    for name, value in actual.items():
        if "eachKey" in special:
            inner = Matchers(tuple(special["eachKey"].get("rules", ())))
            found += [f"{shown(place)}: the name {name}: {one}" for one in _applied(inner, name, name)]
        if "eachValue" in special and special["eachValue"].get("rules"):
            inner = Matchers(tuple(special["eachValue"]["rules"]))
            found += [f"{shown((*place, name))}: {one}" for one in _applied(inner, template, value)]
        elif template is not MISSING and each & {"values", "eachValue"}:
            _compare(wanted.get(name, template), value, (*place, name), table, found)


def _compare_elements(
    wanted: Sequence[Any],
    actual: Sequence[Any],
    place: Place,
    table: _Table,
    found: list[str],
    rules: Matchers | None,
    own: bool,
) -> None:
    special = {one["match"]: one for one in rules.matchers} if rules is not None and own else {}
    if "arrayContains" in special:
        _compare_variants(wanted, actual, place, special["arrayContains"], found)
        return
    for one in special.values():
        least, most = one.get("min"), one.get("max")
        if least is not None and len(actual) < int(least):
            found.append(f"{shown(place)} has {len(actual)} elements, not at least {least}")
        if most is not None and len(actual) > int(most):
            found.append(f"{shown(place)} has {len(actual)} elements, not at most {most}")
    if rules is None:
        if len(wanted) != len(actual):
            found.append(f"{shown(place)} has {len(actual)} elements, not {len(wanted)}")
            return
    elif not wanted:
        return
    for index, value in enumerate(actual):
        template = wanted[index] if index < len(wanted) else wanted[0]
        _compare(template, value, (*place, index), table, found)


def _compare_variants(
    wanted: Sequence[Any],
    actual: Sequence[Any],
    place: Place,
    rule: Mapping[str, Any],
    found: list[str],
) -> None:
    for one in rule.get("variants", ()):
        index = int(one.get("index", 0))
        if index >= len(wanted):
            continue
        rules = {
            path: Matchers(
                tuple({**each, "match": each.get("match", "type")} for each in given["matchers"]),
                given.get("combine", "AND") != "OR",
            )
            for path, given in (one.get("rules") or {}).items()
        }
        table = _Table(rules)
        if not any(_fits(wanted[index], value, table) for value in actual):
            found.append(f"{shown(place)} has no element like {_text(wanted[index])}")


def _fits(wanted: Any, actual: Any, table: _Table) -> bool:
    inner: list[str] = []
    _compare(wanted, actual, (), table, inner)
    return not inner


def _applied(rules: Matchers, wanted: Any, actual: Any) -> list[str]:
    """What a value does not match, in words."""
    results = [_one(matcher, wanted, actual) for matcher in rules.matchers]
    wrong = [one for one in results if one is not None]
    return wrong if rules.every or len(wrong) == len(results) else []


def _one(matcher: Mapping[str, Any], wanted: Any, actual: Any) -> str | None:
    """Why a value does not match, or None."""
    kind = str(matcher.get("match", "type"))
    text = actual if isinstance(actual, str) else _text(actual)
    if kind == "regex":
        return _by_regex(str(matcher.get("regex", "")), text)
    if kind in _TIMES:
        pattern = str(matcher.get("format", matcher.get(kind)) or _TIMES[kind])
        fits = isinstance(actual, str) and _times(pattern).fullmatch(actual) is not None
        return None if fits else f"{_text(actual)} is no {kind} of the form {pattern}"
    checks: dict[str, Callable[[], bool]] = {
        "equality": lambda: _equal(wanted, actual),
        "include": lambda: str(matcher.get("value", "")) in text,
        "integer": lambda: _is_number(actual, whole=True),
        "decimal": lambda: _is_number(actual, whole=False),
        "number": lambda: _is_number(actual),
        "boolean": lambda: isinstance(actual, bool) or actual in ("true", "false"),
        "null": lambda: actual is None,
        "notEmpty": lambda: actual not in (None, "", [], {}),
        "semver": lambda: _SEMVER.fullmatch(text) is not None,
    }
    if kind in checks:
        word = (
            f"equal to {_text(wanted)}"
            if kind == "equality"
            else f"{kind} {matcher.get('value', '')}".strip()
        )
        return None if checks[kind]() else f"{_text(actual)} does not match: {word}"
    # Kinds that are not known are held to the type, which each of them implies.
    return _same_kind(wanted, actual) if kind == "type" else None


def _by_regex(pattern: str, text: str) -> str | None:
    try:
        fits = re.fullmatch(pattern, text) is not None
    except (re.error, RecursionError, OverflowError):
        return None
    return None if fits else f"{_text(text)} does not match {pattern}"


def _times(pattern: str) -> re.Pattern[str]:
    """A pattern of Java's date formats as a regular expression, by the number and kind of characters."""
    made = []
    for match in re.finditer(r"'([^']*)'|(([A-Za-z])\3*)|(.)", pattern, re.DOTALL):
        if match[2]:
            made.append(_letters(match[3], len(match[2])))
        else:
            made.append(re.escape(match[1] if match[1] is not None else match[4]))
    return re.compile("".join(made))


def _letters(letter: str, count: int) -> str:
    if letter in "XxZ":
        return r"(Z|[+-]\d{2}(:?\d{2})?)"
    if letter in "zVOvGEa" or (letter in "ML" and count > 2):
        return r"[\w./ :+-]+"
    return rf"\d{{{count}}}" if count > 1 else r"\d{1,9}"


def _same_kind(wanted: Any, actual: Any) -> str | None:
    names = _kind_of(wanted), _kind_of(actual)
    return None if names[0] == names[1] else f"{names[1]}, not {names[0]}"


def _kind_of(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a text"
    return "an array" if isinstance(value, list) else "an object"


def _is_number(value: Any, whole: bool | None = None) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if whole is None:
        return True
    # JSON does not tell 100 from 100.0: some serialisers write a decimal without its places.
    return isinstance(value, int) or value.is_integer() or not whole


def _equal(one: Any, other: Any) -> bool:
    """Equal JSON values; true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_equal(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    return bool(one == other)


def _text(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:79] + "…"


def shown(place: Place) -> str:
    """A place in a body as Pact writes it."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
