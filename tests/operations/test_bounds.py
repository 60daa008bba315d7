"""Monitors that lead elsewhere, and operations that are nobody's wish: a verdict with its reason, never a hang."""

from __future__ import annotations

import pytest

from harness.reference.call import Call, Reply
from harness.reference.operations import Exports
from harness.rules.verdict import Verdict
from tests.matrix.declared import OPERATIONS
from tests.matrix.serving import served
from tests.matrix.trials import run_of


class MonitoredElsewhere(Exports):
    """Operations are watched at another service."""

    def post(self, call: Call) -> Reply:
        reply = super().post(call)
        id = reply.fields["Operation-Location"].rpartition("/")[2]
        call.policies.operations.begin(call.store, id)
        reply.fields["Operation-Location"] = f"https://operations.invalid/{id}"
        return reply


class StartedOnly(Exports):
    def post(self, call: Call) -> Reply:
        raise AssertionError("an operation was started that nobody has asked for")


@pytest.mark.slow
def test_a_monitor_at_another_origin_is_not_followed() -> None:
    with served({"exports": MonitoredElsewhere}) as url:
        report = run_of(
            ["LRO-001", "LRO-002"], url, "--effects", "write", profile='only = ["documents"]\n' + OPERATIONS
        )
    verdicts = {finding.rule: finding for finding in report.findings}
    assert verdicts["LRO-001"].verdict is Verdict.PASS
    assert verdicts["LRO-002"].verdict is Verdict.INCONCLUSIVE
    assert "leads to another origin, operations.invalid" in verdicts["LRO-002"].reason


@pytest.mark.slow
def test_who_names_collections_starts_nothing_else() -> None:
    with served({"exports": StartedOnly}) as url:
        report = run_of(["LRO-001"], url, "--effects", "write", profile='only = ["documents"]\n')
    (finding,) = report.of_rule("LRO-001")
    assert finding.verdict is Verdict.NOT_APPLICABLE
    assert not [one for one in report.exchanges if one.url.endswith("/exports")]
