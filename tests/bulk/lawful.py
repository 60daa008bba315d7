"""Lawful APIs whose batches look otherwise."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from harness.reference.batches import AtomicBatch, PartialBatch, SubRequests
from harness.reference.call import Call, Document, Reply
from harness.reference.endpoints import CollectionEndpoint
from harness.reference.errors import Problem
from harness.reference.reader import JSON
from tests.bulk.defects import FiftyAllowed
from tests.matrix.declared import CLIENTS
from tests.matrix.serving import served
from tests.matrix.variant import WIRE, Variant, variant


class InAnyOrder(PartialBatch):
    """200, the results in another order with an index each, and an empty batch has no results."""

    def status(self, results: list[Document]) -> int:
        results.reverse()
        return 200

    def elements(self, call: Call, document: Any) -> list[Any]:
        if isinstance(document, dict) and document.get(self.member) == []:
            return []
        return super().elements(call, document)


class AnyOrderOfResponses(SubRequests):
    """Responses in the order in which they were there, with the id of their request each."""

    def answer(self, call: Call, elements: list[Any]) -> Reply:
        responses = [self.response(call, element) for element in elements]
        return call.policies.representation.reply(call, 200, {"responses": responses[::-1]})


class AllForbidden(AtomicBatch):
    """An id of another client in one item makes the whole batch fail with 404."""

    def check(self, call: Call, items: list[Any]) -> None:
        super().check(call, items)
        for item in items:
            found = call.store.find(call.resource.name, item["id"]) if item.get("id") else None
            if found is not None and not call.policies.authenticator.sees(call.principal, found.owner):
                raise Problem("not_found", "There is no product with this identifier.")


class Arrays(CollectionEndpoint):
    """An array at the collection creates each of its items: those that failed are listed apart."""

    def post(self, call: Call) -> Reply:
        _, document = call.policies.reader.read(call, JSON)
        if not isinstance(document, list):
            return super().post(call)
        made, wrong = [], []
        batch = PartialBatch()
        for number, item in enumerate(document):
            reply = batch.attempted(call, lambda item=item: batch.create(call, {"item": item}, None))
            found = json.loads(reply.body)
            if reply.status < 400:
                made.append({"index": number, **found})
            else:
                wrong.append({"index": number, "error": found})
        return call.policies.representation.reply(call, 200, {"created": made, "errors": wrong})


class Fifty(PartialBatch):
    """Refuses what is too large before it looks at any item."""

    most = 50


class FiftyRequests(SubRequests):
    """The same for requests."""

    most = 50


class FiftyAtomic(AtomicBatch):
    """The same where one fault refuses the whole batch."""

    most = 50


VARIANTS: tuple[Variant, ...] = (
    variant(
        "batches have results in any order",
        on=("documents",),
        profile=CLIENTS,
        partial_batch=InAnyOrder,
        sub_requests=AnyOrderOfResponses,
    ),
    variant(
        "batches of fifty items",
        on=("documents", "products"),
        partial_batch=Fifty,
        atomic_batch=FiftyAtomic,
        sub_requests=FiftyRequests,
        description=FiftyAllowed,
    ),
    variant(
        "a batch with an id of others fails", on=("products",), profile=CLIENTS, atomic_batch=AllForbidden
    ),
    Variant(
        "collections take arrays",
        partial(served, {"collection": Arrays}),
        on=("documents",),
        # The document describes single creates only.
        profile=f"openapi = false\n{WIRE}{CLIENTS}",
    ),
)
