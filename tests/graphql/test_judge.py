"""Judgement of literal responses."""

from __future__ import annotations

from typing import Any

import pytest

from suites.graphql.judge import has_data, ill_formed, refused, unexpected_status, wrong_class

ERROR = {"errors": [{"message": "no"}]}


@pytest.mark.parametrize(
    "value", [{"data": {"a": 1}}, {"data": None, **ERROR}, ERROR, {"data": {}, "extensions": {}}]
)
def test_well_formed(value: Any) -> None:
    assert ill_formed(value) is None


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ([], "no JSON object"),
        ({}, "neither"),
        ({"errors": []}, "not a list"),
        ({"errors": ["no"]}, "no message"),
        ({"errors": [{"code": 1}]}, "no message"),
        ({"data": {}, "status": 1}, "other members"),
    ],
)
def test_ill_formed(value: Any, why: str) -> None:
    assert why in str(ill_formed(value))


@pytest.mark.parametrize(
    ("status", "value", "wrong"),
    [
        (200, {"data": {"a": 1}}, False),
        (294, {"data": {"a": None}, **ERROR}, False),
        (500, {"data": {"a": 1}}, True),
        (400, ERROR, False),
        (200, ERROR, True),
        (200, {"data": None, **ERROR}, False),
        (502, "<html>", False),
    ],
)
def test_class_of_the_status(status: int, value: Any, wrong: bool) -> None:
    assert (wrong_class(status, value) is not None) == wrong


def test_statuses_and_refusals() -> None:
    assert unexpected_status(422, (400, 422)) is None
    assert unexpected_status(200, (400, 422)) == "200 instead of 400 or 422"
    assert refused(200, ERROR)
    assert refused(413, None)
    assert not refused(200, {"data": {"a": 1}, **ERROR})
    assert not has_data({"data": None})
