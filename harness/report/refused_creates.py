"""Creates that are declared, and that were refused each time: which rules that costs, and what lets them run. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from harness.profile.hints import CAPABILITIES, CREDENTIAL, Hint
from harness.profile.models import Capability, Resource, State
from harness.report.model import Report
from harness.report.text import count
from harness.rules.finding import Finding
from harness.rules.verdict import Verdict

_WITHHELD = (401, 403, 407)
_SHOWN = 3
"""Refused creates that are told one by one."""
_MEMBERS = 6
_VALUES = {"integer": 1, "number": 1, "boolean": True, "array": [], "object": {}}


def warnings(report: Report) -> list[str]:
    """What a reader must know before trusting the counts, a line for each refused create, the dearest first."""
    lost = [(one, codes) for one in _refused(report) if (codes := _lost_on(report, one))]
    lost.sort(key=lambda pair: -len(pair[1]))
    lines = [
        _line(report, one, codes)
        for one, codes in lost[:_SHOWN]
        # Where a field said which credential is wanted, that is told already.
        if not any(text.startswith(f"{one.name}: {_request(one)} -> ") for text in report.warnings)
    ]
    if rest := [one.name for one, _ in lost[_SHOWN:]]:
        lines.append(f"creates of {', '.join(rest)} are declared, and were refused as well.")
    return lines


def undecided(report: Report) -> str:
    """How many rules no other resource decided either, without a full stop; empty for none."""
    refused = _refused(report)
    lost = {code for one in refused for code in _lost_on(report, one)}
    decided = {
        one.rule
        for one in report.findings
        if one.verdict not in (Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE)
    }
    if not lost - decided:
        return ""
    names = sorted({_request(one) for one in refused if _lost_on(report, one)})
    which = names[0] if len(names) == 1 else f"{len(names)} declared creates"
    were = "was" if len(names) == 1 else "were"
    return f"{which} {were} refused: {count(len(lost - decided), 'rule')} could not be decided"


def hint(report: Report, findings: list[Finding]) -> Hint | None:
    """What lets a rule run that was not decided because of refused creates alone; None for other rules."""
    refused = {one.name: one for one in _refused(report)}
    if not findings or not all(
        one.resource in refused and _by(one, refused[one.resource or ""]) for one in findings
    ):
        return None
    return _hint(report, refused[findings[0].resource or ""])


def _refused(report: Report) -> list[Resource]:
    return [one for one in report.profile.resources if _create(one).state is State.REFUSED]


def _create(resource: Resource) -> Capability:
    return resource.capabilities.get("create", Capability(state=State.ABSENT, because=""))


def _lost_on(report: Report, resource: Resource) -> set[str]:
    return {one.rule for one in report.findings if one.resource == resource.name and _by(one, resource)}


def _by(finding: Finding, resource: Resource) -> bool:
    """Whether a rule was not decided because the create was refused."""
    return finding.verdict is Verdict.INCONCLUSIVE and _create(resource).because in finding.reason


def _line(report: Report, resource: Resource, codes: set[str]) -> str:
    answer = _create(resource).because.partition(": give ")[0].rpartition(", but ")[2]
    wanted = _hint(report, resource)
    if wanted is CREDENTIAL:
        remedy = f"a credential that may: {wanted.option}"
    else:
        remedy = f"the body of {_request(resource)}: --body '{resource.name}={_sketch(resource)}'"
    return (
        f"{resource.name}: {answer} each time, and it is declared; {count(len(codes), 'rule')} could not be decided. "
        f"Give {remedy}"
    )


def _hint(report: Report, resource: Resource) -> Hint:
    ids = set(_create(resource).exchanges)
    withheld = any(one.id in ids and one.status in _WITHHELD for one in report.exchanges)
    return CREDENTIAL if withheld else CAPABILITIES["create"]


def _request(resource: Resource) -> str:
    if resource.create_method == "PUT":
        return f"PUT {resource.item}"
    return f"POST {resource.create or resource.collection}"


def _sketch(resource: Resource) -> str:
    """A body with the members that the schema requires, to be filled in."""
    schema: Mapping[str, Any] = resource.create_schema or {}
    required = schema.get("required")
    names = [one for one in required if isinstance(one, str)] if isinstance(required, list) else []
    described = schema.get("properties")
    known: Mapping[str, Any] = described if isinstance(described, Mapping) else {}
    return json.dumps({name: _value(known.get(name)) for name in names[:_MEMBERS]}) if names else "{...}"


def _value(schema: Any) -> Any:
    kind = schema.get("type") if isinstance(schema, Mapping) else None
    return _VALUES.get(kind, "...") if isinstance(kind, str) else "..."
