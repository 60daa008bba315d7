"""SARIF 2.1.0 (OASIS): findings for code scanning and for editors.

1. A failed or warned rule is a result; a waived one is a result with a suppression. With a baseline each says
   whether it is new, and what was fixed is there as absent.
2. What passed, did not apply or was not decided is no result: readers that do not know `kind` would show it as a
   problem. What could not be decided is a notification of the invocation, as are suspicions and errors of the harness.
3. The location of a result is its operation in the OpenAPI document: the document's URI, and the operation's
   JSON Pointer as logical location. Without a document it is the URL of the decisive request.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import quote

from harness.http.exchange import Exchange, Fields
from harness.report.formats.markdown import plain
from harness.report.model import Report, RuleRecord
from harness.report.places import decisive_exchange, operation_of
from harness.report.text import encodable, one_line, visible
from harness.report.words import gist, headline, label, level_of, ordered, suspicion, troubles
from harness.rules.finding import Finding
from harness.rules.sources import source_uri
from harness.rules.verdict import Level, Verdict

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "conformanceFinding/v1"
BODY = 2_000
"""Characters of each body that a result shows."""
CURL = 4_000
"""A longer curl line is left out."""
_LEVELS = {Verdict.FAIL: "error", Verdict.WARN: "warning", Verdict.ADVICE: "note", Verdict.WAIVED: "warning"}
_RANK = {Level.MUST: "error", Level.SHOULD: "warning", Level.MAY: "note"}
_URI = "!#$%&'()*+,-./:;=?@[]_~"


def render(report: Report) -> str:
    """The findings of a run as SARIF; the order is that of rules and resources."""
    rules = {rule.code: rule for rule in report.rules}
    exchanges = {exchange.id: exchange for exchange in report.exchanges}
    places = {rule.code: number for number, rule in enumerate(report.rules)}
    findings = sorted(report.findings, key=lambda finding: finding.key)
    results = [
        _result(report, finding, rules.get(finding.rule), places, exchanges)
        for finding in findings
        if finding.verdict in _LEVELS
    ]
    run = {
        "tool": {
            "driver": {
                "name": "pytest-rest-conformance",
                "version": report.run.harness,
                "rules": [_rule(rule) for rule in report.rules],
            }
        },
        "automationDetails": {"id": f"conformance/{one_line(report.target.url, 200)}/{report.run.id}"},
        "invocations": [_invocation(report, findings, places)],
        "columnKind": "unicodeCodePoints",
        "results": results + _absent(report, places),
        "properties": {
            "target": visible(report.target.url),
            "headline": headline(report, report.run.failing).sentence,
            "verified": report.headline,
        },
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return encodable(json.dumps(log, ensure_ascii=False, indent=1)) + "\n"


def _rule(rule: RuleRecord) -> dict[str, Any]:
    sources = "; ".join(rule.refs)
    markdown = (
        f"**Why:** {plain(rule.why)}\n\n**Fix:** {plain(rule.fix)}\n\n**Source:** {plain(sources)}\n\n"
        f"Level {rule.level.value}, impact {rule.impact.value}."
    )
    made: dict[str, Any] = {
        "id": rule.code,
        "shortDescription": {"text": visible(rule.title)},
        "fullDescription": {"text": visible(rule.why)},
        "help": {
            "text": visible(f"Why: {rule.why}\nFix: {rule.fix}\nSource: {sources}"),
            "markdown": markdown,
        },
        "defaultConfiguration": {"level": _RANK[rule.level]},
        "properties": {
            "tags": [rule.suite, rule.level.value, rule.impact.value],
            "precision": "very-high",
            "problem.severity": "error" if rule.level is Level.MUST else "warning",
        },
    }
    uri = next((uri for ref in rule.refs if (uri := source_uri(ref))), None)
    return made | ({"helpUri": uri} if uri else {})


def _result(
    report: Report,
    finding: Finding,
    rule: RuleRecord | None,
    places: dict[str, int],
    exchanges: dict[str, Exchange],
) -> dict[str, Any]:
    exchange = decisive_exchange(finding, exchanges)
    made: dict[str, Any] = {
        "ruleId": finding.rule,
        **({"ruleIndex": places[finding.rule]} if finding.rule in places else {}),
        "kind": "fail",
        "level": _LEVELS[finding.verdict],
        "message": {"text": _message(finding, rule)},
        "locations": [_location(report, finding, exchange)],
        "partialFingerprints": {FINGERPRINT: fingerprint(finding.rule, finding.resource)},
        "properties": {
            "verdict": finding.verdict.value,
            "resource": visible(finding.resource or ""),
            "level": level_of(finding, rule).value,
        },
    }
    if exchange is not None:
        if len(curl := exchange.as_curl()) <= CURL:
            made["properties"]["curl"] = visible(curl)
        made["webRequest"] = _request(exchange)
        made["webResponse"] = _response(exchange)
    if finding.verdict is Verdict.WAIVED:
        suppression = {"kind": "external", "status": "accepted", "justification": visible(finding.reason)}
        made["suppressions"] = [suppression]
    if report.baseline is not None:
        made["baselineState"] = "unchanged" if finding.known else "new"
    return made


def fingerprint(rule: str, resource: str | None) -> str:
    """The same for the same finding in every run: nothing that a target sent is in it."""
    return hashlib.sha256(f"{rule}\n{resource or ''}".encode(errors="replace")).hexdigest()


def _message(finding: Finding, rule: RuleRecord | None) -> str:
    return _text(f"{label(finding)} {rule.title if rule else ''}".strip() + f": {gist(finding)}")


def _location(report: Report, finding: Finding, exchange: Exchange | None) -> dict[str, Any]:
    uri, logical = report.target.url, {"name": finding.resource or report.target.url, "kind": "resource"}
    if exchange is not None:
        uri = exchange.url.partition("?")[0]
        operation = operation_of(exchange, report)
        if operation is not None and report.target.openapi:
            uri = report.target.openapi
            logical = {
                "name": f"{operation.method} {operation.path}",
                "fullyQualifiedName": operation.pointer,
                "kind": "object",
            }
        else:
            logical = {"name": f"{exchange.method} {uri}", "kind": "resource"}
    return {
        "physicalLocation": {"artifactLocation": {"uri": quote(encodable(uri), safe=_URI)}},
        "logicalLocations": [{key: visible(value) for key, value in logical.items()}],
    }


def _request(exchange: Exchange) -> dict[str, Any]:
    return {
        "protocol": "HTTP",
        "method": visible(exchange.method),
        "target": visible(exchange.url),
        "headers": _headers(exchange.request_fields),
        "body": {"text": visible(exchange.request_body.text[:BODY])},
    }


def _response(exchange: Exchange) -> dict[str, Any]:
    if exchange.status is None:
        return {"noResponseReceived": True, "reasonPhrase": visible(exchange.error or "")}
    return {
        "protocol": "HTTP",
        "version": exchange.http_version.removeprefix("HTTP/"),
        "statusCode": exchange.status,
        "reasonPhrase": visible(exchange.reason),
        "headers": _headers(exchange.response_fields),
        "body": {"text": visible(exchange.response_body.text[:BODY])},
    }


def _headers(fields: Fields) -> dict[str, str]:
    made: dict[str, str] = {}
    for name, value in fields:
        key = visible(name)
        made[key] = f"{made[key]}, {visible(value)}" if key in made else visible(value)
    return made


def _invocation(report: Report, findings: list[Finding], places: dict[str, int]) -> dict[str, Any]:
    notifications: list[dict[str, Any]] = [
        {"level": "warning", "message": {"text": _text(text)}} for text in troubles(report)
    ]
    for one in report.suspicions:
        level = "error" if one in report.failing_suspicions else "warning"
        notifications.append({"level": level, "message": {"text": _text(f"Suspicion: {suspicion(one)}")}})
    rules = {rule.code: rule for rule in report.rules}
    for finding in ordered(findings, rules):
        if finding.verdict not in (Verdict.ERROR, Verdict.INCONCLUSIVE):
            continue
        notification: dict[str, Any] = {
            "level": "error" if finding.verdict is Verdict.ERROR else "note",
            "message": {"text": _text(f"{label(finding)} {finding.verdict.value}: {gist(finding)}")},
        }
        if finding.rule in places:
            notification["associatedRule"] = {"id": finding.rule, "index": places[finding.rule]}
        notifications.append(notification)
    broke = any(finding.verdict is Verdict.ERROR for finding in findings)
    return {
        "executionSuccessful": not (broke or report.run.interrupted or report.target.died),
        "exitCode": report.run.exit_code,
        "startTimeUtc": report.run.started.replace("+00:00", "Z"),
        "toolExecutionNotifications": notifications,
    }


def _absent(report: Report, places: dict[str, int]) -> list[dict[str, Any]]:
    if report.baseline is None:
        return []
    return [
        {
            "ruleId": fixed.rule,
            **({"ruleIndex": places[fixed.rule]} if fixed.rule in places else {}),
            "kind": "fail",
            "level": _LEVELS.get(fixed.verdict, "note"),
            "message": {"text": f"Fixed since run {report.baseline.run}"},
            "partialFingerprints": {FINGERPRINT: fingerprint(fixed.rule, fixed.resource)},
            "baselineState": "absent",
        }
        for fixed in report.baseline.fixed
    ]


def _text(text: str) -> str:
    """A message: braces are doubled (section 3.11.5), and nothing is a link (3.11.6)."""
    return visible(text).replace("{", "{{").replace("}", "}}").replace("](", "] (")
