"""Whole runs without [webhooks], where the OpenAPI document declares them."""

from __future__ import annotations

import pytest

from harness.rules.verdict import Verdict
from tests.matrix.serving import served
from tests.matrix.trials import listed, listing, run_of
from tests.webhooks.documented import EventsOnly, WithCallbacks, WithWebhooks
from tests.webhooks.test_runs import HOOK, ONLY, verdicts

UNDECLARED = {"HOOK-010", "HOOK-012", "HOOK-005"}
"""About the log, the rotation and the signatures, of which the document says nothing."""


@pytest.mark.parametrize("description", [WithWebhooks, WithCallbacks])
def test_receivers_are_subscribed_as_the_document_says(description):
    assert "HOOK-013" in listed()
    with served({"description": description}) as url:
        report = run_of(HOOK, url, "--effects", "write", profile=ONLY)
    found = verdicts(report)
    assert {code for code, verdict in found.items() if verdict is Verdict.NOT_APPLICABLE} == UNDECLARED
    for code in ("HOOK-001", "HOOK-003", "HOOK-006", "HOOK-009", "HOOK-013"):
        assert found[code] is Verdict.PASS, listing(report.findings)
    assert not {Verdict.FAIL, Verdict.WARN, Verdict.ERROR} & set(found.values()), listing(report.findings)
    assert not report.leftovers


def test_what_is_declared_and_cannot_be_subscribed_is_inconclusive_with_the_line_that_helps():
    with served({"description": EventsOnly}) as url:
        report = run_of(HOOK, url, "--effects", "write", profile=ONLY)
    for one in report.findings:
        assert one.verdict is Verdict.INCONCLUSIVE
        assert "the OpenAPI document declares the webhooks document.created" in one.reason
        assert "webhooks = {" in one.reason
        assert '"document.created" = "documents"' in one.reason
        assert not one.exchanges
