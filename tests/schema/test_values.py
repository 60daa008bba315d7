from __future__ import annotations

from typing import Any

import pytest

from harness.http.content import MISSING
from harness.payloads.edges import Edge
from suites.schema.values import about_another, is_harmless, lost, minor, same


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (1, 1.0),
        (0.1, 0.1),
        (12.5, "12.50"),
        (2**53 + 1, str(2**53 + 1)),
        ("a", "a"),
        (None, None),
        ([], []),
        (False, False),
        ("2031-03-01T17:30:00+05:30", "2031-03-01T12:00:00Z"),
        ("2031-03-01T17:30:00+05:30", "2031-03-01T12:00:00.000"),
    ],
)
def test_the_same_value(sent: Any, read: Any) -> None:
    assert same(sent, read)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (1234567.89, 1234567.875),
        (2**53 + 1, 2**53),
        ("00123", "123"),
        ("00123", 123),
        (False, True),
        (0, False),
        (0, None),
        ("O'Brien & Sons", "O&#39;Brien &amp; Sons"),
        ("2031-03-01T17:30:00+05:30", "2031-03-01T17:30:00Z"),
        ("2031-03-01T17:30:00+05:30", "2031-03-01T17:30:00"),
    ],
)
def test_another_value(sent: Any, read: Any) -> None:
    assert not same(sent, read)


def edge(value: Any, **more: Any) -> Edge:
    return Edge("/note", "note", "a value", value, **more)


def test_what_has_become_of_it() -> None:
    assert lost(edge("00123"), "00123", "123") == 'is read as "123"'
    assert lost(edge("a"), "a", MISSING) == "is not shown"
    assert lost(edge("a"), "a", "a") is None
    assert lost(edge("a", compared=False), "a", "b") is None


@pytest.mark.parametrize("empty", [None, "", []])
def test_what_is_empty_may_be_left_out(empty: Any) -> None:
    assert lost(edge(empty), empty, MISSING) is None


def test_false_and_zero_may_not_be_left_out() -> None:
    assert lost(edge(False), False, MISSING) is not None
    assert lost(edge(0), 0, MISSING) is not None
    assert not minor(edge(False), None)
    assert not minor(edge(0), None)


def test_another_kind_of_nothing_is_minor() -> None:
    assert minor(edge(""), None)
    assert minor(edge([]), None)
    assert not minor(edge("a"), None)
    assert minor(edge(1e-7, fine=True), 0)


def test_a_refusal_of_another_member() -> None:
    assert about_another('{"field": "shippingCity"}', "note", ["shipping_city"])
    assert not about_another('{"field": "note"}', "note", ["shipping_city"])
    assert not about_another("invalid", "note", ["shipping_city"])


@pytest.mark.parametrize(
    ("kind", "stored", "harmless"),
    [
        ("format", "ftp://x", True),
        ("required", ["urn:ietf:params:scim:schemas:core:2.0:User"], True),
        ("required", MISSING, False),
        ("required", None, False),
        ("type", "{'a': 1}", False),
    ],
)
def test_a_required_member_that_the_server_completes_harms_few(
    kind: str, stored: Any, harmless: bool
) -> None:
    assert is_harmless(kind, stored) is harmless
