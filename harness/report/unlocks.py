"""What would let more rules be verified: a line of the profile or an option, and how many rules it is worth.

Counted are rules that applied to nothing, and that one line would let apply, and rules that could not be decided
because creates were refused: where two things are lacking, none of them is promised. What the target was seen to lack
is not asked for.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel

from harness.profile.hints import CAPABILITIES, KEYS, Hint
from harness.profile.models import Profile, Resource, State
from harness.report import refused_creates
from harness.report.model import Report, RuleRecord
from harness.report.stronger_effects import rougher
from harness.rules.finding import Finding
from harness.rules.rule import Effect
from harness.rules.verdict import Verdict

_SHORT = {"retention": "idempotency.retention"}
_TABLE = re.compile(r"\[\[?([a-z_]+(?:\.[a-z_]+)*)\]")
_KEY = re.compile(r"`([a-z_]+(?:\.[a-z_]+)*)(?: = ([^`]+))?`")


@dataclass(frozen=True)
class Unlock:
    """One thing that would let more rules apply.

    Attributes:
        condition: what must be so, as words after `if`.
        line: what to add to the profile, or an option.
        codes: the rules that would apply then.
    """

    condition: str
    line: str
    codes: tuple[str, ...]

    @property
    def rules(self) -> int:
        return len(self.codes)


def unlocks(report: Report) -> list[Unlock]:
    """What would let more rules be verified, the most fruitful first."""
    found: dict[tuple[str, str], set[str]] = {}
    by_effect: set[str] = set()
    for effect, codes in rougher(report).items():
        if codes - by_effect:
            found[_by_effect(effect.name)] = set(codes - by_effect)
        by_effect |= codes
    for rule in report.rules:
        if rule.code in by_effect:
            continue
        findings = report.of_rule(rule.code)
        if (refused := refused_creates.hint(report, findings)) is not None:
            found.setdefault((refused.condition, refused.line), set()).add(rule.code)
        elif findings and all(finding.verdict is Verdict.NOT_APPLICABLE for finding in findings):
            for key in _keys(rule, findings, report):
                found.setdefault(key, set()).add(rule.code)
    made = [Unlock(condition, line, tuple(sorted(codes))) for (condition, line), codes in found.items()]
    return sorted(made, key=lambda one: (-one.rules, one.line))


def _keys(rule: RuleRecord, findings: list[Finding], report: Report) -> Iterator[tuple[str, str]]:
    if Effect[rule.effect] > Effect[report.target.effects]:
        if rule.needs and not any(_lacking(resource, rule) == [] for resource in report.profile.resources):
            return
        yield _by_effect(rule.effect)
        return
    if rule.needs and all(finding.resource is None for finding in findings):
        lacking = [_lacking(resource, rule) for resource in report.profile.resources]
        singles = {one[0] for one in lacking if len(one) == 1}
        for need in sorted(single for single in singles if single is not None):
            usual = Hint(f"a resource is known to have `{need}`", (f"capabilities = {{ {need} = true }}",))
            hint = CAPABILITIES.get(need, usual)
            yield hint.condition, hint.line
        return
    for finding in findings:
        yield from _named(finding.reason)


def _named(reason: str) -> Iterator[tuple[str, str]]:
    """What a reason asks for: keys in backticks, tables of the profile in brackets."""
    tables = [name for name in _TABLE.findall(reason) if name.partition(".")[0] in Profile.model_fields]
    keys = [(name, value or "...") for name, value in _KEY.findall(reason) if _is_key(name)]
    for name, value in keys:
        known = _SHORT.get(name, name)
        if known in KEYS:
            yield KEYS[known].condition, KEYS[known].line
        elif tables:
            yield f"the profile says `{name}`", f"{_head(tables[0])} {name} = {value}"
        else:
            yield f"the profile says `{name}`", f"{_table(name)}{name} = {value}"
    for name in [] if keys else tables:
        hint = KEYS.get(name) or Hint(f"the profile has {_head(name)}", ("...",), table=_head(name))
        yield hint.condition, hint.line


def _head(table: str) -> str:
    many = Profile.model_fields[table.partition(".")[0]].annotation
    return f"[[{table}]]" if typing.get_origin(many) is list else f"[{table}]"


_EFFECTS = {
    "READ": "safe requests",
    "WRITE": "writes",
    "BURST": "concurrent writes",
    "FLOOD": "requests beyond the quota",
    "LOAD": "loads of requests",
}


def _by_effect(effect: str) -> tuple[str, str]:
    return f"{_EFFECTS[effect]} may be sent", f"--effects {effect.lower()}"


def _lacking(resource: Resource, rule: RuleRecord) -> list[str | None]:
    """The needs that a resource does not meet; None for one that the target was seen to lack."""
    known = resource.capabilities
    # A create may only want another body, but where the target denies that there is one.
    create = known.get("create")
    mendable = create is not None and (not create.doubtful or create.state is State.REFUSED)
    return [
        need if known.get(need) is None or (need == "create" and mendable) else None
        for need in rule.needs
        if resource.missing(need) is not None
    ]


def _table(key: str) -> str:
    """The table of the profile that a key stands in, where it is that of a resource."""
    first = key.partition(".")[0]
    own = first in Resource.model_fields and first not in Profile.model_fields
    return "[[resources]] " if own else ""


def _is_key(name: str) -> bool:
    """Whether each part of a dotted name is a key of the profile."""
    return all(part in _names() for part in name.split("."))


def _names() -> set[str]:
    names: set[str] = set()
    waiting: list[type[BaseModel]] = [Profile]
    seen: set[type[BaseModel]] = set()
    while waiting:
        model = waiting.pop()
        if model in seen:
            continue
        seen.add(model)
        for name, field in model.model_fields.items():
            names.add(name)
            waiting += _models(field.annotation)
    return names


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in typing.get_args(annotation):
        yield from _models(part)
