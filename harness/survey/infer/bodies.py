"""Create bodies to try if the profile has none: from a schema, from a listed item, or a plain guess. Pure."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import jsonpointer

from harness import payloads
from harness.http.content import at
from harness.lists.families import singular
from harness.payloads import run_token
from harness.payloads.constraints import joined, member
from harness.profile.models import Resource
from harness.resource.json_api import JSON_API
from harness.survey.infer import copies, json_api
from harness.survey.infer.uniqueness import often_unique
from harness.survey.openapi import shapes
from harness.survey.openapi.schemas import inlined

FREE = {"title": "A title", "size": 3}
"""Members for an object that accepts any: a text that marks the item, and a number to sort by."""
GUESS = {"name": "A name", "size": 3}
"""Members of a body where nothing shows what a create accepts."""
_REFERENCE = re.compile(r"(?P<word>.+?)(?:_id|I[dD])")


def candidates(
    known: Resource,
    seed: int,
    listed: Sequence[Any],
    media: str,
    frame: Mapping[str, Any] = MappingProxyType({}),
) -> Iterator[dict[str, Any]]:
    """Bodies to try, the likeliest first.

    Args:
        seed: the same seed gives the same bodies.
        listed: items that the collection lists.
        media: media type of the list.
        frame: what the family of the list has beside the members.
    """
    made = [json_api.document(known, _free(known, body), listed) for body in payloads.bodies(known, seed)]
    if known.body is None:
        made = [copies.unlike_listed(known, body, listed) for body in made]
    yield from made
    if made or known.create_schema is not None or known.body is not None:
        return
    if media == JSON_API:
        word = json_api.kind(known, listed)
        inside = [one.get("attributes") for one in listed if isinstance(one, Mapping)]
        for alike in (False, True):
            model = copies.modelled(next(iter(inside), None), inside, alike=alike)
            yield {"data": {"type": word, "attributes": model or {"title": "A title"}}}
            if not model:
                return
        return
    for alike in (False, True):
        model = copies.modelled(next(iter(listed), None), listed, alike=alike)
        if model:
            yield _as_listed(known, model)
    yield within(dict(frame), known.representation, dict(GUESS))


def _as_listed(known: Resource, model: dict[str, Any]) -> dict[str, Any]:
    """A body like a listed item, whose members may be in an envelope already (GeoJSON), or in another (Strapi 4)."""
    if known.representation and isinstance(at(model, known.representation), dict):
        return model
    inner = model.get("attributes")
    return within({}, known.representation, inner if len(model) == 1 and isinstance(inner, dict) else model)


def json_schema(value: Any) -> dict[str, Any] | None:
    """A JSON Schema of an object, if content is one; without what only servers set."""
    if not isinstance(value, dict) or not isinstance(value.get("properties", value.get("$ref")), dict | str):
        return None
    dialect = value.get("$schema")
    if not isinstance(dialect, str) and value.get("type") != "object":
        return None
    found = inlined(value, value, request=True)
    return found if found.get("properties") else None


def _free(known: Resource, body: dict[str, Any]) -> dict[str, Any]:
    """The body with invented members, if its schema describes none and accepts any."""
    if known.create_schema is None or known.body is not None:
        return body
    described = joined(known.create_schema, member(known.create_schema, known.representation) or {})
    if described.get("properties") or described.get("additionalProperties") is False:
        return body
    if not any(name in described for name in ("type", "additionalProperties")):
        return body
    inside = at(body, known.representation)
    if isinstance(inside, dict) and inside:
        return body
    return within(body, known.representation, {**inside, **FREE} if isinstance(inside, dict) else dict(FREE))


def within(body: dict[str, Any], representation: str, members: dict[str, Any]) -> dict[str, Any]:
    """A copy of a body with these members at a place, whose envelope is made if it is not there."""
    names = jsonpointer.JsonPointer(representation).parts
    made: dict[str, Any] = _put_at(copy.deepcopy(body), names, members)
    return made if names else {**body, **members}


def _put_at(node: Any, names: Sequence[str], members: dict[str, Any]) -> Any:
    if not names:
        return members
    if names[0].isdigit():
        items = list(node) if isinstance(node, list) else []
        return [_put_at(items[0] if items else None, names[1:], members), *items[1:]]
    inside = dict(node) if isinstance(node, Mapping) else {}
    return {**inside, names[0]: _put_at(inside.get(names[0]), names[1:], members)}


def references(known: Resource, others: Iterable[Resource]) -> dict[str, tuple[str | None, bool]]:
    """Members that name an item of another resource, by their names, such as `flow_id` for /flows.

    Returns:
        For each the name of the resource, None if it is unknown, and whether the member is required.
    """
    schema = known.create_schema
    if schema is None:
        return {}
    inner = joined(schema, member(schema, known.representation) or {})
    words = {_plain(singular(other.collection)): other.name for other in others}
    found: dict[str, tuple[str | None, bool]] = {}
    for name in inner.get("properties") or {}:
        match = _REFERENCE.fullmatch(name)
        if match is None and (inner.get("properties") or {})[name] == {} and _plain(name) in words:
            # Django REST framework: of any type, and named like the item that it refers to.
            found[name] = words[_plain(name)], name in (inner.get("required") or [])
        elif match:
            required = name in (inner.get("required") or [])
            found[name] = words.get(_plain(match["word"])), required
    return found


def referred(name: str, others: Iterable[Resource]) -> str | None:
    """The resource whose items a member refers to, by both names: `author`, `author_id` or `authorId` for /authors."""
    match = _REFERENCE.fullmatch(name)
    words = {_plain(singular(other.collection)): other.name for other in others}
    return words.get(_plain(match["word"] if match else name))


def linked(known: Resource, body: dict[str, Any], ids: Mapping[str, str | None]) -> dict[str, Any]:
    """The body with the ids of items that exist; a reference to nothing (None) is omitted."""
    made = copy.deepcopy(body)
    inside = at(made, known.representation)
    if isinstance(inside, dict):
        for name, id in ids.items():
            if id is None:
                inside.pop(name, None)
            else:
                given = inside.get(name)
                # A number if the member has one, or if the schema does not say.
                plain = not isinstance(given, str) or not known.create_schema
                inside[name] = int(id) if plain and re.fullmatch("[0-9]{1,18}", id) else id
    return made


def ours(known: Resource, body: dict[str, Any]) -> dict[str, Any]:
    """An invented body with new names, so that they match no existing item."""
    if known.body is not None:
        return body
    named = often_unique(body, known)
    return payloads.fresh(known.model_copy(update={"fresh": named}), body)


def marked(known: Resource, before: Any, body: dict[str, Any]) -> dict[str, Any]:
    """The body with the run's token in each sentence that a repair has added: a server may ignore the other members."""
    made = copy.deepcopy(body)
    one, other = at(before, known.representation), at(made, known.representation)
    for name, value in other.items() if isinstance(other, dict) else ():
        added = not isinstance(one, Mapping) or name not in one
        if added and isinstance(value, str) and " " in value and run_token.current() not in value:
            other[name] = f"{value} {run_token.mark()}"
    return made


def without_guesses(known: Resource, body: Any, shown: Iterable[Any]) -> Any:
    """An accepted body without the members that were only guessed and that no response shows, if others remain."""
    made = copy.deepcopy(body)
    inside = at(made, known.representation)
    if not isinstance(inside, dict):
        return body
    seen = [part for one in shown if isinstance(part := at(one, known.representation), Mapping)]
    for name in GUESS if any(inside.keys() & one.keys() for one in seen) else ():
        if name in inside and len(inside) > 1 and not any(name in one for one in seen):
            del inside[name]
    return made


def only_change(known: Resource, body: Any, changed: Any) -> str | None:
    """The pointer of the one member, inside the representation, in which two bodies differ."""
    one, other = at(body, known.representation), at(changed, known.representation)
    if not isinstance(one, dict) or not isinstance(other, dict) or one.keys() != other.keys():
        return None
    names = [name for name in one if one[name] != other[name]]
    return shapes.token(names[0]) if len(names) == 1 else None


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
