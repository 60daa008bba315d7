"""What pages tell, and where that leads, on literal pages of many conventions."""

from __future__ import annotations

from typing import Any

import pytest

from harness.lists.conventions import documented, pointers
from harness.lists.page import PageInfo, complete, following, is_url, page_info, param, with_param
from harness.profile.models import Pagination

URL = "http://api.example/v1/orders?limit=2&state=new"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            {"data": [1], "next_cursor": "c", "has_more": True},
            {"next": "/next_cursor", "has_more": "/has_more"},
        ),
        ({"items": [1], "nextPageToken": "t"}, {"next": "/nextPageToken"}),
        (
            {"data": [1], "links": {"next": "/a?c=1", "prev": None}},
            {"next": "/links/next", "prev": "/links/prev"},
        ),
        (
            {"_links": {"next": {"href": "/a?p=2"}}, "total": 3},
            {"next": "/_links/next/href", "total": "/total"},
        ),
        (
            {"data": [], "meta": {"total_pages": 4, "page": 1}},
            {"total_pages": "/meta/total_pages", "page": "/meta/page"},
        ),
        ({"response_metadata": {"next_cursor": "dXNl"}}, {"next": "/response_metadata/next_cursor"}),
        ({"count": 40, "next": "http://a/b?page=2", "results": [1]}, {"next": "/next", "total": "/count"}),
        ({"count": 1, "results": [1]}, {}),
        ({"object": "list", "data": [1], "has_more": "yes"}, {}),
        ({"@odata.nextLink": "http://a/b?$skip=1", "value": [1]}, {"next": "/@odata.nextLink"}),
        ([{"next": "x"}], {}),
        ({"rows": [1], "truncated": True}, {"has_more": "/truncated"}),
        ({"rows": [1], "truncated": False}, {}),
    ],
)
def test_signals_are_found_by_their_names(value: Any, expected: dict[str, str]) -> None:
    assert pointers(value, 1) == expected


def test_signals_are_found_in_a_schema() -> None:
    names = {"data": {}, "meta": {"total": {}, "next_cursor": {}}, "count": {}}
    assert documented(names) == {"next": "/meta/next_cursor", "total": "/meta/total"}


CURSOR = Pagination(
    style="cursor", limit_param="limit", cursor_param="cursor", next="/next", has_more="/more"
)


@pytest.mark.parametrize(
    ("how", "fields", "value", "expected"),
    [
        (CURSOR, {}, {"next": "a/b+c=", "more": True}, f"{URL}&cursor=a%2Fb%2Bc%3D"),
        (CURSOR, {}, {"next": None, "more": False}, None),
        (CURSOR, {}, {"next": "", "more": False}, None),
        (CURSOR, {"Link": '</v1/orders?cursor=x>; rel="next"'}, {"next": None, "more": False}, None),
        (CURSOR, {}, {"more": True}, None),
        (Pagination(), {"link": '<?cursor=x>; rel="next"'}, [], "?cursor=x"),
        (
            Pagination(next_field="Next-Page"),
            {"next-page": "http://api.example/2"},
            [],
            "http://api.example/2",
        ),
        (Pagination(), {"Next-Page": "http://api.example/2"}, [], "http://api.example/2"),
        (
            Pagination(next="/next"),
            {},
            {"next": "https://api.example/v1/orders?page=2"},
            "https://api.example/v1/orders?page=2",
        ),
        (Pagination(style="page", page_param="page", next="/next"), {}, {"next": 3}, f"{URL}&page=3"),
        (
            Pagination(style="keyset", cursor_param="after", has_more="/more"),
            {},
            {"more": True},
            f"{URL}&after=id2",
        ),
        (Pagination(style="keyset", cursor_param="after", has_more="/more"), {}, {"more": False}, None),
        (Pagination(style="page", page_param="page"), {}, [], f"{URL}&page=2"),
        (Pagination(style="offset", offset_param="skip"), {}, [], f"{URL}&skip=2"),
        (Pagination(style="offset", offset_param="skip", total="/n"), {}, {"n": 4}, None),
        (Pagination(style="offset", offset_param="skip", total="/n"), {}, {"n": 5}, f"{URL}&skip=2"),
        (
            Pagination(style="offset", offset_param="startIndex", first_offset=1),
            {},
            [],
            f"{URL}&startIndex=3",
        ),
        (Pagination(style="page", page_param="page", first_page=0), {}, [], f"{URL}&page=1"),
    ],
)
def test_where_the_next_page_is(
    how: Pagination, fields: dict[str, str], value: Any, expected: str | None
) -> None:
    assert following(how, URL, page_info(how, fields, value), ["id1", "id2"], 4) == expected


def test_counted_pages_end_with_an_empty_one() -> None:
    how = Pagination(style="page", page_param="page")
    assert following(how, URL, PageInfo(), [], 4) is None
    assert following(how, URL, PageInfo(), ["id1"], 4, counting=False) is None


def test_links_are_followed_where_nothing_is_counted() -> None:
    how = Pagination(style="page", page_param="page")
    says = page_info(how, {"Link": '<?page=7>; rel="next"'}, [])
    assert following(how, URL, says, ["id1"], 1) == f"{URL}&page=2"
    assert following(how, URL, says, ["id1"], 1, counting=False) == "?page=7"


def test_content_is_believed_before_fields() -> None:
    says = page_info(CURSOR, {"Link": '<?cursor=x>; rel="next"'}, {"next": None, "more": False})
    assert says.signals == {"Link rel=next": True, "/next": False, "/more": False}
    assert not says.more
    assert page_info(Pagination(), {"Link": '<?cursor=x>; rel="next"'}, {}).more


def test_totals_and_neighbours() -> None:
    how = Pagination(total_field="X-Total-Count", total_pages="/pages", page="/page", prev="/prev")
    fields = {"x-total-count": "12", "Link": '</a?p=1>; rel="first", </a?p=9>; rel="last"'}
    says = page_info(how, fields, {"pages": 3, "page": True, "prev": "/a?p=0"})
    assert (says.total, says.total_pages, says.page) == (12, 3, None)
    assert says.neighbours == {"first": "/a?p=1", "last": "/a?p=9", "prev": "/a?p=0"}
    assert page_info(how, {"X-Total-Count": "many"}, {}).total is None


def test_what_is_known_goes_before_what_is_found() -> None:
    how = complete(Pagination(next="/mine"), {"mine": "a", "next_cursor": "b", "has_more": True}, 1)
    assert (how.next, how.has_more) == ("/mine", "/has_more")


@pytest.mark.parametrize(
    ("value", "expected"),
    [("http://a/b", True), ("/a?c=1", True), ("?c=1", True), ("/wAA+b==", False), ("abc", False)],
)
def test_urls_are_reported_from_cursors(value: str, expected: bool) -> None:
    assert is_url(value) is expected


def test_a_parameter_is_replaced_and_all_else_left_as_it_is_written() -> None:
    url = "http://a/b?x=%7e+1&limit=2&page%5Bsize%5D=3&x=2"
    assert with_param(url, "limit", "5") == "http://a/b?x=%7e+1&limit=5&page%5Bsize%5D=3&x=2"
    assert with_param(url, "page[size]", "4") == "http://a/b?x=%7e+1&limit=2&page[size]=4&x=2"
    assert with_param(url, "limit", None) == "http://a/b?x=%7e+1&page%5Bsize%5D=3&x=2"
    assert with_param("http://a/b", "c", "ä&") == "http://a/b?c=%C3%A4%26"
    assert with_param("http://a/b?c=1", "c", None) == "http://a/b"
    assert param("http://a/b?c=1%2B", "c") == "1+"
    assert param("http://a/b", "c") is None


def test_a_position_is_no_signal_beside_a_flag() -> None:
    how = Pagination(
        style="cursor", cursor_param="after", next="/page_info/end_cursor", has_more="/page_info/more"
    )
    last = page_info(how, {}, {"page_info": {"end_cursor": "x", "more": False}})
    assert (last.signals, last.more) == ({"Link rel=next": False, "/page_info/more": False}, False)
    assert following(how, URL, last, ["id1"], 1) is None
    full = page_info(how, {}, {"page_info": {"end_cursor": "x", "more": True}})
    assert following(how, URL, full, ["id1"], 1) == f"{URL}&after=x"


def test_a_flag_for_the_last_page() -> None:
    page = {"content": [1], "first": True, "last": False, "totalPages": 3}
    how = Pagination(style="page", page_param="page", first_page=0)
    assert page_info(how, {}, page).signals["/last"] is True
    last = page_info(how, {}, {**page, "last": True})
    assert (last.more, following(how, f"{URL}&page=0", last, ["id1"], 1)) == (False, None)
    # Anything may be called first and last; and links may be.
    assert "/last" not in page_info(how, {}, {"first": "Ada", "last": "Lovelace", "totalPages": 1}).signals
    assert "/last" not in page_info(how, {}, {"first": True, "last": True}).signals
