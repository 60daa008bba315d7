"""How little was verified, and what would change that: the same in every format."""

from __future__ import annotations

import json
import math

import pytest

from harness.profile.models import Capability, Profile, Resource, State
from harness.report import json_file
from harness.report.console import annotations, terminal
from harness.report.formats import badge, junit, markdown, sarif
from harness.report.html import page as html
from harness.report.model import Report, RuleRecord, ShortfallRecord, tally
from harness.report.stronger_effects import further, rougher
from harness.report.words import coverage, headline
from harness.rules.finding import Finding
from harness.rules.rule import Effect
from harness.rules.verdict import Impact, Level, Verdict
from harness.run import estimates
from tests.report.sample import build

SPENT = "budget: all 300 requests of --max-requests are used"
TOO_FEW = "budget: too few of the 300 requests of --max-requests are left to create and remove a resource"
OVER = "budget: the 60 seconds of --max-time have passed"
PASS, FAIL, UNDECIDED, ABSENT = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE


def rule(code: str, needs: str = "", effect: str = "READ", shared: int = 1) -> RuleRecord:
    return RuleRecord(
        code=code,
        suite=code.partition("-")[0],
        level=Level.MUST,
        impact=Impact.MAJOR,
        title="t",
        why="w",
        fix="f",
        refs=["r"],
        needs=needs.split(),
        effect=effect,
        shared=shared,
    )


def run(
    findings: list[Finding], rules: list[RuleRecord] | None = None, shortfall: bool = True, **target: object
) -> Report:
    base = build()
    report = base.model_copy(
        update={
            "findings": findings,
            "rules": rules if rules is not None else [rule(code) for code in {one.rule for one in findings}],
            "summary": tally(findings),
            "exchanges": [],
            "survey": [],
            "warnings": [],
            "leftovers": [],
            "target": base.target.model_copy(update={"max_requests": 300, "requests": 300, **target}),
        }
    )
    return report.model_copy(update={"shortfall": estimates.shortfall(report)}) if shortfall else report


def many(verified: int, spent: int, absent: int = 0, failed: int = 0, reason: str = SPENT) -> list[Finding]:
    verdicts = [PASS] * verified + [FAIL] * failed + [UNDECIDED] * spent + [ABSENT] * absent
    return [
        Finding(rule=f"ACME-{number:03}", verdict=verdict, reason=reason if verdict is UNDECIDED else "x")
        for number, verdict in enumerate(verdicts)
    ]


def shipped(code: str, reason: str = SPENT, resource: str | None = None) -> Finding:
    return Finding(rule=code, verdict=UNDECIDED, reason=reason, resource=resource)


def test_what_would_cover_a_run_comes_of_what_the_rules_take() -> None:
    one = estimates.estimates()["METH-001"]
    for code, places, shared, more in (
        ("METH-001", 1, 1, one),
        ("METH-001", 3, 1, math.ceil(2.5 * one)),
        ("METH-001", 3, 3, one),
    ):
        findings = [shipped(code, TOO_FEW, f"r{number}") for number in range(places)]
        report = run(findings, [rule(code, shared=shared)])
        assert report.shortfall == ShortfallRecord(
            rules=1,
            bound="max-requests",
            limit=300,
            needed=estimates.rounded_up((300 + more) * 1.2),
        )


@pytest.mark.parametrize(
    ("number", "rounded"), [(7, 7), (99, 99), (100.5, 110), (361, 370), (8_949, 9_000), (9_001, 9_100)]
)
def test_numbers_are_rounded_up(number: float, rounded: int) -> None:
    assert estimates.rounded_up(number) == rounded


def test_what_is_no_shortfall() -> None:
    flaky = (
        "flaky: first fail (x), on repeat inconclusive (budget: all 300 requests of --max-requests are used)"
    )
    quoted = "the target said: budget: all 300 requests of --max-requests are used"
    flood = "budget: all 200 requests of --flood-budget are used"
    for reason in (flaky, quoted, flood, "no overlap"):
        assert run(many(5, 5, reason=reason)).shortfall is None
    assert run(many(5, 0)).shortfall is None
    # Decided on one resource, and not on another.
    both = [Finding(rule="ACME-001", resource="a", verdict=PASS), shipped("ACME-001", SPENT, "b")]
    assert run(both).shortfall is None


@pytest.mark.parametrize(
    ("verified", "spent", "absent", "thin"),
    [
        (0, 5, 0, True),
        (0, 0, 5, True),
        (1, 9, 0, False),
        (1, 10, 0, True),
        (1, 9, 90, False),
        (12, 109, 20, True),
    ],
)
def test_less_than_a_tenth_of_what_applies_is_too_little(verified, spent, absent, thin) -> None:
    assert run(many(verified, spent, absent)).thin is thin


def test_the_sentence() -> None:
    few = run(
        [*many(12, 100, 20), *(shipped("METH-001", SPENT, f"r{n}") for n in range(20))], [rule("METH-001")]
    )
    needed = estimates.rounded_up((300 + math.ceil(15.25 * estimates.estimates()["METH-001"])) * 1.2)
    assert coverage(few) == (
        "Verified 12 of 133 rules; 101 could not be decided: the budget of 300 requests was spent; "
        f"--max-requests {needed} would cover them"
    )
    assert headline(few) == ("unsure", f"{coverage(few)}. No verified rule failed.")
    thin = run(many(2, 100))
    assert headline(thin).state == "bad"
    # What own rules take nobody knows, beside shipped ones neither.
    mixed = [shipped("ACME-001"), shipped("METH-001")]
    assert coverage(run(mixed, [rule("ACME-001"), rule("METH-001")])).endswith("spent; raise --max-requests")
    many_requests = run(many(12, 3), max_requests=1_500_000)
    assert "the budget of 1500000 requests was spent" in coverage(many_requests)
    assert coverage(thin).endswith(
        "100 could not be decided: the budget of 300 requests was spent; raise --max-requests"
    )
    over = run(many(12, 3, reason=OVER), max_time=60.0)
    assert headline(over) == (
        "unsure",
        "Verified 12 of 15 rules; 3 could not be decided: the 60 seconds of --max-time were over; raise --max-time. "
        "No verified rule failed.",
    )
    nothing = run(many(0, 3))
    assert headline(nothing) == (
        "bad",
        "Nothing was verified; 3 rules could not be decided: the budget of 300 requests was spent; "
        "raise --max-requests.",
    )
    failed = run(many(3, 4, failed=1))
    assert headline(failed).sentence.startswith(
        "1 rule failed. Verified 4 of 8 rules; 4 could not be decided: the"
    )
    other = run(many(1, 20, reason="no overlap"))
    assert headline(other) == (
        "bad",
        "Verified 1 of 21 rules; 20 could not be decided. No verified rule failed.",
    )
    assert headline(run(many(5, 5, reason="no overlap"))) == ("good", "No rule failed.")


def test_every_format_says_it() -> None:
    report = run([*many(12, 100, 20), shipped("METH-001")], [rule("METH-001")])
    sentence = headline(report).sentence
    report = report.model_copy(update={"conclusion": sentence})
    said = json.loads(json_file.dumps(report))
    assert said["conclusion"] == sentence
    assert said["shortfall"]["rules"] == 101
    assert f"{report.target.url}: {sentence}" in terminal.lines(report)
    assert sentence in junit.render(report)
    assert json.loads(sarif.render(report))["runs"][0]["properties"]["headline"] == sentence
    assert markdown.render(report).startswith(f"## ⚠️ {markdown.plain(sentence)}\n")
    page = html.render(report)
    assert f"{sentence[:1].lower()}{sentence[1:]}" in page
    assert "Yes, as far as verified" not in page
    assert "Nothing is broken" not in page
    assert "verified 12 of 133, 101 undecided" in badge.render(report)
    assert badge._COLOURS["good"] not in badge.render(report)
    assert annotations.lines(report)[0] == f"::warning title=conformance::{sentence}"


def test_a_run_that_says_little_is_an_error_in_a_workflow() -> None:
    assert annotations.lines(run(many(2, 100)))[0].startswith(
        "::error title=conformance::Verified 2 of 102 rules;"
    )
    assert annotations.lines(run(many(20, 0))) == []


# -- rougher effects -------------------------------------------------------------------------------------------

SEEN = Capability(state=State.DETECTED, because="seen")
DENIED = Capability(state=State.ABSENT, because="OpenAPI: no DELETE /orders/{id}")
UNSEEN = Capability(state=State.ABSENT, because="no body for POST /orders is known")


def looked(effects: str, *made: tuple[RuleRecord, Verdict, str | None], **known: Capability) -> Report:
    findings = [
        Finding(rule=one.code, verdict=verdict, resource=resource, reason="x")
        for one, verdict, resource in made
    ]
    report = run(findings, [one for one, _, _ in made], effects=effects)
    profile = Profile(resources=[Resource(collection="/orders", capabilities=known)])
    return report.model_copy(update={"profile": profile})


def test_rougher_effects_add_what_nobody_denies() -> None:
    report = looked(
        "READ",
        (rule("AAA-001", "list"), PASS, "orders"),
        (rule("AAA-002", "list create", "WRITE"), ABSENT, None),
        (rule("AAA-003", "etag", "WRITE"), ABSENT, None),
        (rule("AAA-004", "delete", "WRITE"), ABSENT, None),
        (rule("AAA-005", "create", "BURST"), ABSENT, None),
        (rule("AAA-006", "", "FLOOD"), ABSENT, None),
        # It needs a tag, which a read has not shown.
        (rule("AAA-007", "etag"), ABSENT, None),
        # It was put to the target, and did not apply.
        (rule("AAA-008", "list"), ABSENT, "orders"),
        (rule("AAA-009"), ABSENT, None),
        # It judges what the survey saw, and the survey saw too little.
        (rule("AAA-010"), UNDECIDED, None),
        list=SEEN,
        create=UNSEEN,
        delete=DENIED,
    )
    written = {"AAA-002", "AAA-003", "AAA-007", "AAA-010"}
    assert rougher(report) == {Effect.WRITE: written, Effect.BURST: written | {"AAA-005"}}
    assert further(report) == (
        "verified under --effects read: --effects write would verify up to 4 rules more; "
        "--effects burst would verify up to 5 rules more"
    )


def test_after_writes_only_what_was_seen_counts() -> None:
    report = looked(
        "WRITE",
        (rule("AAA-001", "create", "BURST"), ABSENT, None),
        (rule("AAA-002", "etag", "BURST"), ABSENT, None),
        (rule("AAA-003", "etag", "WRITE"), ABSENT, None),
        create=SEEN,
    )
    assert rougher(report) == {Effect.BURST: {"AAA-001"}}
    assert further(report) == "verified under --effects write: --effects burst would verify up to 1 rule more"


def test_races_that_add_nothing_are_not_offered() -> None:
    report = looked("READ", (rule("AAA-001", "create", "WRITE"), ABSENT, None), create=UNSEEN)
    assert further(report) == "verified under --effects read: --effects write would verify up to 1 rule more"


def test_nothing_is_promised_after_races_or_without_a_resource() -> None:
    assert further(looked("BURST", (rule("AAA-001", "create", "BURST"), ABSENT, None), create=SEEN)) == ""
    report = looked("READ", (rule("AAA-001", "create", "WRITE"), ABSENT, None))
    assert further(report.model_copy(update={"profile": Profile()})) == ""
