"""Several reports side by side, rule by rule: several vendors, or one target over time. Data to text, no I/O.

1. A rule counts by its worst verdict over all resources, as in every report: resources of different targets are not
   the same. The cell lists the findings of each resource.
2. Better or worse, from the first report to the last, is only said if all reports are of one target.
3. A rule that is not in a report counts as `not run`, never as a pass.
4. Suspicions are listed for each report: a rule that they leave undecided got neither better nor worse.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from markupsafe import Markup

from harness.report.html.environment import asset, environment, policy
from harness.report.model import Report, RuleRecord
from harness.report.text import count, inert, one_line
from harness.report.words import gist, headline, level_of, suspicions
from harness.rules.finding import Finding
from harness.rules.verdict import SEVERITY, Verdict, worst

NOT_RUN = "not run"
_BROKEN = (Verdict.ERROR, Verdict.FAIL, Verdict.WARN, Verdict.ADVICE)
# What was waived, did not apply or was not decided has got neither better nor worse.
_RANKS: dict[Verdict | None, int] = {
    Verdict.PASS: 0,
    Verdict.NOTE: 0,
    Verdict.ADVICE: 1,
    Verdict.WARN: 2,
    Verdict.FAIL: 3,
    Verdict.ERROR: 3,
}
WIDTH = 120
_LISTED = 12


@dataclass(frozen=True)
class Column:
    """One report.

    Attributes:
        letter: its short name in tables.
    """

    letter: str
    report: Report

    @property
    def name(self) -> str:
        return f"{self.report.target.url}, {self.report.run.started}"

    @property
    def short(self) -> str:
        """Its name in the head of a table."""
        return urlsplit(self.report.target.url).netloc

    @property
    def sentence(self) -> str:
        return headline(self.report, self.report.run.failing).sentence

    @property
    def suspicions(self) -> list[str]:
        return suspicions(self.report)

    @property
    def counts(self) -> list[tuple[str, int]]:
        counted = self.report.summary.counts
        return [(verdict.value, counted[verdict]) for verdict in SEVERITY if counted.get(verdict)]


@dataclass(frozen=True)
class Cell:
    """What one report says of a rule.

    Attributes:
        verdict: the worst over all resources; None if the rule was not run.
        lines: one for each finding that is not a plain pass.
    """

    verdict: Verdict | None
    lines: tuple[str, ...] = ()
    level: str = ""

    @property
    def word(self) -> str:
        return self.verdict.value if self.verdict else NOT_RUN

    @property
    def css(self) -> str:
        return self.verdict.name.lower() if self.verdict else "not_run"


@dataclass(frozen=True)
class ComparisonRow:
    """One rule over all reports."""

    rule: RuleRecord
    cells: tuple[Cell, ...]
    change: Literal["better", "worse", ""] = ""

    @property
    def differs(self) -> bool:
        return len({cell.verdict for cell in self.cells}) > 1


@dataclass(frozen=True)
class Comparison:
    """Reports and their rules.

    Attributes:
        over_time: whether all reports are of one target.
    """

    columns: tuple[Column, ...]
    rows: tuple[ComparisonRow, ...]
    over_time: bool

    @property
    def differing(self) -> list[ComparisonRow]:
        """The rows that differ: what got worse first, then what is broken somewhere."""
        found = [row for row in self.rows if row.differs]
        order = ["worse", "", "better"]
        return sorted(found, key=lambda row: (order.index(row.change), _severity(row), row.rule.code))

    @property
    def alike(self) -> list[ComparisonRow]:
        return [row for row in self.rows if not row.differs]

    @property
    def sentence(self) -> str:
        text = f"{len(self.differing)} of {count(len(self.rows), 'rule')} differ"
        if self.over_time:
            changes = Counter(row.change for row in self.rows)
            text += f": {changes['worse']} got worse, {changes['better']} got better"
        return f"{text}."

    @property
    def cautions(self) -> list[str]:
        """Why the reports are less comparable than they look."""
        found = []
        for name, values in (
            ("versions of the harness", [column.report.run.harness for column in self.columns]),
            ("allowed effects", [column.report.target.effects for column in self.columns]),
            ("strictness", [str(column.report.profile.strict) for column in self.columns]),
        ):
            if len(set(values)) > 1:
                shown = [f"{c.letter} {value}" for c, value in zip(self.columns, values, strict=True)]
                found.append(f"The reports differ in {name}: {', '.join(shown)}.")
        for column in self.columns:
            if column.report.run.interrupted or column.report.target.died:
                found.append(f"{column.letter} ended early.")
        return found


def compare(reports: Sequence[Report]) -> Comparison:
    """Put reports side by side, in the order given."""
    rules: dict[str, RuleRecord] = {}
    for report in reports:
        rules.update({rule.code: rule for rule in report.rules})
    over_time = len({report.target.url.rstrip("/") for report in reports}) == 1
    rows = []
    for code in sorted(rules):
        cells = tuple(_cell(report, code) for report in reports)
        rows.append(ComparisonRow(rules[code], cells, _change(cells) if over_time else ""))
    columns = tuple(Column(_letter(place), report) for place, report in enumerate(reports))
    return Comparison(columns, tuple(rows), over_time)


def lines(comparison: Comparison, *, every: bool = False) -> list[str]:
    """The comparison for a terminal: what differs, or every rule."""
    said = []
    for column in comparison.columns:
        said += [
            f"{column.letter}  {one_line(column.name, WIDTH)}",
            f"   {column.report.headline}. {column.sentence}",
            *(f"   SUSPICION {one_line(text, 400)}" for text in column.suspicions[:_LISTED]),
        ]
    said += [f"NOTE {text}" for text in comparison.cautions] + ["", comparison.sentence]
    rows = list(comparison.rows) if every else comparison.differing
    if rows:
        wide = 2 + max(len(cell.word) for row in rows for cell in row.cells)
        letters = "".join(f"{column.letter:<{wide}}" for column in comparison.columns)
        said += ["", f"{'rule':<10}{letters.rstrip()}"]
        for row in rows:
            words = "".join(f"{cell.word:<{wide}}" for cell in row.cells)
            change = f"{row.change.upper()} " if row.change else ""
            said.append(f"{row.rule.code:<10}{words}{change}{one_line(row.rule.title, WIDTH)}")
    if not every and comparison.alike:
        said += ["", f"The same in all: {_alike(comparison)}."]
    return [inert(line) for line in said]


def page(comparison: Comparison) -> str:
    """The comparison as one self-contained HTML page."""
    style = asset("base.css") + asset("compare.css")
    made: str = (
        environment()
        .get_template("compare.html.j2")
        .render(comparison=comparison, style=Markup(style), policy=policy(style), alike=_alike(comparison))
    )
    return made


def _alike(comparison: Comparison) -> str:
    counted = Counter(row.cells[0].word for row in comparison.alike)
    return ", ".join(f"{number} {word}" for word, number in counted.most_common())


def _cell(report: Report, code: str) -> Cell:
    findings = report.of_rule(code)
    if not findings:
        return Cell(None)
    verdict = worst(finding.verdict for finding in findings)
    rule = next((rule for rule in report.rules if rule.code == code), None)
    worst_ones = [finding for finding in findings if finding.verdict is verdict]
    level = level_of(worst_ones[0], rule).value if verdict in _BROKEN else ""
    lines = [_line(f) for f in findings if f.verdict is not Verdict.PASS]
    if len(lines) > _LISTED:
        lines = [*lines[:_LISTED], f"and {len(lines) - _LISTED} more"]
    return Cell(verdict, tuple(lines), level)


def _line(finding: Finding) -> str:
    name = f"{finding.resource}: " if finding.resource else ""
    return one_line(f"{name}{finding.verdict.value}: {gist(finding)}", 400)


def _change(cells: Sequence[Cell]) -> Literal["better", "worse", ""]:
    first, last = cells[0].verdict, cells[-1].verdict
    if first not in _RANKS or last not in _RANKS or _RANKS[first] == _RANKS[last]:
        return ""
    return "worse" if _RANKS[first] < _RANKS[last] else "better"


def _severity(row: ComparisonRow) -> int:
    return min((SEVERITY.index(cell.verdict) for cell in row.cells if cell.verdict), default=len(SEVERITY))


def _letter(place: int) -> str:
    return chr(ord("A") + place) if place < 26 else f"A{place}"
