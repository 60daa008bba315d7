"""Defects of what clients ask of a list: for each rule at least one bug that real teams ship."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from harness.reference.call import Call, Document, Reply
from harness.reference.expansion import DEEPEST, OWN, Expansion
from harness.reference.extra_endpoints import Description
from harness.reference.openapi import describe
from harness.reference.pagination import Paginator, Position
from harness.reference.query_method import Queries
from harness.reference.routing import Route, Router
from harness.reference.searching import SearchEndpoint
from harness.reference.selection import Selection
from harness.reference.store import StoredItem as Stored
from tests.matrix.defect import Defect
from tests.matrix.serving import defect
from tests.queries import typed

ALL = 10_000


class AsText(Paginator):
    """The member is sorted as the text of its JSON."""

    def fetch(
        self, call: Call, filters: Mapping[str, str], after: Position | None, count: int
    ) -> list[Stored]:
        member, descending = self.order(call)
        if member is None:
            return super().fetch(call, filters, after, count)
        found = super().fetch(call, filters, None, ALL)
        found.sort(key=lambda one: (str(one.data[member]), one.id), reverse=descending)
        ids = [one.id for one in found]
        start = ids.index(after[1]) + 1 if after is not None and after[1] in ids else 0
        return found[start : start + count]


class PageSorted(Paginator):
    """The database gives a page, newest first, and the code then sorts the page."""

    def order(self, call: Call) -> tuple[str | None, bool]:
        super().order(call)
        return None, True

    def data(self, call: Call, items: list[Stored]) -> list[Document]:
        member, descending = super().order(call)
        if member is not None:
            items = sorted(items, key=lambda one: one.data[member], reverse=descending)
        return super().data(call, items)


class TextCursor(Paginator):
    """A cursor of the text alone, while those of numbers have the id, too."""

    def fetch(
        self, call: Call, filters: Mapping[str, str], after: Position | None, count: int
    ) -> list[Stored]:
        if after is not None and self.order(call)[0] is not None and isinstance(after[0], str):
            after = (after[0], "" if self.order(call)[1] else "~")
        return super().fetch(call, filters, after, count)


class Selecting(Paginator):
    """One parameter is not evaluated by the database, but by code of our own."""

    own: str

    def fetch(
        self, call: Call, filters: Mapping[str, str], after: Position | None, count: int
    ) -> list[Stored]:
        asked = filters.get(self.own)
        if asked is None:
            return super().fetch(call, filters, after, count)
        rest = {name: value for name, value in filters.items() if name != self.own}
        selects = self.selector(asked)
        return [one for one in super().fetch(call, rest, after, ALL) if selects(one)][:count]

    def selector(self, asked: str) -> Callable[[Stored], bool]:
        raise NotImplementedError


def like(pattern: str) -> re.Pattern[str]:
    """`LIKE` of SQL."""
    parts = [{"%": ".*", "_": "."}.get(one, re.escape(one)) for one in pattern]
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)


class FilterByLike(Selecting):
    """`WHERE customer LIKE ?`, without escaping."""

    own = "customer"

    def selector(self, asked: str) -> Callable[[Stored], bool]:
        found = like(asked)
        return lambda one: found.fullmatch(one.data["customer"]) is not None


class Parts(Selecting):
    """`WHERE customer ILIKE '%' || ? || '%'`, where the document promises the exact name."""

    own = "customer"

    def selector(self, asked: str) -> Callable[[Stored], bool]:
        return lambda one: asked.lower() in one.data["customer"].lower()


class SaysExact(Description):
    """The document says how a filter compares."""

    says = "Only orders of this customer; compared exactly."

    def get(self, call: Call) -> Reply:
        document: dict[str, Any] = describe(call.policies.limiter, call.policies.resources)
        for one in document["paths"]["/orders"]["get"]["parameters"]:
            if one.get("name") == "customer":
                one["description"] = self.says
        return call.policies.representation.selected(call, document)


class TextBound(Selecting):
    """The bound is compared as a text."""

    own = "min_amount"

    def selector(self, asked: str) -> Callable[[Stored], bool]:
        return lambda one: str(one.data["amount"]) >= asked


class LastFilterOnly(Paginator):
    """Each filter replaces the condition of the one before."""

    def filters(self, call: Call) -> dict[str, str]:
        return dict(list(super().filters(call).items())[-1:])


class BoundDropped(Paginator):
    """What cannot be parsed is taken for absent."""

    def filters(self, call: Call) -> dict[str, str]:
        found = super().filters(call)
        return {name: value for name, value in found.items() if value != "abc"}

    def invalid_bound(self, call: Call, name: str, value: str) -> None:
        pass


class BoundUnchecked(Paginator):
    """The conversion fails in the database layer."""

    def invalid_bound(self, call: Call, name: str, value: str) -> None:
        pass


class LeaksSelection(Selection):
    """The serializer adds what it needs for links and forgets to remove it where little is selected."""

    def chosen(self, document: Document, names: list[str]) -> Document:
        more = ("customer",) if len(names) == 1 else ()
        return super().chosen(document, [*names, *more])


class EverySelectionCrashes(Selection):
    """The serializer was replaced, and its `only` with it."""

    def chosen(self, document: Document, names: list[str]) -> Document:
        raise RuntimeError("no argument `only`")


class SelectionIgnored(Selection):
    """The parameter is documented for a later version."""

    def apply(self, call: Call, document: Document) -> Document:
        return document


class SelectionCrashes(Selection):
    """`[document[name] for name in names]`."""

    def unknown(self, call: Call, names: list[str]) -> None:
        raise KeyError(names[0])


class OrderCrashes(Paginator):
    """The name of the column is put into the statement."""

    def order(self, call: Call) -> tuple[str | None, bool]:
        asked = self.parameters(call).get("sort")
        if asked is not None and asked.removeprefix("-") not in call.resource.sortable:
            raise LookupError(asked)
        return super().order(call)


class DescendingIsAscending(Paginator):
    """The sign is cut off and forgotten."""

    def order(self, call: Call) -> tuple[str | None, bool]:
        return super().order(call)[0], False


class UnsortedWhenFiltered(Paginator):
    """With a bound, the query is another one, which was written before there were orders."""

    def order(self, call: Call) -> tuple[str | None, bool]:
        member, descending = super().order(call)
        return (None, False) if "min_amount" in self.parameters(call) else (member, descending)


class SearchByLike(Selecting):
    """`WHERE customer LIKE '%' || ? || '%'`, without escaping."""

    own = "q"

    def selector(self, asked: str) -> Callable[[Stored], bool]:
        found = like(f"%{asked}%")
        return lambda one: found.fullmatch(one.data["customer"]) is not None


class SearchByOperators(Selecting):
    """The text is an expression of the engine."""

    own = "q"

    def selector(self, asked: str) -> Callable[[Stored], bool]:
        found = re.compile(asked, re.IGNORECASE)
        return lambda one: found.search(one.data["customer"]) is not None


class SearchCrashes(Selecting):
    """The index was never built."""

    own = "q"

    def selector(self, asked: str) -> Callable[[Stored], bool]:
        raise RuntimeError("no index")


class FailsOnStrangers(Router):
    """A strict framework, whose refusal nobody handles."""

    def run(self, call: Call, found: Route, method: str) -> Reply:
        if call.query.get("zz_conformance_unknown"):
            raise TypeError("unexpected keyword argument")
        return super().run(call, found, method)


class PageFiltered(Paginator):
    """A page is read, and filtered then."""

    def fetch(
        self, call: Call, filters: Mapping[str, str], after: Position | None, count: int
    ) -> list[Stored]:
        page = super().fetch(call, {}, after, count)
        every = {one.id for one in super().fetch(call, filters, None, ALL)}
        return [one for one in page if one.id in every]


class SearchIgnores(SearchEndpoint):
    """The name of the member was changed, and not here."""

    def applied(self, filters: Document) -> Document:
        return {name: value for name, value in filters.items() if name != "customer"}


class SearchDropsFalse(SearchEndpoint):
    """`if value:`."""

    def applied(self, filters: Document) -> Document:
        return {name: value for name, value in filters.items() if value}


class SearchEndpointCrashes(SearchEndpoint):
    """The search has moved."""

    def applied(self, filters: Document) -> Document:
        raise LookupError("no index")


class TypeGuessed(Queries):
    """The framework parses JSON, whatever the type says."""

    def parameters(self, call: Call) -> dict[str, str]:
        return self.checked(call, call.policies.reader.parse(call.body))


class CursorKept(Queries):
    """The position is kept for the client: the same query goes on where the last one ended."""

    def __init__(self) -> None:
        self.answered = 0

    def query(self, call: Call) -> Reply:
        reply = super().query(call)
        self.answered += 1
        document = json.loads(reply.body) | {"position": self.answered}
        return call.policies.representation.reply(call, reply.status, document)


class OldCopy(Expansion):
    """What is embedded was copied when the shop was opened."""

    def embedded(self, name: str, path: list[str]) -> Document:
        return super().embedded(name, path) | ({"city": "Paris"} if name == "shop" else {"name": "Ada Byron"})


class ExpansionCrashes(Expansion):
    """The loader was renamed, and nobody expands in the tests."""

    def embedded(self, name: str, path: list[str]) -> Document:
        raise AttributeError("load_related")


class NoEnd(Expansion):
    """What refers to itself is embedded until the stack overflows."""

    def check(self, name: str, path: list[str]) -> None:
        if len(path) > DEEPEST:
            raise RecursionError(OWN[name])
        super().check(name, path)


LISTED_ANEW = frozenset({"PAGE-010", "PAGE-011"})
"""Lists of several sort keys start anew where the item of a cursor is gone, and go on behind it where it has moved."""


def typed_defect(
    rule: str,
    name: str,
    paginator: Callable[[], Paginator],
    description: Callable[[], typed.Described] = typed.Described,
    perhaps: frozenset[str] = frozenset(),
) -> Defect:
    return defect(
        rule,
        name,
        on=("orders",),
        perhaps=perhaps,
        paginator=paginator,
        resources=typed.resources,
        description=description,
    )


DEFECTS: tuple[Defect, ...] = (
    defect("QRY-001", "a selection of one member shows another", on=("orders",), selection=LeaksSelection),
    defect("QRY-001", "the selection has no effect", on=("orders",), selection=SelectionIgnored),
    defect("QRY-001", "documented selections always fail", on=("orders",), selection=EverySelectionCrashes),
    defect("QRY-002", "an unknown member crashes the selection", on=("orders",), selection=SelectionCrashes),
    defect("QRY-002", "an unknown sort order crashes", on=("orders",), paginator=OrderCrashes),
    defect("QRY-004", "numbers are sorted as texts", on=("orders",), paginator=AsText),
    defect("QRY-004", "a page is sorted, and not the list", on=("orders",), paginator=PageSorted),
    defect(
        "QRY-004",
        "descending order is ascending",
        on=("orders",),
        paginator=DescendingIsAscending,
        # Where the values of the first items differ: both have one cause.
        perhaps=frozenset({"DOC-003"}),
    ),
    defect("QRY-004", "a cursor of the text without the id", on=("orders",), paginator=TextCursor),
    defect("QRY-004", "a filtered list is not sorted", on=("orders",), paginator=UnsortedWhenFiltered),
    defect("QRY-005", "wildcards in a filter are not escaped", on=("orders",), paginator=FilterByLike),
    defect(
        "QRY-005", "an exact filter matches parts", on=("orders",), paginator=Parts, description=SaysExact
    ),
    defect("QRY-005", "a bound is compared as a text", on=("orders",), paginator=TextBound),
    defect("QRY-005", "one of two filters is dropped", on=("orders",), paginator=LastFilterOnly),
    defect("QRY-005", "a page is read first and filtered then", on=("orders",), paginator=PageFiltered),
    typed_defect("QRY-005", "each text of a flag is true", typed.FlagIsTruthy),
    typed_defect("QRY-005", "a flag that is false is dropped", typed.FalseIsNothing),
    typed_defect("QRY-005", "the first day of a range is left out", typed.AfterTheDay),
    typed_defect("QRY-005", "a day is cut off at the month", typed.FirstOfMonth),
    defect(
        "QRY-005",
        "the first day is left out where later days are refused",
        on=("orders",),
        paginator=typed.AfterTheDay,
        resources=typed.resources,
        description=typed.Described,
        validator=typed.EndsSoon,
    ),
    typed_defect("QRY-004", "items without a value are not in a sorted list", typed.NoNulls),
    typed_defect(
        "QRY-004",
        "the second key is ignored",
        typed.FirstKey,
        typed.DescribesSeveral,
        perhaps=LISTED_ANEW,
    ),
    typed_defect(
        "QRY-005",
        "the last of several values counts alone",
        typed.LastValue,
        typed.DescribesSeveral,
        perhaps=LISTED_ANEW,
    ),
    typed_defect("QRY-004", "an order fails at items without a value", typed.NullsFail),
    defect("QRY-006", "an invalid bound is dropped", on=("orders",), paginator=BoundDropped),
    defect("QRY-006", "an invalid bound crashes", on=("orders",), paginator=BoundUnchecked),
    defect("QRY-007", "wildcards in a search are not escaped", on=("orders",), paginator=SearchByLike),
    defect("QRY-007", "operators in a search crash the engine", on=("orders",), paginator=SearchByOperators),
    defect(
        "QRY-007",
        "documented searches always fail",
        on=("orders",),
        # Whatever is searched for, texts at the edges of a schema among it.
        perhaps=frozenset({"SCH-009"}),
        paginator=SearchCrashes,
    ),
    defect(
        "QRY-003",
        "documented expansions always fail",
        on=("documents",),
        # The listed values of a parameter are its edges.
        perhaps=frozenset({"SCH-009"}),
        expansion=ExpansionCrashes,
    ),
    defect("QRY-003", "an embedded resource is an old copy", on=("documents",), expansion=OldCopy),
    defect("QRY-003", "a cycle is expanded without end", on=("documents",), expansion=NoEnd),
    defect("QRY-009", "the content is taken without its type", on=("orders",), queries=TypeGuessed),
    defect("QRY-009", "the same query goes on", on=("orders",), queries=CursorKept),
    defect("QRY-010", "a search by POST ignores a filter", on=("orders",), searching=SearchIgnores),
    defect("QRY-010", "searches by POST always fail", on=("orders",), searching=SearchEndpointCrashes),
    defect(
        "QRY-010",
        "a search by POST drops what is false",
        on=("orders",),
        searching=SearchDropsFalse,
        paginator=typed.Typed,
        resources=typed.resources,
        description=typed.Described,
    ),
    defect("QRY-008", "an unknown parameter crashes", on=("orders",), router=FailsOnStrangers),
)
