"""Create bodies mended by what servers say is wrong with them, in the words of a dozen frameworks."""

from __future__ import annotations

import re
from typing import Any

import pytest

from harness.profile.models import Resource
from harness.survey.infer.repair import complaints, repaired

PLAIN = Resource(collection="/things")
JSON_API = Resource(collection="/things", representation="/data/attributes")
FASTAPI = {
    "detail": [
        {"type": "missing", "loc": ["body", "count"], "msg": "Field required"},
        {"type": "int_type", "loc": ["body", "size"], "msg": "Input should be a valid integer"},
        {"type": "extra_forbidden", "loc": ["body", "name"], "msg": "Extra inputs are not permitted"},
    ]
}


def repaired_body(body: Any, refusal: Any, known: Resource = PLAIN) -> Any:
    return repaired(known, body, refusal)


def test_fastapi() -> None:
    made = repaired_body({"name": "a", "size": "big"}, FASTAPI)
    assert set(made) == {"size", "count"}
    assert made["size"] == 1


@pytest.mark.parametrize(
    ("body", "refusal", "members"),
    [
        # RFC 9457 with errors[], JSON Pointers as fragments.
        (
            {},
            {"type": "about:blank", "errors": [{"pointer": "#/name", "detail": "must not be null"}]},
            {"name"},
        ),
        # Kinto.
        (
            {},
            {"errno": 107, "details": [{"location": "body", "name": "password", "description": "Required"}]},
            {"password"},
        ),
        # Rails.
        ({"a": 1}, {"errors": {"email": ["can't be blank", "is invalid"]}}, {"a", "email"}),
        # Django REST framework.
        ({"a": 1}, {"title": ["This field is required."]}, {"a", "title"}),
        # express-validator, of both its versions.
        (
            {"a": 1},
            {"errors": [{"msg": "Invalid value", "param": "email", "location": "body"}]},
            {"a", "email"},
        ),
        (
            {"a": 1},
            {"errors": [{"type": "field", "msg": "Invalid value", "path": "email", "location": "body"}]},
            {"a", "email"},
        ),
        # NestJS.
        (
            {"a": 1},
            {"statusCode": 400, "message": ["email must be an email", "property a should not exist"]},
            {"email"},
        ),
        # SCIM, a sentence.
        (
            {},
            {"schemas": ["urn"], "detail": "Field 'userName' is required but value is missing"},
            {"userName"},
        ),
        # Ajv.
        (
            {"name": "x"},
            {
                "message": "Validation failed",
                "errors": [
                    {
                        "instancePath": "",
                        "message": "must have required property 'sku'",
                        "params": {"missingProperty": "sku"},
                    }
                ],
            },
            {"name", "sku"},
        ),
        # PostgREST.
        (
            {"name": "x", "size": 3},
            {
                "code": "PGRST204",
                "message": "Could not find the 'size' column of 'todos' in the schema cache",
            },
            {"name"},
        ),
        (
            {"name": "x"},
            {"message": 'null value in column "task" of relation "todos" violates not-null constraint'},
            {"name", "task"},
        ),
        # Rails' strong parameters.
        ({"name": "x"}, {"exception": "param is missing or the value is empty: article"}, {"article"}),
        # A reference to what is not there is left out.
        ({"name": "x", "pool": "No Such"}, {"detail": 'Work pool "No Such" not found.'}, {"name"}),
    ],
)
def test_members_after_the_repair(body: Any, refusal: Any, members: set[str]) -> None:
    assert set(repaired_body(body, refusal)) == members


@pytest.mark.parametrize(
    ("body", "refusal", "made"),
    [
        (
            {"color": "x"},
            {
                "detail": [
                    {"loc": ["body", "color"], "msg": "Input should be one of 'red', 'green'", "type": "enum"}
                ]
            },
            {"color": "red"},
        ),
        (
            {"title": "x"},
            {"errors": {"title": ["is too short (minimum is 5 characters)"]}},
            {"title": "x xxx"},
        ),
        (
            {"key": "Two Words"},
            {"detail": [{"loc": ["body", "key"], "msg": "must only contain lowercase letters and dashes"}]},
            {"key": "two-words"},
        ),
        ({"price": 0}, {"errors": [{"field": "price", "message": "must be greater than 0"}]}, {"price": 1}),
    ],
)
def test_values_after_the_repair(body: Any, refusal: Any, made: Any) -> None:
    assert repaired_body(body, refusal) == made


def test_json_api() -> None:
    body = {"data": {"type": "things", "attributes": {}}}
    refusal = {"errors": [{"source": {"pointer": "/data/attributes/title"}, "detail": "can't be blank"}]}
    assert set(repaired_body(body, refusal, JSON_API)["data"]["attributes"]) == {"title"}
    kind = "The resource object's type (things) is not the type that constitute the collection (Thing)."
    assert (
        repaired_body(body, {"errors": [{"source": {"pointer": "/data"}, "detail": kind}]}, JSON_API)["data"][
            "type"
        ]
        == "Thing"
    )


def test_what_is_taken_gets_another_value() -> None:
    made = repaired_body(
        {"email": "a@example.com", "n": 1}, {"errors": {"email": ["has already been taken"]}}
    )
    assert made["email"] != "a@example.com"
    assert made["n"] == 1


@pytest.mark.parametrize(
    "refusal", [None, "oops", [], {}, 3, {"error": {"message": "no", "code": 3}}, [[[[[[["x"]]]]]]]]
)
def test_what_says_nothing_mends_nothing(refusal: Any) -> None:
    assert repaired_body({"name": "x"}, refusal) is None


def test_parameters_of_the_query_are_not_the_bodys() -> None:
    refusal = {"detail": [{"loc": ["query", "dry"], "msg": "Field required", "type": "missing"}]}
    assert repaired_body({"name": "x"}, refusal) is None


def test_complaints_are_bounded() -> None:
    many = {"errors": {f"m{number}": ["is required"] for number in range(1000)}}
    assert len(complaints(many, {})) <= 40


@pytest.mark.parametrize(
    ("member", "made"), [("posts", {"posts": [{"title": "x"}]}), ("post", {"post": {"title": "x"}})]
)
def test_an_envelope_that_a_refusal_misses(member: str, made: Any) -> None:
    refusal = {"errors": [{"keyword": "required", "dataPath": "", "params": {"missingProperty": member}}]}
    assert repaired_body({"title": "x"}, refusal, Resource(collection="/admin/posts/")) == made
    assert set(repaired_body({"title": "x"}, refusal, Resource(collection="/things"))) == {"title", member}


def test_a_name_of_dns_ends_with_the_dot_of_the_root() -> None:
    # PowerDNS.
    made = repaired_body({"name": "Such serious"}, {"error": "DNS Name 'Such serious' is not canonical"})
    assert re.fullmatch(r"[0-9a-f]+\.example\.", made["name"])
