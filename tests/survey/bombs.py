"""OpenAPI documents that are small to send and without end to read, each beside a sound resource, /notes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Node = dict[str, Any]
WIDTH, LEVELS = 10, 12
NOTE = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string", "maxLength": 80}, "id": {"type": "string", "readOnly": True}},
}


def document(bomb: Any, schemas: Node | None = None, **more: Any) -> Node:
    """A document with /notes, and /bombs whose schema is the bomb."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {**_crud("/bombs", ref("Bomb")), **_crud("/notes", NOTE), **more.pop("paths", {})},
        "components": {"schemas": {"Bomb": bomb, **(schemas or {})}},
        **more,
    }


def _crud(path: str, schema: Any) -> Node:
    content = {"application/json": {"schema": schema}}
    many = {"application/json": {"schema": {"type": "array", "items": schema}}}
    body = {"required": True, "content": content}
    one = {"description": "one", "content": content}
    return {
        path: {
            "get": {"responses": {"200": {"description": "all", "content": many}}},
            "post": {"requestBody": body, "responses": {"201": one}},
        },
        f"{path}/{{id}}": {
            "get": {"responses": {"200": one}},
            "put": {"requestBody": body, "responses": {"200": one}},
            "patch": {"requestBody": body, "responses": {"200": one}},
            "delete": {"responses": {"204": {"description": "gone"}}},
        },
    }


def ref(name: str) -> Node:
    return {"$ref": f"#/components/schemas/{name}"}


def levels(make: Any) -> Node:
    """Twelve definitions, each made of ten references to the next."""
    made = {f"L{n}": make([ref(f"L{n + 1}") for _ in range(WIDTH)]) for n in range(LEVELS)}
    return {**made, f"L{LEVELS}": {"type": "object", "properties": {"a": {"type": "string"}}}}


def members(parts: list[Node]) -> Node:
    return {f"m{n}": part for n, part in enumerate(parts)}


def many(count: int) -> Node:
    """Paths of so many further resources."""
    paths: Node = {}
    for number in range(count):
        paths |= _crud(f"/a{number}", ref("N"))
    return paths


def required(parts: list[Node]) -> Node:
    return {"type": "object", "required": list(members(parts)), "properties": members(parts)}


def several(words: tuple[str, ...]) -> Node:
    return levels(lambda parts: dict.fromkeys(words, parts))


def only(schema: Any) -> Node:
    """A bomb in a member, and the same as the whole body's only member."""
    return {
        "type": "object",
        "required": ["text", "a"],
        "properties": {"text": {"type": "string"}, "a": schema},
    }


MUTUAL = {f"M{n}": {"allOf": [ref(f"M{m}") for m in range(12)]} for n in range(12)}
BOMBS: dict[str, Callable[[], Node]] = {
    "allOf": lambda: document(ref("L0"), several(("allOf",))),
    "allOf of properties": lambda: document(
        ref("L0"),
        levels(lambda parts: {"type": "object", "properties": {"x": {"allOf": parts}}, "allOf": parts}),
    ),
    "oneOf": lambda: document(ref("L0"), several(("oneOf",))),
    "anyOf": lambda: document(ref("L0"), several(("anyOf",))),
    "all of them": lambda: document(ref("L0"), several(("allOf", "anyOf", "oneOf"))),
    "anyOf in a member": lambda: document(only(ref("L0")), several(("anyOf",))),
    "not, if, then, else": lambda: document(
        ref("L0"),
        levels(lambda parts: {"not": {"not": parts[0]}, "if": parts[1], "then": parts[2], "else": parts[3]}),
    ),
    "dependentSchemas": lambda: document(
        ref("L0"), levels(lambda parts: {"dependentSchemas": members(parts)})
    ),
    "required": lambda: document(ref("L0"), levels(required)),
    "properties": lambda: document(ref("L0"), levels(lambda parts: {"properties": members(parts)})),
    "items": lambda: document(
        ref("L0"),
        levels(lambda parts: {"type": "array", "minItems": 10, "prefixItems": parts, "items": parts[0]}),
    ),
    "items in a member": lambda: document(
        only(ref("L0")),
        levels(lambda parts: {"type": "array", "minItems": 10, "prefixItems": parts, "items": parts[0]}),
    ),
    "additionalProperties": lambda: document(
        ref("L0"), levels(lambda parts: {"minProperties": 10, "additionalProperties": parts[0]})
    ),
    "itself required": lambda: document(ref("A"), {"A": {"required": ["a"], "properties": {"a": ref("A")}}}),
    "itself": lambda: document(ref("A"), {"A": ref("A")}),
    "itself, ten times": lambda: document(ref("A"), {"A": {"allOf": [ref("A")] * 10}}),
    "itself, as an alternative": lambda: document(
        ref("A"), {"A": {"anyOf": [ref("A")] * 10, "oneOf": [ref("A")] * 10}}
    ),
    "each the others": lambda: document(ref("M0"), MUTUAL),
    "the whole document": lambda: document({"$ref": "#"}),
    "a chain": lambda: document(ref("C0"), {f"C{n}": ref(f"C{n + 1}") for n in range(5_000)}),
    "a chain of allOf": lambda: document(
        ref("C0"), {f"C{n}": {"allOf": [ref(f"C{n + 1}")]} for n in range(5_000)}
    ),
    "a chain of properties": lambda: document(
        ref("C0"), {f"C{n}": {"properties": {"a": ref(f"C{n + 1}"), "b": ref("C0")}} for n in range(5_000)}
    ),
    "enum": lambda: document(only({"enum": [f"value {n}" for n in range(300_000)]})),
    "enums": lambda: document(only({"allOf": [{"enum": list(range(n, 200_000 + n))} for n in range(3)]})),
    "large enum": lambda: document(only({"enum": ["x" * 1_000_000, "y"] * 5})),
    "pattern": lambda: document(
        only({"type": "string", "pattern": "^(a+)+$", "minLength": 60, "example": "a" * 60 + "!"})
    ),
    "pattern with a look-ahead": lambda: document(
        only({"type": "string", "pattern": "^(?=(a+)+b)(a*)*\\1c$", "default": "a" * 5_000})
    ),
    "pattern of patterns": lambda: document(
        only({"type": "string", "pattern": "((((a{1,999}){1,999}){1,999}){1,999})"})
    ),
    "long pattern": lambda: document(only({"type": "string", "pattern": "(a|b|c)?" * 200_000})),
    "many patterns": lambda: document(
        {"patternProperties": {f"^(a{n}+)+$": {"type": "string"} for n in range(5_000)}}
    ),
    "minItems": lambda: document(only({"type": "array", "minItems": 10**9, "items": {"type": "string"}})),
    "minLength": lambda: document(only({"type": "string", "minLength": 10**9})),
    "minLength that is just too much": lambda: document(
        only({"type": "string", "minLength": 10**6, "maxLength": 10**7})
    ),
    "long text": lambda: document(only({"type": "string", "minLength": 99_999})),
    "minProperties": lambda: document(only({"type": "object", "minProperties": 10**9})),
    "huge counts": lambda: document(only({"type": "string", "minLength": 10**4000, "maxLength": 10**4001})),
    "multipleOf": lambda: document(only({"type": "number", "multipleOf": 1e-300, "minimum": 1e300})),
    "huge multipleOf": lambda: document(
        only({"type": "integer", "multipleOf": 10**4000, "minimum": 10**4100})
    ),
    "huge numbers": lambda: document(only({"type": "number", "minimum": 1e308, "maximum": 1e309})),
    "uniqueItems": lambda: document(
        only({"type": "array", "minItems": 50, "uniqueItems": True, "items": {"type": "boolean"}})
    ),
    "many properties": lambda: document(required([{"type": "string"} for _ in range(50_000)])),
    "many members that may be left out": lambda: document(
        {"type": "object", "properties": members([{"type": "string", "maxLength": 9}] * 1_900)}
    ),
    "many references": lambda: document({"properties": {f"p{n}": ref(f"X{n}") for n in range(50_000)}}),
    "many references to nothing": lambda: document(
        {"allOf": [{"$ref": f"https://x.invalid/{n}"} for n in range(100_000)]}
    ),
    "definitions": lambda: document(
        {"properties": {f"p{n}": ref(f"D{n}") for n in range(1_900)}},
        {f"D{n}": {"properties": {f"q{m}": {"type": "string"} for m in range(200)}} for n in range(1_900)},
    ),
    "large example": lambda: document(
        {**only({"type": "array"}), "example": {"text": "x", "a": ["y" * 1000] * 20_000}}
    ),
    "large default": lambda: document(only({"default": [["y"] * 100] * 15_000})),
    "not a number": lambda: document(
        only({"type": "number", "default": float("nan"), "example": float("inf")})
    ),
    "half a pair": lambda: document(only({"type": "string", "enum": ["\ud800", "\udfff"]})),
    "many paths": lambda: document(
        ref("N"),
        {"N": NOTE},
        paths=many(10_000),
    ),
    "many operations beside": lambda: document(
        ref("N"), {"N": NOTE}, paths={f"/bombs/batch{n}": {"post": {}} for n in range(50_000)}
    ),
    "many parameters": lambda: document(
        ref("N"),
        {"N": NOTE},
        paths={f"/p{n}": {"$ref": "#/paths/~1many"} for n in range(2_000)}
        | {"/many": {"get": {}, "parameters": [{"name": f"p{n}", "in": "query"} for n in range(5_000)]}},
    ),
    "servers": lambda: document(
        ref("N"),
        {"N": NOTE},
        servers=[
            {
                "url": "https://x/" + "{v0}" * 10,
                "variables": {f"v{n}": {"default": f"{{v{n + 1}}}" * 10} for n in range(12)},
            }
        ]
        * 1_000,
    ),
    "long names": lambda: document(
        required([NOTE]) | {"properties": {"x" * 1_000_000: NOTE, "id_" * 300_000: NOTE}}
    ),
    "long path": lambda: document(ref("N"), {"N": NOTE}, paths=_crud("/" + "a" * 1_000_000, NOTE)),
    "path of parameters": lambda: document(
        ref("N"), {"N": NOTE}, paths={"/bombs/" + "{a}-" * 300 + "{b}": {"get": {}, "patch": {}}}
    ),
    "file": lambda: document(only({"$ref": "file:///etc/passwd"})),
    "a file as a value": lambda: document(
        only({"const": {"$ref": "file:///etc/hosts"}, "pattern": "^(?!x)[a-f]{9}$"})
    ),
    "elsewhere": lambda: document(only({"$ref": "http://127.0.0.1:9/schema.json#/a"})),
    "an index": lambda: document(only({"$ref": "#/paths/" + "9" * 5_000})),
    "an index into a list": lambda: document(
        only({"$ref": "#/servers/" + "9" * 5_000}), servers=[{"url": "/"}]
    ),
}
"""By name; made when they are asked for, since some are large."""


def nested(levels_: int) -> bytes:
    """A document whose schema is nested so deep."""
    whole = json.dumps(document({"x": 0}))
    return whole.replace('{"x": 0}', '{"allOf": [' * levels_ + "{}" + "]}" * levels_).encode()


def laughs(width: int = 10, count: int = 12) -> bytes:
    """YAML whose aliases unfold to width**count values."""
    lines = ["x0: &x0 [lol, lol]"]
    lines += [f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * width)}]" for n in range(1, count)]
    return ("openapi: 3.0.0\npaths: {/a: {get: {}}}\n" + "\n".join(lines)).encode()


def merges(width: int = 10, count: int = 12) -> bytes:
    """The same by merge keys."""
    lines = ["x0: &x0 {a: 1, b: 2}"]
    lines += [f"x{n}: &x{n} {{<<: [{', '.join([f'*x{n - 1}'] * width)}]}}" for n in range(1, count)]
    return ("openapi: 3.0.0\npaths: {/a: {get: {}}}\n" + "\n".join(lines)).encode()
