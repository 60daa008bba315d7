"""`--dry-run`: what a run would do. The survey sends safe requests only, and no rule is run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from harness.profile.models import Resource
from harness.report.text import one_line
from harness.rules.rule import Effect, Rule
from harness.run.arguments import QUOTA, RESOURCE
from harness.run.estimates import about
from harness.run.plan import Plan
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
        on: names of the resources or rate limits, in the order of the plan; empty for a rule on the whole API.
        unsure: those of them of which only a run can find out whether they have what the rule needs.
        after: requests that the plan spends before the rule begins, as measured on the reference.
    """

    code: str
    title: str
    effect: Effect
    about: int | None
    on: tuple[str, ...]
    unsure: frozenset[str]
    after: int = 0


@dataclass(frozen=True)
class RunPlan:
    """What a run would do.

    Attributes:
        rules: those that would run, in their order.
        forbidden: codes of the rules that need more effects than are allowed.
        absent: codes of the rules that no resource or rate limit fits.
        left_out: names of the resources, by rule, that the budget does not cover.
        needed: `--max-requests` that would cover everything; None if nobody knows, or nothing is left out.
    """

    rules: tuple[Planned, ...]
    forbidden: tuple[str, ...]
    absent: tuple[str, ...]
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    needed: int | None = None

    @property
    def requests(self) -> int:
        return sum(rule.about or 0 for rule in self.rules)


def plan(
    items: Sequence[tuple[Rule, str | None, bool]],
    resources: Sequence[Resource],
    allowed: Effect,
    made: Plan | None = None,
    needed: int | None = None,
) -> RunPlan:
    """What a run of these rules would do.

    Args:
        items: each rule in its order, with the name of the resource or rate limit that it would run on, and whether it
            needs one.
        resources: of the profile.
        allowed: the most that the run may do to the target.
        made: the plan of the run; None where it is not planned by value.
        needed: `--max-requests` that would cover everything; None if nobody knows.
    """
    by_name = {resource.name: resource for resource in resources}
    places: dict[str, list[str]] = {}
    left: dict[str, list[str]] = {}
    for check in made.left_out if made is not None else ():
        left.setdefault(check.rule, []).append(check.resource or "the whole API")
    out = {(check.rule, check.resource) for check in (made.left_out if made is not None else ())}
    rules: dict[str, Rule] = {}
    forbidden, absent = set(), set()
    for rule, name, wants in items:
        if rule.effect > allowed:
            forbidden.add(rule.code)
        elif name is None and wants:
            absent.add(rule.code)
        elif (rule.code, name or "") not in out:
            rules[rule.code] = rule
            places.setdefault(rule.code, []).extend([name] if name is not None else [])
    planned, spent = [], _Spent(made)
    for code, rule in rules.items():
        on = tuple(places[code])
        unsure = frozenset(name for name in on if name in by_name and lacks(by_name[name], rule) is not None)
        number = about(rule, max(1, len(on))) if made is None or about(rule) is None else spent.by(code)
        planned.append(
            Planned(code, rule.title, rule.within(allowed), number, on, unsure, spent.before(code))
        )
    return RunPlan(
        tuple(planned),
        tuple(sorted(forbidden)),
        tuple(sorted(absent)),
        {code: tuple(names) for code, names in left.items()},
        needed if left else None,
    )


class _Spent:
    """What the rules of a plan take."""

    def __init__(self, made: Plan | None) -> None:
        self._by: dict[str, int] = {}
        self._before: dict[str, int] = {}
        spent = 0
        for check in made.in_order if made is not None else ():
            self._before.setdefault(check.rule, spent)
            spent += check.cost
            self._by[check.rule] = self._by.get(check.rule, 0) + check.cost

    def by(self, code: str) -> int:
        return self._by.get(code, 0)

    def before(self, code: str) -> int:
        return self._before.get(code, 0)


def lines_of(made: RunPlan, limits: Limits, sent: int, width: int = 100) -> list[str]:
    """The plan as lines of text.

    Args:
        sent: number of requests of the survey.
        width: columns of the terminal.
    """
    lines = [f"{'rule':10} {'effect':6} {'about':>6} {'after':>6}  on"]
    for rule in made.rules:
        number = "?" if rule.about is None else str(rule.about)
        names = [f"{name}?" if name in rule.unsure else name for name in rule.on] or ["the whole API"]
        start = f"{rule.code:10} {rule.effect.name.lower():6} {number:>6} {rule.after:>6}  "
        lines.append(start + fitted(names, width - len(start)))
    lines.append("")
    if made.left_out:
        lines.append(f"left out, since {limits.max_requests} requests are planned for what is worth more:")
        for code, places in made.left_out.items():
            lines.append(f"  {code:10} " + fitted(places, width - 13))
        lines.append(
            f"--max-requests {made.needed} would cover everything" if made.needed else "raise --max-requests"
        )
    lines += _notes(made, limits)
    lines.append(f"no rule was run: the survey sent {sent} safe requests and created nothing")
    return lines


def fitted(names: Sequence[str], width: int) -> str:
    """Names with commas, in so many columns: those that do not fit are counted."""
    for shown in range(len(names), 0, -1):
        rest = f" and {len(names) - shown} more" if shown < len(names) else ""
        text = ", ".join(names[:shown]) + rest
        if len(text) <= width:
            return text
    return f"{len(names)} resources" if len(names) > 1 else one_line(names[0], max(width, 8))


def _notes(made: RunPlan, limits: Limits) -> list[str]:
    lines = []
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
            items,
            self._session.survey.profile.resources,
            self._session.settings.limits.effects,
            self._session.plan,
            self._session.needed,
        )
        return True

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self._plan is None:
            return
        terminalreporter.section("dry run")
        sent = self._session.recorder.budget.sent
        width = terminalreporter._tw.fullwidth
        for line in lines_of(self._plan, self._session.settings.limits, sent, width):
            terminalreporter.write_line(line)
