"""Traversals over real sockets: every style is read to the end, and lists that have none are left."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from harness.ledger.ledger import Ledger
from harness.lists.traversal import Walk
from harness.profile.models import Pagination, Resource
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import Undecided
from tests.clients import client_of
from tests.servers import Answer, Seen, http

IDS = [f"id{number}" for number in range(1, 8)]
Listing = Callable[[dict[str, str]], tuple[Any, list[tuple[str, str]]]]


@contextmanager
def listed(
    answer: Listing, how: Pagination | None = None, items: str = "/data"
) -> Iterator[ResourceUnderTest]:
    def respond(seen: Seen) -> Answer:
        value, fields = answer(dict(parse_qsl(urlsplit(seen.path).query, keep_blank_values=True)))
        return Answer(200, json.dumps(value).encode(), [("Content-Type", "application/json"), *fields])

    with http(respond) as server, client_of(server.url) as client:
        known = Resource(collection="/things", items=items, pagination=how)
        yield ResourceUnderTest(known, client, Ledger())


def part(start: int, size: int) -> list[dict[str, str]]:
    return [{"id": id} for id in IDS[start : start + size]]


def size_of(query: dict[str, str]) -> int:
    return int(query.get("limit", "3"))


def by_body(query: dict[str, str]) -> tuple[Any, list[tuple[str, str]]]:
    start, size = int(query.get("cursor", "c0")[1:]), size_of(query)
    more = start + size < len(IDS)
    return {
        "data": part(start, size),
        "next_cursor": f"c{start + size}" if more else None,
        "has_more": more,
    }, []


def by_link(query: dict[str, str]) -> tuple[Any, list[tuple[str, str]]]:
    start, size = int(query.get("from", "0")), size_of(query)
    link = [("Link", f'</things?limit={size}&from={start + size}>; rel="self Next"')]
    return part(start, size), link if start + size < len(IDS) else []


def by_field(query: dict[str, str]) -> tuple[Any, list[tuple[str, str]]]:
    value, link = by_link(query)
    return value, [("Next-Page", text[1 : text.index(">")]) for _, text in link]


def by_keyset(query: dict[str, str]) -> tuple[Any, list[tuple[str, str]]]:
    start = IDS.index(query["starting_after"]) + 1 if "starting_after" in query else 0
    return {"data": part(start, size_of(query)), "has_more": start + size_of(query) < len(IDS)}, []


def by_page(query: dict[str, str]) -> tuple[Any, list[tuple[str, str]]]:
    return part((int(query.get("page", "1")) - 1) * size_of(query), size_of(query)), []


def by_offset(query: dict[str, str]) -> tuple[Any, list[tuple[str, str]]]:
    return {"data": part(int(query.get("offset", "0")), size_of(query)), "total": len(IDS)}, []


def by_url(query: dict[str, str]) -> tuple[Any, list[tuple[str, str]]]:
    start, size = int(query.get("from", "0")), size_of(query)
    onward = {"next": {"href": f"?limit={size}&from={start + size}"}} if start + size < len(IDS) else {}
    return {"_embedded": {"things": part(start, size)}, "_links": {"self": {"href": "/things"}, **onward}}, []


STYLES = [
    (by_body, Pagination(style="cursor", limit_param="limit", cursor_param="cursor"), "/data"),
    (by_link, Pagination(limit_param="limit"), ""),
    (by_field, Pagination(limit_param="limit", next_field="Next-Page"), ""),
    (by_keyset, Pagination(style="keyset", limit_param="limit", cursor_param="starting_after"), "/data"),
    (by_page, Pagination(style="page", limit_param="limit", page_param="page"), ""),
    (by_offset, Pagination(style="offset", limit_param="limit", offset_param="offset"), "/data"),
    (by_url, Pagination(limit_param="limit"), "/_embedded/things"),
]


@pytest.mark.parametrize(("answer", "how", "items"), STYLES, ids=lambda one: getattr(one, "__name__", ""))
@pytest.mark.parametrize("limit", [None, 1, 2, 7, 100])
def test_every_style_is_read_to_the_end(
    answer: Listing, how: Pagination, items: str, limit: int | None
) -> None:
    with listed(answer, how, items) as resource:
        walk = Walk(resource, limit=limit).run(12)
    assert walk.ids == IDS
    assert (walk.over, walk.loop, walk.broken) == (True, None, None)


def test_the_page_size_changes_midway() -> None:
    with listed(by_body, STYLES[0][1]) as resource:
        walk = Walk(resource, {"state": "new"}, 3)
        walk.step()
        walk.resize(1)
        walk.run(10)
    assert [len(page.ids) for page in walk.pages] == [3, 1, 1, 1, 1]
    assert all("state=new" in page.url for page in walk.pages)


def test_a_list_that_leads_back_is_left() -> None:
    def circle(query: dict[str, str]) -> tuple[Any, list[tuple[str, str]]]:
        here = query.get("cursor", "a")
        return {"data": [{"id": here}], "next_cursor": "b" if here == "a" else "a"}, []

    with listed(circle, Pagination(style="cursor", cursor_param="cursor")) as resource:
        walk = Walk(resource).run(9)
    assert walk.loop is not None
    assert walk.loop.endswith("leads back to /things?cursor=b")
    assert len(walk.pages) == 3


def test_a_list_that_goes_on_without_items_is_left() -> None:
    def endless(query: dict[str, str]) -> tuple[Any, list[tuple[str, str]]]:
        return {"data": [], "next_cursor": query.get("cursor", "") + "x"}, []

    with listed(endless, Pagination(style="cursor", cursor_param="cursor")) as resource:
        walk = Walk(resource).run(9)
    assert walk.loop is not None
    assert len(walk.pages) == 3


def test_an_empty_page_in_the_middle_is_no_end() -> None:
    def gap(query: dict[str, str]) -> tuple[Any, list[tuple[str, str]]]:
        place = int(query.get("cursor", "0"))
        return {"data": [[{"id": "a"}], [], [{"id": "b"}]][place], "next_cursor": [1, 2, None][place]}, []

    with listed(gap, Pagination(style="cursor", cursor_param="cursor")) as resource:
        walk = Walk(resource).run(9)
    assert (walk.ids, walk.loop) == (["a", "b"], None)


def test_a_list_without_end_is_given_up() -> None:
    def growing(query: dict[str, str]) -> tuple[Any, list[tuple[str, str]]]:
        place = int(query.get("cursor", "0"))
        return {"data": [{"id": f"n{place}"}], "next_cursor": str(place + 1)}, []

    with (
        listed(growing, Pagination(style="cursor", cursor_param="cursor")) as resource,
        pytest.raises(Undecided, match="5 pages of things were read"),
    ):
        Walk(resource).run(5)


def test_a_page_without_an_array_breaks_the_traversal() -> None:
    def changes(query: dict[str, str]) -> tuple[Any, list[tuple[str, str]]]:
        return ({"error": "gone"} if query else {"data": [{"id": "a"}], "next_cursor": "x"}), []

    with listed(changes, Pagination(style="cursor", cursor_param="cursor")) as resource:
        walk = Walk(resource).run(9)
    assert walk.broken is walk.pages[1]
    assert walk.over


def test_members_follow_what_pages_tell_and_count_nothing() -> None:
    with listed(by_body, STYLES[0][1]) as resource:
        found = resource.members()
        assert ([item["id"] for item in found.items], found.complete) == (IDS, True)
        found = resource.members(pages=2)
        assert (len(found.items), found.complete) == (6, False)
    # Without the parameter, all that can be known is that more follows.
    with listed(by_body) as resource:
        found = resource.members()
        assert (len(found.items), found.complete) == (3, False)
    with listed(by_page, STYLES[4][1], "") as resource:
        found = resource.members()
        assert (len(found.items), found.complete) == (3, True)
    with listed(by_link, None, "") as resource:
        assert [item["id"] for item in resource.members().items] == IDS
