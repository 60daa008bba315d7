"""OpenAPI documents from octets: what is read, what is refused, and in what words."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from harness.bad_input import BadInput
from harness.survey.openapi.document import MAX_BYTES, parse, resolve
from harness.survey.openapi.schemas import inlined

SMALL = '{"openapi": "3.1.0", "paths": {"/a": {"get": {}}}}'


def refused(octets: bytes) -> str:
    with pytest.raises(BadInput) as caught:
        parse(octets, "https://api.example.com/openapi.json")
    line = str(caught.value)
    assert "\n" not in line
    assert line.startswith("https://api.example.com/openapi.json: ")
    return line.partition(".json: ")[2]


@pytest.mark.parametrize(
    ("octets", "says"),
    [
        (b"", "the document is empty"),
        (b"  \n ", "the document is empty"),
        (b"# only a comment\n", "the document is empty"),
        (b"<!DOCTYPE html><html></html>", "an HTML page, not an OpenAPI document"),
        (b"\xef\xbb\xbf\n <html lang=en>", "an HTML page, not an OpenAPI document"),
        (b"<?xml version='1.0'?><a/>", "an XML document, not an OpenAPI document"),
        (b'{"openapi": ', "not JSON: Expecting value at line 1, column 13"),
        (b'{"a": "\xff"}', "not JSON: not UTF-8"),
        (b"[1, 2]", "its top level is not an object"),
        (b"just words", "its top level is not an object"),
        (b"a: b: c", "neither JSON nor YAML"),
        (b"a: [1, 2\nb: }", "neither JSON nor YAML"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "binary"),
        (b"a: \x01", "neither JSON nor YAML"),
        (b'{"info": {}}', "neither an `openapi` nor a `swagger` member"),
        (b'{"openapi": "4.0.0", "paths": {"/a": {}}}', "OpenAPI version '4.0.0' is not supported"),
        (b'{"swagger": "1.2", "paths": {"/a": {}}}', "OpenAPI version '1.2' is not supported"),
        (b'{"openapi": null, "paths": {"/a": {}}}', "OpenAPI version 'None' is not supported"),
        (b'{"openapi": "3.0.0"}', "no usable `paths`"),
        (b'{"openapi": "3.0.0", "paths": {}}', "no usable `paths`"),
        (b'{"openapi": "3.0.0", "paths": []}', "no usable `paths`"),
        (b'{"openapi": "3.0.0", "paths": {"a": {}, "/b": 1}}', "no usable `paths`"),
        (b'{"a": ' * 50_000, "nested more than"),
        (b'{"a":' * 400 + b"1" + b"}" * 400, "nested more than"),
        (b"[" * 300 + b"]" * 300, "nested more than"),
        (b"a: " + b"[" * 300 + b"]" * 300, "nested more than"),
        (b"a: &a [*a]", "alias contains itself"),
        (b"a: !!python/object/apply:os.getcwd []", "neither JSON nor YAML"),
        (b"? [a, b]\n: c", "neither JSON nor YAML"),
        (b" " * (MAX_BYTES + 1), "larger than 32 MiB"),
    ],
)
def test_what_is_no_document_is_refused_in_one_line(octets: bytes, says: str) -> None:
    assert says in refused(octets)


@pytest.mark.parametrize("merge", [False, True], ids=["aliases", "merge keys"])
def test_an_alias_bomb_is_refused_before_it_unfolds(merge: bool) -> None:
    lines = ["openapi: 3.1.0", "a0: &a0 {x: y}"]
    for level in range(1, 40):
        aliases = ", ".join([f"*a{level - 1}"] * 9)
        lines.append(f"a{level}: &a{level} " + (f"{{<<: [{aliases}]}}" if merge else f"[{aliases}]"))
    assert "alias bomb" in refused("\n".join(lines).encode())


def test_deep_yaml_does_not_break_the_parser() -> None:
    assert refused(b"a: " + b"[" * 200_000)


def test_yaml_reads_as_json_does() -> None:
    found = parse(
        b"""openapi: 3.0
info: {version: 1.10, country: NO, on: yes, live: true, day: 2024-01-01, time: 12:30:00, "null": ~}
paths:
  /orders:
    get: &list
      responses: {200: {description: ok}}
  /others:
    get:
      <<: *list
      deprecated: true
""",
        "a.yaml",
    )
    assert found["info"] == {
        "version": 1.1,
        "country": "NO",
        "on": "yes",
        "live": True,
        "day": "2024-01-01",
        "time": "12:30:00",
        "null": None,
    }
    assert found["paths"]["/others"]["get"] == {
        "responses": {"200": {"description": "ok"}},
        "deprecated": True,
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_json_in_other_encodings(encoding: str) -> None:
    assert parse(SMALL.encode(encoding), "a")["openapi"] == "3.1.0"


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.1", "3.2.0"])
def test_versions(version: str) -> None:
    assert parse(SMALL.replace("3.1.0", version).encode(), "a")


def test_ten_megabytes_of_json() -> None:
    operation = {"responses": {"200": {"description": "x" * 400}}}
    document = {"openapi": "3.1.0", "paths": {f"/things{n}": {"get": operation} for n in range(22_000)}}
    octets = json.dumps(document).encode()
    assert len(octets) > 10_000_000
    assert parse(octets, "big") == document


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@settings(deadline=None)
def test_any_octets_give_a_document_or_one_line(octets: bytes) -> None:
    with contextlib.suppress(BadInput):
        assert parse(octets, "where")["paths"]


DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "paths": {},
    "components": {
        "schemas": {
            "Loop": {"$ref": "#/components/schemas/Pool"},
            "Pool": {"$ref": "#/components/schemas/Loop"},
            "a/b": {"type": "string"},
            "Tree": {
                "type": "object",
                "required": ["value", "id"],
                "properties": {
                    "id": {"type": "integer", "readOnly": True},
                    "value": {"type": "integer"},
                    "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
                },
            },
        }
    },
}


@pytest.mark.parametrize(
    ("node", "gives"),
    [
        ({"type": "null"}, {"type": "null"}),
        ({"$ref": "#/components/schemas/a~1b"}, {"type": "string"}),
        ({"$ref": "#/components/schemas/a%7E1b"}, {"type": "string"}),
        ({"$ref": "#/components/schemas/Loop"}, {}),
        ({"$ref": "#/nowhere"}, {}),
        ({"$ref": "other.json#/a"}, {}),
        ({"$ref": "https://evil.example/a"}, {}),
        (None, {}),
        ([1], {}),
    ],
)
def test_resolve(node: Any, gives: Any) -> None:
    assert resolve(DOCUMENT, node) == gives


def test_references_left_open_are_noted_once() -> None:
    notes: list[str] = []
    for _ in range(2):
        resolve(DOCUMENT, {"$ref": "https://other.example/a.json"}, notes)
    assert notes == ["$ref 'https://other.example/a.json' points outside the document and was ignored"]


def test_a_recursive_schema_stays_finite() -> None:
    schema = inlined(DOCUMENT, {"$ref": "#/components/schemas/Tree"})
    validator = Draft202012Validator(schema)
    assert validator.is_valid({"id": 1, "value": 1, "children": [{"id": 2, "value": 2}]})
    assert not validator.is_valid({"id": 1, "value": 1, "children": [{"id": 2, "value": "x"}]})
    request = Draft202012Validator(inlined(DOCUMENT, {"$ref": "#/components/schemas/Tree"}, request=True))
    assert request.is_valid({"value": 1, "children": [{"value": 2}]})
    assert json.dumps(schema)


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"enum": ["a"], "nullable": True}, {"enum": ["a", None]}),
        (
            {"allOf": [{"minimum": 1}], "nullable": True},
            {"anyOf": [{"allOf": [{"minimum": 1}]}, {"type": "null"}]},
        ),
        ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ({"maximum": 1, "exclusiveMaximum": False}, {"maximum": 1}),
        ({"type": "string", "example": "a"}, {"type": "string", "examples": ["a"]}),
        ({"properties": {"example": {"example": 1}}}, {"properties": {"example": {"examples": [1]}}}),
        ({"type": "file"}, {}),
        ({"type": ["string", "string"]}, {"type": ["string"]}),
        ({"title": 5, "readOnly": "yes", "description": "a"}, {"description": "a"}),
        ({"type": "string", "required": True}, {"type": "string"}),
        ({"pattern": "[a-"}, {}),
        ({"items": "x", "minLength": -1, "$id": "a", "xml": {}, "discriminator": {}}, {"items": {}}),
        ({"type": ["string", "null"], "x-y": 1}, {"type": ["string", "null"]}),
        (True, {}),
        (False, {"not": {}}),
        (None, {}),
        ({"$ref": "#/nowhere"}, {}),
    ],
)
def test_translation_to_json_schema(given: Any, made: Any) -> None:
    assert inlined(DOCUMENT, given) == made


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["string", "#/components/schemas/Tree", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "properties", "required", "items", "allOf", "$ref", "enum", "nullable", "minimum"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(ANY)
@settings(deadline=None)
def test_no_schema_breaks_the_translation(schema: Any) -> None:
    Draft202012Validator.check_schema(inlined(DOCUMENT, schema, request=True))
