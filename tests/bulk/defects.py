"""Defects of batches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from harness.reference.authenticator import Authenticator, Principal
from harness.reference.batches import AtomicBatch, BatchLimiter, PartialBatch, SubRequests
from harness.reference.call import Call, Document, Reply
from harness.reference.errors import Problem
from harness.reference.locking import Act, LockingPolicy
from tests.matrix.serving import defect
from tests.webhooks.documented import Documented


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


class CountsCreated(PartialBatch):
    """The index is that of the array of what was created."""

    def answer(self, call: Call, elements: list[Any]) -> Reply:
        results, created = [], 0
        for number, element in enumerate(elements):
            results.append({**self.result(call, number, element), "index": created})
            created += results[-1]["status"] < 400
        return call.policies.representation.reply(call, 207, {"results": results})


class StopsAtTheFirst(PartialBatch):
    """An error ends the loop; what was created before it stays."""

    def attempted(self, call: Call, make: Callable[[], Reply]) -> Reply:
        return make()


class OneByOne(AtomicBatch):
    """Validated together, and written in transactions of their own."""

    def created(self, call: Call, acts: list[Act]) -> list[Reply]:
        return [call.policies.locking.commit(call, lambda act=act: act) for act in acts]


class NoMaximum(PartialBatch):
    """The maximum is in the documentation only."""

    most = 1_000_000


class NoMaximumAtomic(AtomicBatch):
    """The same where one fault refuses the whole batch."""

    most = 1_000_000


class FiftyAllowed(Documented):
    """A document that allows fifty items in a batch."""

    def document(self, call: Any) -> dict[str, Any]:
        made: dict[str, Any] = fifty(super().document(call))
        return made


def fifty(value: Any) -> Any:
    """A document with the maximum of batches replaced. Pure."""
    if isinstance(value, list):
        return [fifty(one) for one in value]
    if not isinstance(value, dict):
        return value
    array = value.get("type") == "array" and value.get("maxItems") == PartialBatch.most
    return {name: 50 if array and name == "maxItems" else fifty(inner) for name, inner in value.items()}


class NotValidated(PartialBatch):
    """Whoever imports knows what it does."""

    def check(self, call: Call, item: Any) -> None:
        pass


class PriceNotValidated(AtomicBatch):
    """Types and names are checked, and bounds by the handler of single creates."""

    def check(self, call: Call, items: list[Any]) -> None:
        within = [
            {**one, "price": min(max(one["price"], 0), 1000)}
            if isinstance(one, dict) and isinstance(one.get("price"), int)
            else one
            for one in items
        ]
        super().check(call, within)


class SeesAll(Authenticator):
    def sees(self, principal: Principal, owner: str) -> bool:
        return True


class AsTheServer(SubRequests):
    """The batch is authorised, and what is in it runs with the rights of the server."""

    def alone(self, call: Call) -> Reply:
        return super().alone(replace(call, policies=replace(call.policies, authenticator=SeesAll())))


class KeysForgotten(PartialBatch):
    """Keys are taken for the client's own notes."""

    def create(self, call: Call, element: Any, key: Any) -> Reply:
        return super().create(call, element, None)


class MalformedIsEmpty(PartialBatch):
    """What cannot be parsed has no items."""

    def content(self, call: Call) -> Any:
        try:
            return super().content(call)
        except Problem:
            return None

    def post(self, call: Call) -> Reply:
        if self.content(call) is None:
            return call.policies.representation.reply(call, 207, {"results": []})
        return super().post(call)


class LooksBefore(AtomicBatch):
    """Whether a value is taken is asked before the batch is written, and no constraint keeps it."""

    def answer(self, call: Call, elements: list[Any]) -> Reply:
        taken = self.taken(call)
        if any(one.get("product", {}).get("sku") in taken for one in elements if isinstance(one, dict)):
            call.policies.locking.duplicate(call)
        found = replace(call, policies=replace(call.policies, locking=Unconstrained()))
        found.principal, found.resource = call.principal, call.resource
        return super().answer(found, elements)

    def taken(self, call: Call) -> set[str]:
        stored = call.store.page("products", call.principal.name, {}, None, 1000)
        return {one.data["sku"] for one in stored}


class Unconstrained(LockingPolicy):
    def unique(self, call: Call, data: Document) -> str | None:
        return None


class Backwards(SubRequests):
    """Requests are taken from the end of a list, as from a stack."""

    def answer(self, call: Call, elements: list[Any]) -> Reply:
        responses = [self.response(call, element) for element in reversed(elements)]
        return call.policies.representation.reply(call, 200, {"responses": responses[::-1]})


class CountsOne(BatchLimiter):
    """The quota counts requests."""

    def cost(self, items: int) -> int:
        return 1


DEFECTS = (
    defect("BULK-001", "declared batches always fail", partial_batch=AlwaysFails),
    defect("BULK-001", "results in the order in which items were done", partial_batch=AsTheyFinished),
    defect("BULK-002", "the index counts what was created", partial_batch=CountsCreated),
    defect("BULK-002", "201 for a batch of which a part failed", partial_batch=All201),
    defect("BULK-002", "422 for a batch of which a part was created", partial_batch=StopsAtTheFirst),
    defect("BULK-003", "an atomic batch in several transactions", on=("products",), atomic_batch=OneByOne),
    defect("BULK-004", "no maximum", partial_batch=NoMaximum),
    defect(
        "BULK-004", "no maximum, and fifty are documented", partial_batch=NoMaximum, description=FiftyAllowed
    ),
    defect(
        "BULK-004",
        "no maximum of an atomic batch, and fifty are documented",
        on=("products",),
        atomic_batch=NoMaximumAtomic,
        description=FiftyAllowed,
    ),
    defect("BULK-005", "items of a batch are not validated", partial_batch=NotValidated),
    defect("BULK-005", "bounds in a batch are not checked", on=("products",), atomic_batch=PriceNotValidated),
    defect("BULK-005", "requests in a batch reach the items of others", sub_requests=AsTheServer),
    defect("BULK-006", "keys of items are ignored", partial_batch=KeysForgotten),
    defect("BULK-007", "malformed JSON is an empty batch", partial_batch=MalformedIsEmpty),
    defect("BULK-008", "no unique values in a batch", on=("products",), atomic_batch=LooksBefore),
    defect("BULK-008", "requests in a batch go backwards", on=("orders",), sub_requests=Backwards),
    defect("BULK-009", "a batch counts as one request", batch_limiter=CountsOne),
)
