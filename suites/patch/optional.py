"""Members that an item may lack, as a schema has them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jsonpointer

from harness.http.content import MISSING, at, replaced
from harness.payloads import kept
from harness.payloads.constraints import valid
from harness.profile.models import Resource


def removable(known: Resource, body: Any) -> list[str]:
    """JSON Pointers, in the whole body, of members that may be left out; objects and arrays first.

    None without a schema, as nothing else says what is optional.

    Args:
        body: a valid body, its envelope included.
    """
    return sorted(_omitted(known, body), key=lambda place: not isinstance(at(body, place), dict | list))


def parts(known: Resource, body: Any) -> list[tuple[str, dict[str, Any]]]:
    """Optional objects of a body, each with one scalar member of it that is a valid value alone."""
    found = []
    for place in removable(known, body):
        value = at(body, place)
        for name, one in value.items() if isinstance(value, Mapping) else ():
            part = {name: one}
            scalar = isinstance(one, str | int | float) and not isinstance(one, bool)
            if scalar and valid(known.create_schema or {}, replaced(body, place, part)):
                found.append((place, part))
                break
    return found


def _omitted(known: Resource, body: Any) -> Iterator[str]:
    schema, inside = known.create_schema, at(body, known.representation)
    if schema is None or not isinstance(inside, Mapping) or not valid(schema, body):
        return
    for name in inside:
        inner = "/" + jsonpointer.escape(name)
        place = known.representation + inner
        if not kept(known, name, inner) and valid(schema, replaced(body, place, MISSING)):
            yield place
