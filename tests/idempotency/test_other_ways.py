"""Ways of handling keys that are not the reference's: lawful ones raise no alarm, and keys in bodies are judged too."""

from __future__ import annotations

import time
from typing import Any, NoReturn

import pytest

from harness.reference.authenticator import Authenticator, Principal
from harness.reference.call import Call, Reply
from harness.reference.endpoints import CollectionEndpoint
from harness.reference.errors import Problem
from harness.reference.idempotency import IdempotencyPolicy, Stored
from harness.reference.reader import JSON
from harness.rules.finding import Finding
from harness.rules.suites import suites_folder
from harness.rules.verdict import Verdict
from tests.idempotency.defects import ReplayedOnce, SharedByClients
from tests.matrix.running import run
from tests.matrix.serving import served

pytestmark = pytest.mark.slow

SUITES = sorted(suites_folder().glob("idempotency/test_*.py"))
OTHER = '[credentials.other]\nheaders = { Authorization = "Bearer demo-token-bob" }\n'
IN_BODY = """
[[resources]]
collection = "/orders"
idempotency = { body = "/idempotency_key" }
"""
ALARMS = {Verdict.FAIL, Verdict.WARN, Verdict.ADVICE, Verdict.ERROR}


def findings(profile: str, **policies: type) -> list[Finding]:
    with served(policies) as url:
        report = run(url, suites=SUITES, profile=profile)
    assert not report.leftovers
    return report.findings


def alarms(found: list[Finding]) -> set[str]:
    return {finding.rule for finding in found if finding.verdict in ALARMS}


def verdicts(found: list[Finding], rule: str) -> set[Verdict]:
    return {finding.verdict for finding in found if finding.rule == rule}


class RefusesRepeats(IdempotencyPolicy):
    """A repeat is refused as such: at most one effect, and no stored result (Parse Server does so)."""

    def replay(self, call: Call, stored: Stored) -> Reply:
        raise Problem("idempotency_key_invalid", "Duplicate request.")


class Waits(IdempotencyPolicy):
    """A duplicate waits for the result of the first."""

    def in_progress(self, call: Call) -> NoReturn:
        raise Waiting

    def run(self, call: Call, key: str | None, payload: Any, plan: Any) -> Reply:
        while True:
            try:
                return super().run(call, key, payload, plan)
            except Waiting:
                time.sleep(0.001)


class Waiting(Exception):
    pass


class OneTenant(Authenticator):
    """All users see all items."""

    def sees(self, principal: Principal, owner: str) -> bool:
        return True

    def owner_filter(self, principal: Principal) -> str | None:
        return None


class KeyInBody(CollectionEndpoint):
    """The key is a member of the body, as in Prefect."""

    def post(self, call: Call) -> Reply:
        _, document = call.policies.reader.read(call, JSON)
        key = document.pop("idempotency_key", None) if isinstance(document, dict) else None
        call.policies.validator.check(call, document, "create")
        return call.policies.idempotency.run(call, key, document, lambda: self.creation(call, document))


def test_an_api_that_refuses_repeats_executes_once() -> None:
    found = findings("", idempotency=RefusesRepeats)
    assert alarms(found) == {"IDEM-002"}
    assert Verdict.PASS in verdicts(found, "IDEM-001")


def test_an_api_that_lets_duplicates_wait_raises_no_alarm() -> None:
    found = findings("", idempotency=Waits)
    assert not alarms(found)
    assert verdicts(found, "IDEM-006") == {Verdict.PASS, Verdict.NOT_APPLICABLE}


def test_clients_of_one_tenant_may_share_keys() -> None:
    found = findings(OTHER, authenticator=OneTenant, idempotency=SharedByClients)
    assert not alarms(found)
    assert verdicts(found, "IDEM-007") == {Verdict.INCONCLUSIVE}


def test_keys_in_the_body_are_judged_as_well() -> None:
    found = findings(OTHER + IN_BODY, collection=KeyInBody)
    assert not alarms(found)
    decided = {finding.rule for finding in found if finding.verdict.decided}
    assert decided == {f"IDEM-{number:03}" for number in (1, 2, 3, 4, 6, 7, 9, 10, 11)}


def test_a_broken_promise_of_exactly_once_breaks_a_must() -> None:
    promise = '[[resources]]\ncollection = "/orders"\nidempotency = { exactly_once = true }\n'
    found = findings(promise, idempotency=ReplayedOnce)
    broken = [breach for finding in found if finding.rule == "IDEM-001" for breach in finding.breaches]
    assert [breach.level.value for breach in broken] == ["MUST"]
