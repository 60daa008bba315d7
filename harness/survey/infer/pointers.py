"""Locations in responses, as JSON Pointers: of the array of items, of the members and of the id. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonpointer

from harness.http.content import at, id_text, last_segment
from harness.lists.families import Family, family_of, located, named
from harness.profile.models import Resource
from harness.resource import matching
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
        "Id",
        "ID",
        "sid",
        # An item with an id may have these, too.
        "key",
        "slug",
        "name",
    ),
    *("code", "@id", "href"),
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


def representation_pointer(body: Any, collection: str = "") -> str:
    """Location of the members in a create body: inside the only member if that is an envelope, else the top.

    Args:
        collection: path of the collection: a member may be named like it, or like one item of it.
    """
    if not isinstance(body, dict) or len(body) != 1:
        return ""
    name, inner = next(iter(body.items()))
    if name in (named(body, "{plural}", collection), named(body, "{singular}", collection)):
        if isinstance(inner, dict):
            return _token(name)
        return (
            f"{_token(name)}/0"
            if isinstance(inner, list) and len(inner) == 1 and isinstance(inner[0], dict)
            else ""
        )
    if name not in ENVELOPES or not isinstance(inner, dict):
        return ""
    return f"/{name}/attributes" if isinstance(inner.get("attributes"), dict) else f"/{name}"


def wrapper(body: Any, changed: Any) -> str | None:
    """Location of a body in the envelope that a repair has put around it; None if it has put none."""
    if not isinstance(changed, dict) or len(changed) != 1:
        return None
    name, inner = next(iter(changed.items()))
    if isinstance(body, dict) and name in body:
        return None
    return _token(name) if inner == body else f"{_token(name)}/0" if inner == [body] else None


def write_pointer(family: Family | None, listed: Any, collection: str) -> str:
    """Location of the members in a create body by the family of the list; empty if it is not sure."""
    if family is None or family.name == "data-enveloped":
        return ""
    return located({} if "{" in family.write else listed, family.write, collection) or ""


def bare_envelope(body: Any, answer: Any) -> str | None:
    """Location of the members in the response to a create, if they are in an envelope that the body did not have."""
    if not isinstance(body, dict) or not isinstance(answer, dict) or not body or set(body) & set(answer):
        return None
    only = [name for name in answer if len(answer) == 1]
    for name in dict.fromkeys((*ENVELOPES, *only)):
        inner = answer.get(name)
        if isinstance(inner, dict) and 2 * len(set(body) & set(inner)) >= len(body):
            return _token(name)
    return None


def other_envelope(body: Any, answer: Any, sent: str) -> str | None:
    """Location of the members in the representation of a new item, if it is not that in the body.

    It is at the top in Rails, in another envelope in Phoenix, and one level deeper in Strapi 4.

    Args:
        answer: the representation.
        sent: location of the members in the body.
    """
    inside, shown = at(body, sent), at(answer, sent)
    if not sent or not isinstance(inside, dict) or not isinstance(answer, dict):
        return None
    if isinstance(shown, dict):
        deeper = [] if set(inside) & set(shown) else list(shown.items())
        return next((sent + _token(name) for name, one in deeper if _shows(one, inside)), None)
    if _shows(answer, inside):
        return ""
    return next((_token(name) for name, one in answer.items() if _shows(one, inside)), None)


def _shows(shown: Any, inside: dict[str, Any]) -> bool:
    """Whether an object has most members of a body; two that were only guessed may be ignored."""
    common = set(inside) & set(shown) if isinstance(shown, dict) else set()
    return bool(common) and 2 * len(common) + 2 >= len(inside)


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


def holder(declared: str, answer: Any, id: str | None) -> str | None:
    """Location of the member whose value is an id; None if there is none.

    Args:
        declared: looked at first.
    """
    if id is None:
        return None
    for pointer, found in _id_candidates(declared, answer):
        if found == id:
            return pointer
    members = list(answer.items()) if isinstance(answer, dict) else []
    # Kubernetes shows the id in `metadata.name`.
    nested = [
        (_token(outer) + _token(name), value)
        for outer, inner in members
        if isinstance(inner, dict)
        for name, value in inner.items()
    ]
    plain = [(_token(name), value) for name, value in members]
    exact = (place for place, value in (*plain, *nested) if id_text(value) == id)
    # A resource name says the collection, too (AIP-122).
    named = (place for place, value in plain if isinstance(value, str) and value.endswith(f"/{id}"))
    return next(exact, None) or next(named, None)


def _id_candidates(declared: str, answer: Any) -> Iterator[tuple[str, str]]:
    seen = set()
    only = (
        [_token(name) for name, inner in answer.items() if len(answer) == 1]
        if isinstance(answer, dict)
        else []
    )
    if only and isinstance(at(answer, only[0]), list) and len(at(answer, only[0])) == 1:
        only = [f"{only[0]}/0"]
    if isinstance(answer, list) and len(answer) == 1:
        # Piccolo answers a create with the keys of all rows that it made.
        only = ["/0"]
    for envelope in dict.fromkeys(("", *(f"/{name}" for name in ENVELOPES), *only)):
        for pointer in ([declared] if not envelope else []) + [f"{envelope}/{name}" for name in IDS]:
            id = id_text(at(answer, pointer))
            if id is not None and pointer not in seen:
                seen.add(pointer)
                yield pointer, id
        yield from _linked_id(at(answer, envelope), envelope)


def _linked_id(item: Any, envelope: str = "") -> Iterator[tuple[str, str]]:
    """The id in the first link that is named so, such as `order_href`."""
    for name, value in item.items() if isinstance(item, dict) else ():
        if (
            isinstance(value, str)
            and str(name).endswith(("_href", "Href"))
            and (id := id_text(value)) is not None
        ):
            yield envelope + _token(name), id
            return


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
    for pointer in (*matching.places(known, known.id), *(f"/{name}" for name in IDS)):
        id = id_text(at(first, pointer))
        if id is not None:
            return pointer, id
    return places.named(first) or next(_linked_id(first), None)
