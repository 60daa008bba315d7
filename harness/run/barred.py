"""What keeps a collected rule from being put to the target, before anything is sent."""

from __future__ import annotations

from collections.abc import Collection

from harness.profile.models import Profile
from harness.rules.rule import Effect, Rule
from harness.run.arguments import QUOTA, RESOURCE
from harness.run.pytest_items import doubts, lacks

_NO_LIMIT = "no rate limit is documented, seen in a response, or declared in the profile ([[rate_limits]])"


def inapplicable(
    rule: Rule, resource: str | None, arguments: Collection[str], profile: Profile, allowed: Effect
) -> str | None:
    """Why a rule does not apply, or is not allowed; None if it is put to the target.

    Args:
        resource: name of the resource that it is collected for; None for none.
        arguments: of the rule.
        allowed: the most that the run may do to the target.
    """
    if rule.effect > allowed:
        needed = rule.effect.name.lower()
        return f"the rule needs --effects {needed}; this run allows {allowed.name.lower()}"
    if RESOURCE in arguments and resource is None:
        lacking = [f"{one.name} lacks {lacks(one, rule)}" for one in profile.resources]
        return "; ".join(lacking) or "no resource was found"
    if QUOTA in arguments and not profile.rate_limits:
        return _NO_LIMIT
    return None


def doubtful(rule: Rule, resource: str | None, arguments: Collection[str], profile: Profile) -> str | None:
    """Why a rule applies and cannot be decided; None if it can run."""
    if RESOURCE not in arguments or resource is None:
        return None
    return doubts(profile.resource(resource), rule)


def sends(
    rule: Rule, resource: str | None, arguments: Collection[str], profile: Profile, allowed: Effect
) -> bool:
    """Whether a rule is put to the target; see `inapplicable()`."""
    if inapplicable(rule, resource, arguments, profile, allowed) is not None:
        return False
    return doubtful(rule, resource, arguments, profile) is None
