"""What is known from a baseline, what was fixed, and what is to be run again: on literal reports."""

from __future__ import annotations

import pytest

from harness.report.words import headline, since
from harness.rules.finding import BreachRecord, Finding
from harness.rules.verdict import Level, Verdict
from harness.run.baseline import Again, Baseline
from tests.report.sample import build

F, W, U, E, P, N, V, A = (
    Verdict.FAIL,
    Verdict.WARN,
    Verdict.INCONCLUSIVE,
    Verdict.ERROR,
    Verdict.PASS,
    Verdict.NOTE,
    Verdict.WAIVED,
    Verdict.NOT_APPLICABLE,
)
BREACH = BreachRecord(expected="a", observed="b", level=Level.MUST)


def baseline(**verdicts: Verdict) -> Baseline:
    known = {(code.replace("_", "-"), "orders"): verdict for code, verdict in verdicts.items()}
    return Baseline("b1", "2026-11-20T10:00:00Z", "http://x", known)


def finding(verdict: Verdict, rule: str = "AAA-001", resource: str | None = "orders") -> Finding:
    breaches = [BREACH] if verdict in (F, W, V) else []
    return Finding(rule=rule, resource=resource, verdict=verdict, breaches=breaches)


@pytest.mark.parametrize(
    ("before", "now", "known"),
    [
        (F, F, True),
        (W, W, True),
        # Better than it was, yet broken.
        (F, W, True),
        # Worse than it was.
        (W, F, False),
        (P, F, False),
        (U, F, False),
        (A, W, False),
        # Its waiver has gone: who accepted it then does not now.
        (V, F, False),
        (U, U, True),
        (F, U, False),
        # Errors of the harness are nobody's to accept.
        (E, E, False),
        (P, P, False),
    ],
)
def test_what_is_known(before: Verdict, now: Verdict, known: bool) -> None:
    assert baseline(AAA_001=before).knows(finding(now)) is known


def test_another_resource_is_another_finding() -> None:
    assert not baseline(AAA_001=F).knows(finding(F, resource="customers"))
    assert not baseline(AAA_001=F).knows(finding(F, resource=None))


def test_a_stale_waiver_is_never_known() -> None:
    stale = Finding(rule="AAA-001", resource="orders", verdict=F, reason="stale waiver: the rule holds now")
    assert not baseline(AAA_001=F).knows(stale)


@pytest.mark.parametrize(
    ("before", "now", "failing", "fixed"),
    [
        (F, P, {F, E}, True),
        (F, N, {F, E}, True),
        (W, P, {F, E}, True),
        (F, W, {F, E}, False),
        (F, U, {F, E}, False),
        (F, A, {F, E}, False),
        (F, V, {F, E}, False),
        (U, P, {F, E}, False),
        (U, P, {F, E, U}, True),
        (P, P, {F, E}, False),
    ],
)
def test_what_was_fixed(before: Verdict, now: Verdict, failing: set[Verdict], fixed: bool) -> None:
    record = baseline(AAA_001=before).record([finding(now)], failing)
    assert [one.rule for one in record.fixed] == (["AAA-001"] if fixed else [])


def test_what_is_run_again() -> None:
    again = Again.of(build())
    assert again.keys == {
        ("COND-004", "orders"),
        ("ERR-002", "orders"),
        ("ERR-002", "customers"),
        ("IDEM-001", "orders"),
        ("IDEM-004", "orders"),
    }
    assert "4 of its 12 rules" in again.warning(4)


def test_the_headline_counts_only_what_is_new() -> None:
    report = build()
    broken = [f for f in report.findings if f.verdict in (F, E)]
    record = Baseline.of(report).record([], report.run.failing)
    known = [f.model_copy(update={"known": f.verdict is F}) for f in broken]
    report = report.model_copy(update={"findings": known, "baseline": record})
    assert headline(report) == (
        "bad",
        "1 rule could not be judged because the harness itself broke.",
    )
    report = report.model_copy(update={"findings": known[:1]})
    assert headline(report) == ("good", "No new failures.")
    assert since(report) == (
        "Since run c7f3a9 of 2026-11-21T16:14:05Z: 0 rules newly failed, 1 as before, 0 findings fixed."
    )
    new = [known[0].model_copy(update={"known": False})]
    assert headline(report.model_copy(update={"findings": new})).sentence == "1 rule newly failed."


@pytest.mark.parametrize(
    ("before", "now", "shown"),
    [
        (P, F, "new"),
        (N, W, "new"),
        (F, W, "still"),
        (W, F, "still"),
        (F, P, "fixed"),
        (W, N, "fixed"),
        # What one of the runs did not settle is no change.
        (U, F, None),
        (A, F, None),
        (F, U, None),
        (F, A, None),
        (P, P, None),
    ],
)
def test_what_changed_since_the_run_before(before: Verdict, now: Verdict, shown: str | None) -> None:
    changes = baseline(AAA_001=before).changes([finding(now), finding(F, "BBB-001")])
    found = {name: [one.rule for one in getattr(changes, name)] for name in ("new", "still", "fixed")}
    assert {name for name, rules in found.items() if rules} == ({shown} if shown else set())
    assert all(rules in ([], ["AAA-001"]) for rules in found.values())
