"""Repairs a create body by what the server says is wrong with it: complaints in, a changed body out. Pure."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

import jsonpointer

from harness.http.content import MISSING, at
from harness.lists import families
from harness.payloads.constraints import joined, member
from harness.profile.models import Resource
from harness.survey.infer.refusals import Complaint, complaints
from harness.survey.infer.repair_values import another

__all__ = ["Complaint", "complaints", "names_members", "references", "repaired", "unknown"]
_REFERENCE = re.compile(r".+?(?:_id|I[dD]|ID|_uuid|_ref|_pk|_key|Ref)")
_JSON_API_TYPE = re.compile(r"type \(([\w-]+)\) is not .*\(([\w-]+)\)")
_ENVELOPE = re.compile(r"payload|request body|envelope|wrapp|root|top[- ]level|document", re.IGNORECASE)
"""Words about the whole body."""


def names_members(refusal: Any, body: Any) -> bool:
    """Whether a refusal surely speaks of members of the body, not of the client's rights."""
    return any(one.sure and one.kind != "absent" for one in complaints(refusal, body))


def unknown(envelope: str, refusal: Any, body: Any) -> bool:
    """Whether a refusal says that there is no member named like an envelope.

    Args:
        envelope: location of what is inside.
    """
    name = jsonpointer.JsonPointer(envelope).parts[:1]
    return any(one.kind == "unknown" and list(one.parts) == name for one in complaints(refusal, body))


def references(body: Any, refusal: Any) -> list[str]:
    """Members that, by a refusal, must refer to an item that exists: a foreign key."""
    found = []
    for one in complaints(refusal, body):
        name = one.parts[-1] if one.parts else ""
        missing = one.kind in ("missing", "invalid") and bool(_REFERENCE.fullmatch(name))
        if name and (one.kind in ("reference", "absent") or missing):
            found.append(name)
    return list(dict.fromkeys(found))


def repaired(
    known: Resource, body: dict[str, Any], refusal: Any, ids: Mapping[str, Any] | None = None
) -> dict[str, Any] | None:
    """The body with the faults fixed that the refusal names; None if none could be fixed.

    Args:
        known: its schema gives values, if it has any.
        body: what was refused.
        refusal: JSON of the response.
        ids: of existing items, by the names of the members that refer to them; see `references()`.
    """
    made = copy.deepcopy(body)
    done = set[str]()
    for complaint in complaints(refusal, body):
        kind = _JSON_API_TYPE.search(complaint.text)
        if kind and at(made, "/data/type") == kind[1]:
            made["data"]["type"] = kind[2]
            continue
        if complaint.kind == "wrap" and complaint.parts:
            if complaint.parts[-1] not in made:
                made = {complaint.parts[-1]: made}
            continue
        if (wrapped := _wrapped(known, made, complaint)) is not None:
            return wrapped
        parts = complaint.parts
        quoted = _quoted_members(known, made, complaint.text)
        if complaint.kind == "absent" and quoted and not complaint.sure:
            # A reference to an absent item is omitted.
            inside = at(made, known.representation)
            for name in quoted:
                inside.pop(name)
            continue
        if (
            quoted
            and (not parts or _place(known, made, parts) is None)
            and complaint.kind in ("taken", "invalid")
        ):
            parts = (quoted[0],)
        place = _place(known, made, parts)
        if place is None or place in done:
            continue
        name, before = parts[-1], copy.deepcopy(made)
        if ids and ids.get(name) is not None and complaint.kind not in ("unknown", "read-only"):
            made = jsonpointer.set_pointer(made, place, ids[name])
        else:
            _fix(known, made, place, complaint)
        if made != before:
            done.add(place)
    # Of an empty body, a refusal says what is missing.
    return made if made != body and (made or known.create_schema is None) else None


def _wrapped(known: Resource, body: dict[str, Any], complaint: Complaint) -> dict[str, Any] | None:
    """The body in the envelope that a refusal misses: a member named like the collection, or like one item of it."""
    name = complaint.parts[0] if len(complaint.parts) == 1 else ""
    word = known.collection.strip("/") or known.name
    if complaint.kind != "missing" or not name or name in body or known.representation or known.create_schema:
        return None
    if name == "data" and _ENVELOPE.search(complaint.text):
        return {name: body}
    if name == families.named({}, "{plural}", word):
        return {name: [body]}
    return {name: body} if name == families.named({}, "{singular}", word) else None


def _quoted_members(known: Resource, body: Any, text: str) -> list[str]:
    """The members whose values a sentence quotes."""
    inside = at(body, known.representation)
    return [
        name
        for name, value in (inside.items() if isinstance(inside, Mapping) else ())
        if isinstance(value, str) and len(value) > 2 and value in text
    ]


def _place(known: Resource, body: Any, parts: tuple[str, ...]) -> str | None:
    """The pointer of a member in the whole body."""
    if not parts or any(part == "" for part in parts):
        return None
    envelope = tuple(jsonpointer.JsonPointer(known.representation).parts)
    options = [parts, (*envelope, *parts), (*envelope, parts[-1])]
    if parts[: len(envelope)] == envelope and len(parts) == len(envelope):
        options = [parts]
    options = [_spelled(known, body, option) for option in options]
    pointers = [jsonpointer.JsonPointer.from_parts(option).path for option in options]
    for pointer in pointers:
        if at(body, pointer) is not MISSING:
            return pointer
    for pointer in [*pointers[1:], pointers[0]] if envelope else pointers:
        parent = pointer.rsplit("/", 1)[0]
        if isinstance(at(body, parent), dict):
            return pointer
    return None


def _spelled(known: Resource, body: Any, parts: tuple[str, ...]) -> tuple[str, ...]:
    """The path as the body or the schema spells it; a server may name its own properties (`FirstName`)."""
    made: list[str] = []
    for part in parts:
        inside = at(body, jsonpointer.JsonPointer.from_parts(made).path)
        own = list(inside) if isinstance(inside, Mapping) else []
        pointer = jsonpointer.JsonPointer.from_parts(made).path
        schema = member(known.create_schema, pointer) if known.create_schema is not None else None
        described = joined(known.create_schema or {}, schema or {}).get("properties")
        every = [*own, *(described if isinstance(described, dict) else ())]
        alike = [name for name in every if _plain(name) == _plain(part)]
        if part in every or not alike:
            camel = part[:1].isupper() and own and all(name[:1].islower() for name in own)
            made.append(part[:1].lower() + part[1:] if camel and part not in every else part)
        else:
            made.append(alike[0])
    return tuple(made)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _fix(known: Resource, body: dict[str, Any], pointer: str, complaint: Complaint) -> None:
    parent = jsonpointer.resolve_pointer(body, pointer.rsplit("/", 1)[0])
    name = jsonpointer.unescape(pointer.rsplit("/", 1)[-1])
    if isinstance(parent, list):
        if complaint.kind in ("unknown", "read-only", "enum", "invalid", "reference", "absent"):
            # An element of a list is refused: the whole list is removed.
            _fix(known, body, pointer.rsplit("/", 1)[0], Complaint(complaint.parts[:-1], "unknown", ""))
        return
    if not isinstance(parent, dict):
        return
    if isinstance(parent.get(name), dict) and known.representation.startswith(pointer):
        return
    present = name in parent
    if complaint.kind in ("unknown", "read-only", "reference", "absent"):
        parent.pop(name, None)
        return
    value = another(known, body, pointer, name, parent.get(name), complaint)
    if value is not None:
        parent[name] = value
    elif present and complaint.kind in ("invalid", "enum"):
        parent.pop(name)
