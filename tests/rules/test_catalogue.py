"""The shipped rules in words: complete, as they run, and the pages in docs/rules made anew."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import harness
from harness.rules import rule as rules
from harness.rules.catalogue import ListedRule, codes, shipped, texts
from harness.rules.pages import explain, page, pages
from harness.rules.rule import Effect, Rule
from harness.rules.verdict import Impact, Level

ROOT = Path(harness.__file__).parent.parent
PAGES = ROOT / "docs" / "rules"


def listed(**changes: object) -> ListedRule:
    rule = Rule(
        "AAA-001",
        Level.MUST,
        Impact.MAJOR,
        "Answer <b>with_care</b> and `Some_Field`",
        "Clients break.",
        "Mend it.",
        ("RFC 9110 section 9.3.4", "our guide"),
        effect=Effect.READ,
        **changes,  # type: ignore[arg-type]
    )
    return ListedRule(rule, "AAA: a topic", "test_a.py", ("client",))


def test_every_rule_in_the_suites_is_listed_once():
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "suites").rglob("test_*.py")]
    named = [code for text in sources for code in re.findall(r'@rule\(\s*"([A-Z]{2,6}-\d{3})"', text)]
    assert sorted(codes()) == sorted(named)
    assert len(shipped()) == len(codes())


def test_the_pages_are_those_that_the_rules_make():
    made = pages(shipped())
    there = {path.name: path.read_text(encoding="utf-8") for path in PAGES.glob("*.md")}
    assert sorted(there) == sorted(made), "run `make docs`"
    for name, text in made.items():
        assert there[name] == text, f"{name} is not what the rules say: run `make docs`"


@pytest.mark.parametrize("one", shipped(), ids=lambda one: one.rule.code)
def test_every_rule_is_explained(one):
    text = explain(one)
    assert text.startswith(f"{one.rule.code} {one.rule.title}\n")
    for name in ("Why:", "Fix:", "Source:", "Level:", "Probe:", "Needs:", "Effect:"):
        assert f"\n{name}" in text
    assert max(map(len, text.splitlines()[1:])) <= 120


def test_a_probe_paragraph_is_reported_first():
    assert "Probe:   Asks twice, and compares.\n         Runs once" in explain(
        listed(probe="Asks twice, and compares.")
    )
    text = "Title\n\nWhy: it\n  breaks.\nProbe: asks\n    twice.\nFix: mend it."
    assert rules.paragraph(text, "Probe") == "Asks twice."
    assert rules.parse_docstring(text, "AAA-001") == ("Title", "It breaks.", "Mend it.")
    assert rules.paragraph("Title\n\nWhy: x", "Probe") == ""


def test_what_a_rule_expects_is_read_from_its_source():
    source = """
def test_it(resource):
    def inner():
        expect(True, "second")
    control(reply.is_success, f"a create should succeed: {reply.status} here")
    expect(a == b, "first", c)
    expect(a == b, "first", d)
    expect(a == b, what, d)
    inner()
"""
    written = ast.parse(source)
    assert texts(written, "control") == ("a create should succeed: … here",)
    assert texts(written, "expect") == ("second", "first")


def test_pages_link_the_source_and_hold_no_markup_of_the_text():
    text = page([listed()])
    assert "[RFC 9110 section 9.3.4](https://www.rfc-editor.org/rfc/rfc9110#section-9.3.4); our guide" in text
    assert "**Answer \\<b>with\\_care\\</b> and `Some_Field`**" in text
