"""Verdicts on what other clients see and change: in runs that only read, and in others."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from harness.reference import ALICE
from harness.reference.call import Call, Reply
from harness.reference.endpoints import ItemEndpoint
from harness.reference.extra_endpoints import Root
from harness.reference.store import StoredItem as Stored
from harness.rules.verdict import Verdict
from tests.matrix.declared import CLIENTS
from tests.matrix.serving import served
from tests.matrix.trials import run_of

pytestmark = pytest.mark.topic(name="authorization")
RULES = ("AUTH-001", "AUTH-011", "AUTH-012", "AUTH-019", "AUTH-020")


class UnscopedGet(ItemEndpoint):
    """Looks items up by their id alone."""

    def find(self, call: Call) -> Stored | None:
        return call.store.find(call.resource.name, call.parameters["id"])


class UnscopedPatch(ItemEndpoint):
    """The check was forgotten where an item is changed."""

    def find(self, call: Call) -> Stored | None:
        if call.method == "PATCH":
            return call.store.find(call.resource.name, call.parameters["id"])
        return super().find(call)


class PublicNames(Root):
    """The entry point names the customers to everybody, as the front page of a server names its kind."""

    def get(self, call: Call) -> Reply:
        names = [f"Customer number {number}" for number in range(3)]
        return call.policies.representation.selected(call, {"name": "Demo API", "customers": names})


def verdicts(**policies: type) -> dict[str, tuple[Verdict, str]]:
    with served(policies) as url:
        fields = {"Authorization": f"Bearer {ALICE}"}
        for number in range(3):
            body: dict[str, Any] = {"customer": f"Customer number {number}", "amount": 10, "currency": "EUR"}
            httpx.post(f"{url}/orders", json=body, headers=fields).raise_for_status()
        profile = 'only = ["orders"]\n' + CLIENTS
        report = run_of(RULES, url, "--effects", "read", profile=profile)
        assert {one.method for one in report.exchanges} <= {"GET", "HEAD", "OPTIONS"}
        return {finding.rule: (finding.verdict, finding.reason) for finding in report.findings}


def test_a_sound_api_passes() -> None:
    assert {code: verdict for code, (verdict, _) in verdicts().items()} == dict.fromkeys(RULES, Verdict.PASS)


def test_a_public_page_that_shows_what_an_item_has_is_no_way_around() -> None:
    verdict, reason = verdicts(root=PublicNames)["AUTH-020"]
    assert verdict is Verdict.PASS, reason


def test_an_item_that_another_client_reads_is_found() -> None:
    verdict, reason = verdicts(item=UnscopedGet)["AUTH-011"]
    assert verdict is Verdict.FAIL
    assert "client B read orders item" in reason
    assert "'Customer number" in reason


def test_a_change_by_another_client_fails_although_nothing_is_declared() -> None:
    with served({"item": UnscopedPatch}) as url:
        report = run_of(["AUTH-011"], url, "--effects", "write", profile='only = ["orders"]\n' + CLIENTS)
    (found,) = report.findings
    assert found.verdict is Verdict.FAIL
    assert "client B changed orders item" in found.reason
    assert not report.leftovers
