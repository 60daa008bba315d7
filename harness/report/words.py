"""What all views of a report share: the headline, the warnings, the order of findings."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Literal, NamedTuple

from harness.report import refused_creates
from harness.report.model import Report, RuleRecord, SuspicionRecord
from harness.report.text import count
from harness.rules.finding import FAILING, Finding, fails
from harness.rules.verdict import SEVERITY, Impact, Level, Verdict

_FIXED = 10
_CODES = 12
_IMPACTS = list(Impact)
_LEVELS = list(Level)
_SENTENCES = {
    Verdict.FAIL: "{} failed",
    Verdict.ERROR: "{} could not be judged because the harness itself broke",
    Verdict.WARN: "{} warned",
    Verdict.ADVICE: "{} with advice",
    Verdict.INCONCLUSIVE: "{} stayed inconclusive",
    Verdict.WAIVED: "{} broken but waived",
    Verdict.NOTE: "{} noted",
}
_RULES = {Verdict.WAIVED: ("rule is", "rules are")}


class Headline(NamedTuple):
    """The answer to `can I ship?`."""

    state: Literal["bad", "unsure", "good"]
    sentence: str


def headline(report: Report, failing: Collection[Verdict] = FAILING) -> Headline:
    """The one sentence about a run; `good` only where it ended, verified something and nothing failed."""
    broken = [verdict for verdict in SEVERITY if verdict in failing or verdict in FAILING]
    # A reader looks for failed rules first, although an error of the harness is more severe.
    broken.sort(key=lambda verdict: verdict is not Verdict.FAIL)
    plain = report.baseline is None and not any(one.later for one in report.findings)
    counted = rules_with if plain else _new_with
    said = [
        _counted(verdict, number) + _by_causes(report, verdict, number)
        for verdict in broken
        if (number := counted(report, verdict))
    ]
    unfinished = _unfinished(report)
    doubted = [text for text in (suspected(report), refused_creates.undecided(report)) if text]
    if report.baseline is not None:
        said = [text.replace(" failed", " newly failed").replace(" warned", " newly warned") for text in said]
    covered = [text for text in (coverage(report), uncovered(report)) if text]
    if said or report.failing_suspicions or report.uncovered:
        return Headline("bad", _sentences(said, unfinished, doubted, covered))
    if not report.summary.verified:
        return Headline("bad", _sentences(covered, unfinished, doubted))
    if report.thin:
        return Headline("bad", _sentences(covered, unfinished, doubted, ["No verified rule failed"]))
    warned = rules_with(report, Verdict.WARN)
    counts = _counted(Verdict.WARN, warned) + _by_causes(report, Verdict.WARN, warned)
    also = f", {counts}" if warned else ""
    if unfinished:
        return Headline("unsure", _sentences(unfinished, doubted, ["No rule failed before that"]))
    if covered or doubted:
        more = also if doubted else ""
        return Headline("unsure", _sentences(doubted, covered, [f"No verified rule failed{more}"]))
    if report.baseline is not None:
        return Headline("good", "No new failures.")
    return Headline("good", f"No rule failed{also}.")


def operations(report: Report) -> str:
    """The operation coverage in a few words; empty where no operation is documented or was found."""
    found = report.coverage
    if found is None:
        return ""
    which = "documented operations" if found.documented else "operations that were found"
    return f"{found.covered} of {len(found.operations)} {which} covered ({found.percent:g} %)"


def uncovered(report: Report) -> str:
    """That the operation coverage fails the run; empty where it does not."""
    if not report.uncovered:
        return ""
    least = f"--fail-under-coverage {report.run.fail_under_coverage:g}"
    if report.coverage is None:
        return f"No operation is documented or was found, which fails {least}"
    return f"Operation coverage is {report.coverage.percent:g} %, below {least}"


def _sentences(*parts: Sequence[str]) -> str:
    return ". ".join(text for part in parts for text in part) + "."


def coverage(report: Report) -> str:
    """How little was verified, and why, without a full stop; empty if enough was verified and no bound was reached."""
    short, counted = report.shortfall, report.summary
    if short is None and not report.thin:
        return _elsewhere(report)
    began = (
        f"Verified {counted.verified} of {counted.rules} rules"
        if counted.verified
        else "Nothing was verified"
    )
    undecided = counted.counts.get(Verdict.INCONCLUSIVE, 0) if short is None else short.rules
    if not undecided:
        return began
    rules = str(undecided) if counted.verified else count(undecided, "rule")
    text = f"{began}; {rules} could not be decided"
    if short is None:
        return text
    if short.bound == "max-requests":
        fits = report.plan is None or not report.plan.left_out
        why = f"the budget of {int(short.limit)} requests {'was spent' if fits else 'does not cover them'}"
    else:
        why = f"the {short.limit:g} seconds of --max-time were over"
    remedy = f"--{short.bound} {short.needed} would cover them" if short.needed else f"raise --{short.bound}"
    return f"{text}: {why}; {remedy}"


def _elsewhere(report: Report) -> str:
    """What a plan left out where each rule was decided on some resource, without a full stop; empty for nothing."""
    plan, counted = report.plan, report.summary
    if plan is None or not plan.left_out:
        return ""
    remedy = f"--max-requests {plan.needed} would cover them" if plan.needed else "raise --max-requests"
    return (
        f"Verified {counted.verified} of {counted.rules} rules, not all of them on every resource; "
        f"{count(len(plan.left_out), 'check')} left out: the budget of {report.target.max_requests} requests does not "
        f"cover them; {remedy}"
    )


def left_out(report: Report) -> list[str]:
    """What the plan left out, a line for each rule with its resources, the worthiest first; empty for nothing."""
    if report.plan is None:
        return []
    by_rule: dict[str, list[str]] = {}
    for one in report.plan.left_out:
        by_rule.setdefault(one.rule, []).append(one.resource or "the whole API")
    return [f"{rule}: {', '.join(names)}" for rule, names in by_rule.items()]


def suspected(report: Report) -> str:
    """How many suspicions there are, without a full stop; empty without any."""
    if not report.suspicions:
        return ""
    lost = {code for one in report.suspicions for code in one.rules}
    text = count(len(report.suspicions), "suspicion")
    if report.baseline is not None:
        text += f", {sum(not one.known for one in report.suspicions)} of them new"
    return f"{text}: {count(len(lost), 'rule')} could not be decided" if lost else text


def suspicions(report: Report) -> list[str]:
    """The suspicions, a line each: what was odd, the exchanges, and the rules that were lost by it."""
    return [suspicion(one) for one in report.suspicions]


def suspicion(one: SuspicionRecord) -> str:
    """One suspicion in a line."""
    known = " (in the baseline)" if one.known else ""
    return f"{one.text}{known}{_shown_by(one.exchanges)}{_lost(one.rules)}"


def _shown_by(ids: Sequence[str]) -> str:
    if not ids:
        return ""
    return f" ({'exchanges' if len(ids) > 1 else 'exchange'} {', '.join(ids)})"


def _lost(codes: Sequence[str]) -> str:
    if not codes:
        return ""
    listed = ", ".join(codes[:_CODES]) + (", ..." if len(codes) > _CODES else "")
    return f"; {count(len(codes), 'rule')} could not be decided: {listed}"


def rules_with(report: Report, verdict: Verdict) -> int:
    """How many rules count under a verdict; where graver ones hide it, how many have it on some resource."""
    counted = report.summary.counts.get(verdict, 0)
    return counted or len({finding.rule for finding in report.findings if finding.verdict is verdict})


def _by_causes(report: Report, verdict: Verdict, rules: int) -> str:
    """How many causes the rules with a verdict have, if they are fewer; else empty."""
    number = sum(cause.verdict is verdict for cause in report.causes)
    return f" (of {count(number, 'cause')})" if report.baseline is None and 0 < number < rules else ""


def _new_with(report: Report, verdict: Verdict) -> int:
    """How many rules have a verdict on some resource that is not in the baseline, nor of a later edition."""
    found = [
        finding
        for finding in report.findings
        if finding.verdict is verdict and not (finding.known or finding.later)
    ]
    return len({finding.rule for finding in found})


def since(report: Report) -> str:
    """What changed since the baseline, in one sentence; empty without a baseline."""
    if report.baseline is None:
        return ""
    known = {finding.rule for finding in report.findings if finding.known}
    new = {finding.rule for finding in report.findings if fails(finding, report.run.failing)}
    parts = [
        f"{count(len(new), 'rule')} newly failed",
        f"{len(known)} as before",
        f"{count(len(report.baseline.fixed), 'finding')} fixed",
    ]
    if report.baseline.fixed:
        fixed = [f"{one.rule}[{one.resource}]" if one.resource else one.rule for one in report.baseline.fixed]
        parts[-1] += f" ({', '.join(fixed[:_FIXED])}{', ...' if len(fixed) > _FIXED else ''})"
    return f"Since run {report.baseline.run} of {report.baseline.started}: {', '.join(parts)}."


def troubles(report: Report) -> list[str]:
    """Warnings that a reader needs before trusting the counts, worst first."""
    found = [
        f"{one.message}{f' (exchange {one.exchange})' if one.exchange else ''}: its owner should look at it."
        for one in report.touched
    ]
    if report.target.died:
        found.append(f"The target stopped answering: {report.target.died}")
    if report.run.interrupted:
        found.append("The run was interrupted: rules that did not run are missing or inconclusive.")
    if not report.summary.verified:
        found.append("No rule was verified: this run says nothing about the target.")
    elif report.thin:
        found.append(
            "Fewer than a tenth of the rules that apply were verified: this run says little about the target."
        )
    if report.leftovers:
        number = count(len(report.leftovers), "resource")
        found.append(f"{number} created by this run could not be removed.")
    return found + refused_creates.warnings(report) + unusable_keys(report.findings) + report.warnings


_UNUSABLE = re.compile(r"(?:the profile: )?((?:credentials|jwt)\.[a-z_]+: .*)", re.DOTALL)


def unusable_keys(findings: Iterable[Finding]) -> list[str]:
    """Keys of the profile that rules could not use, each with the rules that were not decided because of it."""
    found: dict[str, set[str]] = {}
    for one in findings:
        named = _UNUSABLE.match(one.reason) if one.verdict is Verdict.INCONCLUSIVE else None
        if named is not None:
            found.setdefault(named[1].rstrip("."), set()).add(one.rule)
    return [f"{text}; not decided: {', '.join(sorted(codes))}." for text, codes in sorted(found.items())]


def ordered(findings: Iterable[Finding], rules: dict[str, RuleRecord]) -> list[Finding]:
    """Findings, the most severe first: by verdict, impact, level, then code and resource."""

    def weight(finding: Finding) -> tuple[int, int, int, str, str]:
        rule = rules.get(finding.rule)
        impact = _IMPACTS.index(impact_of(finding, rule)) if rule else 0
        level = _LEVELS.index(level_of(finding, rule)) if rule else 0
        return (SEVERITY.index(finding.verdict), impact, level, *finding.key)

    return sorted(findings, key=weight)


def level_of(finding: Finding, rule: RuleRecord | None) -> Level:
    """The strongest level among a finding's breaches; without breaches that of the rule."""
    levels = [breach.level for breach in finding.breaches] or ([rule.level] if rule else [])
    return min(levels, key=_LEVELS.index, default=Level.MUST)


def impact_of(finding: Finding, rule: RuleRecord | None) -> Impact:
    """The strongest impact among a finding's breaches; without breaches that of the rule."""
    impacts = [breach.impact for breach in finding.breaches if breach.impact is not None]
    return min(impacts or ([rule.impact] if rule else []), key=_IMPACTS.index, default=Impact.MAJOR)


def label(finding: Finding) -> str:
    """`ERR-002[orders]`."""
    return f"{finding.rule}[{finding.resource}]" if finding.resource else finding.rule


def gist(finding: Finding) -> str:
    """A finding in one sentence: what was expected and observed, or the reason of the verdict."""
    breaches = "; ".join(
        f"expected {breach.expected}; observed {breach.observed}" for breach in finding.breaches
    )
    if breaches and finding.verdict is Verdict.WAIVED:
        return f"{finding.reason}: {breaches}"
    # Why a waiver failed cannot be seen from what was observed.
    if breaches and "waiver" in finding.reason and finding.verdict is Verdict.FAIL:
        return f"{finding.reason}; {breaches}"
    return breaches or finding.reason or "; ".join(finding.notes)


def _counted(verdict: Verdict, number: int) -> str:
    return _SENTENCES.get(verdict, "{} " + verdict.value).format(
        count(number, *_RULES.get(verdict, ("rule", "rules")))
    )


def _unfinished(report: Report) -> list[str]:
    if report.target.died:
        return ["The target stopped answering"]
    return ["The run was interrupted"] if report.run.interrupted else []
