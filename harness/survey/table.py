"""What a survey found, what it missed, and the line to add to the profile for what would unlock rules."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.profile.models import Capability, Resource, State
from harness.rules.catalogue import Listed, shipped
from harness.rules.suites import rule_files
from harness.survey.outcome import Survey, nothing_found

if TYPE_CHECKING:
    from rich.console import RenderableType

LINES = {
    "list": 'items = "/data"   # where the array of items stands',
    "create": 'body = { name = "..." }   # a body that POST accepts',
    "read": 'id = "/id"   # where the id stands in what a create answers',
    "update": 'patch = ["application/merge-patch+json"]',
    "schema": "create_schema = '''{...}'''   # JSON Schema of a create's body; or give --openapi",
    "idempotency": 'idempotency = { field = "Idempotency-Key" }   # or { body = "/idempotency_key" }',
    "conditional": "locking = { if_match = true }",
    "unique": 'unique = ["/email"]',
    "tag": 'change = "/title"   # a member with free text',
    "pages": 'pagination = { style = "page", page_param = "page", limit_param = "per_page" }',
    "limit": 'pagination = { limit_param = "limit" }',
    "cursor": 'pagination = { style = "cursor", cursor_param = "cursor", next = "/next_cursor" }',
    "offset": 'pagination = { style = "offset", offset_param = "offset", limit_param = "limit" }',
    "totals": 'pagination = { total = "/total" }',
    "sort": 'pagination = { sort_param = "sort", sort_member = "/size" }',
    "filter": 'pagination = { filter_param = "name", filter_member = "/name" }',
}
"""What to write in [[resources]] for a capability; one that is not here is the API's to have."""
SECOND = '[credentials.other]\nheaders = { Authorization = "Bearer ${OTHER_TOKEN}" }'
QUOTA = '[[rate_limits]]\npath = "/status"   # a cheap GET that the quota counts'
MOST_LISTED = 20
_REFUSED = re.compile(r" -> 40[13]\b")
_UNKNOWN = Capability(state=State.ABSENT, because="")
_MARKS = {
    State.DECLARED: "declared",
    State.DETECTED: "detected",
    State.CONTRADICTED: "CONTRADICTED",
    State.ABSENT: "-",
}


@dataclass(frozen=True)
class Unlock:
    """Something that would let more rules decide.

    Attributes:
        rules: how many.
        what: the capability.
        line: what to add to the profile.
        because: why it is not there.
    """

    rules: int
    what: str
    line: str
    because: str


def unlocks(found: Survey, rules: Sequence[Listed], *, others: int = 0) -> list[Unlock]:
    """What would unlock most rules, first. Pure.

    A rule counts for a capability where a resource lacks nothing else of what the rule needs.

    Args:
        others: how many rules need a second credential.
    """
    resources = found.profile.resources
    waiting: dict[str, set[str]] = {}
    place: dict[str, str] = {}
    paged = any(one.missing("pages") is None for one in resources)
    for listed in rules:
        if "resource" not in listed.arguments:
            continue
        lacking = [{need for need in listed.rule.needs if one.missing(need)} for one in resources]
        if not lacking or not all(lacking):
            continue
        for one, lacks in zip(resources, lacking, strict=True):
            denied = (
                "create" in lacks and one.capabilities.get("create", _UNKNOWN).state is State.CONTRADICTED
            )
            if len(lacks) == 1 and not denied:
                need = next(iter(lacks))
                waiting.setdefault(need, set()).add(listed.rule.code)
                place.setdefault(need, one.collection)
    made = [
        Unlock(
            len(codes),
            need,
            f'[[resources]]\ncollection = "{place[need]}"\n{LINES[need]}',
            _why(resources, need),
        )
        for need, codes in waiting.items()
        # An API whose lists are paged in one way lacks nothing for not being paged in another.
        if need in LINES
        and not (paged and need in ("cursor", "offset"))
        # What is refused for want of a credential is told once.
        and not (found.missing and _REFUSED.search(_why(resources, need)))
    ]
    if others and "other" not in found.profile.credentials:
        made.append(Unlock(others, "a second credential", SECOND, "one client alone sees no other's items"))
    idle = sum(
        "resource" in listed.arguments and all(any(map(one.missing, listed.rule.needs)) for one in resources)
        for listed in rules
    )
    made += [
        Unlock(idle, "the credential that is wanted", "\n".join(one.lines), one.because)
        for one in found.missing
        if idle and one.lines[1:]
    ]
    quotas = sum("quota" in listed.arguments for listed in rules)
    if quotas and not found.profile.rate_limits:
        made.append(Unlock(quotas, "a rate limit", QUOTA, "no answer and no document tells of one"))
    return sorted(made, key=lambda one: (-one.rules, one.what))


def _why(resources: Iterable[Resource], need: str) -> str:
    return next((why for one in resources if (why := one.missing(need))), "").removeprefix(f"{need}: ")


@cache
def second_credential_rules() -> int:
    """How many shipped rules ask for a second credential, by their code."""
    count = 0
    for path in rule_files():
        source = path.read_text(encoding="utf-8")
        for node in ast.parse(source).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                text = ast.get_source_segment(source, node) or ""
                count += '"other"' in text or "credentials.other" in text
    return count


def tables(found: Survey) -> list[RenderableType]:
    """Tables for a terminal: resources with their capabilities, contradictions, what would unlock rules."""
    rules = shipped()
    shown: list[RenderableType] = []
    resources = Table(title="Resources", title_justify="left", expand=False)
    for name in ("resource", "collection", "capability", "", "because"):
        resources.add_column(name, overflow="fold")
    for resource in found.profile.resources:
        first = True
        for name, capability in sorted(resource.capabilities.items(), key=lambda one: not one[1].there):
            style = {State.ABSENT: "dim", State.CONTRADICTED: "bold red"}.get(capability.state, "")
            resources.add_row(
                Text(_line(resource.name) if first else ""),
                Text(_line(resource.collection or "(the target URL)") if first else ""),
                Text(name),
                Text(_MARKS[capability.state]),
                Text(_line(capability.because)),
                style=style,
            )
            first = False
        resources.add_section()
    if found.profile.resources:
        shown.append(resources)
    else:
        problem, mend = nothing_found(found)
        shown.append(Text(f"{_line(problem)}: {mend}", style="bold red"))
    limits = found.profile.rate_limits
    shown.append(
        Text("Rate limits: " + ("; ".join(_line(f"{one.path}: {one.because}") for one in limits) or "none"))
    )
    if found.promises.deprecated:
        listed, more = found.promises.deprecated[:MOST_LISTED], len(found.promises.deprecated) - MOST_LISTED
        tail = f" and {more} more" if more > 0 else ""
        shown.append(Text(f"Deprecated, and left alone: {_line(', '.join(listed))}{tail}"))
    if found.profile.accept:
        shown.append(
            Text(_line(f"Accepted beside JSON: {', '.join(found.profile.accept)}: {found.accepting}"))
        )
    for line in found.contradictions:
        shown.append(Text(f"Contradicted: {_line(line)}", style="bold red"))
    for one in unlocks(found, rules, others=second_credential_rules()):
        count = f"{one.rules} rule{'s' if one.rules > 1 else ''} more"
        shown.append(
            Text(f"\n{count} with {one.what} ({_line(one.because)}). Add to conformance.toml:", style="bold")
        )
        shown.append(Text("\n".join(f"    {line}" for line in one.line.splitlines())))
    return shown


def show(found: Survey, sent: int, width: int | None = None) -> str:
    """The tables as text, for `--survey-only`."""
    console = Console(width=width, record=False, highlight=False)
    with console.capture() as captured:
        for one in tables(found):
            console.print(one)
        console.print(Text(f"OpenAPI: {_line(found.openapi or 'none')}; {sent} requests sent"))
        for warning in found.warnings:
            console.print(Text(f"note: {_line(warning)}"))
        for url in found.leftovers:
            console.print(Text(f"could not be removed: {_line(url)}"))
    return captured.get()


def _line(text: str) -> str:
    """One line without control characters: it comes from the target."""
    return "".join(one if one.isprintable() else "?" for one in " ".join(text.split()))
