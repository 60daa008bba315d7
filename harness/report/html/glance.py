"""The first screen of the HTML report: can it ship, how much was verified, where to look first, what changed. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from harness.report.model import FixedRecord, Report, Tally, tally
from harness.report.words import headline
from harness.rules import suites
from harness.rules.finding import fails
from harness.rules.verdict import BROKEN, SERIOUS, Level, Verdict

FIRST = 5
"""Findings that the first screen names."""
# A reader looks for failed rules first, although an error of the harness is more severe.
ORDER = (
    Verdict.FAIL,
    Verdict.ERROR,
    Verdict.WARN,
    Verdict.WAIVED,
    Verdict.INCONCLUSIVE,
    Verdict.ADVICE,
    Verdict.NOTE,
    Verdict.PASS,
    Verdict.NOT_APPLICABLE,
)


@dataclass(frozen=True)
class GlancePart:
    """A part of a bar; in hundredths of its length."""

    verdict: Verdict
    x: float
    width: float


@dataclass(frozen=True)
class GlanceRow:
    """Rules counted together."""

    name: str
    title: str
    tally: Tally
    bar: list[GlancePart]


def answer(report: Report, failing: Collection[Verdict]) -> tuple[str, str]:
    """Whether the API can ship, in a word or two, and the state to show: bad, unsure or good."""
    state = headline(report, failing).state
    if state == "good":
        # Findings of the baseline do not fail the run, but they are not good either.
        in_baseline = any(finding.known and finding.verdict in failing for finding in report.findings)
        return ("As before", "unsure") if in_baseline else ("Yes, as far as verified", "good")
    broken = any(finding.verdict in BROKEN and fails(finding, failing) for finding in report.findings)
    return "No" if broken else "Not known", state


def by_level(report: Report) -> list[GlanceRow]:
    """The rules by the strength with which their source words them."""
    levels = {rule.code: rule.level for rule in report.rules}
    rows = []
    for level in Level:
        counted = tally([finding for finding in report.findings if levels.get(finding.rule) is level])
        if counted.rules:
            rows.append(_row(level.value, "", counted))
    return rows


def by_suite(report: Report) -> list[GlanceRow]:
    """The rules by suite, in the suites' order."""
    return [
        _row(code, suites.title(code), report.suites[code])
        for code in sorted(report.suites, key=suites.order)
    ]


def whole(report: Report) -> GlanceRow:
    """All rules."""
    return _row("All", "", report.summary)


def columns(report: Report) -> list[Verdict]:
    """The verdicts that some rule has: an empty column shows nothing."""
    counts = [report.summary, *report.suites.values(), *(row.tally for row in by_level(report))]
    return [verdict for verdict in ORDER if any(one.counts.get(verdict) for one in counts)]


@dataclass(frozen=True)
class Changes:
    """What changed since an earlier run: codes of rules, with the resource.

    Attributes:
        run, started: of the earlier run.
    """

    run: str
    started: str
    new: list[tuple[str, str]]
    known: list[tuple[str, str]]
    fixed: list[tuple[str, str]]


def changes(report: Report) -> Changes | None:
    """What broke, stayed broken or was fixed since the baseline, or else the previous run; None without either."""
    before = report.previous
    if report.baseline is None and before is not None:
        return Changes(before.run, before.started, *map(_keys, (before.new, before.still, before.fixed)))
    if report.baseline is None:
        return None
    broken = [finding for finding in report.findings if finding.verdict in SERIOUS]
    return Changes(
        report.baseline.run,
        report.baseline.started,
        [finding.key for finding in broken if not finding.known],
        [finding.key for finding in broken if finding.known],
        _keys(report.baseline.fixed),
    )


def _keys(records: Iterable[FixedRecord]) -> list[tuple[str, str]]:
    return [(one.rule, one.resource or "") for one in records]


def _row(name: str, title: str, counted: Tally) -> GlanceRow:
    return GlanceRow(name, title, counted, _bar(counted))


def _bar(counted: Tally) -> list[GlancePart]:
    parts, x = [], 0.0
    for verdict, number in _numbers(counted):
        width = number / max(counted.rules, 1) * 100
        parts.append(GlancePart(verdict, round(x, 2), round(width, 2)))
        x += width
    return parts


def _numbers(counted: Tally) -> Iterable[tuple[Verdict, int]]:
    return ((verdict, counted.counts[verdict]) for verdict in ORDER if counted.counts.get(verdict))
