"""Bodies for create and update requests: from examples, from schemas, with fresh values where they must be.

Pointers to single members are relative to the resource's representation, as in
the profile.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

import jsonpointer

from harness.http.content import key_parts
from harness.payloads import run_token, unique
from harness.payloads.constraints import Json, Schema, at, both, joined, kinds, member, members, valid
from harness.payloads.generated import generated
from harness.payloads.realistic import Words
from harness.payloads.sample import NoValue, number, sample
from harness.profile.models import Resource

MOST = 5
"""Candidates that `bodies()` offers at most."""
MOST_MEMBERS = 100
"""Members of a representation that are looked at."""
_FREE = (
    *("note", "notes", "description", "comment", "comments", "title", "summary", "text", "remark", "remarks"),
    *("label", "display_name", "displayName", "name", "subject", "content", "message", "body", "details"),
    *("bio", "memo", "headline"),
)
_KEPT = re.compile(
    r"id|_id|.*_ids?|.*[a-z]I[dD]s?|uuid|uid|guid|self|links|_links|href|url|uri|type|kind|object|etag|version"
    r"|_?rev|revision|lock_version|lockVersion|row_version|rowVersion|created.*|updated.*|modified.*|deleted.*"
    r"|last_modified|timestamp|.*_at|.*[a-z]At|schema"
)
_REFERS = re.compile(r"id|.*_ids?|.*[a-z]I[dD]s?|self|_?links|href|url")
_RISKY = re.compile(
    r".*(status|state|email|phone|password|secret|token|slug|code|currency|country|locale|language|zone|date|time"
    r"|role|ip|host|key|username|login|sku|isbn|iban|format|mode)",
    re.IGNORECASE,
)


def bodies(resource: Resource, seed: int) -> Iterator[dict[str, Json]]:
    """Bodies that a create should accept, the likeliest first; at most `MOST`, none where nothing is known.

    Generated ones satisfy the resource's schema; a body from the profile or an example is trusted as it is.

    Args:
        seed: the same seed gives the same bodies, except the members that must be unique.
    """
    given: list[dict[str, Json]] = []
    for body in _candidates(resource, seed):
        if body not in given:
            given.append(body)
            yield fresh(resource, body)
        if len(given) == MOST:
            return


def _candidates(resource: Resource, seed: int) -> Iterator[dict[str, Json]]:
    if resource.body is not None:
        yield resource.body
    schema = resource.create_schema
    if not isinstance(schema, dict):
        return
    walked = False
    whole = enveloped(schema, resource.representation)
    for full in (True, False):
        try:
            made = sample(whole, seed, full)
        except NoValue:
            continue
        if isinstance(made, dict):
            walked = True
            yield made
    if not walked:
        made = generated(whole, seed)
        if isinstance(made, dict):
            yield made


def enveloped(schema: Schema, representation: str) -> Schema:
    """The schema, which also requires the envelope of the members: documents seldom list it as required."""
    names = jsonpointer.JsonPointer(representation).parts
    if not names or any(name.isdigit() for name in names):
        return schema
    inner: Schema = {}
    for name in reversed(names):
        inner = {"properties": {name: inner}, "required": [name]}
    parts = schema.get("allOf")
    return {**schema, "allOf": [*(parts if isinstance(parts, list) else []), inner]}


def fresh(resource: Resource, body: dict[str, Json]) -> dict[str, Json]:
    """A deep copy of a body in which each `unique` or `fresh` member, and an id in it, has a value that no other has.

    The value is of the same kind and form, and fits the schema where there is one.
    """
    made = copy.deepcopy(body)
    wholes = [resource.representation + pointer for pointer in (*resource.unique, *resource.fresh)]
    # Of a key of several members, the last one: the others often refer to other items.
    last = key_parts(resource.id)[-1]
    if at(body, last) is not None:
        # Where the client chooses the id, it is unique by definition (RFC 9110 section 3.1).
        wholes.append(last)
    for whole in dict.fromkeys(wholes):
        schema = (member(resource.create_schema, whole) if resource.create_schema else None) or {}
        value = unique.value(at(made, whole), schema, whole.rsplit("/", 1)[-1])
        if value is not None:
            _put(made, whole, value)
    return made


def varied(resource: Resource, body: dict[str, Json]) -> dict[str, Json]:
    """A deep copy of a body in which every member that may have to be unique has a value that no other has."""
    return fresh(resource.model_copy(update={"fresh": [*resource.fresh, *variable(resource, body)]}), body)


def variable(resource: Resource, body: Json) -> list[str]:
    """Pointers of the texts and whole numbers of a body, nested ones last, that can have another valid value.

    Members that may refer to another item are left out, and choices from a list of values.
    """
    inside = at(body, resource.representation)
    found, nested = [], []
    for name, value in islice(inside.items(), MOST_MEMBERS) if isinstance(inside, dict) else ():
        pointer = "/" + jsonpointer.escape(name)
        if _is_variable(resource, pointer, name, value):
            found.append(pointer)
        for key, one in islice(value.items(), MOST_MEMBERS) if isinstance(value, dict) else ():
            below = f"{pointer}/{jsonpointer.escape(key)}"
            if not _REFERS.fullmatch(name) and _is_variable(resource, below, key, one):
                nested.append(below)
    return [*found, *nested]


def _is_variable(resource: Resource, pointer: str, name: str, value: Json) -> bool:
    if isinstance(value, bool) or not isinstance(value, str | int) or _REFERS.fullmatch(name):
        return False
    return unique.value(value, _schema(resource, pointer) or {}, name) is not None


def changed(resource: Resource, representation: dict[str, Json]) -> tuple[dict[str, Json], str] | None:
    """A copy of a body in which one writable member has another valid value, and the pointer of that member.

    Each call gives another value, so that concurrent writers can be distinguished.

    Args:
        representation: the whole body, its envelope included.

    Returns:
        The body and the pointer inside the representation; None where no member can be chosen.
    """
    for pointer in changeable(resource, representation):
        whole = resource.representation + pointer
        value = _other(at(representation, whole), _schema(resource, pointer), pointer)
        if value is not None:
            made = copy.deepcopy(representation)
            if _put(made, whole, value):
                return made, pointer
    return None


def changeable(resource: Resource, representation: dict[str, Json]) -> list[str]:
    """Pointers of the members that `changed()` may choose, in its order."""
    return [resource.change] if resource.change is not None else _changeable(resource, representation)


def optional_member(resource: Resource, body: dict[str, Json]) -> str | None:
    """Pointer of a writable member without server default that a body may omit (RFC 9110 section 9.3.4).

    `known_value()` has a value for it. None where the schema shows no such member.
    """
    if resource.optional is not None:
        return resource.optional
    if resource.create_schema is None or at(body, resource.representation) is None:
        return None
    inner = _inner(resource)
    required = inner.get("required") or []
    options = []
    for name, schema in islice((inner.get("properties") or {}).items(), MOST_MEMBERS):
        pointer = "/" + jsonpointer.escape(name)
        found = joined(resource.create_schema, schema)
        if name in required or "default" in found or "const" in found or found.get("readOnly") is True:
            continue
        if found.get("writeOnly") is True:
            continue
        if kept(resource, name, pointer) or {"object", "array"} & set(kinds(found)):
            continue
        value = known_value(resource, pointer, body)
        if value is not None and _omittable(resource, body, pointer, value):
            present = at(body, resource.representation + pointer) is not None
            options.append((not present, _rank(name, value, found), name, pointer))
    return min(options)[-1] if options else None


def files(resource: Resource) -> frozenset[str]:
    """Members that are files in multipart/form-data (OpenAPI: `format: binary`)."""
    if not resource.media_type.startswith("multipart/"):
        return frozenset()
    described = _inner(resource).get("properties") or {}
    schemas = {name: joined(resource.create_schema or {}, one) for name, one in described.items()}
    return frozenset(
        name for name, one in schemas.items() if one.get("format") == "binary" or "contentMediaType" in one
    )


def kept(resource: Resource, name: str, pointer: str) -> bool:
    """Whether a member must be left as it is."""
    fixed = {*resource.unique, *resource.volatile, resource.locking.version, resource.soft_delete}
    tails = [one.rsplit("/", 1)[-1] for one in key_parts(resource.id)]
    return name in resource.read_only or name in tails or pointer in fixed or bool(_KEPT.fullmatch(name))


def known_value(resource: Resource, pointer: str, body: dict[str, Json]) -> Json:
    """A value for a member: what the body has, or one that its schema allows; None for none."""
    value = at(body, resource.representation + pointer)
    schema = _schema(resource, pointer)
    if value is not None or schema is None:
        return value
    try:
        # The name gives a realistic value: the member is made as part of an object.
        name = pointer.rsplit("/", 1)[-1]
        own = {key: one for key, one in schema.items() if key != "$defs"}
        wrapped = {"type": "object", "properties": {name: own}, "required": [name]}
        return sample({**wrapped, "$defs": schema.get("$defs", {})}, 0, True)[name]
    except NoValue:
        return None


def _omittable(resource: Resource, body: dict[str, Json], pointer: str, value: Json) -> bool:
    """Whether the schema accepts the body both with the member and without."""
    whole, schema = resource.representation + pointer, resource.create_schema or {}
    with_it, without = copy.deepcopy(body), copy.deepcopy(body)
    if not _put(with_it, whole, value):
        return False
    jsonpointer.resolve_pointer(without, resource.representation).pop(
        jsonpointer.JsonPointer(pointer).parts[-1], None
    )
    return valid(schema, without) and valid(schema, with_it)


def _inner(resource: Resource) -> Schema:
    """The schema of the representation, one level joined."""
    schema = resource.create_schema or {}
    return joined(schema, member(schema, resource.representation) or {})


def _schema(resource: Resource, pointer: str) -> Schema | None:
    if resource.create_schema is None:
        return None
    return member(resource.create_schema, resource.representation + pointer)


def _put(body: Json, pointer: str, value: Json) -> bool:
    try:
        jsonpointer.set_pointer(body, pointer, value)
    except (jsonpointer.JsonPointerException, TypeError, KeyError, IndexError):
        return False
    return True


def _changeable(resource: Resource, representation: dict[str, Json]) -> list[str]:
    """Pointers of members that an update may change, the safest first."""
    writable: set[str] | None = None
    inner = _inner(resource)
    if inner.get("properties"):
        writable = set(inner["properties"])
    elif resource.body is not None:
        writable = {name for name, _, _ in members(resource.body, resource.representation)} or None
    options = []
    for name, pointer, value in islice(members(representation, resource.representation), MOST_MEMBERS):
        if kept(resource, name, pointer) or (writable is not None and name not in writable):
            continue
        schema = _schema(resource, pointer) or {}
        if schema.get("readOnly") is not True and "const" not in schema:
            options.append((_rank(name, value, schema), name, pointer))
    return [pointer for _, _, pointer in sorted(options)]


def _rank(name: str, value: Json, schema: Schema) -> int:
    """How safe a change is: free text, other text, number, boolean, enum, and what may mean something."""
    if "enum" in schema:
        return 60
    if _RISKY.fullmatch(name) or {"format", "pattern"} & set(schema):
        return 70
    if isinstance(value, bool):
        return 50
    if isinstance(value, (int, float)):
        return 40
    if isinstance(value, str) or "string" in kinds(schema):
        return _FREE.index(name) if name in _FREE else 30
    return 80


def _other(value: Json, schema: Schema | None, pointer: str) -> Json:
    """Another value of the same kind that the schema allows, or None."""
    options = _others(value, schema or {}, pointer, known=schema is not None)
    return next((one for one in options if one != value and (schema is None or valid(schema, one))), None)


def _others(value: Json, schema: Schema, pointer: str, *, known: bool) -> Iterator[Json]:
    name = pointer.rsplit("/", 1)[-1]
    if "enum" in schema:
        yield from (option for option in schema["enum"] if option is not None)
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, (int, float)):
        for step in unique.steps():
            yield from _numbers(value, step, schema)
    elif isinstance(value, str):
        plain = not _RISKY.fullmatch(name) and not _formed(value)
        if (known and {"format", "pattern"} & set(schema)) or not plain:
            # Without a schema, nobody knows what else a code or a date may be.
            yield from unique.texts(value, schema) if known else ()
        elif plain:
            yield from _texts(value, schema, name)
    elif value is None and known and "string" in kinds(schema):
        yield from _texts(Words(0).named(name), schema, name)


def _texts(value: str, schema: Schema, name: str) -> Iterator[str]:
    base, mark = run_token.TRAILING.sub("", value) or Words(0).named(name), run_token.mark()
    most = schema.get("maxLength")
    yield f"{base} {mark}"
    if isinstance(most, int):
        if most > len(mark) + 5:
            yield f"{base[: most - len(mark) - 1].rstrip()} {mark}"
        short = unique.token(6)
        if most > 12:
            yield f"{base[: most - 7].rstrip()} {short}"
        yield short[:most]


def _numbers(value: float, step: int, schema: Schema) -> Iterator[Any]:
    unit = schema.get("multipleOf", 1)
    for shift in (step, -step, 1, -1):
        yield value + shift * unit if isinstance(value, int) else round(value + shift * unit, 2)
    try:
        yield number(both(schema, {"minimum": value + unit}), None, isinstance(value, int))
    except (NoValue, ArithmeticError, TypeError):
        return


def _formed(text: str) -> bool:
    """Whether a text has a form of its own: an address, a date, an identifier."""
    return bool(
        re.fullmatch(r"\S+@\S+|\w+://\S*|\d{4}-\d\d-\d\d.*|[0-9a-fA-F-]{32,36}|[A-Z0-9_-]+|\d[\d.]*", text)
    )
