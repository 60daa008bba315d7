"""The report in GitHub's Markdown: for the summary of a step, a comment on a pull request, a wiki.

Text that a target or a profile may have influenced is only put in code spans and fenced blocks, where nothing is
markup; the text of rules is escaped.
"""

from __future__ import annotations

import re

from harness.http.exchange import Exchange
from harness.report.causes import Cause, causes
from harness.report.model import Report, RuleRecord, Tally
from harness.report.operations import SURVEY, worst_first
from harness.report.places import decisive_exchange
from harness.report.text import count, encodable, inert, one_line, visible
from harness.report.unlocks import unlocks
from harness.report.words import (
    gist,
    headline,
    impact_of,
    label,
    left_out,
    level_of,
    operations,
    ordered,
    since,
    suspicions,
    troubles,
)
from harness.rules.finding import fails
from harness.rules.verdict import SEVERITY, Verdict

DETAILED = 20
"""Findings shown in full; the others get a line each."""
LISTED = 200
LINE = 300
CURL = 2_000
_SHOWN = (Verdict.ERROR, Verdict.FAIL, Verdict.WARN)
_BRIEF = (Verdict.WAIVED, Verdict.INCONCLUSIVE)
_SIGNS = {"good": "✅", "unsure": "⚠️", "bad": "❌"}


def render(report: Report) -> str:
    """A run as Markdown; a few hundred lines at most, whatever the run."""
    said = headline(report, report.run.failing)
    rules = {rule.code: rule for rule in report.rules}
    exchanges = {exchange.id: exchange for exchange in report.exchanges}
    lines = [
        f"## {_SIGNS[said.state]} {plain(said.sentence)}",
        "",
        f"**{plain(report.headline.capitalize())}** on {code(report.target.url)}, "
        f"{count(report.target.requests, 'request')}, effects {report.target.effects.lower()}.",
        "",
    ]
    if report.baseline is not None:
        lines += [plain(since(report)), ""]
    lines += [f"> [!WARNING]\n> {code(text)}\n" for text in troubles(report)]
    if doubted := suspicions(report):
        lines += ["### Suspicions", "", *(f"- {code(text)}" for text in doubted[:LISTED]), ""]
    lines += [f"Left behind: {code(url)}\n" for url in report.leftovers[:10]]
    lines += _table(report)
    findings = ordered(report.findings, rules)
    found = causes(findings, rules)
    # What fails the run comes first.
    found.sort(key=lambda cause: not fails(cause.lead, report.run.failing))
    shown = [one for one in found if one.verdict in _SHOWN or fails(one.lead, report.run.failing)]
    if shown:
        lines += ["### What to fix", ""]
    for cause in shown[:DETAILED]:
        lines += _detailed(cause, rules.get(cause.lead.rule), exchanges)
    lines += _listed("More findings", shown[DETAILED:], rules)
    advice = [one for one in found if one.verdict is Verdict.ADVICE and one not in shown]
    lines += _listed("Advice, of minor impact", advice, rules)
    for verdict in _BRIEF:
        rest = [Cause((finding,)) for finding in findings if finding.verdict is verdict]
        lines += _listed(verdict.value.capitalize(), rest, rules)
    lines += _left_out(report)
    lines += _operations(report)
    lines += _unlocks(report)
    return encodable(inert("\n".join(lines).rstrip())) + "\n"


def plain(text: str) -> str:
    """Text in which nothing is markup: punctuation that means something is escaped, and no address becomes a link."""
    line = re.sub(r"([\\`*_\[\]<>~|@#&!])", r"\\\1", one_line(text, 1000))
    line = re.sub(r":(?=//|[a-z+][\w+-]*:)", r"\\:", line)
    line = re.sub(r"^(\d+)([.)])", r"\1\\\2", line)
    return re.sub(r"^([-+=])", r"\\\1", line).replace("www.", "www\\.")


def code(text: str, width: int = LINE) -> str:
    """Text as a code span on one line, which nothing in it ends; also inside a table."""
    line = one_line(text, width).replace("|", "¦")
    fence = "`" * (_longest(line) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") or not line else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def block(text: str) -> list[str]:
    """Text as a fenced block, which nothing in it ends."""
    shown = visible(text)
    fence = "`" * max(_longest(shown) + 1, 3)
    return [f"{fence}text", *shown.split("\n"), fence]


def _longest(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def _table(report: Report) -> list[str]:
    shown = [verdict for verdict in SEVERITY if report.summary.counts.get(verdict)]
    if not shown:
        return []

    def row(name: str, tally: Tally) -> str:
        numbers = [str(tally.counts.get(verdict, 0) or "-") for verdict in shown]
        return "| " + " | ".join([name, str(tally.rules), str(tally.verified), *numbers]) + " |"

    return [
        "| Suite | Rules | Verified | " + " | ".join(verdict.value for verdict in shown) + " |",
        "|---|" + "--:|" * (2 + len(shown)),
        *(row(plain(name), tally) for name, tally in sorted(report.suites.items())),
        row("**All**", report.summary),
        "",
    ]


def _left_out(report: Report) -> list[str]:
    lines = left_out(report)
    if report.plan is None or not lines:
        return []
    remedy = f" (`--max-requests {report.plan.needed}` would cover them)" if report.plan.needed else ""
    checks = count(len(report.plan.left_out), "check")
    more = [f"- and {len(lines) - LISTED} rules more"] if len(lines) > LISTED else []
    return [f"### Left out: {checks}{remedy}", "", *(f"- {code(line)}" for line in lines[:LISTED]), *more, ""]


def _operations(report: Report) -> list[str]:
    """The operation coverage: what is not covered first, since something can be done about it."""
    if report.coverage is None:
        return []
    rows = worst_first(report.coverage.operations)
    lines = [
        f"<details><summary>Operations: {plain(operations(report))}</summary>",
        "",
        "| Operation | Why not, and what helps | Exchanges | Rules | Statuses | Not seen |",
        "|---|---|--:|--:|---|---|",
    ]
    for one in rows[:LISTED]:
        why = [code(text) for text in (one.because, one.unlock) if text]
        cells = (
            code(f"{one.method} {one.path}"),
            ": ".join(why) or "-",
            str(one.exchanges or "-"),
            str(len([name for name in one.rules if name != SURVEY]) or "-"),
            " ".join(map(str, one.statuses)) or "-",
            code(" ".join(one.unseen)) if one.unseen else "-",
        )
        lines.append(f"| {' | '.join(cells)} |")
    if len(rows) > LISTED:
        lines += ["", f"{len(rows) - LISTED} more are in the report."]
    return [*lines, "", "</details>", ""]


def _detailed(cause: Cause, rule: RuleRecord | None, exchanges: dict[str, Exchange]) -> list[str]:
    finding = cause.lead
    known = " (known)" if finding.known else " (later edition)" if finding.later else ""
    verdict = f"{finding.verdict.value.upper()}{known}"
    lines = [f"#### {verdict} {code(label(finding))} {_title(cause, rule)}".rstrip(), ""]
    if cause.also:
        lines.append(f"- {code(cause.also)}")
    for breach in finding.breaches:
        lines += [
            f"- expected ({breach.level.value}): {code(breach.expected)}",
            f"- observed: {code(breach.observed)}",
        ]
    if not finding.breaches or "waiver" in finding.reason:
        lines.append(f"- {code(finding.reason or gist(finding))}")
    if rule is not None:
        lines += [
            "",
            f"**Why:** {plain(rule.why)}",
            "",
            f"**Fix:** {plain(rule.fix)}",
            "",
            f"{plain('; '.join(rule.refs))}. {level_of(finding, rule).value}, impact {impact_of(finding, rule).value}.",
        ]
    exchange = decisive_exchange(finding, exchanges)
    if exchange is not None and len(curl := exchange.as_curl()) <= CURL:
        lines += ["", *block(f"{one_line(exchange.summary(), LINE)}\n\n{curl}")]
    return [*lines, ""]


def _title(cause: Cause, rule: RuleRecord | None) -> str:
    return plain(cause.sentence or (rule.title if rule else ""))


def _listed(title: str, found: list[Cause], rules: dict[str, RuleRecord]) -> list[str]:
    if not found:
        return []
    lines = [f"<details><summary>{title}: {len(found)}</summary>", ""]
    for cause in found[:LISTED]:
        finding = cause.lead
        title_of = _title(cause, rules.get(finding.rule))
        also = f" ({code(cause.also)})" if cause.also else ""
        lines.append(
            f"- {finding.verdict.value.upper()} {code(label(finding))}{also}{f' {title_of}:' if title_of else ''} "
            f"{code(gist(finding))}"
        )
    if len(found) > LISTED:
        lines.append(f"- and {len(found) - LISTED} more in the report")
    return [*lines, "", "</details>", ""]


def _unlocks(report: Report) -> list[str]:
    found = unlocks(report)
    if not found:
        return []
    lines = ["<details><summary>What would let more rules be verified</summary>", ""]
    for one in found:
        lines += [f"- {count(one.rules, 'rule')} more if {plain(one.condition)}: {code(one.line)}"]
    return [*lines, "", "</details>", ""]
