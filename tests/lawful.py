"""Lawful APIs that a careless rule would accuse: variants of the reference that must break no rule."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any

from harness.reference import times
from harness.reference.call import Call, Document, Reply
from harness.reference.endpoints import Item
from harness.reference.errors import Problem, Problems
from harness.reference.paginator import Numbered, Paginator, Position
from harness.reference.representation import Representation
from harness.reference.store import Item as Stored
from harness.reference.wire import Wire
from tests.defects.serving import served


@dataclass(frozen=True)
class Variant:
    """A lawful API.

    Attributes:
        name: what is unusual about it.
        serve: starts it and yields its base URL.
        races: whether the race rules are put to it as well, which takes half a minute.
        profile: text of the `conformance.toml` in which the API's users declare what is unusual.
    """

    name: str
    serve: Callable[[], AbstractContextManager[str]]
    races: bool = False
    profile: str | None = None


def variant(name: str, races: bool = False, profile: str | None = None, **policies: type) -> Variant:
    return Variant(name, partial(served, policies), races, profile)


class LockVersion(Representation):
    """A counter of writes under a name of the framework's."""

    def of(self, resource: Any, item: Any) -> Any:
        return {**super().of(resource, item), "lock_version": item.version}


class Provisioning(Representation):
    """A state that moves by itself soon after creation."""

    def of(self, resource: Any, item: Any) -> Any:
        young = times.now() - item.created < 25_000
        return {**super().of(resource, item), "state": "provisioning" if young else "ready"}


class SignedUrls(Representation):
    """URLs that are signed anew in each answer."""

    def of(self, resource: Any, item: Any) -> Any:
        url = f"https://cdn.example.com/a.png?X-Amz-Date={times.now()}"
        return {**super().of(resource, item), "images": [url]}


class SlowlySignedUrl(Representation):
    """A URL that is signed anew every 30 ms."""

    def of(self, resource: Any, item: Any) -> Any:
        url = f"https://cdn.example.com/a.png?X-Amz-Date={times.now() // 30_000}&X-Amz-Signature=1"
        return {**super().of(resource, item), "image": url}


class TwoNodes(Paginator):
    """Two nodes that take turns, each of which says its name."""

    def __init__(self) -> None:
        super().__init__()
        self.turn = itertools.count()

    def document(self, call: Any, items: Any, cursor: Any) -> Any:
        return {**super().document(call, items, cursor), "node": "ab"[next(self.turn) % 2]}


class TagPerNode(Wire):
    """Two nodes that take turns, each with entity tags of its own."""

    def __init__(self) -> None:
        self.turn = itertools.count()

    def finish(self, call: Call, reply: Reply) -> Reply:
        reply = super().finish(call, reply)
        if "ETag" in reply.fields:
            reply.fields["ETag"] = f'"{"ab"[next(self.turn) % 2]}{reply.fields["ETag"][2:]}'
        return reply


class LateItems(Item):
    """Items that show 100 ms after they were created."""

    def load(self, call: Call) -> Any:
        item = super().load(call)
        if call.method == "GET" and times.now() - item.created < 100_000:
            self.absent(call)
        return item


class HiddenAbsence(Problems):
    """403 for what does not exist, so that nobody learns what does."""

    def http_status(self, call: Call, problem: Problem) -> int:
        hidden = problem.code == "not_found" and hasattr(call, "principal")
        return 403 if hidden else super().http_status(call, problem)

    status_member = http_status


class SoftDelete(Item):
    """Deleted items stay readable, and say so."""

    name, value = "discarded_at", "2026-01-01T00:00:00Z"

    def removal(self, call: Call) -> Any:
        item = self.load(call)

        def act(tx: Any) -> Reply:
            call.policies.locking.replace(call, tx, item, {**item.data, self.name: self.value})
            return self.deleted(call, item)

        return act

    def server_data(self, call: Call, item: Any) -> Any:
        kept = (*call.resource.server_properties, self.name)
        return {name: item.data[name] for name in kept if name in item.data}


class SoftDeleteByState(SoftDelete):
    name, value = "lifecycle", "deleting"


class SoftDeleteByTime(SoftDelete):
    name, value = "deleteTime", "2026-01-01T00:00:00Z"


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
ESTIMATES = """
[[resources]]
collection = "/documents"
[resources.pagination]
estimates = true
"""
VARIANTS = (
    variant("counts writes in lock_version", races=True, representation=LockVersion),
    variant("changes its state by itself", representation=Provisioning),
    variant("signs URLs anew in each answer", representation=SignedUrls),
    variant("signs a URL anew now and then", representation=SlowlySignedUrl),
    variant("two nodes that name themselves in lists", paginator=TwoNodes),
    variant("two nodes with entity tags of their own", wire=TagPerNode),
    variant("items that show late", item=LateItems),
    variant("403 for what is absent", problems=HiddenAbsence),
    variant("soft deletion by discarded_at", races=True, item=SoftDelete),
    variant("soft deletion by a state", item=SoftDeleteByState),
    variant("soft deletion by deleteTime", item=SoftDeleteByTime),
    variant("the last id as the cursor, by declaration", profile=KEYSET, paginator=Keyset),
    variant("an empty page at the end", paginator=EmptyLastPage),
    variant("a page size that is coerced down", profile=COERCED, paginator=LimitCoerced),
    variant("pages shorter than asked for", paginator=ShortPages),
    variant("links of a query alone", paginator=QueryOnlyLinks),
    variant("cursors that expire", paginator=ExpiringCursors),
    variant("totals that are estimates, by declaration", profile=ESTIMATES, numbered=EstimatedTotals),
    variant("lists that lag behind", paginator=LateLists),
)
