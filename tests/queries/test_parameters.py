"""Which parameters select, sort, filter and search, on literal documents."""

from __future__ import annotations

from typing import Any

import pytest

from harness.lists.selection import is_partial
from harness.profile.models import Pagination, Resource
from harness.survey.openapi.promises import promises
from harness.survey.openapi.queries import QueryParameter
from suites.queries.parameters import (
    Filter,
    family,
    fields_of,
    filters_exactly,
    filters_of,
    hopeless,
    search_of,
    sorts_of,
    takes_several,
    typed,
)


def named(*found: QueryParameter) -> dict[str, QueryParameter]:
    return {one.name: one for one in found}


def one(name: str, kind: str = "string", **more: Any) -> QueryParameter:
    return QueryParameter("/orders", name, kind, **more)


def test_parameters_of_a_document() -> None:
    listed = {
        "parameters": [
            {"name": "since", "in": "query", "schema": {"type": "string", "format": "date"}},
            {"name": "fields", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
            {"name": "min", "in": "query", "schema": {"anyOf": [{"type": "integer"}, {"type": "null"}]}},
            {"name": "old", "in": "query", "deprecated": True, "schema": {"type": "string"}},
            {"name": "X-Trace", "in": "header", "schema": {"type": "string"}},
        ]
    }
    document = {"openapi": "3.1.0", "paths": {"/orders": {"get": {**listed, "responses": {}}}}}
    assert promises(document, "").queries == (
        one("since", format="date"),
        one("fields", repeated=True),
        one("min", "integer"),
    )


@pytest.mark.parametrize(
    ("parameter", "up", "down"),
    [
        (one("sort", values=("amount", "-amount")), "amount", "-amount"),
        (one("order_by", values=("amount_asc", "amount_desc")), "amount_asc", "amount_desc"),
        (one("sort", values=("AMOUNT_ASC", "AMOUNT_DESC")), "AMOUNT_ASC", "AMOUNT_DESC"),
        (one("$orderby"), "amount", "amount desc"),
    ],
)
def test_orders(parameter: QueryParameter, up: str, down: str) -> None:
    (found,) = sorts_of(named(parameter), "", ["amount"])
    assert found.up == ((parameter.name, up),)
    assert found.downs[0] == ((parameter.name, down),)


def test_a_direction_may_have_a_parameter_of_its_own() -> None:
    parameters = named(one("sortBy"), one("sortOrder", values=("ascending", "descending")))
    (found,) = sorts_of(parameters, "", ["amount"])
    assert found.downs == ((("sortBy", "amount"), ("sortOrder", "descending")),)


def test_orders_that_are_not_listed_are_not_used() -> None:
    assert not sorts_of(named(one("sort", values=("name", "-name"))), "", ["amount"])
    assert not sorts_of({}, "", ["amount"])


def test_filters() -> None:
    parameters = named(
        *(one("customer", says="Only items with this customer."), one("min_amount", "integer")),
        *(one("amount_gte", "integer"), one("title"), one("note", says="Search in notes")),
    )
    members = {"customer": "text", "amount": "number", "title": "text", "note": "text"}
    found = {(each.name, each.sign, each.declared) for each in filters_of(parameters, "", members)}
    assert found == {
        *(("customer", "eq", True), ("min_amount", "from", True)),
        *(("amount_gte", "ge", True), ("title", "eq", False)),
    }


def test_expressions_quote_texts() -> None:
    assert Filter("$filter", "name", "eq", False, "name eq {}", "'").query("O'Neil") == (
        ("$filter", "name eq 'O''Neil'"),
    )
    assert Filter("filter", "name", "eq", False, "name eq {}", '"').query('a"b') == (
        ("filter", 'name eq "a\\"b"'),
    )


@pytest.mark.parametrize(
    ("known", "kind"),
    [
        (Resource(collection="/a", media_type="application/vnd.api+json"), "json:api"),
        (Resource(collection="/a", pagination=Pagination(limit_param="$top")), "odata"),
        (Resource(collection="/Users", items="/Resources"), "scim"),
        (Resource(collection="/a", pagination=Pagination(limit_param="_limit")), "json-server"),
        (Resource(collection="/a", pagination=Pagination(limit_param="$limit")), "feathers"),
        (Resource(collection="/a"), ""),
    ],
)
def test_kinds_of_apis(known: Resource, kind: str) -> None:
    assert family(known) == kind


def test_selections() -> None:
    assert fields_of(named(one("fields")), "", None) == ("fields", True, False)
    assert fields_of(named(one("select")), "", None) is None
    assert fields_of(named(one("select", says="Members to return")), "", None) == ("select", True, False)
    assert fields_of({}, "json:api", "articles") == ("fields[articles]", False, False)
    assert fields_of(named(one("fields")), "json:api", "articles") == ("fields[articles]", True, False)
    assert fields_of(named(one("fields", "object")), "", None) is None
    assert fields_of({}, "", None) is None
    assert is_partial("http://a/x?fields=b")
    assert is_partial("http://a/x?fields[articles]=b")
    assert not is_partial("http://a/x?field_of_study=b")


def test_searches() -> None:
    assert search_of(named(one("q"))) is not None
    assert search_of(named(one("query"))) is None


def test_values_that_a_type_forbids() -> None:
    parameters = named(
        *(
            one("min_amount", "integer"),
            one("paid", "boolean", says="Only paid ones"),
            one("limit", "integer"),
        ),
        one("since", format="date", says="Restricts to later ones"),
    )
    assert typed(parameters, ["amount"]) == {"min_amount": "abc", "paid": "maybe", "since": "2024-13-45"}


def test_parameters_that_name_nothing() -> None:
    assert [(name, must) for name, _, must in hopeless({}, "json:api", "articles")] == [
        *(("sort", True), ("fields[articles]", None), ("include", True)),
    ]
    assert hopeless({}, "", None) == []


@pytest.mark.parametrize(
    ("says", "declared"),
    [
        ("Filters by name", True),
        ("Only orders of the customer with this name", False),
        ("A name", False),
    ],
)
def test_a_filter_that_is_described_by_another_member_is_not_declared(says: str, declared: bool) -> None:
    found = filters_of(named(one("name", says=says)), "", {"name": "text"}, ("name", "customer"))
    assert found == [Filter("name", "name", "eq", declared)]


@pytest.mark.parametrize(
    "says", ["The minimum amount", "Only orders of at least this amount", "Orders above it"]
)
def test_a_bound_under_the_name_of_the_member_is_no_filter_for_equal_values(says: str) -> None:
    assert filters_of(named(one("amount", "integer", says=says)), "", {"amount": "number"}) == []


def test_dates_are_filtered_by_bounds_of_either_kind() -> None:
    names = ("due_from", "due_before", "dueSince", "due_gte", "amount_after")
    found = filters_of(named(*map(one, names)), "", {"due": "date", "amount": "number"})
    assert [(each.name, each.sign) for each in found] == [
        ("due_gte", "ge"),
        ("due_from", "from"),
        ("dueSince", "from"),
        ("due_before", "to"),
    ]


@pytest.mark.parametrize(
    ("says", "exact"),
    [
        ("Filter by whether the order is open", True),
        ("Filters by state", True),
        ("Only open orders", False),
        ("Whether to include archived orders", False),
        ("Filter: if true, only open orders", False),
        ("", False),
    ],
)
def test_flags_that_select_both_ways(says: str, exact: bool) -> None:
    assert filters_exactly(one("open", "boolean", says=says)) is exact


def test_the_direction_behind_a_comma_is_tried_as_well() -> None:
    assert (("sort", "amount,desc"),) in sorts_of(named(one("sort")), "", ["amount"])[0].downs


@pytest.mark.parametrize(
    ("name", "says", "sign"),
    [
        ("min_amount", "Only orders whose amount is at least this.", "ge"),
        ("min_amount", "The least amount.", "from"),
        ("due_from", "Orders that are due on or after this day.", "ge"),
        ("due_from", "Orders that are due after this day.", "from"),
        ("due_from", "Due from this day (exclusive), or later.", "from"),
        ("due_to", "Orders due before this day, inclusive.", "le"),
        ("due_to", "Orders due before this day (non-inclusive).", "to"),
        ("max_amount", "amount <= this", "le"),
    ],
)
def test_whether_a_bound_is_in_the_range(name: str, says: str, sign: str) -> None:
    found = filters_of(named(one(name, says=says)), "", {"amount": "number", "due": "date"})
    assert [each.sign for each in found] == [sign]


@pytest.mark.parametrize(
    ("parameter", "several"),
    [
        (one("sort", says="Members, with commas between them."), True),
        (one("sort", says="Such as `sort=amount,-customer`."), True),
        (one("sort", says="A member."), False),
        (one("sort", says="Comma-separated.", values=("amount", "-amount")), False),
    ],
)
def test_whether_several_keys_are_documented(parameter: QueryParameter, several: bool) -> None:
    (found,) = sorts_of(named(parameter), "", ["amount"])
    assert takes_several(named(parameter), "", found) is several


@pytest.mark.parametrize(
    ("says", "whole"),
    [
        ("Only orders of this customer; compared exactly", True),
        ("Name equals this value", True),
        ("Exactly this name, in any case", True),
        ("Name, not exact", False),
        ("Exact or partial match of the name", False),
        ("Customers whose name equals the text, or has it as a substring", False),
        ("Name equals the value, or begins with it", False),
        ("Filters by name", False),
    ],
)
def test_a_filter_is_exact_where_the_document_says_so(says: str, whole: bool) -> None:
    (found,) = filters_of(named(one("name", says=says)), "", {"name": "text"}, ("name",))
    assert found.whole is whole
