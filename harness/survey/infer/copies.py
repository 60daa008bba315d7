"""Which parts of listed items a create body may copy: their form and categories, nothing that may identify one. Pure.

An API may find an item by any member, and change it instead of creating another. So texts and numbers are new values
of the same form; a value is copied only if it is a category that many items share.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from harness.http.content import at
from harness.payloads import unique
from harness.payloads.constraints import member
from harness.profile.models import Resource
from harness.survey.infer.repair import complaints

_SET_BY_SERVERS = re.compile(
    r"id|_id|uuid|guid|objectId|self|links?|_links|_embedded|_meta|meta|href|url|uri|etag|@.*|_?rev|revision|version"
    r"|created.*|updated.*|modified.*|deleted.*|last_?[mM]odified|_created|_updated|.*_count|.*Count|permissions",
)
_REFERENCE = re.compile(r".+?(?:_ids?|I[dD]s?)")
_CATEGORY = re.compile(
    r"(?i).*(status|state|currency|country|locale|language|lang|zone|role|format|mode|type|kind|category|level|tier|unit"
    r"|gender|priority|severity|visibility|color|colour|size)"
)
_WORD = re.compile(r"[A-Za-z][A-Za-z_-]{0,29}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ].*)?")
_MOST_KINDS = 12
_TRIES = 20


def modelled(listed: Any, others: Sequence[Any] = (), *, alike: bool = False) -> dict[str, Any]:
    """A create body like a listed item, without the members that servers set, with new values.

    References to other items are omitted; see `referring()`.

    Args:
        others: all listed items.
        alike: give texts the exact form of the old ones; otherwise they carry a text of the run.
    """
    if not isinstance(listed, Mapping):
        return {}
    made: dict[str, Any] = {}
    for name, value in listed.items():
        plain = isinstance(name, str) and not _SET_BY_SERVERS.fullmatch(name) and value is not None
        if not plain or _links(value) or _REFERENCE.fullmatch(name):
            continue
        seen = [one[name] for one in others if isinstance(one, Mapping) and name in one]
        made[name] = _ours(name, value, seen, alike=alike)
    return made


def _links(value: Any) -> bool:
    """Whether a value is a link, or holds other items."""
    if isinstance(value, str):
        return value.startswith(("http://", "https://", "/"))
    if isinstance(value, Mapping):
        return any(name in value for name in ("href", "id", "_id"))
    return isinstance(value, list) and any(_links(one) for one in value)


def _ours(name: str, value: Any, seen: Sequence[Any], *, alike: bool) -> Any:
    """A value of the same form, or the same value if it is a category."""
    if isinstance(value, Mapping):
        inner = [one for one in seen if isinstance(one, Mapping)]
        return modelled(value, inner, alike=alike)
    if isinstance(value, list):
        elements = [one for some in seen if isinstance(some, list) for one in some]
        return [_ours(name, one, elements, alike=alike) for one in value[:3]]
    if categorical(name, value, seen):
        return copy.deepcopy(value)
    if isinstance(value, str):
        return _text(value, seen, alike=alike)
    return _number(value)


def categorical(name: str, value: Any, seen: Sequence[Any]) -> bool:
    """Whether a value is a category: a boolean, a word that repeats, or a member named like a category.

    Args:
        seen: values of the same member in listed items.
    """
    if value is None or isinstance(value, bool) or value == "":
        return True
    if not isinstance(value, str | int):
        return False
    words = {json.dumps(one, default=str) for one in seen}
    repeats = list(seen).count(value) > 1 and len(words) <= min(_MOST_KINDS, max(1, len(seen) // 2))
    if isinstance(value, int):
        return repeats
    return bool(_WORD.fullmatch(value)) and (repeats or bool(_CATEGORY.fullmatch(name)))


def _text(value: str, seen: Sequence[Any], *, alike: bool) -> str:
    if _DATE.fullmatch(value):
        return next(unique.texts(value, {"format": "date-time" if len(value) > 10 else "date"}))
    if not alike:
        return next(unique.texts(value, {}))
    made = (unique.alike(value) for _ in range(_TRIES))
    return next((one for one in made if one not in seen), unique.token())


def _number(value: float) -> float:
    digits = str(abs(value))
    if isinstance(value, int):
        return int(digits[0] + unique.alike(digits[1:])) if len(digits) > 1 else value
    head, dot, tail = digits.partition(".")
    fresh = f"{head[0]}{unique.alike(head[1:])}{dot}{unique.alike(tail)}"
    try:
        return float(fresh)
    except ValueError:
        return value


def referring(known: Resource, body: dict[str, Any], listed: Any, refusal: Any) -> dict[str, Any] | None:
    """The body with those references of a listed item that a refusal asks for; None if it asks for none.

    Args:
        body: what was refused.
        refusal: JSON of the response.
    """
    inside = at(body, known.representation)
    if not isinstance(listed, Mapping) or not isinstance(inside, dict):
        return None
    made = copy.deepcopy(body)
    target = at(made, known.representation)
    for one in complaints(refusal, body):
        name = one.parts[-1] if one.parts else ""
        left_out = name not in inside and bool(_REFERENCE.fullmatch(name))
        if name in listed and (left_out or one.kind == "absent"):
            target[name] = copy.deepcopy(listed[name])
    return made if made != body else None


def unlike_listed(known: Resource, body: dict[str, Any], listed: Sequence[Any]) -> dict[str, Any]:
    """The body with new values for members that have the value of a listed item, except categories and references.

    An example in the document may be in use.
    """
    inside = at(body, known.representation)
    if not isinstance(inside, dict):
        return body
    made = copy.deepcopy(body)
    target = at(made, known.representation)
    for name, value in inside.items():
        seen = [one[name] for one in listed if isinstance(one, Mapping) and name in one]
        known_value = isinstance(value, str | int) and value in seen
        if not known_value or _REFERENCE.fullmatch(name) or categorical(name, value, seen):
            continue
        schema = _schema(known, name)
        fresh = unique.value(value, schema, name)
        if fresh is not None and "enum" not in schema:
            target[name] = fresh
    return made


def _schema(known: Resource, name: str) -> dict[str, Any]:
    if known.create_schema is None:
        return {}
    return member(known.create_schema, f"{known.representation}/{name}") or {}
