"""Values at the edges of the parameters of GETs: literal documents."""

from __future__ import annotations

from typing import Any

import pytest

from harness.payloads.edges import UNICODE
from harness.profile.rate_limit import RateLimit
from harness.survey.infer.rate_limits import DOCUMENTED
from suites.schema.reading import counted, readings, values_of

LONG = "9223372036854775807"


def parameter(name: str, schema: dict[str, Any], place: str = "query", **more: Any) -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": schema, **more}


def paths(path: str, *parameters: dict[str, Any], **operation: Any) -> list[str]:
    get = {"parameters": list(parameters), "responses": {"200": {}}, **operation}
    document = {"openapi": "3.1.0", "servers": [{"url": "/v1"}], "paths": {path: {"get": get}}}
    return [one.path for _, trials in readings(document, "/v1") for one in trials]


@pytest.mark.parametrize(
    ("schema", "values"),
    [
        ({"type": "integer"}, ["2147483648", "0", LONG, "1"]),
        ({"type": "integer", "format": "int32"}, ["0", "2147483647", "1"]),
        ({"type": "integer", "minimum": 1, "maximum": 5}, ["5", "1"]),
        ({"type": "integer", "exclusiveMinimum": 0, "maximum": 5}, ["5", "1"]),
        ({"type": "integer", "minimum": 0, "exclusiveMinimum": True}, ["2147483648", LONG, "1"]),
        ({"type": "number", "maximum": 0.5}, ["0.5", "0"]),
        ({"type": "boolean"}, ["true", "false"]),
        ({"type": "string"}, [UNICODE, "", "a"]),
        ({"type": "string", "minLength": 2, "maxLength": 3}, ["aaa", "aa"]),
        ({"type": "string", "enum": ["a", "b", "c", "d"]}, ["a", "b", "c"]),
        ({"type": "string", "format": "date"}, ["9999-12-31", "1970-01-01", "2024-02-29"]),
        ({"type": ["integer", "null"]}, ["2147483648", "0", LONG, "1"]),
        ({"anyOf": [{"type": "boolean"}, {"type": "null"}]}, ["true", "false"]),
        # Nothing is certain.
        ({"type": "string", "pattern": "^x"}, []),
        ({"type": "string", "format": "cron"}, []),
        ({"type": "object"}, []),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, []),
        ({}, []),
    ],
)
def test_values(schema: dict[str, Any], values: list[str]) -> None:
    assert values_of({}, {"name": "x", "in": "query", "schema": schema}) == values
    if "anyOf" not in schema and "type" in schema:
        # OpenAPI 2.0 has no schema around it.
        assert values_of({}, {"name": "x", "in": "query", **schema}) == values


def test_one_parameter_after_the_other() -> None:
    flag, days = (
        parameter("flag", {"type": "boolean"}),
        parameter("days", {"type": "integer", "maximum": 9}, "path"),
    )
    assert paths("/stats/{days}", days, flag) == [
        *("/stats/1", "/stats/9", "/stats/1?flag=true", "/stats/0", "/stats/1?flag=false"),
    ]


def test_what_must_be_given_has_an_example_or_a_plain_value() -> None:
    city = parameter("city", {"type": "string"}, example="Zug") | {"required": True}
    assert paths("/weather", city)[0] == "/weather?city=Zug"
    unknown = parameter("at", {"type": "string", "pattern": "^x"}) | {"required": True}
    assert paths("/weather", unknown, parameter("flag", {"type": "boolean"})) == []


def test_a_path_is_never_left_without_its_text() -> None:
    assert paths("/things/{name}", parameter("name", {"type": "string"}, "path")) == [
        "/things/a",
        "/things/Zo%C3%AB%20%CE%A9%20%E6%9D%B1%E4%BA%AC%20%F0%9F%8E%89",
    ]


@pytest.mark.parametrize("path", ["/logout", "/jobs/{id}/cancel", "/v2/oauth2/callback", "/things:export"])
def test_actions_are_left_alone(path: str) -> None:
    assert paths(path, parameter("flag", {"type": "boolean"})) == []


def test_pages_streams_and_deprecated_operations_are_left_alone() -> None:
    flag = parameter("flag", {"type": "boolean"})
    assert (
        paths(
            "/things", parameter("limit", {"type": "integer"}), parameter("page[size]", {"type": "integer"})
        )
        == []
    )
    assert paths("/things", flag, deprecated=True) == []
    stream = {"200": {"content": {"text/event-stream": {}}}}
    assert paths("/things", flag, responses=stream) == []
    assert paths("/things", flag, responses={"200": {"content": {"application/json": {}}}})[0] == "/things"


def test_a_429_that_is_only_documented_spares_no_path() -> None:
    seen = RateLimit(path="/orders", because="GET /orders -> 200 with RateLimit-Limit: 100")
    listed = RateLimit(path="/notes", because=f"{DOCUMENTED} /notes")
    assert counted([seen, RateLimit(path="/status", limit=10, window=60.0), listed]) == {"/orders", "/status"}
