"""Documented operations that go on after 202, on literal documents."""

from __future__ import annotations

from typing import Any

import pytest

from harness.survey.openapi.starts import Start, starts

pytestmark = pytest.mark.topic(name="survey")
ACCEPTED = {"202": {"headers": {"Location": {"schema": {"type": "string"}}}}}
SCHEMA = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}}


def found(path: str, **operation: Any) -> tuple[Start, ...]:
    operation.setdefault("responses", ACCEPTED)
    return starts({"openapi": "3.1.0", "paths": {path: {"post": operation}}}, "")


def content(**media: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": SCHEMA, **media}}}


def test_an_export_with_an_example_is_a_start() -> None:
    given = [{"name": "Idempotency-Key", "in": "header", "schema": {"type": "string"}}]
    made = found("/exports", requestBody=content(example={"kind": "csv"}), parameters=given)
    assert made == (Start("/exports", {"kind": "csv"}, ("kind",), keyed=True),)
    for path in ("/sales-reports", "/renderings", "/price-calculations", "/document/conversions"):
        assert found(path) == (Start(path),)


@pytest.mark.parametrize(
    "path", ["/jobs", "/tasks", "/reboot", "/mails", "/orders/{id}/exports", "/exporters"]
)
def test_work_that_may_do_anything_takes_a_declaration(path: str) -> None:
    assert found(path) == ()


def test_what_lacks_an_example_or_needs_more_is_not_sent() -> None:
    assert found("/exports", requestBody=content()) == ()
    required = [{"name": "tenant", "in": "query", "required": True, "schema": {"type": "string"}}]
    assert found("/exports", parameters=required) == ()


def test_what_is_not_accepted_with_202_is_no_start() -> None:
    assert found("/exports", responses={"201": ACCEPTED["202"]}) == ()
    assert found("/exports", responses={"202": {"description": "Accepted."}}) == ()
