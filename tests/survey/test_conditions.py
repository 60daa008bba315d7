"""What the survey learns of conditional requests, from servers on real sockets."""

from __future__ import annotations

from typing import Any

import pytest

from harness.profile.models import State
from harness.reference.call import Call, Reply
from harness.reference.extra_endpoints import Description
from harness.reference.openapi import describe
from harness.report.model import Report
from harness.rules.suites import suites_folder
from tests.matrix.running import run
from tests.matrix.serving import served

pytestmark = [pytest.mark.slow, pytest.mark.topic(name="conditional")]

LOCKING = [suites_folder() / "conditional/test_locking.py"]
PROFILE = 'only = ["contracts", "documents", "orders"]\nconsistency_window = 0\n'


class Undocumented(Description):
    """If-Match is not documented."""

    def get(self, call: Call) -> Reply:
        document: Any = describe(call.policies.limiter)
        for path in document["paths"].values():
            for operation in path.values():
                if isinstance(operation, dict) and "parameters" in operation:
                    operation["parameters"] = [
                        one for one in operation["parameters"] if one.get("name") != "If-Match"
                    ]
        return call.policies.representation.selected(call, document)


def surveyed(**policies: type) -> Report:
    with served(policies) as url:
        return run(url, "--effects", "write", suites=LOCKING, profile=PROFILE)


def capabilities(report: Report, name: str) -> dict[str, State | None]:
    return {
        resource.name: None if name not in resource.capabilities else resource.capabilities[name].state
        for resource in report.profile.resources
    }


def test_required_conditions_are_declared_by_a_document() -> None:
    report = surveyed()
    assert capabilities(report, "conditional") == {
        "contracts": State.DECLARED,
        "documents": None,
        "orders": None,
    }
    assert capabilities(report, "etag") == {
        "contracts": State.DETECTED,
        "documents": State.ABSENT,
        "orders": State.DETECTED,
    }


def test_required_conditions_are_found_by_428() -> None:
    report = surveyed(description=Undocumented)
    known = next(resource for resource in report.profile.resources if resource.name == "contracts")
    assert known.capabilities["conditional"].state is State.DETECTED
    assert "-> 428 without If-Match" in known.capabilities["conditional"].because
    assert known.locking.if_match
    assert known.capabilities["replace"].there
    assert known.capabilities["delete"].there
    assert not report.leftovers
    judged = {(finding.rule, finding.resource): finding.verdict.value for finding in report.findings}
    assert judged["COND-014", "contracts"] == "pass"
    assert judged["COND-008", "contracts"] == "pass"
