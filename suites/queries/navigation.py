"""Navigation properties of OData: what `$expand` embeds, and what the path below the entity answers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .expansion import identity, scalars, untrue

MOST_ELEMENTS = 5
"""Embedded entities of a collection that are compared."""


def nested(names: Iterable[str]) -> str:
    """The value of `$expand` that follows these navigation properties (OData URL Conventions 4.01 section 5.1.3)."""
    made = ""
    for name in reversed(list(names)):
        made = f"{name}($expand={made})" if made else name
    return made


def entities(value: Any) -> list[dict[str, Any]] | None:
    """The entities of a response: one, or those of a collection; None where it shows neither."""
    if not isinstance(value, Mapping):
        return None
    listed = value.get("value")
    if isinstance(listed, list):
        return [one for one in listed if isinstance(one, dict)]
    return [plain(value)] if scalars(plain(value)) else None


def plain(value: Mapping[str, Any]) -> dict[str, Any]:
    """An entity without the annotations of OData."""
    return {name: one for name, one in value.items() if "@" not in name}


def navigation_faults(
    shown: Any,
    before: Iterable[Mapping[str, Any]],
    after: Iterable[Mapping[str, Any]],
    volatile: Iterable[str] = (),
) -> list[str] | None:
    """What is embedded otherwise than the path of the navigation property answers; None where it cannot be compared.

    Args:
        shown: the member of the expanded entity: an entity, a collection, or null.
        before, after: the entities at the path, read before and after; a member that differs is not judged.
    """
    reads = [{identity(plain(one)): plain(one) for one in read} for read in (before, after)]
    if None in reads[0] or None in reads[1] or reads[0].keys() != reads[1].keys():
        return None
    several = [plain(one) for one in (shown if isinstance(shown, list) else [shown]) if isinstance(one, dict)]
    there = {identity(one): one for one in several}
    if not several:
        return (
            [f"nothing is embedded, and the path answers {', '.join(map(str, reads[0]))}"] if reads[0] else []
        )
    if None in there:
        return None
    found = [f"{id} is embedded, and the path does not answer it" for id in there if id not in reads[0]]
    if not found and len(there) < len(reads[0]) and len(reads[0]) <= MOST_ELEMENTS:
        lacking = [str(id) for id in reads[0] if id not in there]
        found = [f"{', '.join(lacking)} is not embedded, and the path answers it"]
    for id, one in list(there.items())[:MOST_ELEMENTS]:
        if id in reads[0]:
            found += untrue(one, (reads[0][id], reads[1][id]), volatile)
    return found
