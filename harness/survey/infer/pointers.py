"""Locations in responses, as JSON Pointers: of the array of items, of the members and of the id. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonpointer

from harness.http.content import at, id_text, last_segment
from harness.lists.families import family_of, located
from harness.profile.models import Resource
from harness.survey.infer import places
from harness.survey.infer.samples import Sample

ARRAYS = ("data", "items", "results", "records", "value", "values", "entries", "Resources", "members", "list")
IDS = (
    *(
        "id",
        "_id",
        "uuid",
        "objectId",
        "documentId",
        "uid",
        "guid",
        "pk",
        "key",
        "slug",
        "name",
        "Id",
        "ID",
        "sid",
    ),
    *("code", "@id", "pulp_href"),
)
ENVELOPES = ("data", "item", "result", "attributes", "record")


def items_pointer(value: Any, collection: str = "") -> str | None:
    """Location of the array of items in the response of a collection, or None.

    Args:
        collection: its path, whose last word may be the name of the array.
    """
    if isinstance(value, list):
        return ""
    if not isinstance(value, dict):
        return None
    family = family_of(value, collection)
    if family is not None:
        return located(value, family.items, collection)
    arrays = [name for name, inner in value.items() if isinstance(inner, list)]
    for name in ARRAYS:
        if name in arrays:
            return _token(name)
    if len(arrays) > 1:
        # Beside each other: items are objects, messages and facets seldom are.
        arrays = [
            name for name in arrays if value[name] and all(isinstance(one, dict) for one in value[name])
        ]
    if len(arrays) == 1:
        return _token(arrays[0])
    embedded = value.get("_embedded")
    if isinstance(embedded, dict):
        inner = items_pointer(embedded, collection)
        return None if inner is None else f"/_embedded{inner}"
    return None


def _token(name: str) -> str:
    return "/" + jsonpointer.escape(name)


def representation_pointer(body: Any) -> str:
    """Location of the members in a create body: inside the only member if that is an envelope, else the top."""
    if not isinstance(body, dict) or len(body) != 1:
        return ""
    name, inner = next(iter(body.items()))
    if name not in ENVELOPES or not isinstance(inner, dict):
        return ""
    return f"/{name}/attributes" if isinstance(inner.get("attributes"), dict) else f"/{name}"


def id_pointer(declared: str, answer: Any, location: str | None) -> tuple[str, str] | None:
    """Location of the id in the response to a create, and the id; None if there is none.

    An id that is also the last segment of Location wins over any other.
    """
    candidates = list(_id_candidates(declared, answer))
    named = last_segment(location) if location else None
    for pointer, id in candidates:
        if named is not None and id == named:
            return pointer, id
    if named is not None:
        # If Location has another word, the name of an item is not its id.
        candidates = [one for one in candidates if one[0].rsplit("/", 1)[-1] not in ("name", "slug", "key")]
    return candidates[0] if candidates else None


def _id_candidates(declared: str, answer: Any) -> Iterator[tuple[str, str]]:
    seen = set()
    for envelope in ("", *(f"/{name}" for name in ENVELOPES)):
        for pointer in ([declared] if not envelope else []) + [f"{envelope}/{name}" for name in IDS]:
            id = id_text(at(answer, pointer))
            if id is not None and pointer not in seen:
                seen.add(pointer)
                yield pointer, id


def all_listed(known: Resource, listed: Sample | None) -> list[Any]:
    """The items that a list shows."""
    items = at(listed.value, known.items or "") if listed is not None and listed.success else None
    return items if isinstance(items, list) else []


def first_listed(known: Resource, listed: Sample | None) -> Any:
    """The first item that a list shows, or None."""
    return next(iter(all_listed(known, listed)), None)


def listed_id(known: Resource, first: Any) -> tuple[str, str] | None:
    """Location of the id in a listed item, and the id; None if there is none."""
    if known.id == "" and (id := id_text(first)) is not None:
        return "", id
    if not isinstance(first, dict):
        return None
    for pointer in (known.id, known.id.removeprefix(known.representation), *(f"/{name}" for name in IDS)):
        id = id_text(at(first, pointer))
        if id is not None:
            return pointer, id
    return places.named(first)
