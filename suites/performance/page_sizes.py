"""Pages of one list in several sizes, with and without related resources, and how long each takes: in turns."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.client.client import exchange_of
from harness.http.content import at, json_of
from harness.http.exchange import Exchange
from harness.lists.page import page_info, param, with_param
from harness.lists.traversal import start
from harness.load.machine import Machine
from harness.load.sample import Lag
from harness.load.verdicts import Conditions
from harness.profile.models import Pagination, Resource
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import applies, control, evidence
from harness.survey.openapi.expansion import expands, relations
from harness.survey.openapi.queries import QueryParameter

from .per_item import Size

LARGEST = 80
FEWEST_ITEMS = 20
"""Items on the largest page: on a smaller one, work for each item is not to be told from chance."""
USUAL = 10
"""Items that a page may have by default, after which more may come though nothing says so."""
ROUNDS = 20
FIRST_LOOK = 3
"""Rounds after which a list that is fast at any size is left alone."""
FEWEST_ROUNDS = 5
"""The fewest of which a bound has 95 % confidence."""
LONGEST = 20.0
"""Seconds after which no further round begins, if there were enough."""
NOTICED = 0.04
"""Seconds by which a large page must be slower for more than a first look."""
PAUSE = 0.002
"""Seconds of a pause between two requests, whose excess is the harness' own lag."""
MOST_RELATIONS = 2


@dataclass
class Pages:
    """The pages of one list in three sizes, the smallest first.

    Attributes:
        name: of the related resource that is embedded, with its parameter; empty for none.
        urls: one for each size.
    """

    name: str
    urls: list[str]
    items: list[int] = field(default_factory=list)
    content: list[int] = field(default_factory=list)
    latencies: list[list[float]] = field(default_factory=lambda: [[], [], []])

    @property
    def sizes(self) -> list[Size]:
        return [
            Size(items, content, tuple(latencies))
            for items, content, latencies in zip(self.items, self.content, self.latencies, strict=True)
        ]

    @property
    def slower(self) -> bool:
        """Whether the largest page is noticeably slower than the smallest: each time, as chance is not."""
        return min(self.latencies[-1]) - min(self.latencies[0]) > NOTICED


@dataclass
class PageSizes:
    """What was measured of a list.

    Attributes:
        lags: by how much pauses were exceeded, in seconds.
    """

    resource: ResourceUnderTest
    plain: Pages
    embedding: list[Pages]
    lags: list[float] = field(default_factory=list)
    machine: Machine = field(default_factory=Machine)

    @property
    def under(self) -> Conditions:
        return Conditions(Lag(tuple(self.lags)), self.machine.use())

    @property
    def all(self) -> list[Pages]:
        return [self.plain, *self.embedding]

    def measure(self, enough: Callable[[PageSizes], bool]) -> None:
        """Ask for each page in turn, until that is enough, but not more often than `ROUNDS` nor for too long."""
        began = time.monotonic()
        for number in range(1, ROUNDS + 1):
            for pages in self.all:
                for place, url in enumerate(pages.urls):
                    pages.latencies[place].append(self._read(url))
            if number == FIRST_LOOK and not any(one.slower for one in self.all):
                return
            if number >= FEWEST_ROUNDS and (enough(self) or time.monotonic() - began > LONGEST):
                return

    def _read(self, url: str) -> float:
        asked = time.monotonic()
        time.sleep(PAUSE)
        self.lags.append(max(0.0, time.monotonic() - asked - PAUSE))
        exchange = exchange_of(self.resource.client.get(url))
        control(exchange.status == 200, f"a page should be served again: {exchange.summary()}")
        return exchange.ended - exchange.started


def seen_long(known: Resource, url: str, exchanges: Iterable[Exchange]) -> bool:
    """Whether the survey saw a list that may be long enough: what rules create meanwhile does not count. Pure.

    Args:
        url: of the collection.
    """
    how = known.pagination or Pagination()
    for one in exchanges:
        if one.method != "GET" or one.status != 200 or one.url.partition("?")[0] != url:
            continue
        try:
            value = one.json()
        except ValueError:
            if one.response_body.cut:
                return True
            continue
        items = at(value, known.items or "")
        info = page_info(how, dict(one.response_fields), value)
        usual = how.limit_param is None or param(one.url, how.limit_param) is None
        count = len(items) if isinstance(items, list) else 0
        if info.total is None:
            enough = count >= FEWEST_ITEMS or (usual and (count >= USUAL or (count > 0 and info.more)))
        else:
            enough = info.total >= FEWEST_ITEMS
        if enough:
            return True
    return False


def page_sizes(
    resource: ResourceUnderTest, documented: Iterable[QueryParameter], exchanges: Iterable[Exchange]
) -> PageSizes:
    """The pages to compare, each read once; it ends the rule where the list is not long enough.

    Args:
        documented: query parameters of all lists.
        exchanges: of the survey.
    """
    applies(
        seen_long(resource.known, resource.url, exchanges),
        f"{resource.name} had {FEWEST_ITEMS} items, or more than one page, when the run began",
    )
    how = resource.known.pagination
    most = min(LARGEST, (how.max if how is not None else None) or LARGEST)
    items, _ = _page(resource, _url(resource, most))
    count = len(items)
    applies(
        count >= FEWEST_ITEMS,
        f"a page of {resource.name} can have {FEWEST_ITEMS} items or more: {count} of at most {most} are there",
    )
    counts = [max(1, count // 16), count // 4, count]
    plain = Pages("", [_url(resource, one) for one in counts])
    control(
        _fill(resource, plain, counts), f"{resource.name} should have pages of {counts} items: {plain.items}"
    )
    embedded = []
    for parameter, name in embeddable(resource.known, documented, items[0]):
        pages = Pages(f"{parameter}={name}", [with_param(url, parameter, name) for url in plain.urls])
        # What embeds nothing shows no more than the plain list.
        if _fill(resource, pages, counts) and pages.content[-1] > plain.content[-1]:
            embedded.append(pages)
        else:
            evidence(f"not judged: {pages.name} embeds nothing in {resource.name}")
    return PageSizes(resource, plain, embedded)


def embeddable(known: Resource, documented: Iterable[QueryParameter], item: Any) -> list[tuple[str, str]]:
    """Parameters that embed related resources in a list, each with the name of one. Pure.

    Args:
        item: as the list shows it.
    """
    media = {known.media_type, *known.accepts, *known.offers.get("collection", [])}
    shown: Mapping[str, Any] = item if isinstance(item, dict) else {}
    found = []
    for one in documented:
        if one.path == known.collection and expands(one, "application/vnd.api+json" in media):
            ids = [name.removesuffix(end) for name in shown for end in ("_id", "Id") if name.endswith(end)]
            names = relations(one, shown) or [name for name in ids if name]
            found += [(one.name, name) for name in names[:MOST_RELATIONS]]
    return found[:MOST_RELATIONS]


def _url(resource: ResourceUnderTest, count: int) -> str:
    return start(resource, {}, count)


def _page(resource: ResourceUnderTest, url: str) -> tuple[list[Any], int]:
    """The items of a page, and the bytes of its content."""
    reply = resource.client.get(url)
    items = at(json_of(reply), resource.known.items or "") if reply.status_code == 200 else None
    return (items if isinstance(items, list) else []), len(reply.content)


def _fill(resource: ResourceUnderTest, pages: Pages, counts: list[int]) -> bool:
    """Read each page once, which fills caches, too; whether each has as many items as were asked for."""
    for url in pages.urls:
        items, content = _page(resource, url)
        pages.items.append(len(items))
        pages.content.append(content)
    return pages.items == counts
