"""Writing without losing anyone's change: compare-and-set on what was read."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from harness.reference.call import Call, Document, Reply
from harness.reference.errors import Problem
from harness.reference.store import Duplicate, Raced, StoredItem, Transaction

Act = Callable[[Transaction], Reply]
Plan = Callable[[], Act]


class LockingPolicy:
    """Plans outside the transaction, acts inside it, and plans again when another writer was faster."""

    attempts = 100
    guarded = True

    def commit(
        self, call: Call, plan: Plan, finish: Callable[[Transaction, Reply], None] | None = None
    ) -> Reply:
        """The reply of the plan's act; `finish` takes part in the same transaction."""
        for _ in range(self.attempts):
            try:
                act = plan()
                with call.store.write() as tx:
                    reply = act(tx)
                    if finish is not None:
                        finish(tx, reply)
                return reply
            except Raced:
                continue
            except Duplicate:
                self.duplicate(call)
        raise Problem("busy", "Too many writers compete for this resource.", {"Retry-After": "1"})

    def insert(self, call: Call, tx: Transaction, id: str, data: Document) -> StoredItem:
        """Store a new item of the caller."""
        resource = call.resource
        return call.store.insert(tx, resource.name, id, call.principal.name, data, self.unique(call, data))

    def replace(self, call: Call, tx: Transaction, item: StoredItem, data: Document) -> StoredItem:
        """Store new data, if the item is still as it was read."""
        return call.store.replace(tx, item, data, self.unique(call, data), self.guarded)

    def remove(self, call: Call, tx: Transaction, item: StoredItem) -> None:
        """Remove the item, if it is still as it was read."""
        call.store.remove(tx, item, self.guarded)

    def unique(self, call: Call, data: Document) -> str | None:
        """The value that a constraint keeps unique."""
        return data.get(call.resource.unique) if call.resource.unique else None

    def duplicate(self, call: Call) -> NoReturn:
        """409 that names the field (RFC 9110 section 15.5.10)."""
        name = call.resource.unique or ""
        failure = {"pointer": f"/{name}", "field": name, "code": "duplicate", "detail": "is already taken"}
        raise Problem("duplicate", f"Another resource already has this {name}.", field=name, errors=[failure])

    def check_version(self, call: Call, item: StoredItem, version: object) -> None:
        """409 where the version in the content is not the current one."""
        if version != item.version:
            self.stale(call, item)

    def stale(self, call: Call, item: StoredItem) -> NoReturn:
        """409 with the current version."""
        detail = "The version is not the current one: read the resource and try again."
        raise Problem("version_conflict", detail, current_version=item.version)
