"""A traversal: one page after the other, whatever the style of the API's pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx

from harness.client.client import Client, exchange_of
from harness.http.content import at, id_text, json_of
from harness.http.decoding import MOST_OCTETS
from harness.lists.page import PageInfo, complete, first_page, following, page_info, with_param
from harness.profile.models import Pagination, Resource
from harness.rules.checks import inconclusive

EMPTY = 3
"""Pages without items in a row after which a list does not end: one at the end is lawful (AIP-158)."""
STILL = 3
"""Pages with the same items after which a traversal is given up."""


class TraversedCollection(Protocol):
    """What a traversal needs of the collection that it reads."""

    @property
    def known(self) -> Resource: ...

    @property
    def client(self) -> Client: ...

    @property
    def name(self) -> str: ...

    @property
    def url(self) -> str: ...

    @property
    def listed_id(self) -> str:
        """Where the id is in a listed item (JSON Pointer)."""
        ...


@dataclass(frozen=True)
class Page:
    """One page as it was answered.

    Attributes:
        url: that it was asked for with.
        items: None where the answer shows no array.
        ids: of the items that have one.
        following: absolute URL of the next page; None at the end.
    """

    number: int
    url: str
    reply: httpx.Response
    value: Any
    items: list[Any] | None
    ids: tuple[str, ...]
    info: PageInfo
    following: str | None

    @property
    def ok(self) -> bool:
        return self.reply.is_success and self.items is not None

    @property
    def summary(self) -> str:
        shown = f" ({len(self.items)} items)" if self.items is not None else ""
        return exchange_of(self.reply).summary() + shown


@dataclass
class Walk:
    """A traversal that goes on page by page.

    Args:
        resource: whose collection is read.
        query: parameters that stay the same: filters, order.
        limit: page size; the API's own when omitted.
        links_only: begin with the bare collection, and follow only links in pages, without counting.
        again: a new connection for every page.
    """

    resource: TraversedCollection
    query: Mapping[str, str] = field(default_factory=dict)
    limit: int | None = None
    links_only: bool = False
    new_connections: bool = False

    def __post_init__(self) -> None:
        self.how: Pagination = self.resource.known.pagination or Pagination()
        self.pages: list[Page] = []
        self.asked: set[str] = set()
        plain = self.resource.url
        self.url: str | None = plain if self.links_only else start(self.resource, self.query, self.limit)
        self.loop: str | None = None
        self._size = 0

    @property
    def ids(self) -> list[str]:
        return [id for page in self.pages for id in page.ids]

    @property
    def over(self) -> bool:
        """Whether no page is left to be read."""
        return self.url is None

    @property
    def full(self) -> bool:
        """Whether the pages have more content than is read of one list."""
        return self._size > MOST_OCTETS

    @property
    def broken(self) -> Page | None:
        """The page that was refused, or shows no items, and so ended the traversal."""
        return self.pages[-1] if self.pages and not self.pages[-1].ok else None

    def step(self) -> Page:
        """Read the next page; there must be one.

        Raises:
            Undecided: those before have too much content.
        """
        assert self.url is not None
        if self.full:
            inconclusive(
                f"{len(self.pages)} pages of {self.resource.name} have more than {MOST_OCTETS} bytes, and the end "
                "was not reached"
            )
        url = self.url
        self.asked.add(url)
        page = self.at(url)
        self.pages.append(page)
        self._size += len(page.reply.content)
        self.url = page.following if page.ok else None
        if self.url is not None and self.url in self.asked:
            self.loop, self.url = f"{page.summary} leads back to {_target(self.url)}", None
        elif self.url is not None and self._stands_still():
            shown = f"the {STILL} pages up to {page.summary}"
            self.loop, self.url = f"{shown} show the same items and lead to another page", None
        elif (
            self.url is not None and len(self.pages) >= EMPTY and not any(p.ids for p in self.pages[-EMPTY:])
        ):
            self.loop, self.url = (
                f"{page.summary} is the {EMPTY}rd page without items that leads to another",
                None,
            )
        return page

    def _stands_still(self) -> bool:
        """Whether the last pages show the same items: other clients may move one page, but not several alike."""
        last = [page.ids for page in self.pages[-STILL:]]
        return len(last) == STILL and bool(last[0]) and all(ids == last[0] for ids in last)

    def resize(self, limit: int) -> None:
        """Another page size from the next page on."""
        self.limit = limit
        if self.url is not None and self.how.limit_param is not None:
            self.url = with_param(self.url, self.how.limit_param, str(limit))

    def run(self, most: int) -> Walk:
        """Go on to the end.

        Raises:
            Undecided: it is not reached after so many pages.
        """
        while self.url is not None:
            if len(self.pages) >= most:
                inconclusive(f"{most} pages of {self.resource.name} were read, and the end was not reached")
            self.step()
        return self

    def at(self, url: str) -> Page:
        """The page at any URL of the list, without going there."""
        reply = self.resource.client.get(url, headers={"Connection": "close"} if self.new_connections else {})
        value, known = json_of(reply), self.resource.known
        listed = at(value, known.items or "")
        items = listed if isinstance(listed, list) else None
        places = (self.resource.listed_id, known.id)
        ids = [
            next((id for place in places if (id := id_text(at(item, place)))), None) for item in items or []
        ]
        plain = tuple(id for id in ids if id is not None)
        how = complete(self.how, value, len(items or []))
        says = page_info(how, reply.headers, value)
        seen = sum(len(page.ids) for page in self.pages) + len(plain)
        counting = not self.links_only
        reference = following(how, url, says, plain, seen, counting=counting) if items is not None else None
        onward = None if reference is None else self.resource.client.resolve(reference, url)
        return Page(len(self.pages) + 1, url, reply, value, items, plain, says, onward)


def start(resource: TraversedCollection, query: Mapping[str, str], limit: int | None = None) -> str:
    """URL of the first page."""
    url, how = resource.url, resource.known.pagination or Pagination()
    for name, value in query.items():
        url = with_param(url, name, value)
    if how.style == "page" and how.page_param is not None:
        # Some page only those lists that are asked for by number.
        url = with_param(url, how.page_param, str(first_page(how)))
    if limit is not None and how.limit_param is not None:
        url = with_param(url, how.limit_param, str(limit))
    return url


def _target(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
