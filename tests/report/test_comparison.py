"""Reports side by side: what differs, what got better or worse, and nothing that runs on the page."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import pytest

from harness.report.comparison import Comparison, compare, lines, page
from harness.report.model import Report, tally
from harness.rules.finding import Finding
from harness.rules.verdict import Verdict
from tests.report.sample import SECRET, URL, build


class Elements(HTMLParser):
    """The names of a page's elements and of their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def changed(url: str = URL, **verdicts: Verdict | None) -> Report:
    """The sample with other verdicts for some rules; None for a rule that was not run."""
    report = build()
    wanted = {code.replace("_", "-"): verdict for code, verdict in verdicts.items()}
    findings = [f for f in report.findings if f.rule not in wanted]
    findings += [
        Finding(rule=code, resource="orders", verdict=verdict, reason="as reported")
        for code, verdict in wanted.items()
        if verdict is not None
    ]
    codes = {finding.rule for finding in findings}
    return report.model_copy(
        update={
            "findings": findings,
            "rules": [rule for rule in report.rules if rule.code in codes],
            "summary": tally(findings),
            "target": report.target.model_copy(update={"url": url}),
        }
    )


def differing(comparison: Comparison) -> list[tuple[str, str, list[str]]]:
    return [(row.rule.code, row.change, [cell.word for cell in row.cells]) for row in comparison.differing]


def test_equal_reports_are_alike() -> None:
    comparison = compare([build(), build()])
    assert comparison.differing == []
    assert comparison.sentence == "0 of 12 rules differ: 0 got worse, 0 got better."


def test_one_target_over_time_shows_what_changed() -> None:
    later = changed(COND_004=Verdict.PASS, METH_001=Verdict.FAIL, IDEM_004=Verdict.PASS, RATE_002=None)
    comparison = compare([build(), later])
    assert comparison.sentence == "4 of 12 rules differ: 1 got worse, 1 got better."
    assert differing(comparison) == [
        ("METH-001", "worse", ["pass", "fail"]),
        ("IDEM-004", "", ["inconclusive", "pass"]),
        ("RATE-002", "", ["note", "not run"]),
        ("COND-004", "better", ["fail", "pass"]),
    ]


def test_of_several_targets_nothing_gets_better() -> None:
    comparison = compare([build(), changed("https://other.example", COND_004=Verdict.PASS)])
    assert not comparison.over_time
    assert comparison.sentence == "1 of 12 rules differ."
    assert differing(comparison) == [("COND-004", "", ["fail", "pass"])]


@pytest.mark.parametrize(
    ("first", "last", "change"),
    [
        (Verdict.PASS, Verdict.FAIL, "worse"),
        (Verdict.NOTE, Verdict.WARN, "worse"),
        (Verdict.WARN, Verdict.FAIL, "worse"),
        (Verdict.FAIL, Verdict.WARN, "better"),
        (Verdict.WARN, Verdict.PASS, "better"),
        (Verdict.ERROR, Verdict.PASS, "better"),
        (Verdict.FAIL, Verdict.INCONCLUSIVE, ""),
        (Verdict.FAIL, Verdict.NOT_APPLICABLE, ""),
        (Verdict.FAIL, Verdict.WAIVED, ""),
        (Verdict.INCONCLUSIVE, Verdict.FAIL, ""),
        (Verdict.PASS, Verdict.NOTE, ""),
    ],
)
def test_better_and_worse(first: Verdict, last: Verdict, change: str) -> None:
    comparison = compare([changed(COND_004=first), changed(COND_004=last)])
    (row,) = [row for row in comparison.rows if row.rule.code == "COND-004"]
    assert row.change == change


def test_what_makes_reports_less_comparable_is_reported() -> None:
    other = build()
    other.run.harness, other.target.effects, other.run.interrupted = "0.2.0", "READ", True
    assert compare([build(), other]).cautions == [
        "The reports differ in versions of the harness: A 0.1.0, B 0.2.0.",
        "The reports differ in allowed effects: A BURST, B READ.",
        "B ended early.",
    ]


def test_the_terminal_shows_what_differs_in_columns() -> None:
    comparison = compare([build(), changed(COND_004=Verdict.PASS)])
    said = lines(comparison)
    (head,) = [line for line in said if line.startswith("rule ")]
    (row,) = [line for line in said if line.startswith("COND-004")]
    assert head.index("B") == row.index("pass")
    assert not any(line.startswith("METH-001") for line in said)
    assert any(line.startswith("METH-001") for line in lines(comparison, every=True))
    assert not any(re.search("[\x00-\x1f\x7f-\x9f]", line) for line in said)


def test_the_page_is_self_contained_and_inert() -> None:
    text = page(compare([build(), changed("https://other.example", COND_004=Verdict.PASS), build()]))
    assert "default-src 'none'; style-src 'sha256-" in unescape(text)
    assert "script-src" not in text
    elements = Elements(text)
    assert not elements.tags & {"script", "img", "link", "iframe", "object", "form"}
    assert elements.attributes <= {
        *("lang", "charset", "http-equiv", "content", "name", "class", "id"),
        *("href", "scope", "tabindex", "role", "aria-labelledby"),
    }
    assert re.findall(r"<a [^>]*>", text) == ['<a class="skip" href="#main">']
    assert "url(" not in text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", text)
    assert SECRET not in text
    assert "not run" not in text
    assert text.count('<span class="v v-fail">') == 5
