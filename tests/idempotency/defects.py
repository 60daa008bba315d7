"""Defects of idempotency keys: for each IDEM rule at least one bug that real APIs have."""

from __future__ import annotations

import asyncio
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, NoReturn

from anyio import to_thread
from starlette.types import Receive, Scope, Send

from harness.reference import Policies
from harness.reference.application import Api
from harness.reference.call import Call, Reply
from harness.reference.endpoints import CollectionEndpoint, ItemEndpoint
from harness.reference.errors import Problem
from harness.reference.idempotency import SECOND, IdempotencyPolicy, KeyClaim, Stored
from harness.reference.locking import Act, Plan
from harness.reference.reader import JSON, PATCH_TYPES
from harness.reference.server import serve
from harness.reference.store import Store, Transaction
from tests.matrix.defect import Defect
from tests.matrix.serving import defect as anywhere

# -- at most once --------------------------------------------------------------------------------------


class KeyIgnored(IdempotencyPolicy):
    """The field is documented, and nobody reads it."""

    def key(self, call: Call) -> str | None:
        super().key(call)
        return None


class KeyCut(IdempotencyPolicy):
    """A column of 36 characters, which a UUID fits."""

    def parse(self, value: str) -> str | None:
        key = super().parse(value)
        return None if key is None else key[:36]


class KeyFolded(IdempotencyPolicy):
    """A column whose collation ignores case."""

    def parse(self, value: str) -> str | None:
        key = super().parse(value)
        return None if key is None else key.lower()


class ContentNotPath(IdempotencyPolicy):
    """The fingerprint is of the content, and the key that of the caller, whatever was asked for."""

    def scope(self, call: Call) -> str:
        return call.principal.name


class KeyBeforeValidation(CollectionEndpoint):
    """The key is looked up before anything else, in a middleware."""

    def post(self, call: Call) -> Reply:
        key = call.policies.idempotency.key(call)
        _, document = call.policies.reader.read(call, JSON)

        def plan() -> Act:
            call.policies.validator.check(call, document, "create")
            return self.creation(call, document)

        return call.policies.idempotency.run(call, key, document, plan)


class RefusalsKept(CollectionEndpoint):
    """A middleware around everything, the limiter included, keeps whatever comes back."""

    kept: ClassVar[dict[str, Problem]] = {}

    def post(self, call: Call) -> Reply:
        key = call.policies.idempotency.key(call)
        if key in self.kept:
            raise self.kept[key]
        try:
            return super().post(call)
        except Problem as problem:
            if key is not None and problem.code == "rate_limited":
                self.kept[key] = problem
            raise


class ReplayedOnce(IdempotencyPolicy):
    """A cache whose entries are taken out when they are read."""

    def replay(self, call: Call, stored: Stored) -> Reply:
        with call.store.write() as tx:
            tx.execute("DELETE FROM keys WHERE scope = ? AND body = ?", (self.scope(call), stored.body))
        return super().replay(call, stored)


class LatestKeyOnly(IdempotencyPolicy):
    """One column of the client's row holds its last key."""

    def claim(self, call: Call, key: str, fingerprint: str) -> KeyClaim | Stored:
        with call.store.write() as tx:
            tx.execute("DELETE FROM keys WHERE scope = ? AND key != ?", (self.scope(call), key))
        return super().claim(call, key, fingerprint)


class FewKeys(IdempotencyPolicy):
    """A cache of so many keys for each client."""

    most = 4

    def claim(self, call: Call, key: str, fingerprint: str) -> KeyClaim | Stored:
        with call.store.write() as tx:
            tx.execute(
                "DELETE FROM keys WHERE scope = ? AND key != ? AND key NOT IN "
                "(SELECT key FROM keys WHERE scope = ? ORDER BY since DESC LIMIT ?)",
                (self.scope(call), key, self.scope(call), self.most),
            )
        return super().claim(call, key, fingerprint)


class CheckThenAct(IdempotencyPolicy):
    """The key is looked up, the work is done, and the key is stored in a second transaction."""

    gap = 0.0

    def run(self, call: Call, key: str | None, payload: Any, plan: Plan) -> Reply:
        if key is None:
            return super().run(call, key, payload, plan)
        fingerprint, scope = self.fingerprint(call, payload), self.scope(call)
        with call.store.read() as connection:
            row = connection.execute(
                "SELECT fingerprint, status, fields, body FROM keys WHERE scope = ? AND key = ?", (scope, key)
            ).fetchone()
        if row is not None:
            return self.repeated(call, fingerprint, Stored(*row))
        time.sleep(self.gap)
        reply = call.policies.locking.commit(call, plan)
        with call.store.write() as tx:
            claim = KeyClaim(scope, key, "")
            tx.execute(
                "INSERT OR REPLACE INTO keys (scope, key, fingerprint, claim, since) VALUES (?, ?, ?, '', ?)",
                (scope, key, fingerprint, time.time_ns() // 1000),
            )
            self.complete(tx, claim, reply)
        return reply


class Gap50us(CheckThenAct):
    gap = 50e-6


class Gap500us(CheckThenAct):
    gap = 500e-6


class Gap5ms(CheckThenAct):
    gap = 5e-3


class ForgetsTheDisconnected(Api):
    """A middleware that takes a broken connection for a failed request, and gives its key back."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            return await super().__call__(scope, receive, send)
        call = await self.receive(scope, receive)
        reply = await to_thread.run_sync(self.answer, call, limiter=self.threads)
        try:
            await asyncio.wait_for(receive(), 0.001)
        except TimeoutError:
            await self.policies.wire.send(call, reply, send)
        else:
            with self.store.write() as tx:
                tx.execute("DELETE FROM keys WHERE key = ?", (call.headers.get("idempotency-key"),))


@contextmanager
def forgetting_the_disconnected() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="defect-", ignore_cleanup_errors=True) as folder:
        api = ForgetsTheDisconnected(Policies(), Store(Path(folder) / "defect.db"))
        with serve(api) as url:
            yield url


class PatchWithoutKey(ItemEndpoint):
    """Only creates were thought of."""

    def patch(self, call: Call) -> Reply:
        self.load(call)
        media_type, patch = call.policies.reader.read(call, *PATCH_TYPES)
        return call.policies.locking.commit(call, lambda: self.modification(call, media_type, patch))


class ForgetsSoon(IdempotencyPolicy):
    """The cache evicts sooner than its documentation says."""

    retention = SECOND


# -- what a replay answers -----------------------------------------------------------------------------


class ReplayIsOk(IdempotencyPolicy):
    """Nothing was created this time, so the replay is a 200."""

    def replay(self, call: Call, stored: Stored) -> Reply:
        reply = super().replay(call, stored)
        reply.status = 200
        return reply


class ReplayWithoutLocation(IdempotencyPolicy):
    """Only the content was stored."""

    def replay(self, call: Call, stored: Stored) -> Reply:
        reply = super().replay(call, stored)
        del reply.fields["Location"]
        return reply


class ReplayWithoutContent(IdempotencyPolicy):
    """Only the status and the fields were stored."""

    def replay(self, call: Call, stored: Stored) -> Reply:
        return super().replay(call, replace(stored, body=b""))


# -- other payloads ------------------------------------------------------------------------------------


class MismatchIsConflict(IdempotencyPolicy):
    def mismatch(self, call: Call) -> NoReturn:
        raise Problem("request_in_progress", "This key is taken.")


class PayloadNotCompared(IdempotencyPolicy):
    """Whatever is sent under a known key gets the stored answer."""

    def fingerprint(self, call: Call, payload: Any) -> str:
        return ""


class PayloadPartOfTheKey(IdempotencyPolicy):
    """The store is keyed by a hash of the whole request, body included."""

    def run(self, call: Call, key: str | None, payload: Any, plan: Plan) -> Reply:
        whole = None if key is None else f"{key} {self.fingerprint(call, payload)}"
        return super().run(call, whole, payload, plan)


class ExecutedThenCompared(IdempotencyPolicy):
    """The fingerprint is compared when the result is about to be stored, in a transaction of its own."""

    def run(self, call: Call, key: str | None, payload: Any, plan: Plan) -> Reply:
        try:
            return super().run(call, key, payload, plan)
        except Problem as problem:
            if problem.code == "idempotency_key_reused":
                call.policies.locking.commit(call, plan)
            raise


class ConflictOverwrites(IdempotencyPolicy):
    """A refused request leaves its fingerprint with the key."""

    def run(self, call: Call, key: str | None, payload: Any, plan: Plan) -> Reply:
        try:
            return super().run(call, key, payload, plan)
        except Problem as problem:
            if problem.code == "idempotency_key_reused":
                with call.store.write() as tx:
                    tx.execute(
                        "UPDATE keys SET fingerprint = ? WHERE scope = ? AND key = ?",
                        (self.fingerprint(call, payload), self.scope(call), key),
                    )
            raise


# -- what a key is -------------------------------------------------------------------------------------


class MissingIsInvalid(IdempotencyPolicy):
    def missing(self, call: Call) -> NoReturn:
        raise Problem("validation_failed", "This operation needs an Idempotency-Key field.")


class MissingIsAccepted(IdempotencyPolicy):
    """The check was left for later."""

    def key(self, call: Call) -> str | None:
        return super().key(call) if "idempotency-key" in call.headers else None


class SharedByClients(IdempotencyPolicy):
    """Keys are looked up without the principal."""

    def scope(self, call: Call) -> str:
        return f"{call.method} {call.path}"


class SharedByOperations(IdempotencyPolicy):
    """A response cache in front of the handlers, keyed without the path; handlers compare payloads of their own."""

    def scope(self, call: Call) -> str:
        return f"{call.principal.name} {call.method}"

    def fingerprint(self, call: Call, payload: Any) -> str:
        return f"{call.path} {super().fingerprint(call, payload)}"

    def repeated(self, call: Call, fingerprint: str, stored: Stored) -> Reply:
        if stored.status is not None and stored.fingerprint.split()[0] != call.path:
            return self.replay(call, stored)
        return super().repeated(call, fingerprint, stored)


class MergedByContent(IdempotencyPolicy):
    """A guard against double clicks that looks for an equal request under any key."""

    def claim(self, call: Call, key: str, fingerprint: str) -> KeyClaim | Stored:
        with call.store.read() as connection:
            row = connection.execute(
                "SELECT fingerprint, status, fields, body FROM keys"
                " WHERE scope = ? AND fingerprint = ? AND status IS NOT NULL",
                (self.scope(call), fingerprint),
            ).fetchone()
        return super().claim(call, key, fingerprint) if row is None else Stored(*row)


class ValidatedUnderTheKey(CollectionEndpoint):
    """The key is claimed before the content is validated."""

    def post(self, call: Call) -> Reply:
        key = call.policies.idempotency.key(call)
        _, document = call.policies.reader.read(call, JSON)

        def plan() -> Act:
            call.policies.validator.check(call, document, "create")
            return self.creation(call, document)

        return call.policies.idempotency.run(call, key, document, plan)


class NeverReleased(IdempotencyPolicy):
    """A failed request stays in progress until its lease ends."""

    def release(self, call: Call, claim: KeyClaim) -> None:
        pass


class FailedNotStored(IdempotencyPolicy):
    """A key that has failed is never stored again."""

    def __init__(self) -> None:
        self.failed: set[str] = set()

    def release(self, call: Call, claim: KeyClaim) -> None:
        super().release(call, claim)
        self.failed.add(claim.key)

    def complete(self, tx: Transaction, claim: KeyClaim, reply: Reply) -> None:
        if claim.key in self.failed:
            tx.execute("DELETE FROM keys WHERE key = ?", (claim.key,))
        else:
            super().complete(tx, claim, reply)


class FailureKept(IdempotencyPolicy):
    """What failed is kept under its key, and answers whatever comes under that key."""

    def __init__(self) -> None:
        self.failed: dict[str, Problem] = {}

    def run(self, call: Call, key: str | None, payload: Any, plan: Plan) -> Reply:
        if key is not None and key in self.failed:
            raise self.failed[key]
        try:
            return super().run(call, key, payload, plan)
        except Problem as problem:
            if key is not None and problem.code == "validation_failed":
                self.failed[key] = problem
            raise


class AsciiExpected(IdempotencyPolicy):
    """Who would send anything else?"""

    def key(self, call: Call) -> str | None:
        call.headers.get("idempotency-key", "").encode("ascii")
        return super().key(call)


class LongKeysDropped(IdempotencyPolicy):
    """The column holds 255 characters; what does not fit is not stored."""

    def key(self, call: Call) -> str | None:
        if len(call.headers.get("idempotency-key", "")) > self.longest:
            return None
        return super().key(call)


class OneLineExpected(IdempotencyPolicy):
    def key(self, call: Call) -> str | None:
        lines = call.headers.getlist("idempotency-key")
        if len(lines) > 1:
            raise ValueError(f"too many values to unpack (expected 1, got {len(lines)})")
        return super().key(call)


class UuidsOnly(IdempotencyPolicy):
    """Keys must be bare UUIDs."""

    def parse(self, value: str) -> str | None:
        return value if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value) else None


class QuotedKeyDropped(IdempotencyPolicy):
    """What is no bare key is taken for none."""

    def key(self, call: Call) -> str | None:
        return None if call.headers.get("idempotency-key", "").startswith('"') else super().key(call)


defect = partial(anywhere, on=("orders",))
# What lets two duplicates through lets a storm of them through.
STORM = frozenset({"CONC-001"})
DEFECTS = (
    defect(
        "IDEM-001",
        "the key is ignored",
        idempotency=KeyIgnored,
        # Whoever ignores keys does not compare payloads either, nor guards PATCH.
        also=frozenset({"IDEM-003", "IDEM-014"}),
    ),
    defect(
        "IDEM-001",
        "only the latest key is stored",
        idempotency=LatestKeyOnly,
        # A replay after another create is one of the retries that IDEM-002 sends.
        perhaps=frozenset({"IDEM-002", "IDEM-004", "IDEM-006", "IDEM-008", "IDEM-009", "CONC-001"}),
    ),
    defect(
        "IDEM-001",
        "only the latest four keys are stored",
        idempotency=FewKeys,
        # Other rules have several keys in use at a time.
        perhaps=frozenset({"IDEM-006", "IDEM-008", "IDEM-009", "CONC-001"}),
    ),
    defect(
        "IDEM-001",
        "a stored result is replayed once, then forgotten",
        idempotency=ReplayedOnce,
        # Of several duplicates in flight, more than two arrive after the first has ended.
        also=frozenset({"IDEM-006", "CONC-001"}),
    ),
    defect(
        "IDEM-002",
        "keys are ignored where a value is unique",
        on=("products",),
        idempotency=KeyIgnored,
        # As above.
        also=frozenset({"IDEM-003", "IDEM-014"}),
    ),
    defect("IDEM-002", "a replay is a 200", idempotency=ReplayIsOk),
    defect("IDEM-002", "a replay has no Location", idempotency=ReplayWithoutLocation),
    defect("IDEM-002", "a replay has no content", idempotency=ReplayWithoutContent),
    defect("IDEM-003", "another payload is a 409", idempotency=MismatchIsConflict),
    defect("IDEM-003", "another payload gets the stored result", idempotency=PayloadNotCompared),
    defect("IDEM-003", "another payload is executed", idempotency=PayloadPartOfTheKey),
    defect("IDEM-004", "another payload is executed, then refused", idempotency=ExecutedThenCompared),
    defect("IDEM-004", "another payload takes the key over", idempotency=ConflictOverwrites),
    defect("IDEM-005", "a missing key is a 422", on=("payments",), idempotency=MissingIsInvalid),
    defect("IDEM-005", "a missing key is accepted", on=("payments",), idempotency=MissingIsAccepted),
    defect(
        "IDEM-006",
        "a gap of 50 us between look-up and storing",
        idempotency=Gap50us,
        also=STORM,
    ),
    defect(
        "IDEM-006",
        "a gap of 500 us between look-up and storing",
        idempotency=Gap500us,
        also=STORM,
    ),
    defect(
        "IDEM-006",
        "a gap of 5 ms between look-up and storing",
        idempotency=Gap5ms,
        also=STORM,
    ),
    defect("IDEM-007", "clients share their keys", idempotency=SharedByClients),
    defect(
        "IDEM-008", "operations share their keys", on=("orders", "payments"), idempotency=SharedByOperations
    ),
    defect(
        "IDEM-008",
        "a key and its content are the same on every path",
        on=("orders", "payments"),
        collection=KeyBeforeValidation,
        idempotency=ContentNotPath,
    ),
    defect("IDEM-009", "keys are cut after 36 characters", idempotency=KeyCut),
    defect("IDEM-009", "keys are compared without regard to case", idempotency=KeyFolded),
    defect("IDEM-009", "equal requests are merged under any key", idempotency=MergedByContent),
    defect(
        "IDEM-010",
        "a failed request stays in progress",
        collection=ValidatedUnderTheKey,
        idempotency=NeverReleased,
    ),
    defect(
        "IDEM-010",
        "a stored failure answers the mended request",
        collection=ValidatedUnderTheKey,
        idempotency=FailureKept,
    ),
    defect(
        "IDEM-010",
        "a key that has failed is never stored",
        collection=ValidatedUnderTheKey,
        idempotency=FailedNotStored,
    ),
    Defect(
        "IDEM-011",
        "a broken connection gives the key back",
        partial(forgetting_the_disconnected),
        ("orders",),
    ),
    defect("IDEM-012", "a key that is not ASCII crashes", idempotency=AsciiExpected),
    defect("IDEM-012", "a long key is accepted and dropped", idempotency=LongKeysDropped),
    defect("IDEM-012", "a second field line crashes", idempotency=OneLineExpected),
    defect("IDEM-013", "keys are bare UUIDs only", idempotency=UuidsOnly),
    defect(
        "IDEM-013",
        "a key in quotes is taken for none",
        idempotency=QuotedKeyDropped,
        # One of the hostile keys begins with a quotation mark.
        also=frozenset({"IDEM-012"}),
    ),
    defect("IDEM-014", "PATCH takes no key", item=PatchWithoutKey),
    defect("IDEM-015", "keys are forgotten after a second", on=("payments",), idempotency=ForgetsSoon),
    defect("IDEM-016", "a refusal by the limiter is kept", collection=RefusalsKept),
)
