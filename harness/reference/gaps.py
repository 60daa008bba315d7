"""Policies with a gap between their check and their act: bases of bugs that show under concurrent requests only."""

from __future__ import annotations

import secrets
import time
from typing import Any

from harness.reference import times
from harness.reference.call import Call, Document, Reply
from harness.reference.idempotency import IdempotencyPolicy, KeyClaim, Stored
from harness.reference.locking import Act, LockingPolicy, Plan
from harness.reference.store import StoredItem, Transaction


class LooksFirst(IdempotencyPolicy):
    """A look for the key, then the work, then the note that it was done."""

    gap = 0.0
    """Seconds between the check and the act."""

    def claim(self, call: Call, key: str, fingerprint: str) -> KeyClaim | Stored:
        claim = KeyClaim(self.scope(call), key, secrets.token_hex(8))
        with call.store.read() as connection:
            row = connection.execute(
                "SELECT fingerprint, status, fields, body FROM keys WHERE scope = ? AND key = ?",
                (claim.scope, key),
            ).fetchone()
        if row is not None:
            return Stored(*row)
        time.sleep(self.gap)
        with call.store.write() as tx:
            tx.execute(
                "INSERT OR REPLACE INTO keys (scope, key, fingerprint, claim, since) VALUES (?, ?, ?, ?, ?)",
                (claim.scope, key, fingerprint, claim.token, times.now()),
            )
        return claim

    def complete(self, tx: Transaction, claim: KeyClaim, reply: Reply) -> None:
        tx.execute(
            "UPDATE keys SET claim = ? WHERE scope = ? AND key = ?", (claim.token, claim.scope, claim.key)
        )
        super().complete(tx, claim, reply)


class Unguarded(LockingPolicy):
    """A condition that is checked before the transaction, and not again in it."""

    gap = 0.0
    """Seconds between the check and the act."""

    def commit(self, call: Call, plan: Plan, finish: Any = None) -> Reply:
        def planned() -> Act:
            act = plan()
            if not self.guards(call):
                time.sleep(self.gap)
            return act

        return super().commit(call, planned, finish)

    def replace(self, call: Call, tx: Transaction, item: StoredItem, data: Document) -> StoredItem:
        return call.store.replace(tx, item, data, self.unique(call, data), self.guards(call))

    def guards(self, call: Call) -> bool:
        """Whether the condition of this request is checked again in the transaction."""
        raise NotImplementedError
