"""From pytest's items to rules and resources."""

from __future__ import annotations

import pytest

from harness.profile.models import Resource
from harness.rules import rule as rules
from harness.rules.rule import Rule
from harness.rules.suites import suites_folder
from harness.run.arguments import QUOTA, RESOURCE


def rule_of(item: pytest.Item) -> Rule | None:
    """The rule that an item runs, or None."""
    return rules.of(getattr(item, "function", None))


def resource_of(item: pytest.Item) -> str | None:
    """Name of the resource, or of the rate limit, that an item runs its rule on, or None."""
    params = item.callspec.params if hasattr(item, "callspec") else {}
    name = params.get(RESOURCE, params.get(QUOTA))
    return str(name) if name is not None else None


def whole_run(config: pytest.Config) -> bool:
    """Whether the run has all shipped rules, and none is deselected by an option."""
    chosen = (
        config.getoption(name, None) for name in ("keyword", "markexpr", "deselect", "conformance_rerun")
    )
    return config.args == [str(suites_folder())] and not any(chosen)


def lacks(resource: Resource, rule: Rule) -> str | None:
    """Why a resource lacks what a rule needs; None if it has everything."""
    return next((why for need in rule.needs if (why := resource.missing(need)) is not None), None)


def doubts(resource: Resource, rule: Rule) -> str | None:
    """Why a rule applies to a resource and cannot be decided there; None if it can run, or does not apply.

    What is declared or expected, and does not work, is not absent; rules that judge it run.
    """
    why = resource.doubted(rule.needs)
    return None if why is None or resource.doubted(set(rule.needs) - set(rule.judges)) is None else why
