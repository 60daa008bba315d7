"""What it is worth to put a rule to a resource: an order of importance, no measure of anything. Pure.

A critical MUST is worth fifteen times a minor one, and five times a major one: with 1,500 requests the check of other
clients' items is in the plan, which takes fifty. Resources that behave alike share most of their bugs, so that the
second one of a family adds little, and the third less.
"""

from __future__ import annotations

from harness.profile.capability import State
from harness.profile.resource import Resource
from harness.rules.rule import Rule
from harness.rules.verdict import Impact, Level, Verdict

IMPACT = {Impact.CRITICAL: 15.0, Impact.MAJOR: 3.0, Impact.MINOR: 1.0}
LEVEL = {Level.MUST: 1.0, Level.SHOULD: 0.8, Level.MAY: 0.4}
PROMISED = 1.25
"""What the API itself declares binds more than what was only seen."""
BEFORE = {
    Verdict.FAIL: 2.0,
    Verdict.ERROR: 1.5,
    Verdict.WARN: 1.5,
    Verdict.INCONCLUSIVE: 1.2,
    Verdict.NOT_APPLICABLE: 0.3,
}
"""Whoever runs again wants to know whether what was broken still is."""
ALIKE = 0.25
"""What each further resource of a family is worth, in terms of the one before it."""
OTHERS = 0.5
"""The same for each further family."""
LEAST = 0.1
"""What the last of many siblings is worth: the grave and cheap rules come to all of them before the others do."""


def worth(
    rule: Rule,
    resource: Resource | None = None,
    before: Verdict | None = None,
    *,
    alike: int = 0,
    others: int = 0,
) -> float:
    """The worth of a rule on a resource, above 0.

    Args:
        resource: None for a rule on the whole API.
        before: its verdict in an earlier run; None if there is none.
        alike: how many resources of the same family have the rule and come before this one.
        others: how many families have the rule and come before.
    """
    value = IMPACT[rule.impact] * LEVEL[rule.level] * max(LEAST, ALIKE**alike * OTHERS**others)
    if resource is not None and rule.needs and all(_promised(resource, need) for need in rule.needs):
        value *= PROMISED
    return value * BEFORE.get(before, 1.0) if before is not None else value


def _promised(resource: Resource, need: str) -> bool:
    capability = resource.capabilities.get(need)
    return capability is not None and (bool(capability.declaration) or capability.state is State.DECLARED)
