"""The plan of a run: pure decisions, for any checks and any budget."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.run.plan import STAGES, Check, Plan, planned, rounded_up, run_order

SUITES = ("AUTH", "COND", "ERR", "METH")
CHECKS = st.lists(
    st.builds(
        Check,
        id=st.uuids().map(str),
        rule=st.builds("{}-{:03}".format, st.sampled_from(SUITES), st.integers(1, 9)),
        resource=st.sampled_from(["", "orders", "payments", "users"]),
        worth=st.sampled_from([0.1, 0.8, 3.0, 10.0]),
        cost=st.sampled_from([0, 1, 3, 20, 261, 2300]),
        alone=st.booleans(),
        last=st.booleans(),
        late=st.booleans(),
        compares=st.booleans(),
        reads=st.booleans(),
    ),
    max_size=40,
    unique_by=lambda check: check.id,
)
BUDGETS = st.integers(0, 6000)


def check(id: str, cost: int, worth: float = 3.0, resource: str = "", **marks: bool) -> Check:
    return Check(id, id[:8], resource, worth, cost, **marks)


def ids(plan: Plan) -> list[str]:
    return [one.id for one in plan.checks]


@given(CHECKS, BUDGETS, st.randoms())
def test_the_order_in_which_rules_are_collected_does_not_matter(
    checks: list[Check], available: int, chance: random.Random
) -> None:
    mixed = list(checks)
    chance.shuffle(mixed)
    assert planned(mixed, available) == planned(checks, available)
    assert run_order(planned(mixed, available), shared=False) == run_order(
        planned(checks, available), shared=False
    )


@given(CHECKS, BUDGETS)
def test_the_estimates_of_a_plan_never_exceed_its_budget(checks: list[Check], available: int) -> None:
    plan = planned(checks, available)
    assert plan.requests <= available
    assert sorted([*plan.checks, *plan.left_out], key=lambda one: one.id) == sorted(
        checks, key=lambda one: one.id
    )


@given(CHECKS, BUDGETS)
def test_nothing_that_still_fits_is_left_out(checks: list[Check], available: int) -> None:
    plan = planned(checks, available)
    assert all(plan.requests + one.cost > available for one in plan.left_out)


@given(CHECKS, BUDGETS)
def test_every_suite_appears_in_the_first_checks(checks: list[Check], available: int) -> None:
    costs: dict[str, list[int]] = {}
    for one in checks:
        if one.cost:
            costs.setdefault(one.suite, []).append(one.cost)
    if sum(map(min, costs.values())) > available:
        return
    paid = [one for one in planned(checks, available).checks if one.cost]
    assert {one.suite for one in paid[: len(costs)]} == set(costs)


@given(CHECKS)
def test_what_is_said_to_be_needed_leaves_nothing_out(checks: list[Check]) -> None:
    needed = planned(checks, 0).needed(120)
    plan = planned(checks, needed - 120)
    assert not plan.left_out
    assert plan.needed(120) == needed


@given(CHECKS, BUDGETS, st.booleans())
def test_floods_come_last_and_races_after_what_runs_beside_others(
    checks: list[Check], available: int, shared: bool
) -> None:
    plan = planned(checks, available)
    order = run_order(plan, shared=shared)
    assert set(order) == set(ids(plan))
    run = sorted(plan.checks, key=lambda one: order[one.id])
    kinds = [one.last for one in run]
    assert kinds == sorted(kinds)
    changes = sum(one.alone and not two.alone for one, two in pairwise(run))
    assert changes <= len(STAGES) + 2


@given(CHECKS, BUDGETS)
def test_what_compares_a_resource_begins_before_any_worker_writes(
    checks: list[Check], available: int
) -> None:
    plan = planned(checks, available)
    order = run_order(plan, shared=True)
    run = sorted((one for one in plan.checks if one.cost), key=lambda one: order[one.id])
    plain = [one for one in run if not (one.alone or one.last or one.late)]
    comparing = [one for one in plain if one.compares]
    before = run[: run.index(max(comparing, key=run.index))] if comparing else []
    assert all(one.compares or one.reads for one in before)


def test_workers_get_what_compares_and_what_only_reads_before_the_writers() -> None:
    given = [
        *(check(f"STAT-004-{name}", 30, 0.1, name, compares=True) for name in ("orders", "users")),
        *(check(f"METH-00{number}", 25, reads=True) for number in range(1, 6)),
        check("PAGE-001", 500, 10.0),
    ]
    plan = planned(given, 1000)
    shared = sorted(ids(plan), key=run_order(plan, shared=True).__getitem__)
    assert shared[:5] == ["STAT-004-orders", "STAT-004-users", "METH-001", "METH-002", "METH-003"]
    assert set(shared[5:]) == {"PAGE-001", "METH-004", "METH-005"}
    alone = sorted(ids(plan), key=run_order(plan, shared=False).__getitem__)
    assert alone == ids(plan)


def test_what_is_worth_most_per_request_comes_first_after_what_costs_nothing() -> None:
    given = [
        check("METH-001", 6),
        check("METH-002", 60, 10.0),
        check("METH-003", 2, 1.0),
        check("LINT-001", 0, 0.1),
    ]
    assert ids(planned(given, 1000)) == ["LINT-001", "METH-001", "METH-003", "METH-002"]


def test_each_suite_and_then_each_resource_gets_a_check_before_the_rest() -> None:
    given = [
        check("METH-001", 1, 10.0, "orders"),
        check("METH-002", 1, 9.0, "orders"),
        check("CONC-001", 300, 1.0, "orders"),
        check("METH-001-users", 50, 1.0, "users"),
    ]
    assert ids(planned(given, 1000)) == ["METH-001", "CONC-001", "METH-001-users", "METH-002"]


def test_a_suite_gets_its_cheapest_check_where_the_best_ones_cost_too_much() -> None:
    given = [check("METH-001", 4, 1.0), check("CONC-001", 90, 90.0), check("CONC-002", 5, 1.0)]
    plan = planned(given, 20)
    assert ids(plan) == ["METH-001", "CONC-002"]
    assert [one.id for one in plan.left_out] == ["CONC-001"]


def test_what_does_not_fit_makes_room_for_what_does() -> None:
    given = [check("METH-001", 10, 10.0), check("METH-002", 100, 50.0), check("METH-003", 5, 0.1)]
    plan = planned(given, 20)
    assert ids(plan) == ["METH-001", "METH-003"]
    assert plan.excluded == {"METH-002"}
    assert (plan.cost("METH-001"), plan.cost("METH-002")) == (10, 0)
    assert plan.requests == 15


def test_workers_get_the_longest_of_a_stage_first() -> None:
    """All of these are in the last stage but for the first: one process begins with the worthiest of them."""
    given = [check("METH-000", 100, 900.0), check("METH-001", 10, 80.0), check("METH-002", 60, 100.0)]
    plan = planned(given, 10_000)
    runs = [sorted(ids(plan), key=run_order(plan, shared=shared).__getitem__) for shared in (False, True)]
    assert runs == [["METH-000", "METH-001", "METH-002"], ["METH-000", "METH-002", "METH-001"]]


@pytest.mark.parametrize(
    ("number", "rounded"), [(7, 7), (99, 99), (100.5, 110), (361, 370), (8_949, 9_000), (9_001, 9_100)]
)
def test_numbers_are_rounded_up(number: float, rounded: int) -> None:
    assert rounded_up(number) == rounded


def test_what_waits_beside_other_rules_comes_after_them_and_before_floods() -> None:
    checks = [
        check("AUTH-001", 8, late=True),
        check("COND-001", 8, worth=0.1),
        check("METH-001", 8, worth=0.1, last=True),
        check("ERR-001", 1),
    ]
    found = planned(checks, 100)
    place = run_order(found, shared=False)
    assert sorted(ids(found), key=lambda id: place[id]) == ["ERR-001", "COND-001", "AUTH-001", "METH-001"]
