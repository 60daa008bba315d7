"""Defects of batches."""

from __future__ import annotations

from typing import Any

from harness.reference.batches import AtomicBatch, PartialBatch
from harness.reference.call import Call, Document, Reply
from harness.reference.locking import Act
from tests.matrix.serving import defect


class AlwaysFails(PartialBatch):
    """The queue of the batches is not configured in this environment."""

    def answer(self, call: Call, elements: list[Any]) -> Reply:
        raise ConnectionError("the queue does not answer")


class AsTheyFinished(PartialBatch):
    """Results in the order in which the workers were done, and nothing says which is which."""

    def answer(self, call: Call, elements: list[Any]) -> Reply:
        results = [self.result(call, number, element) for number, element in enumerate(elements)]
        for one in results:
            del one["index"], one["key"]
        return call.policies.representation.reply(call, 207, {"results": results[::-1]})


class All201(PartialBatch):
    """The handler was copied from that of a single create."""

    def status(self, results: list[Document]) -> int:
        return 201


class StopsAtTheFirst(PartialBatch):
    """An error ends the loop; what was created before it stays."""

    def attempted(self, call: Call, make: Any) -> Reply:
        return make()


class OneByOne(AtomicBatch):
    """Validated together, and written in transactions of their own."""

    def created(self, call: Call, acts: list[Act]) -> list[Reply]:
        return [call.policies.locking.commit(call, lambda act=act: act) for act in acts]


DEFECTS = (
    defect("BULK-001", "declared batches always fail", partial_batch=AlwaysFails),
    defect("BULK-001", "results in the order in which items were done", partial_batch=AsTheyFinished),
    defect("BULK-002", "201 for a batch of which a part failed", partial_batch=All201),
    defect("BULK-002", "422 for a batch of which a part was created", partial_batch=StopsAtTheFirst),
    defect("BULK-003", "an atomic batch in several transactions", on=("products",), atomic_batch=OneByOne),
)
