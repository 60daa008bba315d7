"""What a survey found and missed, as tables; additions to the profile that would let more rules apply."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.profile.hints import CAPABILITIES, RATE_LIMIT, SECOND_CREDENTIAL
from harness.profile.models import Capability, Resource, State
from harness.rules.catalogue import ListedRule, shipped
from harness.rules.suites import rule_files
from harness.survey import unsurveyed_table
from harness.survey.nothing_found import nothing_found, without_collections
from harness.survey.outcome import Survey

if TYPE_CHECKING:
    from rich.console import RenderableType

MOST_LISTED = 20
_REFUSED = re.compile(r" -> 40[13]\b")
_UNKNOWN = Capability(state=State.ABSENT, because="")
_MARKS = {
    State.DECLARED: "declared",
    State.DETECTED: "detected",
    State.CONTRADICTED: "CONTRADICTED",
    State.BROKEN: "BROKEN",
    State.REFUSED: "refused",
    State.ABSENT: "-",
}


_DOES = {
    "list": "list",
    "create": "create",
    "read": "get",
    "replace": "put",
    "update": "patch",
    "delete": "delete",
}
_HAS = {
    "etag": "ETag",
    "conditional": "If-Match",
    "idempotency": "keys",
    "unique": "unique",
    "sort": "sort",
    "filter": "filter",
    "totals": "totals",
}
_PARAMETER = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True)
class Suggestion:
    """An addition to the profile that would let more rules apply.

    Attributes:
        rules: how many rules.
        what: the capability.
        lines: what to add to the profile, as TOML.
        because: why the capability is missing.
    """

    rules: int
    what: str
    lines: str
    because: str


def suggestions(found: Survey, rules: Sequence[ListedRule], *, others: int = 0) -> list[Suggestion]:
    """Additions to the profile, the one for most rules first. Pure.

    Args:
        others: how many rules need a second credential.
    """
    resources = found.profile.resources
    made = _of_capabilities(found, rules)
    if others and "other" not in found.profile.credentials:
        because = "with one client alone, no other client's items exist"
        made.append(Suggestion(others, "a second credential", SECOND_CREDENTIAL.block(), because))
    idle = sum(
        "resource" in listed.arguments and all(any(map(one.missing, listed.rule.needs)) for one in resources)
        for listed in rules
    )
    made += [
        Suggestion(idle, "the required credential", "\n".join(one.lines), one.because)
        for one in found.missing
        if idle and one.lines[1:]
    ]
    quotas = sum("quota" in listed.arguments for listed in rules)
    if quotas and not found.profile.rate_limits:
        because = "no response and no document announces one"
        made.append(Suggestion(quotas, "a rate limit", RATE_LIMIT.block(), because))
    return sorted(made, key=lambda one: (-one.rules, one.what))


def _of_capabilities(found: Survey, rules: Sequence[ListedRule]) -> list[Suggestion]:
    """A suggestion per capability; a rule counts if a resource lacks nothing else that the rule needs."""
    resources = found.profile.resources
    waiting: dict[str, set[str]] = {}
    place: dict[str, str] = {}
    for listed in rules:
        if "resource" not in listed.arguments:
            continue
        lacking = [{need for need in listed.rule.needs if one.missing(need)} for one in resources]
        if not lacking or not all(lacking):
            continue
        for one, lacks in zip(resources, lacking, strict=True):
            create = one.capabilities.get("create", _UNKNOWN)
            denied = "create" in lacks and create.doubtful and create.state is not State.REFUSED
            if len(lacks) == 1 and not denied:
                need = next(iter(lacks))
                waiting.setdefault(need, set()).add(listed.rule.code)
                place.setdefault(need, one.collection)
    paged = any(one.missing("pages") is None for one in resources)
    return [
        Suggestion(
            len(codes), need, CAPABILITIES[need].block(f'collection = "{place[need]}"'), _why(resources, need)
        )
        for need, codes in waiting.items()
        if need in CAPABILITIES
        # An API whose lists are paged in one way need not be paged in another.
        and not (paged and need in ("cursor", "offset"))
        # For what was refused for lack of a credential, the credential is the suggestion.
        and not (found.missing and _REFUSED.search(_why(resources, need)))
    ]


def _why(resources: Iterable[Resource], need: str) -> str:
    return next((why for one in resources if (why := one.missing(need))), "").removeprefix(f"{need}: ")


@cache
def second_credential_rules() -> int:
    """How many shipped rules need a second credential, judging by their source."""
    count = 0
    for path in rule_files():
        source = path.read_text(encoding="utf-8")
        for node in ast.parse(source).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                text = ast.get_source_segment(source, node) or ""
                count += '"other"' in text or "credentials.other" in text
    return count


def tables(found: Survey, *, evidence: bool = False) -> list[RenderableType]:
    """Tables for a terminal: resources with their capabilities, suspicions, suggestions.

    Args:
        evidence: whether the evidence for each capability is shown, too.
    """
    shown: list[RenderableType] = []
    if found.profile.resources:
        shown.append(_overview(found))
        shown.append(Text("") if evidence else Text("What each of these was concluded from: add -v"))
        if evidence:
            shown.append(_resources(found))
    elif (without := without_collections(found)) is not None:
        shown.append(Text(f"No REST collection was found: {_line(without)}"))
    else:
        problem, fix = nothing_found(found)
        shown.append(Text(f"{_line(problem)}: {fix}", style="bold red"))
    limits = found.profile.rate_limits
    shown.append(
        Text("Rate limits: " + ("; ".join(_line(f"{one.path}: {one.because}") for one in limits) or "none"))
    )
    if found.promises.deprecated:
        listed, more = found.promises.deprecated[:MOST_LISTED], len(found.promises.deprecated) - MOST_LISTED
        tail = f" and {more} more" if more > 0 else ""
        shown.append(Text(f"Deprecated, and not tested: {_line(', '.join(listed))}{tail}"))
    if found.profile.accept:
        shown.append(
            Text(_line(f"Accepted besides JSON: {', '.join(found.profile.accept)}: {found.accepting}"))
        )
    for odd in found.suspicions:
        shown.append(Text(f"Suspicion: {_line(odd.text)}", style="bold red"))
    for one in suggestions(found, shipped(), others=second_credential_rules()):
        count = f"{one.rules} more rule{'s' if one.rules > 1 else ''}"
        shown.append(
            Text(f"\n{count} with {one.what} ({_line(one.because)}). Add to conformance.toml:", style="bold")
        )
        shown.append(Text("\n".join(f"    {line}" for line in one.lines.splitlines())))
    return shown


def _overview(found: Survey) -> Table:
    """One line for each resource; what does not fit the terminal is cut off."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name, ratio in (("resource", 3), ("does", None), ("has", 2)):
        table.add_column(name, overflow="ellipsis", no_wrap=True, ratio=ratio)
    for resource in found.profile.resources:
        words = [" ".join(_able(resource, names)) for names in (_DOES, _HAS)]
        style = (
            resource.pagination.style if resource.pagination and resource.missing("pages") is None else None
        )
        has = f"{style} {words[1]}" if style else words[1]
        table.add_row(*(Text(_line(text)) for text in (path_of(resource, found), words[0], has)))
    return table


def _able(resource: Resource, names: Mapping[str, str]) -> list[str]:
    """The words for what the resource can do; what a response denies has an exclamation mark."""
    words = []
    for name, word in names.items():
        capability = resource.capabilities.get(name, _UNKNOWN)
        if capability.doubtful:
            words.append(f"{word}!")
        elif capability.there:
            words.append(word)
    return words


def path_of(resource: Resource, found: Survey) -> str:
    """The path of its items, or of the collection if items cannot be read, with the document's parameter names."""
    given = found.templates.get(resource.name, {})
    what = "item" if resource.missing("read") is None else "collection"
    path = given.get(what, getattr(resource, what)) or "(the target URL)"
    shape = _PARAMETER.sub("{}", path)
    alike = (one for one in found.documented if _PARAMETER.sub("{}", one) == shape)
    return next(alike, path)


def _resources(found: Survey) -> Table:
    table = Table(title="Evidence", title_justify="left", expand=False)
    for name in ("resource", "collection", "capability", "", "because"):
        table.add_column(name, overflow="fold")
    for resource in found.profile.resources:
        first = True
        path = found.templates.get(resource.name, {}).get("collection", resource.collection)
        for name, capability in sorted(resource.capabilities.items(), key=lambda one: not one[1].there):
            style = "dim" if capability.state is State.ABSENT else "bold red" if capability.doubtful else ""
            table.add_row(
                Text(_line(resource.name) if first else ""),
                Text(_line(path or "(the target URL)") if first else ""),
                Text(name),
                Text(_MARKS[capability.state]),
                Text(_line(capability.because)),
                style=style,
            )
            first = False
        table.add_section()
    return table


def show(found: Survey, sent: int, width: int | None = None, *, evidence: bool = False) -> str:
    """The tables as text, for `--survey-only`; see `tables()`."""
    console = Console(width=width, record=False, highlight=False)
    with console.capture() as captured:
        for one in tables(found, evidence=evidence):
            console.print(one)
        console.print(Text(f"OpenAPI: {_line(found.openapi or 'none')}; {sent} requests sent"))
        for warning in found.warnings:
            console.print(Text(f"note: {_line(warning)}"))
        if found.unsurveyed:
            console.print(unsurveyed_table.table(found.unsurveyed))
        for url in found.leftovers:
            console.print(Text(f"could not be removed: {_line(url)}"))
    return captured.get()


def _line(text: str) -> str:
    """One line without control characters: it comes from the target."""
    return "".join(one if one.isprintable() else "?" for one in " ".join(text.split()))
