"""SARIF, HAR, Markdown, annotations, badge: valid, true to the report, and inert whatever a target sent."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from jsonpointer import resolve_pointer
from markdown_it import MarkdownIt

from harness.profile.models import Profile
from harness.report.assemble import operations
from harness.report.console import annotations
from harness.report.formats import badge, markdown, sarif
from harness.report.model import OperationRecord, Report
from harness.report.places import decisive_exchange
from harness.report.text import inert
from harness.report.views import VIEWS
from harness.rules.finding import BreachRecord, Finding
from harness.rules.verdict import Level, Verdict
from harness.run.baseline import Baseline
from harness.survey.openapi import resources
from harness.survey.outcome import Survey
from tests.report.sample import SCRIPT, SECRET, URL, build

SCHEMAS = Path(__file__).parent / "schemas"
NASTY = (
    "`` ::error::x ##[add-mask]y | [a](http://evil) <img src=x onerror=alert(1)> "
    "![i](http://evil/i) https://evil @me"
)
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]")


def nasty() -> Report:
    """The sample with hostile text wherever a view shows text."""
    report = build()
    rules = [
        rule.model_copy(update={"title": f"{NASTY} title", "why": f"1. {NASTY}", "fix": f"- {NASTY}"})
        for rule in report.rules
    ]
    findings = [
        finding.model_copy(
            update={
                "reason": f"::error::{NASTY}",
                "resource": f"{finding.resource}{NASTY}",
                "breaches": [
                    breach.model_copy(update={"observed": f"::error::{breach.observed}\n::error::{NASTY}"})
                    for breach in finding.breaches
                ],
            }
        )
        for finding in report.findings
    ]
    warnings = [f"::error::{NASTY}\n\n```\n<script>x</script>"]
    return report.model_copy(update={"rules": rules, "findings": findings, "warnings": warnings})


def against_baseline() -> Report:
    """The sample after a run that had COND-004 failing already, and METH-001, which holds now."""
    report = build()
    baseline = Baseline("b1", "2026-11-20T10:00:00Z", URL, {
        ("COND-004", "orders"): Verdict.FAIL,
        ("METH-001", "orders"): Verdict.FAIL,
    })  # fmt: skip
    findings = [
        finding.model_copy(update={"known": True}) if baseline.knows(finding) else finding
        for finding in report.findings
    ]
    record = baseline.record(findings, report.run.failing)
    return report.model_copy(update={"findings": findings, "baseline": record})


def sarif_run(report: Report) -> dict[str, Any]:
    log = json.loads(sarif.render(report))
    schema = json.loads((SCHEMAS / "sarif-2.1.0-rtm.5.json").read_text(encoding="utf-8"))
    jsonschema.Draft4Validator(schema).validate(log)
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


def result(run: dict[str, Any], rule: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in run["results"] if one["ruleId"] == rule)
    return found


@pytest.mark.parametrize(
    "report", [build(), nasty(), against_baseline()], ids=["sample", "nasty", "baseline"]
)
def test_sarif_is_valid_and_its_indices_point_right(report: Report) -> None:
    run = sarif_run(report)
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.code for rule in report.rules]
    for one in run["results"]:
        assert rules[one["ruleIndex"]]["id"] == one["ruleId"]
    for notification in run["invocations"][0]["toolExecutionNotifications"]:
        if "associatedRule" in notification:
            assert (
                rules[notification["associatedRule"]["index"]]["id"] == notification["associatedRule"]["id"]
            )


def test_sarif_has_a_result_for_what_is_broken_and_for_nothing_else() -> None:
    run = sarif_run(build())
    assert [(one["ruleId"], one["level"], one["properties"]["verdict"]) for one in run["results"]] == [
        ("COND-004", "error", "fail"),
        ("ERR-002", "error", "fail"),
        ("ERR-002", "warning", "warn"),
        ("METH-005", "warning", "waived"),
    ]
    assert {one["kind"] for one in run["results"]} == {"fail"}
    waived = result(run, "METH-005")
    assert waived["suppressions"][0]["justification"].startswith("the gateway is replaced in January")
    assert "suppressions" not in result(run, "COND-004")
    notifications = run["invocations"][0]["toolExecutionNotifications"]
    assert [
        (one["level"], one["associatedRule"]["id"]) for one in notifications if "associatedRule" in one
    ] == [
        ("error", "IDEM-001"),
        ("note", "IDEM-004"),
    ]
    assert run["invocations"][0]["executionSuccessful"] is False


def test_sarif_points_at_the_operation_of_the_document() -> None:
    report = build()
    operations = [
        OperationRecord(method="PUT", path="/orders/{id}", pointer="/paths/~1v1~1orders~1{id}/put"),
        OperationRecord(method="GET", path="/orders/{id}", pointer="/paths/~1v1~1orders~1{id}/get"),
        OperationRecord(method="PUT", path="/{any}/{id}", pointer="/paths/~1{any}~1{id}/put"),
    ]
    target = report.target.model_copy(update={"operations": operations})
    (place,) = result(sarif_run(report.model_copy(update={"target": target})), "COND-004")["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == f"{URL}/openapi.json"
    assert place["logicalLocations"] == [
        {
            "name": "PUT /orders/{id}",
            "fullyQualifiedName": "/paths/~1v1~1orders~1{id}/put",
            "kind": "object",
        }
    ]
    # A method that the document does not have lies at the path.
    report.target.operations = operations[1:2]
    (place,) = result(sarif_run(report), "COND-004")["locations"]
    assert place["logicalLocations"][0]["name"] == "PUT /orders/{id}"
    assert place["logicalLocations"][0]["fullyQualifiedName"] == "/paths/~1v1~1orders~1{id}"
    report.target.operations = []
    (place,) = result(sarif_run(report), "COND-004")["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == f"{URL}/orders/81"


def test_the_decisive_exchange_is_the_one_named_or_the_last_write() -> None:
    report = build()
    exchanges = {exchange.id: exchange for exchange in report.exchanges}
    finding = Finding(rule="AAA-001", verdict=Verdict.FAIL, exchanges=["e1", "e2", "p1", "gone"])

    def decisive(observed: str, *ids: str) -> str | None:
        breaches = [BreachRecord(expected="x", observed=observed, level=Level.MUST)]
        found = decisive_exchange(
            finding.model_copy(update={"breaches": breaches, "exchanges": list(ids)}), exchanges
        )
        return found.id if found else None

    assert decisive("POST /v1/orders -> 201: accepted", "e1", "e2", "p1") == "e1"
    assert decisive("another state", "e1", "e2", "p1", "gone") == "e2"
    assert decisive("another state", "s2", "p1") == "p1"
    assert decisive("another state") is None


def test_operations_are_found_in_the_document_whatever_its_paths_begin_with() -> None:
    document = {
        "openapi": "3.1.0",
        "paths": {"/v1/orders/{id}": {"put": {}, "get": {}}, "/v1/a~b": {"post": {"deprecated": True}}},
    }
    survey = Survey(
        Profile(),
        documented=resources.documented(document, "/v1"),
        written=resources.written(document, "/v1"),
    )
    found = operations(survey, lambda text: text.replace("a~", "x~"))
    assert [(one.method, one.path) for one in found] == [
        ("POST", "/x~b"),
        ("GET", "/orders/{id}"),
        ("PUT", "/orders/{id}"),
    ]
    for one in found[1:]:
        assert resolve_pointer(document, one.pointer) == {}
    assert found[0].pointer == "/paths/~1v1~1x~0b/post"


def test_sarif_fingerprints_do_not_depend_on_what_was_sent_or_seen() -> None:
    first = {one["partialFingerprints"][sarif.FINGERPRINT] for one in sarif_run(build())["results"]}
    report = build()
    findings = [
        finding.model_copy(update={"reason": "other", "exchanges": [], "duration": 9.9})
        for finding in reversed(report.findings)
    ]
    again = sarif_run(report.model_copy(update={"findings": findings}))
    assert {one["partialFingerprints"][sarif.FINGERPRINT] for one in again["results"]} == first
    assert len(first) == 4


def test_sarif_marks_what_is_new_and_what_was_fixed() -> None:
    run = sarif_run(against_baseline())
    assert [(one["ruleId"], one["baselineState"]) for one in run["results"]] == [
        ("COND-004", "unchanged"),
        ("ERR-002", "new"),
        ("ERR-002", "new"),
        ("METH-005", "new"),
        ("METH-001", "absent"),
    ]
    assert all("baselineState" not in one for one in sarif_run(build())["results"])


def test_sarif_messages_hold_no_links_and_no_placeholders() -> None:
    for one in sarif_run(nasty())["results"]:
        text = one["message"]["text"]
        assert "](" not in text
        assert not re.search(r"(?<!\{)(?:\{\{)*\{(?!\{)", text)


@pytest.mark.parametrize(
    ("ref", "uri"),
    [
        ("RFC 9110 section 13.1.1", "https://www.rfc-editor.org/rfc/rfc9110#section-13.1.1"),
        ("RFC 9457", "https://www.rfc-editor.org/rfc/rfc9457"),
        ("our contract, page 4", None),
    ],
)
def test_sources_that_can_be_read(ref: str, uri: str | None) -> None:
    assert sarif.source_uri(ref) == uri


def tokens(text: str) -> list[Any]:
    parsed = MarkdownIt("gfm-like", {"html": True, "linkify": False}).parse(text)
    return [token for block in parsed for token in [block, *(block.children or [])]]


@pytest.mark.parametrize(
    "report", [build(), nasty(), against_baseline()], ids=["sample", "nasty", "baseline"]
)
def test_markdown_has_no_markup_but_its_own(report: Report) -> None:
    text = markdown.render(report)
    seen = tokens(text)
    allowed = re.compile(r"(?:<details><summary>[\w :]+</summary>|</details>|\s)*")
    for token in seen:
        assert token.type not in ("link_open", "image", "html_inline"), token.content
        if token.type == "html_block":
            assert allowed.fullmatch(token.content), token.content
    # Outside code, no address that GitHub would make a link of, and nobody is mentioned.
    prose = "".join(token.content for token in seen if token.type == "text")
    assert "<script" not in prose
    assert not UNSEEN.search(text)
    bare = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text, flags=re.S)
    assert not re.search(r"https?://|(?<!\\)@\w|(?<!\\)!\[", bare)


def test_markdown_says_what_to_fix() -> None:
    text = markdown.render(build())
    assert text.startswith("## ❌ 2 rules failed.")
    assert "| COND | 2 | 2 | - | 1 |" in text
    assert text.index("#### ERROR `IDEM-001[orders]`") < text.index("#### FAIL `COND-004[orders]`")
    assert "- observed: `200, and the quantity is 3 now: another client's change is lost`" in text
    assert "curl -i -X PUT" in text
    assert "<details><summary>Waived: 1</summary>" in text


def test_markdown_and_terminal_tell_of_the_baseline() -> None:
    text = markdown.render(against_baseline())
    assert (
        "Since run b1 of 2026-11-20T10:00:00Z: 2 rules newly failed, 1 as before, 1 finding fixed (METH-001\\["
        in text
    )
    assert "#### FAIL (known) `COND-004[orders]`" in text
    assert text.index("FAIL `ERR-002[customers]`") < text.index("FAIL (known)")
    assert "Since run b1" in VIEWS["html"].render(against_baseline())


def test_markdown_of_a_long_run_stays_readable() -> None:
    report = build()
    failed = next(finding for finding in report.findings if finding.verdict is Verdict.FAIL)
    many = [failed.model_copy(update={"rule": f"COND-{number}"}) for number in range(2_000)]
    text = markdown.render(report.model_copy(update={"findings": many}))
    assert len(text) < 200_000
    assert "and 1780 more in the report" in text


def test_annotations_are_one_command_a_line() -> None:
    lines = annotations.lines(nasty())
    assert len(lines) == 4
    for line in lines:
        assert re.fullmatch(r"::(?:error|warning) title=[^:,\n\r]*::[^\n\r]*", line)
        assert not UNSEEN.search(line)
    (first, *_) = annotations.lines(build())
    assert first == (
        "::error title=IDEM-001[orders] A repeated create with the same Idempotency-Key creates one resource"
        "::KeyError: 'id' in payloads.make()"
    )


def test_annotations_are_bounded_and_leave_out_what_is_known() -> None:
    report = against_baseline()
    assert not any("COND-004" in line for line in annotations.lines(report))
    warned = next(finding for finding in report.findings if finding.verdict is Verdict.WARN)
    many = [warned.model_copy(update={"rule": f"ERR-1{number:02}"}) for number in range(30)]
    lines = annotations.lines(report.model_copy(update={"findings": many}))
    assert len(lines) == annotations.MOST
    failing = report.run.model_copy(update={"failing": [Verdict.FAIL, Verdict.WARN]})
    lines = annotations.lines(report.model_copy(update={"findings": many, "run": failing}))
    assert all(line.startswith("::error ") for line in lines)


def test_percent_signs_come_through_the_runner() -> None:
    finding = Finding(rule="COND-004", resource="a:b,c%", verdict=Verdict.FAIL, reason="100%\n0%0A")
    (line,) = annotations.lines(build().model_copy(update={"findings": [finding]}))
    assert "title=COND-004[a%3Ab%2Cc%25]" in line
    assert line.endswith("::100%25 0%250A")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("::error::x", ": :error::x"),
        ("a\n  ::warning::x", "a\n  : :warning::x"),
        ("see ##[add-mask]x", "see ## [add-mask]x"),
        ("C::D and [::1]", "C::D and [::1]"),
    ],
)
def test_text_that_a_runner_would_obey_is_made_inert(text: str, expected: str) -> None:
    assert inert(text) == expected


def test_the_badge_says_the_headline() -> None:
    root = ElementTree.fromstring(badge.render(build()))
    shown = "".join(element.text or "" for element in root.iter() if element.tag.endswith("text"))
    assert shown == "conformanceverified 7 of 12, 3 failed"
    assert root.get("aria-label") == "conformance: verified 7 of 12, 3 failed"
    assert "#b3161c" in badge.render(build())
    held = [finding for finding in build().findings if finding.verdict is Verdict.PASS]
    good = badge.render(build().model_copy(update={"findings": held}))
    assert "failed" not in good
    assert "#14692f" not in badge.render(build())


@pytest.mark.parametrize("name", VIEWS)
def test_no_view_holds_a_secret_or_a_control_character(name: str) -> None:
    for report in (build(), nasty()):
        text = VIEWS[name].render(report)
        assert SECRET not in text
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f]|[\ud800-\udfff]", text)
        if name in ("html", "badge", "junit"):
            assert SCRIPT not in text
        text.encode()
