"""Related resources that a query parameter embeds: which, where they are, and whether they are shown truly. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from harness.http.content import normalised
from harness.resource.matching import USUAL_ID_NAMES
from harness.survey.openapi.expansion import REFERENCES, reference

IDS = (*USUAL_ID_NAMES, "@id")
LEAST = 2
"""Members that an embedded resource must share with the related one, for it to be the same resource."""


def representation(document: Any) -> dict[str, Any] | None:
    """A representation that is an object, without an envelope; None where there is none.

    A resource object of JSON:API is shown as other APIs show it: its attributes as members, each related resource as a
    member that refers to it, or has it where the document includes it.
    """
    if not isinstance(document, dict):
        return None
    inner = document.get("data")
    inner = inner if isinstance(inner, dict) else document
    if not isinstance(inner.get("attributes"), dict) or "type" not in inner:
        return inner
    included = document.get("included")
    beside = {
        (one.get("type"), one.get("id")): one
        for one in (included if isinstance(included, list) else ())
        if isinstance(one, dict)
    }
    made = _resource_object(inner)
    relationships = inner.get("relationships")
    for name, one in (relationships if isinstance(relationships, dict) else {}).items():
        linkage = one.get("data") if isinstance(one, dict) else None
        several = linkage if isinstance(linkage, list) else []
        keys = [(each.get("type"), each.get("id")) for each in several if isinstance(each, dict)]
        key = (linkage.get("type"), linkage.get("id")) if isinstance(linkage, dict) else None
        if key in beside:
            made[name] = _resource_object(beside[key])
        elif any(each in beside for each in keys):
            made[name] = [_resource_object(beside[each]) for each in keys if each in beside]
        elif isinstance(one, dict) and isinstance(one.get("links"), dict):
            made[name] = {"links": {"related": one["links"].get("related")}}
    return made


def _resource_object(one: Mapping[str, Any]) -> dict[str, Any]:
    attributes = one.get("attributes")
    links = {"links": one["links"]} if isinstance(one.get("links"), dict) else {}
    return {**(attributes if isinstance(attributes, dict) else {}), "id": one.get("id"), **links}


def embedded(value: Mapping[str, Any], relation: str) -> dict[str, Any] | None:
    """The related resource that a response embeds; None where it embeds none, or several."""
    places = [value, value.get("_embedded")]
    for place in places:
        found = place.get(relation) if isinstance(place, Mapping) else None
        if isinstance(found, list) and len(found) == 1:
            found = found[0]
        if isinstance(found, dict) and scalars(found):
            return found
    return None


def elements(value: Mapping[str, Any], relation: str) -> list[dict[str, Any]]:
    """The related resources that a response embeds: one, several, or none."""
    one = embedded(value, relation)
    if one is not None:
        return [one]
    for place in (value, value.get("_embedded")):
        found = place.get(relation) if isinstance(place, Mapping) else None
        if isinstance(found, list):
            return [each for each in found if isinstance(each, dict) and scalars(each)]
    return []


def leads_to(plain: Mapping[str, Any], relation: str, shown: Mapping[str, Any]) -> str | None:
    """Where the related resource is by itself: by the reference without expansion, by links, or by its own link."""
    named = [
        links.get(relation)
        for links in (plain.get("_links"), plain.get("links"))
        if isinstance(links, Mapping)
    ]
    places = (reference(one) for one in (plain.get(relation), *named, shown))
    return next((place for place in places if place), None)


def by_id(relation: str, shown: Mapping[str, Any], templates: Iterable[str]) -> str | None:
    """Where an embedded resource is by itself, by its id and the path template of a collection of that name.

    Args:
        templates: of documented paths, such as `/authors/{id}`.
    """
    id = identity(shown)
    if id is None:
        return None
    for template in templates:
        match = re.fullmatch(r"(?P<above>[^{}]*/)(?P<name>[^{}/]+)/\{[^{}]+\}", template)
        if match is not None and _forms(match["name"]) & _forms(relation):
            return f"{match['above']}{match['name']}/{quote(id, safe='')}"
    return None


def key_of(plain: Mapping[str, Any], relation: str) -> dict[str, str] | None:
    """The key of a related resource in one that refers to it, such as `author_id`, as `id`; None without one."""
    for name in (f"{relation}_id", f"{relation}Id", f"{relation}ID", f"{relation}_uuid"):
        value = plain.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            return {"id": str(value)}
    return None


def identity(value: Mapping[str, Any]) -> str | None:
    """The id of a representation, as text; None where it has none."""
    found = next((value[name] for name in IDS if name in value), None)
    return (
        str(found) if isinstance(found, str | int) and not isinstance(found, bool) and found != "" else None
    )


def _forms(name: str) -> set[str]:
    """A name in singular and in plural, without case and separators."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    found = {plain}
    for end, other in (("ies", "y"), ("es", ""), ("s", "")):
        if plain.endswith(end) and len(plain) > len(end) + 1:
            found.add(plain[: -len(end)] + other)
    return found


def scalars(value: Mapping[str, Any], volatile: Iterable[str] = ()) -> dict[str, Any]:
    """The members that are no objects, arrays or links, without those that change by themselves."""
    plain = normalised(dict(value), volatile=volatile)
    return {
        name: one
        for name, one in plain.items()
        if not isinstance(one, dict | list) and reference(one) is None and name not in REFERENCES
    }


def untrue(
    shown: Mapping[str, Any], alone: Iterable[Mapping[str, Any]], volatile: Iterable[str] = ()
) -> list[str]:
    """Members of an embedded resource with another value than in the resource itself, in words.

    Args:
        shown: as embedded.
        alone: the resource as it was read before and after; a member that differs between them is not judged.
    """
    reads = [scalars(one, volatile) for one in alone]
    found = []
    for name, value in scalars(shown, volatile).items():
        values = [one[name] for one in reads if name in one]
        if len(values) == len(reads) and all(one == values[0] for one in values) and values[0] != value:
            found.append(f"{name} is {value!r}, and {values[0]!r} in the resource itself")
    return found


def same_resource(shown: Mapping[str, Any], alone: Mapping[str, Any]) -> bool:
    """Whether an embedded representation and one that was read by itself can be of one resource."""
    for name in IDS:
        if name in shown and name in alone and str(shown[name]) != str(alone[name]):
            return False
    return len(set(scalars(shown)) & set(scalars(alone))) >= min(LEAST, len(scalars(alone)) or 1)


def renamed(shown: Mapping[str, Any], alone: Mapping[str, Any]) -> str | None:
    """Where an embedded resource has another id than the resource itself, with which it shares all else; else None."""
    for name in IDS:
        if name in shown and name in alone and str(shown[name]) != str(alone[name]):
            one, other = scalars(shown), scalars(alone)
            shared = (set(one) & set(other)) - {name}
            if len(shared) >= LEAST and all(one[each] == other[each] for each in shared):
                return f"{name} is {shown[name]!r}, and {alone[name]!r} in the resource itself"
    return None


def next_relation(value: Mapping[str, Any]) -> tuple[str, str] | None:
    """The first member that refers to another resource, and the reference; None without one."""
    for name, one in value.items():
        found = reference(one)
        if found is not None and name not in (*REFERENCES, "links", "_links"):
            return name, found
    return None
