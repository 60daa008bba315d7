"""Lawful APIs of unusual items, errors and deletions."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import replace
from functools import partial
from typing import Any

from harness.reference import times
from harness.reference.call import Call, Document, Reply
from harness.reference.endpoints import ItemEndpoint
from harness.reference.errors import Problem, Problems
from harness.reference.pagination import Paginator
from harness.reference.representation import Representation
from harness.reference.resources import ORDERS, RESOURCES, ServedResource
from tests.matrix.serving import served
from tests.matrix.variant import WIRE, Variant, variant


class LockVersion(Representation):
    """A counter of writes under a name of the framework's."""

    def of(self, resource: Any, item: Any) -> Any:
        return {**super().of(resource, item), "lock_version": item.version}


class Revisions(Representation):
    """Counters of writes under names of their own: one of the item, one of the whole store."""

    def of(self, resource: Any, item: Any) -> Any:
        counters = {"revisions": item.version, "modifiedIndex": item.updated}
        return {**super().of(resource, item), **counters}


class Provisioning(Representation):
    """A state that moves by itself soon after creation."""

    def of(self, resource: Any, item: Any) -> Any:
        young = times.now() - item.created < 250_000
        return {**super().of(resource, item), "state": "provisioning" if young else "ready"}


class SignedUrls(Representation):
    """URLs that are signed anew in each answer."""

    def of(self, resource: Any, item: Any) -> Any:
        url = f"https://cdn.example.com/a.png?X-Amz-Date={times.now()}"
        return {**super().of(resource, item), "images": [url]}


class SlowlySignedUrl(Representation):
    """A URL that is signed anew every 30 ms."""

    def of(self, resource: Any, item: Any) -> Any:
        url = f"https://cdn.example.com/a.png?X-Amz-Date={times.now() // 30_000}&X-Amz-Signature=1"
        return {**super().of(resource, item), "image": url}


class TwoNodes(Paginator):
    """Two nodes that take turns, each of which says its name."""

    def __init__(self) -> None:
        super().__init__()
        self.turn = itertools.count()

    def document(self, call: Any, items: Any, cursor: Any) -> Any:
        return {**super().document(call, items, cursor), "node": "ab"[next(self.turn) % 2]}


class LateItems(ItemEndpoint):
    """Items that show 100 ms after they were created."""

    def load(self, call: Call) -> Any:
        item = super().load(call)
        if call.method == "GET" and times.now() - item.created < 100_000:
            self.absent(call)
        return item


class WrappedReads(ItemEndpoint):
    """GET wraps the item, and writes take and give it plain."""

    def get(self, call: Call) -> Reply:
        item, representation = self.load(call), call.policies.representation
        wrapped = {"schema": 1, "order": representation.of(call.resource, item)}
        return representation.selected(call, wrapped, representation.validators(call.resource, item))


class EnvelopedItems(Representation):
    """Items in `data` in all responses, and plain in requests, as Laravel's resources are."""

    def reply(self, call: Call, status: int, document: Document) -> Reply:
        item = {"id", "created_at"} <= document.keys()
        return super().reply(call, status, {"data": document} if item else document)


class HiddenAbsence(Problems):
    """403 for what does not exist, so that nobody learns what does."""

    def http_status(self, call: Call, problem: Problem) -> int:
        hidden = problem.code == "not_found" and hasattr(call, "principal")
        return 403 if hidden else super().http_status(call, problem)

    status_member = http_status


class ErrorIds(Problems):
    """Each error has an `id`, a UUID, by which its log entry is found."""

    def document(self, call: Call, problem: Problem) -> Document:
        found = super().document(call, problem)
        del found["request_id"]
        return {"id": str(uuid.uuid4()), **found}


class SoftDelete(ItemEndpoint):
    """Deleted items stay readable, and say so."""

    name, value = "discarded_at", "2026-01-01T00:00:00Z"

    def removal(self, call: Call) -> Any:
        item = self.load(call)
        self.check_preconditions(call, item)

        def act(tx: Any) -> Reply:
            call.policies.locking.replace(call, tx, item, {**item.data, self.name: self.value})
            return self.deleted(call, item)

        return act

    def server_data(self, call: Call, item: Any) -> Any:
        kept = (*call.resource.server_properties, self.name)
        return {name: item.data[name] for name in kept if name in item.data}


class WithoutArchived(Paginator):
    """Lists that leave out what is archived; pages are as full as before."""

    def fetch(self, call: Call, filters: Any, after: Any, count: int) -> list[Any]:
        found: list[Any] = []
        while len(found) < count:
            some = super().fetch(call, filters, after, count)
            found += [item for item in some if not item.data.get("archived")]
            if len(some) < count:
                break
            after = self.position(call, some[-1])
        return found[:count]


def archived_by_patch() -> tuple[ServedResource, ...]:
    """Orders that are never deleted: an update archives them, and a list no longer shows them."""
    members = {**ORDERS.properties, "archived": {"type": "boolean", "default": False}}
    orders = replace(ORDERS, properties=members, item_methods=("GET", "PUT", "PATCH"))
    return tuple(orders if one is ORDERS else one for one in RESOURCES)


class SoftDeleteByState(SoftDelete):
    name, value = "lifecycle", "deleting"


class SoftDeleteByTime(SoftDelete):
    name, value = "deleteTime", "2026-01-01T00:00:00Z"


VARIANTS: tuple[Variant, ...] = (
    variant("counts writes in lock_version", races=True, representation=LockVersion),
    variant("counts writes in revisions and modifiedIndex", representation=Revisions),
    variant("an envelope in reads only", races=True, item=WrappedReads),
    Variant(
        "an envelope in responses only",
        partial(served, {"representation": EnvelopedItems}),
        # The document describes items without the envelope.
        profile=f"openapi = false\n{WIRE}",
    ),
    variant("changes its state by itself", representation=Provisioning),
    variant("signs URLs anew in each answer", representation=SignedUrls),
    variant("signs a URL anew now and then", representation=SlowlySignedUrl),
    variant("two nodes that name themselves in lists", paginator=TwoNodes),
    variant("items that show late", item=LateItems),
    variant("403 for what is absent", problems=HiddenAbsence),
    variant("a UUID as the id of an error", problems=ErrorIds),
    variant("soft deletion by discarded_at", races=True, item=SoftDelete),
    variant("soft deletion by a state", item=SoftDeleteByState),
    variant("soft deletion by deleteTime", item=SoftDeleteByTime),
    variant("no DELETE, and archived by PATCH", resources=archived_by_patch, paginator=WithoutArchived),
)
