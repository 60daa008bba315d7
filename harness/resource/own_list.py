"""The run's items in a list of their own, as far as the API can filter; else among those of other clients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness import payloads
from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.http.content import MISSING, at, replaced
from harness.lists.traversal import Page, Walk, start
from harness.payloads.constraints import valid
from harness.profile.models import Pagination, State
from harness.resource.item import Item
from harness.resource.resource import ResourceUnderTest
from harness.rules.checks import control, expect, inconclusive
from harness.rules.verdict import Level

MOST_PAGES = 12
"""Pages up to which a list that cannot be filtered is read."""
STEP = 10
"""Between the sort values of neighbours, so that others fit in between."""


def binding(resource: ResourceUnderTest, capability: str) -> Level:
    """MUST by the API's own declaration, SHOULD where a capability was merely seen."""
    known = resource.known.capabilities.get(capability)
    return Level.MUST if known is not None and known.state is State.DECLARED else Level.SHOULD


def scattered(count: int) -> list[int]:
    """The numbers below a count in an order that neither rises nor falls: halves in turns, such as 3, 0, 4, 1, 5, 2."""
    half = count // 2
    turns = [(half + place, place) for place in range(half)]
    return [number for pair in turns for number in pair] + ([count - 1] if count % 2 else [])


class Scope:
    """Creates items that one query selects, and lists them.

    Args:
        resource: the collection.
        window: seconds after which a list must show a completed write.
        sort: whether the list is to be sorted by the known member; the order of creation otherwise.
        alone: False leaves the list unfiltered.
    """

    def __init__(
        self, resource: ResourceUnderTest, window: float, *, sort: bool = False, alone: bool = True
    ) -> None:
        self.resource, self.window = resource, window
        self.how = resource.known.pagination or Pagination()
        self.items: dict[str, Item] = {}
        self.values: dict[str, int] = {}
        self.query: dict[str, str] = {}
        self.made = 0
        self.others: set[str] = set()
        self.tag = self._tag() if alone else None
        if self.tag is not None and self.how.filter_param is not None:
            self.query[self.how.filter_param] = self.tag
        self.sort = self.how.sort_member if sort and self.how.sort_param else None
        if self.sort is not None and self.how.sort_param is not None:
            self.query[self.how.sort_param] = self.how.sort_value or self.sort.rsplit("/", 1)[-1]

    def _tag(self) -> str | None:
        """A text that only our items have, in the member that the list can be filtered by."""
        member = self.how.filter_member
        if self.how.filter_param is None or member is None:
            return None
        known = self.resource.known.model_copy(update={"change": member})
        found = payloads.changed(known, self.resource.body_with(member))
        value = at(found[0], known.representation + member) if found is not None else None
        return value if isinstance(value, str) else None

    @classmethod
    def populated(
        cls,
        resource: ResourceUnderTest,
        window: float,
        count: int,
        *,
        sort: bool = False,
        among: int = 0,
    ) -> Scope:
        """A scope with so many items in it; where none may be created, the list as it is.

        Args:
            among: how many items that the query does not select are created before these, and after them.
        """
        able = resource.may_create and resource.can("delete")
        scope = cls(resource, window, sort=sort and able, alone=able)
        if able:
            scope.beside(among)
            scope.scatter(count)
            scope.beside(among)
            scope.settled()
        return scope

    # -- items -----------------------------------------------------------------------------------------

    def body(self, value: int | None = None) -> Any:
        """A create body: with our text, and with a value to sort by."""
        made: Any = self.resource.body()
        where = self.resource.known.representation
        if self.tag is not None:
            made = replaced(made, f"{where}{self.how.filter_member}", self.tag)
        if value is not None and self.how.sort_member is not None:
            made = replaced(made, where + self.how.sort_member, value)
        return made

    def create(self, value: int | None = None) -> Item:
        """One more item.

        Raises:
            Undecided: it could not be removed again, or is refused.
        """
        if not self.resource.can("delete"):
            inconclusive(
                f"items of {self.resource.name} cannot be removed, and the rule would have to create many"
            )
        item = self.resource.create(self.body(value))
        self.items[item.id] = item
        if value is not None:
            self.values[item.id] = value
        return item

    def fill(self, count: int) -> list[str]:
        """Create items until there are so many, with values that rise where the list is sorted."""
        while len(self.items) < count:
            # No value twice, also where items went meanwhile: ties are for another rule.
            value = self.base() + STEP * self.made if self.sort is not None else None
            self.made += 1
            self.create(value)
        return list(self.items)

    def scatter(self, count: int) -> None:
        """Create so many items, where the list is sorted with values in neither order of creation."""
        base = self.base() if self.sort is not None else 0
        for place in scattered(count):
            self.create(base + STEP * place if self.sort is not None else None)
        self.made = max(self.made, count)

    def trim(self, count: int) -> None:
        """Remove the latest items until there are no more than so many."""
        for id in list(self.items)[count:]:
            self.remove(id)

    def beside(self, count: int) -> None:
        """Create items that the query does not select."""
        for _ in range(count if self.tag is not None else 0):
            self.resource.create()

    def between(self, value: int, way: int) -> int:
        """A value that no item of the run has, right before (-1) or after (1) another."""
        taken = {self.values[id] for id in self.items if id in self.values}
        near = [value + way * step for step in range(1, STEP)]
        return next((one for one in near if one not in taken), near[0])

    def base(self) -> int:
        """The first value to sort by: that of a valid body, if values above it are valid as well."""
        known = self.resource.known
        body = self.resource.body()
        value = at(body, known.representation + (self.how.sort_member or ""))
        now = int(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0
        schema = known.create_schema
        # Room below it, for what is to come before the first.
        bases = [start + 10 * STEP for start in dict.fromkeys((now, 0))]
        fitting = [one for one in bases if schema is None or valid(schema, self.body(one + 100 * STEP))]
        if not fitting:
            inconclusive(f"no values of {self.how.sort_member} are known to sort by")
        return fitting[0]

    def remove(self, id: str) -> Any:
        """DELETE one of our items."""
        reply = self.items.pop(id).delete()
        control(
            reply.status_code < 400, f"an item of the run should be removable: {exchange_of(reply).summary()}"
        )
        return reply

    def change(self, id: str, value: int | None) -> Any:
        """Give an item another value to sort by, or change what an update may change."""
        item, known = self.items[id], self.resource.known
        if value is None or self.how.sort_member is None:
            reply = (
                item.put(item.put_body(change=True))
                if self.resource.can("replace")
                else self._patch(item, None)
            )
        elif self.resource.can("update") and known.partial:
            reply = self._patch(item, value)
        else:
            where = known.representation + self.how.sort_member
            reply = item.put(replaced(item.put_body(), where, value))
        control(reply.is_success, f"an item of the run should be changeable: {exchange_of(reply).summary()}")
        if value is not None:
            self.values[id] = value
        return reply

    def _patch(self, item: Item, value: int | None) -> Any:
        known = self.resource.known
        media = next(iter(known.partial), "application/json")
        if value is None or self.how.sort_member is None:
            found = payloads.changed(known, item.sent)
            pointer = found[1] if found is not None else None
            new = at(found[0], known.representation + pointer) if found is not None and pointer else MISSING
        else:
            pointer, new = self.how.sort_member, value
        if pointer is None:
            inconclusive(f"no member of {self.resource.name} is known to be changeable by an update")
        body = item.with_version(replaced({}, known.representation + pointer, new))
        fields = {**item.write_fields(), "Content-Type": media}
        return item.client.patch(item.url, json=body, headers=fields)

    @property
    def changeable(self) -> bool:
        partial = self.resource.can("update") and bool(self.resource.known.partial)
        return self.resource.can("replace") or partial

    # -- lists -----------------------------------------------------------------------------------------

    def walk(self, limit: int | None = None, *, new_connections: bool = False) -> Walk:
        """A traversal of the list that has our items."""
        return Walk(self.resource, self.query, limit, new_connections=new_connections)

    def url(self, limit: int | None = None) -> str:
        """Of the first page."""
        return start(self.resource, self.query, limit)

    def settled(self) -> list[str]:
        """Ids of all items in the list, the run's and others', once it shows all of the run's.

        Raises:
            Undecided: it does not within the window, or is too long to be read.
        """
        walks: list[Walk] = []

        def shown() -> bool:
            walk = self.walk(self.large)
            while not walk.over and len(walk.pages) < MOST_PAGES:
                control(walk.step().ok, f"the list should be readable: {walk.pages[-1].summary}")
            walks[:] = [walk]
            return set(self.items) <= set(walk.ids)

        complete = eventually(shown, self.window)
        if not walks[-1].over:
            inconclusive(
                f"{self.resource.name} lists more than {len(walks[-1].ids)} items, most of them from other clients: "
                "set `filter_param` and `filter_member` in its pagination"
            )
        self.others = set(walks[-1].ids) - set(self.items)
        if not complete:
            missing = len(set(self.items) - set(walks[-1].ids))
            inconclusive(
                f"{missing} of the {len(self.items)} items created are missing from the list after {self.window:g} s"
            )
        return walks[-1].ids

    def expect(
        self, holds: object, expected: str, observed: object, *, level: Level | None = None, cause: str = ""
    ) -> None:
        """The oracle, unless items of other clients have appeared or disappeared meanwhile."""
        if not holds:
            before = self.others
            self.settled()
            if self.others != before:
                count = len(self.others ^ before)
                inconclusive(f"{count} items of other clients appeared or disappeared meanwhile; {observed}")
        expect(holds, expected, observed, level=level, cause=cause)

    @property
    def large(self) -> int | None:
        """A page size that spares requests; None where none is known."""
        most = self.how.max
        return min(most, 100) if most is not None and self.how.limit_param is not None else None

    def own(self, ids: Sequence[str]) -> list[str]:
        """Those of the ids that belong to the run, in order; all of them if the run may not create any."""
        return [id for id in ids if id in self.items or not self.items]

    @property
    def selects(self) -> bool:
        """Whether the filter left only items of the run when the list was last settled; True without a filter."""
        return self.tag is None or not self.others

    def alien(self, page: Page) -> list[str]:
        """Ids on a page that the query should not have selected; none where the list is not filtered."""
        return [id for id in page.ids if id not in self.items] if self.tag is not None else []
