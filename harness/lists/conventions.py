"""Where a list describes its pages, by the names that APIs use. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import jsonpointer

from harness.http.content import MISSING, at
from harness.lists import families

NEXT = (
    *("next_cursor", "nextCursor", "next_page_token", "nextPageToken", "next_token", "nextToken", "next"),
    *(
        "next_url",
        "nextUrl",
        "next_link",
        "nextLink",
        "@odata.nextLink",
        "next_page_url",
        "next_page",
        "nextPage",
    ),
    *(
        "continuation_token",
        "continuationToken",
        "continuation",
        "endCursor",
        "end_cursor",
        "after",
        "cursor",
    ),
)
POSITIONS = ("endCursor", "end_cursor", "after", "cursor")
"""Members that name where a page ends, also the last one (as in GraphQL's PageInfo): a flag beside them counts."""
HAS_MORE = (
    *("has_more", "hasMore", "has_next", "hasNext", "has_next_page", "hasNextPage", "more"),
    *("is_truncated", "isTruncated", "truncated"),
)
TOTAL = (
    *("total", "total_count", "totalCount", "total_items", "totalItems", "total_results", "totalResults"),
    *("total_elements", "totalElements", "total_size", "totalSize", "total_records", "totalRecords", "count"),
    "@odata.count",
)
TOTAL_PAGES = (
    *(
        "total_pages",
        "totalPages",
        "total_page",
        "totalPage",
        "page_count",
        "pageCount",
        "last_page",
        "lastPage",
    ),
    *("num_pages", "numPages", "pages"),
)
PAGE = (
    *("page", "current_page", "currentPage", "page_number", "pageNumber", "pageNo", "page_no"),
    *("pageNum", "page_num", "pageIndex", "page_index"),
)
TOTAL_FIELDS = ("X-Total-Count", "Total-Count", "X-Total", "Total-Records", "Total-Objects")
NEXT_FIELDS = ("Next-Page", "X-Next-Page-Url", "X-Next-Page")
CONTAINERS = (
    *(
        "",
        "/meta",
        "/metadata",
        "/links",
        "/_links",
        "/paging",
        "/pagination",
        "/page_info",
        "/pageInfo",
        "/page",
    ),
    *("/meta/pagination", "/meta/page", "/meta/cursor", "/response_metadata", "/paging/cursors", "/cursors"),
)


def pointers(value: Any, shown: int) -> dict[str, str]:
    """Keys of a profile's `pagination`, with the place where an answer to a list has them.

    Args:
        value: the JSON of a page after which others follow.
        shown: how many items it shows; a `count` equal to that is not a total.
    """
    fitting = {key: fits for key, _, fits in _KINDS}
    by_family = families.pages(value)
    found = {key: place for key, place in by_family.items() if fitting[key](families.found(value, place))}
    inside = _containers(value)
    for key, names, fits in _KINDS:
        place = _place(inside, names, fits)
        if place is not None:
            found.setdefault(key, place)
    flag = found.get("has_more", "")
    if flag.endswith("/truncated") and at(value, flag) is False:
        # It may mean that the page is not truncated, and say nothing about further pages.
        del found["has_more"]
    total = found.get("total", "")
    if total.endswith("/count") and at(value, total) == shown:
        del found["total"]
    return found


def documented(properties: Mapping[str, Any]) -> dict[str, str]:
    """The same from member names alone, as nested mappings: the information of a schema."""
    found: dict[str, str] = {}
    inside = _containers(properties)
    beside = {container: members for container, members in inside.items() if container}
    for key, names, _ in _KINDS:
        kept = tuple(name for name in names if name not in ("count", "cursor", "after", "truncated"))
        place = _place(inside, kept, _leaf)
        if place is None and key == "next":
            # At the top these may be members of anything; in what describes the page they are not.
            place = _place(beside, POSITIONS, _leaf)
        if place is not None:
            found[key] = place
    return found


def _leaf(value: Any) -> bool:
    return not isinstance(value, Mapping) or not value


def next_field(names: Iterable[str]) -> str | None:
    """The header field of a response that gives the next page."""
    return _named(names, NEXT_FIELDS)


def total_field(names: Iterable[str]) -> str | None:
    """The header field of a response that gives the number of items."""
    return _named(names, TOTAL_FIELDS)


def _named(names: Iterable[str], known: Iterable[str]) -> str | None:
    there = {name.lower() for name in names}
    return next((name for name in known if name.lower() in there), None)


def has_last_flag(value: Any) -> bool:
    """Whether a page says by flags whether it is the first, and the last, as those of Spring Data do."""
    if not isinstance(value, Mapping):
        return False
    flags = all(isinstance(value.get(name), bool) for name in ("first", "last"))
    return flags and any(name in value for name in ("totalPages", "numberOfElements", "pageable"))


def _containers(value: Any) -> dict[str, Mapping[str, Any]]:
    there = {container: at(value, container) for container in CONTAINERS}
    return {container: inside for container, inside in there.items() if isinstance(inside, Mapping)}


def _place(
    containers: Mapping[str, Mapping[str, Any]], names: tuple[str, ...], fits: Callable[[Any], bool]
) -> str | None:
    for container, inside in containers.items():
        for name in names:
            pointer = f"{container}/{jsonpointer.escape(name)}"
            shown = inside.get(name, MISSING)
            if isinstance(shown, Mapping) and "href" in shown:
                shown, pointer = shown["href"], f"{pointer}/href"
            if shown is not MISSING and fits(shown):
                return pointer
    return None


def _text(value: Any) -> bool:
    return value is None or (isinstance(value, str | int) and not isinstance(value, bool))


def _url(value: Any) -> bool:
    return value is None or (isinstance(value, str) and ("/" in value or value.startswith("?")))


def _number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


_KINDS: tuple[tuple[str, tuple[str, ...], Callable[[Any], bool]], ...] = (
    ("next", NEXT, _text),
    ("prev", ("prev", "previous", "prev_url", "prevLink", "prev_page_url"), _url),
    ("first", ("first", "first_page_url"), _url),
    ("last", ("last", "last_page_url"), _url),
    ("has_more", HAS_MORE, _flag),
    ("total", TOTAL, _number),
    ("total_pages", TOTAL_PAGES, _number),
    ("page", PAGE, _number),
)
