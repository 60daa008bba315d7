"""judge() and agree() on literal inputs."""

from __future__ import annotations

import datetime as dt

import pytest

from harness.profile.models import Waiver
from harness.rules.verdict import (
    SEVERITY,
    Breach,
    Impact,
    Judgement,
    Level,
    Outcome,
    Verdict,
    agree,
    judge,
    redacted,
    worst,
)

TODAY = dt.date(2030, 6, 15)
BROKEN = Outcome(breaches=(Breach("409", "200"),))
FRESH = Waiver(rule="AAA-001", reason="known", owner="team A", until=TODAY)
EXPIRED = FRESH.model_copy(update={"until": TODAY - dt.timedelta(days=1)})


def verdict(outcome, level=Level.MUST, impact=Impact.MAJOR, **options):
    return judge(level, impact, outcome, today=TODAY, **options).verdict


@pytest.mark.parametrize(
    ("level", "impact", "expected", "strictly", "leniently"),
    [
        (Level.MUST, Impact.CRITICAL, Verdict.FAIL, Verdict.FAIL, Verdict.WARN),
        (Level.MUST, Impact.MAJOR, Verdict.FAIL, Verdict.FAIL, Verdict.WARN),
        (Level.MUST, Impact.MINOR, Verdict.ADVICE, Verdict.FAIL, Verdict.ADVICE),
        (Level.SHOULD, Impact.CRITICAL, Verdict.FAIL, Verdict.FAIL, Verdict.WARN),
        (Level.SHOULD, Impact.MAJOR, Verdict.WARN, Verdict.WARN, Verdict.WARN),
        (Level.SHOULD, Impact.MINOR, Verdict.ADVICE, Verdict.ADVICE, Verdict.ADVICE),
        (Level.MAY, Impact.CRITICAL, Verdict.NOTE, Verdict.NOTE, Verdict.NOTE),
        (Level.MAY, Impact.MAJOR, Verdict.NOTE, Verdict.NOTE, Verdict.NOTE),
        (Level.MAY, Impact.MINOR, Verdict.NOTE, Verdict.NOTE, Verdict.NOTE),
    ],
)
def test_a_breach_by_level_and_impact(level, impact, expected, strictly, leniently):
    for breach in (Breach("409", "200"), Breach("409", "200", level), Breach("409", "200", impact=impact)):
        broken = Outcome(breaches=(breach,))
        assert verdict(broken, level, impact) is expected
        assert verdict(broken, level, impact, lenient=True) is leniently
        # The profile's `strict` goes before what most APIs do.
        assert verdict(broken, level, impact, strict=True) is strictly
        assert verdict(broken, level, impact, strict=True, lenient=True) is strictly


def test_advice_is_a_warning_for_those_who_want_it():
    assert verdict(BROKEN, Level.SHOULD, Impact.MINOR, minor=Verdict.WARN) is Verdict.WARN
    assert verdict(BROKEN, Level.SHOULD, Impact.MAJOR, minor=Verdict.WARN) is Verdict.WARN
    assert verdict(BROKEN, Level.MUST, Impact.MAJOR, minor=Verdict.WARN) is Verdict.FAIL


def test_a_part_may_be_advice_and_another_graver():
    small = Breach("Accept-Patch", "none", Level.SHOULD, Impact.MINOR)
    assert verdict(Outcome(breaches=(small,)), Level.MUST) is Verdict.ADVICE
    assert verdict(Outcome(breaches=(small, Breach("409", "200"))), Level.MUST) is Verdict.FAIL
    # A part that binds less than its rule, or more, is of major impact unless it says so.
    other = Breach("409", "200", Level.SHOULD)
    assert verdict(Outcome(breaches=(other,)), Level.MUST, Impact.MINOR) is Verdict.WARN


def test_evidence_leaves_a_pass_a_pass():
    assert verdict(Outcome(evidence=("30 rounds of 16",)), Level.MUST, Impact.CRITICAL) is Verdict.PASS


def test_a_part_may_hurt_less_than_its_rule():
    part = Outcome(breaches=(Breach("409", "503", impact=Impact.MAJOR),))
    assert verdict(part, Level.SHOULD, Impact.CRITICAL) is Verdict.WARN
    assert verdict(part, Level.MUST, Impact.CRITICAL) is Verdict.FAIL


@pytest.mark.parametrize(
    ("own", "expected"),
    [(Level.MUST, Verdict.FAIL), (Level.SHOULD, Verdict.WARN), (Level.MAY, Verdict.NOTE)],
)
def test_a_level_of_its_own_goes_before_the_rules_level_and_impact(own, expected):
    other = next(level for level in Level if level is not own)
    outcome = Outcome(breaches=(Breach("409", "200", own),))
    assert verdict(outcome, other, Impact.CRITICAL) is expected


@pytest.mark.parametrize(
    ("outcome", "expected", "reason"),
    [
        (Outcome(), Verdict.PASS, ""),
        (Outcome(notes=("slow", "odd")), Verdict.NOTE, "slow; odd"),
        (Outcome(absent="no PATCH"), Verdict.NOT_APPLICABLE, "no PATCH"),
        (Outcome(undecided="control failed"), Verdict.INCONCLUSIVE, "control failed"),
        (Outcome(crash="KeyError"), Verdict.ERROR, "KeyError"),
        (BROKEN, Verdict.FAIL, "200"),
        # What broke before the rule ended otherwise, counts; a crash hides nothing but is told first.
        (Outcome(BROKEN.breaches, undecided="later"), Verdict.FAIL, "200"),
        (Outcome(BROKEN.breaches, absent="later"), Verdict.FAIL, "200"),
        (Outcome(BROKEN.breaches, crash="KeyError"), Verdict.ERROR, "KeyError"),
    ],
)
def test_every_way_to_end(outcome, expected, reason):
    assert judge(Level.MUST, Impact.MAJOR, outcome) == Judgement(expected, reason)


def test_the_worst_breach_decides():
    two = Outcome(breaches=(Breach("a", "b", Level.MAY), Breach("c", "d", Level.SHOULD)))
    assert verdict(two) is Verdict.WARN


@pytest.mark.parametrize(
    ("outcome", "waiver", "expected", "said"),
    [
        (BROKEN, FRESH, Verdict.WAIVED, "known (waived by team A until 2030-06-15)"),
        (BROKEN, EXPIRED, Verdict.FAIL, "the waiver by team A ended on 2030-06-14"),
        (Outcome(), FRESH, Verdict.FAIL, "stale waiver"),
        (Outcome(notes=("n",)), FRESH, Verdict.FAIL, "stale waiver"),
        # Nothing is said of the waiver where the rule was not decided.
        (Outcome(absent="x"), FRESH, Verdict.NOT_APPLICABLE, "x"),
        (Outcome(undecided="x"), FRESH, Verdict.INCONCLUSIVE, "x"),
        (Outcome(crash="x"), FRESH, Verdict.ERROR, "x"),
    ],
)
def test_waivers(outcome, waiver, expected, said):
    judged = judge(Level.MUST, Impact.MAJOR, outcome, waiver=waiver, today=TODAY)
    assert judged.verdict is expected
    assert said in judged.reason


def test_a_waived_warning_is_waived_and_a_note_needs_no_waiver():
    assert verdict(BROKEN, Level.SHOULD, Impact.MINOR, waiver=FRESH) is Verdict.WAIVED
    assert verdict(BROKEN, Level.SHOULD, waiver=FRESH) is Verdict.WAIVED
    assert verdict(BROKEN, Level.MAY, waiver=FRESH) is Verdict.NOTE


def test_a_waiver_covers_its_rule_and_resource():
    assert FRESH.covers("AAA-001", "orders")
    assert FRESH.covers("AAA-001", None)
    assert not FRESH.covers("AAA-002", "orders")
    narrow = FRESH.model_copy(update={"resource": "orders"})
    assert narrow.covers("AAA-001", "orders")
    assert not narrow.covers("AAA-001", "items")


@pytest.mark.parametrize("other", [v for v in Verdict if v is not Verdict.FAIL])
def test_a_finding_that_does_not_repeat_is_flaky(other):
    judged = agree(Judgement(Verdict.FAIL, "twice"), Judgement(other, "once"))
    assert judged.verdict is Verdict.INCONCLUSIVE
    assert judged.reason == f"flaky: first fail (twice), on repeat {other.value} (once)"


def test_a_finding_that_repeats_stands():
    first = Judgement(Verdict.WARN, "one id")
    assert agree(first, Judgement(Verdict.WARN, "another id")) is first


def test_severity_orders_every_verdict():
    assert set(SEVERITY) == set(Verdict)
    assert worst([]) is Verdict.NOT_APPLICABLE
    assert worst([Verdict.NOT_APPLICABLE, Verdict.PASS]) is Verdict.PASS
    assert worst(Verdict) is Verdict.ERROR
    assert {v for v in Verdict if v.decided} == {
        Verdict.PASS,
        Verdict.FAIL,
        Verdict.WARN,
        Verdict.ADVICE,
        Verdict.NOTE,
        Verdict.WAIVED,
    }
    # An undecided resource may hide more than advice.
    assert worst([Verdict.ADVICE, Verdict.INCONCLUSIVE]) is Verdict.INCONCLUSIVE
    assert worst([Verdict.ADVICE, Verdict.NOTE, Verdict.PASS]) is Verdict.ADVICE


def test_every_text_of_an_outcome_is_cleaned():
    outcome = Outcome((Breach("s", "s"),), ("s",), ("s",), "s", "s", "s")
    clean = redacted(outcome, lambda text: text.replace("s", "$NAME"))
    assert clean == Outcome((Breach("$NAME", "$NAME"),), ("$NAME",), ("$NAME",), "$NAME", "$NAME", "$NAME")
