"""Judgement of responses by the document: literal exchanges that hold and that break."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from harness.http.contract import Contract, OperationAnswer
from harness.http.exchange import Body, Exchange
from harness.survey.openapi.answers import contract
from suites.schema.judge import (
    covers,
    documented,
    field_faults,
    schema_faults,
    undocumented_statuses,
    undocumented_types,
)

BASE = "http://h/v1"
ITEM = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string"},
        "at": {"type": "string", "format": "date-time"},
        "host": {"type": "string", "format": "hostname"},
        "n": {"type": ["integer", "null"]},
    },
}
LIST = {"type": "object", "properties": {"data": {"type": "array", "items": ITEM}}}
CONTRACT = Contract(
    (
        OperationAnswer("GET", "/things", "200", {"application/json": 1}),
        OperationAnswer("GET", "/things/{id}", "2XX", {"application/*": 0}),
        OperationAnswer("GET", "/things/{id}", "404", {"application/problem+json": None}),
        OperationAnswer("POST", "/things", "201", {"application/json": 0}),
        OperationAnswer("POST", "/things", "default", {}),
        OperationAnswer("DELETE", "/things/{id}", "204"),
    ),
    (ITEM, LIST),
)


def exchange(
    content: Any = None,
    status: int = 200,
    method: str = "GET",
    path: str = "/things/1",
    media: str = "application/json",
) -> Exchange:
    text = content if isinstance(content, str) else json.dumps(content) if content is not None else ""
    return Exchange(
        "s1",
        method,
        BASE + path,
        (),
        Body(),
        status,
        response_fields=(("Content-Type", media),),
        response_body=Body(text=text, size=len(text)),
    )


def judged(one: Exchange) -> tuple[list[str], list[str]]:
    successes, refusals, _ = schema_faults(documented([one], CONTRACT, BASE), CONTRACT)
    return [fault.what for fault in successes], [fault.what for fault in refusals]


@pytest.mark.parametrize(
    "content",
    [
        {"id": "a"},
        {"id": "a", "more": 1, "n": None},
        {"id": "a", "at": "2026-11-30T12:00:00Z"},
        {"id": "a", "host": "not a host"},
        {"id": "$SECRET_1"},
        {"id": "a", "n": "[redacted]"},
        "no JSON",
    ],
)
def test_contents_that_match(content: Any) -> None:
    assert judged(exchange(content)) == ([], [])


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ({}, "the content"),
        ({"id": 1}, "/id"),
        ({"id": "a", "at": "yesterday"}, "/at"),
        ({"id": "a", "at": "2026-11-30"}, "/at"),
        ({"id": "a", "n": 1.5}, "/n"),
        ([], "the content"),
    ],
)
def test_contents_that_do_not(content: Any, place: str) -> None:
    (said,), _ = judged(exchange(content))
    assert said.startswith(f"{place}: ")
    assert said.endswith("(GET /things/{id}, 200)")


def test_an_error_under_200_is_the_cause_of_another_rule() -> None:
    error = {"success": False, "error": "no such thing"}
    assert judged(exchange(error)) == ([], [])
    assert undocumented_statuses(documented([exchange(error, 206, path="/things")], CONTRACT, BASE)) == (
        [],
        [],
    )


def test_a_refusal_that_says_so_is_judged_by_its_schema() -> None:
    kept = Contract((OperationAnswer("GET", "/things/{id}", "404", {"application/json": 0}),), (ITEM,))
    for content, faults in (
        ({"error": {"code": "absent"}, "id": 7}, 1),
        ({"status": 404, "error": "absent"}, 1),
        ({"status": 404, "error": "absent", "id": "7"}, 0),
    ):
        found = schema_faults(documented([exchange(content, 404)], kept, BASE), kept)
        assert ([], faults, 1) == (found[0], len(found[1]), found[2])


@pytest.mark.parametrize(("status", "judged"), [(401, 1), (405, 0), (406, 0), (404, 1)])
def test_a_default_does_not_describe_what_comes_before_the_operation(status: int, judged: int) -> None:
    answers = (
        OperationAnswer("GET", "/things/{id}", "401", {"application/json": 0}),
        OperationAnswer("GET", "/things/{id}", "default", {"application/json": 0}),
    )
    kept = Contract(answers, (ITEM,))
    found = schema_faults(documented([exchange({"error": "refused"}, status)], kept, BASE), kept)
    assert (len(found[1]), found[2]) == (judged, judged)


def test_items_of_a_list_are_one_fault() -> None:
    (said,), _ = judged(exchange({"data": [{"id": 1}, {"id": 2}]}, path="/things?x=1"))
    assert said.startswith("/data/*/id: ")


def test_schemas_of_refusals_count_apart() -> None:
    one = Contract((OperationAnswer("GET", "/things/{id}", "404", {"application/json": 0}),), (ITEM,))
    successes, refusals, number = schema_faults(documented([exchange({}, 404)], one, BASE), one)
    assert (len(successes), len(refusals), number) == (0, 1, 1)


@pytest.mark.parametrize("status", [206, 416])
def test_what_http_says_of_ranges_needs_no_documentation(status: int) -> None:
    one = replace(exchange({}, status, path="/things"), request_fields=(("Range", "bytes=0-1"),))
    assert undocumented_statuses(documented([one], CONTRACT, BASE)) == ([], [])


@pytest.mark.parametrize(
    ("status", "method", "path", "expected"),
    [
        (200, "GET", "/things", (0, 0)),
        (206, "GET", "/things", (1, 0)),
        (404, "GET", "/things", (0, 1)),
        (401, "GET", "/things", (0, 0)),
        (500, "GET", "/things", (0, 0)),
        (304, "GET", "/things", (0, 0)),
        (307, "GET", "/things", (0, 0)),
        (202, "GET", "/things/1", (0, 0)),
        (409, "POST", "/things", (0, 0)),
        (200, "DELETE", "/things/1", (1, 0)),
        (299, "GET", "/unknown/x/y", (0, 0)),
    ],
)
def test_statuses(status: int, method: str, path: str, expected: tuple[int, int]) -> None:
    successes, refusals = undocumented_statuses(
        documented([exchange({}, status, method, path)], CONTRACT, BASE)
    )
    assert (len(successes), len(refusals)) == expected


@pytest.mark.parametrize(
    ("one", "faults"),
    [
        (exchange({"id": "a"}), 0),
        (exchange("<p>", media="text/html"), 1),
        (exchange("<p>", path="/things", media="text/html"), 1),
        (exchange(None, path="/things", media=""), 0),
        (exchange("x", 404, media="text/html"), 0),
    ],
)
def test_media_types(one: Exchange, faults: int) -> None:
    assert len(undocumented_types(documented([one], CONTRACT, BASE))) == faults


def test_ranges_of_media_types() -> None:
    assert covers("*/*", "text/html")
    assert covers("text/*", "text/html")
    assert covers("Application/JSON; charset=utf-8", "application/json")
    assert not covers("application/*", "text/html")


def test_a_literal_path_wins_and_ambiguous_ones_are_not_judged() -> None:
    one = Contract(
        tuple(
            OperationAnswer("GET", path, "200")
            for path in ("/a/{x}", "/a/me", "/{y}/b", "/c/{z}", "/{y}/{z}")
        )
    )
    assert one.templates("/a/me") == {"/a/me"}
    assert [answer.path for answer in one.of("GET", "/a/me")] == ["/a/me"]
    assert one.of("GET", "/a/b") == []


def document(version: str) -> dict[str, Any]:
    text: dict[str, Any] = (
        {"type": "string", "nullable": True} if version == "3.0.3" else {"type": ["string", "null"]}
    )
    media = {"schema": {"$ref": "#/components/schemas/A"}}
    responses = {
        "200": {"description": "", "content": {"application/json": media}},
        "default": {"description": ""},
    }
    return {
        "openapi": version,
        "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"get": {"responses": responses}, "put": {"responses": responses}}},
        "components": {
            "schemas": {"A": {"type": "object", "properties": {"t": text, "w": {"type": "string"}}}}
        },
    }


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_the_contract_of_a_document(version: str) -> None:
    found = contract(document(version), "")
    assert [(one.method, one.status) for one in found.answers] == [
        ("GET", "200"),
        ("GET", "default"),
        ("PUT", "200"),
        ("PUT", "default"),
    ]
    assert len(found.schemas) == 1
    null = exchange({"t": None}, path="/a")
    wrong = exchange({"t": 5}, path="/a")
    assert schema_faults(documented([null], found, BASE), found)[0] == []
    assert len(schema_faults(documented([wrong], found, BASE), found)[0]) == 1


def test_swagger_names_media_types_for_all_its_operations() -> None:
    old = {
        "swagger": "2.0",
        "info": {"title": "T", "version": "1"},
        "produces": ["application/json"],
        "paths": {"/a": {"get": {"responses": {"200": {"description": "", "schema": {"type": "array"}}}}}},
    }
    (one,) = contract(old, "").answers
    assert one.contents == {"application/json": 0}


@pytest.mark.parametrize(
    ("value", "kind", "sound"),
    [
        ("12", "integer", True),
        ("-1", "integer", True),
        ("12 items", "integer", False),
        ("1.5", "integer", False),
        ("1.5e3", "number", True),
        ("", "number", False),
        ("?1", "boolean", True),
        ("yes", "boolean", False),
    ],
)
def test_header_fields_of_another_type(value: str, kind: str, sound: bool) -> None:
    document = {
        "openapi": "3.0.3",
        "paths": {
            "/things": {
                "get": {
                    "responses": {"200": {"headers": {"X-Total": {"schema": {"type": kind}}, "X-Any": {}}}}
                }
            }
        },
    }
    one = replace(exchange({}, path="/things"), response_fields=(("x-total", value), ("X-Any", "a")))
    found = documented([one], contract(document, ""), BASE)
    assert [fault.example for fault in field_faults(found)] == ([] if sound else [value])
