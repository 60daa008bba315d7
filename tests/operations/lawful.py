"""Lawful APIs whose long-running operations look otherwise."""

from __future__ import annotations

import time

from harness.reference.call import Call, Document, Reply
from harness.reference.operations import Exports, OperationMonitor, StoredOperation
from tests.matrix.declared import CLIENTS, OPERATIONS
from tests.matrix.variant import Variant, variant


class AtOnceUnlessAsked(Exports):
    """A start waits for its end and answers with the result; who prefers respond-async gets a job (201)."""

    def post(self, call: Call) -> Reply:
        reply = super().post(call)
        place = reply.fields["Operation-Location"]
        del reply.fields["Operation-Location"]
        if "respond-async" in (call.values("prefer") or ""):
            del reply.fields["Preference-Applied"]
            reply.status, reply.fields["Location"] = 201, place
            return reply
        while True:
            found = call.policies.operations.find(call.store, place.rpartition("/")[2])
            if found is None or found.ended:
                return call.policies.representation.reply(call, 200, {"collection": "orders", "rows": 0})
            time.sleep(0.01)


class LocationOnly(Exports):
    """202 with Location, and no content to speak of."""

    def post(self, call: Call) -> Reply:
        reply = super().post(call)
        fields = {"Location": reply.fields["Operation-Location"]}
        if "Preference-Applied" in reply.fields:
            fields["Preference-Applied"] = "respond-async"
        return Reply(202, b"", fields)


class ByStatusCode(OperationMonitor):
    """202 without content until the result is there, which is then the answer; 4xx where it failed."""

    def get(self, call: Call) -> Reply:
        operation = self.load(call)
        if operation.status in ("cancelled", "failed"):
            return call.policies.representation.reply(
                call, 200, {"state": operation.status, "error": {"message": operation.error or "cancelled"}}
            )
        if not operation.ended:
            return Reply(202, b"", {"Retry-After": "0", "Cache-Control": "no-store"})
        return call.policies.representation.selected(call, {"collection": "orders", "rows": 0})


class NamedAndDone(OperationMonitor):
    """google.longrunning.Operation: a name and `done`, an error or a response (AIP-151)."""

    def document(self, operation: StoredOperation) -> Document:
        shown: Document = {
            "name": f"operations/{operation.id}",
            "metadata": {"progressPercent": operation.progress},
            "done": operation.ended,
        }
        if operation.error is not None or operation.status == "cancelled":
            shown["error"] = {"code": 1, "message": operation.error or "cancelled"}
        elif operation.ended:
            shown["response"] = {"rows": 0}
        return shown


class NameOnly(Exports):
    """Only the content leads to the operation."""

    def post(self, call: Call) -> Reply:
        reply = super().post(call)
        del reply.fields["Operation-Location"]
        return reply


class NotThatSoon(OperationMonitor):
    """The result is found by a 303 at the end."""

    def get(self, call: Call) -> Reply:
        operation = self.load(call)
        if operation.result is not None:
            return Reply(303, b"", {"Location": f"/v1/operations/{operation.id}/result"})
        return super().get(call)


VARIANTS: tuple[Variant, ...] = (
    variant(
        "operations finish at once, unless the client prefers otherwise",
        on=("documents",),
        profile=CLIENTS + OPERATIONS,
        exports=AtOnceUnlessAsked,
    ),
    variant(
        "202 of the monitor says that an operation is running",
        on=("documents",),
        profile=CLIENTS + OPERATIONS,
        exports=LocationOnly,
        monitor=ByStatusCode,
    ),
    variant(
        "operations have a name and are done",
        on=("documents",),
        profile=CLIENTS + OPERATIONS,
        exports=NameOnly,
        monitor=NamedAndDone,
    ),
    variant(
        "an operation that has succeeded leads elsewhere (303)",
        on=("documents",),
        profile=CLIENTS + OPERATIONS,
        monitor=NotThatSoon,
    ),
)
