"""Items whose representation tells nothing of whose they are: other clients' requests to them are judged, too."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from harness.reference.call import Call, Document, Reply
from harness.reference.representation import Representation
from harness.reference.resources import ServedResource
from harness.reference.routing import Route, Router
from harness.reference.store import StoredItem
from harness.rules.verdict import Verdict
from tests.authorization.defects import UnscopedDelete
from tests.matrix.declared import AT_ONCE, CLIENTS, HOSTILE
from tests.matrix.serving import served
from tests.matrix.trials import run_of

pytestmark = pytest.mark.topic(name="authorization")
PROFILE = f'{AT_ONCE}{HOSTILE}only = ["documents"]\n{CLIENTS}'


class Counted(Representation):
    """An item shows what the server knows of it, and nothing that it was sent."""

    def of(self, resource: ServedResource, item: StoredItem) -> Document:
        shown = super().of(resource, item)
        return {name: shown[name] for name in shown if name in ("id", "created_at", "updated_at")}


class SecretOnce(Router):
    """The answer to a create shows a secret, which nothing shows again."""

    def dispatch(self, call: Call, routes: Sequence[Route]) -> Reply:
        reply = super().dispatch(call, routes)
        if call.method == "POST" and reply.status == 201:
            shown = {**json.loads(reply.body), "secret": "whsec_2f1d9a"}
            return Reply(reply.status, json.dumps(shown).encode(), reply.fields)
        return reply


def test_the_removal_by_another_client_is_tried() -> None:
    with served({"representation": Counted, "router": SecretOnce}) as url:
        report = run_of(["AUTH-011"], url, "--effects", "write", profile=PROFILE)
    (found,) = report.findings
    assert found.verdict is Verdict.PASS, found.reason
    assert any(one.method == "DELETE" for one in report.exchanges)


def test_the_removal_by_another_client_is_found() -> None:
    with served({"representation": Counted, "router": SecretOnce, "item": UnscopedDelete}) as url:
        report = run_of(["AUTH-011"], url, "--effects", "write", profile=PROFILE)
    (found,) = report.findings
    assert found.verdict is Verdict.FAIL
    assert "deleted" in found.reason
