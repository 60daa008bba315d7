"""Client A's item by its id beside one of client B's: in lookups, changes and removals of several items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from harness.reference.call import Call, Reply
from harness.reference.endpoints import LookupEndpoint
from harness.reference.extra_endpoints import Description
from harness.reference.openapi import describe
from harness.reference.routing import Route, Router
from harness.reference.store import StoredItem as Stored
from harness.report.model import Report
from harness.rules.verdict import Verdict
from tests.matrix.declared import AT_ONCE, CLIENTS, HOSTILE
from tests.matrix.serving import served
from tests.matrix.trials import run_of

pytestmark = pytest.mark.topic(name="authorization")
ID = {"type": "string"}
IDS = {"type": "array", "items": ID}
NOTES = {
    "type": "array",
    "items": {"type": "object", "required": ["id"], "properties": {"id": ID, "note": {"type": "string"}}},
}
SHARED = {
    "allOf": [
        {"type": "object", "required": ["ids"], "properties": {"ids": IDS}},
        {"type": "object", "properties": {"note": {"type": "string"}}},
    ]
}


class Described(Description):
    """Describes changes of several orders, and two ways to remove several of them."""

    def get(self, call: Call) -> Reply:
        document = describe(call.policies.limiter)
        paths = document["paths"]
        for path, method, schema in (
            ("/orders", "patch", NOTES),
            ("/bulk/orders", "patch", SHARED),
            ("/orders", "delete", IDS),
            ("/orders/batch-delete", "post", {"type": "object", "properties": {"ids": IDS}}),
        ):
            content = {"application/json": {"schema": schema}}
            operation = {"requestBody": {"content": content}, "responses": {"204": {"description": "Done."}}}
            paths.setdefault(path, {})[method] = operation
        return call.policies.representation.selected(call, document)


class Several(Router):
    """Changes and removes several orders, those of the caller only."""

    unscoped: tuple[str, ...] = ()

    def dispatch(self, call: Call, routes: Sequence[Route]) -> Reply:
        does = {
            ("PATCH", "/v1/orders"): self.change,
            ("PATCH", "/v1/bulk/orders"): self.change_alike,
            ("DELETE", "/v1/orders"): self.remove,
            ("POST", "/v1/orders/batch-delete"): self.remove,
        }.get((call.method, call.path))
        if does is None:
            return super().dispatch(call, routes)
        call.resource = next(
            one.resource for one in routes if one.resource is not None and one.resource.name == "orders"
        )
        call.principal = call.policies.authenticator.authenticate(call)
        content = call.policies.reader.parse(call.body)
        if does == self.change_alike:
            content = [{"id": one, "note": content["note"]} for one in content["ids"]]
        for one in content["ids"] if isinstance(content, dict) else content:
            does(call, one)
        return Reply(204)

    def own(self, call: Call, id: str) -> Stored | None:
        item = call.store.find("orders", id)
        owned = item is not None and item.owner == call.principal.name
        return item if owned or call.method in self.unscoped else None

    def change(self, call: Call, row: dict[str, Any]) -> None:
        if (item := self.own(call, row["id"])) is not None:
            with call.store.write() as tx:
                call.policies.locking.replace(call, tx, item, {**item.data, "note": row["note"]})

    def change_alike(self, call: Call, row: dict[str, Any]) -> None:
        self.change(call, row)

    def remove(self, call: Call, id: str) -> None:
        if (item := self.own(call, id)) is not None:
            with call.store.write() as tx:
                call.policies.locking.remove(call, tx, item)


class UnscopedChange(Several):
    """The owner was forgotten where several items are changed."""

    unscoped = ("PATCH",)


class UnscopedAlike(Several):
    """The owner was forgotten where several items get one note."""

    def change_alike(self, call: Call, row: dict[str, Any]) -> None:
        if (item := call.store.find("orders", row["id"])) is not None:
            with call.store.write() as tx:
                call.policies.locking.replace(call, tx, item, {**item.data, "note": row["note"]})


class UnscopedRemoval(Several):
    """The owner was forgotten where several items are removed."""

    unscoped = ("POST",)


class UnscopedDelete(Several):
    """The owner was forgotten in DELETE of the collection."""

    unscoped = ("DELETE",)


ORDERS = (
    AT_ONCE + 'only = ["orders"]\n' + CLIENTS + '[[resources]]\ncollection = "/orders"\nchange = "/note"\n'
)


def run(profile: str, effects: str = "write", **policies: type) -> Report:
    with served(policies) as url:
        return run_of(["AUTH-011"], url, "--effects", effects, profile=profile)


@pytest.mark.parametrize(
    ("router", "did"),
    [
        (UnscopedChange, "client B changed orders item"),
        (UnscopedAlike, "client B changed orders item"),
        (UnscopedRemoval, "client B deleted orders item"),
        (UnscopedDelete, "client B deleted orders item"),
    ],
)
def test_a_change_by_the_id_beside_an_own_one_is_found(router: type, did: str) -> None:
    report = run(HOSTILE + ORDERS, description=Described, router=router)
    (found,) = report.findings
    assert (found.verdict, report.leftovers) == (Verdict.FAIL, []), found.reason
    assert did in found.reason
    assert "by its id beside one of its own" in found.reason


def test_checked_owners_pass() -> None:
    report = run(ORDERS, description=Described, router=Several)
    (found,) = report.findings
    assert (found.verdict, report.leftovers) == (Verdict.PASS, []), found.reason
    sent = [one for one in report.exchanges if one.url.endswith("/orders")]
    # A server that overlooks the ids would remove everything.
    assert {one.method for one in sent} & {"PATCH", "DELETE"} == {"PATCH"}


class FailingLookup(LookupEndpoint):
    """Breaks for everybody."""

    def items(self, call: Call, ids: list[str]) -> list[Stored]:
        raise RuntimeError("no such table")


def test_an_operation_that_fails_for_client_a_is_an_open_question() -> None:
    (found,) = run('only = ["documents"]\n' + CLIENTS, lookup=FailingLookup).findings
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "POST /documents/lookup could not be tried with A's id beside client B's" in found.reason
