"""The plan of a run: what is worth most per request comes first, and what the budget does not cover is left out. Pure.

1. What sends nothing comes first: it costs nothing.
2. Then each suite gets a check, then each resource, then the others follow by their worth per request.
3. A check is planned if it fits what is left of the budget, so that the budget does not end in the middle of one.
   Where a run takes more than was estimated, since rules fail and are repeated, what the rest does not cover is not
   begun.
4. The order of the checks that are given does not matter.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

SPARE = 1.2
"""Factor by which a target may take more requests than the reference: longer lists, and what fails is repeated once."""
STAGES = (0.02, 0.05, 0.1, 0.25, 0.5)
"""Shares of the requests of a plan at which its stages end."""


@dataclass(frozen=True)
class Check:
    """A rule on a resource, or on the whole API.

    Attributes:
        id: tells it from all others.
        rule: code of the rule.
        resource: name of the resource; empty for the whole API.
        worth: see `worth.worth()`.
        cost: requests, as measured on the reference; 0 for none, or for a user's own rule, which nobody has measured.
        alone: whether nothing else may run meanwhile.
        last: whether it uses up what others need, such as a quota.
        late: whether it waits for what began with the first rule of its suite, so that other rules come before.
        compares: whether nothing else may write to its resource meanwhile.
        reads: whether it only reads, so that it never waits for those that compare, nor they for it.
    """

    id: str
    rule: str
    resource: str
    worth: float
    cost: int
    alone: bool = False
    last: bool = False
    late: bool = False
    compares: bool = False
    reads: bool = False

    @property
    def suite(self) -> str:
        return self.rule.partition("-")[0]

    @property
    def rank(self) -> tuple[float, str, str, str]:
        """A sort key: what is worth most per request comes first."""
        return -self.worth / max(self.cost, 1), self.rule, self.resource, self.id


@dataclass(frozen=True)
class Plan:
    """What a run does, and what it leaves out.

    Attributes:
        checks: what it does, what is worth most per request first.
        left_out: what it does not do, in the same order.
        available: requests that there are for the checks.
    """

    checks: tuple[Check, ...]
    left_out: tuple[Check, ...]
    available: int

    @property
    def requests(self) -> int:
        """Requests that the checks take, as measured on the reference."""
        return sum(check.cost for check in self.checks)

    @cached_property
    def in_order(self) -> tuple[Check, ...]:
        """The checks in the order in which one process runs them."""
        place = run_order(self, shared=False)
        return tuple(sorted(self.checks, key=lambda check: place[check.id]))

    @cached_property
    def excluded(self) -> frozenset[str]:
        """Ids of what is left out."""
        return frozenset(check.id for check in self.left_out)

    def cost(self, id: str) -> int:
        """Requests that a planned check takes, as measured on the reference; 0 for one that is not in the plan."""
        return self._costs.get(id, 0)

    @cached_property
    def _costs(self) -> dict[str, int]:
        return {check.id: check.cost for check in self.checks}

    def needed(self, spent: int) -> int:
        """Requests of a run that leaves nothing out, rounded up to two digits.

        Args:
            spent: requests of the run before its first check.
        """
        everything = (*self.checks, *self.left_out)
        return rounded_up((spent + sum(check.cost for check in everything)) * SPARE)


def planned(checks: Iterable[Check], available: int) -> Plan:
    """The plan for these checks.

    Args:
        available: requests that there are for them.
    """
    ranked = sorted(checks, key=lambda check: check.rank)
    free = [check for check in ranked if not check.cost]
    purse = _Purse(available)
    rest = [check for check in ranked if check.cost]
    rest = _each_once(rest, lambda check: check.suite, purse)
    seen = {check.resource for check in purse.bought}
    unseen = [check for check in rest if check.resource not in seen]
    taken = set(_ids(unseen)) - set(_ids(_each_once(unseen, lambda check: check.resource, purse)))
    for check in rest:
        if check.id not in taken:
            purse.buy(check)
    bought = set(_ids(purse.bought))
    left = tuple(check for check in ranked if check.cost and check.id not in bought)
    return Plan((*free, *purse.bought), left, available)


def _ids(checks: Iterable[Check]) -> list[str]:
    return [check.id for check in checks]


class _Purse:
    """The requests that are left, and the checks that they were spent on."""

    def __init__(self, available: int) -> None:
        self._available = available
        self._spent = 0
        self.bought: list[Check] = []

    def affords(self, cost: int) -> bool:
        return self._spent + cost <= self._available

    def buy(self, check: Check) -> bool:
        """Take a check into the plan, if there are requests left for it."""
        if not self.affords(check.cost):
            return False
        self._spent += check.cost
        self.bought.append(check)
        return True


def _each_once(ranked: Sequence[Check], group: Callable[[Check], str], purse: _Purse) -> list[Check]:
    """Plan the best check of each group, or the cheapest where the best ones together cost too much.

    Returns:
        The checks that were not planned, in the same order.
    """
    groups: dict[str, list[Check]] = {}
    for check in ranked:
        groups.setdefault(group(check), []).append(check)
    picked = [some[0] for some in groups.values()]
    if not purse.affords(sum(check.cost for check in picked)):
        picked = [min(some, key=lambda check: (check.cost, check.rank)) for some in groups.values()]
        picked.sort(key=lambda check: (check.cost, check.rank))
    taken = {check.id for check in picked if purse.buy(check)}
    return [check for check in ranked if check.id not in taken]


def run_order(plan: Plan, *, shared: bool) -> dict[str, tuple[int, int, int]]:
    """A sort key for each check of a plan, by its id.

    The plan is cut into stages. In each, races come after what may run beside other rules, so that workers wait for
    each other a few times only. What waits beside other rules is in the last stage. Floods come last of all: what they
    use up is missed by others.

    Args:
        shared: whether workers share the checks: in each stage the longest come first, so that at its end no worker
            is busy while the others are idle. What compares a resource begins before anything writes to it: later, it
            would wait for the writers, and those that come after would wait for it.
    """
    total, sum_ = max(plan.requests, 1), 0
    keys = {}
    early = comparing(plan.checks) if shared else {}
    for place, check in enumerate(plan.checks):
        stage = sum(sum_ / total >= share for share in STAGES) if check.cost else -1
        if check.cost and check.late:
            stage = len(STAGES)
        sum_ += check.cost
        kind = len(STAGES) + 1 if check.last else stage
        if check.id in early:
            # After what costs nothing, whose last number is 0.
            keys[check.id] = (-1, 0, early[check.id])
        else:
            keys[check.id] = (kind, int(check.alone), -check.cost if shared else place)
    return keys


def comparing(checks: Sequence[Check]) -> dict[str, int]:
    """The places, from 1, of those that compare a resource, and then of as much that only reads beside them.

    Args:
        checks: in the order of a plan.
    """
    plain = [check for check in checks if check.cost and not (check.alone or check.last or check.late)]
    comparing = sorted((one for one in plain if one.compares), key=lambda one: (-one.cost, one.rank))
    length = sum(one.cost for one in comparing)
    beside: list[Check] = []
    for one in plain:
        if sum(each.cost for each in beside) >= length:
            break
        if one.reads and not one.compares:
            beside.append(one)
    return {one.id: place for place, one in enumerate((*comparing, *beside), 1)}


def rounded_up(number: float) -> int:
    """A number rounded up to two significant digits."""
    unit: int = 10 ** max(0, len(str(math.ceil(number))) - 2)
    return math.ceil(number / unit) * unit
