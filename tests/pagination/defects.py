"""Defects of lists: for each PAGE rule at least one bug that real APIs have."""

from __future__ import annotations

import base64
import json
import random
import re
from collections.abc import Mapping
from typing import NoReturn
from urllib.parse import quote

from harness.reference.call import Call, Document
from harness.reference.errors import Problem
from harness.reference.pagination import Numbered, Paginator, Position
from harness.reference.store import StoredItem
from tests.matrix.defect import Defect
from tests.matrix.serving import defect
from tests.pagination.lawful import documents_of_kinds

EVERYTHING = 1_000_000

# -- bounds and parameters -----------------------------------------------------------------------------


class UnboundedByDefault(Numbered):
    """Without a page size, all there is."""

    def limit(self, call: Call) -> int:
        return super().limit(call) if self.size in call.query else EVERYTHING


class SilentByDefault(Paginator):
    """Without a page size, the first page, and no word of the others."""

    def page(self, call: Call) -> tuple[Document, str | None]:
        document, link = super().page(call)
        if self.size not in call.query and "cursor" not in call.query:
            return {"data": document["data"], "next_cursor": None, "has_more": False}, None
        return document, link


class OneTooMany(Paginator):
    """The item that tells whether there is another page is shown as well."""

    def page(self, call: Call) -> tuple[Document, str | None]:
        limit, filters = self.limit(call), self.filters(call)
        items = self.fetch(call, filters, self.after(call, filters), limit + 1)
        cursor = self.cursor(call, filters, items[-1]) if len(items) > limit else None
        return self.document(call, items, cursor), self.link(call, cursor) if cursor else None


class MaximumNotEnforced(Numbered):
    """A maximum that stands in the document alone."""

    maximum = EVERYTHING


class StartByTheSizeAskedFor(Numbered):
    """A size above the maximum is cut for the page itself, and counts whole for where the page begins."""

    maximum = 25

    def limit(self, call: Call) -> int:
        value = call.query.get(self.size, str(self.default))
        return self.maximum if value.isdigit() and int(value) > self.maximum else super().limit(call)

    def fetch(self, call: Call, start: int, count: int) -> tuple[list[StoredItem], int]:
        value = call.query.get(self.size, "")
        asked = int(value) if value.isdigit() else count
        return super().fetch(call, start // count * asked, count)


class EndByTheSizeAskedFor(Paginator):
    """A page is cut to the maximum, and taken for the last as it has fewer items than were asked for."""

    maximum = 25

    def limit(self, call: Call) -> int:
        value = call.query.get(self.size, str(self.default))
        return self.maximum if value.isdigit() and int(value) > self.maximum else super().limit(call)

    def document(self, call: Call, items: list[StoredItem], cursor: str | None) -> Document:
        asked = int(call.query.get(self.size, self.default))
        return super().document(call, items, cursor if len(items) >= asked else None)

    def link(self, call: Call, cursor: str) -> str:
        return super().link(call, cursor) if int(call.query.get(self.size, 0)) <= self.maximum else ""


class HugeLimitOverflows(Numbered):
    """A page size that fits 32 bits, and times the size of a row no longer does."""

    def limit(self, call: Call) -> int:
        value = call.query.get(self.size, "")
        if value.isdigit() and 10**9 <= int(value) < 2**31:
            raise OverflowError("integer overflow")
        return super().limit(call)


class HugePageOverflows(Numbered):
    """The database takes 64 bits for the number of rows to skip."""

    def number(self, call: Call) -> int:
        value = call.query.get("page", "")
        if value.isdigit() and int(value) >= 2**62:
            raise OverflowError("integer overflow")
        return super().number(call)


class BadLimitIsIgnored(Numbered):
    """The page size by default, whatever was meant."""

    def invalid_limit(self, call: Call, value: str) -> None:
        pass

    def limit(self, call: Call) -> int:
        value = call.query.get(self.size, "")
        return int(value) if value.isdigit() and 1 <= int(value) <= self.maximum else self.default


class BadLimitFails(Numbered):
    """int() of what the query has."""

    def limit(self, call: Call) -> int:
        int(call.query.get(self.size) or self.default)
        return super().limit(call)


class PageZero(Numbered):
    """Page 0 is page 1, for those who count from 0."""

    def number(self, call: Call) -> int:
        return 1 if call.query.get("page") == "0" else super().number(call)


# -- traversals ----------------------------------------------------------------------------------------


class SkipsOneOnEachPage(Paginator):
    """The cursor is that of the item that told of another page, and the page begins after it."""

    def page(self, call: Call) -> tuple[Document, str | None]:
        limit, filters = self.limit(call), self.filters(call)
        items = self.fetch(call, filters, self.after(call, filters), limit + 1)
        cursor = self.cursor(call, filters, items[-1]) if len(items) > limit else None
        return self.document(call, items[:limit], cursor), self.link(call, cursor) if cursor else None


class RepeatsOneOnEachPage(Numbered):
    """Pages that overlap by the item at their edge."""

    def fetch(self, call: Call, start: int, count: int) -> tuple[list[StoredItem], int]:
        return super().fetch(call, max(0, start - 1), count)


class CursorBoundToPageSize(Paginator):
    """The page size is part of what a cursor is signed for."""

    def binding(self, call: Call, filters: Mapping[str, str]) -> bytes:
        return super().binding(call, filters) + str(self.limit(call)).encode()


class OneItemByAnotherIndex(Numbered):
    """A short cut for a page of one item, the other way round."""

    def fetch(self, call: Call, start: int, count: int) -> tuple[list[StoredItem], int]:
        items, total = super().fetch(call, start, count)
        if count == 1 and items:
            return super().fetch(call, total - 1 - start, count)
        return items, total


class TiesAtRandom(Paginator):
    """Equal keys in whatever order the database has them."""

    def fetch(
        self, call: Call, filters: Mapping[str, str], after: Position | None, count: int
    ) -> list[StoredItem]:
        items = super().fetch(call, filters, after, count)
        member, _ = self.order(call)
        if member is None:
            return items
        random.shuffle(items)
        return sorted(items, key=lambda item: item.data[member])


class NoTiebreaker(Paginator):
    """A cursor of the sort key alone: what has the same key as the last item is skipped."""

    def fetch(
        self, call: Call, filters: Mapping[str, str], after: Position | None, count: int
    ) -> list[StoredItem]:
        if after is None or self.order(call)[0] is None:
            return super().fetch(call, filters, after, count)
        return super().fetch(call, filters, (after[0], "~"), count)


class MoreWhenFull(Paginator):
    """has_more is told by counting: a full last page says that more follows."""

    def document(self, call: Call, items: list[StoredItem], cursor: str | None) -> Document:
        return {**super().document(call, items, cursor), "has_more": len(items) == self.limit(call)}


class CursorWithoutEnd(Paginator):
    """The last page has a cursor as well, to an empty page whose cursor leads to itself."""

    def page(self, call: Call) -> tuple[Document, str | None]:
        document, link = super().page(call)
        if document["next_cursor"] is not None or not (document["data"] or "cursor" in call.query):
            return document, link
        shown = call.query.get("cursor")
        if document["data"]:
            last = call.store.find(call.resource.name, document["data"][-1]["id"])
            shown = self.cursor(call, self.filters(call), last) if last else None
        return {**document, "next_cursor": shown, "has_more": True}, None


class NothingIsNotFound(Numbered):
    """No results, no resource."""

    def document(self, call: Call, items: list[StoredItem], number: int, size: int, total: int) -> Document:
        if not items and self.filters(call):
            raise Problem("not_found", "No documents were found.")
        return super().document(call, items, number, size, total)


class TotalEndsAt20(Numbered):
    """`LIMIT 20` in the subquery that counts."""

    def document(self, call: Call, items: list[StoredItem], number: int, size: int, total: int) -> Document:
        return super().document(call, items, number, size, min(total, 20))


class NothingIsNull(Numbered):
    """A list that was never made, in a language that writes null for it."""

    def document(self, call: Call, items: list[StoredItem], number: int, size: int, total: int) -> Document:
        made = super().document(call, items, number, size, total)
        return made if items or not self.filters(call) else {**made, "data": None}


class NothingBeyondTheEnd(Numbered):
    """A page that does not exist is not found."""

    def document(self, call: Call, items: list[StoredItem], number: int, size: int, total: int) -> Document:
        if not items and number > 1:
            raise Problem("not_found", "Invalid page.")
        return super().document(call, items, number, size, total)


# -- under change --------------------------------------------------------------------------------------


class Counted(Paginator):
    """Cursors that hold a number of rows."""

    def position(self, call: Call, last: StoredItem) -> Position:
        rows = self.rows(call)
        return next(place for place, item in enumerate(rows, 1) if item.id == last.id), ""

    def rows(self, call: Call) -> list[StoredItem]:
        return super().fetch(call, self.filters(call), None, EVERYTHING)

    def fetch(
        self, call: Call, filters: Mapping[str, str], after: Position | None, count: int
    ) -> list[StoredItem]:
        start = int(after[0]) if after else 0
        return self.rows(call)[start : start + count]


class OffsetInDisguise(Counted):
    """An offset, well sealed."""


class RowNumberFromTheOldest(Counted):
    """Row numbers that begin with the oldest item: inserts do not move them, deletions do."""

    def position(self, call: Call, last: StoredItem) -> Position:
        if self.order(call)[0] is not None:
            return Paginator.position(self, call, last)
        rows = self.rows(call)
        return next(len(rows) - place for place, item in enumerate(rows) if item.id == last.id), ""

    def fetch(
        self, call: Call, filters: Mapping[str, str], after: Position | None, count: int
    ) -> list[StoredItem]:
        if self.order(call)[0] is not None:
            return Paginator.fetch(self, call, filters, after, count)
        rows = self.rows(call)
        start = max(0, len(rows) - int(after[0]) + 1) if after else 0
        return rows[start : start + count]


class SnapshotThatSkips(Counted):
    """A result whose ids are kept; what is deleted is struck out of them, and the places in them stay."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    def position(self, call: Call, last: StoredItem) -> Position:
        if self.order(call)[0] is not None:
            return Paginator.position(self, call, last)
        return [item.id for item in self.left(call)].index(last.id) + 1, ""

    def fetch(
        self, call: Call, filters: Mapping[str, str], after: Position | None, count: int
    ) -> list[StoredItem]:
        if self.order(call)[0] is not None:
            return Paginator.fetch(self, call, filters, after, count)
        if after is None:
            self.kept = [item.id for item in self.rows(call)]
        start = int(after[0]) if after else 0
        return self.left(call)[start : start + count]

    def left(self, call: Call) -> list[StoredItem]:
        there = {item.id: item for item in self.rows(call)}
        return [there[id] for id in self.kept if id in there]


class SnapshotTakenAgain(Paginator):
    """A result that is kept until something is inserted, then taken anew: as many rows further on as were added."""

    def position(self, call: Call, last: StoredItem) -> Position:
        value, id = super().position(call, last)
        if self.order(call)[0] is not None:
            return value, id
        newest = super().fetch(call, self.filters(call), None, 1)[0]
        return value, f"{newest.created}|{id}"

    def fetch(
        self, call: Call, filters: Mapping[str, str], after: Position | None, count: int
    ) -> list[StoredItem]:
        if after is None or self.order(call)[0] is not None:
            return super().fetch(call, filters, after, count)
        newest, _, id = after[1].partition("|")
        rows = super().fetch(call, filters, None, EVERYTHING)
        added = sum(item.created > int(newest) for item in rows)
        follows = [place for place, item in enumerate(rows) if (item.created, item.id) < (after[0], id)]
        start = max(0, (follows[0] if follows else len(rows)) - added)
        return rows[start : start + count]


class CursorDies(Paginator):
    """The cursor is looked up; where its item is gone, so is the cursor."""

    def after(self, call: Call, filters: Mapping[str, str]) -> Position | None:
        position = super().after(call, filters)
        if position is not None and call.store.find(call.resource.name, position[1]) is None:
            raise Problem("not_found", "The cursor's item does not exist.")
        return position


class CursorFollowsItsItem(Paginator):
    """The cursor is looked up; where its item has moved, the list goes on from there."""

    def after(self, call: Call, filters: Mapping[str, str]) -> Position | None:
        position = super().after(call, filters)
        item = call.store.find(call.resource.name, position[1]) if position is not None else None
        return position if item is None else self.position(call, item)


class FailsWhenShrunk(Numbered):
    """The count is kept from the first page on; a list that has shrunk since runs out of it."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def fetch(self, call: Call, start: int, count: int) -> tuple[list[StoredItem], int]:
        items, total = super().fetch(call, start, count)
        key = json.dumps([call.principal.name, self.filters(call)])
        if start == 0:
            self.counts[key] = total
        elif start < self.counts.get(key, 0) and total < self.counts[key]:
            raise IndexError("list index out of range")
        return items, total


# -- cursors -------------------------------------------------------------------------------------------


class BadCursorBeginsAnew(Paginator):
    """A cursor that cannot be read is none."""

    def after(self, call: Call, filters: Mapping[str, str]) -> Position | None:
        try:
            return super().after(call, filters)
        except Problem:
            return None


class BadCursorFails(Paginator):
    """Whoever sends a cursor has got it from us."""

    def invalid_cursor(self, call: Call) -> NoReturn:
        raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")


class FilterInCursor(Paginator):
    """The cursor carries the filter of the first page, and the one that is asked for is ignored."""

    def binding(self, call: Call, filters: Mapping[str, str]) -> bytes:
        return call.resource.name.encode() + call.principal.name.encode()

    def position(self, call: Call, last: StoredItem) -> Position:
        value, id = super().position(call, last)
        return value, json.dumps([id, self.filters(call)])

    def fetch(
        self, call: Call, filters: Mapping[str, str], after: Position | None, count: int
    ) -> list[StoredItem]:
        if after is None:
            return super().fetch(call, filters, None, count)
        id, filters = json.loads(after[1])
        return super().fetch(call, filters, (after[0], id), count)

    def filters(self, call: Call) -> dict[str, str]:
        cursor = call.query.get("cursor")
        text = self.unseal(call.store.secret, self.binding(call, {}), cursor) if cursor else None
        if text is None:
            return super().filters(call)
        kept: dict[str, str] = json.loads(json.loads(text)[1])[1]
        return kept


class OwnerInCursor(Paginator):
    """The cursor carries whose items are listed, and nobody compares that with who asks."""

    def binding(self, call: Call, filters: Mapping[str, str]) -> bytes:
        return json.dumps([call.resource.name, filters], sort_keys=True).encode()

    def position(self, call: Call, last: StoredItem) -> Position:
        value, id = super().position(call, last)
        return value, f"{last.owner}|{id}"

    def fetch(
        self, call: Call, filters: Mapping[str, str], after: Position | None, count: int
    ) -> list[StoredItem]:
        if after is None:
            return super().fetch(call, filters, None, count)
        owner, _, id = after[1].partition("|")
        return call.store.page(call.resource.name, owner, filters, (after[0], id), count, *self.order(call))


class ReadableCursor(Paginator):
    """Signed, and readable: the row's id stands in it as base64."""

    def mask(self, secret: bytes, tag: bytes, text: bytes) -> bytes:
        return text

    def seal(self, secret: bytes, binding: bytes, text: bytes) -> str:
        shown = base64.urlsafe_b64encode(text).rstrip(b"=").decode()
        return f"{shown}.{self.tag(secret, binding, text).hex()}"

    def unseal(self, secret: bytes, binding: bytes, cursor: str) -> bytes | None:
        shown = cursor.partition(".")[0]
        try:
            text = base64.urlsafe_b64decode(shown.encode("ascii") + b"=" * (-len(shown) % 4))
        except ValueError:
            return None
        return text if self.seal(secret, binding, text) == cursor else None


class PlusInCursor(Paginator):
    """A prefix with a plus in it, which a query takes for a space."""

    def seal(self, secret: bytes, binding: bytes, text: bytes) -> str:
        return "v1+" + super().seal(secret, binding, text)

    def unseal(self, secret: bytes, binding: bytes, cursor: str) -> bytes | None:
        if not cursor.startswith("v1+"):
            return None
        return Paginator().unseal(secret, binding, cursor.removeprefix("v1+"))


class PlusInSomeCursors(PlusInCursor):
    """The standard alphabet of base64: a plus in one cursor of four."""

    def seal(self, secret: bytes, binding: bytes, text: bytes) -> str:
        sealed = Paginator().seal(secret, binding, text)
        return f"v1+{sealed}" if sealed[0] in "ABCDEFGHIJKLMNOP" else f"v1_{sealed}"

    def unseal(self, secret: bytes, binding: bytes, cursor: str) -> bytes | None:
        found = Paginator().unseal(secret, binding, cursor[3:])
        return found if found is not None and self.seal(secret, binding, found) == cursor else None


# -- links and counts ----------------------------------------------------------------------------------


class RelTwice(Numbered):
    """Two relations as two parameters."""

    def link(self, call: Call, number: int, last: int) -> str:
        return super().link(call, number, last).replace('rel="first"', 'rel="first"; rel="start"')


class LinkWithoutBrackets(Numbered):
    """A URL, and what it is."""

    def link(self, call: Call, number: int, last: int) -> str:
        return super().link(call, number, last).replace("<", "").replace(">", "")


class PrevOnTheFirstPage(Numbered):
    """A link to page 1 from page 1."""

    def link(self, call: Call, number: int, last: int) -> str:
        made = super().link(call, number, last)
        return made if number > 1 else f'{made}, <{self.target(call, page="1")}>; rel="prev"'


class NextOnTheLastPage(Paginator):
    """A link that is written whatever the content says."""

    def page(self, call: Call) -> tuple[Document, str | None]:
        document, link = super().page(call)
        return document, link or f'<{self.target(call, cursor=call.query.get("cursor", ""))}>; rel="next"'


class LinkDropsFilters(Numbered):
    """Links that are put together from the page number and the page size."""

    def target(self, call: Call, **position: str) -> str:
        return f"{quote(call.path)}?page={position['page']}&per_page={self.limit(call)}"


class LinkDropsPageSize(Numbered):
    """Links that are put together from the page number and the filters."""

    def target(self, call: Call, **position: str) -> str:
        made = super().target(call, **position)
        return made.replace(f"per_page={self.limit(call)}&", "")


class LinkDropsOrder(Paginator):
    """Links that are put together from the cursor, the page size and the filters; a cursor is good for any order."""

    def target(self, call: Call, **position: str) -> str:
        return re.sub(r"sort=[^&]*&", "", super().target(call, **position))

    def binding(self, call: Call, filters: Mapping[str, str]) -> bytes:
        return json.dumps([call.resource.name, call.principal.name, filters], sort_keys=True).encode()

    def after(self, call: Call, filters: Mapping[str, str]) -> Position | None:
        position = super().after(call, filters)
        if position is None or "sort" in self.parameters(call):
            return position
        item = call.store.find(call.resource.name, position[1])
        return position if item is None else (item.created, item.id)


class NoNextToAPartOfAPage(Numbered):
    """The last page is the total divided by the page size, rounded down."""

    def link(self, call: Call, number: int, last: int) -> str:
        _, total = self.fetch(call, 0, 1)
        made = super().link(call, number, last)
        if number < max(1, total // self.limit(call)):
            return made
        return ", ".join(part for part in made.split(", ") if 'rel="next"' not in part)


class LinkToInnerHost(Numbered):
    """Links with the name that the server has behind its proxy."""

    def target(self, call: Call, **position: str) -> str:
        return f"http://documents.internal:8080{super().target(call, **position)}"


class PrevIsTheSamePage(Numbered):
    """A link that goes back, by none."""

    def link(self, call: Call, number: int, last: int) -> str:
        made = super().link(call, number, last)
        return made.replace(f"page={number - 1}>", f"page={number}>") if number > 1 else made


class PrevIsTheFirstPage(Numbered):
    """A link that goes back all the way, which is right on the second page only."""

    def link(self, call: Call, number: int, last: int) -> str:
        made = super().link(call, number, last)
        return made.replace(f'page={number - 1}>; rel="prev"', 'page=1>; rel="prev"')


class TotalOfAll(Numbered):
    """The total is counted without the filter."""

    def document(self, call: Call, items: list[StoredItem], number: int, size: int, total: int) -> Document:
        made = super().document(call, items, number, size, total)
        _, everything = call.store.slice(call.resource.name, self.owner(call), {}, 0, 1)
        return {**made, "total": everything}


class TotalNeverFalls(Numbered):
    """A counter that creates raise and deletes forget; with a filter, the rows are counted."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[tuple[str, str | None], set[str]] = {}

    def document(self, call: Call, items: list[StoredItem], number: int, size: int, total: int) -> Document:
        made = super().document(call, items, number, size, total)
        if self.filters(call):
            return made
        name, owner = call.resource.name, self.owner(call)
        there, _ = call.store.slice(name, owner, {}, 0, 10_000)
        seen = self.seen.setdefault((name, owner), set())
        seen.update(item.id for item in there)
        return {**made, "total": len(seen)}


class PagesRoundedDown(Numbered):
    """Integer division."""

    def document(self, call: Call, items: list[StoredItem], number: int, size: int, total: int) -> Document:
        return {**super().document(call, items, number, size, total), "total_pages": total // size}


class PageCountedFromZero(Numbered):
    """The page as the database layer counts it."""

    def document(self, call: Call, items: list[StoredItem], number: int, size: int, total: int) -> Document:
        return {**super().document(call, items, number, size, total), "page": number - 1}


class TotalOfAllKinds(Numbered):
    """The count has a condition for the title alone."""

    def document(self, call: Call, items: list[StoredItem], number: int, size: int, total: int) -> Document:
        kept = {name: value for name, value in self.filters(call).items() if name != "kind"}
        _, counted = call.store.slice(call.resource.name, self.owner(call), kept, 0, 1)
        return super().document(call, items, number, size, counted)


class FilterOnFirstPageOnly(Paginator):
    """The query that continues after a cursor has no filter; and there are no links."""

    def fetch(
        self, call: Call, filters: Mapping[str, str], after: Position | None, count: int
    ) -> list[StoredItem]:
        return super().fetch(call, filters if after is None else {}, after, count)

    def page(self, call: Call) -> tuple[Document, str | None]:
        return super().page(call)[0], None


CURSOR = ("payments",)
SORTED = ("orders",)
DEFECTS: tuple[Defect, ...] = (
    defect("PAGE-001", "everything where no page size is given", numbered=UnboundedByDefault),
    defect(
        "PAGE-001",
        "no word of further pages where no page size is given",
        on=CURSOR,
        paginator=SilentByDefault,
    ),
    defect("PAGE-002", "one item more than asked for", on=CURSOR, paginator=OneTooMany),
    defect("PAGE-002", "a maximum that is not enforced", numbered=MaximumNotEnforced),
    defect("PAGE-002", "the end by the size asked for", on=CURSOR, paginator=EndByTheSizeAskedFor),
    defect("PAGE-002", "a page begins by the size asked for", numbered=StartByTheSizeAskedFor),
    defect("PAGE-002", "a huge page size overflows", numbered=HugeLimitOverflows),
    defect("PAGE-003", "a bad page size is ignored", numbered=BadLimitIsIgnored),
    defect("PAGE-003", "a bad page size is a server error", numbered=BadLimitFails),
    defect("PAGE-003", "page 0 is page 1", numbered=PageZero),
    defect("PAGE-004", "the filter is lost after a cursor", on=CURSOR, paginator=FilterOnFirstPageOnly),
    defect("PAGE-004", "each page skips an item", on=CURSOR, paginator=SkipsOneOnEachPage),
    defect("PAGE-004", "each page repeats an item", numbered=RepeatsOneOnEachPage),
    defect("PAGE-005", "a cursor is bound to its page size", on=CURSOR, paginator=CursorBoundToPageSize),
    defect("PAGE-005", "a page of one item goes the other way", numbered=OneItemByAnotherIndex),
    defect(
        "PAGE-006",
        "ties in any order",
        # The order is judged there as well.
        perhaps=frozenset({"QRY-004"}),
        on=SORTED,
        paginator=TiesAtRandom,
    ),
    defect(
        "PAGE-006",
        "a cursor of the sort key without tiebreaker",
        # The order is judged there as well.
        perhaps=frozenset({"QRY-004"}),
        on=SORTED,
        paginator=NoTiebreaker,
    ),
    defect("PAGE-007", "a full last page says that more follows", on=CURSOR, paginator=MoreWhenFull),
    defect("PAGE-007", "a cursor that leads to itself", on=CURSOR, paginator=CursorWithoutEnd),
    defect("PAGE-007", "no link to a last page that is not full", numbered=NoNextToAPartOfAPage),
    defect("PAGE-003", "a huge page number overflows", numbered=HugePageOverflows),
    defect("PAGE-008", "404 for no results", numbered=NothingIsNotFound),
    defect("PAGE-008", "null for no results", numbered=NothingIsNull),
    defect("PAGE-008", "404 beyond the last page", numbered=NothingBeyondTheEnd),
    # A count of rows is moved by deletions as much as by inserts.
    defect(
        "PAGE-009",
        "an offset in the guise of a cursor",
        on=CURSOR,
        also=frozenset({"PAGE-010", "PAGE-011"}),
        paginator=OffsetInDisguise,
    ),
    defect("PAGE-009", "a snapshot that inserts renew", on=SORTED, paginator=SnapshotTakenAgain),
    defect("PAGE-010", "a cursor that dies with its item", on=CURSOR, paginator=CursorDies),
    defect("PAGE-010", "a cursor by row number", on=SORTED, paginator=RowNumberFromTheOldest),
    defect("PAGE-010", "a snapshot that skips", on=SORTED, paginator=SnapshotThatSkips),
    defect("PAGE-011", "a cursor that follows its item", on=SORTED, paginator=CursorFollowsItsItem),
    defect("PAGE-012", "a server error where the list has shrunk", numbered=FailsWhenShrunk),
    defect("PAGE-013", "a bad cursor begins anew", on=CURSOR, paginator=BadCursorBeginsAnew),
    defect("PAGE-013", "a bad cursor is a server error", on=CURSOR, paginator=BadCursorFails),
    defect("PAGE-014", "a cursor overrides the filter", on=CURSOR, paginator=FilterInCursor),
    defect("PAGE-014", "a cursor shows another client's items", on=CURSOR, paginator=OwnerInCursor),
    defect("PAGE-015", "a cursor shows the row's id", on=CURSOR, paginator=ReadableCursor),
    defect("PAGE-015", "a cursor with a plus in it", on=CURSOR, paginator=PlusInCursor),
    defect("PAGE-015", "a plus in one cursor of four", on=CURSOR, paginator=PlusInSomeCursors),
    defect("PAGE-016", "a rel given twice", numbered=RelTwice),
    defect("PAGE-016", "a link without brackets", numbered=LinkWithoutBrackets),
    defect("PAGE-016", "prev on the first page", numbered=PrevOnTheFirstPage),
    defect("PAGE-016", "next on the last page", on=CURSOR, paginator=NextOnTheLastPage),
    defect("PAGE-017", "links drop the filter", numbered=LinkDropsFilters),
    defect("PAGE-017", "links drop the page size", numbered=LinkDropsPageSize),
    defect("PAGE-017", "links drop the order", on=("orders",), paginator=LinkDropsOrder),
    defect("PAGE-017", "links to an inner host", numbered=LinkToInnerHost),
    defect("PAGE-017", "prev leads to the same page", numbered=PrevIsTheSamePage),
    defect("PAGE-017", "prev leads to the first page", numbered=PrevIsTheFirstPage),
    defect("PAGE-018", "the total ignores the filter", numbered=TotalOfAll),
    defect(
        "PAGE-018", "the total ignores a listed value", resources=documents_of_kinds, numbered=TotalOfAllKinds
    ),
    defect("PAGE-018", "the total ends at 20", numbered=TotalEndsAt20),
    defect("PAGE-018", "deletions leave the total as it was", numbered=TotalNeverFalls),
    defect("PAGE-018", "the number of pages is rounded down", numbered=PagesRoundedDown),
    defect("PAGE-018", "pages are counted from 0", numbered=PageCountedFromZero),
)
