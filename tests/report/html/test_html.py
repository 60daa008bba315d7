"""The HTML page: complete, self-contained, and inert whatever the target sent."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest

from harness.http.exchange import Body
from harness.report.html import page as html
from harness.report.html import view
from harness.report.model import Report, TargetRecord, tallies, tally
from harness.rules.verdict import Verdict
from tests.report.sample import CONTROLS, SCRIPT, SECRET, build, exchange

VOID = {"meta", "input", "br", "link", "img", "hr"}


@dataclass
class Page(HTMLParser):
    """The text of a page; fails on tags that do not nest."""

    pieces: list[str] = field(default_factory=list)
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    raw: dict[str, str] = field(default_factory=dict)
    stack: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.pieces.append(" ")
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), (tag, names)
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag, (tag, self.getpos())

    def handle_data(self, data: str) -> None:
        if self.stack and self.stack[-1] in ("style", "script"):
            self.raw[self.stack[-1]] = data
        else:
            self.pieces.append(data)

    def attributes(self, name: str) -> list[str]:
        return [value for _, attrs in self.tags if (value := attrs.get(name)) is not None]


def parsed(text: str) -> Page:
    page = Page()
    page.feed(text)
    page.close()
    assert page.stack == []
    return page


@pytest.fixture(scope="module")
def page() -> Page:
    return parsed(html.render(build()))


def words(text: str) -> str:
    return " ".join(text.split())


def test_the_first_screen_answers(page: Page) -> None:
    first, _, rest = words(page.text).replace("\N{EN DASH}", "-").partition(" Findings ")
    for part in (
        "can it ship? No: 2 rules failed. 1 rule could not be judged because the harness itself broke.",
        "Verified 7 of 12 rules on https://staging.example.com/v1 2026-11-21 16:14:05 UTC",
        "1 resource created by this run could not be removed.",
        "The OpenAPI document names a server elsewhere",
        "Look at these first A write with a stale If-Match is refused with 412 and changes nothing 200, and the",
        "By level, by suite verified failed errors waived undecided noted passed n/a",
        "MUST 4 of 7 1 1 - - 1 2 2 SHOULD 3 of 5 1 - 1 1 - 1 1",
        "COND conditional requests 2 of 2 1 - - - - 1 -",
    ):
        assert part in first
    for part in (
        "2026-11-21 16:14:05 UTC, for 74.2 s",
        "up to BURST",
        "1,843 of at most 20,000, at most 25 a second",
    ):
        assert part in rest


def test_nothing_that_a_target_sent_becomes_markup(page: Page) -> None:
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert not {"img", "iframe", "object", "link", "base"} & {tag for tag, _ in page.tags}
    handlers = {name for _, attrs in page.tags for name in attrs if name.startswith("on") or name == "style"}
    assert handlers == set()
    assert "</pre></script><script>alert('owned')</script>" in page.text


def test_nothing_is_loaded_or_linked_from_elsewhere(page: Page) -> None:
    ids = set(page.attributes("id"))
    links = page.attributes("href")
    assert links
    inner = {link for link in links if link.startswith("#")}
    assert {link[1:] for link in inner} <= ids
    # Sources of rules are links to follow; nothing that a target sent is one.
    assert {link.partition("#")[0] for link in set(links) - inner} == {
        "https://www.rfc-editor.org/rfc/rfc9110"
    }
    assert not page.attributes("src")
    assert not page.attributes("action")
    assert "url(" not in page.raw["style"]
    assert "@import" not in page.raw["style"]


def test_the_policy_admits_only_this_style_and_script(page: Page) -> None:
    policy = next(
        attrs["content"] for tag, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy"
    )
    expected = ["default-src 'none'"]
    for name in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256(page.raw[name].encode()).digest()).decode()
        expected.append(f"{name}-src 'sha256-{digest}'")
    assert policy == "; ".join([*expected, "base-uri 'none'", "form-action 'none'"])


def test_characters_that_hide_or_reorder_are_shown_as_numbers() -> None:
    text = html.render(build())
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", text)
    assert "⟨U+001B⟩[31mred" in text
    assert "⟨U+202E⟩gnp.exe⟨U+202C⟩" in text
    text.encode("utf-8")


def test_ids_are_unique_and_every_finding_has_its_own(page: Page) -> None:
    ids = page.attributes("id")
    assert len(ids) == len(set(ids))
    assert {f"{f.rule}-{f.resource}" if f.resource else f.rule for f in build().findings} <= set(ids)


def test_resources_whose_names_differ_in_signs_only_get_two_anchors() -> None:
    report = build()
    twins = [
        report.findings[0].model_copy(update={"resource": name}) for name in ("a/b", "a b", "a-b", "fail")
    ]
    ids = parsed(html.render(report.model_copy(update={"findings": twins}))).attributes("id")
    assert {"COND-004-a-b", "COND-004-a-b.2", "COND-004-a-b.3", "COND-004-fail"} <= set(ids)
    assert len(ids) == len(set(ids))


def test_the_most_severe_comes_first(page: Page) -> None:
    order = [
        attrs["id"]
        for tag, attrs in page.tags
        if tag == "details" and "finding" in (attrs.get("class") or "")
    ]
    assert order[:6] == [
        "COND-004-orders",
        "ERR-002-customers",
        "IDEM-001-orders",
        "ERR-002-orders",
        "METH-005-orders",
        "IDEM-004-orders",
    ]
    opened = [attrs.get("id") for tag, attrs in page.tags if tag == "details" and "open" in attrs]
    assert opened == order[:2]


def test_a_finding_shows_its_evidence(page: Page) -> None:
    text = words(page.text)
    for part in (
        'Expected 412 for a write with the stale entity tag "v1", and the order unchanged',
        "Observed 200, and the quantity is 3 now: another client's change is lost",
        "Why it matters Two clients",
        "How to fix Compare",
        "Source RFC 9110 section 13.1.1; RFC 9110 section 15.5.13",
        "PUT https://staging.example.com/v1/orders/81 Accept: application/json Authorization: $TARGET_TOKEN",
        '"sku": "A-7", "quantity": 2, "price": 12.50, "tags": [], "at": { "city": "Łódź" }',
        "HTTP/1.1 201 Created Date: Sat, 21 Nov 2026 16:14:09 GMT",
        "Repeated once with fresh resources: 2 exchanges 1 POST /v1/orders 201 Created 12 ms",
        "No response: timeout: no answer within 10 s",
        "Response content: 812,345 bytes, of which the first 16,019 characters were recorded; the first 1,000",
        "the gateway is replaced in January (waived by Team Shop until 2027-01-31)",
        "no overlap: the requests arrived 14 ms apart",
        "the limit seems to be 100 a minute",
        "missing-id not in the report",
    ):
        assert part in text, part
    assert build().exchange("e2").as_curl() in page.text


def test_an_exchange_is_shown_once_and_linked_from_elsewhere(page: Page) -> None:
    ids = page.attributes("id")
    assert sorted(id for id in ids if id.startswith("x-")) == sorted(
        f"x-{exchange.id}" for exchange in build().exchanges
    )
    assert "#x-e1" in page.attributes("href")


def test_a_curl_line_that_cannot_repeat_the_request_says_so() -> None:
    sent = exchange("c1", "POST", "/orders", 201, sent="{\x00}")
    whole = Body("{" * 10, 99, cut=True)
    report = build()
    report = report.model_copy(
        update={
            "exchanges": [sent, dataclasses.replace(sent, id="c2", request_body=whole)],
            "findings": [report.findings[0].model_copy(update={"exchanges": ["c1", "c2"], "repeat": []})],
            "survey": [],
        }
    )
    text = words(parsed(html.render(report)).text)
    assert "Not the same request: characters that cannot be shown are replaced curl -i -X POST" in text
    assert "Not the same request: the body was cut when it was recorded curl -i -X POST" in text


def test_what_does_not_apply_is_grouped_by_reason(page: Page) -> None:
    text = words(page.text)
    assert "patch: the OpenAPI document names no PATCH operation 2 ERR-003 orders Answer" in text


def test_capabilities_tell_how_they_are_known(page: Page) -> None:
    text = words(page.text)
    assert (
        "idempotency contradicted declared in the OpenAPI document, but two creates made two orders" in text
    )
    assert 'etag detected GET /orders/81 carried ETag: "v1"' in text


def test_no_secret_of_the_profile_is_shown() -> None:
    assert SECRET not in html.render(build())


def headed(verdicts: list[Verdict], failing: set[Verdict] | None = None, **target: object) -> str:
    report = build()
    findings = [
        report.findings[0].model_copy(update={"rule": f"ERR-{number:03}", "verdict": verdict, "breaches": []})
        for number, verdict in enumerate(verdicts)
    ]
    report = report.model_copy(
        update={
            "findings": findings,
            "summary": tally(findings),
            "suites": tallies(findings),
            "target": TargetRecord.model_validate({**report.target.model_dump(), **target}),
        }
    )
    page = parsed(html.render(report, failing or {Verdict.FAIL, Verdict.ERROR}))
    heading = next(attrs["class"] for tag, attrs in page.tags if tag == "h1")
    return f"{heading}: {words(page.text.partition('can it ship?')[2].partition('Verified')[0])}"


def test_the_headline_is_never_green_without_cause() -> None:
    ok, skip, warn = Verdict.PASS, Verdict.NOT_APPLICABLE, Verdict.WARN
    assert headed([ok, skip]) == "state-good: Yes, as far as verified: no rule failed."
    assert headed([ok, warn]) == "state-good: Yes, as far as verified: no rule failed, 1 rule warned."
    assert headed([ok, warn], {Verdict.FAIL, warn}) == "state-bad: No: 1 rule warned."
    assert (
        headed([skip, Verdict.INCONCLUSIVE])
        == "state-bad: Not known: nothing was verified; 1 rule could not be decided."
    )
    assert headed([ok, Verdict.ERROR]) == (
        "state-bad: Not known: 1 rule could not be judged because the harness itself broke."
    )
    assert headed([]) == "state-bad: Not known: nothing was verified."
    assert headed([ok], died="connection refused") == (
        "state-unsure: Not known: the target stopped answering. No rule failed before that."
    )
    assert headed([ok, Verdict.FAIL], died="connection refused") == (
        "state-bad: No: 1 rule failed. The target stopped answering."
    )


def long_run(number: int, size: int) -> Report:
    report = build()
    item = json.dumps({"id": 1, "name": "a<b & c", "price": 12.5, "nested": {"list": [1, 2, 3]}})
    body = f"[{','.join([item] * (size // len(item)))}]"
    fields = tuple((f"X-Field-{k}", f"the value of field {k}") for k in range(8))
    exchanges = [
        exchange(f"b{k}", "POST", f"/orders/{k}", 200, sent=item, body=body, fields=fields)
        for k in range(number)
    ]
    passed = next(finding for finding in report.findings if finding.verdict is Verdict.PASS)
    findings = [
        (report.findings[0] if first % 100 == 0 else passed).model_copy(
            update={
                "resource": f"r{first}",
                "exchanges": [f"b{k}" for k in range(first, first + 10)],
                "repeat": [],
            }
        )
        for first in range(0, number, 10)
    ]
    return report.model_copy(update={"exchanges": exchanges, "findings": findings, "survey": []})


@pytest.mark.parametrize("size", [300, 2_000, 12_000])
def test_a_long_run_stays_below_five_megabytes(size: int) -> None:
    text = html.render(long_run(3_000, size))
    assert len(text.encode()) < 5_000_000
    page = parsed(text)
    evidence = {f"x-b{number}" for number in range(10)}
    assert evidence <= set(page.attributes("id")), "a failure keeps all of its exchanges"
    assert "some exchanges are shortened or left out" in page.text


def test_code_and_marks_hold_no_markup_of_others() -> None:
    report = build()
    hostile = f"`{SCRIPT}` and `{CONTROLS}` and ` alone {SCRIPT}"
    report.findings[3].reason = report.findings[-1].notes[1] = hostile
    report.rules[0].why = hostile
    shown = f"expected {SCRIPT}"
    sent = dataclasses.replace(
        exchange("e2", "PUT", "/orders/81", 200), request_fields=((f"X{SCRIPT}", "1"),)
    )
    breach = (
        report.findings[0].breaches[0].model_copy(update={"expected": f"X{SCRIPT}: 1", "observed": shown})
    )
    report.findings[0].breaches = [breach]
    report.exchanges[3] = sent
    text = html.render(report)
    assert SCRIPT not in text
    page = parsed(text)
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert f"<code>{SCRIPT.replace('<', '&lt;').replace('>', '&gt;')}</code> and <code>⟨U+0000⟩" in text
    assert "<mark>X&lt;/pre&gt;" in text


def test_what_is_too_long_is_cut_and_its_length_shown() -> None:
    report = build()
    long = "z" * 1_000_000
    report.exchanges[3] = exchange("e2", "PUT", f"/{long}", 200, fields=(("X-Long", long),))
    report.findings[0].breaches[0] = report.findings[0].breaches[0].model_copy(update={"observed": long})
    report.findings[3].reason = long
    text = html.render(report)
    assert len(text) < 200_000
    assert text.count("… (1,000,000 characters)") == 3
    assert "Not the same request: the line is cut" in text


@pytest.mark.parametrize("density", view.DENSITIES)
def test_the_length_that_is_foreseen_is_never_more_than_that_of_the_page(density: view.Density) -> None:
    report = long_run(400, 300)
    for finding in report.findings:
        finding.exchanges *= 5
    length = len(html._page(report, report.run.failing, density).encode())
    assert length / 5 < html._least(report, density) <= length
