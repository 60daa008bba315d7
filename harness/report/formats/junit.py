"""JUnit XML that Jenkins (`junit` step and xUnit plugin) and GitLab read.

The xUnit plugin refuses a whole file that breaks its schema, junit-10.xsd. That schema allows neither
`properties` nor `file` in a test case: what describes a case is in the properties of its suite, named
`ERR-002[orders].level`, and in the text of the case. Suspicions are properties of every suite, and a suite of their
own where they fail the run.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from xml.etree import ElementTree

from harness.http.exchange import Exchange
from harness.report.model import Report, RuleRecord, tally
from harness.report.text import one_line, xml_safe
from harness.report.words import gist, headline, label, level_of, suspicion, suspicions, troubles, uncovered
from harness.rules.finding import FAILING, Finding, fails
from harness.rules.verdict import Verdict

MESSAGE = 500
CURL = 4_000
SHOWN = 40
"""Exchanges listed in one failure; CI servers keep the text of every failure in memory."""


def render(report: Report, failing: Collection[Verdict] = FAILING) -> str:
    """The report as JUnit XML.

    Args:
        report: the run.
        failing: verdicts that become a `<failure>`; an error of the harness is always an `<error>`, and a
            rule that does not apply is always skipped.
    """
    rules = {rule.code: rule for rule in report.rules}
    exchanges = {exchange.id: exchange for exchange in report.exchanges}
    suites: dict[str, list[Finding]] = {}
    for finding in sorted(report.findings, key=lambda finding: finding.key):
        rule = rules.get(finding.rule)
        suites.setdefault(rule.suite if rule else finding.rule.partition("-")[0], []).append(finding)
    root = ElementTree.Element("testsuites", name=_plain(f"conformance of {report.target.url}"))
    for suite in sorted(suites):
        element = ElementTree.SubElement(root, "testsuite", name=suite)
        _describe(element, report, suites[suite], rules, failing)
        for finding in suites[suite]:
            _case(element, finding, rules.get(finding.rule), exchanges, failing)
        _count(element, suites[suite], report.run.started)
    _suspicions(root, report)
    _coverage(root, report)
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    root.set("time", f"{report.run.duration:.3f}")
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _describe(
    suite: ElementTree.Element,
    report: Report,
    findings: list[Finding],
    rules: dict[str, RuleRecord],
    failing: Collection[Verdict],
) -> None:
    counted = tally(findings)
    described = {
        "target": report.target.url,
        "run": report.run.id,
        "harness": report.run.harness,
        "effects": report.target.effects,
        "headline": headline(report, failing).sentence,
        "verified": f"{counted.verified} of {counted.rules} rules",
    }
    described |= {f"warning.{number}": text for number, text in enumerate(troubles(report), 1)}
    described |= {f"suspicion.{number}": text for number, text in enumerate(suspicions(report), 1)}
    for finding in findings:
        rule = rules.get(finding.rule)
        case = label(finding)
        described[f"{case}.rule"] = finding.rule
        described[f"{case}.verdict"] = finding.verdict.value
        if rule is not None:
            described[f"{case}.level"] = rule.level.value
            described[f"{case}.impact"] = rule.impact.value
            described[f"{case}.source"] = "; ".join(rule.refs)
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in described.items():
        ElementTree.SubElement(properties, "property", name=_plain(name), value=_plain(value))


def _suspicions(root: ElementTree.Element, report: Report) -> None:
    """A suite with a failure for each suspicion that fails the run."""
    if not report.failing_suspicions:
        return
    suite = ElementTree.SubElement(root, "testsuite", name="suspicions")
    for one in report.failing_suspicions:
        subject = " ".join(part for part in (one.resource, one.capability or one.fact, one.place) if part)
        case = ElementTree.SubElement(
            suite, "testcase", classname="conformance.suspicions", name=_plain(subject or one.text), time="0"
        )
        _child(case, "failure", one.text, "suspicion", suspicion(one))
    _count(suite, [], report.run.started)


def _coverage(root: ElementTree.Element, report: Report) -> None:
    """A suite with one failure where the operation coverage fails the run."""
    if not report.uncovered:
        return
    suite = ElementTree.SubElement(root, "testsuite", name="coverage")
    case = ElementTree.SubElement(
        suite, "testcase", classname="conformance.coverage", name="operations", time="0"
    )
    open_ = [one for one in report.coverage.operations if not one.covered] if report.coverage else []
    lines = [f"{one.method} {one.path}: {one.because} {one.unlock}".rstrip() for one in open_[:200]]
    _child(case, "failure", uncovered(report), "coverage", "\n".join(lines))
    _count(suite, [], report.run.started)


def _case(
    suite: ElementTree.Element,
    finding: Finding,
    rule: RuleRecord | None,
    exchanges: dict[str, Exchange],
    failing: Collection[Verdict],
) -> None:
    title = rule.title if rule else ""
    case = ElementTree.SubElement(
        suite,
        "testcase",
        classname=f"conformance.{suite.get('name')}",
        name=_plain(f"{label(finding)} {title}".strip()),
        time=f"{finding.duration:.3f}",
    )
    verdict = finding.verdict
    message = gist(finding)
    if verdict is Verdict.ERROR:
        _child(case, "error", message or "the harness broke", "harness", _text(finding, rule, exchanges))
    elif verdict is Verdict.NOT_APPLICABLE:
        _child(case, "skipped", f"{verdict.value}: {message}")
    elif fails(finding, failing):
        kind = level_of(finding, rule).value if finding.breaches else verdict.value
        _child(case, "failure", message or verdict.value, kind, _text(finding, rule, exchanges))
    elif verdict is Verdict.INCONCLUSIVE:
        _child(case, "skipped", f"{verdict.value}: {message}")
    elif verdict is not Verdict.PASS:
        out = ElementTree.SubElement(case, "system-out")
        known = ", known from the baseline" if finding.known else ""
        known = ", of a later edition" if finding.later and not known else known
        out.text = _safe(f"{verdict.value}{known}: {message}\n\n{_text(finding, rule, exchanges)}")


def _child(
    case: ElementTree.Element, tag: str, message: str, kind: str | None = None, text: str = ""
) -> None:
    element = ElementTree.SubElement(case, tag, message=_plain(message, MESSAGE))
    if kind is not None:
        element.set("type", kind)
    if text:
        element.text = _safe(text)


def _text(finding: Finding, rule: RuleRecord | None, exchanges: dict[str, Exchange]) -> str:
    lines = [f"Verdict: {finding.verdict.value}"]
    if finding.reason:
        lines.append(f"Reason: {finding.reason}")
    for breach in finding.breaches:
        lines += [f"Expected ({breach.level.value}): {breach.expected}", f"Observed: {breach.observed}"]
    lines += [f"Note: {note}" for note in finding.notes]
    lines += [f"Evidence: {text}" for text in finding.evidence]
    if rule is not None:
        lines += [
            f"Why: {rule.why}",
            f"Fix: {rule.fix}",
            f"Source: {'; '.join(rule.refs)}",
            f"Level: {rule.level.value}, impact: {rule.impact.value}",
        ]
    lines += _listed("Exchanges:", finding.exchanges, exchanges)
    lines += _listed("Repeat with fresh resources:", finding.repeat, exchanges)
    return "\n".join(lines) + "\n"


def _listed(heading: str, ids: list[str], exchanges: dict[str, Exchange]) -> Iterable[str]:
    if not ids:
        return
    yield ""
    yield heading
    for number, id in enumerate(ids[:SHOWN], 1):
        exchange = exchanges.get(id)
        if exchange is None:
            yield f"{number}. {id}: not in the report"
            continue
        took = (exchange.ended - exchange.started) * 1000
        yield f"{number}. {one_line(exchange.summary(), 300)} ({took:,.0f} ms)"
        curl = exchange.as_curl()
        yield "   " + (
            curl if len(curl) <= CURL else f"(a curl line of {len(curl):,} characters: see the report)"
        )
    if len(ids) > SHOWN:
        yield f"... and {len(ids) - SHOWN} more: see the report"


def _count(suite: ElementTree.Element, findings: list[Finding], started: str) -> None:
    cases = suite.findall("testcase")
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(sum(case.find(tag) is not None for case in cases)))
    suite.set("tests", str(len(cases)))
    suite.set("time", f"{sum(finding.duration for finding in findings):.3f}")
    suite.set("timestamp", _timestamp(started))


def _timestamp(started: str) -> str:
    """In the form of the Ant schema: seconds, UTC, without an offset."""
    try:
        moment = dt.datetime.fromisoformat(started)
    except ValueError:
        return started
    if moment.tzinfo is not None:
        moment = moment.astimezone(dt.UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def _plain(text: str, width: int = 1000) -> str:
    return _safe(one_line(text, width))


def _safe(text: str) -> str:
    """Text that XML allows, and that no CI server takes for the path of an attachment."""
    return xml_safe(text).replace("[[ATTACHMENT|", "[[ATTACHMENT |")
