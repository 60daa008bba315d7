"""Lawful APIs of unusual lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from harness.reference import times
from harness.reference.call import Call, Document
from harness.reference.errors import Problem
from harness.reference.pagination import Numbered, Paginator, Position
from harness.reference.resources import DOCUMENTS, ServedResource
from harness.reference.store import StoredItem as Stored
from tests.matrix.variant import Variant, variant


class Keyset(Paginator):
    """The id of the last item is the cursor; any text compares, for ids are compared as texts."""

    def after(self, call: Call, filters: Mapping[str, str]) -> Position | None:
        id = call.query.get("starting_after")
        return None if id is None else (0, id)

    def fetch(
        self, call: Call, filters: Mapping[str, str], after: Position | None, count: int
    ) -> list[Stored]:
        rows = call.store.page(call.resource.name, self.owner(call), filters, None, 1_000_000)
        rows.sort(key=lambda item: item.id)
        return [item for item in rows if after is None or item.id > after[1]][:count]

    def document(self, call: Call, items: list[Stored], cursor: str | None) -> Document:
        return {"data": self.data(call, items), "has_more": cursor is not None}

    def page(self, call: Call) -> tuple[Document, str | None]:
        return super().page(call)[0], None


class NothingCutOff(Numbered):
    """`truncated` says that no item on the page was cut, and nothing of other pages."""

    def document(self, call: Call, items: list[Stored], number: int, size: int, total: int) -> Document:
        return {"data": self.data(call, items), "page": number, "total": total, "truncated": False}


class EmptyLastPage(Paginator):
    """A full page may be the last: an empty one then ends the list."""

    def page(self, call: Call) -> tuple[Document, str | None]:
        document, link = super().page(call)
        if document["next_cursor"] is None and len(document["data"]) == self.limit(call):
            last = call.store.find(call.resource.name, document["data"][-1]["id"])
            cursor = self.cursor(call, self.filters(call), last) if last else None
            return {**document, "next_cursor": cursor, "has_more": True}, self.link(call, str(cursor))
        return document, link


class LimitCoerced(Paginator):
    """A page size that is too large is taken for the largest, and a bad one is refused."""

    maximum = 50

    def invalid_limit(self, call: Call, value: str) -> None:
        if not value.isdigit() or int(value) == 0:
            super().invalid_limit(call, value)

    def limit(self, call: Call) -> int:
        value = call.query.get(self.size, str(self.default))
        super().limit(call) if not value.isdigit() or int(value) == 0 else None
        return min(int(value), self.maximum)


class ShortPages(Paginator):
    """Pages that have fewer items than asked for, long before the end: what is filtered late is left out."""

    def limit(self, call: Call) -> int:
        return max(1, super().limit(call) * 3 // 5)


class QueryOnlyLinks(Paginator):
    """Links relative to the list, in the least octets that the grammar allows."""

    def link(self, call: Call, cursor: str) -> str:
        return f"<?{self.target(call, cursor=cursor).partition('?')[2]}>;rel=next"


class ExpiringCursors(Paginator):
    """Cursors that are good for two seconds."""

    def position(self, call: Call, last: Stored) -> Position:
        value, id = super().position(call, last)
        return value, f"{times.now()}|{id}"

    def after(self, call: Call, filters: Mapping[str, str]) -> Position | None:
        found = super().after(call, filters)
        if found is None:
            return None
        given, _, id = found[1].partition("|")
        if times.now() - int(given) > 2_000_000:
            self.invalid_cursor(call)
        return found[0], id


class EstimatedTotals(Numbered):
    """Totals to the nearest ten."""

    def document(self, call: Call, items: list[Stored], number: int, size: int, total: int) -> Document:
        made = super().document(call, items, number, size, total)
        about = round(total + 5, -1)
        return {**made, "total": about, "total_pages": about // size + 1}


class ScimPages(Numbered):
    """Beside page numbers `count` and `startIndex`, as SCIM has them (RFC 7644 section 3.4.2.4)."""

    def page(self, call: Call) -> tuple[Document, str | None]:
        if not {"count", "startIndex"} & call.query.keys():
            return super().page(call)
        size = min(max(0, self.whole(call, "count", self.default)), self.maximum)
        start = max(1, self.whole(call, "startIndex", 1))
        items, total = self.fetch(call, start - 1, size)
        counts = {"startIndex": start, "itemsPerPage": len(items), "total": total}
        return {"data": self.data(call, items), **counts}, None

    def whole(self, call: Call, name: str, usual: int) -> int:
        try:
            return int(call.query.get(name, usual))
        except ValueError:
            raise Problem("invalid_parameter", f"{name} must be a whole number.", parameter=name) from None


class LateLists(Paginator):
    """Lists that are read from a replica, 150 ms behind."""

    def fetch(
        self, call: Call, filters: Mapping[str, str], after: Position | None, count: int
    ) -> list[Stored]:
        items = super().fetch(call, filters, after, 1_000_000)
        return [item for item in items if times.now() - item.created > 150_000][:count]


KEYSET = """
[[resources]]
collection = "/payments"
[resources.pagination]
style = "keyset"
cursor_param = "starting_after"
"""
COERCED = """
[[resources]]
collection = "/payments"
[resources.pagination]
max = 50
"""
SCIM = """
[[resources]]
collection = "/documents"
[resources.pagination]
style = "offset"
limit_param = "count"
offset_param = "startIndex"
first_offset = 1
"""
ESTIMATES = """
[[resources]]
collection = "/documents"
[resources.pagination]
estimates = true
"""


def documents_of_kinds() -> tuple[ServedResource, ...]:
    """Documents with a member of listed values, by which their list can be filtered."""
    kind = {"type": "string", "enum": ["memo", "letter"], "default": "memo"}
    properties = {**DOCUMENTS.properties, "kind": kind}
    return (replace(DOCUMENTS, properties=properties, filters=("title", "kind")),)


def documents_without_filters() -> tuple[ServedResource, ...]:
    """Documents that only pages select, the newest first."""
    return (replace(DOCUMENTS, filters=()),)


VARIANTS: tuple[Variant, ...] = (
    variant("the last id as the cursor, by declaration", on=("payments",), profile=KEYSET, paginator=Keyset),
    variant("a list that a listed value filters", on=("documents",), resources=documents_of_kinds),
    variant("newest first, without a filter", on=("documents",), resources=documents_without_filters),
    variant("truncated: false beside a next link", on=("documents",), numbered=NothingCutOff),
    variant("an empty page at the end", paginator=EmptyLastPage),
    variant("a page size that is coerced down", on=("payments",), profile=COERCED, paginator=LimitCoerced),
    variant("pages shorter than asked for", paginator=ShortPages),
    variant("links of a query alone", paginator=QueryOnlyLinks),
    variant("cursors that expire", paginator=ExpiringCursors),
    variant("totals that are estimates, by declaration", profile=ESTIMATES, numbered=EstimatedTotals),
    variant("negative numbers as in SCIM", on=("documents",), profile=SCIM, numbered=ScimPages),
    variant("lists that lag behind", paginator=LateLists),
)
