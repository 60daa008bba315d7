"""The HTML report: one file that needs no network and runs nothing that a target sent.

1. Every value is escaped by the template engine, after characters that hide or reorder text were replaced.
2. The content security policy admits this page's own style and script, by hash, and nothing else.
3. The page stays below `BOUND` octets where it can: evidence of passed rules is shortened first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from harness.report.model import Finding, Report, RuleRecord
from harness.report.page import asset, environment, policy
from harness.report.plots import Picture, plot
from harness.report.text import count, one_line
from harness.report.view import DENSITIES, Anchors, Density, Detail, Evidence, Listing, length
from harness.report.words import FAILING, gist, headline, label, level_of, ordered, since, troubles
from harness.verdict import SEVERITY, Level, Verdict

BOUND = 4_800_000
"""Octets of the page that the choice of detail aims at."""

GROUPS = (
    (Verdict.ERROR, "Errors of the harness", "These rules could not be judged: the harness itself broke."),
    (Verdict.FAIL, "Failed", "Broken, with the exchanges that show it."),
    (Verdict.WARN, "Warnings", "Recommendations that were not kept."),
    (Verdict.WAIVED, "Waived", "Broken, and accepted by their owners until a date."),
    (Verdict.INCONCLUSIVE, "Inconclusive", "These rules apply, but could not be decided."),
    (Verdict.NOTE, "Notes", "Facts worth knowing; nothing is broken."),
    (Verdict.PASS, "Passed", "Put to the target, and kept."),
)
_GRAVE = {Verdict.ERROR, Verdict.FAIL, Verdict.WARN, Verdict.WAIVED, Verdict.INCONCLUSIVE}
_IDS = ("findings", "filter", "survey", "target", "suites", "leftovers", "not-applicable", "troubles")
_OPEN = {Verdict.ERROR, Verdict.FAIL}
_OPENED = 30
"""Findings that stand open; beyond that many, the list is read better than the page."""


@dataclass(frozen=True)
class Entry:
    """A finding as shown."""

    finding: Finding
    rule: RuleRecord | None
    level: Level
    label: str
    anchor: str
    opened: bool
    gist: str
    exchanges: Listing
    repeat: Listing
    pictures: list[Picture]


def render(report: Report, failing: Collection[Verdict] = FAILING) -> str:
    """The report as one self-contained HTML page.

    Args:
        report: the run.
        failing: verdicts that fail the run; the headline tells them.
    """
    page = ""
    for density in DENSITIES:
        if density is not DENSITIES[-1] and _least(report, density) > BOUND:
            continue
        page = _page(report, failing, density)
        if len(page.encode()) <= BOUND:
            break
    return page


def _page(report: Report, failing: Collection[Verdict], density: Density) -> str:
    anchors = Anchors()
    evidence = Evidence(report.exchanges, anchors)
    rules = {rule.code: rule for rule in report.rules}
    findings = ordered(report.findings, rules)
    for reserved in (*_IDS, *(verdict.value for verdict in Verdict)):
        anchors.take(reserved)
    groups = []
    for verdict, title, meaning in GROUPS:
        members = [finding for finding in findings if finding.verdict is verdict]
        detail = density.grave if verdict in _GRAVE else density.light
        entries = [
            _entry(finding, rules.get(finding.rule), anchors, evidence, detail, opened=place < _OPENED)
            for place, finding in enumerate(members)
        ]
        groups.append({"verdict": verdict, "title": title, "meaning": meaning, "entries": entries})
    absent = [finding for finding in findings if finding.verdict is Verdict.NOT_APPLICABLE]
    style, script = asset("style.css"), asset("filter.js")
    page: str = (
        environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            headline=headline(report, failing),
            troubles=troubles(report),
            since=since(report),
            verdicts=SEVERITY,
            groups=[group for group in groups if group["entries"]],
            absent=_by_reason(absent, rules, anchors),
            absent_count=len(absent),
            survey=evidence.listing(report.survey, density.light),
            shortened=density is not DENSITIES[0],
            facts=_facts(report),
            style=Markup(style),
            script=Markup(script),
            policy=policy(style, script),
        )
    )
    return page


def _entry(
    finding: Finding,
    rule: RuleRecord | None,
    anchors: Anchors,
    evidence: Evidence,
    detail: Detail,
    *,
    opened: bool,
) -> Entry:
    return Entry(
        finding,
        rule,
        level_of(finding, rule),
        label(finding),
        anchors.take(finding.rule, finding.resource),
        opened and finding.verdict in _OPEN,
        one_line(gist(finding), 240),
        evidence.listing(finding.exchanges, detail, finding),
        evidence.listing(finding.repeat, detail),
        [Picture(figure, plot(figure)) for figure in finding.figures] if detail.drawn else [],
    )


def _by_reason(
    findings: Iterable[Finding], rules: dict[str, RuleRecord], anchors: Anchors
) -> list[dict[str, Any]]:
    """Rules that do not apply, those with the same reason together, the commonest reason first."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for finding in sorted(findings, key=lambda finding: finding.key):
        rule = rules.get(finding.rule)
        groups.setdefault(finding.reason or "no reason given", []).append(
            {
                "label": label(finding),
                "title": rule.title if rule else "",
                "anchor": anchors.take(finding.rule, finding.resource),
            }
        )
    rows = [{"reason": reason, "members": members} for reason, members in groups.items()]
    return sorted(rows, key=lambda row: -len(row["members"]))


def _facts(report: Report) -> list[tuple[str, str]]:
    run, target = report.run, report.target
    pace = f", at most {target.rps:g} a second" if target.rps else ""
    return [
        ("When", f"{_moment(run.started)}, for {run.duration:,.1f} s"),
        ("Effects", f"up to {target.effects}"),
        ("Requests", f"{target.requests:,} of at most {target.max_requests:,}{pace}"),
        ("OpenAPI", target.openapi or "none found"),
        ("Credentials", ", ".join(target.credentials) or "none"),
        ("Limits", f"{count(target.flood_budget, 'request')} a flood, time-out {target.timeout:g} s"),
        ("Run", f"{run.id}, harness {run.harness}, Python {run.python}, exit code {run.exit_code}"),
    ]


def _moment(started: str) -> str:
    try:
        moment = dt.datetime.fromisoformat(started)
    except ValueError:
        return started
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if moment.tzinfo else started


def _least(report: Report, density: Density) -> int:
    """A length that a page of that density does not fall below: spares rendering it in vain."""
    exchanges = {exchange.id: exchange for exchange in report.exchanges}
    details: dict[str, Detail] = {}
    listings = [(ids, f.verdict in _GRAVE) for f in report.findings for ids in (f.exchanges, f.repeat)]
    for ids, grave in [*listings, (report.survey, False)]:
        detail = density.grave if grave else density.light
        listed = ids[: detail.listed]
        for id in listed[max(len(listed) - detail.full, 0) :]:
            if grave or id not in details:
                details[id] = detail
    return sum(length(exchanges[id], detail) for id, detail in details.items() if id in exchanges)
