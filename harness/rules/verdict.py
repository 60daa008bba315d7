"""Verdicts, and the pure judgement that reaches them.

1. A rule's function either finishes, breaks its oracle, says that it does not apply, says that it
   cannot decide, or crashes. `Outcome` holds which, with what was expected and observed.
2. `judge()` turns one Outcome into a Verdict; nothing else does.
3. `agree()` compares a broken rule's first run with its repeat: a finding that does not repeat is
   never reported as one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Protocol


class Level(str, Enum):
    """Normative strength, in the key words of RFC 2119."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


class Impact(str, Enum):
    """How much damage a broken rule does; independent of the level in the standard."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"


class Verdict(str, Enum):
    """The result of one rule on one resource."""

    PASS = "pass"
    FAIL = "fail"
    WARN = "warn"
    ADVICE = "advice"
    NOTE = "note"
    NOT_APPLICABLE = "not applicable"
    INCONCLUSIVE = "inconclusive"
    WAIVED = "waived"
    ERROR = "error"

    @property
    def decided(self) -> bool:
        """True when the rule was tested on the target, and the responses settled it."""
        return self in _DECIDED


SERIOUS = (Verdict.FAIL, Verdict.WARN)
"""The rule does not hold, which the owner of the API should fix or accept."""

BROKEN = (*SERIOUS, Verdict.ADVICE)
"""The rule does not hold, and no waiver accepts that."""

_DECIDED = {*BROKEN, Verdict.PASS, Verdict.NOTE, Verdict.WAIVED}

# Worst first: the verdict of a rule over several resources is the worst of them. A resource that passes
# outweighs one to which the rule does not apply.
SEVERITY = (
    Verdict.ERROR,
    Verdict.FAIL,
    Verdict.WARN,
    Verdict.WAIVED,
    Verdict.INCONCLUSIVE,
    Verdict.ADVICE,
    Verdict.NOTE,
    Verdict.PASS,
    Verdict.NOT_APPLICABLE,
)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of several verdicts; `NOT_APPLICABLE` of none."""
    return min(verdicts, key=SEVERITY.index, default=Verdict.NOT_APPLICABLE)


@dataclass(frozen=True)
class Breach:
    """One way in which an oracle did not hold.

    Attributes:
        expected: what the rule asks for, in words a reader of the report understands.
        observed: what the target did.
        level: the level of this part, where it is not the rule's own.
        impact: how much this part hurts, where that is not the rule's own.
        cause: what the target does to break this and other rules alike, in one sentence; empty where only this rule
            can show it.
    """

    expected: str
    observed: str
    level: Level | None = None
    impact: Impact | None = None
    cause: str = ""


@dataclass(frozen=True)
class Outcome:
    """The outcome of one run of a rule's function."""

    breaches: tuple[Breach, ...] = ()
    notes: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    absent: str | None = None
    undecided: str | None = None
    crash: str | None = None


class Accepted(Protocol):
    """A broken rule that its owner has accepted until a date, such as `harness.profile.models.Waiver`."""

    reason: str
    owner: str
    until: dt.date


@dataclass(frozen=True)
class Judgement:
    """A verdict and the one sentence that says why."""

    verdict: Verdict
    reason: str = ""


def judge(
    level: Level,
    impact: Impact,
    outcome: Outcome,
    *,
    strict: bool = False,
    lenient: bool = False,
    minor: Verdict = Verdict.ADVICE,
    waiver: Accepted | None = None,
    alone: bool = True,
    today: dt.date | None = None,
) -> Judgement:
    """Judge one run of a rule.

    Args:
        level: the rule's level; a breach may carry a weaker or a stronger one of its own.
        impact: a broken SHOULD of critical impact is a failure, another one a warning; what is of minor impact is
            advice, at any level.
        outcome: what the run came to.
        strict: whether the profile wants every broken MUST to fail.
        lenient: whether nearly every deployed API knowingly breaks the rule: it warns at most, unless `strict`.
        minor: verdict on what is of minor impact, `ADVICE` or `WARN`.
        waiver: the waiver that covers this rule and resource, if any.
        alone: whether the waiver covers this outcome only; one that covers several resources is stale when the rule
            holds on all of them, which no single outcome shows.
        today: the date that waivers are held against; today when omitted.
    """
    if outcome.crash is not None:
        return Judgement(Verdict.ERROR, outcome.crash)
    if outcome.breaches:
        verdict = worst(
            _of_breach(breach.level or level, impact_of(breach, level, impact), strict, lenient, minor)
            for breach in outcome.breaches
        )
        if waiver is not None and verdict in BROKEN:
            if waiver.until < (today or dt.date.today()):
                return Judgement(Verdict.FAIL, f"the waiver by {waiver.owner} ended on {waiver.until}")
            return Judgement(
                Verdict.WAIVED, f"{waiver.reason} (waived by {waiver.owner} until {waiver.until})"
            )
        return Judgement(verdict, "; ".join(breach.observed for breach in outcome.breaches))
    if outcome.undecided is not None:
        return Judgement(Verdict.INCONCLUSIVE, outcome.undecided)
    if outcome.absent is not None:
        return Judgement(Verdict.NOT_APPLICABLE, outcome.absent)
    if waiver is not None and alone:
        return Judgement(Verdict.FAIL, stale(waiver.owner))
    if outcome.notes:
        return Judgement(Verdict.NOTE, "; ".join(outcome.notes))
    return Judgement(Verdict.PASS)


def stale(owner: str) -> str:
    """Why a rule that holds fails: its waiver is not needed any more."""
    return f"stale waiver: the rule holds now, so remove the waiver by {owner}"


def gravest_first(outcome: Outcome, level: Level, impact: Impact) -> Outcome:
    """The outcome with its breaches in the order of their impact, then of their level."""

    def weight(breach: Breach) -> tuple[int, int]:
        return (
            list(Impact).index(impact_of(breach, level, impact)),
            list(Level).index(breach.level or level),
        )

    return replace(outcome, breaches=tuple(sorted(outcome.breaches, key=weight)))


def impact_of(breach: Breach, level: Level, impact: Impact) -> Impact:
    """The impact of a breach: the rule's own, except a part that hurts less, or binds less than the rule."""
    if breach.impact is not None:
        return breach.impact
    return impact if breach.level in (None, level) else Impact.MAJOR


def _of_breach(level: Level, impact: Impact, strict: bool, lenient: bool, minor: Verdict) -> Verdict:
    if level is Level.MAY:
        return Verdict.NOTE
    if level is Level.MUST and strict:
        return Verdict.FAIL
    if impact is Impact.MINOR:
        return minor
    grave = level is Level.MUST or impact is Impact.CRITICAL
    return Verdict.FAIL if grave and (strict or not lenient) else Verdict.WARN


def agree(first: Judgement, repeat: Judgement) -> Judgement:
    """The verdict on a broken rule after its one repeat with fresh resources."""
    if first.verdict is repeat.verdict:
        return first
    return Judgement(
        Verdict.INCONCLUSIVE,
        f"flaky: first {first.verdict.value} ({first.reason or 'no reason'}), "
        f"on repeat {repeat.verdict.value} ({repeat.reason or 'nothing broken'})",
    )


def redacted(outcome: Outcome, clean: Callable[[str], str]) -> Outcome:
    """The outcome with every text passed through `clean`, so that no secret reaches a report."""
    return replace(
        outcome,
        breaches=tuple(
            replace(breach, expected=clean(breach.expected), observed=clean(breach.observed))
            for breach in outcome.breaches
        ),
        notes=tuple(clean(note) for note in outcome.notes),
        evidence=tuple(clean(text) for text in outcome.evidence),
        absent=None if outcome.absent is None else clean(outcome.absent),
        undecided=None if outcome.undecided is None else clean(outcome.undecided),
        crash=None if outcome.crash is None else clean(outcome.crash),
    )
