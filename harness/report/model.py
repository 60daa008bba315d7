"""The report as data: what `conformance.json` holds. `Report.model_json_schema()` is its JSON Schema."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from harness.http.exchange import Exchange
from harness.profile.models import Profile
from harness.rules.finding import Finding, Record
from harness.rules.rule import FIRST_EDITION
from harness.rules.verdict import Impact, Level, Verdict, worst

FORMAT: Literal["conformance/1"] = "conformance/1"
CRASHED = 3
"""Exit code of pytest after an internal error."""


class RuleRecord(Record):
    """A rule, as it was when it ran."""

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
    advice: str = Field("", description="Why a breach of it, or of a part of it, is only advice.")
    edition: str = Field(FIRST_EDITION, description="The edition that it was added in.")
    module: str = Field("", description="Name of the module that holds the rule.")
    shared: float = Field(
        1, description="Number of resources that share the requests of one run of the rule."
    )


class OperationRecord(Record):
    """An operation that the OpenAPI document describes."""

    method: str = Field(description="In upper case.")
    path: str = Field(description="Path template below the target's URL.")
    pointer: str = Field(description="Its place in the document (JSON Pointer, RFC 6901).")


class TargetRecord(Record):
    """What was tested, and within which bounds."""

    url: str
    openapi: str | None = None
    credentials: list[str] = []
    effects: str
    max_requests: int
    rps: float | None = None
    flood_budget: int = 200
    load_budget: int = 10_000
    max_time: float | None = Field(None, description="Longest time of the run in seconds; null for no bound.")
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
    edition: str | None = Field(
        None,
        description="The edition of `--edition`: rules of later ones do not fail the run; null for none.",
    )
    fail_under_coverage: float | None = Field(
        None, description="Operation coverage in percent below which the run fails; null for none."
    )
    failing_suspicions: bool = Field(
        False, description="Whether suspicions fail the run, as `--fail-on` says."
    )


class FixedRecord(Record):
    """A finding, with the verdict of an earlier run."""

    rule: str = Field(description="Code of the rule.")
    resource: str | None = Field(None, description="Name of the resource, or null.")
    verdict: Verdict = Field(description="The verdict of the earlier run.")


class BaselineRecord(Record):
    """The earlier run that this one is compared with: findings that it already has do not fail the run."""

    run: str = Field(description="Id of that run.")
    started: str = Field(description="When it began (RFC 3339, UTC).")
    url: str = Field(description="The target that it tested.")
    fixed: list[FixedRecord] = Field([], description="What failed before and now holds.")


class PreviousRecord(Record):
    """The previous run on the same target, whose report was in the report directory: for information only."""

    run: str = Field(description="Id of that run.")
    started: str = Field(description="When it began (RFC 3339, UTC).")
    new: list[FixedRecord] = Field([], description="What is broken now and was not before.")
    still: list[FixedRecord] = Field([], description="What was broken before and still is.")
    fixed: list[FixedRecord] = Field([], description="What was broken before and now holds.")


class TouchedRecord(Record):
    """Something that existed on the target before the run and that a create of the run changed."""

    message: str = Field(description="What happened, in a sentence that names the request and the item.")
    exchange: str = Field("", description="Id of the exchange of the create; empty if unknown.")


class PlaceRecord(Record):
    """A finding, by rule and resource."""

    rule: str = Field(description="Code of the rule.")
    resource: str | None = Field(None, description="Name of the resource, or null.")


class CauseRecord(Record):
    """What the target does wrong, with every finding that shows it."""

    verdict: Verdict = Field(description="The gravest verdict among its findings.")
    sentence: str = Field(
        "", description="What the target does, where several rules can show it; else empty."
    )
    findings: list[PlaceRecord] = Field(description="The findings, the gravest first: it stands for all.")


class SuspicionRecord(Record):
    """Something that is declared or expected, and that the target's answers deny."""

    text: str = Field(description="What was expected and what was answered, in a sentence.")
    exchanges: list[str] = Field([], description="Ids of the exchanges that show it.")
    resource: str | None = Field(None, description="Name of the resource; null for the whole target.")
    capability: str = Field("", description="The capability that cannot be relied on; empty for none.")
    fact: str = Field("", description="The fact that odd answers taught the survey; empty for none.")
    place: str = Field("", description="JSON Pointer of the member that it is about; empty for none.")
    rules: list[str] = Field([], description="Codes of the rules that could not be decided because of it.")
    known: bool = Field(False, description="Whether the baseline has it, so that it does not fail the run.")

    @property
    def key(self) -> tuple[str, ...]:
        """What is the same in every run: `text` may name ids and values that differ."""
        subject = (self.resource or "", self.capability, self.fact, self.place)
        return subject if any(subject) else (self.text,)


class LearntRecord(Record):
    """Something that was taken as normal because the target answered so."""

    resource: str = Field(description="Name of the resource.")
    fact: str = Field(
        description="Kind of the fact: volatile, unique, fresh, version, absent, hides_absence, soft_delete."
    )
    value: str = Field(description="What it is about: a JSON Pointer, or the name of a capability.")
    because: str = Field(description="What showed it.")
    exchanges: list[str] = Field([], description="Ids of the exchanges that show it.")


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
    """The rules that stayed undecided because the run reached a bound."""

    rules: int = Field(description="Number of rules that stayed undecided for that reason.")
    bound: Literal["max-requests", "max-time"] = Field(description="The option that sets the bound.")
    limit: float = Field(description="Its value: requests, or seconds.")
    needed: int | None = Field(
        None,
        description="A value that would cover them, estimated from the reference API; null if unknown.",
    )


class PlanRecord(Record):
    """What the run planned to do within `--max-requests`, what is worth most per request first."""

    available: int = Field(
        description="Requests that could be planned: what the survey left of `--max-requests`, less a twentieth."
    )
    checks: int = Field(description="Number of planned checks that send requests: a rule on a resource.")
    requests: int = Field(description="Requests that these take, as measured on the reference API.")
    left_out: list[PlaceRecord] = Field([], description="The checks that did not fit, the worthiest first.")
    needed: int | None = Field(
        None, description="`--max-requests` that would have covered everything; null if nobody knows."
    )


class CoveredRecord(Record):
    """An operation, and what the run has seen of it."""

    method: str = Field(description="In upper case.")
    path: str = Field(description="Path template below the target's URL.")
    covered: bool = Field(
        description="Whether a response says something about it: more than 401, 403, 404, 405, 429, 501 to 504."
    )
    exchanges: int = Field(0, description="Number of its exchanges in this report.")
    suites: list[str] = Field([], description="Suites whose rules have sent it.")
    rules: list[str] = Field([], description="Codes of the rules that have; `survey` for the survey.")
    statuses: list[int] = Field([], description="Statuses of its responses.")
    unseen: list[str] = Field([], description="Documented statuses that no response had.")
    because: str = Field("", description="Why it is not covered, or that only errors were seen; else empty.")
    unlock: str = Field("", description="An option, or a line of the profile, that would change that.")


class CoverageRecord(Record):
    """Which operations of the API the run has exercised."""

    documented: bool = Field(
        description="Whether the operations are those of the OpenAPI document, or those that were found."
    )
    covered: int = Field(description="Number of operations that are covered.")
    percent: float = Field(description="Share of all operations, rounded down to a tenth.")
    operations: list[CoveredRecord] = Field(description="Every operation, by path and method.")


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
    causes: list[CauseRecord] = Field(
        [],
        description="The findings that broke a rule, those with one cause together, the gravest first.",
    )
    exchanges: list[Exchange]
    survey: list[str] = Field([], description="Ids of the exchanges of the survey, in order.")
    conclusion: str = Field("", description="The result in one sentence, the same in every format.")
    shortfall: ShortfallRecord | None = Field(
        None,
        description="Rules that stayed undecided because the run reached a bound; null if it reached none.",
    )
    plan: PlanRecord | None = Field(
        None, description="What was planned and left out; null where the order is not by value."
    )
    coverage: CoverageRecord | None = Field(
        None, description="Operation coverage; null where no operation is documented or was found."
    )
    leftovers: list[str] = Field([], description="URLs of created items that could not be removed.")
    touched: list[TouchedRecord] = Field(
        [],
        description="What existed before the run and was changed by its creates: the owner should repair it.",
    )
    suspicions: list[SuspicionRecord] = Field(
        [], description="What is declared or expected and was denied, with the rules that were lost by it."
    )
    learnt: list[LearntRecord] = Field(
        [], description="What the survey took as normal because the target answered so."
    )
    warnings: list[str] = Field([], description="What a reader must know before trusting the counts.")
    baseline: BaselineRecord | None = Field(
        None, description="The run that `--baseline` names; null without that option."
    )
    previous: PreviousRecord | None = Field(
        None,
        description="The previous run on this target; null if there is none, or if `--baseline` names one.",
    )
    document: str | None = Field(
        None,
        description="The OpenAPI document of the run, for the comparison with a later one: JSON, compressed with zlib, "
        "in base64; null if there is none, or if it is too large.",
    )

    @property
    def headline(self) -> str:
        return f"verified {self.summary.verified} of {self.summary.rules} rules"

    @property
    def failing_suspicions(self) -> list[SuspicionRecord]:
        """The suspicions that fail the run: with `--fail-on suspicion`, those that the baseline does not have."""
        return [one for one in self.suspicions if self.run.failing_suspicions and not one.known]

    @property
    def unfinished(self) -> bool:
        """Whether it ended before its end: by a signal or a crash, or because the target stopped answering."""
        return self.run.interrupted or self.target.died is not None or self.run.exit_code == CRASHED

    @property
    def uncovered(self) -> bool:
        """Whether the operation coverage fails the run: below `--fail-under-coverage`, or unknown."""
        least = self.run.fail_under_coverage
        return least is not None and (self.coverage is None or self.coverage.percent < least)

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
            KeyError: no exchange has that id.
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
        verdict = worst(verdicts)
        counts[verdict] = counts.get(verdict, 0) + 1
        verified += any(verdict.decided for verdict in verdicts)
    return Tally(rules=len(by_rule), verified=verified, counts=counts)


def tallies(findings: list[Finding]) -> dict[str, Tally]:
    """Count by suite, in the suites' alphabetical order."""
    suites = sorted({finding.rule.partition("-")[0] for finding in findings})
    return {suite: tally([f for f in findings if f.rule.startswith(f"{suite}-")]) for suite in suites}
