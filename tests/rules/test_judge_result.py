from __future__ import annotations

import pytest

from harness.rules.checks import Broken, Undecided, listening
from harness.rules.judge_result import Ruling, decide
from harness.rules.verdict import Breach, Level, Outcome


def test_a_breach_breaks_the_rule_with_its_context_and_level() -> None:
    with pytest.raises(Broken) as broken:
        decide(
            Ruling("two writes succeeded", undecided="unused"),
            "one write",
            level=Level.SHOULD,
            context="2 x 200",
        )
    assert broken.value.breach == Breach("one write", "two writes succeeded; 2 x 200", Level.SHOULD)


def test_an_undecided_ruling_keeps_its_notes_and_evidence() -> None:
    with listening() as remarks, pytest.raises(Undecided, match="no 429"):
        decide(Ruling(undecided="no 429", notes=("a note",), evidence=("12 requests",)), "429")
    assert remarks.outcome() == Outcome(notes=("a note",), evidence=("12 requests",))


def test_a_ruling_without_a_breach_lets_the_rule_continue() -> None:
    with listening() as remarks:
        decide(Ruling(), "429")
    assert remarks.outcome() == Outcome()
