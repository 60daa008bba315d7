"""Items with values that bite, and how a list shows them for a query."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import jsonpointer

from harness.client.eventually import eventually
from harness.http.content import MISSING, at, key_parts, replaced
from harness.lists.page import with_param
from harness.lists.traversal import Page, Walk
from harness.payloads.constraints import valid
from harness.resource.item import Item
from harness.resource.matching import listed_value
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import control, evidence, inconclusive

from .parameters import Query

MOST_PAGES = 12
LARGE = 100
SMALL = 3
"""Items on a page that is smaller than what the rule creates."""
MOST_SMALL_PAGES = 8
NUMBERS = (100, 9, 10, 2, 9, 35, 1000, -5)
"""Of different length, two of them equal, one negative."""
ROWS = (
    NUMBERS,
    (*NUMBERS[:-1], 25),
    tuple(abs(one) + 20 for one in NUMBERS),
    (100, 9, 10, 2, 9, 35, 80, 1),
    (5, 2, 3, 1, 2, 4, 4, 1),
)
"""The same within narrower bounds, the widest first."""


def texts(token: str) -> tuple[str, ...]:
    """Texts whose case and accents differ, that nobody else has; two that differ in what is a wildcard of SQL.

    Args:
        token: of the run: by it, the run recognises its items.
    """
    end = token + uuid.uuid4().hex[:6]
    return (
        *(f"zebra{end}", f"Apple{end}", f"banana{end}", f"Zoo{end}", f"\u00e4pfel{end}"),
        *(f"like_{end}", f"likeX{end}", f'say{end} "a&b" 1+1 \u00fc'),
    )


def token_of(resource: ResourceUnderTest) -> str:
    """The token of the run."""
    return resource.client.recorder.ownership.token


@dataclass
class Fixtures:
    """Items that the rule created, and the values that they show.

    Attributes:
        members: `number` or `text`, by the name of a member that has such values.
        values: by member, and by the id of the item; None where an item has none.
    """

    resource: ResourceUnderTest
    window: float
    members: dict[str, str]
    items: dict[str, Item] = field(default_factory=dict)
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    _listed: list[str] = field(default_factory=list)

    def create(self) -> None:
        """Create the items with texts and numbers, and wait until the list shows them.

        Raises:
            Undecided: they are refused, or are not listed.
        """
        inside = self.resource.known.representation
        rows: dict[str, tuple[Any, ...]] = {
            name: (numbers_for(self.resource, name) or NUMBERS)
            if kind == "number"
            else texts(token_of(self.resource))
            for name, kind in self.members.items()
        }
        bodies = []
        for number in range(len(NUMBERS)):
            body = self.resource.body()
            for name, row in rows.items():
                place = f"{inside}/{jsonpointer.escape(name)}"
                body = replaced(body, place, row[number])
            bodies.append(body)
        self.create_each(bodies)

    def create_each(self, bodies: Iterable[Any]) -> None:
        """Create an item of each body, and wait until the list shows them.

        Raises:
            Undecided: they are refused, or are not listed.
        """
        for body in bodies:
            item = self.resource.create(body)
            self.items[item.id] = item
        walk = self.listed(())
        if walk is None or set(self.items) - set(walk.ids):
            inconclusive(
                f"{MOST_PAGES} pages of {self.resource.name} do not show all items that were created"
            )
        self._listed = walk.ids
        for name in self.members:
            self.values[name] = self._shown(walk, name)

    def _shown(self, walk: Walk, name: str) -> dict[str, Any]:
        whole = f"{self.resource.known.representation}/{jsonpointer.escape(name)}"
        found: dict[str, Any] = {}
        for page in walk.pages:
            for id, item in pairs(page, self.resource):
                if id in self.items:
                    value = listed_value(self.resource.known, item, whole)
                    found[id] = None if value is MISSING else value
        return found

    def shown(self, id: str, name: str) -> Any:
        """What the list shows of a member of one item; None where it has no value."""
        walk = self.listed((), wait=False)
        return self._shown(walk, name).get(id) if walk is not None else None

    def listed(self, query: Query, *, wait: bool = True) -> Walk | None:
        """A traversal of the list under a query, None where it is refused.

        Args:
            wait: for the list to show all items, once.

        Raises:
            Undecided: the server fails, or the list is too long.
        """
        walks: list[Walk] = []

        def complete() -> bool:
            how = self.resource.known.pagination
            limit = min(how.max or LARGE, LARGE) if how is not None and how.limit_param else None
            walk = Walk(self.resource, dict(query), limit)
            while not walk.over and len(walk.pages) < MOST_PAGES and set(self.items) - set(walk.ids):
                if not walk.step().ok:
                    break
            walks[:] = [walk]
            return not (set(self.items) - set(walk.ids))

        if wait:
            eventually(complete, self.window)
        else:
            complete()
        walk = walks[-1]
        if walk.broken is not None:
            control(
                walk.broken.reply.status_code < 500, f"the list should be readable: {walk.broken.summary}"
            )
            return None
        if not walk.over and set(self.items) - set(walk.ids):
            inconclusive(
                f"{self.resource.name} lists more than {len(walk.ids)} items, most of them from others"
            )
        return walk

    def small_pages(self, query: Query) -> list[str] | None:
        """Ids of the items in the order of a traversal with pages of a few items; None where it does not end.

        A list with many items of others is left alone: to reach those of the rule would take too many pages.
        """
        known = self.resource.known.pagination
        if known is None or known.limit_param is None or len(self._listed) > MOST_SMALL_PAGES * SMALL:
            return None
        walk = Walk(self.resource, dict(query), SMALL)
        while not walk.over and len(walk.pages) < MOST_SMALL_PAGES:
            if not walk.step().ok:
                return None
        return [id for id in walk.ids if id in self.items] if walk.over and walk.loop is None else None

    def beyond_first_page(self) -> list[str]:
        """Ids of the items that are not on the first of small pages of the whole list; none where it has many pages."""
        known = self.resource.known.pagination
        if known is None or known.limit_param is None or len(self._listed) > MOST_SMALL_PAGES * SMALL:
            return []
        return [id for id in self._listed[SMALL:] if id in self.items]

    def order(self, query: Query, *, wait: bool = True) -> list[str] | None:
        """Ids of the items in the order of the list under a query; None where it is refused."""
        walk = self.listed(query, wait=wait)
        return None if walk is None else [id for id in walk.ids if id in self.items]


def pairs(page: Page, resource: ResourceUnderTest) -> list[tuple[str, Any]]:
    """The ids and items of a page."""
    items = page.items or []
    return list(zip(page.ids, items, strict=True)) if len(page.ids) == len(items) else []


def members_of(resource: ResourceUnderTest) -> dict[str, str]:
    """Members of a create body that may have any number or any text: `number` or `text` by name."""
    known = resource.known
    body = at(known.body, known.representation)
    found = {}
    for name, value in body.items() if isinstance(body, dict) else ():
        pointer = "/" + jsonpointer.escape(name)
        place = known.representation + pointer
        if (
            pointer in known.unique
            or name in known.read_only
            or pointer in (*key_parts(known.id), known.locking.version)
        ):
            continue
        if isinstance(value, int | float) and not isinstance(value, bool):
            if numbers_for(resource, name) is not None:
                found[name] = "number"
        elif isinstance(value, str) and all(
            _accepts(resource, place, text) for text in texts(token_of(resource))
        ):
            found[name] = "text"
    return found


def numbers_for(resource: ResourceUnderTest, name: str) -> tuple[int, ...] | None:
    """Numbers that a member may have; None where its bounds are too narrow."""
    if resource.known.create_schema is None:
        # Nothing says that it may be negative.
        return tuple(abs(one) for one in NUMBERS)
    place = f"{resource.known.representation}/{jsonpointer.escape(name)}"
    return next((row for row in ROWS if all(_accepts(resource, place, one) for one in row)), None)


def _accepts(resource: ResourceUnderTest, place: str, value: Any) -> bool:
    schema = resource.known.create_schema
    if schema is not None:
        return valid(schema, replaced(resource.known.body, place, value))
    # Without a schema, a text with a form of its own (a date, an email, a link, an id) is left alone.
    shown = at(resource.known.body, place)
    return not isinstance(value, str) or (isinstance(shown, str) and not set("@:/-") & set(shown))


def asked(resource: ResourceUnderTest, query: Query) -> str:
    """A query of the list as a finding shows it."""
    url = resource.url
    for name, value in query:
        url = with_param(url, name, value)
    return (
        "GET " + url[len(resource.client.url("")) :]
        if url.startswith(resource.client.url(""))
        else f"GET {url}"
    )


def fixtures(resource: ResourceUnderTest, window: float, members: dict[str, str]) -> Fixtures:
    """Items with values for these members.

    Raises:
        Undecided: they cannot be created and removed.
    """
    if not resource.may_create or not resource.can("delete"):
        inconclusive(f"items of {resource.name} cannot be created and removed, and the rule needs some")
    made = Fixtures(resource, window, members)
    made.create()
    for name in list(members):
        if len({str(one) for one in made.values[name].values() if one is not None}) < len(NUMBERS) // 2:
            evidence(f"not judged: the list shows too few values of {name}")
            del made.members[name]
    return made
