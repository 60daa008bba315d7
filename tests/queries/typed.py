"""Orders with a flag, a day, and a number that may be null, and their lists: as they should be, and with bugs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from harness.reference.call import Call, Reply
from harness.reference.errors import Problem
from harness.reference.extra_endpoints import Description
from harness.reference.openapi import describe
from harness.reference.pagination import Paginator, Position
from harness.reference.resources import ORDERS, Purpose, Schema, ServedResource
from harness.reference.store import StoredItem as Stored
from harness.reference.validation import Validator

ALL = 10_000
DAY: Schema = {"type": "string", "format": "date"}
SAYS = {
    "gift": "Filters by whether the order is a gift.",
    "min_due": "Only orders that are due on or after this day.",
    "max_due": "Only orders that are due on or before this day.",
}
TYPED = replace(
    ORDERS,
    properties={
        **ORDERS.properties,
        "quantity": {"type": ["integer", "null"], "minimum": 1, "maximum": 1000, "default": 1},
        "gift": {"type": "boolean", "default": False},
        "due": {**DAY, "default": "2031-01-01"},
    },
    filters=(*ORDERS.filters, "gift"),
    ranges=(*ORDERS.ranges, "due"),
    queried=False,
    searched=True,
    example={**ORDERS.example, "gift": True, "due": "2031-05-01"},
)


def resources() -> tuple[ServedResource, ...]:
    """The resources of an API with nothing else."""
    return (TYPED,)


class Described(Description):
    """What the document says of the parameters."""

    says = SAYS

    def get(self, call: Call) -> Reply:
        return call.policies.representation.selected(call, self.document(call))

    def document(self, call: Call) -> dict[str, Any]:
        document: dict[str, Any] = describe(call.policies.limiter, call.policies.resources)
        for one in document["paths"]["/orders"]["get"]["parameters"]:
            if one.get("name") in self.says:
                one["description"] = self.says[one["name"]]
                one["schema"] = DAY if one["name"].endswith("due") else one["schema"]
        content = document["paths"]["/orders/search"]["post"]["requestBody"]["content"]["application/json"]
        wanted = content["schema"]["properties"]["filter"]["properties"]
        wanted["gift"]["description"] = self.says["gift"]
        return document


class Typed(Paginator):
    """Flags and days are compared as what they are; items without a value come first."""

    def filters(self, call: Call) -> dict[str, str]:
        found = super().filters(call)
        if found.get("gift") not in (None, "true", "false"):
            raise Problem("invalid_parameter", "gift must be true or false.", parameter="gift")
        return found

    def invalid_bound(self, call: Call, name: str, value: str) -> None:
        if not name.endswith("due"):
            super().invalid_bound(call, name, value)
        try:
            dt.date.fromisoformat(value)
        except ValueError:
            raise Problem("invalid_parameter", f"{name} must be a date.", parameter=name) from None

    def fetch(
        self, call: Call, filters: Mapping[str, str], after: Position | None, count: int
    ) -> list[Stored]:
        own = {name: value for name, value in filters.items() if name in SAYS}
        rest = {name: value for name, value in filters.items() if name not in own}
        member, descending = self.order(call)
        items = call.store.page(call.resource.name, self.owner(call), rest, None, ALL)
        found = [one for one in self.kept(items, member) if self.matches(one, own)]
        found.sort(key=lambda one: self.place(one, member), reverse=descending)
        if after is not None:
            end = self.key(*after)
            found = [
                one
                for one in found
                if (self.place(one, member) < end if descending else self.place(one, member) > end)
            ]
        return found[:count]

    def place(self, one: Stored, member: str | None) -> tuple[bool, Any, str]:
        return self.key(one.created if member is None else one.data[member], one.id)

    def key(self, value: Any, id: str) -> tuple[bool, Any, str]:
        """By what items are sorted: those without a value first."""
        return value is not None, value or 0, id

    def kept(self, items: list[Stored], member: str | None) -> list[Stored]:
        """The items that an order by a member shows."""
        return items

    def matches(self, one: Stored, filters: Mapping[str, str]) -> bool:
        """Whether a flag and bounds of a day select an item."""
        day = dt.date.fromisoformat(one.data["due"])
        return (
            ("gift" not in filters or one.data["gift"] == self.flag(filters["gift"]))
            and ("min_due" not in filters or self.from_day(day, dt.date.fromisoformat(filters["min_due"])))
            and ("max_due" not in filters or day <= dt.date.fromisoformat(filters["max_due"]))
        )

    def flag(self, text: str) -> bool:
        return text == "true"

    def from_day(self, day: dt.date, bound: dt.date) -> bool:
        return day >= bound


class FlagIsTruthy(Typed):
    """`bool(request.args["gift"])`: each text is true."""

    def flag(self, text: str) -> bool:
        return bool(text)


class FalseIsNothing(Typed):
    """`if gift:` guards the condition, after the text has become a boolean."""

    def matches(self, one: Stored, filters: Mapping[str, str]) -> bool:
        return super().matches(one, {name: value for name, value in filters.items() if value != "false"})


class AfterTheDay(Typed):
    """`>`, where the document says that the day belongs to the range."""

    def from_day(self, day: dt.date, bound: dt.date) -> bool:
        return day > bound


class EndsSoon(Validator):
    """An order must be due by a day that the schema does not give, as a stay must begin before it ends."""

    def failures(self, resource: ServedResource, document: Any, purpose: Purpose) -> list[dict[str, str]]:
        found = super().failures(resource, document, purpose)
        due = document.get("due") if isinstance(document, dict) else None
        if not found and isinstance(due, str) and due > "2031-05-02":
            found.append(self.failure(["due"], "out_of_range", "must be before the end"))
        return found


class FirstOfMonth(Typed):
    """The bound is cut off at the month, as the report that the filter was made for had it."""

    def from_day(self, day: dt.date, bound: dt.date) -> bool:
        return day >= bound.replace(day=1)


class NoNulls(Typed):
    """A join with what has a value: items without one are not in the list that is sorted by it."""

    def kept(self, items: list[Stored], member: str | None) -> list[Stored]:
        return [one for one in items if member is None or one.data[member] is not None]


class NullsFail(Typed):
    """`sorted()` of numbers and None."""

    def key(self, value: Any, id: str) -> tuple[bool, Any, str]:
        return True, value if isinstance(value, str) else +value, id


class Several(Typed):
    """Lists are sorted by several members, and filtered by one of several currencies."""

    def keys(self, call: Call) -> list[tuple[str, bool]]:
        """Members to sort by, each with whether descending."""
        found = [
            (one.removeprefix("-"), one[:1] == "-") for one in call.query.get("sort", "").split(",") if one
        ]
        if any(member not in call.resource.sortable for member, _ in found):
            raise Problem("invalid_parameter", "sort names a member that is not known.", parameter="sort")
        return found

    def order(self, call: Call) -> tuple[str | None, bool]:
        return next(iter(self.keys(call)), (None, True))

    def currencies(self, call: Call) -> list[str]:
        """The currencies of which one is asked for."""
        return call.query.getlist("currency")

    def fetch(
        self, call: Call, filters: Mapping[str, str], after: Position | None, count: int
    ) -> list[Stored]:
        rest = {name: value for name, value in filters.items() if name != "currency"}
        chosen = self.currencies(call)
        found = super().fetch(call, rest, None, ALL)
        found = [one for one in found if not chosen or one.data["currency"] in chosen]
        for member, descending in reversed(self.keys(call)):
            found.sort(key=lambda one: self.key(one.data[member], ""), reverse=descending)
        ids = [one.id for one in found]
        start = ids.index(after[1]) + 1 if after is not None and after[1] in ids else 0
        return found[start : start + count]


class FirstKey(Several):
    """Only the first key is read."""

    def keys(self, call: Call) -> list[tuple[str, bool]]:
        return super().keys(call)[:1]


class LastValue(Several):
    """The framework gives the last of several values."""

    def currencies(self, call: Call) -> list[str]:
        return super().currencies(call)[-1:]


class DescribesSeveral(Described):
    """The document says so."""

    def document(self, call: Call) -> dict[str, Any]:
        document = super().document(call)
        for one in document["paths"]["/orders"]["get"]["parameters"]:
            if one.get("name") == "sort":
                one["schema"] = {"type": "string"}
                one["description"] = (
                    "Members to sort by, with commas between them; descending after a hyphen."
                )
            if one.get("name") == "currency":
                one["schema"] = {"type": "array", "items": one["schema"]}
        return document


class FlagNarrowsNullsLast(FalseIsNothing):
    """Lawful where nothing says more: `false` leaves the list as it is; a bound may leave out its day."""

    def key(self, value: Any, id: str) -> tuple[bool, Any, str]:
        return value is None, value or 0, id

    def from_day(self, day: dt.date, bound: dt.date) -> bool:
        return day > bound


class Loosely(Described):
    """The document does not say what a flag does to the list, nor whether a bound belongs to the range."""

    says = {
        "gift": "Only gifts.",
        "min_due": "Orders that are due after.",
        "max_due": "Orders that are due before.",
    }
