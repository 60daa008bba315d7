"""From the rules that pytest collected to the plan of a run, and to its part of the report."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from harness.profile.models import Profile, Resource
from harness.report.model import PlaceRecord, PlanRecord
from harness.rules.rule import Effect, Rule
from harness.rules.verdict import Verdict
from harness.run.estimates import about, estimates
from harness.run.exclusive import runs_alone
from harness.run.plan import Check, Plan
from harness.run.worth import worth
from harness.survey.infer.alike import families, richness

PLAN = "plan-"
"""How files with the plan of a worker begin."""
HELD_BACK = 0.05
"""Share of what the survey leaves that is not planned, for rules that take more than was estimated."""
MARGIN = 10
"""Requests that there must be beyond an estimate before a check begins; twice the estimate suffices for a small one."""
Key = tuple[str, str]
"""Code of a rule, and name of the resource; empty for a rule on the whole API."""


@dataclass(frozen=True)
class Means:
    """What a plan is made from besides the rules and the profile; the same in all workers of a run.

    Attributes:
        spent: requests of the run so far, with those that are set aside for removals.
        before: verdicts of an earlier run.
    """

    spent: int = 0
    before: Mapping[Key, Verdict] = field(default_factory=dict)

    def available(self, most: int) -> int:
        """Requests that a plan may spend.

        Args:
            most: requests of the whole run.
        """
        return max(0, int((most - self.spent) * (1 - HELD_BACK)))


@dataclass(frozen=True)
class Collectible:
    """A rule that pytest collected.

    Attributes:
        id: of its test.
        resource: name of the resource, or of the rate limit, that it runs on; None for the whole API.
        runs: whether it is put to the target at all: what is forbidden or absent sends nothing.
    """

    id: str
    rule: Rule
    resource: str | None
    runs: bool


def checks_of(
    collected: Sequence[Collectible], profile: Profile, allowed: Effect, before: Mapping[Key, Verdict]
) -> list[Check]:
    """The checks that a plan is made of. Pure.

    Args:
        allowed: the most that the run may do to the target.
        before: verdicts of an earlier run.
    """
    places: dict[str, list[str]] = {}
    for one in collected:
        if one.runs:
            places.setdefault(one.rule.code, []).append(one.resource or "")
    siblings = _Siblings(profile.resources)
    order = {code: siblings.before(names) for code, names in places.items()}
    by_name = {resource.name: resource for resource in profile.resources}
    found = []
    for one in collected:
        name, rule = one.resource or "", one.rule
        number = len(places.get(rule.code, ()))
        alike, others = order.get(rule.code, {}).get(name, (0, 0))
        value = worth(rule, by_name.get(name), before.get((rule.code, name)), alike=alike, others=others)
        effect = rule.within(allowed)
        found.append(
            Check(
                one.id,
                rule.code,
                name,
                value,
                cost_of(rule, number, first=not alike and not others) if one.runs else 0,
                alone=runs_alone(rule, allowed, one.resource),
                last=effect >= Effect.FLOOD,
                late=rule.beside,
                compares=rule.alone and one.resource is not None,
                reads=effect is Effect.READ,
            )
        )
    return found


def cost_of(rule: Rule, places: int, *, first: bool) -> int:
    """Requests of a rule on one of so many resources; 0 if nobody has measured it. Pure.

    Args:
        first: whether it is the first of them, for which the estimate is taken; the others take less.
    """
    whole, alone = about(rule, places), about(rule)
    if whole is None or alone is None:
        return 0
    if rule.shared > 1 or places < 2:
        return math.ceil(whole / max(places, 1))
    return alone if first else math.ceil((whole - alone) / (places - 1))


class _Siblings:
    """The order in which the resources get a rule: the richest of each family first."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        rich = {resource.name: -richness(resource) for resource in resources}
        found = [sorted(family, key=lambda name: (rich[name], name)) for family in families(resources)]
        found.sort(key=lambda family: (rich[family[0]], family[0]))
        self._place = {
            name: (one, place) for one, names in enumerate(found) for place, name in enumerate(names)
        }

    def before(self, names: Iterable[str]) -> dict[str, tuple[int, int]]:
        """How many of these resources of the same family come before each, and how many families do."""
        found: dict[str, tuple[int, int]] = {}
        of_family: dict[int, int] = {}
        for name in sorted((name for name in names if name in self._place), key=self._place.__getitem__):
            family, _ = self._place[name]
            alike = of_family.get(family, 0)
            found[name] = alike, len(of_family) - (family in of_family)
            of_family[family] = alike + 1
        return found


def record_of(plan: Plan, spent: int, own: bool) -> PlanRecord:
    """A plan as the report has it.

    Args:
        spent: requests of the run before its first check.
        own: whether there are rules that nobody has measured.
    """
    return PlanRecord(
        available=plan.available,
        checks=sum(check.cost > 0 for check in plan.checks),
        requests=plan.requests,
        left_out=[PlaceRecord(rule=one.rule, resource=one.resource or None) for one in plan.left_out],
        needed=None if own else plan.needed(spent),
    )


def unmeasured(collected: Iterable[Collectible]) -> bool:
    """Whether some of the rules have no estimate: those of the user."""
    return any(one.runs and one.rule.code not in estimates() for one in collected)


def why_left_out(most: int) -> str:
    """The reason of a check that the plan leaves out; it begins like all reasons of the budget.

    Args:
        most: requests that the run may send.
    """
    return f"budget: left out, since the {most} requests of --max-requests are planned for what is worth more"


def too_little_left(left: int, most: int, cost: int) -> str | None:
    """Why a check does not begin: it would probably end in its middle; None if it may begin.

    Args:
        left: requests that the run may still send.
        most: requests of the whole run.
        cost: requests that the check takes.
    """
    if left >= cost + min(cost, MARGIN):
        return None
    room = f"{left} of the {most} requests of --max-requests are left"
    return f"budget: not begun, since {room}, and it takes about {cost}"
