"""The HTML report: one file that needs no network and runs nothing that a target sent.

1. Every value is escaped by the template engine, after characters that hide or reorder text were replaced.
2. The content security policy admits this page's own style and script, by hash, and nothing else.
3. The page is kept below `BOUND` bytes if possible: evidence of passed rules is shortened first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from harness.report import words
from harness.report.causes import TOGETHER, Cause, causes
from harness.report.html import glance
from harness.report.html.durations import ENDS, durations
from harness.report.html.environment import asset, environment, policy
from harness.report.html.plots import Picture, plot
from harness.report.html.view import (
    DENSITIES,
    Anchors,
    Density,
    Detail,
    Evidence,
    Piece,
    ShownExchanges,
    length,
    line_length,
)
from harness.report.model import Report, RuleRecord
from harness.report.operations import worst_first
from harness.report.text import count, one_line
from harness.report.unlocks import unlocks
from harness.report.words import gist, headline, impact_of, label, left_out, level_of, ordered, troubles
from harness.rules.finding import FAILING, Finding, fails
from harness.rules.verdict import Impact, Level, Verdict

BOUND = 4_800_000
"""Size of the page in bytes that the choice of detail aims at."""

LINE = 60
"""Bytes that a finding takes at least."""
GROUPS = (
    (
        Verdict.FAIL,
        "Failed",
        "A MUST that matters was broken, or a SHOULD of critical impact. The worst come first.",
    ),
    (Verdict.ERROR, "Errors of the harness", "These rules could not be judged: the harness itself broke."),
    (Verdict.WARN, "Warnings", "Recommendations that were not followed."),
    (Verdict.WAIVED, "Waived", "Broken, and accepted in the profile until a date."),
    (
        Verdict.ADVICE,
        "Advice",
        "Not as the standards say, but of minor impact: no data, money or privacy is at stake.",
    ),
    (Verdict.INCONCLUSIVE, "Inconclusive", "These rules apply, but could not be decided."),
    (Verdict.NOTE, "Notes", "Facts worth knowing; nothing is broken."),
    (Verdict.PASS, "Passed", "The target kept these rules. Each lists the exchanges that show it."),
)
_GRAVE = {Verdict.ERROR, Verdict.FAIL, Verdict.WARN, Verdict.WAIVED, Verdict.INCONCLUSIVE}
_UNVERIFIED, _HELD = (Verdict.INCONCLUSIVE,), (Verdict.NOTE, Verdict.PASS)
_IDS = (
    *("main", "first", "rules", "changes", "findings", "filter", "unverified", "unlocks", "held", "run"),
    *(
        "coverage",
        "durations",
        "survey",
        "target",
        "leftovers",
        "left-out",
        "not-applicable",
        "troubles",
        "suspicions",
    ),
)
_OPENED = 3
"""Number of failed rules that are shown open."""

_OPERATIONS = 500
"""Operations in the table, what is not covered first."""
_LONG = 12


@dataclass(frozen=True)
class PageEntry:
    """A finding as shown.

    Attributes:
        title: of the rule, or of the cause that it shares with findings of other rules.
        also: the other places and rules that show its cause, in words.
        others: the findings that have the same cause, which it stands for.
    """

    finding: Finding
    rule: RuleRecord | None
    level: Level
    impact: Impact
    label: str
    anchor: str
    rule_anchor: str
    opened: bool
    gist: str
    observed: list[list[list[Piece]]]
    exchanges: ShownExchanges
    repeat: ShownExchanges
    pictures: list[Picture]
    title: str = ""
    also: str = ""
    others: tuple[PageEntry, ...] = ()

    @property
    def folded(self) -> bool:
        """Whether its exchanges are folded: there are many, and none of them alone shows the breach."""
        shown = self.exchanges.shown
        return len(shown) > _LONG and not any(one.decisive for one in shown)


@dataclass(frozen=True)
class Absent:
    """A rule that does not apply."""

    finding: Finding
    label: str
    title: str
    level: Level
    anchor: str
    rule_anchor: str


def render(report: Report, failing: Collection[Verdict] = FAILING) -> str:
    """The report as one self-contained HTML page.

    Args:
        report: the run.
        failing: verdicts that fail the run; the headline counts them.
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
    for reserved in (*_IDS, *(verdict.value for verdict in Verdict)):
        anchors.take(reserved)
    evidence = Evidence(report.exchanges, anchors)
    rules = {rule.code: rule for rule in report.rules}
    findings = ordered(report.findings, rules)
    found = causes(findings, rules)
    places = _Places(anchors)
    groups = []
    for verdict, title, meaning in GROUPS:
        alone = [Cause((one,)) for one in findings if one.verdict is verdict and verdict not in TOGETHER]
        members = alone + [cause for cause in found if cause.verdict is verdict]
        # New findings come before those of the baseline.
        members.sort(key=lambda cause: cause.lead.known)
        detail = density.grave if verdict in _GRAVE else density.light
        entries = [
            _of_cause(cause, rules, places, evidence, detail, opened=place < _OPENED)
            for place, cause in enumerate(members)
        ]
        if entries:
            folded = verdict is Verdict.ADVICE and verdict not in failing
            group = {"verdict": verdict, "title": title, "meaning": meaning, "entries": entries}
            groups.append(group | {"folded": folded})
    absent = [finding for finding in findings if finding.verdict is Verdict.NOT_APPLICABLE]
    by_reason = _by_reason(absent, rules, places)
    operations = worst_first(report.coverage.operations if report.coverage else ())
    style, script = _assets()
    page: str = (
        environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            glance=_glance(report, failing, groups),
            places=places.found,
            troubles=troubles(report),
            left_out=left_out(report),
            coverage=operations[:_OPERATIONS],
            uncounted=max(len(operations) - _OPERATIONS, 0),
            covered=words.operations(report),
            groups=[one for one in groups if one["verdict"] not in (*_UNVERIFIED, *_HELD)],
            unverified=[one for one in groups if one["verdict"] in _UNVERIFIED],
            held=[one for one in groups if one["verdict"] in _HELD],
            choices=_choices(report, findings, rules),
            unlocks=unlocks(report),
            absent=by_reason,
            absent_count=len(absent),
            survey=evidence.listing(report.survey, density.light),
            suspicions=[
                (one, [(id, evidence.links([id]).get(id, "")) for id in one.exchanges])
                for one in report.suspicions
            ],
            shortened=density is not DENSITIES[0],
            facts=_facts(report),
            durations=durations(report.exchanges),
            ends=ENDS,
            style=Markup(style),
            script=Markup(script),
            policy=policy(style, script),
        )
    )
    return page


class _Places:
    """Fragment identifiers of findings, and for each rule one that leads to the worst of its findings."""

    def __init__(self, anchors: Anchors) -> None:
        self._anchors = anchors
        self._codes: set[str] = set()
        self.found: dict[tuple[str, str], str] = {}

    def take(self, finding: Finding) -> tuple[str, str]:
        """The identifier of a finding, and that of its rule if it is the rule's first finding and differs."""
        of_rule = ""
        if finding.rule not in self._codes:
            self._codes.add(finding.rule)
            if finding.resource:
                of_rule = self._anchors.take(finding.rule)
        own = self._anchors.take(finding.rule, finding.resource)
        self.found[finding.key] = own
        return own, of_rule


def _glance(report: Report, failing: Collection[Verdict], groups: list[dict[str, Any]]) -> dict[str, Any]:
    said = headline(report, failing)
    answer, state = glance.answer(report, failing)
    named = {*_FIRST, *failing} - {Verdict.INCONCLUSIVE}
    first = [entry for group in groups if group["verdict"] in named for entry in group["entries"]]
    # What fails the run comes first.
    first.sort(key=lambda entry: (entry.finding.known, not fails(entry.finding, failing)))
    advice = next((len(one["entries"]) for one in groups if one["verdict"] is Verdict.ADVICE), 0)
    return {
        "answer": answer,
        "state": state,
        "sentence": said.sentence[:1].lower() + said.sentence[1:],
        "title": said.sentence,
        "moment": _moment(report.run.started),
        "first": first[: glance.FIRST],
        "advice": 0 if Verdict.ADVICE in failing else advice,
        "more": len(first) - glance.FIRST,
        "columns": glance.columns(report),
        "levels": glance.by_level(report),
        "suites": glance.by_suite(report),
        "whole": glance.whole(report),
        "changes": glance.changes(report),
    }


_FIRST = (Verdict.FAIL, Verdict.ERROR, Verdict.WARN)


def _choices(
    report: Report, findings: Iterable[Finding], rules: dict[str, RuleRecord]
) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """What the page can be filtered by: name, label, values with their words."""
    findings = list(findings)
    verdicts = [verdict for verdict in glance.ORDER if any(one.verdict is verdict for one in findings)]
    suites = sorted({finding.rule.partition("-")[0] for finding in findings})
    levels = {level_of(finding, rules.get(finding.rule)) for finding in findings}
    resources = sorted({finding.resource for finding in findings if finding.resource})
    return [
        ("verdict", "Verdict", [(verdict.value, verdict.value) for verdict in verdicts]),
        ("suite", "Suite", [(suite, suite) for suite in suites]),
        ("level", "Level", [(level.value, level.value) for level in Level if level in levels]),
        ("resource", "Resource", [(resource, resource) for resource in resources]),
    ]


def _of_cause(
    cause: Cause,
    rules: dict[str, RuleRecord],
    places: _Places,
    evidence: Evidence,
    detail: Detail,
    *,
    opened: bool,
) -> PageEntry:
    lead, *others = (
        _entry(one, rules.get(one.rule), places, evidence, detail, opened=opened and one is cause.lead)
        for one in cause.findings
    )
    return replace(lead, title=cause.sentence or lead.title, also=cause.also, others=tuple(others))


def _entry(
    finding: Finding,
    rule: RuleRecord | None,
    places: _Places,
    evidence: Evidence,
    detail: Detail,
    *,
    opened: bool,
) -> PageEntry:
    anchor, of_rule = places.take(finding)
    exchanges = evidence.listing(finding.exchanges, detail, finding)
    return PageEntry(
        finding,
        rule,
        level_of(finding, rule),
        impact_of(finding, rule),
        label(finding),
        anchor,
        of_rule,
        opened and finding.verdict is Verdict.FAIL,
        one_line("; ".join(breach.observed for breach in finding.breaches) or gist(finding), 200),
        [evidence.linked(breach.observed, finding.exchanges) for breach in finding.breaches],
        exchanges,
        evidence.listing(finding.repeat, detail),
        [Picture(figure, plot(figure), evidence.links(finding.exchanges)) for figure in finding.figures]
        if detail.drawn
        else [],
        rule.title if rule else "(this rule is not in the report)",
    )


def _by_reason(
    findings: Iterable[Finding], rules: dict[str, RuleRecord], places: _Places
) -> list[tuple[str, list[Absent]]]:
    """Rules that do not apply, those with the same reason together, the most frequent reason first."""
    groups: dict[str, list[Absent]] = {}
    for finding in sorted(findings, key=lambda finding: finding.key):
        rule = rules.get(finding.rule)
        title = rule.title if rule else ""
        one = Absent(finding, label(finding), title, level_of(finding, rule), *places.take(finding))
        groups.setdefault(finding.reason or "no reason given", []).append(one)
    return sorted(groups.items(), key=lambda group: -len(group[1]))


def _facts(report: Report) -> list[tuple[str, str]]:
    run, target = report.run, report.target
    bound = f", at most {target.max_time:g} s" if target.max_time else ""
    pace = f", at most {target.rps:g} a second" if target.rps else ""
    return [
        ("Target", target.url),
        ("When", f"{_moment(run.started)}, for {run.duration:,.1f}\N{NO-BREAK SPACE}s"),
        ("Effects", f"up to {target.effects}"),
        ("Requests", f"{target.requests:,} of at most {target.max_requests:,}{pace}"),
        ("OpenAPI", target.openapi or "none found"),
        ("Credentials", ", ".join(target.credentials) or "none"),
        ("Limits", f"{count(target.flood_budget, 'request')} a flood, time-out {target.timeout:g} s{bound}"),
        ("Run", f"{run.id}, harness {run.harness}, Python {run.python}, exit code {run.exit_code}"),
    ]


def _moment(started: str) -> str:
    try:
        moment = dt.datetime.fromisoformat(started)
    except ValueError:
        return started
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if moment.tzinfo else started


def _assets() -> tuple[str, str]:
    """The style and the script of the page."""
    return asset("base.css") + asset("report.css") + asset("figure.css"), asset("report.js")


def _least(report: Report, density: Density) -> int:
    """A lower bound of the length of a page of that density, which saves rendering it in vain."""
    exchanges = {exchange.id: exchange for exchange in report.exchanges}
    details: dict[str, Detail] = {}
    listings = [(ids, f.verdict in _GRAVE) for f in report.findings for ids in (f.exchanges, f.repeat)]
    style, script = _assets()
    lines = len(style) + len(script) + LINE * len(report.findings)
    for ids, grave in [*listings, (report.survey, False)]:
        detail = density.grave if grave else density.light
        listed = ids[: detail.listed]
        brief = max(len(listed) - detail.full, 0)
        lines += sum(line_length(exchanges[id]) for id in listed[:brief] if id in exchanges)
        for id in listed[brief:]:
            if grave or id not in details:
                details[id] = detail
    return lines + sum(length(exchanges[id], detail) for id, detail in details.items() if id in exchanges)
