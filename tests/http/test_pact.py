"""Pact files: what they are read as, and which responses match."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.bad_input import BadInput
from harness.http.content import MISSING
from harness.http.pact import Interaction, ProviderState, interactions
from harness.http.pact_matching import faults


def read(response: dict[str, Any], **more: Any) -> Interaction:
    one = {"description": "a", "request": {"method": "get", "path": "/a"}, "response": response, **more}
    return interactions(json.dumps({"interactions": [one]}).encode(), "a.json")[0]


def body_faults(expected: Any, rules: dict[str, Any], content: Any) -> list[str]:
    """Faults of a body, with rules as version 3 has them."""
    wrapped = {path: {"matchers": [rule]} for path, rule in rules.items()}
    made = read({"status": 200, "body": expected, "matchingRules": {"body": wrapped}})
    return faults(made, 200, lambda name: None, content)


def test_version_2() -> None:
    made = read(
        {
            "status": 200,
            "headers": {"Content-Type": "application/json"},
            "body": {"id": 1},
            "matchingRules": {
                "$.body.id": {"match": "type"},
                "$.headers.ETag": {"regex": '".*"'},
                "$.body.list": {"min": 1},
            },
        },
        providerState="an order exists",
        request={"method": "get", "path": "/orders", "query": "a=1&a=2&b=x%20y"},
    )
    assert made.method == "GET"
    assert made.query == (("a", "1"), ("a", "2"), ("b", "x y"))
    assert made.states == (ProviderState("an order exists"),)
    assert made.body is MISSING
    assert [(path, one.matchers[0]["match"]) for path, one in made.body_rules.items()] == [
        ("$.id", "type"),
        ("$.list", "type"),
    ]
    assert made.field_rules["etag"].matchers[0]["match"] == "regex"


def test_versions_3_and_4() -> None:
    made = read(
        {
            "status": 200,
            "headers": {"X-Tags": ["a", "b"]},
            "body": {"content": {"id": 1}, "contentType": "application/json", "encoded": False},
            "matchingRules": {
                "body": {"$.id": {"combine": "OR", "matchers": [{"match": "integer"}, {"match": "null"}]}},
                "header": {"X-Tags[0]": {"matchers": [{"match": "regex", "regex": ".*"}]}},
                "status": {"matchers": [{"match": "statusCode", "status": "success"}]},
            },
        },
        type="Synchronous/HTTP",
        providerStates=[{"name": "an order exists", "params": {"id": 1}}],
        request={"method": "POST", "path": "/a", "query": {"q": ["1", "2"]}, "body": {"content": {"a": 1}}},
    )
    assert made.expected == {"id": 1}
    assert made.body == {"a": 1}
    assert made.query == (("q", "1"), ("q", "2"))
    assert made.states[0].parameters == {"id": 1}
    assert not made.body_rules["$.id"].every
    fields = {"X-Tags": "b"}.get
    assert faults(made, 204, fields, {"id": None}) == []
    assert faults(made, 404, fields, {"id": 2}) == ["status 404, not success"]
    assert faults(made, 200, {}.get, {"id": "2"})[0] == "no field X-Tags"


def test_messages_are_left_out_and_contents_decoded() -> None:
    message = {"type": "Asynchronous/Messages", "description": "m"}
    encoded = {"content": "eyJpZCI6IDF9", "contentType": "application/json", "encoded": "base64"}
    one = {"request": {"method": "GET", "path": "/"}, "response": {"status": 200, "body": encoded}}
    found = interactions(json.dumps({"interactions": [message, one]}).encode(), "a.json")
    assert [made.expected for made in found] == [{"id": 1}]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"interactions": [{"request": {}, "response": {}}]}', "[" * 9000]
)
def test_other_files(text: str) -> None:
    with pytest.raises(BadInput, match=r"a\.json: it is no"):
        interactions(text.encode(), "a.json")


@pytest.mark.parametrize(
    ("expected", "actual", "wrong"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, []),
        ({"a": 1}, {"b": 2}, ["$.a is missing"]),
        ({"a": 1}, {"a": 2}, ["$.a is 2, not 1"]),
        ({"a": 1}, {"a": True}, ["$.a is True, not 1"]),
        ({"a": [1, 2]}, {"a": [1]}, ["$.a has 1 elements, not 2"]),
        ({"a": {"b": None}}, {"a": {"b": None}}, []),
        ({"a": {}}, {"a": []}, ["$.a is [], not {}"]),
        (None, MISSING, []),
        (None, {"a": 1}, ["there is content, and none is expected"]),
        ("text", "text", []),
        ({"a": 1}, MISSING, ["$ is missing"]),
    ],
)
def test_without_matchers_values_are_equal(expected: Any, actual: Any, wrong: list[str]) -> None:
    assert body_faults(expected, {}, actual) == wrong


@pytest.mark.parametrize(
    ("rule", "right", "wrong"),
    [
        ({"match": "type"}, ["b", ""], [1, None, True, [], {}]),
        ({"match": "regex", "regex": r"\d{4}"}, ["2026", 2026], ["20261", "x"]),
        ({"match": "regex", "regex": "("}, ["anything"], []),
        ({"match": "integer"}, [1, 2.0], [1.5, "1", True, None]),
        ({"match": "decimal"}, [1.5, 1], ["1.5", True]),
        ({"match": "number"}, [1, 1.5], ["1", None]),
        ({"match": "boolean"}, [True, "false"], [1, "no"]),
        ({"match": "null"}, [None], ["", 0]),
        ({"match": "notEmpty"}, ["a", 0], ["", [], None]),
        ({"match": "include", "value": "dog"}, ["hotdogs"], ["cats"]),
        ({"match": "equality"}, ["a"], ["b"]),
        ({"match": "semver"}, ["1.2.3", "1.2.3-rc.1"], ["1.2", "v1.2.3"]),
        ({"match": "date"}, ["2026-11-30"], ["30.11.2026", 20261130]),
        ({"match": "date", "date": "dd.MM.yyyy"}, ["30.11.2026"], ["2026-11-30"]),
        ({"match": "timestamp", "timestamp": "yyyy-MM-dd'T'HH:mm:ssX"}, ["2026-11-30T10:00:00Z"], ["10:00"]),
        ({"match": "datetime", "format": "EEE, d MMM yyyy"}, ["Mon, 30 Nov 2026"], ["2026"]),
        ({"match": "somethingOfTomorrow"}, ["a", 1], []),
    ],
)
def test_kinds(rule: dict[str, Any], right: list[Any], wrong: list[Any]) -> None:
    assert [one for one in right if body_faults({"x": "a"}, {"$.x": rule}, {"x": one})] == []
    assert [one for one in wrong if not body_faults({"x": "a"}, {"$.x": rule}, {"x": one})] == []


def test_type_holds_for_what_is_below() -> None:
    expected = {"items": [{"id": 1, "name": "a"}]}
    rules = {"$.items": {"match": "type", "min": 1, "max": 2}}
    assert body_faults(expected, rules, {"items": [{"id": 7, "name": "b", "more": 1}]}) == []
    assert body_faults(expected, rules, {"items": []}) == ["$.items has 0 elements, not at least 1"]
    assert body_faults(expected, rules, {"items": [{"id": 7, "name": "b"}] * 3}) == [
        "$.items has 3 elements, not at most 2"
    ]
    assert body_faults(expected, rules, {"items": [{"id": "7", "name": "b"}, {"id": 1}]}) == [
        "$.items[0].id: a text, not a number",
        "$.items[1].name is missing",
    ]


def test_the_longest_and_most_exact_path_wins() -> None:
    expected = {"items": [{"id": 1, "name": "a"}]}
    rules = {
        "$": {"match": "type"},
        "$.items[*].id": {"match": "regex", "regex": "[0-9]"},
        "$['items'][0].id": {"match": "equality"},
    }
    assert body_faults(expected, rules, {"items": [{"id": 1, "name": "b"}, {"id": 7, "name": "c"}]}) == []
    assert (
        len(body_faults(expected, rules, {"items": [{"id": 2, "name": "b"}, {"id": 77, "name": "c"}]})) == 2
    )


def test_objects_with_free_names() -> None:
    expected = {"prices": {"EUR": {"amount": 1}}}
    values = {"$.prices": {"match": "values"}, "$.prices.*.amount": {"match": "integer"}}
    assert body_faults(expected, values, {"prices": {"USD": {"amount": 5}}}) == []
    assert body_faults(expected, values, {"prices": {"USD": {}}}) == ["$.prices.USD.amount is missing"]
    keys = {"$.prices": {"match": "eachKey", "rules": [{"match": "regex", "regex": "[A-Z]{3}"}]}}
    assert body_faults({"prices": {"EUR": 1}}, keys, {"prices": {"usd": 1}}) == [
        "$.prices: the name usd: 'usd' does not match [A-Z]{3}"
    ]
    each = {"$.prices": {"match": "eachValue", "rules": [{"match": "integer"}]}}
    assert body_faults({"prices": {"EUR": 1}}, each, {"prices": {"USD": 7}}) == []
    assert len(body_faults({"prices": {"EUR": 1}}, each, {"prices": {"USD": "7"}})) == 1


def test_arrays_that_contain() -> None:
    variant = {"index": 0, "rules": {"$.href": {"matchers": [{"match": "regex", "regex": "/.*"}]}}}
    rules = {"$.links": {"match": "arrayContains", "variants": [variant]}}
    expected = {"links": [{"rel": "self", "href": "/a"}]}
    assert body_faults(expected, rules, {"links": [{"rel": "next"}, {"rel": "self", "href": "/b"}]}) == []
    assert len(body_faults(expected, rules, {"links": [{"rel": "next", "href": "/b"}]})) == 1


@pytest.mark.parametrize(
    ("wanted", "value", "fits"),
    [
        ("application/json", "application/json; charset=utf-8", True),
        ("application/json; charset=utf-8", "application/json;charset=UTF-8", True),
        ("application/json; charset=utf-8", "application/json", False),
        ("application/json", "text/html", False),
    ],
)
def test_media_types(wanted: str, value: str, fits: bool) -> None:
    made = read({"status": 200, "headers": {"Content-Type": wanted}})
    assert (faults(made, 200, {"Content-Type": value}.get, MISSING) == []) is fits


def test_other_fields() -> None:
    made = read({"status": 200, "headers": {"Allow": "GET, HEAD"}})
    assert faults(made, 200, {"Allow": "GET,HEAD"}.get, MISSING) == []
    assert faults(made, 500, {"Allow": "GET"}.get, MISSING) == [
        "status 500, not 200",
        "Allow: GET, not GET, HEAD",
    ]
