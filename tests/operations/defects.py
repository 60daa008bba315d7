"""Defects of long-running operations."""

from __future__ import annotations

import json
import time
from typing import Any

from harness.reference import times
from harness.reference.call import Call, Document, Reply
from harness.reference.errors import Problem
from harness.reference.operations import (
    STATUSES,
    Cancellation,
    Exports,
    OperationMonitor,
    OperationResult,
    Operations,
    StoredOperation,
)
from harness.reference.store import Store
from tests.matrix.serving import defect


class Slow(Operations):
    """No machine is so busy that it is over before the first look."""

    step = 0.3


class NoMonitor(Exports):
    """202, and the work is out of sight."""

    def post(self, call: Call) -> Reply:
        super().post(call)
        return call.policies.representation.reply(call, 202, {"message": "Your export is on its way."})


class AlwaysFails(Exports):
    """The queue is not configured in this environment."""

    def check(self, call: Call, document: Any) -> None:
        super().check(call, document)
        raise ConnectionError("the queue does not answer")


class AbsentWhileRunning(OperationMonitor):
    """The operation is visible only when the worker is done with it."""

    def load(self, call: Call) -> StoredOperation:
        found = super().load(call)
        if not found.ended:
            raise Problem("not_found", "There is no operation with this identifier.")
        return found


class FailsWhileRunning(OperationMonitor):
    """The result is rendered before there is one."""

    def get(self, call: Call) -> Reply:
        if not self.load(call).ended:
            raise TypeError("'NoneType' object is not subscriptable")
        return super().get(call)


class RunsNowAndThen(OperationMonitor):
    """Some of the reads after the end say that the operation runs."""

    def __init__(self) -> None:
        self.ended: dict[str, int] = {}

    def runs(self, read: int) -> bool:
        """Whether a read says so.

        Args:
            read: its number, counted from the end; the first is 1.
        """
        raise NotImplementedError

    def get(self, call: Call) -> Reply:
        document = self.document(found := self.load(call))
        if found.ended:
            self.ended[found.id] = self.ended.get(found.id, 0) + 1
            if self.runs(self.ended[found.id]):
                document |= {"status": "running", "progress": 75}
        return call.policies.representation.selected(call, document)


class RunsAgain(RunsNowAndThen):
    """The state is computed from the queue, which has the job again for its notification."""

    def runs(self, read: int) -> bool:
        return read == 2


class OneNodeRuns(RunsNowAndThen):
    """One node of several has not heard of the end, and answers now and then."""

    def runs(self, read: int) -> bool:
        return read % 5 == 0


class NeverEnds(Operations):
    """The worker waits for a message that is never sent."""

    def finish(self, store: Store, id: str, request: Document) -> bool:
        return "since" not in request or super().finish(store, id, request)


class ResultFails(OperationResult):
    """The bucket of the results has another name here."""

    def get(self, call: Call) -> Reply:
        raise KeyError("EXPORT_BUCKET")


class SuccessFirst(OperationMonitor):
    """The state is written by the worker, and the result by a listener that is later."""

    def __init__(self) -> None:
        self.ended: set[str] = set()

    def document(self, operation: StoredOperation) -> Document:
        shown = super().document(operation)
        if operation.ended and operation.id not in self.ended:
            self.ended.add(operation.id)
            shown["result_url"] = None
        return shown


class FailsWithout(OperationMonitor):
    """What failed is in the log only."""

    def document(self, operation: StoredOperation) -> Document:
        return {**super().document(operation), "error": None}


class AcceptsAnything(Operations):
    """Validation is left to the worker."""

    def finish(self, store: Store, id: str, request: Document) -> bool:
        if "collection" not in request:
            error = '{"code": "invalid", "message": "There is no collection in it."}'
            return self.change(store, id, ("running",), status="failed", error=error)
        return super().finish(store, id, request)


class NotValidated(Exports):
    def check(self, call: Call, document: Any) -> None:
        pass


class Cached(OperationMonitor):
    """The monitor is cached like everything else."""

    def get(self, call: Call) -> Reply:
        reply = super().get(call)
        reply.fields["Cache-Control"] = "private, max-age=60"
        return reply


class CancelFails(Cancellation):
    """Nobody has ever cancelled anything."""

    def post(self, call: Call) -> Reply:
        call.policies.monitor.load(call)
        raise NotImplementedError("cancel")


class CancelsEnded(Cancellation):
    """The state is overwritten, whatever it was."""

    def post(self, call: Call) -> Reply:
        operation = call.policies.monitor.load(call)
        call.policies.operations.change(call.store, operation.id, STATUSES, status="cancelled")
        current = call.policies.monitor.load(call)
        return call.policies.representation.reply(call, 202, call.policies.monitor.document(current))


class WorksOn(Operations):
    """The worker does not look whether it is cancelled, and overwrites the state when it has finished."""

    step = 0.4

    def work(self, store: Store, id: str) -> None:
        time.sleep(self.step)
        self.change(store, id, STATUSES, status="succeeded", progress=100, result="{}")


class CancelledAtOnce(Cancellation):
    """The state is cancelled before the worker has stopped."""

    def post(self, call: Call) -> Reply:
        reply = super().post(call)
        id = call.parameters["id"]
        call.policies.operations.change(call.store, id, ("cancelling",), status="cancelled")
        return reply


class IgnoresKey(Exports):
    """Only creates look for a key."""

    def key(self, call: Call) -> str | None:
        return None


class AnyonesMonitor(OperationMonitor):
    """Who knows the id may see it."""

    def load(self, call: Call) -> StoredOperation:
        found = call.policies.operations.find(call.store, call.parameters["id"])
        if found is None:
            raise Problem("not_found", "There is no operation with this identifier.")
        return found


class AnyonesResult(OperationResult):
    """The owner is checked at the operation, and not at what it has made."""

    def get(self, call: Call) -> Reply:
        found = call.policies.operations.find(call.store, call.parameters["id"])
        if found is None or found.result is None:
            return super().get(call)
        return call.policies.representation.selected(call, json.loads(found.result))


class AnyoneCancels(Cancellation):
    """The owner is checked where the operation is shown only."""

    def post(self, call: Call) -> Reply:
        changed = call.policies.operations.change(
            call.store, call.parameters["id"], ("pending", "running"), status="cancelling"
        )
        if not changed:
            raise Problem("invalid_state", "The operation has ended.")
        return Reply(204)


class UnknownIsPending(OperationMonitor):
    """The queue does not know what it was never given."""

    def get(self, call: Call) -> Reply:
        try:
            return super().get(call)
        except Problem:
            now = times.now()
            values = (call.parameters["id"], "", "pending", 0, "{}", None, None, now, now)
            return call.policies.representation.selected(call, self.document(StoredOperation(*values)))


DEFECTS = (
    defect("LRO-001", "202 without a monitor", exports=NoMonitor),
    defect("LRO-001", "the start is declared, and always fails", exports=AlwaysFails),
    defect("LRO-002", "absent while it is running", operations=Slow, monitor=AbsentWhileRunning),
    defect("LRO-002", "the monitor fails while it is running", operations=Slow, monitor=FailsWhileRunning),
    defect("LRO-003", "it runs again after its end", monitor=RunsAgain),
    defect("LRO-003", "one node of several still runs", monitor=OneNodeRuns),
    defect("LRO-004", "it never ends", operations=NeverEnds),
    # So does that of an operation which is not there.
    defect("LRO-005", "the result always fails", perhaps=frozenset({"SCH-009"}), result=ResultFails),
    defect("LRO-005", "success is shown before the result", monitor=SuccessFirst),
    defect("LRO-006", "a failure without a reason", monitor=FailsWithout),
    defect("LRO-006", "invalid input fails later", exports=NotValidated, operations=AcceptsAnything),
    defect("LRO-009", "caches may keep the state", operations=Slow, monitor=Cached),
    defect("LRO-007", "a cancellation fails", cancellation=CancelFails),
    defect("LRO-007", "what has succeeded is cancelled", cancellation=CancelsEnded),
    defect("LRO-007", "it is cancelled, and succeeds", operations=WorksOn, cancellation=CancelledAtOnce),
    defect("LRO-008", "a retry under its key starts a second one", exports=IgnoresKey),
    defect("LRO-008", "client B sees it", monitor=AnyonesMonitor),
    defect("LRO-008", "client B reads its result", result=AnyonesResult),
    defect("LRO-008", "client B cancels it", operations=Slow, cancellation=AnyoneCancels),
    defect("LRO-008", "what was never started is pending", monitor=UnknownIsPending),
)
