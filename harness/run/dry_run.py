"""`--dry-run`: what a run would do. The survey sends safe requests only, and no rule is run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from harness.profile.models import Resource
from harness.rules.rule import Effect, Rule
from harness.run.arguments import QUOTA, RESOURCE
from harness.run.estimates import about
from harness.run.pytest_items import lacks, resource_of, rule_of
from harness.run.session import ConformanceSession
from harness.target.target import Limits


def surely_lacks(resource: Resource, rule: Rule) -> str | None:
    """Why a resource lacks what a rule needs, by the profile or the document; None if it may have all of it.

    A survey that only reads cannot see every capability: what it did not see may still exist.
    """
    return next((why for need in rule.needs if (why := resource.surely_missing(need)) is not None), None)


@dataclass(frozen=True)
class Planned:
    """A rule that would run.

    Attributes:
        about: requests in all, as measured on the reference; None if that was not measured.
        on: names of the resources or rate limits; empty for a rule on the whole API.
        unsure: those of them of which only a run can find out whether they have what the rule needs.
    """

    code: str
    title: str
    effect: Effect
    about: int | None
    on: tuple[str, ...]
    unsure: frozenset[str]


@dataclass(frozen=True)
class RunPlan:
    """What a run would do.

    Attributes:
        rules: those that would run, by code.
        forbidden: codes of the rules that need more effects than are allowed.
        absent: codes of the rules that no resource or rate limit fits.
    """

    rules: tuple[Planned, ...]
    forbidden: tuple[str, ...]
    absent: tuple[str, ...]

    @property
    def requests(self) -> int:
        return sum(rule.about or 0 for rule in self.rules)


def plan(items: list[tuple[Rule, str | None, bool]], resources: list[Resource], allowed: Effect) -> RunPlan:
    """What a run of these rules would do.

    Args:
        items: each rule with the name of the resource or rate limit that it would run on, and whether it needs one.
        resources: of the profile.
        allowed: the most that the run may do to the target.
    """
    by_name = {resource.name: resource for resource in resources}
    places: dict[str, list[str]] = {}
    rules: dict[str, Rule] = {}
    forbidden, absent = set(), set()
    for rule, name, wants in items:
        if rule.effect > allowed:
            forbidden.add(rule.code)
        elif name is None and wants:
            absent.add(rule.code)
        else:
            rules[rule.code] = rule
            places.setdefault(rule.code, []).extend([name] if name is not None else [])
    planned = []
    for code, rule in sorted(rules.items()):
        on = tuple(sorted(places[code]))
        unsure = frozenset(name for name in on if name in by_name and lacks(by_name[name], rule) is not None)
        planned.append(
            Planned(code, rule.title, rule.within(allowed), about(rule, max(1, len(on))), on, unsure)
        )
    return RunPlan(tuple(planned), tuple(sorted(forbidden)), tuple(sorted(absent)))


def lines_of(made: RunPlan, limits: Limits, sent: int) -> list[str]:
    """The plan as lines of text.

    Args:
        sent: number of requests of the survey.
    """
    lines = [f"{'rule':10} {'effect':6} {'about':>6}  on"]
    for rule in made.rules:
        number = "?" if rule.about is None else str(rule.about)
        names = ", ".join(f"{name}?" if name in rule.unsure else name for name in rule.on)
        lines.append(f"{rule.code:10} {rule.effect.name.lower():6} {number:>6}  {names or 'the whole API'}")
    lines.append("")
    if any(rule.unsure for rule in made.rules):
        lines.append("?: only a run that writes can find out whether the rule applies there")
    if made.forbidden:
        lines.append(f"need more --effects: {', '.join(made.forbidden)}")
    if made.absent:
        lines.append(f"nothing to run on: {', '.join(made.absent)}")
    lines.append(
        f"{len(made.rules)} rules, about {made.requests} requests, as measured on the reference API, clean-up "
        f"included; longer lists take more, and a rule that fails is repeated once"
    )
    bound = f"at most {limits.max_requests} requests (--max-requests)"
    if limits.rps is not None:
        bound += f", {limits.rps:g} per second (--rps)"
    if limits.max_time is not None:
        bound += f", {limits.max_time:g} seconds (--max-time)"
    lines.append(bound)
    if made.requests > limits.max_requests:
        lines.append(
            "that will probably not suffice, and the remaining rules will be inconclusive: raise it, or choose "
            "resources with `only` in the profile"
        )
    lines.append(f"no rule was run: the survey sent {sent} safe requests and created nothing")
    return lines


class DryRun:
    """Prints the plan in place of running the rules."""

    def __init__(self, session: ConformanceSession) -> None:
        self._session = session
        self._plan: RunPlan | None = None

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
        for line in lines_of(self._plan, self._session.settings.limits, sent):
            terminalreporter.write_line(line)
