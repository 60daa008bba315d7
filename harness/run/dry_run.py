"""`--dry-run`: what a run would do, without running a rule. The survey reads, and nothing else is sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from harness.profile.models import Resource
from harness.rules.rule import Effect, Rule
from harness.run.arguments import QUOTA, RESOURCE
from harness.run.estimates import about
from harness.run.pytest_items import lacks, resource_of, rule_of
from harness.target.target import Limits

if TYPE_CHECKING:
    from harness.run.session import ConformanceSession


def only_reading(limits: Limits) -> Limits:
    """The limits of a dry run: whatever would be allowed, only safe methods are sent."""
    return replace(limits, effects=Effect.READ)


def surely_lacks(resource: Resource, rule: Rule) -> str | None:
    """Why a resource lacks what a rule needs, by the profile or the document; None where it may have all of it.

    What a survey that only reads did not see may be there all the same.
    """
    return next((why for need in rule.needs if (why := resource.surely_missing(need)) is not None), None)


@dataclass(frozen=True)
class Planned:
    """A rule that would run.

    Attributes:
        about: requests in all, as measured on the reference; None where that is not known.
        on: names of the resources or rate limits; empty for a rule about the whole API.
        unsure: those of them that only a run can tell to have what the rule needs.
    """

    code: str
    title: str
    effect: Effect
    about: int | None
    on: tuple[str, ...]
    unsure: frozenset[str]


@dataclass(frozen=True)
class Plan:
    """What a run would do.

    Attributes:
        rules: those that would run, by code.
        rougher: codes of those that the allowed effects keep from running.
        absent: codes of those whose resource is not there.
    """

    rules: tuple[Planned, ...]
    rougher: tuple[str, ...]
    absent: tuple[str, ...]

    @property
    def requests(self) -> int:
        return sum(rule.about or 0 for rule in self.rules)


def plan(items: list[tuple[Rule, str | None, bool]], resources: list[Resource], allowed: Effect) -> Plan:
    """What a run of collected rules would do.

    Args:
        items: each rule with the name of the resource or rate limit that it would run on, and whether it needs one.
        resources: of the profile.
        allowed: the roughest effect.
    """
    known = {resource.name: resource for resource in resources}
    places: dict[str, list[str]] = {}
    rules: dict[str, Rule] = {}
    rougher, absent = set(), set()
    for rule, name, wants in items:
        if rule.effect > allowed:
            rougher.add(rule.code)
        elif name is None and wants:
            absent.add(rule.code)
        else:
            rules[rule.code] = rule
            places.setdefault(rule.code, []).extend([name] if name is not None else [])
    planned = []
    for code, rule in sorted(rules.items()):
        on = tuple(sorted(places[code]))
        unsure = frozenset(name for name in on if name in known and lacks(known[name], rule) is not None)
        planned.append(
            Planned(code, rule.title, rule.within(allowed), about(rule, max(1, len(on))), on, unsure)
        )
    return Plan(tuple(planned), tuple(sorted(rougher)), tuple(sorted(absent)))


def told(made: Plan, limits: Limits, sent: int) -> list[str]:
    """The plan as lines of text.

    Args:
        sent: safe requests that learning this took.
    """
    lines = [f"{'rule':10} {'effect':6} {'about':>6}  on"]
    for rule in made.rules:
        number = "?" if rule.about is None else str(rule.about)
        names = ", ".join(f"{name}?" if name in rule.unsure else name for name in rule.on)
        lines.append(f"{rule.code:10} {rule.effect.name.lower():6} {number:>6}  {names or 'the whole API'}")
    lines.append("")
    if any(rule.unsure for rule in made.rules):
        lines.append("?: only a run that writes can tell whether the rule applies there")
    if made.rougher:
        lines.append(f"need rougher --effects: {', '.join(made.rougher)}")
    if made.absent:
        lines.append(f"nothing to run on: {', '.join(made.absent)}")
    lines.append(
        f"{len(made.rules)} rules, about {made.requests} requests, as measured on the reference API, clean-up "
        f"included; longer lists take more, and a rule that fails is repeated once"
    )
    bound = f"never more than {limits.max_requests} requests (--max-requests)"
    if limits.rps is not None:
        bound += f", {limits.rps:g} per second (--rps)"
    if limits.max_time is not None:
        bound += f", {limits.max_time:g} seconds (--max-time)"
    lines.append(bound)
    if made.requests > limits.max_requests:
        lines.append(
            "that will probably not suffice: what is left then is inconclusive; raise it, or choose resources with "
            "`only` in the profile"
        )
    lines.append(f"nothing was run: {sent} safe requests were sent to learn this, and nothing was created")
    return lines


class DryRun:
    """Stands in for the run."""

    def __init__(self, session: ConformanceSession) -> None:
        self._session = session
        self._plan: Plan | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        if session.testsfailed:
            # Collection failed: pytest says so.
            return None
        items = []
        for item in session.items:
            rule = rule_of(item)
            if rule is not None:
                wants = {RESOURCE, QUOTA} & set(getattr(item, "fixturenames", ()))
                items.append((rule, resource_of(item), bool(wants)))
        self._plan = plan(
            items, self._session.survey.profile.resources, self._session.settings.limits.effects
        )
        return True

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self._plan is None:
            return
        terminalreporter.section("dry run")
        sent = self._session.recorder.budget.sent
        for line in told(self._plan, self._session.settings.limits, sent):
            terminalreporter.write_line(line)
