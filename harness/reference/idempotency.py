"""Idempotency keys (Internet-Draft draft-ietf-httpapi-idempotency-key-header-07).

A key is claimed in one short transaction (a unique constraint lets one request win) and completed in the
transaction of the effect itself. A crash in between leaves a claim that lapses, and no effect.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from dataclasses import dataclass
from typing import Any, NoReturn

from harness.reference import times
from harness.reference.call import Call, Reply
from harness.reference.errors import Problem
from harness.reference.locking import Plan
from harness.reference.store import Transaction

SECOND = 1_000_000


@dataclass(frozen=True)
class KeyClaim:
    """The right to execute the request of a key."""

    scope: str
    key: str
    token: str


@dataclass(frozen=True)
class Stored:
    """What is known of a key that was used before; status is None while the request is running."""

    fingerprint: str
    status: int | None
    fields: str | None
    body: bytes | None


class IdempotencyPolicy:
    """Executes a keyed request at most once."""

    lease = 30 * SECOND
    retention = 24 * 3600 * SECOND
    longest = 255

    def key(self, call: Call) -> str | None:
        """The key of the request; 400 where it is required and missing, or not valid."""
        lines = call.headers.getlist("idempotency-key")
        if not lines:
            return self.missing(call) if call.resource.key_required else None
        key = self.parse(lines[0]) if len(lines) == 1 else None
        return key if key is not None else self.invalid(call)

    def parse(self, value: str) -> str | None:
        """A Structured Field String (section 2.1) or the bare key; both spell the same key."""
        value = value.strip(" \t")
        if quoted := re.fullmatch(r'"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"', value):
            value = re.sub(r"\\(.)", r"\1", quoted.group(1))
        return value if re.fullmatch(rf"[\x21-\x7e]{{1,{self.longest}}}", value) else None

    def scope(self, call: Call) -> str:
        """Where a key is one key: caller, method and path (section 5)."""
        return f"{call.principal.name} {call.method} {call.path}"

    def fingerprint(self, call: Call, payload: Any) -> str:
        """The fingerprint that distinguishes payloads (section 2.4)."""
        text = json.dumps(
            [call.headers.get("content-type", "").partition(";")[0].lower(), payload], sort_keys=True
        )
        return hashlib.sha256(text.encode()).hexdigest()

    def run(self, call: Call, key: str | None, payload: Any, plan: Plan) -> Reply:
        """The reply of the plan, executed once for the key; failures are not stored."""
        locking = call.policies.locking
        if key is None:
            return locking.commit(call, plan)
        fingerprint = self.fingerprint(call, payload)
        found = self.claim(call, key, fingerprint)
        if isinstance(found, Stored):
            return self.repeated(call, fingerprint, found)
        try:
            return locking.commit(call, plan, lambda tx, reply: self.complete(tx, found, reply))
        except BaseException:
            self.release(call, found)
            raise

    def repeated(self, call: Call, fingerprint: str, stored: Stored) -> Reply:
        """The answer to a key that was used before (section 2.6)."""
        if stored.fingerprint != fingerprint:
            self.mismatch(call)
        if stored.status is None:
            self.in_progress(call)
        return self.replay(call, stored)

    def claim(self, call: Call, key: str, fingerprint: str) -> KeyClaim | Stored:
        """Reserve the key, or return what is stored under it."""
        claim = KeyClaim(self.scope(call), key, secrets.token_hex(8))
        now = times.now()
        with call.store.write() as tx:
            tx.execute(
                "DELETE FROM keys WHERE scope = ? AND key = ?"
                " AND since < CASE WHEN status IS NULL THEN ? ELSE ? END",
                (claim.scope, key, now - self.lease, now - self.retention),
            )
            taken = tx.execute(
                "INSERT INTO keys (scope, key, fingerprint, claim, since) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                (claim.scope, key, fingerprint, claim.token, now),
            )
            if taken.rowcount == 1:
                return claim
            row = tx.execute(
                "SELECT fingerprint, status, fields, body FROM keys WHERE scope = ? AND key = ?",
                (claim.scope, key),
            ).fetchone()
            return Stored(*row)

    def complete(self, tx: Transaction, claim: KeyClaim, reply: Reply) -> None:
        """Store the result beside its effect; a claim that was taken over undoes the effect."""
        stored = tx.execute(
            "UPDATE keys SET status = ?, fields = ?, body = ? WHERE scope = ? AND key = ? AND claim = ?",
            (reply.status, json.dumps(dict(reply.fields)), reply.body, claim.scope, claim.key, claim.token),
        )
        if stored.rowcount == 0:
            raise Problem(
                "request_in_progress", "Another request has taken over this key.", {"Retry-After": "1"}
            )

    def release(self, call: Call, claim: KeyClaim) -> None:
        """Give the key back after a failure, so that a retry may execute."""
        with call.store.write() as tx:
            tx.execute(
                "DELETE FROM keys WHERE scope = ? AND key = ? AND claim = ? AND status IS NULL",
                (claim.scope, claim.key, claim.token),
            )

    def replay(self, call: Call, stored: Stored) -> Reply:
        """The stored status, fields and content, marked as a replay."""
        reply = Reply(stored.status or 500, stored.body or b"", json.loads(stored.fields or "{}"))
        reply.fields["Idempotent-Replayed"] = "true"
        return reply

    def missing(self, call: Call) -> NoReturn:
        """400 (section 2.7)."""
        raise Problem("idempotency_key_missing", "This operation needs an Idempotency-Key field.")

    def invalid(self, call: Call) -> NoReturn:
        """400: always validate the key (section 5)."""
        raise Problem("idempotency_key_invalid", "Send one key of 1 to 255 visible ASCII characters.")

    def mismatch(self, call: Call) -> NoReturn:
        """422 (section 2.7)."""
        raise Problem("idempotency_key_reused", "This Idempotency-Key was used with a different payload.")

    def in_progress(self, call: Call) -> NoReturn:
        """409 (section 2.7)."""
        detail = "The first request with this Idempotency-Key is still running."
        raise Problem("request_in_progress", detail, {"Retry-After": "1"})
