"""Creates that are declared and were refused: the first screen says what that costs, and what lets the rules run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.profile.models import Capability, Profile, Resource, State
from harness.report import refused_creates
from harness.report.model import Report
from harness.report.unlocks import unlocks
from harness.report.words import headline, troubles
from harness.rules.finding import Finding
from harness.rules.verdict import Verdict
from tests.report.sample import build
from tests.report.test_unlocks import rule

SCHEMA = {
    "required": ["sku", "amount"],
    "properties": {"sku": {"type": "string"}, "amount": {"type": "integer"}},
}
BODY = "orders: POST /orders -> 422 each time, and it is declared; 2 rules could not be decided. Give the body of POST"


def refused(status: int, *verdicts: tuple[str, str | None, Verdict]) -> Report:
    """A run whose create of orders was refused with a status."""
    because = f"OpenAPI: POST /orders, but POST /orders -> {status}: give something"
    create = Capability(state=State.REFUSED, because=because, exchanges=["s6"])
    base = build()
    exchange = replace(base.exchanges[0], id="s6", status=status)
    codes = sorted({code for code, _, _ in verdicts})
    findings = [
        Finding(
            rule=code,
            resource=name,
            verdict=verdict,
            reason=f"create: {because}" if verdict is Verdict.INCONCLUSIVE else "",
        )
        for code, name, verdict in verdicts
    ]
    known = Resource(collection="/orders", create_schema=SCHEMA, capabilities={"create": create})
    return base.model_copy(
        update={
            "rules": [rule(code, "create") for code in codes],
            "findings": findings,
            "profile": Profile(resources=[known]),
            "exchanges": [exchange],
            "warnings": [],
            "suspicions": [],
        }
    )


LOST = (("AAA-001", "orders", Verdict.INCONCLUSIVE), ("AAA-002", "orders", Verdict.INCONCLUSIVE))


def test_the_first_screen_names_the_body_that_is_wanted() -> None:
    report = refused(422, *LOST)
    (line,) = [text for text in troubles(report) if "each time, and it is declared" in text]
    assert line.startswith(BODY)
    assert len(line) < 190  # or the terminal cuts it
    assert """--body 'orders={"sku": "...", "amount": 1}'""" in line
    (more,) = unlocks(report)
    assert (more.rules, more.condition) == (2, "a body that a create accepts is known")


@pytest.mark.parametrize("status", [401, 403])
def test_a_credential_is_wanted_where_permission_is_lacking(status: int) -> None:
    report = refused(status, *LOST)
    (line,) = [text for text in troubles(report) if "each time, and it is declared" in text]
    assert '--header "Authorization: Bearer $TOKEN"' in line
    assert "--body" not in line
    assert unlocks(report)[0].condition == "a credential that may create is given"


def test_the_headline_does_not_stop_at_no_rule_failed() -> None:
    said = headline(refused(422, *LOST, ("AAA-003", None, Verdict.PASS)))
    assert said.state != "good"
    assert "POST /orders was refused: 2 rules could not be decided" in said.sentence


def test_rules_that_another_resource_decided_are_not_lost() -> None:
    report = refused(422, *LOST, ("AAA-001", "customers", Verdict.PASS))
    assert refused_creates.undecided(report) == "POST /orders was refused: 1 rule could not be decided"
    both = refused(422, LOST[0], ("AAA-001", "customers", Verdict.PASS))
    assert refused_creates.undecided(both) == ""


def test_what_a_warning_tells_already_is_not_told_twice() -> None:
    report = refused(401, *LOST).model_copy(
        update={"warnings": ["orders: POST /orders -> 401, and WWW-Authenticate requires a bearer token"]}
    )
    assert not [text for text in troubles(report) if "each time, and it is declared" in text]
