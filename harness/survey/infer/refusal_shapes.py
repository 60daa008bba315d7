"""Where the refusals of frameworks name the member that is wrong: one row for each shape. Data, and its reading. Pure.

A new framework is a new row, and a recorded refusal in `tests/survey/infer/refusals.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonpointer

from harness.http.content import MISSING, at

_MOST = 40
_LONGEST = 2_000
_ELSEWHERE = ("query", "header", "headers", "cookie", "cookies", "querystring", "path", "params")


@dataclass(frozen=True)
class Shape:
    """How a refusal lists its faults.

    Attributes:
        name: frameworks that use it.
        each: location of one fault. `*` stands for each element of an array, and `{field}` for each member of an
            object, whose name is the name of the faulty member.
        field: locations of the name of the member in a fault, the first that is there wins: a text (a dotted path, a
            JSON Pointer) or an array of names; with ` + `, of the object and of the name in it. Empty if `each` has
            `{field}`.
        text: locations of what is said, all of which count. Empty if a fault is a text, or an array of texts.
        drop: names before those of the members, such as `body`.
    """

    name: str
    each: str
    field: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    drop: tuple[str, ...] = ("body", "json", "payload", "data.attributes")


_SAID = ("/title", "/code", "/defaultMessage", "/message", "/detail", "/description", "/reason")
"""Members in which most say what is wrong."""
_AJV = (
    *("/instancePath + /params/missingProperty", "/instancePath + /params/additionalProperty"),
    *("/dataPath + /params/missingProperty", "/dataPath + /params/additionalProperty"),
)
SHAPES = (
    Shape(
        "Directus", "/errors/*", ("/extensions/field",), ("/message", "/extensions/code", "/extensions/type")
    ),
    Shape("FastAPI, Pydantic", "/detail/*", ("/loc",), ("/msg", "/type", "/ctx")),
    Shape("Prefect", "/exception_detail/*", ("/loc",), ("/msg", "/type", "/ctx")),
    Shape("Litestar", "/extra/*", ("/key",), ("/message",), drop=("data",)),
    Shape(
        "Spring, GitHub, ASP.NET (FastEndpoints)",
        "/errors/*",
        ("/field",),
        _SAID,
    ),
    Shape("Spring (problem details)", "/fieldErrors/*", ("/field",), _SAID),
    Shape(
        "Ghost (Ajv)",
        "/errors/*/details/*",
        (*_AJV, "/instancePath", "/dataPath"),
        ("/keyword", "/message", "/params"),
    ),
    Shape("Spring Data REST", "/errors/*", ("/property",), ("/message", "/context", "/type")),
    Shape("Symfony, API Platform", "/violations/*", ("/propertyPath", "/field"), _SAID),
    Shape("Micronaut", "/_embedded/errors/*", ("/path",), ("/message",)),
    Shape("JSON:API", "/errors/*", ("/source/pointer",), _SAID),
    Shape("RFC 9457", "/errors/*", ("/pointer",), _SAID),
    Shape("RFC 7807 (example)", "/invalid-params/*", ("/name",), ("/reason",)),
    Shape("Zalando", "/violations/*", ("/field",), _SAID),
    Shape("Huma", "/errors/*", ("/location",), _SAID),
    Shape(
        "Google (google.rpc.BadRequest)",
        "/error/details/*/fieldViolations/*",
        ("/field",),
        ("/description", "/reason"),
    ),
    Shape("gRPC gateway", "/details/*/fieldViolations/*", ("/field",), ("/description", "/reason")),
    Shape("gRPC gateway", "/details/*/field_violations/*", ("/field",), ("/description", "/reason")),
    Shape("Kubernetes", "/details/causes/*", ("/field",), ("/reason", "/message")),
    Shape("Joi", "/details/*", ("/path",), ("/message", "/type", "/context/valids")),
    Shape("jsonapi-server", "/errors/*/detail/*", ("/path",), ("/message", "/type", "/context/valids")),
    Shape(
        "Zod",
        "/error/issues/*",
        ("/path",),
        ("/code", "/message", "/expected", "/received", "/options", "/values"),
    ),
    Shape(
        "Zod", "/issues/*", ("/path",), ("/code", "/message", "/expected", "/received", "/options", "/values")
    ),
    Shape(
        "Zod", "/errors/*", ("/path",), ("/code", "/message", "/expected", "/received", "/options", "/values")
    ),
    Shape("Zod (flattened)", "/error/fieldErrors/{field}"),
    Shape("Zod (flattened)", "/errors/fieldErrors/{field}"),
    Shape(
        "Ajv",
        "/errors/*",
        (*_AJV, "/instancePath", "/dataPath"),
        ("/keyword", "/message", "/params"),
    ),
    Shape(
        "Feathers (Ajv)",
        "/data/*",
        (*_AJV, "/instancePath"),
        ("/keyword", "/message", "/params"),
    ),
    Shape("Standard Schema (h3, Nuxt)", "/data/issues/*", ("/path",), ("/message",)),
    Shape("Zod", "/data/*", ("/path",), ("/code", "/message", "/expected")),
    Shape("Moleculer (fastest-validator)", "/data/*", ("/field",), ("/message", "/type")),
    Shape(
        "Ajv",
        "/*",
        (*_AJV, "/instancePath", "/dataPath"),
        ("/keyword", "/message", "/params"),
    ),
    Shape("Elysia (TypeBox)", "", ("/property",), ("/message", "/expected", "/summary")),
    Shape("Strapi", "/error/details/errors/*", ("/path",), ("/message",)),
    Shape("Sequelize", "/errors/*", ("/path",), ("/message", "/type")),
    Shape("Mongoose", "/errors/{field}", (), ("/message", "/kind")),
    Shape("express-validator", "/errors/*", ("/path", "/param"), ("/msg",)),
    Shape("OData", "/error/details/*", ("/target",), ("/code", "/message")),
    Shape("OData", "/error", ("/target",), ("/code", "/message")),
    Shape("Stripe", "/error", ("/param",), ("/code", "/message")),
    Shape("Eve", "/_issues/{field}"),
    Shape("marshmallow (Flask-Smorest, webargs)", "/errors/json/{field}"),
    Shape("marshmallow (webargs)", "/messages/json/{field}"),
    Shape("marshmallow (APIFlask)", "/detail/json/{field}"),
    Shape("Laravel, Rails, Phoenix, ASP.NET, Mongoose", "/errors/{field}"),
    Shape("Kinto, Cornice", "/details/*", ("/name",), ("/description",)),
)


def shaped(refusal: Any) -> list[tuple[tuple[str, ...], str]]:
    """The faults of a refusal by the first row that finds a named member: the names that lead to it, and the text.

    Args:
        refusal: JSON of the response.
    """
    for shape in SHAPES:
        found = []
        for named, fault in _each(refusal, jsonpointer.JsonPointer(shape.each).parts):
            parts, text = _field(shape, named, fault), _text(shape, fault)
            if parts is not None and text:
                found.append((parts, text[:_LONGEST]))
            if len(found) == _MOST:
                break
        if found:
            return found
    return []


def _each(node: Any, parts: list[str], name: str | None = None) -> Iterator[tuple[str | None, Any]]:
    if not parts:
        yield name, node
    elif parts[0] == "*":
        for one in node if isinstance(node, list) else ():
            yield from _each(one, parts[1:], name)
    elif parts[0] == "{field}":
        for each, one in node.items() if isinstance(node, Mapping) else ():
            yield from _each(one, parts[1:], str(each))
    elif isinstance(node, Mapping) and parts[0] in node:
        yield from _each(node[parts[0]], parts[1:], name)


def _field(shape: Shape, named: str | None, fault: Any) -> tuple[str, ...] | None:
    """The names that lead to the member; empty for the whole body; None if the fault is not of this shape."""
    if named is not None:
        return names(named, shape.drop)
    where = fault.get("in", fault.get("location")) if isinstance(fault, Mapping) else None
    if isinstance(where, str) and where.lower() in _ELSEWHERE:
        return None
    for place in shape.field:
        values = [at(fault, one) for one in place.split(" + ")]
        if all(_names_one(value) for value in values):
            parts = [names(value, shape.drop) for value in values]
            return None if None in parts else tuple(one for part in parts for one in part or ())
    return None


def _names_one(value: Any) -> bool:
    """Whether a value may be the name of a member, or the path to it."""
    return isinstance(value, str) or (
        isinstance(value, list) and all(isinstance(one, str | int) for one in value)
    )


def names(written: str | list[str | int], drop: tuple[str, ...] = ("body",)) -> tuple[str, ...] | None:
    """The names in a path that a refusal gives: `body.a[0].b`, `$.a`, `#/a/b`, `/a/b`, or an array of names.

    None for a parameter of the query or a field of the head, and for a text that is no path.
    """
    if isinstance(written, list):
        parts = tuple(str(one) for one in written)
    else:
        text = written.removeprefix("#").removeprefix("$.").removeprefix("$")
        if " " in text:
            return None
        pointer = text.startswith("/")
        separated = text[1:].split("/") if pointer else text.replace("[", ".").replace("]", "").split(".")
        parts = tuple(jsonpointer.unescape(one) if pointer else one.strip("'\"") for one in separated if one)
    if parts and parts[0].lower() in _ELSEWHERE and parts[0] != "path":
        return None
    if parts and parts[0] == "path" and len(parts) > 1 and isinstance(written, list):
        return None
    return parts[1:] if parts and parts[0] in drop else parts


def _text(shape: Shape, fault: Any) -> str:
    if not shape.text:
        return _spelled(fault) if isinstance(fault, str | list) else ""
    return " ".join(filter(None, (_spelled(at(fault, place)) for place in shape.text)))


def _spelled(value: Any) -> str:
    if value is MISSING or value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        # Texts stay sentences, and names in an array of choices keep their quotes.
        return " ".join(value) if any(" " in one for one in value) else json.dumps(value)
    return json.dumps(value, default=str)
