"""Creates that are accepted with 202: the operation is followed, and what it makes is removed."""

from __future__ import annotations

import json

import pytest

from harness.reference.call import Call, Document, Reply
from harness.reference.endpoints import CollectionEndpoint
from harness.reference.locking import Act
from harness.reference.operations import OperationMonitor, Operations, StoredOperation
from harness.reference.store import Store, Transaction
from harness.rules.verdict import Verdict
from tests.matrix.serving import served
from tests.matrix.trials import run_of
from tests.webhooks.documented import Documented

RULES = ["LRO-001", "LRO-002", "LRO-003", "LRO-005"]


class Queued(CollectionEndpoint):
    """A create is queued."""

    def creation(self, call: Call, document: Document) -> Act:
        id = self.new_identifier(call)
        data = {**call.resource.writable(document), **call.resource.initial}
        request = {"collection": call.resource.name, "owner": call.principal.name, "data": data}

        def act(tx: Transaction) -> Reply:
            call.policies.operations.insert(tx, id, call.principal.name, request)
            reply = call.policies.representation.reply(call, 202, {"accepted": True})
            reply.fields["Operation-Location"] = f"/v1/operations/{id}"
            return reply

        return act

    def post(self, call: Call) -> Reply:
        reply = super().post(call)
        call.policies.operations.begin(call.store, reply.fields["Operation-Location"].rpartition("/")[2])
        return reply


class Creator(Operations):
    """The worker makes the item."""

    step = 0.1

    def finish(self, store: Store, id: str, request: Document) -> bool:
        with store.write() as tx:
            store.insert(tx, request["collection"], id, request["owner"], request["data"], None)
        return self.change(store, id, ("running",), status="succeeded", progress=100, result="{}")


class LeadsToItem(OperationMonitor):
    """The result is the item."""

    def document(self, operation: StoredOperation) -> Document:
        collection = json.loads(operation.request)["collection"]
        shown = super().document(operation)
        return shown | {"result_url": f"/v1/{collection}/{operation.id}" if operation.ended else None}


@pytest.mark.slow
def test_a_create_that_goes_on_is_followed_and_its_item_removed() -> None:
    policies = {"collection": Queued, "operations": Creator, "monitor": LeadsToItem}
    with served(policies) as url:
        report = run_of(RULES, url, "--effects", "write", profile='only = ["contracts"]\n')
    assert {finding.rule: finding.verdict for finding in report.findings} == dict.fromkeys(
        RULES, Verdict.PASS
    )
    assert not report.leftovers
    made = [one for one in report.exchanges if one.method == "POST" and one.url.endswith("/contracts")]
    assert made


def preferred(call: Call) -> bool:
    return "respond-async" in (call.values("prefer") or "")


class QueuedIfPreferred(Queued):
    """A create is queued where the client prefers it."""

    def creation(self, call: Call, document: Document) -> Act:
        kind = Queued if preferred(call) else CollectionEndpoint
        return kind.creation(self, call, document)

    def post(self, call: Call) -> Reply:
        return (Queued if preferred(call) else CollectionEndpoint).post(self, call)


class SaysSo(Documented):
    """Creates of contracts have the field Prefer."""

    def document(self, call: Call) -> Document:
        found: Document = super().document(call)
        prefer = {"name": "Prefer", "in": "header", "schema": {"enum": ["respond-async"]}}
        found["paths"]["/contracts"]["post"].setdefault("parameters", []).append(prefer)
        return found


@pytest.mark.slow
def test_a_create_goes_on_when_the_client_prefers_it() -> None:
    policies = {
        "collection": QueuedIfPreferred,
        "operations": Creator,
        "monitor": LeadsToItem,
        "description": SaysSo,
    }
    with served(policies) as url:
        profile = 'openapi = "/openapi.json"\nonly = ["contracts"]\n'
        report = run_of(RULES, url, "--effects", "write", profile=profile)
    assert {finding.rule: finding.verdict for finding in report.findings} == dict.fromkeys(
        RULES, Verdict.PASS
    )
    assert not report.leftovers
    accepted = [one for one in report.exchanges if one.method == "POST" and one.status == 202]
    assert accepted
    assert all(one.request_field("prefer") == "respond-async" for one in accepted)
