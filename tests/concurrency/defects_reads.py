"""Defects of clients that read what they wrote: caches that only some writes, or some reads, pass by."""

from __future__ import annotations

from functools import partial

from harness.reference.call import Call, Reply
from harness.reference.coding import Coding
from harness.reference.endpoints import ItemEndpoint
from tests.concurrency.defects import STALE, CachedItem
from tests.matrix.defect import Defect
from tests.matrix.serving import defect as anywhere


class ClearedByPut(CachedItem):
    """The cache is cleared in the handler of PUT, and PATCH came later."""

    def put(self, call: Call) -> Reply:
        reply = super().put(call)
        self.cache.pop(call.path, None)
        return reply


class CachedInGzip(CachedItem):
    """The gateway keeps what it has compressed, and asks the API for everything else."""

    def get(self, call: Call) -> Reply:
        coded = "gzip" in (call.values("accept-encoding") or "")
        return super().get(call) if coded else ItemEndpoint.get(self, call)


class CodesAll(Coding):
    least = 1


class PatchShowsFormer(ItemEndpoint):
    """The response is made of the row that was read before the change."""

    def patch(self, call: Call) -> Reply:
        before = self.find(call)
        reply = super().patch(call)
        if before is None or reply.status != 200:
            return reply
        return call.policies.representation.reply(call, 200, self.document(call, before))


defect = partial(anywhere, on=("products",))
DEFECTS: tuple[Defect, ...] = (
    defect(
        "CONC-012",
        "a cache that PUT clears, and PATCH does not",
        # What a change has done is not seen.
        perhaps=frozenset({"BULK-008"}),
        item=ClearedByPut,
        also=STALE,
    ),
    defect("CONC-012", "a cache of what is compressed", item=CachedInGzip, coding=CodesAll),
    defect("CONC-012", "PATCH answers with the item as it was", item=PatchShowsFormer),
)
