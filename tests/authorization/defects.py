"""Defects of access to other clients' items: for each rule at least one bug that real teams ship."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import partial
from typing import Any, NoReturn

from harness.reference.call import Call, Document
from harness.reference.endpoints import CollectionEndpoint, ItemEndpoint, LookupEndpoint
from harness.reference.errors import Problem
from harness.reference.pagination import Numbered, Paginator
from harness.reference.resources import ORDERS, ServedResource, TransitionPolicy
from harness.reference.store import StoredItem as Stored
from harness.reference.store import Transaction
from tests.matrix.defect import Defect
from tests.matrix.serving import defect

# -- AUTH-011: items by their URL ------------------------------------------------------------------------


class UnscopedItem(ItemEndpoint):
    """Looks the item up by its id alone, for some methods."""

    methods: tuple[str, ...] = ()

    def find(self, call: Call) -> Stored | None:
        if call.method in self.methods:
            return call.store.find(call.resource.name, call.parameters["id"])
        return super().find(call)


class UnscopedGet(UnscopedItem):
    """The check was forgotten where it is only read."""

    methods = ("GET", "HEAD")


class UnscopedPatch(UnscopedItem):
    """The check is in the handlers of GET, PUT and DELETE, and PATCH was added later."""

    methods = ("PATCH",)


class UnscopedDelete(UnscopedItem):
    """`DELETE FROM documents WHERE id = ?`."""

    methods = ("DELETE",)


class UnscopedAction(UnscopedItem):
    """The action below an item checks its state, not its owner."""

    methods = ("POST",)


class UnscopedCompletion(UnscopedItem):
    """The same in the newest action, which nobody has declared as a transition."""

    action = "complete"

    def find(self, call: Call) -> Stored | None:
        if call.parameters.get("action") == self.action:
            return call.store.find(call.resource.name, call.parameters["id"])
        return super().find(call)


class UnscopedApproval(UnscopedCompletion):
    """The same in an action that decides of the order."""

    action = "approve"


def orders_with(action: str) -> tuple[ServedResource, ...]:
    """Orders with a third action."""
    return (replace(ORDERS, transitions=(*ORDERS.transitions, TransitionPolicy(action, "pending", "paid"))),)


class IdFromContent(ItemEndpoint):
    """`repository.save(content)`: the id in the content decides what is replaced."""

    def replacement(self, call: Call, document: Document) -> Any:
        named = document.get("id")
        item = call.store.find(call.resource.name, named) if isinstance(named, str) else None
        if item is None:
            return super().replacement(call, document)
        data = self.replaced_data(call, item, document)
        return lambda tx: self.replaced(call, call.policies.locking.replace(call, tx, item, data))


class IdFromContentMoves(IdFromContent):
    """An upsert of the whole row, with its owner: what was client A's is client B's."""

    def replacement(self, call: Call, document: Document) -> Any:
        store = super().replacement(call, document)

        def moved(tx: Transaction) -> Any:
            reply = store(tx)
            tx.execute(
                "UPDATE items SET owner = ? WHERE kind = ? AND id = ?",
                (call.principal.name, call.resource.name, str(document.get("id"))),
            )
            return reply

        return moved


class FirstIdDecides(LookupEndpoint):
    """Whoever may see the first item may see them all."""

    def items(self, call: Call, ids: list[str]) -> list[Stored]:
        if not super().items(call, ids[:1]):
            return []
        found = [call.store.find(call.resource.name, id) for id in ids]
        return [item for item in found if item is not None]


# -- AUTH-012: lists -------------------------------------------------------------------------------------


class UnscopedList(Paginator):
    """`SELECT * FROM orders`."""

    def owner(self, call: Call) -> str | None:
        return None


class UnscopedFilter(Paginator):
    """A filter is another query, in which the owner was forgotten."""

    def owner(self, call: Call) -> str | None:
        return None if self.filters(call) else super().owner(call)


class OwnerFromQuery(Paginator):
    """`where owner = coalesce(:user_id, :caller)`, made for administrators."""

    def owner(self, call: Call) -> str | None:
        return call.query.get("user_id") or super().owner(call)


class UnscopedTotal(Numbered):
    """The total comes from a query of its own."""

    def fetch(self, call: Call, start: int, count: int) -> tuple[list[Stored], int]:
        items, _ = super().fetch(call, start, count)
        _, total = call.store.slice(call.resource.name, None, self.filters(call), 0, 1)
        return items, total


# -- AUTH-019: existence -------------------------------------------------------------------------------


class SaysWhoseItIs(ItemEndpoint):
    """404 for other clients' items, with a message of its own."""

    def absent(self, call: Call) -> NoReturn:
        if call.store.find(call.resource.name, call.parameters["id"]) is not None:
            raise Problem("not_found", "This belongs to another account.")
        super().absent(call)


# -- AUTH-016: ids ---------------------------------------------------------------------------------------


class CountedIds(CollectionEndpoint):
    """The primary key of the table."""

    def __init__(self) -> None:
        self.next = itertools.count(1041)

    def new_identifier(self, call: Call) -> str:
        return str(next(self.next))


DEFECTS: tuple[Defect, ...] = (
    defect("AUTH-011", "GET looks items up by id alone", on=("orders",), item=UnscopedGet),
    defect("AUTH-011", "PATCH looks items up by id alone", on=("orders",), item=UnscopedPatch),
    defect("AUTH-011", "DELETE looks items up by id alone", on=("payments",), item=UnscopedDelete),
    defect("AUTH-011", "an action looks items up by id alone", on=("orders",), item=UnscopedAction),
    defect(
        "AUTH-011",
        "PUT stores by the id in the content",
        on=("orders",),
        item=IdFromContent,
        # One's own other item is replaced, too.
        perhaps=frozenset({"METH-010"}),
    ),
    defect(
        "AUTH-011",
        "PUT stores by the id in the content, with the owner",
        on=("orders",),
        item=IdFromContentMoves,
        perhaps=frozenset({"METH-010"}),
    ),
    defect(
        "AUTH-011",
        "a documented action looks items up by id alone",
        on=("orders",),
        item=UnscopedCompletion,
        resources=partial(orders_with, "complete"),
    ),
    defect(
        "AUTH-011",
        "an action that decides looks items up by id alone",
        on=("orders",),
        item=UnscopedApproval,
        resources=partial(orders_with, "approve"),
    ),
    defect("AUTH-011", "a lookup checks the owner of the first id alone", lookup=FirstIdDecides),
    defect("AUTH-012", "the list has everybody's items", on=("orders",), paginator=UnscopedList),
    defect("AUTH-012", "a filter forgets the owner", on=("orders",), paginator=UnscopedFilter),
    defect(
        "AUTH-012",
        "a parameter names whose items are listed",
        on=("orders",),
        paginator=OwnerFromQuery,
        # A parameter that says who the client is: the same seen by another rule, and reported with it.
        also=frozenset({"AUTH-013"}),
    ),
    defect("AUTH-012", "the total counts everybody's items", on=("documents",), numbered=UnscopedTotal),
    defect("AUTH-019", "404 says that the item is another's", on=("orders",), item=SaysWhoseItIs),
    defect("AUTH-016", "ids count up", on=("orders",), collection=CountedIds),
)
