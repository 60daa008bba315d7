"""Defects of concurrency: gaps between check and act, of several sizes, and states that are stored in pieces."""

from __future__ import annotations

import hashlib
import json
import time
from functools import partial
from typing import Any

from harness.reference import times
from harness.reference.call import Call, Document, Reply
from harness.reference.endpoints import CollectionEndpoint, ItemEndpoint, TransitionEndpoint
from harness.reference.gaps import LooksFirst, Unguarded
from harness.reference.locking import Act, LockingPolicy, Plan
from harness.reference.pagination import Paginator
from harness.reference.store import Duplicate, Raced, Transaction
from harness.reference.store import StoredItem as Stored
from tests.matrix.defect import Defect
from tests.matrix.serving import defect as anywhere

# Duplicates in flight are that rule's subject, too.
IN_FLIGHT = frozenset({"IDEM-006"})
# What a PATCH changed is not there in the cache.
STALE = frozenset({"PATCH-002", "PATCH-003"})
# Two winners on one state are not linearizable.
LOST = frozenset({"CONC-005"})
GAPS = {"50 us": 50e-6, "500 us": 500e-6, "5 ms": 5e-3}


def with_gap(policy: type, seconds: float) -> type:
    """The policy with a gap of so many seconds between its check and its act."""
    return type(policy.__name__, (policy,), {"gap": seconds})


# -- keys ----------------------------------------------------------------------------------------------


# -- conditions ----------------------------------------------------------------------------------------


class PutUnguarded(Unguarded):
    def guards(self, call: Call) -> bool:
        return call.method != "PUT" or call.resource.versioned


class PatchUnguarded(Unguarded):
    def guards(self, call: Call) -> bool:
        return call.method != "PATCH" or call.resource.versioned


class VersionUnguarded(Unguarded):
    """The version in the content, compared outside the transaction."""

    def guards(self, call: Call) -> bool:
        return call.method != "PATCH" or not call.resource.versioned


# -- creations -----------------------------------------------------------------------------------------


class Upserts(ItemEndpoint):
    """A look whether the item is there, then an upsert."""

    gap = 0.0

    def replacement(self, call: Call, document: Document) -> Act:
        act = super().replacement(call, document)
        time.sleep(self.gap)
        return act

    def insert(self, call: Call, tx: Transaction, document: Document) -> Stored:
        tx.execute("DELETE FROM items WHERE kind = ? AND id = ?", (call.resource.name, call.parameters["id"]))
        return super().insert(call, tx, document)


class UniqueLooksFirst(CollectionEndpoint):
    """A validator of the framework asks the database whether the value is taken."""

    gap = 0.0

    def creation(self, call: Call, document: Document) -> Act:
        name = call.resource.unique
        if name is not None and name in document:
            found = call.store.page(call.resource.name, call.principal.name, {name: document[name]}, None, 1)
            if found:
                LockingPolicy().duplicate(call)
            time.sleep(self.gap)
        return super().creation(call, document)


class UpsertsByValue(LockingPolicy):
    """The value is the key of the row, and a create that comes second overwrites it."""

    def insert(self, call: Call, tx: Transaction, id: str, data: Document) -> Stored:
        value, owner = self.unique(call, data), call.principal.name
        if value is None or call.method != "POST":
            return super().insert(call, tx, id, data)
        name, id = (
            call.resource.name,
            f"{call.resource.prefix}_{hashlib.sha256(value.encode()).hexdigest()[:20]}",
        )
        try:
            return call.store.insert(tx, name, id, owner, data, value)
        except (Raced, Duplicate):
            item = Stored(name, id, owner, 1, 0, 0, data)
            return call.store.replace(tx, item, data, value, guarded=False)


class CountsFirst(CollectionEndpoint):
    """The id is the greatest that was given, plus one."""

    gap = 2e-3
    greatest = 0

    def new_identifier(self, call: Call) -> str:
        number = self.greatest + 1
        time.sleep(self.gap)
        self.greatest = max(self.greatest, number)
        return f"{call.resource.prefix}_{number:020x}"


class SavesById(LockingPolicy):
    """`save()` of a mapper: what has the id is overwritten."""

    def insert(self, call: Call, tx: Transaction, id: str, data: Document) -> Stored:
        tx.execute("DELETE FROM items WHERE kind = ? AND id = ?", (call.resource.name, id))
        return super().insert(call, tx, id, data)


class NoConstraint(LockingPolicy):
    def unique(self, call: Call, data: Document) -> str | None:
        return None


class ConstraintUnhandled(LockingPolicy):
    def duplicate(self, call: Call) -> Any:
        raise RuntimeError(f"UNIQUE constraint failed: {call.resource.name}.{call.resource.unique}")


# -- more conditions -----------------------------------------------------------------------------------


class MutualAbort(LockingPolicy):
    """Of writers that meet, each sees the other and gives up."""

    gap = 2e-3

    def __init__(self) -> None:
        self.arrivals: dict[str, int] = {}

    def commit(self, call: Call, plan: Plan, finish: Any = None) -> Reply:
        if call.method != "PUT" or "if-match" not in call.headers:
            return super().commit(call, plan, finish)

        def planned() -> Act:
            act = plan()
            mine = self.arrivals[call.path] = self.arrivals.get(call.path, 0) + 1
            time.sleep(self.gap)
            if self.arrivals[call.path] != mine or mine % 2 == 0:
                self.arrivals[call.path] += mine % 2
                call.policies.preconditions.failed(call)
            self.arrivals[call.path] += 1
            return act

        return super().commit(call, planned, finish)


class StaleCreates(ItemEndpoint):
    """An upsert that looks at If-Match only where there is something to compare it with."""

    def check_preconditions(self, call: Call, item: Stored | None) -> None:
        if item is not None or "if-match" not in call.headers:
            super().check_preconditions(call, item)


class TransitionUnguarded(Unguarded):
    """A state that is looked at first, and set whatever it is then."""

    def guards(self, call: Call) -> bool:
        return "action" not in call.parameters


class LeavesTerminal(TransitionEndpoint):
    """An action that nobody thought of refusing once all is over."""

    def permitted(self, status: str, before: str) -> bool:
        return status != "cancelled"


class UpdateOrInsert(LockingPolicy):
    """An ORM that saves: an UPDATE, and where it finds no row, an INSERT."""

    gap = 0.0

    def commit(self, call: Call, plan: Plan, finish: Any = None) -> Reply:
        def planned() -> Act:
            act = plan()
            if call.method == "PUT":
                time.sleep(self.gap)
            return act

        return super().commit(call, planned, finish)

    def replace(self, call: Call, tx: Transaction, item: Stored, data: Document) -> Stored:
        try:
            return super().replace(call, tx, item, data)
        except Raced:
            where = (item.kind, item.id)
            if tx.execute("SELECT 1 FROM items WHERE kind = ? AND id = ?", where).fetchone():
                raise
            return self.insert(call, tx, item.id, data)


# -- states in pieces ----------------------------------------------------------------------------------


class InPieces(LockingPolicy):
    """A row for some members and a row for the others, each written in a transaction of its own."""

    gap = 0.0
    method = ""

    def commit(self, call: Call, plan: Plan, finish: Any = None) -> Reply:
        reply = super().commit(call, plan, finish)
        second = getattr(call, "second", None)
        if second is not None and call.method == self.method:
            time.sleep(self.gap)
            kind, id, names = second
            with call.store.write() as tx:
                row = tx.execute("SELECT data FROM items WHERE kind = ? AND id = ?", (kind, id)).fetchone()
                if row is not None:
                    data = json.dumps({**json.loads(row[0]), **names})
                    tx.execute("UPDATE items SET data = ? WHERE kind = ? AND id = ?", (data, kind, id))
        return reply

    def replace(self, call: Call, tx: Transaction, item: Stored, data: Document) -> Stored:
        if call.method != self.method:
            return super().replace(call, tx, item, data)
        names = [name for name in data if name in item.data][1::2]
        call.second = (item.kind, item.id, {name: data[name] for name in names})
        whole = super().replace(call, tx, item, data)
        kept = json.dumps({**data, **{name: item.data[name] for name in names}})
        tx.execute("UPDATE items SET data = ? WHERE kind = ? AND id = ?", (kept, item.kind, item.id))
        return whole


class PutInPieces(InPieces):
    method = "PUT"


class PatchInPieces(InPieces):
    method = "PATCH"


# -- caches --------------------------------------------------------------------------------------------


class PutShowsFormer(ItemEndpoint):
    """A mapper whose update returns the row as it was, unless it is asked for the new one."""

    def put(self, call: Call) -> Reply:
        before = self.find(call)
        reply = super().put(call)
        if before is None or reply.status != 200:
            return reply
        return call.policies.representation.reply(call, 200, self.document(call, before))


class CachedItem(ItemEndpoint):
    """A cache in front of the database that knows when it is old, and not when it is wrong."""

    lifetime = 10_000_000

    def __init__(self) -> None:
        self.cache: dict[str, Stored] = {}

    def get(self, call: Call) -> Reply:
        kept = self.cache.get(call.path)
        if kept is not None and self.find(call) is not None and times.now() - kept.updated < self.lifetime:
            item, representation = kept, call.policies.representation
            return representation.selected(
                call,
                representation.of(call.resource, item),
                representation.validators(call.resource, item),
            )
        item = self.cache[call.path] = self.load(call)
        return super().get(call)


class CachedLists(Paginator):
    """Lists from a cache of three seconds, which no write clears."""

    lifetime = 3_000_000

    def __init__(self) -> None:
        super().__init__()
        self.cache: dict[tuple[str, str], tuple[int, tuple[Document, str | None]]] = {}

    def page(self, call: Call) -> tuple[Document, str | None]:
        key = (call.principal.name, f"{call.path}?{sorted(self.parameters(call).items())}")
        if key not in self.cache or times.now() - self.cache[key][0] > self.lifetime:
            self.cache[key] = times.now(), super().page(call)
        return self.cache[key][1]


# Other writers wait for the lock of the database for milliseconds: that one comes in between is rare (tries).
defect = partial(anywhere, on=("products",))
DEFECTS: tuple[Defect, ...] = (
    *(
        defect(
            "CONC-001",
            f"keys are looked for first, a gap of {name}",
            on=("orders",),
            idempotency=with_gap(LooksFirst, gap),
            also=IN_FLIGHT,
        )
        for name, gap in GAPS.items()
    ),
    *(
        defect(
            "CONC-002",
            f"If-Match is checked before the write, a gap of {name}",
            locking=with_gap(PutUnguarded, gap),
            also=LOST,
        )
        for name, gap in GAPS.items()
    ),
    *(
        defect(
            "CONC-003",
            f"the version is checked before the write, a gap of {name}",
            on=("documents",),
            locking=with_gap(VersionUnguarded, gap),
        )
        for name, gap in GAPS.items()
    ),
    *(
        defect("CONC-006", f"PUT looks first, then upserts, a gap of {name}", item=with_gap(Upserts, gap))
        for name, gap in GAPS.items()
    ),
    *(
        defect(
            "CONC-007",
            f"unique values are looked for first, a gap of {name}",
            # In a batch, too, nothing but a constraint keeps values unique.
            perhaps=frozenset({"BULK-008"}),
            collection=with_gap(UniqueLooksFirst, gap),
            locking=NoConstraint,
        )
        for name, gap in GAPS.items()
    ),
    defect(
        "CONC-007",
        "several creates are answered 201 with one item",
        # A second client's create with the value is answered with the first client's item.
        perhaps=frozenset({"IDEM-007"}),
        collection=with_gap(UniqueLooksFirst, 500e-6),
        locking=UpsertsByValue,
    ),
    defect(
        "CONC-007",
        "a constraint whose error nobody handles",
        # PUT and PATCH meet the same constraint.
        perhaps=frozenset({"BULK-008", "ERR-013"}),
        collection=with_gap(UniqueLooksFirst, 500e-6),
        locking=ConstraintUnhandled,
    ),
    # Keyed duplicates and unique values are created at the same time, too.
    defect(
        "CONC-013",
        "concurrent creates are given one id",
        perhaps=frozenset({"CONC-006", "CONC-007", "BULK-008", "CONC-001", "IDEM-006"}),
        collection=CountsFirst,
        locking=SavesById,
    ),
    *(
        defect(
            "CONC-004",
            f"If-Match of PATCH is checked before the write, a gap of {name}",
            locking=with_gap(PatchUnguarded, gap),
        )
        for name, gap in GAPS.items()
    ),
    defect("CONC-005", "writers that meet are refused with 412, all of them", locking=MutualAbort),
    *(
        defect(
            "CONC-008", f"PUT in two transactions, {name} apart", tries=8, locking=with_gap(PutInPieces, gap)
        )
        for name, gap in GAPS.items()
    ),
    *(
        defect(
            "CONC-009",
            f"PATCH in two transactions, {name} apart",
            tries=8,
            locking=with_gap(PatchInPieces, gap),
        )
        for name, gap in GAPS.items()
    ),
    defect("CONC-010", "a stale PUT creates what was deleted", item=StaleCreates),
    *(
        defect(
            "CONC-010",
            f"an UPDATE without a row becomes an INSERT, a gap of {name}",
            locking=with_gap(UpdateOrInsert, gap),
        )
        for name, gap in GAPS.items()
    ),
    *(
        defect(
            "CONC-011",
            f"the state is looked at before the write, a gap of {name}",
            on=("orders",),
            locking=with_gap(TransitionUnguarded, gap),
        )
        for name, gap in GAPS.items()
    ),
    defect("CONC-011", "a paid order can be cancelled", on=("orders",), transitions=LeavesTerminal),
    defect(
        "CONC-012",
        "a cache that no write invalidates",
        item=CachedItem,
        also=STALE,
        # By then the cache may have forgotten the item; and what a change has done is not seen.
        perhaps=frozenset({"BULK-008", "PATCH-005"}),
    ),
    defect("CONC-012", "PUT answers with the item as it was", on=("products",), item=PutShowsFormer),
    defect(
        "CONC-012",
        "lists from a cache of three seconds",
        # A new item is on no page.
        perhaps=frozenset({"PAGE-001"}),
        on=("orders",),
        paginator=CachedLists,
    ),
)
