"""Waivers: which one covers what, which is wrong, which is stale; and the draft of new ones. On literal data."""

from __future__ import annotations

import datetime as dt
import tomllib

import pytest
from pydantic import ValidationError

from harness.bad_input import BadInput
from harness.profile.models import Capability, Profile, Resource, State, Waiver
from harness.report.assemble import Collected
from harness.report.model import RuleRecord, tally
from harness.rules.finding import Finding
from harness.rules.verdict import Impact, Level, Verdict
from harness.run.waivers import check, covering, draft, idle, settle
from tests.report.sample import CONTROLS, build

LATER, LATEST, PAST = dt.date(2999, 1, 1), dt.date(2999, 6, 1), dt.date(2020, 1, 1)
TODAY = dt.date(2026, 11, 21)
P, F, V, U, A, E = (
    Verdict.PASS,
    Verdict.FAIL,
    Verdict.WAIVED,
    Verdict.INCONCLUSIVE,
    Verdict.NOT_APPLICABLE,
    Verdict.ERROR,
)


def waiver(rule: str = "AAA-001", resource: str | None = None, until: dt.date = LATER) -> Waiver:
    return Waiver(rule=rule, reason="a reason", owner=f"owner of {until}", until=until, resource=resource)


def test_a_waiver_of_the_resource_comes_first_then_the_longest() -> None:
    given = [
        waiver(until=LATEST),
        waiver(until=LATER),
        waiver(resource="orders", until=PAST),
        waiver("BBB-001"),
    ]
    found = covering(given, "AAA-001", "orders")
    assert found is not None
    assert (found.resource, found.until) == ("orders", PAST)
    found = covering(given, "AAA-001", "customers")
    assert found is not None
    assert (found.resource, found.until) == (None, LATEST)
    assert covering(given, "AAA-001", None) == found
    assert covering(given, "CCC-001", "orders") is None


@pytest.mark.parametrize(
    ("code", "own", "said"),
    [
        ("COND-004", False, None),
        ("COND-040", False, "waivers[0].rule: unknown rule COND-040; did you mean COND-004?"),
        ("CNOD-004", False, "unknown rule CNOD-004; did you mean COND-004?"),
        ("cond-004", False, "'cond-004' is not the code of a rule; did you mean COND-004?"),
        ("everything", True, "'everything' is not the code of a rule; a code is like COND-004"),
        # Rules of the user's own, which may run another time.
        ("ACME-001", False, None),
        ("COND-900", True, None),
    ],
)
def test_codes_of_waivers(code: str, own: bool, said: str | None) -> None:
    if said is None:
        check([waiver(code)], {"COND-004", "ERR-001"}, "conformance.toml", own=own)
        return
    with pytest.raises(BadInput) as caught:
        check([waiver(code)], {"COND-004", "ERR-001"}, "conformance.toml", own=own)
    assert str(caught.value).startswith("conformance.toml: ")
    assert said in str(caught.value)


def known(*names: str, waivers: list[Waiver]) -> Profile:
    able = {"etag": Capability(state=State.DETECTED, because="x")}
    resources = [Resource(collection=f"/{name}", capabilities=able) for name in names]
    return Profile(resources=resources, waivers=waivers)


def settled(
    verdicts: dict[str, Verdict], waivers: list[Waiver], others: tuple[str, ...] = ()
) -> tuple[list[str], dict[str, Verdict]]:
    rule = RuleRecord(
        code="AAA-001",
        suite="AAA",
        level=Level.MUST,
        impact=Impact.MAJOR,
        title="t",
        why="w",
        fix="f",
        refs=["r"],
        needs=["etag"],
        effect="WRITE",
    )
    collected = [Collected(name, rule, name) for name in verdicts]
    findings = {name: Finding(rule="AAA-001", verdict=verdict) for name, verdict in verdicts.items()}
    stale = settle(collected, findings, known(*verdicts, *others, waivers=waivers))
    return stale, {name: finding.verdict for name, finding in findings.items()}


@pytest.mark.parametrize(
    ("verdicts", "stale"),
    [
        ({"a": P, "b": P}, True),
        ({"b": A, "a": P}, True),
        # Needed on one resource, it is not stale because of the other.
        ({"a": P, "b": V}, False),
        # Not decided: nobody knows.
        ({"a": P, "b": U}, False),
        ({"a": P, "b": E}, False),
        ({"a": A, "b": A}, False),
        ({"a": U}, False),
        # Expired, which fails by itself.
        ({"a": P, "b": F}, False),
    ],
)
def test_a_waiver_of_all_resources_is_stale_only_when_the_rule_holds_on_all(
    verdicts: dict[str, Verdict], stale: bool
) -> None:
    found, after = settled(verdicts, [waiver()])
    assert found == (["AAA-001"] if stale else [])
    assert after == (verdicts | {"a": F} if stale else verdicts)


def test_a_run_on_some_resources_says_nothing_of_a_waiver_of_all() -> None:
    assert settled({"a": P}, [waiver()], others=("b",)) == ([], {"a": P})


def test_what_a_waiver_of_its_own_covers_is_no_proof_against_one_of_all() -> None:
    assert settled({"a": P, "b": V}, [waiver(), waiver(resource="b")]) == (["AAA-001"], {"a": F, "b": V})
    assert settled({"a": P}, [waiver(resource="a")]) == ([], {"a": P})
    assert settled({"a": P}, [waiver("BBB-001")]) == ([], {"a": P})


def test_idle_waivers_are_reported() -> None:
    report = build()
    profile = report.profile.model_copy(
        update={
            "waivers": [
                waiver("COND-004", "ordres"),
                waiver("ERR-003", until=PAST),
                waiver("IDEM-004", until=PAST),
                # Needed, or not expired, or of a rule that this run does not have.
                waiver("METH-005", until=PAST),
                waiver("PAGE-003"),
                waiver("ZZZ-001", until=PAST),
            ]
        }
    )
    assert idle(report.model_copy(update={"profile": profile}), TODAY) == [
        "The waiver by owner of 2999-01-01 for COND-004[ordres] matches no resource of this run.",
        "The waiver by owner of 2020-01-01 for ERR-003 ended on 2020-01-01, and the rule could not be decided "
        "(not applicable): renew or remove it.",
        "The waiver by owner of 2020-01-01 for IDEM-004 ended on 2020-01-01, and the rule could not be decided "
        "(inconclusive): renew or remove it.",
    ]


@pytest.mark.parametrize("key", ["reason", "owner", "until"])
@pytest.mark.parametrize("value", ["TODO", " todo ", ""])
def test_an_unsigned_waiver_is_refused(key: str, value: str) -> None:
    given = {"rule": "AAA-001", "reason": "r", "owner": "o", "until": "2999-01-01", key: value}
    with pytest.raises(ValidationError, match="is not filled in"):
        Waiver.model_validate(given)


def test_the_draft_has_what_failed_or_warned_and_is_toml_whatever_was_sent() -> None:
    text = draft(build())
    found = tomllib.loads(text)["waivers"]
    assert [(one["rule"], one["resource"]) for one in found] == [
        ("COND-004", "orders"),
        ("ERR-002", "customers"),
        ("ERR-002", "orders"),
    ]
    assert {one[key] for one in found for key in ("reason", "owner", "until")} == {"TODO"}
    assert "# expected 412 for a write" in text
    report = build()
    nasty = [
        finding.model_copy(update={"resource": f'x"]\n[[y]]{CONTROLS}', "reason": f"a\n[z]\n{CONTROLS}"})
        for finding in report.findings
    ]
    text = draft(report.model_copy(update={"findings": nasty})).encode(errors="replace").decode()
    assert len(tomllib.loads(text)["waivers"]) == 3
    assert set(tomllib.loads(text)) == {"waivers"}


def test_the_draft_leaves_out_what_has_a_waiver_already() -> None:
    reasons = (
        "the waiver by Team Shop ended on 2026-01-01",
        "stale waiver: the rule holds now, so it can go",
    )
    findings = [
        Finding(rule=f"METH-00{number}", verdict=F, reason=reason) for number, reason in enumerate(reasons)
    ]
    text = draft(build().model_copy(update={"findings": findings, "summary": tally(findings)}))
    assert "waivers" not in tomllib.loads(text)
    assert "# METH-000 left out: the waiver by Team Shop ended" in text
    assert "# METH-001 left out: stale waiver" in text
