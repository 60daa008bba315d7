"""Lawful ways to sort, filter, select and search that a careless rule would accuse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from harness.reference.call import Call, Document
from harness.reference.expansion import Expansion
from harness.reference.pagination import Paginator, Position
from harness.reference.selection import Selection
from harness.reference.store import StoredItem as Stored
from suites.queries.oracle import folded
from tests.matrix.variant import Variant, variant
from tests.queries import typed
from tests.queries.defects import Parts, SaysExact, Selecting

ALL = 10_000


class Lenient(Paginator):
    """Texts are compared without case and accents and by a part, signs in a search are dropped.

    A bound that is no number selects nothing.
    """

    def fetch(
        self, call: Call, filters: Mapping[str, str], after: Position | None, count: int
    ) -> list[Stored]:
        own = {name: value for name, value in filters.items() if name in ("customer", "q")}
        rest = {name: value for name, value in filters.items() if name not in own}
        member, descending = self.order(call)
        if not all(value.lstrip("-").isdigit() for name, value in rest.items() if "_" in name):
            return []
        if not own and member != "customer":
            return super().fetch(call, rest, after, count)
        name = call.resource.name
        found = call.store.page(name, self.owner(call), rest, None, ALL, member, descending)
        for asked, value in own.items():
            word = folded(value)
            if asked == "q":
                word = "".join(one for one in word if one.isalnum())
            found = [one for one in found if word in folded(one.data["customer"])]

        def place(one: Stored) -> tuple[Any, str]:
            value = one.created if member is None else one.data[member]
            return (folded(value) if isinstance(value, str) else value, one.id)

        found.sort(key=place, reverse=descending)
        if after is not None:
            value = folded(after[0]) if isinstance(after[0], str) else after[0]
            end = (value, after[1])
            found = [one for one in found if (place(one) < end if descending else place(one) > end)]
        return found[:count]

    def invalid_bound(self, call: Call, name: str, value: str) -> None:
        pass


class AlwaysStatus(Selection):
    """Some members are always shown, and unknown ones ignored."""

    always = ("id", "status", "currency")

    def unknown(self, call: Call, names: list[str]) -> None:
        pass


class Summaries(Expansion):
    """An embedded resource is a summary, without what is large; deep paths are cut off."""

    def check(self, name: str, path: list[str]) -> None:
        del path[self.deepest :]
        super().check(name, path)

    def embedded(self, name: str, path: list[str]) -> Document:
        shown = super().embedded(name, path)
        return {member: value for member, value in shown.items() if member not in ("opened", "email")}


class SaysPart(SaysExact):
    """The document allows a part."""

    says = "Only orders whose customer equals this text, or has it as a substring."


class SaysAnyCase(SaysExact):
    """The document wants the whole name, and does not mind its case."""

    says = "Only orders of exactly this customer, in any case."


class AnyCase(Selecting):
    """`WHERE lower(customer) = lower(?)`."""

    own = "customer"

    def selector(self, asked: str) -> Callable[[Stored], bool]:
        return lambda one: one.data["customer"].casefold() == asked.casefold()


VARIANTS: tuple[Variant, ...] = (
    variant(
        "lenient filters, another collation, members that are always shown",
        paginator=Lenient,
        selection=AlwaysStatus,
        expansion=Summaries,
    ),
    variant("a filter by an exact text or a part of it", paginator=Parts, description=SaysPart),
    variant("a filter by a whole text in any case", paginator=AnyCase, description=SaysAnyCase),
    variant(
        "days are bounded by what the schema does not say",
        paginator=typed.Typed,
        resources=typed.resources,
        description=typed.Described,
        validator=typed.EndsSoon,
    ),
    variant(
        "several keys and several values",
        paginator=typed.Several,
        resources=typed.resources,
        description=typed.DescribesSeveral,
    ),
    variant(
        "a flag that narrows, items without a value last",
        paginator=typed.FlagNarrowsNullsLast,
        resources=typed.resources,
        description=typed.Loosely,
    ),
)
