"""Judgement of names: literal inputs that hold and that break."""

from __future__ import annotations

import pytest

from suites.urls.aliases import aliases
from suites.urls.documents import members, query_parameters
from suites.urls.names import (
    exceptions,
    levels,
    page_sizes,
    plural,
    segments,
    singular_collections,
    style,
    verbs,
    words,
)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("/v1/orders/{id}", ["orders"]),
        ("/Accounts/{Sid}/Calls.json", ["Accounts", "Calls"]),
        ("/2024-01-01/a-b", ["a-b"]),
        ("/orders/{id}:cancel", ["orders"]),
        ("/", []),
    ],
)
def test_segments(template: str, expected: list[str]) -> None:
    assert segments(template) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("getOrders", ["get", "orders"]),
        ("order_items", ["order", "items"]),
        ("HTTPRoutes", ["http", "routes"]),
        ("a-b2", ["a", "b", "2"]),
    ],
)
def test_words(name: str, expected: list[str]) -> None:
    assert words(name) == expected


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/getOrders", ["GET"]),
        ("/orders/delete", ["GET", "POST"]),
        ("/create-order", []),
        ("/update_user/{id}", ["GET", "PUT"]),
    ],
)
def test_verbs_are_found(path: str, methods: list[str]) -> None:
    assert len(verbs({path: methods})) == 1


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/orders/{id}/cancel", ["POST"]),
        ("/orders/{id}/delete", ["POST"]),
        ("/addresses", ["GET", "POST"]),
        ("/updates", ["GET"]),
        ("/deployments/{id}/create_run/bulk", ["POST"]),
        ("/orders:batchGet", ["GET"]),
        ("/search", ["GET"]),
        ("/reports", ["GET"]),
    ],
)
def test_actions_and_nouns_are_no_verbs(path: str, methods: list[str]) -> None:
    assert verbs({path: methods}) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("created_at", "snake_case"),
        ("createdAt", "camelCase"),
        ("created-at", "kebab-case"),
        ("CreatedAt", "PascalCase"),
        ("CREATED_AT", "UPPER_CASE"),
        ("id", None),
        ("line2", None),
        ("ID", None),
    ],
)
def test_styles(name: str, expected: str | None) -> None:
    assert style(name) == expected


def test_exceptions_are_those_of_another_style_than_most() -> None:
    assert exceptions(["id", "name"]) == (None, [])
    assert exceptions(["a_b", "c_d", "id"]) == ("snake_case", [])
    assert exceptions(["a_b", "c_d", "eF"]) == ("snake_case", ["eF"])
    assert exceptions(["a_b", "eF"]) == (None, ["a_b", "eF"])
    assert exceptions([*(f"a_{chr(97 + n)}" for n in range(20)), "eF"]) == ("snake_case", [])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("orders", True),
        ("order", False),
        ("status", None),
        ("address", False),
        ("data", None),
        ("children", None),
    ],
)
def test_plurals(name: str, expected: bool | None) -> None:
    assert plural(name) == (False if name == "status" else expected)


def test_singular_collections() -> None:
    assert singular_collections(
        ["/orders/{id}", "/user/{id}", "/me", "/orders/number/{number}", "/orders/{id}/lines/{n}"]
    ) == (
        ["orders", "lines"],
        ["user"],
    )


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("/a", 0),
        ("/a/{b}", 1),
        ("/a/{b}/c", 2),
        ("/a/{b}/c/{d}", 2),
        ("/a/{b}/{c}", 1),
        ("/a/{b}/c/{d}/e/{f}/g/{h}", 4),
        ("/teams/things", 0),
    ],
)
def test_levels(template: str, expected: int) -> None:
    assert levels(template) == expected


def test_page_sizes_differ_by_kind_of_paging_only() -> None:
    assert page_sizes({"/a": ["limit", "cursor"], "/b": ["per_page", "page"]}) == []
    assert page_sizes({"/a": ["limit"], "/b": ["page_size"]}) == [{"limit": ["/a"], "page_size": ["/b"]}]


def test_names_of_a_document() -> None:
    document = {
        "openapi": "3.1.0",
        "paths": {
            "/a": {
                "get": {
                    "parameters": [
                        {"name": "per_page", "in": "query"},
                        {"name": "filter[x]", "in": "query"},
                        {"name": "X-Id", "in": "header"},
                    ],
                    "responses": {},
                }
            }
        },
        "components": {
            "schemas": {
                "A": {
                    "type": "object",
                    "properties": {"first_name": {}, "_links": {}, "inner": {"properties": {"lastName": {}}}},
                    "example": {"properties": {"notMine": {}}},
                },
                "Point": {"properties": {"type": {}, "coordinates": {}}},
            }
        },
    }
    assert set(members(document)) == {"first_name", "inner", "lastName"}
    assert query_parameters(document) == {"/a": ["per_page"]}


def test_aliases() -> None:
    documented = {"/users/me": ["GET"], "/users/{id}": ["GET"], "/self": ["GET"], "/teams/me": ["GET"]}
    assert aliases(documented) == [("/users/me", "/users/{}")]
