"""The exchanges of an earlier report: what clients sent then, and what they were answered. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from harness.bad_input import BadInput
from harness.http.content import MISSING
from harness.http.path_templates import matches

Kinds = dict[tuple[str, ...], frozenset[str]]
"""Kinds of JSON values by place: names of members, from the outside in."""
FIX = "give the conformance.json of an earlier run"


@dataclass(frozen=True)
class Recorded:
    """A request of an earlier run that succeeded.

    Attributes:
        path: relative to the target's URL of then, without query.
        sent: JSON of its content, `MISSING` for none.
        answer: JSON of the response, `MISSING` where there is none.
    """

    method: str
    path: str
    sent: Any
    answer: Any


def recorded(content: bytes, where: str) -> list[Recorded]:
    """The successful GETs and POSTs without query of a report, in order; those of the survey first.

    Raises:
        BadInput: it is no report.
    """
    try:
        document = json.loads(content)
        base = str(document["target"]["url"]).rstrip("/")
        first = set(document.get("survey") or ())
        exchanges = sorted(document["exchanges"], key=lambda one: one["id"] not in first)
        found = [made for one in exchanges if (made := _recorded(one, base)) is not None]
    except (ValueError, RecursionError):
        raise BadInput(where, "it is not JSON", FIX) from None
    except (KeyError, TypeError, AttributeError) as problem:
        raise BadInput(where, f"it is no report ({problem!r})", FIX) from None
    return found


def _recorded(one: Mapping[str, Any], base: str) -> Recorded | None:
    url = str(one["url"])
    if one["method"] not in ("GET", "POST") or one.get("status") not in (200, 201) or "?" in url:
        return None
    # Under another credential, or with a raw request, the answer is another one.
    if one.get("raw") or one.get("credential") not in (None, "", "default"):
        return None
    if not (url == base or url.startswith(f"{base}/")):
        return None
    sent, answer = _json(one.get("request_body")), _json(one.get("response_body"))
    return Recorded(one["method"], unquote(urlsplit(url[len(base) :] or "/").path), sent, answer)


def _json(body: Any) -> Any:
    """The JSON of a recorded body; `MISSING` where it is none, or was cut."""
    if not isinstance(body, Mapping) or body.get("cut") or not body.get("text"):
        return MISSING
    try:
        return json.loads(str(body["text"]))
    except (ValueError, RecursionError):
        return MISSING


def creates(found: Iterable[Recorded], path: str) -> list[Recorded]:
    """The creates in a collection whose content is an object."""
    return [one for one in found if one.method == "POST" and one.path == path and isinstance(one.sent, dict)]


def reads(found: Iterable[Recorded], template: str) -> list[Recorded]:
    """The GETs of a path, or of those that a template matches, with JSON in the response."""
    return [
        one
        for one in found
        if one.method == "GET" and one.answer is not MISSING and matches(template, one.path)
    ]


def required(values: Iterable[Any]) -> Kinds:
    """The members that all of these objects have, with the kinds of their values; arrays are not looked into."""
    tables = [_kinds(value, ()) for value in values if isinstance(value, dict)]
    if not tables:
        return {}
    common = set.intersection(*(set(table) for table in tables))
    return {place: frozenset(table[place] for table in tables) for place in sorted(common)}


def _kinds(value: Mapping[str, Any], where: tuple[str, ...]) -> dict[tuple[str, ...], str]:
    found: dict[tuple[str, ...], str] = {}
    for name, one in value.items():
        place = (*where, str(name))
        found[place] = kind(one)
        if isinstance(one, Mapping) and len(place) < 8:
            found |= _kinds(one, place)
    return found


def kind(value: Any) -> str:
    """The kind of a JSON value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def breaches(wanted: Kinds, value: Any) -> list[str]:
    """Members that a response lacks, or that have another kind than ever before, in words; null is not judged."""
    if not isinstance(value, Mapping):
        return [f"{kind(value)}, not object"] if value is not MISSING else ["no JSON"]
    found: list[str] = []
    now = _kinds(value, ())
    for place, kinds in wanted.items():
        if any(place[: len(one)] == one for one in _gone(wanted, now, place)):
            continue
        name = "/" + "/".join(place)
        if place not in now:
            found.append(f"{name} is missing")
        elif now[place] not in kinds and now[place] != "null" and "null" not in kinds:
            found.append(f"{name} is {now[place]}, and was {' or '.join(sorted(kinds))}")
    return found


def _gone(wanted: Kinds, now: Mapping[tuple[str, ...], str], place: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The objects around a place that are no objects any more: they are reported, not what was in them."""
    around = [place[:length] for length in range(1, len(place))]
    return [one for one in around if one in wanted and now.get(one) != "object"]
