"""JUnit XML: what Jenkins and GitLab read, and nothing that their readers refuse."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from harness.report.formats import junit
from harness.rules.finding import Finding
from harness.rules.verdict import Verdict
from tests.report.sample import CONTROLS, build

# The content model of the Jenkins xUnit plugin's junit-10.xsd, as far as this report goes: by element, the
# attributes that must be there, those that may, and the children that may.
JUNIT10 = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors"},
        {
            "group",
            "time",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
            "file",
            "log",
            "url",
            "version",
        },
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
    ),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, set(), set()),
    "testcase": (
        {"name"},
        {"time", "classname", "group"},
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    "failure": (set(), {"type", "message"}, set()),
    "error": (set(), {"type", "message"}, set()),
    "skipped": (set(), {"type", "message"}, set()),
    "system-out": (set(), set(), set()),
}
SUREFIRE_TIME = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]{0,3})?\Z")


@pytest.fixture(scope="module")
def root() -> ElementTree.Element:
    return ElementTree.fromstring(junit.render(build()))


def case(root: ElementTree.Element, label: str) -> ElementTree.Element:
    return next(found for found in root.iter("testcase") if found.get("name", "").startswith(f"{label} "))


def test_it_keeps_to_the_schema_of_jenkins(root: ElementTree.Element) -> None:
    assert root.tag == "testsuites"
    for element in root.iter():
        required, optional, children = JUNIT10[element.tag]
        assert required <= set(element.keys()) <= required | optional, element.tag
        assert {child.tag for child in element} <= children
        if element.tag in ("testsuites", "testsuite"):
            assert SUREFIRE_TIME.match(element.get("time", ""))


def test_every_finding_is_a_case_in_its_suite(root: ElementTree.Element) -> None:
    names = {(found.get("classname"), found.get("name", "").split(" ")[0]) for found in root.iter("testcase")}
    expected = {
        (f"conformance.{f.rule[: f.rule.index('-')]}", f"{f.rule}[{f.resource}]" if f.resource else f.rule)
        for f in build().findings
    }
    assert names == expected
    assert [suite.get("name") for suite in root] == ["COND", "ERR", "IDEM", "METH", "PAGE", "RATE"]
    assert case(root, "ERR-002[orders]").get("name") == (
        "ERR-002[orders] Answer an absent resource or route with 404"
    )


def test_counts_agree_with_the_cases(root: ElementTree.Element) -> None:
    for suite in root:
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(name, "")) == len(suite.findall(f"testcase/{tag}"))
        assert int(suite.get("tests", "")) == len(suite.findall("testcase"))
    assert root.get("failures") == "2"
    assert root.get("errors") == "1"
    assert root.get("tests") == "15"


def test_a_failure_carries_its_evidence(root: ElementTree.Element) -> None:
    failure = case(root, "COND-004[orders]").find("failure")
    assert failure is not None
    assert failure.text is not None
    assert failure.get("type") == "MUST"
    assert failure.get("message", "").startswith("expected 412 for a write with the stale entity tag")
    assert "observed 200, and the quantity is 3 now" in failure.get("message", "")
    for part in (
        "Expected (MUST): 412",
        "Observed: 200",
        "Why: Two clients",
        "Fix: Compare",
        "Source: RFC 9110 section 13.1.1; RFC 9110 section 15.5.13",
        "2. PUT /v1/orders/81 -> 200 (12 ms)",
        "curl -i -X PUT ",
        "Repeat with fresh resources:\n1. POST /v1/orders -> 201",
    ):
        assert part in failure.text


def test_each_verdict_has_its_element(root: ElementTree.Element) -> None:
    error = case(root, "IDEM-001[orders]").find("error")
    assert error is not None
    assert error.get("message") == "KeyError: 'id' in payloads.make()"
    skipped = case(root, "ERR-003[orders]").find("skipped")
    assert skipped is not None
    assert skipped.get("message") == ("not applicable: patch: the OpenAPI document names no PATCH operation")
    undecided = case(root, "IDEM-004[orders]").find("skipped")
    assert undecided is not None
    assert undecided.get("message", "").startswith("inconclusive: no overlap")
    for label, output in [
        ("ERR-002[orders]", "warn: expected 404 for an absent order"),
        ("METH-005[orders]", "waived: the gateway is replaced in January (waived by Team Shop"),
        ("RATE-002", "note: no quota is advertised"),
    ]:
        found = case(root, label)
        assert [child.tag for child in found] == ["system-out"]
        assert found.findtext("system-out", "").startswith(output)
    assert len(case(root, "METH-001[orders]")) == 0


def test_the_run_and_the_rules_stand_in_properties(root: ElementTree.Element) -> None:
    properties = {
        found.get("name"): found.get("value") for found in root.findall("testsuite[@name='COND']/*/property")
    }
    assert properties["target"] == "https://staging.example.com/v1"
    assert properties["verified"] == "2 of 2 rules"
    assert properties["COND-004[orders].rule"] == "COND-004"
    assert properties["COND-004[orders].verdict"] == "fail"
    assert properties["COND-004[orders].level"] == "MUST"
    assert properties["COND-004[orders].impact"] == "critical"
    assert properties["COND-004[orders].source"] == "RFC 9110 section 13.1.1; RFC 9110 section 15.5.13"


def test_the_caller_says_what_fails() -> None:
    failing = {Verdict.FAIL, Verdict.WARN, Verdict.INCONCLUSIVE}
    root = ElementTree.fromstring(junit.render(build(), failing))
    warned = case(root, "ERR-002[orders]").find("failure")
    undecided = case(root, "IDEM-004[orders]").find("failure")
    assert warned is not None
    assert warned.get("type") == "SHOULD"
    assert undecided is not None
    assert undecided.get("type") == "inconclusive"
    assert undecided.get("message", "").startswith("no overlap")
    nothing = ElementTree.fromstring(junit.render(build(), set()))
    assert nothing.get("failures") == "0"
    assert nothing.get("errors") == "1"
    assert case(nothing, "COND-004[orders]").findtext("system-out", "").startswith("fail: expected 412")


def test_characters_that_xml_forbids_are_gone() -> None:
    text = junit.render(build())
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", text)
    assert "[31mred" in text
    assert "\x1b" in CONTROLS


def test_a_stale_waiver_has_its_reason() -> None:
    report = build()
    stale = Finding(
        rule="METH-001", verdict=Verdict.FAIL, reason="stale waiver: the rule holds now, so it can go"
    )
    root = ElementTree.fromstring(junit.render(report.model_copy(update={"findings": [stale]})))
    failure = case(root, "METH-001").find("failure")
    assert failure is not None
    assert failure.get("message") == stale.reason
    assert failure.get("type") == "fail"


def test_a_run_without_findings_is_a_document() -> None:
    empty = junit.render(build().model_copy(update={"findings": [], "rules": []}))
    assert ElementTree.fromstring(empty).get("tests") == "0"


def gitlab(text: str) -> list[dict[str, str]]:
    """The cases as GitLab's parser takes them: `failure` before `error` before `skipped`, whatever else is there.

    It asks for a suite around each case, distinguishes cases by suite, class and name, and takes `time` for a number.
    """
    root = ElementTree.fromstring(text)
    assert root.tag == "testsuites"
    cases = []
    for suite in root.findall("testsuite"):
        for found in suite.findall("testcase"):
            kinds = [tag for tag in ("failure", "error", "skipped") if found.find(tag) is not None]
            child = found.find(kinds[0]) if kinds else None
            output = "" if child is None else (child.text or child.get("message") or "")
            cases.append(
                {
                    "suite": suite.attrib["name"],
                    "class": found.attrib["classname"],
                    "name": found.attrib["name"],
                    "time": str(float(found.attrib["time"])),
                    "status": kinds[0] if kinds else "success",
                    "output": output,
                }
            )
    return cases


def test_gitlab_distinguishes_the_cases_and_shows_the_evidence() -> None:
    cases = gitlab(junit.render(build()))
    assert len({(one["suite"], one["class"], one["name"]) for one in cases}) == len(cases) == 15
    counted = {
        status: sum(one["status"] == status for one in cases) for status in ("failure", "error", "skipped")
    }
    assert counted == {"failure": 2, "error": 1, "skipped": 5}
    assert "curl -i -X PUT" in next(one["output"] for one in cases if one["name"].startswith("COND-004"))
    # It would take this in `system-out` for the path of a screenshot.
    assert "[[ATTACHMENT|" not in junit.render(
        build().model_copy(
            update={
                "findings": [
                    Finding(rule="METH-001", verdict=Verdict.WARN, reason="[[ATTACHMENT|/etc/passwd]]"),
                    Finding(rule="METH-001", verdict=Verdict.FAIL, reason="[[ATTACHMENT|/etc/passwd]]"),
                ]
            }
        )
    )


def test_what_the_baseline_has_is_no_failure() -> None:
    report = build()
    findings = [finding.model_copy(update={"known": True}) for finding in report.findings]
    root = ElementTree.fromstring(junit.render(report.model_copy(update={"findings": findings})))
    assert root.get("failures") == "0"
    assert (
        case(root, "COND-004[orders]")
        .findtext("system-out", "")
        .startswith("fail, known from the baseline: ")
    )
