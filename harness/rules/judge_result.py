"""What a pure judgement says of a series of answers or a race, and how it ends the running rule.

A judge in `suites/<topic>/judge.py` returns a `Ruling`; the rule passes it to `decide()`.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.rules.checks import evidence, expect, inconclusive, note
from harness.rules.verdict import Level


@dataclass(frozen=True)
class Ruling:
    """The result of a judgement; empty where the requirement holds.

    Attributes:
        breach: what the target did wrong; None where it did nothing wrong.
        undecided: why the observations decide nothing; None where they do.
        notes: facts for the reader of the report, whatever the verdict.
        evidence: observations that the verdict rests on.
    """

    breach: str | None = None
    undecided: str | None = None
    notes: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


def decide(
    ruling: Ruling, expected: str, *, level: Level | None = None, context: str = "", cause: str = ""
) -> None:
    """Apply a ruling to the running rule: break it, leave it undecided, or continue.

    Args:
        ruling: the result of the judgement.
        expected: what the source requires, in the words of the report.
        level: the level of this requirement where it differs from the rule's own.
        context: added to the description of a breach, such as a summary of the race.
        cause: see `expect()`.

    Raises:
        Broken: the ruling has a breach.
        Undecided: the ruling has no breach and is undecided.
    """
    observed = f"{ruling.breach}; {context}" if context else ruling.breach
    expect(ruling.breach is None, expected, observed, level=level, cause=cause)
    for text in ruling.notes:
        note(text)
    for text in ruling.evidence:
        evidence(text)
    if ruling.undecided is not None:
        inconclusive(ruling.undecided)
