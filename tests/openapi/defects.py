"""Defects of what an OpenAPI document declares and the API does not do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.reference.call import Call, Reply
from harness.reference.endpoints import Item
from harness.reference.pagination import Paginator
from harness.reference.routing import Route, Router
from harness.reference.wire import Wire
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


class PatchCrashes(Item):
    """PATCH was written and documented, and never run."""

    def patch(self, call: Call) -> Reply:
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


class FieldOfSuccessesOnly(Wire):
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


class SortForgotten(Paginator):
    """The order is checked, and never handed to the database."""

    def order(self, call: Call) -> tuple[str | None, bool]:
        super().order(call)
        return None, True


DEFECTS: tuple[Defect, ...] = (
    defect("DOC-001", "PATCH is documented and not routed", router=PatchUnrouted),
    defect("DOC-001", "every PATCH crashes", on=("orders",), item=PatchCrashes),
    defect("DOC-001", "the list is routed elsewhere", router=ListElsewhere),
    defect("DOC-001", "DELETE is routed elsewhere", router=DeleteElsewhere),
    defect("DOC-002", "errors lack a required field", wire=FieldOfSuccessesOnly),
    defect("DOC-003", "a filter is ignored", on=("payments",), paginator=FilterForgotten),
    defect("DOC-003", "an order is ignored", on=("orders",), paginator=SortForgotten),
)
