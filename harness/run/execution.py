"""Running one rule: once, and a second time with new items if it was broken."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest

from harness.client.lost import Lost
from harness.client.recorder import Recorder, Unanswered
from harness.http.exchange import Exchange
from harness.ledger.ledger import Ledger
from harness.profile.models import Waiver
from harness.report.decisive import decisive
from harness.report.text import encodable
from harness.rules.checks import Broken, NotApplicable, Remarks, Undecided, listening
from harness.rules.figures import Figure, cleaned
from harness.rules.finding import BreachRecord, Finding
from harness.rules.rule import Effect, Rule
from harness.rules.verdict import (
    BROKEN,
    Breach,
    Outcome,
    Verdict,
    agree,
    gravest_first,
    impact_of,
    judge,
    redacted,
)


class Execution:
    """One rule on one resource, run to its finding.

    Attributes:
        exchanges: all requests and responses of both runs.
        crash: the exception, if the rule or the harness crashed.
    """

    def __init__(
        self,
        rule: Rule,
        resource: str | None,
        nodeid: str,
        recorder: Recorder,
        ledger: Ledger,
        *,
        strict: bool,
        minor: Verdict = Verdict.ADVICE,
        waiver: Waiver | None,
        witnessed: Sequence[Exchange] = (),
    ) -> None:
        self.rule = rule
        self.resource = resource
        self.nodeid = nodeid
        self.recorder = recorder
        self.ledger = ledger
        self.strict = strict
        self.minor = minor
        self.waiver = waiver
        self.witnessed = witnessed
        self.exchanges: list[Exchange] = []
        self.crash: Exception | None = None
        self._silence: Unanswered | None = None

    def run(self, call: Callable[[], Any]) -> Finding:
        """Run the rule's function and judge it."""
        started = time.perf_counter()
        outcome, first, figures = self._once(call)
        unanswered: list[Exchange] = []
        if (silence := self._silence) is not None and self._repeatable:
            # A connection may be lost by chance: once more, each request on a connection of its own.
            with self.recorder.on_new_connections():
                outcome, again, figures = self._once(call)
            first += again
            unanswered = twice(silence, self._silence)
        judgement = self._judge(outcome)
        repeat: list[Exchange] = []
        broken = bool(outcome.breaches) and judgement.verdict in (*BROKEN, Verdict.WAIVED)
        if broken:
            second, repeat, _ = self._once(call)
            judgement = agree(judgement, self._judge(second))
        self.exchanges = first + repeat
        finding = Finding(
            rule=self.rule.code,
            resource=self.resource,
            verdict=judgement.verdict,
            reason=judgement.reason,
            breaches=[
                BreachRecord(
                    expected=breach.expected,
                    observed=breach.observed,
                    level=breach.level or self.rule.level,
                    impact=impact_of(breach, self.rule.level, self.rule.impact),
                    cause=breach.cause,
                )
                for breach in outcome.breaches
            ],
            notes=list(outcome.notes),
            evidence=list(outcome.evidence),
            figures=figures,
            exchanges=[exchange.id for exchange in first],
            repeat=[exchange.id for exchange in repeat],
            unanswered=[exchange.id for exchange in unanswered],
            nodeid=self.nodeid,
            duration=time.perf_counter() - started,
        )
        if not first:
            # A passive rule sends nothing: its evidence is the exchanges of the survey that it names.
            self.exchanges = decisive(finding, self.witnessed)
            finding.exchanges = [exchange.id for exchange in self.exchanges]
        return finding

    @property
    def _repeatable(self) -> bool:
        """Whether a lost connection is worth a repeat: under a flood or a load it is an answer."""
        within = self.rule.within(self.recorder.target.limits.effects)
        return self.recorder.died is None and within not in (Effect.FLOOD, Effect.LOAD)

    def _judge(self, outcome: Outcome) -> Any:
        return judge(
            self.rule.level,
            self.rule.impact,
            outcome,
            strict=self.strict,
            lenient=self.rule.strict,
            minor=self.minor,
            waiver=self.waiver,
            alone=self.waiver is None or self.waiver.resource is not None or self.resource is None,
        )

    @property
    def _spending(self) -> Callable[[], AbstractContextManager[None]]:
        """Which budget it spends besides that of the run."""
        effect, budget = self.rule.within(self.recorder.target.limits.effects), self.recorder.budget
        if effect is Effect.LOAD:
            return budget.loading
        return budget.flooding if effect is Effect.FLOOD else nullcontext

    def _once(self, call: Callable[[], Any]) -> tuple[Outcome, list[Exchange], list[Figure]]:
        before = len(self.recorder.exchanges)
        self.recorder.ownership.begin_rule()
        with listening() as remarks, self._spending():
            budget = self.recorder.budget
            try:
                outcome = self._ended(call, remarks)
            except BaseException:
                # Ctrl-C: the time limit of the clean-up begins here.
                budget.begin_clean_up()
                raise
            finally:
                # The requests of the clean-up are no evidence.
                exchanges = self.recorder.exchanges[before:]
                with budget.cleaning_up():
                    self.ledger.clear()
        figures = [cleaned(figure, self._clean) for figure in remarks.figures]
        outcome = gravest_first(outcome, self.rule.level, self.rule.impact)
        return redacted(outcome, self._clean), exchanges, figures

    def _clean(self, text: str) -> str:
        return encodable(self.recorder.redactor.text(text))

    def _ended(self, call: Callable[[], Any], remarks: Remarks) -> Outcome:
        self._silence = None
        try:
            call()
        except Broken as broken:
            remarks.breaches.append(broken.breach)
        except NotApplicable as absent:
            return remarks.outcome(absent=str(absent))
        except Undecided as undecided:
            if isinstance(undecided, Unanswered) and undecided.lost is not None:
                self._silence = undecided
            return remarks.outcome(undecided=str(undecided))
        except pytest.skip.Exception as skipped:
            return remarks.outcome(absent=str(skipped.msg or "skipped by the rule"))
        except (AssertionError, pytest.fail.Exception) as failed:
            # A plain assert in a user's own rule: there is only its message to show.
            text = str(failed) or "the assertion does not hold"
            remarks.breaches.append(Breach(self.rule.title, text))
        except Exception as crash:
            self.crash = crash
            lines = traceback.format_exception_only(crash)
            frame = traceback.extract_tb(crash.__traceback__)[-1]
            return remarks.outcome(crash=f"{lines[-1].strip()} ({frame.name}, line {frame.lineno})")
        return remarks.outcome()


def twice(first: Unanswered, second: Unanswered | None) -> list[Exchange]:
    """The requests whose response was lost by no chance: malformed, or lost once more when the rule was repeated."""
    again = second is not None and second.exchange.method == first.exchange.method
    if second is not None and again:
        return [first.exchange, second.exchange]
    return [first.exchange] if first.lost is Lost.MALFORMED else []


def explain(rule: Rule, finding: Finding, exchanges: list[Exchange]) -> str:
    """A broken rule as text: what was expected and observed, and how to reproduce it."""
    where = f" [{finding.resource}]" if finding.resource else ""
    lines = [f"{finding.verdict.value.upper()} {rule.code}{where} {rule.title}", ""]
    for breach in finding.breaches:
        lines += [f"expected: {breach.expected}", f"observed: {breach.observed}", ""]
    if not finding.breaches:
        lines += [finding.reason, ""]
    shown = [exchange for exchange in exchanges if exchange.id in finding.exchanges]
    lines += [f"  {exchange.summary()}" for exchange in shown]
    for exchange in (decisive(finding, shown) or shown)[-1:]:
        lines += ["", "  " + exchange.as_curl()]
    lines += ["", f"Why: {rule.why}", f"Fix: {rule.fix}", f"Source: {'; '.join(rule.refs)}"]
    return "\n".join("".join(c if c.isprintable() else " " for c in line) for line in lines)
