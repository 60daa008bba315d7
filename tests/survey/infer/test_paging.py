"""How lists are paged: inferred from documents and samples, and from what the profile says."""

from __future__ import annotations

from typing import Any

import pytest

from harness.http.exchange import Body, Exchange
from harness.profile.models import Pagination, Resource, State, merged
from harness.reference.openapi import describe
from harness.reference.rate_limits import Limiter
from harness.survey.infer import page_guesses, page_parameters, paging
from harness.survey.infer.samples import ResourceSamples, Sample
from harness.survey.openapi import resources


def query(name: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema}


def inner(**properties: Any) -> dict[str, Any]:
    return {"properties": properties}


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        (
            [query("limit", type="integer", default=20, maximum=100), query("cursor", type="string")],
            {"style": "cursor", "limit_param": "limit", "default": 20, "max": 100, "cursor_param": "cursor"},
        ),
        (
            [query("limit", type="integer"), query("starting_after", type="string")],
            {"style": "keyset", "limit_param": "limit", "cursor_param": "starting_after"},
        ),
        (
            [query("per_page", type="integer"), query("page", type="integer", minimum=0)],
            {"style": "page", "limit_param": "per_page", "page_param": "page", "first_page": 0},
        ),
        (
            [query("count", type="integer"), query("startIndex", type="integer")],
            {"style": "offset", "limit_param": "count", "offset_param": "startIndex", "first_offset": 1},
        ),
        (
            [query("page[size]", type="integer"), query("page[number]", type="integer")],
            {"style": "page", "limit_param": "page[size]", "page_param": "page[number]"},
        ),
        # Swagger 2 has the type beside the name; the largest integer there is bounds nothing.
        (
            [
                {"name": "_limit", "in": "query", "type": "integer", "maximum": 2**63},
                {"name": "_token", "in": "query"},
            ],
            {"style": "cursor", "limit_param": "_limit", "cursor_param": "_token"},
        ),
        # What may be a filter's name, or a date's, is none without more.
        ([query("size", type="integer")], None),
        ([query("after", type="string")], None),
        (
            [query("size", type="integer"), query("page", type="integer", default=0)],
            {"style": "page", "limit_param": "size", "page_param": "page", "first_page": 0},
        ),
        # A flag that asks for a total is no page size; a header field is no query parameter.
        ([query("count", type="boolean"), {"name": "limit", "in": "header"}], None),
        ([query("status", type="string")], None),
        ([], None),
    ],
)
def test_parameters_of_a_document(parameters: list[Any], expected: dict[str, Any] | None) -> None:
    found = page_parameters.documented(parameters, inner(), {})
    assert (found and found.model_dump(exclude_unset=True)) == expected


def test_filter_and_sort_of_a_document() -> None:
    members = inner(
        status={"type": "string", "enum": ["a", "b"]},
        email={"type": "string", "format": "email"},
        title={"type": "string"},
        price={"type": "integer"},
        amount={"type": "number"},
    )
    names = [query(name) for name in ("status", "email", "title")]
    found = page_parameters.documented([*names, query("sort", enum=["amount", "-amount"])], members, {})
    assert found is not None
    assert (found.filter_param, found.filter_member) == ("title", "/title")
    assert (found.sort_param, found.sort_member) == ("sort", "/amount")


def test_an_order_whose_listed_values_are_no_numbers_is_left_out() -> None:
    members = inner(title={"type": "string"}, copies={"type": "integer"})
    names = [query("limit", type="integer"), query("sort", enum=["title", "-title"])]
    found = page_parameters.documented(names, members, {})
    assert found is not None
    assert (found.sort_param, found.sort_member) == (None, None)
    found = page_parameters.documented([query("limit", type="integer"), query("sort")], members, {})
    assert found is not None
    assert (found.sort_param, found.sort_member) == ("sort", "/copies")


def test_signals_of_a_document_count_only_where_there_are_pages() -> None:
    names = {"total": {}, "next_cursor": {}}
    assert page_parameters.documented([query("title")], inner(title={"type": "string"}), names) == Pagination(
        filter_param="title", filter_member="/title"
    )
    found = page_parameters.documented([query("limit", type="integer"), query("cursor")], inner(), names)
    assert found is not None
    assert (found.next, found.total) == ("/next_cursor", "/total")


def test_names_with_two_meanings_page_a_list_whose_response_describes_a_next_page() -> None:
    names = [query("size", type="integer", maximum=100), query("after", type="string")]
    found = page_parameters.documented(
        names, inner(), {"results": {}, "paging": {"size": {}, "more": {}, "after": {}}}
    )
    assert found is not None
    expected = Pagination(
        style="cursor",
        cursor_param="after",
        limit_param="size",
        max=100,
        next="/paging/after",
        has_more="/paging/more",
    )
    assert found == expected
    dated = [query("limit", type="integer"), query("after", type="string", format="date-time")]
    found = page_parameters.documented(dated, inner(), {"items": {}, "hasMore": {}})
    assert found is not None
    assert (found.style, found.cursor_param) == (None, None)
    assert (
        page_parameters.documented([query("after", type="string")], inner(), {"items": {}, "after": {}})
        is None
    )


def test_a_number_of_the_page_has_many_names() -> None:
    names = [query("perPage", type="integer"), query("pageNo", type="integer", minimum=1)]
    found = page_parameters.documented(names, inner(), {"paging": {"pageNo": {}, "total": {}, "pages": {}}})
    assert found is not None
    assert (found.style, found.page_param, found.limit_param) == ("page", "pageNo", "perPage")
    assert (found.page, found.first_page, found.total_pages) == ("/paging/pageNo", 1, "/paging/pages")


def test_the_reference_documents_its_lists() -> None:
    document: Any = describe(Limiter())
    known = {one.name: one.pagination for one in resources.resources(document, "")}
    assert known["orders"] == Pagination(
        style="cursor",
        limit_param="limit",
        cursor_param="cursor",
        default=20,
        max=100,
        next="/next_cursor",
        has_more="/has_more",
        filter_param="customer",
        filter_member="/customer",
        sort_param="sort",
        sort_member="/amount",
    )
    numbered = known["documents"]
    assert numbered is not None
    assert (numbered.style, numbered.page_param, numbered.total_pages) == ("page", "page", "/total_pages")


def test_a_collection_below_an_item_is_found_by_its_template() -> None:
    get = {"parameters": [query("_limit", type="integer"), query("_token", type="string")], "responses": {}}
    document = {
        "openapi": "3.1.0",
        "paths": {"/buckets/{b}/records/{id}": {"get": {}}, "/buckets/{b}/records": {"get": get}},
    }
    found = resources.pages(document, "", "/buckets/main/records")
    assert found is not None
    assert found.limit_param == "_limit"
    assert resources.pages(document, "", "/buckets/main/others") is None
    assert resources.pages(document, "", "/buckets/main/records/7") is None


# -- samples -------------------------------------------------------------------------------------------


def sample(url: str, value: Any, status: int = 200, **fields: str) -> Sample:
    named = tuple((name.replace("_", "-"), text) for name, text in fields.items())
    return Sample(Exchange("s1", "GET", url, (), Body(), status, response_fields=named), value)


def inferred(
    value: Any, *, query: str = "limit=1", known: Pagination | None = None, **fields: str
) -> Pagination:
    resource = Resource(
        collection="/things", items="" if isinstance(value, list) else "/data", pagination=known
    )
    samples = ResourceSamples(paged=sample(f"http://a/things?{query}", value, **fields))
    return paging.inferred(resource, samples) or Pagination()


ONE = [{"id": 1}]


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        (
            "<http://a/things?limit=1&page=2>; rel=next",
            {"style": "page", "page_param": "page", "first_page": 1},
        ),
        (
            "<http://a/things?limit=1&page=1>; rel=next",
            {"style": "page", "page_param": "page", "first_page": 0},
        ),
        ("<http://a/things?limit=1&offset=1>; rel=next", {"style": "offset", "offset_param": "offset"}),
        ("<http://a/things?limit=1&after=x>; rel=next", {"style": "cursor", "cursor_param": "after"}),
        ("<http://a/things?limit=1&xyz=x>; rel=next", {"style": "cursor", "cursor_param": "xyz"}),
        ("<http://a/things?b=1&xyz=x>; rel=next", {"style": "cursor"}),
        ("<http://a/docs>; rel=help", {}),
    ],
)
def test_the_style_shows_in_the_link_to_the_next_page(link: str, expected: dict[str, Any]) -> None:
    shown = inferred(ONE, Link=link).model_dump(exclude_defaults=True)
    assert shown == {"limit_param": "limit", **expected}


def test_a_field_of_its_own_and_a_total() -> None:
    found = inferred(ONE, query="_limit=1", Next_Page="http://a/things?_limit=1&_token=x", X_Total_Count="9")
    assert found.model_dump(exclude_defaults=True) == {
        "style": "cursor",
        "limit_param": "_limit",
        "cursor_param": "_token",
        "next_field": "Next-Page",
        "total_field": "X-Total-Count",
    }


def test_a_page_size_that_is_ignored_shows_nothing() -> None:
    assert inferred([{"id": 1}, {"id": 2}]) == Pagination()
    assert inferred([]) == Pagination()
    assert inferred({"data": None}) == Pagination()


def test_a_guessed_parameter_counts_only_where_it_led_on() -> None:
    first = sample("http://a/things?limit=1", {"data": ONE, "next_cursor": "abc"})
    assert paging.cursor_guess(Pagination(), first) == ("cursor", "abc")
    assert paging.cursor_guess(Pagination(cursor_param="c"), first) is None
    assert paging.cursor_guess(Pagination(style="page"), first) is None
    resource = Resource(collection="/things", items="/data")
    for second, style in (([{"id": 2}], "cursor"), (ONE, None), ([], None)):
        samples = ResourceSamples(paged=first, second=sample("http://a/things?cursor=abc", {"data": second}))
        found = paging.inferred(resource, samples)
        assert found is not None
        assert found.style == style
    refused = ResourceSamples(paged=first, second=sample("http://a/things?cursor=abc", {"data": [2]}, 400))
    found = paging.inferred(resource, refused)
    assert found is not None
    assert found.style is None


def test_the_page_size_is_guessed_from_the_lists_own_link() -> None:
    listed = sample("http://a/things", ONE, Link="</things?per_page=30&page=2>; rel=next")
    assert page_guesses.limits(listed) == ["per_page"]
    assert page_guesses.limits(sample("http://a/things", ONE))[0] == "limit"
    assert page_guesses.limits(None) == ["limit"]


@pytest.mark.parametrize(
    ("value", "first", "following"),
    [
        # Feathers; Contentful has the same members, and no `$`.
        ({"total": 3, "limit": 10, "skip": 0, "data": ONE}, ["limit", "$limit"], ("$limit", "$skip")),
        ({"total": 3, "limit": 10, "skip": 0, "items": ONE}, ["limit", "$limit"], ("limit", "skip")),
        # Laravel, Spring Data, Strapi.
        ({"data": ONE, "meta": {"per_page": 15, "current_page": 1}}, ["per_page"], ("per_page", "page")),
        ({"content": ONE, "page": {"size": 20, "number": 0}}, ["size"], ("size", "offset")),
        ({"data": ONE, "meta": {"pagination": {"pageSize": 25}}}, ["pageSize"], ("pageSize", "page")),
        ({"items": ONE, "offset": 0, "limit": 5}, ["limit"], ("limit", "offset")),
        ({"@odata.context": "x$metadata#users", "value": ONE}, ["$top"], ("$top", "$skip")),
        # No page sizes.
        ({"items": ONE, "size": 4}, ["limit"], ("limit", "offset")),
        ({"items": ONE, "limit": True}, ["limit"], ("limit", "offset")),
        (ONE, ["limit"], ("limit", "offset")),
    ],
)
def test_parameters_that_a_list_echoes_are_tried_first(
    value: Any, first: list[str], following: tuple[str, str]
) -> None:
    found = page_guesses.limits(sample("http://a/things", value))
    assert found[: len(first)] == first
    assert len(found) == len(set(found)) <= 6
    limit, parameter = following
    assert page_guesses.following(limit, value)[0][1] == parameter


def test_a_filter_counts_only_where_it_selected() -> None:
    body = {"name": "A name 1a2b3c"}
    resource = Resource(collection="/things", items="", body=body)
    for ids, expected in ((["7"], "name"), (["7", "8"], None), (["8"], None), ([], None)):
        samples = ResourceSamples(
            creates=[(body, sample("http://a/things", {**body, "id": "7"}, 201))],
            id="7",
            other_id="8",
            filtered=sample("http://a/things?name=x", [{"id": id} for id in ids]),
        )
        found = paging.inferred(resource, samples)
        assert (found.filter_param if found else None) == expected


def test_a_unique_member_selects_only_one_item() -> None:
    known = Pagination(style="page", filter_param="sku", filter_member="/sku")
    resource = Resource(collection="/things", unique=["/sku"], pagination=known)
    found = paging.inferred(resource, ResourceSamples())
    assert found is not None
    assert (found.filter_param, found.filter_member) == (None, None)


def test_a_number_to_sort_by_is_taken_from_the_body() -> None:
    body = {"id": 5, "flag": True, "sku": 3, "size": 4}
    known = Pagination(sort_param="sort")
    resource = Resource(collection="/things", body=body, unique=["/sku"], pagination=known)
    found = paging.inferred(resource, ResourceSamples())
    assert found is not None
    assert found.sort_member == "/size"


# -- capabilities and the profile ----------------------------------------------------------------------


def test_capabilities_say_how_they_are_known() -> None:
    declared = Pagination(limit_param="limit", style="cursor")
    how = declared.model_copy(update={"total_field": "X-Total-Count", "sort_member": "/size"})
    shown = paging.capabilities(Resource(collection="/things", pagination=how), declared)
    states = {name: capability.state for name, capability in shown.items()}
    assert states == {
        "pages": State.DECLARED,
        "limit": State.DECLARED,
        "cursor": State.DECLARED,
        "offset": State.ABSENT,
        "filter": State.ABSENT,
        # A member alone is no parameter.
        "sort": State.ABSENT,
        "totals": State.DETECTED,
    }


def test_what_the_profile_says_is_added_to_what_was_found_key_by_key() -> None:
    written = Resource.model_validate(
        {"collection": "/things", "pagination": {"max": 50, "limit_param": "n"}}
    )
    found = Resource(collection="/things", pagination=Pagination(limit_param="limit", style="cursor"))
    assert merged(written, found).pagination == Pagination(limit_param="n", style="cursor", max=50)
    plain = Resource(collection="/things")
    assert merged(written, plain).pagination == Pagination(limit_param="n", max=50)
    assert merged(plain, found).pagination == found.pagination


def test_a_documents_keys_are_added_below_a_template() -> None:
    from harness.survey.ask.choice import learn_pages

    known = Resource(collection="/things", pagination=Pagination(max=5))
    learn_pages(known, Pagination(max=100, limit_param="limit"))
    assert known.pagination == Pagination(max=5, limit_param="limit")
    learn_pages(known, None)
    assert known.pagination.limit_param == "limit"
