"""The report as data: what `conformance.json` holds. `Report.model_json_schema()` is its JSON Schema."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from harness.http.exchange import Exchange
from harness.profile.models import Profile
from harness.rules.finding import Finding, Record
from harness.rules.verdict import Impact, Level, Verdict, worst

FORMAT: Literal["conformance/1"] = "conformance/1"


class RuleRecord(Record):
    """A rule as it stood when it ran."""

    code: str
    suite: str
    level: Level
    impact: Impact
    title: str
    why: str
    fix: str
    refs: list[str]
    needs: list[str] = []
    effect: str
    strict: bool = False
    module: str = Field("", description="Name of the module that holds the rule.")
    shared: int = Field(1, description="On how many resources it sends no more requests than on one.")


class OperationRecord(Record):
    """An operation that the OpenAPI document describes."""

    method: str = Field(description="In upper case.")
    path: str = Field(description="Path template below the target's URL.")
    pointer: str = Field(description="Where the document describes it (JSON Pointer, RFC 6901).")


class TargetRecord(Record):
    """What was tested, and within which bounds."""

    url: str
    openapi: str | None = None
    credentials: list[str] = []
    effects: str
    max_requests: int
    rps: float | None = None
    flood_budget: int = 200
    max_time: float | None = Field(None, description="Seconds that the run might take; null for no bound.")
    timeout: float = 10.0
    requests: int = Field(0, description="Requests sent in the whole run.")
    died: str | None = Field(None, description="Why the target stopped answering, if it did.")
    operations: list[OperationRecord] = Field([], description="What the OpenAPI document describes.")


class RunRecord(Record):
    """When, by what, and how the run ended."""

    id: str
    harness: str
    python: str
    started: str = Field(description="RFC 3339, UTC.")
    duration: float = Field(description="Seconds.")
    exit_code: int = 0
    interrupted: bool = False
    failing: list[Verdict] = Field(
        [Verdict.ERROR, Verdict.FAIL], description="Verdicts that fail the run, as `--fail-on` says."
    )


class FixedRecord(Record):
    """A finding beside what an earlier run says of it."""

    rule: str = Field(description="Code of the rule.")
    resource: str | None = Field(None, description="Name of the resource, or null.")
    verdict: Verdict = Field(description="What the earlier run says.")


class BaselineRecord(Record):
    """The earlier run that this one is held against: what it has already fails nothing."""

    run: str = Field(description="Id of that run.")
    started: str = Field(description="When it began (RFC 3339, UTC).")
    url: str = Field(description="The target that it tested.")
    fixed: list[FixedRecord] = Field([], description="What failed there and holds here.")


class PreviousRecord(Record):
    """The run whose report was in the report directory before, on the same target: told, and nothing depends on it."""

    run: str = Field(description="Id of that run.")
    started: str = Field(description="When it began (RFC 3339, UTC).")
    new: list[FixedRecord] = Field([], description="What is broken here and was decided otherwise there.")
    still: list[FixedRecord] = Field([], description="What is broken here and was there.")
    fixed: list[FixedRecord] = Field([], description="What was broken there and holds here.")


class TouchedRecord(Record):
    """Something that was on the target before the run, and that a create of the run has changed."""

    told: str = Field(description="What happened, in a sentence that names the request and the item.")
    exchange: str = Field("", description="Id of the exchange of the create; empty where it is not known.")


class Tally(Record):
    """Rules counted by their worst verdict."""

    rules: int = 0
    verified: int = 0
    counts: dict[Verdict, int] = {}

    @property
    def applying(self) -> int:
        """Rules less those that do not apply."""
        return self.rules - self.counts.get(Verdict.NOT_APPLICABLE, 0)


class ShortfallRecord(Record):
    """What could not be decided because a bound of the run was reached."""

    rules: int = Field(description="Rules of which nothing was decided for that reason.")
    bound: Literal["max-requests", "max-time"] = Field(description="The option that sets the bound.")
    limit: float = Field(description="Its value: requests, or seconds.")
    needed: int | None = Field(
        None,
        description="A value that would cover them, by what the rules take on the reference API; null where unknown.",
    )


class Report(Record):
    """One conformance run."""

    format: Literal["conformance/1"] = FORMAT
    run: RunRecord
    target: TargetRecord
    profile: Profile
    summary: Tally
    suites: dict[str, Tally]
    rules: list[RuleRecord]
    findings: list[Finding]
    exchanges: list[Exchange]
    survey: list[str] = Field([], description="Ids of the exchanges of the survey, in order.")
    conclusion: str = Field("", description="The run in one sentence, the same in every format.")
    shortfall: ShortfallRecord | None = Field(
        None, description="What a bound of the run kept from being decided; null where none was reached."
    )
    leftovers: list[str] = Field([], description="URLs of what was created and could not be removed.")
    touched: list[TouchedRecord] = Field(
        [],
        description="What creates of the run have changed that was there before: its owner should repair it.",
    )
    warnings: list[str] = Field([], description="What a reader must know before trusting the counts.")
    baseline: BaselineRecord | None = Field(
        None, description="The run that `--baseline` named; null where there was none."
    )
    previous: PreviousRecord | None = Field(
        None,
        description="The run before on this target; null where none is known, or `--baseline` named one.",
    )

    @property
    def headline(self) -> str:
        return f"verified {self.summary.verified} of {self.summary.rules} rules"

    @property
    def thin(self) -> bool:
        """Whether less than a tenth of the rules that apply was verified, or none at all."""
        return not self.summary.verified or self.summary.verified * 10 < self.summary.applying

    def of_rule(self, code: str) -> list[Finding]:
        """The findings of a rule, one a resource."""
        return [finding for finding in self.findings if finding.rule == code]

    def exchange(self, id: str) -> Exchange:
        """The exchange of that id.

        Raises:
            KeyError: there is none.
        """
        for exchange in self.exchanges:
            if exchange.id == id:
                return exchange
        raise KeyError(id)


def tally(findings: list[Finding]) -> Tally:
    """Count rules, each by the worst of its findings."""
    by_rule: dict[str, list[Verdict]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule, []).append(finding.verdict)
    counts: dict[Verdict, int] = {}
    verified = 0
    for verdicts in by_rule.values():
        gravest = worst(verdicts)
        counts[gravest] = counts.get(gravest, 0) + 1
        verified += any(verdict.decided for verdict in verdicts)
    return Tally(rules=len(by_rule), verified=verified, counts=counts)


def tallies(findings: list[Finding]) -> dict[str, Tally]:
    """Count by suite, in the suites' alphabetical order."""
    suites = sorted({finding.rule.partition("-")[0] for finding in findings})
    return {suite: tally([f for f in findings if f.rule.startswith(f"{suite}-")]) for suite in suites}
