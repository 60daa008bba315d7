"""What the model server keeps of the truth: which items there are, who made them, and what others do to them."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.safety.behaviour import Behaviour


@dataclass
class Item:
    """One item.

    Attributes:
        owner: "run", or "somebody".
        since: how many requests there had been when it was made.
        archived: whether a DELETE has put it away.
    """

    id: int | str
    owner: str
    values: dict[str, Any]
    since: int = 0
    version: int = 1
    archived: bool = False


@dataclass
class Overwritten:
    """A create that changed an item of somebody else.

    Attributes:
        raced: whether it was one of several that were sent at once, none of which could wait for another's answer.
    """

    collection: str
    id: str
    raced: bool = False


@dataclass
class Truth:
    """Collections `orders` and `customers`, and `notes` below each of their items.

    Attributes:
        behaviour: may be replaced or changed at any time.
        documented: whether there is an OpenAPI document, of orders.
        elsewhere: URL of a server at another origin.
        violations: what a run must never send, a line each.
        overwritten: creates that changed an item of somebody else.
        writes: unsafe requests that reached an item of the run.
        posts: creates that were carried out, or seem to be.
        racing: whether requests are raced now: what somebody does between two of them waits for the end of that.
    """

    behaviour: Behaviour = field(default_factory=Behaviour)
    elsewhere: str = "http://127.0.0.1:9"
    shown: tuple[str, ...] = ("orders", "customers")
    documented: bool = False
    collections: dict[str, list[Item]] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    overwritten: list[Overwritten] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    writes: int = 0
    posts: int = 0
    racing: bool = False

    def __post_init__(self) -> None:
        self.reset()

    def reset(self, behaviour: Behaviour | None = None, foreign: int = 4) -> None:
        """Begin anew, with so many items of somebody else in each collection."""
        self.behaviour = behaviour or Behaviour()
        self.collections = {"orders": [], "customers": []}
        self.violations, self.overwritten, self.log, self.writes = [], [], [], 0
        self.posts, self.racing, self.documented = 0, False, False
        self._count, self._last, self._keys = 0, Counter[str](), {}
        # More customers than there will be orders: an order's id is always that of a customer, too.
        for name, count in (("orders", foreign), ("customers", foreign + 60)):
            for _ in range(count):
                self.somebody_adds(name)
        self._backup = {name: [self._copy(one) for one in items] for name, items in self.collections.items()}
        self._backed = dict(self._last)

    # -- what others do --------------------------------------------------------------------------------

    def somebody_adds(self, collection: str = "orders") -> Item:
        number = self._last[collection] + 1
        kind = ("small", "large")[number % 2]
        values = {
            "note": f"a note of theirs {number}",
            "customer_ref": f"REF-{number:04}",
            "kind": kind,
            "size": number % 5,
        }
        item = Item(self._new_id(collection), "somebody", values, self._count)
        self.collections[collection].append(item)
        return item

    def somebody_removes(self, collection: str = "orders") -> None:
        """The newest item of somebody else goes; one always stays."""
        theirs = [one for one in self.collections[collection] if one.owner == "somebody"]
        if len(theirs) > 1:
            self.collections[collection].remove(theirs[-1])

    def restore(self, more: int = 12) -> None:
        """Bring the state of the beginning back, after which somebody makes items under the next ids.

        These have sizes that no other item has: two items that show the same cannot be told apart.
        """
        self.collections = {name: [self._copy(one) for one in items] for name, items in self._backup.items()}
        self._last, self._keys = Counter(self._backed), {}
        for name in ("orders", "customers"):
            for _ in range(more):
                self.somebody_adds(name).values["size"] += 10

    def race_is_over(self) -> None:
        self.racing = False
        if self.behaviour.takes_over:
            self.somebody_adds()

    def theirs(self, collection: str = "orders") -> dict[str, dict[str, Any]]:
        """Values of the items of somebody else, by id."""
        return {
            str(one.id): dict(one.values)
            for one in self.collections[collection]
            if one.owner == "somebody" and not one.archived
        }

    def ours(self, collection: str = "orders") -> list[str]:
        """Ids of the items of the run that are still there."""
        return [
            str(one.id) for one in self.collections[collection] if one.owner == "run" and not one.archived
        ]

    @staticmethod
    def _copy(one: Item) -> Item:
        return Item(one.id, one.owner, dict(one.values), one.since, one.version, one.archived)

    # -- finding ---------------------------------------------------------------------------------------

    def _new_id(self, collection: str) -> int | str:
        if self.behaviour.ids == "uuid":
            self._last[collection] += 1
            return str(uuid.uuid4())
        if self.behaviour.ids == "reused":
            taken = {str(one.id) for one in self.collections[collection]}
            self._last[collection] += 1
            return next(number for number in range(1, 10_000) if str(number) not in taken)
        self._last[collection] += 1
        return self._last[collection]

    def _find(self, collection: str, id: str) -> Item | None:
        found = next((one for one in self.collections[collection] if str(one.id) == id), None)
        if found is not None or not self.behaviour.lenient:
            return found
        return next(
            (one for one in self.collections[collection] if _loosely(str(one.id)) == _loosely(id)), None
        )

    def _first(self, collection: str) -> Item:
        return self._others(collection)[0]

    def _latest(self, collection: str) -> Item:
        return self._others(collection)[-1]

    def _others(self, collection: str) -> list[Item]:
        """The items of somebody else there; of orders, where there are none."""
        found = [one for one in self.collections[collection] if one.owner == "somebody"]
        return found or [one for one in self.collections["orders"] if one.owner == "somebody"]

    def _earliest(self, collection: str, item: Item) -> Item:
        return next((one for one in self.collections[collection] if one.owner == "run"), item)


def _loosely(id: str) -> str:
    """An id as a server takes it that trims, knows numbers, and leaves parameters of a path's segment aside."""
    text = id.partition(";")[0].partition("\0")[0].strip().casefold()
    try:
        return str(int(float(text)))
    except (ValueError, OverflowError):
        return text
