"""Estimates of the number of requests per rule, as measured on the reference API, where every rule is decided.

Another API may take more or fewer: longer lists have more pages, and what fails is repeated once. So the estimates are
for information; the limit of a run is `--max-requests`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from harness.http.exchange import Exchange
from harness.ledger.entries import REMOVAL
from harness.profile.models import Profile
from harness.report.model import Report, RuleRecord, ShortfallRecord
from harness.rules.finding import Finding
from harness.rules.rule import Effect, Rule
from harness.rules.verdict import Verdict
from harness.run.plan import SPARE, rounded_up
from harness.run.pytest_items import lacks

if TYPE_CHECKING:
    from harness.rules.catalogue import ListedRule

FURTHER = 0.75
"""What a further resource takes of an estimate, which is the greatest of all: on the reference, all five together."""
FILE = Path(__file__).with_name("estimates.json")


@cache
def estimates() -> Mapping[str, int]:
    """Requests by code of the rule, for one resource or for all that share its rounds; clean-up included."""
    found: dict[str, int] = json.loads(FILE.read_text())
    return found


def about(rule: Rule | RuleRecord, places: int = 1) -> int | None:
    """Requests that a rule sends.

    Args:
        places: number of resources or rate limits that it runs on.

    Returns:
        None for a rule that is not shipped.
    """
    number = estimates().get(rule.code)
    if number is None:
        return None
    if rule.shared > 1:
        return math.ceil(number * max(min(places, 1), places / rule.shared))
    return math.ceil(number * (min(places, 1) + FURTHER * max(places - 1, 0)))


def measured(report: Report, shared: Collection[str]) -> dict[str, int]:
    """The estimates that a report of the reference gives: the greatest over its resources.

    Args:
        shared: codes of the rules whose rounds the resources share: of these, the sum.
    """
    # A passive rule names exchanges of the survey, and sends nothing.
    survey = set(report.survey)
    exchanges = {exchange.id: exchange for exchange in report.exchanges if exchange.id not in survey}
    found: dict[str, int] = {}
    for finding in report.findings:
        before, sent = found.get(finding.rule, 0), requests_of(finding, exchanges)
        found[finding.rule] = before + sent if finding.rule in shared else max(before, sent)
    return dict(sorted(found.items()))


def requests_of(finding: Finding, exchanges: Mapping[str, Exchange]) -> int:
    """Requests that a rule sent for a finding; what it created takes `REMOVAL` more each to be removed.

    Args:
        exchanges: by id, without those of the survey.
    """
    own = [exchanges[id] for id in (*finding.exchanges, *finding.repeat) if id in exchanges]
    made = sum(exchange.method in ("POST", "PUT") and exchange.status == 201 for exchange in own)
    removed = sum(exchange.method == "DELETE" and (exchange.status or 500) < 300 for exchange in own)
    return len(own) + REMOVAL * max(0, made - removed)


def shortfall(report: Report) -> ShortfallRecord | None:
    """What the limits of a run left undecided, and the limit that would suffice; None if no limit was reached.

    Only the budget makes reasons that begin like these: no text of a target is at the beginning of a reason.
    """
    decided = {finding.rule for finding in report.findings if finding.verdict.decided}
    cut: dict[Literal["max-requests", "max-time"], list[str]] = {"max-requests": [], "max-time": []}
    for finding in report.findings:
        if finding.verdict is Verdict.INCONCLUSIVE and finding.reason.startswith("budget: "):
            for bound, codes in cut.items():
                if f"--{bound}" in finding.reason:
                    codes.append(finding.rule)
    bound = max(cut, key=lambda one: len(set(cut[one]) - decided))
    rules = set(cut[bound]) - decided
    if not rules:
        return None
    if bound == "max-time":
        return ShortfallRecord(rules=len(rules), bound=bound, limit=report.target.max_time or 0.0)
    numbers = [about(rule, cut[bound].count(rule.code)) for rule in report.rules if rule.code in cut[bound]]
    more = [number for number in numbers if number is not None]
    # There is no estimate for a user's own rules, so then there is none for the run.
    needed = rounded_up((report.target.requests + sum(more)) * SPARE) if len(more) == len(numbers) else None
    if needed is not None and report.plan is not None:
        # What covers the rules is to cover them on all resources.
        needed = max(needed, report.plan.needed or 0)
    return ShortfallRecord(rules=len(rules), bound=bound, limit=report.target.max_requests, needed=needed)


def expected(listed: Iterable[ListedRule], profile: Profile, allowed: Effect) -> int:
    """Requests that a run of these rules will send, without the survey."""
    total = 0
    for one in listed:
        if one.rule.effect <= allowed:
            total += about(one.rule, places(one, profile)) or 0
    return total


def places(one: ListedRule, profile: Profile) -> int:
    """Number of resources, or rate limits, that a rule runs on."""
    if "resource" in one.arguments:
        return sum(lacks(resource, one.rule) is None for resource in profile.resources)
    return len(profile.rate_limits) if "quota" in one.arguments else 1


def too_few(profile: Profile, allowed: Effect, most: int) -> str | None:
    """A note if all shipped rules will probably send more requests than the run may; None otherwise.

    Args:
        most: requests that the run may send.
    """
    ceiling = sum(estimates().values()) * max(1, len(profile.resources), len(profile.rate_limits))
    if ceiling <= most:
        return None
    from harness.rules.catalogue import shipped

    likely = expected(shipped(), profile, allowed)
    if likely <= most:
        return None
    count = len(profile.resources)
    return (
        f"all rules on {count} resource{'s' * (count != 1)} take about {likely} requests, more than the {most} of "
        "--max-requests; what is worth least per request is left out (--dry-run lists it): raise it, or choose "
        "resources with `only` in the profile"
    )
