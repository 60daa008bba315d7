"""What a plan is made from: the worth of a rule on a resource, families, costs; and runs that are planned."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from harness.profile.models import Capability, Pagination, Profile, Resource, State
from harness.report.words import coverage, headline, left_out
from harness.rules.finding import Finding
from harness.rules.rule import BURST, FLOOD, READ, WRITE, Effect, Rule
from harness.rules.verdict import Impact, Level, Verdict
from harness.run.estimates import estimates
from harness.run.plan import planned
from harness.run.planning import (
    Collectible,
    Means,
    checks_of,
    record_of,
    too_little_left,
    unmeasured,
    why_left_out,
)
from harness.run.worth import worth
from harness.survey.infer.alike import families
from tests import servers
from tests.report.test_coverage import PASS, rule, run, shipped
from tests.servers import PROFILE, Crud
from tests.sessions import here

pytest_plugins = ["pytester"]


def made(
    code: str = "METH-001",
    level: Level = Level.MUST,
    impact: Impact = Impact.MAJOR,
    needs: tuple[str, ...] = (),
    effect: Effect = READ,
    shared: int = 1,
) -> Rule:
    return Rule(code, level, impact, "Title", "why", "fix", ("x",), needs, effect, shared=shared)


def having(path: str, *needs: str, **more: object) -> Resource:
    seen = {need: Capability(state=State.DETECTED, because="seen") for need in needs}
    return Resource.model_validate({"collection": f"/{path}", "capabilities": seen, **more})


def collected(one: Rule, *places: str) -> list[Collectible]:
    return [Collectible(f"{one.code}[{place}]", one, place or None, True) for place in places]


# -- worth -----------------------------------------------------------------------------------------------------


def test_worth_follows_impact_and_level() -> None:
    critical, minor = made(impact=Impact.CRITICAL), made(impact=Impact.MINOR)
    assert worth(critical) > worth(made()) > worth(minor) > 0
    assert worth(made()) > worth(made(level=Level.SHOULD)) > worth(made(level=Level.MAY))


def test_what_the_api_promises_is_worth_more_than_what_was_seen() -> None:
    needing = made(needs=("create",))
    declared = having("orders")
    declared.capabilities["create"] = Capability(
        state=State.DETECTED, because="seen", declaration="OpenAPI: POST /orders"
    )
    assert worth(needing, declared) > worth(needing, having("orders", "create"))


def test_what_was_broken_is_worth_looking_at_again() -> None:
    order = [Verdict.FAIL, Verdict.WARN, Verdict.INCONCLUSIVE, Verdict.PASS, Verdict.NOT_APPLICABLE]
    values = [worth(made(), None, verdict) for verdict in order]
    assert values == sorted(values, reverse=True)
    assert worth(made(), None, None) == worth(made(), None, Verdict.PASS)


def test_the_second_of_a_family_adds_less_than_the_first_of_another() -> None:
    assert worth(made()) > worth(made(), others=1) > worth(made(), alike=1) > 0


# -- families --------------------------------------------------------------------------------------------------


def test_collections_that_behave_alike_are_a_family() -> None:
    cursor = Pagination(style="cursor", limit_param="limit")
    found = families(
        [
            having("users", "list", "create"),
            having("orders", "list", "create"),
            having("logs", "list"),
            having("paged", "list", "create", pagination=cursor),
            having("shops/{shop}/orders", "list", "create", name="nested"),
        ]
    )
    assert found == [["logs"], ["nested"], ["orders", "users"], ["paged"]]


# -- checks ----------------------------------------------------------------------------------------------------


def test_a_resource_of_each_family_comes_before_the_second_of_one() -> None:
    profile = Profile(
        resources=[having(name, "list", "create", "read") for name in ("a", "b", "c")] + [having("z", "list")]
    )
    one = made(needs=("list",))
    plan = planned(checks_of(collected(one, "a", "b", "c", "z"), profile, WRITE, {}), 1000)
    # Each resource gets its first check early; the siblings follow in their order.
    assert [check.resource for check in plan.checks] == ["a", "z", "b", "c"]
    # The estimate is the greatest of several resources: the further ones take less.
    one_takes = estimates()["METH-001"]
    assert [check.cost for check in plan.checks] == [one_takes] + [-(-one_takes * 3 // 4)] * 3


def test_what_resources_share_is_divided_among_them() -> None:
    profile = Profile(resources=[having("a", "create"), having("b", "create")])
    one = made("CONC-008", effect=BURST, shared=4)
    checks = checks_of(collected(one, "a", "b"), profile, BURST, {})
    assert [check.cost for check in checks] == [-(-estimates()["CONC-008"] // 2)] * 2
    assert all(check.alone and not check.last for check in checks)
    (flood,) = checks_of(collected(made("RATE-001", effect=FLOOD), ""), profile, FLOOD, {})
    assert flood.last


def test_a_check_says_whether_it_compares_its_resource_and_whether_it_only_reads() -> None:
    profile = Profile(resources=[having("a", "list")])
    found = [
        *collected(replace(made("STAT-004", effect=READ), rougher=WRITE, alone=True), "a"),
        *collected(replace(made("STAT-005"), alone=True), ""),
        *collected(made("METH-001"), "a"),
        *collected(made("METH-002", effect=WRITE), "a"),
    ]
    checks = {one.rule: one for one in checks_of(found, profile, WRITE, {})}
    assert {code for code, one in checks.items() if one.compares} == {"STAT-004"}
    assert {code for code, one in checks.items() if one.reads} == {"STAT-005", "METH-001"}


def test_what_is_not_put_to_the_target_and_what_nobody_measured_cost_nothing() -> None:
    still = [Collectible("x", made(), None, False)]
    own = collected(made("ACME-001"), "")
    assert [check.cost for check in checks_of([*still, *own], Profile(), READ, {})] == [0, 0]
    assert unmeasured(own)
    assert not unmeasured(still)


def test_an_earlier_failure_moves_a_rule_forward() -> None:
    two = [*collected(made("METH-001"), ""), *collected(made("METH-002"), "")]
    first = [check.rule for check in planned(checks_of(two, Profile(), READ, {}), 99).checks]
    before = {("METH-002", ""): Verdict.FAIL}
    again = [check.rule for check in planned(checks_of(two, Profile(), READ, before), 99).checks]
    assert (first, again) == (["METH-001", "METH-002"], ["METH-002", "METH-001"])


@pytest.mark.parametrize(
    ("left", "cost", "begins"),
    [(10, 5, True), (9, 5, False), (110, 100, True), (109, 100, False), (0, 0, True)],
)
def test_a_check_that_would_end_in_its_middle_does_not_begin(left: int, cost: int, begins: bool) -> None:
    why = too_little_left(left, 100, cost)
    assert (why is None) is begins
    assert why is None or (why.startswith("budget: ") and "--max-requests" in why)


def test_a_twentieth_is_kept_for_what_takes_more_than_was_estimated() -> None:
    assert [Means(100).available(most) for most in (50, 100, 1_500)] == [0, 0, 1_330]


# -- the report ------------------------------------------------------------------------------------------------


def test_what_is_left_out_is_said_where_every_rule_was_decided_somewhere() -> None:
    profile = Profile(resources=[having("a", "list"), having("b", "list")])
    plan = planned(checks_of(collected(made(), "a", "b"), profile, READ, {}), 7)
    record = record_of(plan, 20, own=False)
    findings = [
        Finding(rule="METH-001", resource="a", verdict=PASS),
        shipped("METH-001", why_left_out(300), "b"),
    ]
    report = run(findings, [rule("METH-001")])
    assert report.shortfall is None
    report = report.model_copy(update={"plan": record})
    assert left_out(report) == ["METH-001: b"]
    assert headline(report).state == "unsure"
    assert coverage(report) == (
        "Verified 1 of 1 rules, not all of them on every resource; 1 check left out: the budget of 300 requests does "
        f"not cover them; --max-requests {record.needed} would cover them"
    )


def test_a_run_leaves_out_what_its_budget_does_not_cover(pytester: pytest.Pytester) -> None:
    files = {"conformance.toml": PROFILE}
    some = ("-k", "METH or ERR", "--effects", "write", "--report-formats", "all")
    with servers.http(Crud()) as server:
        target = ("--target-url", server.url, *some)
        done = here(pytester, *target, "--max-requests", "90", files=files)
        plan = done.report["plan"]
        undecided = [one for one in done.report["findings"] if one["reason"].startswith("budget: ")]
        assert plan["left_out"]
        # This API takes a few requests more than the reference: what then does not fit is not begun.
        late = [one for one in undecided if one["reason"].startswith("budget: not begun")]
        assert {(one["rule"], one["resource"]) for one in undecided if one not in late} == {
            (one["rule"], one["resource"]) for one in plan["left_out"]
        }
        assert len(late) < 4
        # Nothing began that could not end.
        assert not [one for one in undecided if one["exchanges"]]
        assert done.report["target"]["requests"] <= 90
        assert f"--max-requests {plan['needed']} would cover them" in done.report["conclusion"]
        written = done.artefacts
        assert f"{len(plan['left_out'])} checks left out" in written["conformance.html"]
        assert f"### Left out: {len(plan['left_out'])} checks" in written["conformance.md"]
        again = here(pytester, *target, "--max-requests", "90", "--report-dir", "again")
        second = json.loads((pytester.path / "again" / "conformance.json").read_text())
        assert second["plan"]["checks"] == plan["checks"], again.out
        by_suite = here(pytester, *target, "--max-requests", "90", "--order", "suites")
        assert by_suite.report["plan"] is None
        wrong = here(pytester, *target, "--order", "random")
    assert wrong.code == 4
    assert "--order: 'random' is unknown" in wrong.out + wrong.error
