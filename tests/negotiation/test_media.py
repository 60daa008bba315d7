"""Judging labels, Accept and Prefer on literal answers."""

from __future__ import annotations

from typing import Any

import pytest

from harness.http.content import MISSING
from harness.http.error_statuses import BROKEN, HOLDS, OPEN
from suites.negotiation.media import (
    NOWHERE,
    carries,
    claim_fault,
    effect,
    label_fault,
    label_ruling,
    matches,
    served_fault,
    unacceptable,
    weighed_fault,
)
from tests.errors.sent import exchange

JSON, CSV = "application/json", "text/csv"


@pytest.mark.parametrize(
    ("content", "media"),
    [
        ({"a": 1}, JSON),
        ({"a": 1}, "Application/Problem+JSON; charset=utf-8"),
        ("\ufeff{}", JSON),
        ("caf\ufffd", JSON),
        ('{\0"\0a\0', JSON),
        ("not found", "text/plain"),
        ("[draft]", "text/plain"),
        ("{}", "text/plain"),
        ("42", "text/plain"),
        ("<p>hello</p>", "text/html"),
        ('{"a": 1}', "application/octet-stream"),
    ],
)
def test_a_true_label(content: Any, media: str) -> None:
    assert label_fault(exchange(200, content, media=media)) is None


@pytest.mark.parametrize(
    ("content", "media", "shown"),
    [
        ("{}", None, "without Content-Type"),
        ("<html>", JSON, "the content is not JSON"),
        ('{"a": NaN}', JSON, "the content is not JSON"),
        (")]}'\n{}", "application/hal+json", "the content is not JSON"),
        ({"a": 1}, "text/html; charset=utf-8", "the content is JSON"),
        ([1], "text/plain", "the content is JSON"),
    ],
)
def test_a_false_label(content: Any, media: str | None, shown: str) -> None:
    assert shown in (label_fault(exchange(200, content, media=media)) or "")


def test_what_has_no_content_needs_no_label() -> None:
    assert label_fault(exchange(204, media=None)) is None
    assert label_fault(exchange(200, media=None)) is None
    assert label_fault(exchange(200, "{", cut=True)) is None
    assert label_fault(exchange(200, "x", media=None, method="HEAD")) is None


@pytest.mark.parametrize(
    ("kind", "wanted", "inside"),
    [
        (JSON, JSON, True),
        ("Application/JSON; charset=utf-8", JSON, True),
        (JSON, "application/*", True),
        (JSON, "*/*", True),
        (JSON, "text/*", False),
        ("application/json5", JSON, False),
        ("", "application/*", False),
    ],
)
def test_ranges(kind: str, wanted: str, inside: bool) -> None:
    assert matches(kind, wanted) is inside


@pytest.mark.parametrize(
    ("status", "kind", "wanted", "shown"),
    [
        (200, CSV, CSV, None),
        (200, JSON, "", None),
        (206, JSON, "*/*", None),
        (406, "", CSV, "406, though text/csv is documented"),
        (500, JSON, "", "500, though what is offered is documented"),
        (200, JSON, CSV, "requests another documented type"),
        (200, "text/html", "text/*", "which is not documented"),
    ],
)
def test_what_is_served(status: int, kind: str, wanted: str, shown: str | None) -> None:
    fault = served_fault(status, kind, wanted, [JSON, CSV])
    assert fault is None if shown is None else shown in (fault or "")


@pytest.mark.parametrize(
    ("status", "kind", "truthful", "ruling", "shown"),
    [
        (406, JSON, True, HOLDS, ""),
        (401, JSON, True, OPEN, "401"),
        (429, JSON, True, OPEN, "429"),
        (301, "", True, OPEN, "301"),
        (400, JSON, True, BROKEN, "400, not 406"),
        (500, JSON, True, BROKEN, "a server error"),
        (200, JSON, True, BROKEN, "as RFC 9110 section 12.4.1 allows"),
        (200, NOWHERE, True, BROKEN, "which is wrong"),
        (200, JSON, False, BROKEN, "which is wrong"),
    ],
)
def test_an_unacceptable_accept(status: int, kind: str, truthful: bool, ruling: Any, shown: str) -> None:
    found, what = unacceptable(status, kind, truthful=truthful)
    assert found is ruling
    assert shown in what


def test_weights() -> None:
    assert weighed_fault("text/CSV; charset=utf-8", CSV, JSON) is None
    assert "higher weight" in (weighed_fault(JSON, CSV, JSON) or "")
    assert "not requested" in (weighed_fault("text/html", CSV, JSON) or "")
    assert "nothing labelled" in (weighed_fault("", CSV, JSON) or "")


@pytest.mark.parametrize(
    ("status", "label", "kept", "ruling"),
    [
        (415, "text/plain", None, HOLDS),
        (415, None, None, HOLDS),
        (201, None, True, HOLDS),
        (400, None, None, HOLDS),
        (500, None, None, BROKEN),
        (401, "text/plain", None, OPEN),
        (201, "text/plain", True, BROKEN),
        (201, "text/plain", False, BROKEN),
        (201, "text/plain", None, OPEN),
        (400, "text/plain", None, BROKEN),
        (422, "application/xml", None, OPEN),
        (201, "application/xml", True, BROKEN),
        # A form whose only field has the JSON for a name.
        (201, "application/x-www-form-urlencoded", False, OPEN),
        (503, "application/xml", None, OPEN),
        (500, "application/xml", None, BROKEN),
    ],
)
def test_json_under_another_label(status: int, label: str | None, kept: bool | None, ruling: Any) -> None:
    assert label_ruling(status, label, kept=kept)[0] is ruling


WHOLE = {"id": "1", "name": "x", "size": 3}


@pytest.mark.parametrize(
    ("applied", "asked", "status", "content", "sure"),
    [
        (None, "return=minimal", 201, WHOLE, None),
        ("return=minimal", "return=minimal", 201, {"id": "1"}, None),
        ("return=minimal", "return=minimal", 204, MISSING, None),
        ("return=minimal", "return=minimal", 201, WHOLE, False),
        ("return=representation", "return=minimal", 201, WHOLE, None),
        ("return=representation", "return=representation", 201, WHOLE, None),
        ('respond-async, return="representation"', "return=representation", 204, MISSING, True),
        ("harness-unknown=1", "harness-unknown=1", 200, WHOLE, True),
        ("wait=5", "harness-unknown=1", 200, WHOLE, None),
    ],
)
def test_claims_of_applied_preferences(
    applied: str | None, asked: str, status: int, content: Any, sure: bool | None
) -> None:
    fault = claim_fault(applied, asked, status, content, WHOLE)
    assert (None if fault is None else fault[1]) is sure


def test_a_small_representation_may_be_minimal() -> None:
    assert claim_fault("return=minimal", "return=minimal", 201, {"id": 1}, {"id": 1}) is None


def test_whether_what_was_sent_is_there() -> None:
    sent = {"data": {"name": "x"}}
    assert carries({"data": {"name": "x", "id": 1}}, sent, "/data/name") is True
    assert carries({"data": {"name": "y"}}, sent, "/data/name") is False
    assert carries({"id": 1}, sent, "/data/name") is False
    assert carries(MISSING, sent, "/data/name") is None


@pytest.mark.parametrize(
    ("after", "found"),
    [
        ({"name": "old", "size": 3, "state": "new"}, None),
        ({"name": "old", "size": 3, "state": "ready"}, None),
        ({"name": "new", "size": 3, "state": "ready"}, True),
        ({"state": "new"}, False),
        ({"name": "", "size": 3, "state": "new"}, False),
    ],
)
def test_what_a_write_did(after: Any, found: bool | None) -> None:
    before = {"name": "old", "size": 3, "state": "new"}
    assert effect(before, after, {"name": "new", "size": 3}) is found
