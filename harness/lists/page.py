"""The paging data of one page of a list, and the URL of the next page. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, unquote_plus, urlsplit

from harness.http import links
from harness.http.content import MISSING, at
from harness.http.fields import number_in
from harness.lists import conventions as signals
from harness.lists import families
from harness.profile.models import Pagination


@dataclass(frozen=True)
class PageInfo:
    """The paging data of a page.

    Attributes:
        url: reference of the next page (Link, a header field, or a member).
        cursor: value that asks for the next page.
        number: of the next page.
        has_more: as the flag says; None without one.
        signals: whether more items follow, by where the page says so.
        neighbours: references of the pages `prev`, `first` and `last`.
    """

    url: str | None = None
    cursor: str | None = None
    number: int | None = None
    has_more: bool | None = None
    total: int | None = None
    total_pages: int | None = None
    page: int | None = None
    signals: Mapping[str, bool] = field(default_factory=dict)
    neighbours: Mapping[str, str] = field(default_factory=dict)

    @property
    def more(self) -> bool:
        """Whether the page says that more follows: in its content, or else in its header fields."""
        content = [more for where, more in self.signals.items() if where.startswith("/")]
        return any(content or self.signals.values())


def complete(how: Pagination | None, value: Any, shown: int) -> Pagination:
    """What is known, and what the usual names in an answer add to it."""
    how = how or Pagination()
    found = {key: place for key, place in signals.pointers(value, shown).items() if getattr(how, key) is None}
    return how.model_copy(update=found)


def page_info(how: Pagination, fields: Mapping[str, str], value: Any) -> PageInfo:
    """Reads the paging data of a page.

    Args:
        how: the API's paging convention.
        fields: of the answer; names in any case.
        value: its JSON.
    """
    by_name = {name.lower(): text for name, text in fields.items()}
    field_url = by_name.get((how.next_field or "Next-Page").lower())
    link = links.target(by_name.get("link"), "next")
    found = MISSING if how.next is None else families.found(value, how.next)
    flag = MISSING if how.has_more is None else at(value, how.has_more)
    says = {"Link rel=next": link is not None}
    if how.next_field is not None or field_url is not None:
        says[how.next_field or "Next-Page"] = field_url is not None
    there = found not in (MISSING, None, "", False)
    position = how.next is not None and how.next.rsplit("/", 1)[-1] in signals.POSITIONS
    if how.next is not None and found is not MISSING and not (position and isinstance(flag, bool)):
        says[how.next] = there
    if isinstance(flag, bool):
        says[str(how.has_more)] = flag
    if flag is MISSING and signals.has_last_flag(value):
        says["/last"] = not value["last"]
    url, cursor, number = link or field_url, None, None
    if there:
        if isinstance(found, str) and is_url(found):
            url = url or found
        elif how.style == "page" and isinstance(found, int):
            number = found
        elif isinstance(found, str | int):
            cursor = str(found)
    return PageInfo(
        url=url,
        cursor=cursor,
        number=number,
        has_more=flag if isinstance(flag, bool) else None,
        total=_number(value, how.total)
        if how.total
        else _digits(by_name.get((how.total_field or "").lower())),
        total_pages=_number(value, how.total_pages),
        page=_number(value, how.page),
        signals=says,
        neighbours=_neighbours(how, by_name.get("link"), value),
    )


def following(
    how: Pagination, url: str, page: PageInfo, ids: Sequence[str], seen: int, *, counting: bool = True
) -> str | None:
    """URL, or a reference, of the page after one; None at the end, or where no way on is known.

    Parameters go before links, which a rule of their own judges: a cursor is put into the request that was sent, and
    pages that have numbers are asked for by the next one.

    Args:
        how: how pages are asked for.
        url: of the page.
        page: its paging data.
        ids: of the items on it.
        seen: how many items the pages up to it have shown.
        counting: whether to request pages that no page links to.
    """
    said = [more for where, more in page.signals.items() if where.startswith("/")]
    if said and not any(said):
        return None
    if page.cursor is not None and how.cursor_param is not None:
        return with_param(url, how.cursor_param, page.cursor)
    if page.number is not None and how.page_param is not None:
        return with_param(url, how.page_param, str(page.number))
    if how.style == "keyset" and page.has_more and ids and how.cursor_param is not None:
        return with_param(url, how.cursor_param, ids[-1])
    if page.url is not None and not (counting and how.style == "page"):
        return page.url
    if not counting or how.style not in ("page", "offset"):
        return page.url
    if not page.more and (not ids or _ends_here(how, page, seen)):
        return None
    return _counted(how, url, len(ids)) or page.url


def _ends_here(how: Pagination, page: PageInfo, seen: int) -> bool:
    if page.total is not None and not how.estimates:
        return seen >= page.total
    return page.page is not None and page.total_pages is not None and page.page >= page.total_pages


def _counted(how: Pagination, url: str, shown: int) -> str | None:
    if how.style == "page" and how.page_param is not None:
        given = _digits(param(url, how.page_param))
        now = first_page(how) if given is None else given
        return with_param(url, how.page_param, str(now + 1))
    if how.style == "offset" and how.offset_param is not None:
        given = _digits(param(url, how.offset_param))
        now = how.first_offset if given is None else given
        return with_param(url, how.offset_param, str(now + shown))
    return None


def first_page(how: Pagination) -> int:
    """The number of the first page, as far as it is known."""
    return 1 if how.first_page is None else how.first_page


def is_url(value: str) -> bool:
    """Whether a value for the next page is a URL reference, and not a cursor (which may begin with /)."""
    return "://" in value or value.startswith("?") or (value.startswith("/") and "?" in value)


def param(url: str, name: str) -> str | None:
    """The value of a query parameter."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)).get(name)


def with_param(url: str, name: str, value: str | None) -> str:
    """The URL with another value of a query parameter, or without it; all else stays as it is written."""
    base, _, query = url.partition("?")
    parts = [part for part in query.split("&") if part]
    named = [unquote_plus(part.partition("=")[0]) == name for part in parts]
    new = [] if value is None else [f"{quote(name, safe='[]$')}={quote(value, safe='')}"]
    if True in named and new:
        parts = [new[0] if hit else part for part, hit in zip(parts, named, strict=True)]
    else:
        parts = [part for part, hit in zip(parts, named, strict=True) if not hit] + new
    return f"{base}?{'&'.join(parts)}" if parts else base


def _neighbours(how: Pagination, link: str | None, value: Any) -> dict[str, str]:
    found = {}
    for name in ("prev", "first", "last"):
        place = getattr(how, name)
        inside = families.found(value, place) if place else MISSING
        reference = links.target(link, name)
        if reference is None and name == "prev":
            reference = links.target(link, "previous")
        if reference is None and isinstance(inside, str) and inside:
            reference = inside
        if reference is not None:
            found[name] = reference
    return found


def _number(value: Any, pointer: str | None) -> int | None:
    found = at(value, pointer) if pointer else MISSING
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _digits(text: str | None) -> int | None:
    return number_in(text) if text is not None and text.isascii() and text.isdigit() else None
