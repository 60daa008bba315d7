"""rule(): what a docstring must say, and what is refused."""

from __future__ import annotations

import subprocess
import sys

import pytest

import harness
from harness import MUST, SHOULD, WRITE, Effect, Impact
from harness.rules.rule import Rule, of, parse_docstring, rule

GOOD = """Keep promises

    More of it.

    Why: clients
        break.
    Fix: do not.
    """


def made(code="AAA-001", doc=GOOD, **options):
    def function():
        pass

    function.__doc__ = doc
    return rule(code, MUST, **{"refs": ["RFC 9110"], **options})(function)


def test_a_rule_carries_its_description_and_marker():
    function = made(needs="create read", effect=WRITE, impact=Impact.CRITICAL, strict=True)
    assert of(function) == Rule(
        "AAA-001",
        MUST,
        Impact.CRITICAL,
        "Keep promises",
        "Clients break.",
        "Do not.",
        ("RFC 9110",),
        ("create", "read"),
        Effect.WRITE,
        True,
    )
    (mark,) = function.pytestmark
    assert mark.name == "rule"
    assert mark.kwargs == {
        "code": "AAA-001",
        "suite": "AAA",
        "level": "MUST",
        "impact": "critical",
        "effect": "WRITE",
        "needs": "create read",
    }


def test_a_rule_may_do_more_where_more_is_allowed():
    reading = of(made(rougher=Effect.FLOOD))
    assert reading.within(Effect.BURST) is Effect.READ
    assert reading.within(Effect.FLOOD) is Effect.FLOOD
    assert of(made(effect=WRITE)).within(Effect.FLOOD) is Effect.WRITE


def test_what_is_no_rule_has_no_description():
    assert of(test_what_is_no_rule_has_no_description) is None
    assert of(None) is None


@pytest.mark.parametrize(
    "code", ["AAA001", "AAA-1", "aaa-001", "A-001", "TOOLONGX-001", "AAA-0001", "AAA-001\n", ""]
)
def test_a_bad_code_is_refused(code):
    with pytest.raises(ValueError, match="SUITE-NNN"):
        made(code)


@pytest.mark.parametrize(
    ("doc", "said"),
    [
        ("Title\n\nFix: x", "no `Why:`"),
        ("Title\n\nWhy: x", "no `Fix:`"),
        ("Title\n\nWhy:\nFix: x", "no `Why:`"),
        ("\nWhy: x\nFix: y", "no `Why:`|must be its title"),
        ("", "no `Why:`"),
        (None, "no `Why:`"),
    ],
)
def test_a_docstring_must_be_whole(doc, said):
    with pytest.raises(ValueError, match=said):
        made(doc=doc)


def test_the_parts_of_a_docstring_end_where_the_next_begins():
    text = "T\n\nWhy: one\n    two: three\nFix: four\nNote: five\n"
    assert parse_docstring(text, "AAA-001") == ("T", "One two: three", "Four")


def test_a_rule_names_its_source():
    with pytest.raises(ValueError, match="names no source"):
        made(refs=[])


def test_what_would_never_run_is_refused():
    async def coroutine():
        """T

        Why: w
        Fix: f
        """

    def generator():
        """T

        Why: w
        Fix: f
        """
        yield

    for function in (coroutine, generator):
        with pytest.raises(ValueError, match="plain function"):
            rule("AAA-001", SHOULD, refs=["x"])(function)


def test_every_public_name_is_there():
    assert harness.__all__ == sorted(harness.__all__)
    for name in harness.__all__:
        assert getattr(harness, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'rulez'"):
        _ = harness.rulez


@pytest.mark.parametrize(
    "code",
    [
        "import harness.rules.rule; from harness import rule; assert callable(rule)",
        "from harness import rule; import harness.rules.checks; from harness import rule as r; assert r is rule",
        "from harness import *; import harness.rules.verdict; from harness import Level; assert Level.MUST is MUST",
    ],
)
def test_names_do_not_depend_on_the_order_of_imports(code):
    subprocess.run([sys.executable, "-c", code], check=True)
