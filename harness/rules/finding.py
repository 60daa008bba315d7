"""Findings: what came of one rule on one resource."""

from __future__ import annotations

from collections.abc import Collection

from pydantic import BaseModel, ConfigDict, Field

from harness.rules.figures import Figure
from harness.rules.verdict import Impact, Level, Verdict


class Record(BaseModel):
    model_config = ConfigDict(extra="forbid", ser_json_inf_nan="null")


class BreachRecord(Record):
    """One way in which the rule was broken."""

    expected: str
    observed: str
    level: Level
    impact: Impact | None = Field(None, description="How much harm this part does; null in older reports.")
    cause: str = Field(
        "",
        description="What the target does to break this and other rules alike; empty where only one can show it.",
    )


class Finding(Record):
    """What came of one rule on one resource."""

    rule: str
    resource: str | None = None
    verdict: Verdict
    reason: str = ""
    breaches: list[BreachRecord] = []
    notes: list[str] = []
    evidence: list[str] = []
    figures: list[Figure] = Field([], description="Evidence to draw.")
    exchanges: list[str] = Field([], description="Ids of the exchanges of the run, in order.")
    repeat: list[str] = Field([], description="Ids of the exchanges of the repeat, if there was one.")
    unanswered: list[str] = Field(
        [],
        description="Ids of the requests, among these, that did not get a whole response, and not by chance: it is "
        "malformed, or the connection was closed again when the rule was repeated.",
    )
    nodeid: str = ""
    duration: float = Field(0.0, description="Seconds.")
    known: bool = Field(
        False, description="Whether the finding is in the baseline, so that it does not fail the run."
    )

    later: bool = Field(
        False,
        description="Whether its rule is of a later edition than the run's, so that it does not fail it.",
    )

    @property
    def key(self) -> tuple[str, str]:
        return (self.rule, self.resource or "")


FAILING = frozenset({Verdict.FAIL, Verdict.ERROR})
"""Verdicts that fail a run unless it was asked for more."""


def fails(finding: Finding, failing: Collection[Verdict] = FAILING) -> bool:
    """Whether a finding fails the run: what the baseline has already, or a later edition has added, does not."""
    excused = finding.known or (finding.later and finding.verdict is not Verdict.ERROR)
    return finding.verdict in failing and not excused
