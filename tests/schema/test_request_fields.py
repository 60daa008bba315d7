"""Unusual request fields, on literal parameters and responses."""

from __future__ import annotations

from typing import Any

import pytest

from suites.schema.request_fields import Sent, declared, is_shared, usual


def header(name: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "header", "schema": schema}


def test_each_field_has_its_turn_before_a_second_value() -> None:
    names = [one.name for one in usual()]
    first = list(dict.fromkeys(names))
    assert names[: len(first)] == first
    assert all(one.value.isprintable() and not one.declared for one in usual())


@pytest.mark.parametrize(
    ("parameter", "values"),
    [
        (header("X-Priority", type="integer"), ["abc", "", "2147483648", "-1"]),
        (header("X-Mode", type="string", enum=["a"]), ["no-such-value", ""]),
        (header("X-Since", type="string", format="date"), ["no-date", "", "9999-12-31"]),
        (header("X-Since", anyOf=[{"type": "boolean"}, {"type": "null"}]), ["maybe", ""]),
        ({"name": "X-Old", "in": "header", "type": "string", "format": "uuid"}, ["no-uuid", ""]),
        ({"name": "x", "in": "query", "schema": {"type": "integer"}}, []),
        (header("Authorization", type="string"), []),
        (header("X-Api-Key", type="string"), []),
        (header("Idempotency-Key", type="string"), []),
        (header("X-Tenant-Id", type="string"), []),
        (header("If-None-Match", type="string"), []),
        (header("API-Version", type="string"), []),
        (header("X-HTTP-Method-Override", type="string"), []),
    ],
)
def test_values_of_declared_fields(parameter: dict[str, Any], values: list[str]) -> None:
    assert [one.value for one in declared({}, [parameter])] == values


@pytest.mark.parametrize(
    ("fields", "shared"),
    [
        ({}, False),
        ({"cache-control": "public, max-age=60"}, True),
        ({"cache-control": "s-maxage=5"}, True),
        ({"cache-control": "max-age=0"}, False),
        ({"cache-control": "private, max-age=60"}, False),
        ({"cache-control": "no-store", "age": "3"}, False),
        ({"age": "3"}, True),
        ({"expires": "Thu, 01 Jan 2037 00:00:00 GMT"}, True),
        ({"expires": "-1"}, False),
        ({"expires": "Thu, 01 Jan 2037 00:00:00 GMT", "date": "Thu, 01 Jan 2037 00:00:00 GMT"}, False),
        ({"cache-control": "no-cache, max-age=5"}, False),
    ],
)
def test_what_a_cache_may_hand_to_others(fields: dict[str, str], shared: bool) -> None:
    assert is_shared(fields) is shared


def test_long_values_are_cut_in_findings() -> None:
    assert Sent("X", "a" * 61).shown() == f"X: {'a' * 57}..."
