"""Fields that errors name, over the shapes in which real APIs answer."""

from __future__ import annotations

from typing import Any

import pytest

from harness.payloads.invalid import Violation
from suites.errors.fields import split, violated
from suites.errors.naming import mentions, named, names

STRUCTURED: list[tuple[str, str, Any]] = [
    ("RFC 9457", "amount", {"type": "x", "errors": [{"pointer": "#/amount", "detail": "too low"}]}),
    (
        "FastAPI",
        "amount",
        {"detail": [{"loc": ["body", "amount"], "msg": "Field required", "type": "missing"}]},
    ),
    (
        "Google",
        "title",
        {
            "error": {
                "code": 400,
                "details": [{"fieldViolations": [{"field": "book.title", "description": "?"}]}],
            }
        },
    ),
    (
        "Stripe",
        "amount",
        {"error": {"type": "invalid_request_error", "param": "amount", "message": "Invalid"}},
    ),
    ("Stripe, nested", "price", {"error": {"param": "items[0][price]", "message": "Invalid integer"}}),
    (
        "JSON:API",
        "firstName",
        {"errors": [{"status": "422", "source": {"pointer": "/data/attributes/firstName"}}]},
    ),
    ("JSON:API parameter", "page", {"errors": [{"source": {"parameter": "page"}}]}),
    (
        "Zalando",
        "amount",
        {"title": "Constraint Violation", "violations": [{"field": "amount", "message": "m"}]},
    ),
    ("RFC 7807 invalid-params", "age", {"invalid-params": [{"name": "age", "reason": "must be positive"}]}),
    ("Rails", "name", {"errors": {"name": ["can't be blank"]}}),
    ("Rails, top level", "name", {"name": ["can't be blank"]}),
    ("Django REST", "name", {"name": ["This field is required."]}),
    ("Django REST, nested", "city", {"address": {"city": ["This field is required."]}}),
    ("Django form", "name", {"name": [{"message": "Required.", "code": "required"}]}),
    ("Laravel", "email", {"message": "The given data was invalid.", "errors": {"email": ["is required"]}}),
    (
        "Spring",
        "email",
        {"status": 400, "errors": [{"field": "email", "defaultMessage": "must not be null"}]},
    ),
    (
        "Kinto",
        "data",
        {"code": 400, "details": [{"location": "body", "name": "data", "description": "Required"}]},
    ),
    (
        "Kinto, path",
        "title",
        {"details": [{"location": "body", "name": "data.title", "description": "Required"}]},
    ),
    ("express-validator", "email", {"errors": [{"type": "field", "path": "email", "msg": "Invalid value"}]}),
    ("Ajv", "age", {"errors": [{"instancePath": "/age", "keyword": "type", "message": "must be integer"}]}),
    ("Ajv, required", "age", {"errors": [{"instancePath": "", "params": {"missingProperty": "age"}}]}),
    ("ASP.NET", "name", {"title": "One or more errors.", "errors": {"$.name": ["could not be converted"]}}),
    ("ASP.NET, Pascal case", "first_name", {"errors": {"FirstName": ["The FirstName field is required."]}}),
    ("Symfony", "email", {"violations": [{"propertyPath": "email", "title": "not valid"}]}),
    ("Zod", "age", {"error": {"issues": [{"path": ["age"], "code": "too_small", "message": "m"}]}}),
    ("Zod, flattened", "age", {"fieldErrors": {"age": ["Too small"]}}),
    (
        "Joi",
        "age",
        {"details": [{"path": ["age"], "message": '"age" must be a number', "context": {"key": "age"}}]},
    ),
    ("hapi", "age", {"statusCode": 400, "validation": {"source": "payload", "keys": ["age"]}}),
    ("OData", "age", {"error": {"code": "x", "details": [{"target": "age", "message": "m"}]}}),
    ("Go validator", "age", {"errors": [{"Field": "Age", "Tag": "min"}]}),
    ("list of names", "age", {"error": "invalid", "invalid_fields": ["age"]}),
    ("object of one message each", "age", {"errors": [{"age": "must be positive"}]}),
    ("details by field", "age", {"message": "Validation failed", "details": {"age": "must be positive"}}),
    ("camel for snake", "first_name", {"errors": [{"field": "firstName"}]}),
    ("pointer into the value", "customer", {"errors": [{"pointer": "/customer/unexpected"}]}),
    ("FHIR", "birthDate", {"issue": [{"expression": ["Patient.birthDate"], "diagnostics": "d"}]}),
]
UNSTRUCTURED: list[tuple[str, str, Any]] = [
    ("SCIM", "userName", {"schemas": ["urn:x"], "detail": "Attribute userName is required", "status": "400"}),
    ("message only", "amount", {"message": "amount must be at least 1"}),
    ("NestJS", "amount", {"statusCode": 400, "message": ["amount must be positive"], "error": "Bad Request"}),
    ("list of texts", "amount", {"errors": ["amount is too small"]}),
    ("another field", "amount", {"errors": [{"field": "currency", "message": "amount and currency"}]}),
    ("part of a name", "amount", {"errors": [{"field": "amount_total"}]}),
    ("RFC 9457 without errors", "amount", {"title": "Bad Request", "detail": "amount", "code": "invalid"}),
    (
        "prose in a member that could say",
        "amount",
        {"errors": [{"path": "the amount must be a positive number"}]},
    ),
    ("Micronaut", "title", {"_embedded": {"errors": [{"message": "book.title: must not be null"}]}}),
    ("envelope", "message", {"error": {"message": "x", "code": 1}}),
    ("no object", "amount", "amount"),
    ("nothing", "amount", {}),
]


@pytest.mark.parametrize(("shape", "member", "body"), STRUCTURED, ids=[one[0] for one in STRUCTURED])
def test_names_the_field(shape: str, member: str, body: Any) -> None:
    assert names(body, member)
    assert not names(body, "no_such_member")


@pytest.mark.parametrize(("shape", "member", "body"), UNSTRUCTURED, ids=[one[0] for one in UNSTRUCTURED])
def test_prose_does_not_name_it(shape: str, member: str, body: Any) -> None:
    assert not names(body, member)


def test_escaped_pointers_are_decoded() -> None:
    assert names({"errors": [{"pointer": "#/a%20b"}]}, "a b")
    assert "tilde~" in named({"errors": [{"pointer": "/tilde~0"}]})


@pytest.mark.parametrize(
    ("text", "member", "found"),
    [
        ("Another product has this sku.", "sku", True),
        ("The user name is taken.", "userName", True),
        ("user_name is taken", "user-name", True),
        ("The skull is taken", "sku", False),
        ("Conflict", "sku", False),
        ("", "sku", False),
    ],
)
def test_mentions(text: str, member: str, found: bool) -> None:
    assert mentions(text, member) is found


def violation(member: str, body: dict[str, Any]) -> Violation:
    return Violation("type", f"/{member}", member, body)


def test_violated_members_of_a_combination() -> None:
    valid = {"a": 1, "b": 2, "c": 3}
    found = [
        violation("a", {"b": 2, "c": 3}),
        violation("b", {"a": 1, "b": {}, "c": 3}),
        violation("c", {"a": 1, "b": 2, "c": {}}),
    ]
    assert [one.member for one in violated(found, valid, {"b": {}, "c": 3})] == ["a", "b"]
    assert violated(found, valid, valid) == []


def test_split() -> None:
    assert split({"errors": {"a": ["x"]}}, ["a", "b"]) == (["a"], ["b"])
