"""QUERY: the fields and documents that offer it."""

from __future__ import annotations

from typing import Any

import pytest

from harness.http.exchange import Body, Exchange
from harness.survey.openapi.query_operations import QueryOperation, query_operations
from suites.queries.query_method import Offer, contents, media_ranges, offers


@pytest.mark.parametrize(
    ("value", "ranges"),
    [
        ('"application/json"', ["application/json"]),
        ("application/json, text/*", ["application/json", "text/*"]),
        ('"application/sql";charset="UTF-8", */*', ["application/sql", "*/*"]),
        ('"application/sql";charset="UTF-8", "*/*"', ["application/sql", "*/*"]),
        ("json", None),
        ("(a b)", None),
        ("application/json;", None),
        ('"application/json', None),
        ("", []),
    ],
)
def test_accept_query_is_a_list_of_media_ranges(value: str, ranges: list[str] | None) -> None:
    assert media_ranges(value) == ranges


def exchange(method: str, url: str, **fields: str) -> Exchange:
    return Exchange(
        id="1",
        method=method,
        url=url,
        request_fields=(),
        request_body=Body(),
        status=200,
        response_fields=tuple((name.replace("_", "-"), value) for name, value in fields.items()),
    )


def test_who_offers_it() -> None:
    seen = [
        exchange("GET", "http://a/orders?limit=1", accept_query='"application/json"'),
        exchange("OPTIONS", "http://a/notes", allow="GET, QUERY"),
        exchange("GET", "http://a/people", allow="GET, HEAD"),
    ]
    found = offers(seen, [QueryOperation("/search", "application/json", {"q": "a"})])
    assert [(one.url, one.media_type, one.declared) for one in found] == [
        ("/search", "application/json", True),
        ("http://a/orders", "application/json", False),
        ("http://a/notes", None, False),
    ]
    assert offers(seen[2:], []) == []


@pytest.mark.parametrize(
    ("offer", "sent"),
    [
        (Offer("/a", "", "application/json"), [("application/json", b"{}")]),
        (Offer("/a", "", None, {"q": 1}), [("application/json", b'{"q": 1}')]),
        (
            Offer("/a", "", "application/x-www-form-urlencoded"),
            [("application/x-www-form-urlencoded", b"limit=10")],
        ),
        (Offer("/a", "", "application/sql", "select 1"), [("application/sql", b"select 1")]),
        (Offer("/a", "", "application/sql"), []),
    ],
)
def test_content_of_a_query(offer: Offer, sent: list[tuple[str, bytes]]) -> None:
    assert contents(offer) == sent


def test_the_document_names_it() -> None:
    document: dict[str, Any] = {
        "openapi": "3.2.0",
        "servers": [{"url": "/v1"}],
        "paths": {
            "/search": {
                "query": {"requestBody": {"content": {"application/json": {"example": {"q": "a"}}}}},
                "get": {},
            },
            "/search/{id}": {"query": {}},
            "/orders": {"get": {}},
        },
    }
    assert query_operations(document, "/v1") == (QueryOperation("/search", "application/json", {"q": "a"}),)
