"""Patch documents on literal values: what they should lead to, and which ones must fail."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.http.content import MISSING, at
from harness.resource.patch_documents import (
    ON_ARRAYS,
    ON_MAPS,
    WORDS,
    after_merge,
    after_operations,
    concrete,
    explicit,
    faulty,
    free_map,
    merging,
    nested_scalars,
    open_map,
    out_of_range,
    same_set,
    setting,
    shows_nothing,
)
from suites.patch.probes import EXAMPLES, search
from tests.patch.rfc7396 import APPENDIX_A

pytestmark = pytest.mark.topic(name="patch")

TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
NUMBERS = {"type": "object", "additionalProperties": {"type": "integer"}}


@pytest.mark.parametrize(("original", "patch", "result"), APPENDIX_A)
def test_the_library_merges_as_the_rfc_does(original: Any, patch: Any, result: Any) -> None:
    kept = repr(original)
    assert after_merge(original, patch) == result
    assert repr(original) == kept


@pytest.mark.parametrize(
    ("document", "operations", "result"),
    [
        ({"a": ["x"]}, [{"op": "add", "path": "/a/0", "value": "y"}], {"a": ["y", "x"]}),
        ({"a": ["x"]}, [{"op": "add", "path": "/a/-", "value": "y"}], {"a": ["x", "y"]}),
        ({"a": ["x"]}, [{"op": "add", "path": "/a/2", "value": "y"}], MISSING),
        ({"a/b": 1, "m~n": 2}, [{"op": "move", "from": "/a~1b", "path": "/m~0n"}], {"m~n": 1}),
        ({"a": 1}, [{"op": "test", "path": "/a", "value": 1.0}], {"a": 1}),
        ({"a": 1}, [{"op": "test", "path": "/a", "value": "1"}], MISSING),
        ({"a": 1}, [{"op": "remove", "path": "/b"}], MISSING),
    ],
)
def test_the_library_operates_as_the_rfc_does(document: Any, operations: Any, result: Any) -> None:
    assert after_operations(document, operations) == result


def test_documents_that_set_one_location() -> None:
    assert merging("/data/a~1b", 1) == {"data": {"a/b": 1}}
    assert setting("/data/a~1b", 1) == [{"op": "replace", "path": "/data/a~1b", "value": 1}]


def test_what_must_fail_fails_and_nothing_is_well_formed_by_accident() -> None:
    document = {"data": {"name": "x", "tags": ["a", "b"]}}
    documents = [*faulty("/data/name", "y"), out_of_range("/data/tags", 2, "c")]
    assert len({one.name for one in documents}) == len(documents)
    for one in documents:
        assert after_operations(document, one.operations) is MISSING, one.name


@pytest.mark.parametrize(
    ("schema", "found"),
    [
        ({"type": "object", "properties": {"meta": TEXTS}}, "/meta"),
        ({"type": "object", "properties": {"meta": NUMBERS}}, None),
        ({"type": "object", "properties": {"meta": {**TEXTS, "maxProperties": 1}}}, None),
        (None, None),
    ],
)
def test_a_map_of_texts_is_found_where_the_schema_lets_any_in(schema: Any, found: str | None) -> None:
    body = {"meta": {}, "name": "x"}
    assert free_map(body, schema, "", WORDS) == found


def test_a_map_inside_an_envelope_is_found() -> None:
    schema = {"type": "object", "properties": {"data": {"type": "object", "properties": {"meta": TEXTS}}}}
    assert free_map({"data": {"meta": {"a": "b"}}}, schema, "/data", WORDS) == "/data/meta"


@pytest.mark.parametrize(
    ("part", "found"),
    [
        (TEXTS, ("/meta", list(WORDS))),
        (NUMBERS, ("/meta", [3, 1, 4, 15, 9, 2])),
        ({"type": "object", "additionalProperties": {"type": "boolean"}}, ("/meta", [True, False])),
        ({"type": "object", "additionalProperties": False}, None),
    ],
)
def test_a_map_is_filled_with_values_of_its_kind(part: Any, found: Any) -> None:
    assert open_map({"meta": {}}, {"type": "object", "properties": {"meta": part}}, "") == found


def test_scalars_beside_others_in_nested_objects() -> None:
    body = {"data": {"a": {"x": 1, "y": [2]}, "b": {"only": 1}, "c": 3, "d/e": {"f": "g", "h": None}}}
    assert nested_scalars(body, "/data", None) == [("/a", "x"), ("/d~1e", "f")]
    assert nested_scalars(body, "/data", "/data/a") == [("/d~1e", "f")]


def test_null_and_absent_members_show_alike() -> None:
    assert shows_nothing({"a": None, "b": {"c": None, "d": [None]}}) == {"b": {"d": [None]}}


MOVES = st.lists(
    st.tuples(st.sampled_from([*ON_MAPS, *ON_ARRAYS]), st.integers(0, 9), st.integers(0, 9)), max_size=6
)


@given(
    st.dictionaries(st.sampled_from(WORDS), st.sampled_from(WORDS)),
    st.lists(st.sampled_from(WORDS), max_size=4),
    MOVES,
)
def test_generated_operations_always_fit_the_document(
    mapping: dict[str, str], array: list[str], moves: Any
) -> None:
    document = {"map": mapping, "array": array, "other": 1}
    result = after_operations(document, concrete(document, moves, "/map", "/array"))
    assert result is not MISSING
    assert at(result, "/other") == 1
    assert all(isinstance(text, str) for text in [*result["map"].values(), *result["array"]])


@pytest.mark.parametrize(("on_map", "on_array"), [(True, True), (True, False), (False, True)])
def test_explicit_operations_try_each_kind(on_map: bool, on_array: bool) -> None:
    document = {"map": {"alpha": "one", "beta": "two"}, "array": ["alpha", "beta"]}
    kinds = {
        op["op"] for moves in explicit(on_map, on_array) for op in concrete(document, moves, "/map", "/array")
    }
    assert kinds == {"add", "remove", "replace", "move", "copy"} | ({"test"} if on_map else set())


def test_what_there_is_nothing_for_is_left_out() -> None:
    assert concrete({"map": {}}, [("unset", 0, 0), ("drop", 0, 0)], "/map", None) == []


@pytest.mark.parametrize(
    ("found", "wanted", "same"),
    [
        (MISSING, {}, True),
        (None, [], True),
        ([], MISSING, True),
        ({"a": 1}, {"a": 1.0}, True),
        ({"a": "1"}, {"a": 1}, False),
        (["a", "b"], ["b", "a"], False),
        (MISSING, {"a": 1}, False),
    ],
)
def test_nothing_set_may_be_shown_in_several_ways(found: Any, wanted: Any, same: bool) -> None:
    assert same_set(found, wanted) is same


def test_a_search_is_the_same_each_time_and_ends_at_the_first_that_breaks() -> None:
    runs: list[list[int]] = [[], [], []]
    for seen in runs[:2]:
        search(lambda strategies: strategies.integers(0, 1000), seen.append)
    assert runs[0] == runs[1]
    assert len(runs[0]) == EXAMPLES

    def third(value: int) -> None:
        runs[2].append(value)
        if len(runs[2]) == 3:
            raise AssertionError("the third breaks")

    with pytest.raises(AssertionError, match="the third breaks"):
        search(lambda strategies: strategies.integers(0, 1000), third)
    assert len(runs[2]) == 3
