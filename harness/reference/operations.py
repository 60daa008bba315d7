"""Exports: long-running operations that a background worker performs, with progress, failure and cancellation."""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
import time
from dataclasses import dataclass
from typing import Any

from harness.reference import times
from harness.reference.call import Call, Document, Reply
from harness.reference.errors import Problem
from harness.reference.locking import Act
from harness.reference.openapi_parts import (
    KEY_DESCRIPTION,
    errors,
    field,
    get_operation,
    path_parameter,
    response,
    schema_ref,
)
from harness.reference.reader import JSON
from harness.reference.store import Store, Transaction

STATUSES = ("pending", "running", "cancelling", "succeeded", "failed", "cancelled")
ENDED = ("succeeded", "failed", "cancelled")
EXAMPLE = {"collection": "orders"}
FAILING = {"collection": "orders", "since": "2999-01-01T00:00:00Z"}
COLUMNS = "id, owner, status, progress, request, result, error, created, updated"


@dataclass(frozen=True)
class StoredOperation:
    """A stored operation; `result` and `error` are JSON."""

    id: str
    owner: str
    status: str
    progress: int
    request: str
    result: str | None
    error: str | None
    created: int
    updated: int

    @property
    def ended(self) -> bool:
        return self.status in ENDED


class Operations:
    """Operations in the database, and the worker that performs them."""

    step = 0.04
    """Seconds between two changes of an operation."""

    def insert(self, tx: Transaction, id: str, owner: str, request: Document) -> None:
        """Store a new operation."""
        now = times.now()
        values = (id, owner, "pending", 0, json.dumps(request), None, None, now, now)
        tx.execute(f"INSERT INTO operations ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)

    def find(self, store: Store, id: str) -> StoredOperation | None:
        """The operation as last committed."""
        with store.read() as connection:
            row = connection.execute(f"SELECT {COLUMNS} FROM operations WHERE id = ?", (id,)).fetchone()
        return StoredOperation(*row) if row else None

    def change(self, store: Store, id: str, before: tuple[str, ...], **values: Any) -> bool:
        """Change an operation that is in one of the given states; whether it was."""
        named = {**values, "updated": times.now()}
        assigned = ", ".join(f"{name} = ?" for name in named)
        marks = ", ".join("?" for _ in before)
        with store.write() as tx:
            found = tx.execute(
                f"UPDATE operations SET {assigned} WHERE id = ? AND status IN ({marks})",
                (*named.values(), id, *before),
            )
        return found.rowcount == 1

    def begin(self, store: Store, id: str) -> None:
        """Let the worker perform an operation."""
        threading.Thread(target=self._work, args=(store, id), name=f"operation-{id}", daemon=True).start()

    def _work(self, store: Store, id: str) -> None:
        try:
            self.work(store, id)
        except sqlite3.Error:
            # The server has been stopped, and its database removed.
            return

    def work(self, store: Store, id: str) -> None:
        """Perform an operation step by step; whoever cancels it is obeyed at the next step."""
        found = self.find(store, id)
        if found is None:
            return
        for progress in self.course(json.loads(found.request)):
            time.sleep(self.step)
            if not self.change(store, id, ("pending", "running"), status="running", progress=progress):
                self.change(store, id, ("cancelling",), status="cancelled")
                return
        time.sleep(self.step)
        if not self.finish(store, id, json.loads(found.request)):
            self.change(store, id, ("cancelling",), status="cancelled")

    def course(self, request: Document) -> tuple[int, ...]:
        """The progress that is shown, step by step, in per cent."""
        return (25, 75)

    def finish(self, store: Store, id: str, request: Document) -> bool:
        """Store the result, or what failed; whether the operation had not been cancelled."""
        if "since" in request:
            error = {"code": "nothing_to_export", "message": "There is nothing that new."}
            return self.change(store, id, ("running",), status="failed", error=json.dumps(error))
        result = json.dumps({"collection": request["collection"], "rows": 0})
        return self.change(store, id, ("running",), status="succeeded", progress=100, result=result)


class Exports:
    """POST starts an export."""

    def post(self, call: Call) -> Reply:
        """202 with the operation and where to watch it (RFC 9110 section 15.3.3), once for each idempotency key."""
        key = self.key(call)
        _, document = call.policies.reader.read(call, JSON)
        self.check(call, document)
        reply = call.policies.idempotency.run(call, key, document, lambda: self.start(call, document))
        if "Idempotent-Replayed" not in reply.fields:
            call.policies.operations.begin(call.store, reply.fields["Operation-Location"].rpartition("/")[2])
        return reply

    def key(self, call: Call) -> str | None:
        """The idempotency key of the request, if it has one."""
        return call.policies.idempotency.key(call) if "idempotency-key" in call.headers else None

    def check(self, call: Call, document: Any) -> None:
        """422 before anything is started."""
        names = [resource.name for resource in call.policies.resources]
        failure = call.policies.validator.failure
        if not isinstance(document, dict) or "collection" not in document:
            call.policies.validator.refuse(call, [failure(["collection"], "required", "is required")])
        elif document["collection"] not in names:
            text = f"must be one of {', '.join(names)}"
            call.policies.validator.refuse(call, [failure(["collection"], "not_allowed", text)])

    def start(self, call: Call, document: Document) -> Act:
        """The plan: a new operation."""
        id = f"op_{secrets.token_hex(10)}"

        def act(tx: Transaction) -> Reply:
            operations = call.policies.operations
            operations.insert(tx, id, call.principal.name, document)
            row = tx.execute(f"SELECT {COLUMNS} FROM operations WHERE id = ?", (id,)).fetchone()
            return self.accepted(call, StoredOperation(*row))

        return act

    def accepted(self, call: Call, operation: StoredOperation) -> Reply:
        """202 with its monitor."""
        reply = call.policies.representation.reply(call, 202, call.policies.monitor.document(operation))
        reply.fields["Operation-Location"] = f"/v1/operations/{operation.id}"
        reply.fields["Retry-After"] = "0"
        if "respond-async" in (call.values("prefer") or ""):
            reply.fields["Preference-Applied"] = "respond-async"
        return reply


class OperationMonitor:
    """GET shows an operation."""

    def get(self, call: Call) -> Reply:
        """The state of the operation, with Retry-After until it has ended."""
        operation = self.load(call)
        reply = call.policies.representation.selected(call, self.document(operation))
        if not operation.ended and reply.status == 200:
            reply.fields["Retry-After"] = "0"
        return reply

    def load(self, call: Call) -> StoredOperation:
        """The operation, or 404, also for that of another client."""
        found = call.policies.operations.find(call.store, call.parameters["id"])
        if found is None or not call.policies.authenticator.sees(call.principal, found.owner):
            raise Problem("not_found", "There is no operation with this identifier.")
        return found

    def document(self, operation: StoredOperation) -> Document:
        """The members of an operation."""
        shown: Document = {
            "id": operation.id,
            "status": operation.status,
            "progress": operation.progress,
            "result_url": f"/v1/operations/{operation.id}/result" if operation.result is not None else None,
            "error": json.loads(operation.error) if operation.error is not None else None,
            "created_at": times.rfc3339(operation.created),
            "updated_at": times.rfc3339(operation.updated),
        }
        return shown


class OperationResult:
    """GET shows what an operation has made."""

    def get(self, call: Call) -> Reply:
        """The result; 409 where there is none, or none yet."""
        operation = call.policies.monitor.load(call)
        if operation.result is None:
            raise Problem("invalid_state", f"The operation is {operation.status}.")
        return call.policies.representation.selected(call, json.loads(operation.result))


class Cancellation:
    """POST cancels an operation."""

    def post(self, call: Call) -> Reply:
        """202 with the operation, which ends soon; 409 where it has ended already."""
        operation = call.policies.monitor.load(call)
        operations = call.policies.operations
        changed = operations.change(
            call.store, operation.id, ("pending", "running", "cancelling"), status="cancelling"
        )
        if not changed:
            raise Problem("invalid_state", "The operation has ended.")
        current = call.policies.monitor.load(call)
        return call.policies.representation.reply(call, 202, call.policies.monitor.document(current))


def operation_schemas() -> dict[str, Any]:
    """The component schemas."""
    time_of = {"type": "string", "format": "date-time"}
    members: dict[str, Any] = {
        "id": {"type": "string"},
        "status": {"type": "string", "enum": list(STATUSES)},
        "progress": {"type": "integer", "minimum": 0, "maximum": 100},
        "result_url": {"type": ["string", "null"]},
        "error": {
            "type": ["object", "null"],
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
        },
        "created_at": time_of,
        "updated_at": time_of,
    }
    export = {"collection": {"type": "string"}, "since": time_of}
    return {
        "Operation": {"type": "object", "required": list(members), "properties": members},
        "Export": {"type": "object", "required": ["collection"], "properties": export},
    }


def operation_paths() -> dict[str, Any]:
    """The paths of exports and their operations."""
    id = [path_parameter("id")]
    accepted = response("Accepted.", schema_ref("Operation"), "Operation-Location", "Retry-After")
    start = {
        "operationId": "startExport",
        "summary": "Start an export of a collection; it goes on after the response.",
        "parameters": [
            field("Idempotency-Key", KEY_DESCRIPTION),
            field("Prefer", "`respond-async` is honoured; every export is asynchronous (RFC 7240)."),
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": schema_ref("Export"), "example": EXAMPLE}},
        },
        "responses": {"202": accepted, **errors("400", "401", "403", "406", "409", "413", "415", "422")},
    }
    monitor = get_operation("getOperation", "An operation.", schema_ref("Operation"), "Retry-After")
    result = get_operation("getResult", "What an operation has made.", {"type": "object"})
    monitor["responses"] |= errors("404")
    result["responses"] |= errors("404", "409")
    cancel = {
        "operationId": "cancelOperation",
        "summary": "Cancel an operation.",
        "responses": {
            "202": response("Cancelling.", schema_ref("Operation")),
            **errors("401", "403", "404", "406", "409"),
        },
    }
    return {
        "/exports": {"post": start},
        "/operations/{id}": {"parameters": id, "get": monitor},
        "/operations/{id}/result": {"parameters": id, "get": result},
        "/operations/{id}/cancel": {"parameters": id, "post": cancel},
    }
