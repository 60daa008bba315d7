"""Bodies for create and update requests."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.payloads import MOST, bodies, changed, fresh, known_value, optional_member
from harness.payloads.constraints import at, dereferenced, joined, valid
from harness.payloads.generated import generated
from harness.payloads.sample import NoValue, sample
from harness.profile.models import Resource

ORDER: dict[str, Any] = {
    "type": "object",
    "required": ["product", "quantity", "buyer"],
    "properties": {
        "product": {"type": "string", "minLength": 1, "maxLength": 40},
        "quantity": {"type": "integer", "minimum": 1, "maximum": 99},
        "buyer": {"type": "string", "format": "email"},
        "note": {"type": ["string", "null"], "maxLength": 200},
        "status": {"enum": ["open", "paid"], "default": "open"},
        "price": {"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.01},
        "gift": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string"}, "minItems": 2, "uniqueItems": True},
        "address": {"$ref": "#/$defs/Address"},
    },
    "additionalProperties": False,
    "$defs": {
        "Address": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    },
}


def resource(**given: Any) -> Resource:
    return Resource.model_validate({"collection": "/orders", **given})


def test_the_example_comes_first_and_generated_bodies_are_valid() -> None:
    example = {"product": "mug", "quantity": 1, "buyer": "a@example.com"}
    found = list(bodies(resource(create_schema=ORDER, body=example), 1))
    assert found[0] == example
    assert 2 <= len(found) <= MOST
    assert all(valid(ORDER, body) for body in found)
    assert set(found[1]) == set(ORDER["properties"])
    assert set(found[2]) == {"product", "quantity", "buyer"}
    assert found[1]["buyer"].endswith("@example.com")


def test_bodies_repeat_with_their_seed() -> None:
    one = resource(create_schema=ORDER)
    assert list(bodies(one, 7)) == list(bodies(one, 7))


@pytest.mark.parametrize(
    ("properties", "more"),
    [
        ({"a": {"const": 5}, "b": {"enum": [None, "x"]}}, {"required": ["a", "b"]}),
        ({}, {"allOf": [{"properties": {"a": {"type": "string"}}}, {"required": ["a"]}]}),
        ({}, {"oneOf": [{"type": "null"}, {"required": ["k"], "properties": {"k": {"type": "integer"}}}]}),
        (
            {"pet": {"anyOf": [{"$ref": "#/$defs/No"}, {"$ref": "#/$defs/Cat"}]}},
            {"required": ["pet"], "$defs": {"No": False, "Cat": {"type": "object", "required": ["meow"]}}},
        ),
        ({"n": {"type": "integer", "multipleOf": 7, "minimum": 3, "maximum": 8}}, {}),
        ({"n": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.02}}, {}),
        ({"s": {"type": "string", "minLength": 300, "maxLength": 301}}, {}),
        ({"s": {"type": "string", "maxLength": 0}}, {}),
        ({}, {"minProperties": 3}),
        ({}, {"additionalProperties": {"type": "integer"}, "required": ["x"]}),
        ({"t": {"$ref": "#"}, "v": {"type": "integer"}}, {"required": ["v"]}),
        ({"d": {"type": "string", "format": "date-time"}}, {"required": ["d"]}),
        ({"p": {"type": "array", "prefixItems": [{"const": 1}], "minItems": 2}}, {}),
        (
            {"s": {"type": "array", "items": {"enum": [1, 2, 3]}, "minItems": 3, "uniqueItems": True}},
            {"required": ["s"]},
        ),
    ],
)
def test_the_walk_copes(properties: dict[str, Any], more: dict[str, Any]) -> None:
    schema = {"type": "object", "properties": properties, **more}
    for full in (True, False):
        assert valid(schema, sample(schema, 3, full))


PATTERN = {
    "type": "object",
    "required": ["code", "title", "node"],
    "properties": {
        "code": {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{210}$"},
        "title": {"type": "string", "minLength": 3},
        "node": {"$ref": "#/$defs/Node"},
    },
    "$defs": {
        "Node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}, "n": {"type": "integer"}}}
    },
}


def test_patterns_fall_back_to_generation() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (body,) = bodies(resource(create_schema=PATTERN), 1)
    assert valid(PATTERN, body)
    assert body["title"].isascii()
    assert set(body) == {"code", "title", "node"}
    assert body == next(bodies(resource(create_schema=PATTERN), 1))


def test_generation_leaves_no_folder(tmp_path: Path) -> None:
    code = (
        "from harness.payloads.generated import generated\n"
        "assert generated({'type': 'object', 'required': ['a'], 'properties': {'a': {'type': 'string',"
        " 'pattern': '^[a-c]{5}$'}}}, 1)"
    )
    root = Path(__file__).parent.parent.parent
    environ = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not list(tmp_path.iterdir())


def test_importing_payloads_imports_nothing_heavy() -> None:
    heavy = ("faker", "schemathesis", "hypothesis")
    code = f"import sys, harness.payloads; print([name for name in {heavy} if name in sys.modules])"
    root = Path(__file__).parent.parent.parent
    environ = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"a": False}, "required": ["a"]},
        {"$ref": "#"},
        {"$ref": "https://other.example/schema.json"},
        {"type": "nonsense"},
        {"type": "array"},
        {"type": "object", "properties": {"a": {"$ref": "#/properties/a"}}, "required": ["a"]},
        {"type": "object", "properties": {"n": {"$ref": "#"}}, "required": ["n"]},
        {
            "type": "object",
            "properties": {"a": {"minimum": 5, "maximum": 1, "type": "integer"}},
            "required": ["a"],
        },
        {"type": "object", "required": 5, "properties": []},
        {"type": "object", "properties": {"a": {"pattern": "[", "type": "string"}}, "required": ["a"]},
        {"not": {}},
    ],
)
def test_schemas_without_values_give_none(schema: dict[str, Any]) -> None:
    assert list(bodies(resource(create_schema=schema), 1)) == []


def test_nothing_known_gives_nothing() -> None:
    assert list(bodies(resource(), 1)) == []


@pytest.mark.parametrize(
    ("old", "schema"),
    [
        ("mug", {"type": "string"}),
        ("mug", {"type": "string", "maxLength": 8}),
        ("AB-12", {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{2}$"}),
        ("a@example.com", {"type": "string", "format": "email"}),
        ("f13e3496-752e-4e06-a7d5-fc18520c7ad2", {"type": "string", "format": "uuid"}),
        ("2024-01-01", {"type": "string", "format": "date"}),
        ("https://www.example.com/a", {"type": "string", "format": "uri"}),
        (7, {"type": "integer", "minimum": 1000, "maximum": 9_999_999}),
        (7, {"type": "integer", "multipleOf": 5}),
        (7, {"type": "integer", "maximum": 500_000}),
        (None, {"type": "string", "maxLength": 20}),
        (None, {"type": "integer"}),
    ],
)
def test_fresh_values_are_of_the_same_kind(old: Any, schema: dict[str, Any]) -> None:
    one = resource(
        unique=["/sku"], representation="/data",
        create_schema={"properties": {"data": {"properties": {"sku": schema}}}},
    )  # fmt: skip
    body = {"data": {"sku": old, "x": 1} if old is not None else {"x": 1}}
    before = copy.deepcopy(body)
    values = [fresh(one, body)["data"]["sku"] for _ in range(5)]
    assert body == before
    assert all(valid(schema, value) for value in values)
    assert len({*values, old}) >= 5


def test_an_id_that_the_client_chooses_is_fresh() -> None:
    schema = {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}
    one = resource(create_schema=schema)
    assert len({body["id"] for _ in range(5) for body in bodies(one, 1)}) == 5
    assert fresh(resource(id="/data/id"), {"id": 1, "data": {"id": "mug"}})["id"] == 1


def test_fresh_without_a_schema_keeps_a_readable_prefix() -> None:
    value = fresh(resource(unique=["/name"]), {"name": "Blue mug"})["name"]
    assert value.startswith("Blue mug-")
    again = fresh(resource(unique=["/name"]), {"name": value})["name"]
    assert len(again) == len(value)
    assert fresh(resource(unique=["/deep/name"]), {"a": 1}) == {"a": 1}


SHOWN = {
    "id": 3,
    "product": "Blue mug",
    "quantity": 2,
    "buyer": "a@example.com",
    "note": "soon",
    "status": "open",
    "version": 4,
    "created_at": "2024-01-01T00:00:00Z",
    "self": "/orders/3",
}


@pytest.mark.parametrize(
    ("given", "shown", "pointer"),
    [
        ({}, SHOWN, "/note"),
        ({"create_schema": ORDER}, SHOWN, "/note"),
        ({"create_schema": ORDER, "read_only": ["note"]}, SHOWN, "/product"),
        ({"create_schema": ORDER, "read_only": ["note"], "unique": ["/product"]}, SHOWN, "/quantity"),
        ({"change": "/quantity"}, SHOWN, "/quantity"),
        ({"change": "/status", "create_schema": ORDER}, SHOWN, "/status"),
        ({"body": {"quantity": 1}}, SHOWN, "/quantity"),
        ({"representation": "/data"}, {"data": SHOWN}, "/note"),
        ({"create_schema": ORDER}, {"status": "open", "id": 1}, "/status"),
        ({}, {"id": 1, "gift": True}, "/gift"),
        ({"create_schema": ORDER}, {"buyer": "a@example.com"}, "/buyer"),
        ({}, {"id": 1, "version": 2, "updated_at": "x", "email": "a@example.com", "code": "AB"}, None),
        ({}, {"customer_id": 5, "customerId": 5}, None),
        ({"change": "/gone/deep"}, {"id": 1}, None),
        ({}, {}, None),
        ({"representation": "/data"}, {"data": []}, None),
    ],
)
def test_changed(given: dict[str, Any], shown: dict[str, Any], pointer: str | None) -> None:
    one, before = resource(**given), copy.deepcopy(shown)
    made = changed(one, shown)
    assert shown == before
    if pointer is None:
        assert made is None
        return
    assert made is not None
    body, where = made
    assert where == pointer
    whole = one.representation + pointer
    assert at(body, whole) != at(shown, whole)
    assert type(at(body, whole)) is type(at(shown, whole))
    parent, name = at(body, one.representation), pointer[1:]
    parent[name] = at(shown, whole)
    assert body == shown


def test_each_change_is_another() -> None:
    texts = {str(changed(resource(), SHOWN)) for _ in range(20)}
    assert len(texts) == 20


def test_repeated_changes_do_not_grow() -> None:
    body: dict[str, Any] = dict(SHOWN)
    for _ in range(30):
        made = changed(resource(create_schema=ORDER), body)
        assert made is not None
        body = made[0]
    assert len(body["note"]) < 20


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"create_schema": ORDER}, "/note"),
        ({"create_schema": ORDER, "read_only": ["note"]}, "/price"),
        ({"optional": "/gift"}, "/gift"),
        ({}, None),
        (
            {"create_schema": {"type": "object", "properties": {"a": {"type": "string", "default": "x"}}}},
            None,
        ),
        ({"create_schema": {"properties": {"a": {"type": "string"}}, "required": ["a"]}}, None),
    ],
)
def test_optional_member(given: dict[str, Any], pointer: str | None) -> None:
    one = resource(**given)
    body = {"product": "mug", "quantity": 1, "buyer": "a@example.com"}
    assert optional_member(one, body) == pointer
    if pointer and one.create_schema:
        assert valid(ORDER, {**body, pointer[1:]: known_value(one, pointer, body)})


WORDS = st.sampled_from(["a", "name", "x"])
SCHEMAS = st.recursive(
    st.booleans()
    | st.fixed_dictionaries(
        {"type": st.sampled_from(["string", "integer", "number", "boolean", "null"])},
        optional={
            "minimum": st.integers(-9, 9),
            "maximum": st.integers(-9, 9),
            "minLength": st.integers(0, 9),
            "maxLength": st.integers(0, 9),
            "multipleOf": st.sampled_from([1, 3, 0.5]),
            "format": st.sampled_from(["email", "uuid", "x"]),
            "enum": st.lists(st.integers(0, 3) | st.none(), min_size=1, max_size=3),
            "pattern": st.sampled_from(["^a", "[0-9]"]),
        },
    )
    | st.just({"$ref": "#"}),
    lambda inner: (
        st.fixed_dictionaries(
            {"type": st.just("object"), "properties": st.dictionaries(WORDS, inner, max_size=3)},
            optional={
                "required": st.lists(WORDS, max_size=2),
                "anyOf": st.lists(inner, min_size=1, max_size=2),
            },
        )
        | st.fixed_dictionaries(
            {"type": st.just("array"), "items": inner}, optional={"minItems": st.integers(0, 3)}
        )
    ),
    max_leaves=6,
)


@given(SCHEMAS, st.integers(0, 3))
@settings(deadline=None, max_examples=150)
def test_what_the_walk_makes_is_valid(schema: Any, seed: int) -> None:
    schema = schema if isinstance(schema, dict) else {}
    for full in (True, False):
        try:
            made = sample(schema, seed, full)
        except NoValue:
            continue
        assert valid(schema, made)


@given(SCHEMAS, st.dictionaries(WORDS, st.none() | st.integers() | st.text(max_size=5), max_size=3))
@settings(deadline=None, max_examples=150)
def test_no_body_breaks_a_choice(schema: Any, body: dict[str, Any]) -> None:
    one = resource(create_schema=schema if isinstance(schema, dict) else {}, unique=["/x"])
    fresh(one, body)
    changed(one, body)
    optional_member(one, body)


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        (r"^(\w+\s?)*$", "words enough to keep a backtracking engine busy for years, and a stop.", False),
        (r"^(a+)+$", "a" * 60 + "!", False),
        (r"^\p{L}+$", "Übung", True),
        ("[", "[", False),
    ],
)
def test_a_pattern_takes_no_time(pattern: str, text: str, fits: bool) -> None:
    assert valid({"type": "string", "pattern": pattern}, text) is fits


def test_references_in_a_circle_lead_nowhere() -> None:
    root = {
        "$defs": {
            "a": {"$ref": "#/$defs/b"},
            "b": {"$ref": "#/$defs/a"},
            "c": {"allOf": [{"$ref": "#/$defs/c"}]},
        }
    }
    assert dereferenced(root, {"$ref": "#/$defs/a"}) == {}
    assert joined(root, {"$ref": "#/$defs/c"})
    assert generated({"$ref": "#/$defs/a", **root}, 1) is None


@pytest.mark.parametrize("word", ["anyOf", "oneOf"])
def test_a_number_comes_before_its_text(word: str) -> None:
    """TypeBox of Elysia lists the text of forms and queries first, which JSON need not be."""
    parts = [{"type": "string", "format": "integer", "default": 0}, {"type": "integer", "minimum": 3}]
    assert sample({word: parts, "minimum": 1400}, 1, True) >= 1400
