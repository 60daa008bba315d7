"""Defects of what an OpenAPI document declares and the API does not do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from harness.reference.call import Call, Document, Reply
from harness.reference.endpoints import CollectionEndpoint, ItemEndpoint
from harness.reference.idempotency import IdempotencyPolicy, KeyClaim, Stored
from harness.reference.locking import Act
from harness.reference.pagination import Paginator, Position
from harness.reference.routing import Route, Router
from harness.reference.store import StoredItem
from harness.reference.wire import WirePolicy
from tests.matrix.defect import Defect
from tests.matrix.serving import defect


class PatchUnrouted(Router):
    """PATCH was written and documented, and never routed."""

    def match(self, call: Call, routes: Sequence[Route]) -> Route | None:
        found = super().match(call, routes)
        if found is None or found.resource is None:
            return found
        kept = {name: handler for name, handler in found.handlers.items() if name != "PATCH"}
        return replace(found, handlers=kept)


class PatchCrashes(ItemEndpoint):
    """PATCH was written and documented, and never run."""

    def patch(self, call: Call) -> Reply:
        raise RuntimeError("a bug")


class PutCrashes(ItemEndpoint):
    """PUT was written and documented, and never run."""

    def put(self, call: Call) -> Reply:
        raise RuntimeError("a bug")


class DeleteCrashes(ItemEndpoint):
    """A foreign key was forgotten: no row can be deleted."""

    def delete(self, call: Call) -> Reply:
        self.load(call)
        raise RuntimeError("a bug")


class CreateCrashes(CollectionEndpoint):
    """A column was renamed: no row can be inserted."""

    def creation(self, call: Call, document: Document) -> Act:
        raise RuntimeError("a bug")


class ListCrashes(CollectionEndpoint):
    """The query of the list names a column that is gone."""

    def get(self, call: Call) -> Reply:
        raise RuntimeError("a bug")


class ReadCrashes(ItemEndpoint):
    """One item cannot be serialised; the list takes another way."""

    def get(self, call: Call) -> Reply:
        self.load(call)
        raise RuntimeError("a bug")


class DeleteElsewhere(Router):
    """DELETE was registered below another path: there is no route for it here."""

    def match(self, call: Call, routes: Sequence[Route]) -> Route | None:
        found = super().match(call, routes)
        return None if found is not None and found.resource is not None and call.method == "DELETE" else found


class ListElsewhere(Router):
    """The list was registered below another path."""

    def match(self, call: Call, routes: Sequence[Route]) -> Route | None:
        found = super().match(call, routes)
        lost = (
            found is not None and found.resource is not None and not call.parameters and call.method == "GET"
        )
        return None if lost else found


class FieldOfSuccessesOnly(WirePolicy):
    """Middleware that errors go round."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        finished = super().finish(call, reply)
        if reply.status >= 400:
            del finished.fields["X-Content-Type-Options"]
        return finished


class FilterForgotten(Paginator):
    """The filter's parameter was renamed in the code."""

    def filters(self, call: Call) -> dict[str, str]:
        return {}


class StatusForgotten(Paginator):
    """The filter by status was never written."""

    def filters(self, call: Call) -> dict[str, str]:
        return {name: value for name, value in super().filters(call).items() if name != "status"}


class CurrencyOnFirstPageOnly(Paginator):
    """The query that continues after a cursor was written before the filter by currency."""

    def fetch(
        self, call: Call, filters: Mapping[str, str], after: Position | None, count: int
    ) -> list[StoredItem]:
        kept = {name: value for name, value in filters.items() if after is None or name != "currency"}
        return super().fetch(call, kept, after, count)


class SortForgotten(Paginator):
    """The order is checked, and never handed to the database."""

    def order(self, call: Call) -> tuple[str | None, bool]:
        super().order(call)
        return None, True


class FilterCrashes(Paginator):
    """The filter's column was renamed in the database."""

    def filters(self, call: Call) -> dict[str, str]:
        if found := super().filters(call):
            raise RuntimeError(f"no column {next(iter(found))}")
        return found


class SortCrashes(Paginator):
    """The member to sort by was renamed in the database."""

    def order(self, call: Call) -> tuple[str | None, bool]:
        member, descending = super().order(call)
        if member is not None:
            raise RuntimeError(f"no column {member}")
        return member, descending


class KeyCrashes(IdempotencyPolicy):
    """The table of the keys was never created."""

    def claim(self, call: Call, key: str, fingerprint: str) -> KeyClaim | Stored:
        raise RuntimeError("no table keys")


class TagDropped(WirePolicy):
    """A gateway removes entity tags, because it changes content."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        finished = super().finish(call, reply)
        if "ETag" in finished.fields:
            del finished.fields["ETag"]
        return finished


DEFECTS: tuple[Defect, ...] = (
    defect("DOC-001", "PATCH is documented and not routed", router=PatchUnrouted),
    defect("DOC-001", "every PATCH crashes", on=("orders",), item=PatchCrashes),
    defect("DOC-001", "every PUT crashes", on=("orders",), item=PutCrashes),
    defect("DOC-001", "every DELETE crashes", on=("orders",), item=DeleteCrashes),
    defect("DOC-001", "every create crashes", on=("orders",), collection=CreateCrashes),
    defect("DOC-001", "every list crashes", on=("orders",), collection=ListCrashes),
    defect("DOC-001", "every read crashes", on=("orders",), item=ReadCrashes),
    defect("DOC-001", "the list is routed elsewhere", router=ListElsewhere),
    defect("DOC-001", "DELETE is routed elsewhere", router=DeleteElsewhere),
    defect("DOC-002", "errors lack a required field", wire=FieldOfSuccessesOnly),
    defect("DOC-003", "a filter is ignored", on=("payments",), paginator=FilterForgotten),
    defect("DOC-003", "a filter by a listed value is ignored", on=("orders",), paginator=StatusForgotten),
    defect(
        "DOC-003", "a filter is lost after the first page", on=("orders",), paginator=CurrencyOnFirstPageOnly
    ),
    defect("DOC-003", "an order is ignored", on=("orders",), paginator=SortForgotten),
    defect("DOC-004", "a documented filter crashes", on=("payments",), paginator=FilterCrashes),
    defect("DOC-004", "a documented order crashes", on=("orders",), paginator=SortCrashes),
    defect("DOC-004", "documented idempotency keys crash", on=("orders",), idempotency=KeyCrashes),
    defect("DOC-004", "documented ETags are never sent", on=("orders",), wire=TagDropped),
)
