"""Waivers: findings that their owners accept until a date. Which of them covers what, which are wrong, which are stale.

1. A waiver of one resource is stale when the rule holds there: `judge()` says so. One of all resources is stale when
   the rule was decided on at least one of them, on none of them stayed open, and held wherever it was decided.
2. Where the rule did not apply or was not decided, nothing is known of the finding: neither a stale nor an expired
   waiver fails then, since the next run with more effects or another credential may need it. An expired one is told.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from harness.bad_input import BadInput
from harness.profile.models import Profile, Waiver
from harness.report.assemble import Collected
from harness.report.model import Report
from harness.rules.finding import Finding
from harness.rules.verdict import Verdict, stale

_CODE = re.compile(r"[A-Z]{2,6}-\d{3}")
_HELD = (Verdict.PASS, Verdict.NOTE)


def covering(waivers: Iterable[Waiver], rule: str, resource: str | None) -> Waiver | None:
    """The waiver that covers a rule on a resource: one of that resource before one of all, the longest first."""
    fitting = [one for one in waivers if one.covers(rule, resource)]
    return max(fitting, key=lambda one: (one.resource is not None, one.until), default=None)


def check(waivers: Sequence[Waiver], shipped: Collection[str], where: str, *, own: bool) -> None:
    """Refuse a waiver for a rule that there is not, before anything is sent.

    A code of an unknown suite may be that of a user's own rules, which run another time.

    Args:
        shipped: codes of the shipped rules.
        where: the file that the waivers stand in.
        own: whether rules of the user's own take part in the run: any code may then be one of them.

    Raises:
        BadInput: no rule has the code that a waiver names.
    """
    suites = {code.partition("-")[0] for code in shipped}
    for number, waiver in enumerate(waivers):
        if waiver.rule in shipped:
            continue
        suite = waiver.rule.partition("-")[0]
        near = difflib.get_close_matches(waiver.rule.upper(), sorted(shipped), n=1, cutoff=0.75)
        mend = f"did you mean {near[0]}?" if near else "a code is like COND-004"
        key = f"waivers[{number}].rule"
        if not _CODE.fullmatch(waiver.rule):
            raise BadInput(where, f"{key}: {waiver.rule!r} is not the code of a rule", mend)
        misspelt = difflib.get_close_matches(suite, sorted(suites), n=1, cutoff=0.75)
        if not own and (suite in suites or misspelt):
            raise BadInput(where, f"{key}: there is no rule {waiver.rule}", mend)


def settle(collected: Sequence[Collected], findings: Mapping[str, Finding], known: Profile) -> list[str]:
    """Fail the rules whose waiver of all resources is stale.

    Args:
        collected: what was to run.
        findings: what came of it, by node id; changed in place.
        known: the profile, with all resources.

    Returns:
        The codes of these rules.
    """
    found = []
    for waiver in known.waivers:
        own = [
            one
            for one in sorted(collected, key=lambda one: one.resource or "")
            if one.rule.code == waiver.rule
            and one.resource is not None
            and (chosen := covering(known.waivers, waiver.rule, one.resource)) is not None
            and chosen.resource is None
            and chosen.until == waiver.until
        ]
        if waiver.resource is not None or not own or waiver.rule in found:
            continue
        able = {
            resource.name
            for resource in known.resources
            if all(resource.missing(need) is None for need in own[0].rule.needs)
        }
        if own[0].resource not in {resource.name for resource in known.resources}:
            # A rule on rate limits.
            able = {limit.name for limit in known.rate_limits}
        ran = {one.resource for one in collected if one.rule.code == waiver.rule}
        if able - ran:
            # Only some resources were selected: on the others it may well be needed.
            continue
        results = [findings.get(one.nodeid) for one in own]
        held = [finding for finding in results if finding is not None and finding.verdict in _HELD]
        open_ = [one for one in results if one is None or one.verdict not in (*_HELD, Verdict.NOT_APPLICABLE)]
        if held and not open_:
            held[0].verdict, held[0].reason = Verdict.FAIL, stale(waiver.owner)
            found.append(waiver.rule)
    return found


def idle(report: Report, today: dt.date | None = None) -> list[str]:
    """What must be told of waivers that waived nothing: one line each."""
    today = today or dt.date.today()
    codes = {rule.code for rule in report.rules}
    told = []
    for waiver in report.profile.waivers:
        name = f"{waiver.rule}[{waiver.resource}]" if waiver.resource else waiver.rule
        covered = [f for f in report.of_rule(waiver.rule) if waiver.resource in (None, f.resource)]
        if not covered and waiver.rule in codes:
            told.append(f"The waiver by {waiver.owner} for {name} matches no resource of this run.")
        elif covered and waiver.until < today and not any(finding.verdict.decided for finding in covered):
            told.append(
                f"The waiver by {waiver.owner} for {name} ended on {waiver.until}, and the rule could not be decided "
                f"({covered[0].verdict.value}): renew or remove it."
            )
    return told
