"""Defects of creates at the same time: what they share, and lists that lose items of one instant."""

from __future__ import annotations

import time
from functools import partial

from harness.reference.call import Call, Document
from harness.reference.endpoints import CollectionEndpoint
from harness.reference.locking import Act, LockingPolicy
from harness.reference.pagination import Paginator, Position
from harness.reference.store import Raced, Transaction
from harness.reference.store import StoredItem as Stored
from tests.concurrency.defects import CountsFirst
from tests.matrix.defect import Defect
from tests.matrix.serving import defect as anywhere

# Creates at the same time are the subject of these as well.
RACED = frozenset({"CONC-007", "BULK-008", "CONC-001", "IDEM-006"})


class DraftOfAll(CollectionEndpoint):
    """The content is kept in an attribute of the handler, of which there is one for all requests."""

    gap = 2e-3
    draft: Document

    def creation(self, call: Call, document: Document) -> Act:
        self.draft = document
        time.sleep(self.gap)
        return super().creation(call, self.draft)


class CollisionUnhandled(LockingPolicy):
    """The database refuses the second row of an id, and nobody tries again."""

    def insert(self, call: Call, tx: Transaction, id: str, data: Document) -> Stored:
        try:
            return super().insert(call, tx, id, data)
        except Raced as error:
            raise RuntimeError("UNIQUE constraint failed: items.id") from error


class CursorOfTime(Paginator):
    """A cursor of the time of creation alone, in milliseconds: what is as old as the last item is skipped."""

    tick = 1_000
    """Microseconds."""

    def position(self, call: Call, last: Stored) -> Position:
        value, id = super().position(call, last)
        return (value, id) if self.order(call)[0] is not None else (value - value % self.tick, "")


defect = partial(anywhere, on=("orders",))
DEFECTS: tuple[Defect, ...] = (
    defect("CONC-013", "concurrent creates share a draft", collection=DraftOfAll, perhaps=RACED),
    defect(
        "CONC-013",
        "ids that collide are a server error",
        collection=CountsFirst,
        locking=CollisionUnhandled,
        perhaps=RACED,
    ),
    # Items that were created quickly one after the other may share a millisecond, too.
    defect(
        "CONC-013",
        "lists lose items of one millisecond",
        paginator=CursorOfTime,
        perhaps=frozenset({"PAGE-004", "PAGE-009", "PAGE-010", "PAGE-011"}),
    ),
)
