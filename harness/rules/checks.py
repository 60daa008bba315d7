"""What a rule calls while it runs: checks, remarks and endings.

A rule ends in one of four ways: it returns (the requirement holds), an `expect()` fails (a breach), it does not
apply, or it cannot decide. `warn()`, `note()`, `evidence()` and
`draw()` add to that without ending it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, NoReturn

from harness.rules.verdict import Breach, Impact, Level, Outcome

if TYPE_CHECKING:
    from harness.rules.figures import Figure


class Broken(AssertionError):
    """The oracle of the running rule does not hold."""

    def __init__(self, breach: Breach) -> None:
        super().__init__(f"expected {breach.expected}; observed {breach.observed}")
        self.breach = breach


class NotApplicable(Exception):
    """The running rule needs a feature that the target does not have."""


class Undecided(Exception):
    """The running rule applies, but its precondition could not be established."""


class Remarks:
    """The remarks of the running rule, collected until it ends."""

    def __init__(self) -> None:
        self.breaches: list[Breach] = []
        self.notes: list[str] = []
        self.evidence: list[str] = []
        self.figures: list[Figure] = []

    def outcome(self, **ending: str) -> Outcome:
        return Outcome(tuple(self.breaches), tuple(self.notes), tuple(self.evidence), **ending)


_remarks: ContextVar[Remarks | None] = ContextVar("conformance_remarks", default=None)


@contextmanager
def listening() -> Iterator[Remarks]:
    """Collect the remarks of one run of one rule."""
    remarks = Remarks()
    token = _remarks.set(remarks)
    try:
        yield remarks
    finally:
        _remarks.reset(token)


def expect(
    holds: object,
    expected: str,
    observed: object,
    *,
    level: Level | None = None,
    impact: Impact | None = None,
    cause: str = "",
) -> None:
    """The oracle: break the rule unless `holds`.

    Args:
        holds: anything; its truth is the oracle.
        expected: what the source requires, in the words of the report.
        observed: what the target did.
        level: the level of this part, where it is not the rule's own.
        impact: how much this part hurts, where that is not the rule's own.
        cause: what the target does, in one sentence that every rule has that shows the same (`rules/causes.py`).
    """
    if not holds:
        raise Broken(Breach(expected, str(observed), level, impact, cause))


def applies(holds: object, what: str) -> None:
    """Continue only if `holds`: otherwise the rule does not apply here, because not `what`.

    For features that the target may lawfully lack; a failed control is `inconclusive()`.
    """
    if not holds:
        raise NotApplicable(f"does not apply: {what}")


def control(holds: object, what: str) -> None:
    """Continue only if the positive control held; otherwise the rule is inconclusive, and says `what`."""
    if not holds:
        raise Undecided(f"the control failed: {what}")


def inconclusive(reason: str) -> NoReturn:
    """End the rule: it applies, but cannot be decided, for this reason."""
    raise Undecided(reason)


def not_applicable(reason: str) -> NoReturn:
    """End the rule: the target does not have what it is about."""
    raise NotApplicable(reason)


def warn(expected: str, observed: object, *, impact: Impact | None = None, cause: str = "") -> None:
    """Record a breach that binds only as a SHOULD, and continue.

    Args:
        impact: how much this part hurts: `MINOR` makes it advice. The default is the rule's own impact if that is a
            SHOULD, too, or else `MAJOR`.
        expected, observed, cause: see `expect()`.
    """
    _record().breaches.append(Breach(expected, str(observed), Level.SHOULD, impact, cause))


def advise(expected: str, observed: object) -> None:
    """Record a breach of minor impact, and continue: it is reported as advice."""
    warn(expected, observed, impact=Impact.MINOR)


def note(text: str) -> None:
    """Record a fact worth reporting, and continue."""
    _record().notes.append(text)


def evidence(text: str) -> None:
    """Record what a verdict rests on, and continue; unlike a note, it leaves a pass a pass."""
    _record().evidence.append(text)


def draw(figure: Figure) -> None:
    """Keep a figure as evidence, in place of an earlier one with the same title, and continue."""
    figures = _record().figures
    figures[:] = [*(known for known in figures if known.title != figure.title), figure]


def _record() -> Remarks:
    remarks = _remarks.get()
    return Remarks() if remarks is None else remarks
