"""The end of a run: every exchange is judged once more, by what the suites look for in all of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

from harness.http.contract import Contract
from harness.http.exchange import Exchange
from harness.profile.models import Profile
from harness.report.assemble import Collected, Gathered
from harness.rules.catalogue import judges
from harness.rules.faults import Fault, grouped
from harness.rules.finding import BreachRecord, Finding
from harness.rules.passive import Judge, Record, record, shown_by
from harness.rules.verdict import Breach, Outcome, Verdict, gravest_first, impact_of
from harness.rules.verdict import judge as verdict_of
from harness.run import server_errors
from harness.run.waivers import covering
from harness.survey.suspicion import Suspicion


def settle(
    gathered: Gathered,
    profile: Profile,
    base: str,
    clean: Callable[[str], str],
    contract: Contract | None = None,
) -> None:
    """Judge all exchanges of a run, and put what is wrong into the findings of the rules that ran.

    A finding with breaches of its own stays as it is: the cause is reported already. Advice is no such finding, if
    what is found here is graver.

    Args:
        base: the target's URL.
        clean: removes secrets from a text.
        contract: what the OpenAPI document says of responses; None without one.
    """
    collected: dict[str, list[Collected]] = {}
    for one in gathered.collected:
        collected.setdefault(one.rule.code, []).append(one)
    looking = [one for one in judges() if one.code in collected]
    if not looking:
        return
    offset = time.time() - time.monotonic()
    clock = profile.wire.clock != "none"
    found = record(
        gathered.exchanges.values(),
        base,
        clock=clock,
        offset=offset,
        contract=contract,
        unanswered={name for one in gathered.findings.values() for name in one.unanswered},
    )
    for code in dict.fromkeys(one.code for one in looking):
        own = [finding_of(gathered, one) for one in collected[code]]
        own = [finding for finding in own if finding.breaches]
        if any(finding.verdict is not Verdict.ADVICE for finding in own):
            continue
        faults = [(one, list(one.faults(found))) for one in looking if one.code == code]
        broken = [(one, wrong) for one, wrong in faults if wrong]
        if broken:
            place = concerned(
                collected[code], [fault for _, wrong in broken for fault in wrong], found, profile
            )
            finding = finding_of(gathered, place)
            new = judged(place, finding, broken, found, profile, clean)
            if not own or new.verdict is not Verdict.ADVICE:
                gathered.findings[place.nodeid] = new


def crashes(
    gathered: Gathered, suspicions: Sequence[Suspicion], profile: Profile, base: str
) -> list[Suspicion]:
    """The server errors that no finding and no suspicion has, and the routes that never gave a response."""
    exchanges, findings = list(gathered.exchanges.values()), list(gathered.findings.values())
    return [
        *server_errors.unreported(
            record(exchanges, base).exchanges, findings, suspicions, profile.resources, base
        ),
        *(
            server_errors.never_answered(exchanges, findings, profile.resources, base)
            if gathered.died is None
            else ()
        ),
    ]


def finding_of(gathered: Gathered, one: Collected) -> Finding:
    """The finding of a collected rule; an empty one where it did not run."""
    empty = Finding(
        rule=one.rule.code, resource=one.resource, verdict=Verdict.INCONCLUSIVE, nodeid=one.nodeid
    )
    return gathered.findings.get(one.nodeid, empty)


def concerned(
    candidates: Sequence[Collected], faults: Sequence[Fault], found: Record, profile: Profile
) -> Collected:
    """The rule and resource that faults are reported for: the resource that they show on, else the first."""
    urls = [one.url for one in shown_by(faults, (*found.exchanges, *found.unanswered))]
    paths = {one.name: one.collection for one in profile.resources}
    for one in candidates:
        path = paths.get(one.resource or "")
        if path and any(path in url for url in urls):
            return one
    return candidates[0]


def judged(
    place: Collected,
    before: Finding,
    broken: Iterable[tuple[Judge, list[Fault]]],
    found: Record,
    profile: Profile,
    clean: Callable[[str], str],
) -> Finding:
    """The finding with the breaches, their evidence, and the verdict that follows."""
    rule, breaches, shown = place.rule, [], []
    for one, faults in broken:
        breaches.append(Breach(one.expected, clean(grouped(faults)), one.level, one.impact))
        shown += shown_by(faults, (*found.exchanges, *found.unanswered))
    breaches += [
        Breach(one.expected, one.observed, one.level, one.impact, one.cause) for one in before.breaches
    ]
    outcome = Outcome(tuple(breaches), tuple(before.notes), tuple(before.evidence))
    outcome = gravest_first(outcome, rule.level, rule.impact)
    verdict = verdict_of(
        rule.level,
        rule.impact,
        outcome,
        strict=profile.strict,
        lenient=rule.strict,
        minor=Verdict(profile.advice),
        waiver=covering(profile.waivers, rule.code, place.resource),
        alone=False,
    )
    return before.model_copy(
        update={
            "verdict": verdict.verdict,
            "reason": verdict.reason,
            "breaches": [
                BreachRecord(
                    expected=one.expected,
                    observed=one.observed,
                    level=one.level or rule.level,
                    impact=impact_of(one, rule.level, rule.impact),
                    cause=one.cause,
                )
                for one in outcome.breaches
            ],
            "exchanges": [*before.exchanges, *_new(shown, before.exchanges)],
        }
    )


def _new(shown: Sequence[Exchange], there: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(one.id for one in shown if one.id not in there))
