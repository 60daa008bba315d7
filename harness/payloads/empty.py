"""Empty values that a schema allows: 0, an empty text, an empty array. Code that tests for truth ignores them."""

from __future__ import annotations

from typing import Any

import jsonpointer

from harness.http.content import at, replaced
from harness.payloads.constraints import valid
from harness.profile.models import Resource


def empty_values(known: Resource, body: Any) -> list[tuple[str, Any]]:
    """Members of a body and the empty value of the same kind, where the schema of creates allows it. Pure.

    None without a schema, as nothing else says that an empty value is valid. Members that identify an item, that must
    be unique or that only the server sets are left out, and those that have the empty value already.

    Args:
        body: a valid body, its envelope included.

    Returns:
        JSON Pointers from the root of the body, and values; numbers first.
    """
    schema, inside = known.create_schema, at(body, known.representation)
    if schema is None or not isinstance(inside, dict) or not valid(schema, body):
        return []
    left_out = {*known.unique, *known.read_only, known.id, known.locking.version, known.soft_delete}
    found = []
    for name, value in inside.items():
        inner = "/" + jsonpointer.escape(name)
        empty = _EMPTY.get(type(value))
        if empty is None or value == empty() or inner in left_out or name in left_out:
            continue
        place = known.representation + inner
        if valid(schema, replaced(body, place, empty())):
            found.append((place, empty()))
    return sorted(found, key=lambda one: _ORDER.index(type(one[1])))


_EMPTY: dict[type, Any] = {int: int, float: float, str: str, list: list}
_ORDER = list(_EMPTY)
