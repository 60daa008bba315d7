"""Findings that have one cause, together: what a target does wrong is reported once, with all its places. Pure.

1. Findings of several rules have one cause if the rules say so: their breaches have the same `Breach.cause`.
2. Findings of one rule have one cause if they have the same verdict and the same methods were answered with the same
   statuses. The paths, ids and values in their texts differ from resource to resource, so they do not count.
3. A finding that is in the baseline and a new one are kept apart: only the new one fails the run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness.report.model import CauseRecord, PlaceRecord, RuleRecord
from harness.report.words import ordered
from harness.rules.finding import Finding
from harness.rules.verdict import BROKEN, Verdict

TOGETHER = (Verdict.ERROR, *BROKEN)
"""Verdicts of the findings that have a cause."""
_NAMED = 6
_ANSWER = re.compile(r"\b([A-Z]{3,10}) (?:https?:/)?/\S*(?: \([^()]*\))? -> (\d{3}\b|\w+)")
_QUOTED = re.compile(r"""'[^']*'|"[^"]*\"""")
_OWN = re.compile(r"[/\d]")
"""What differs between resources, besides texts in quotes: paths, and words with digits."""
_READ = 4_000
"""Characters of a text that are read: a target may make it as long as it likes."""


@dataclass(frozen=True)
class Cause:
    """Findings with one cause.

    Attributes:
        findings: at least one, the gravest first.
        sentence: what the target does, if the rules say so; else empty.
    """

    findings: tuple[Finding, ...]
    sentence: str = ""

    @property
    def lead(self) -> Finding:
        """The finding that stands for all."""
        return self.findings[0]

    @property
    def verdict(self) -> Verdict:
        """The gravest verdict among its findings."""
        return self.lead.verdict

    @property
    def also(self) -> str:
        """The other places and rules that show it, in words: `also on orders, items; also by PATCH-010`."""
        lead = self.lead
        resources = [one.resource for one in self.findings if one.resource != lead.resource and one.resource]
        rules = [one.rule for one in self.findings if one.rule != lead.rule]
        parts = [
            f"also {word} {_few(list(dict.fromkeys(names)))}"
            for word, names in (("on", resources), ("by", rules))
            if names
        ]
        return "; ".join(parts)

    def record(self) -> CauseRecord:
        """The cause as `conformance.json` has it."""
        places = [PlaceRecord(rule=one.rule, resource=one.resource) for one in self.findings]
        return CauseRecord(verdict=self.verdict, sentence=self.sentence, findings=places)


def causes(findings: Iterable[Finding], rules: Mapping[str, RuleRecord]) -> list[Cause]:
    """The causes of all findings that broke a rule or an error of the harness, the gravest first.

    Args:
        findings: of a run; those with other verdicts are left out.
        rules: the rules of the run by code, for the order.
    """
    together: dict[tuple[object, ...], list[Finding]] = {}
    for finding in ordered(findings, dict(rules)):
        if finding.verdict in TOGETHER:
            together.setdefault(_key(finding), []).append(finding)
    return [Cause(tuple(members), _sentence(members[0])) for members in together.values()]


def _sentence(finding: Finding) -> str:
    return next((breach.cause for breach in finding.breaches if breach.cause), "")


def _key(finding: Finding) -> tuple[object, ...]:
    sentence = _sentence(finding)
    if sentence:
        return (finding.known, sentence)
    texts = [breach.observed for breach in finding.breaches] or [finding.reason]
    return (finding.known, finding.rule, finding.verdict, "waiver" in finding.reason, _behaviour(texts))


def _behaviour(texts: Iterable[str]) -> frozenset[str]:
    """What the target did, without what differs from resource to resource."""
    text = "; ".join(text[:_READ] for text in texts)
    answers = frozenset(f"{method} {status}" for method, status in _ANSWER.findall(text))
    words = _QUOTED.sub(" ", text).lower().split()
    return answers or frozenset(word for word in words if not _OWN.search(word))


def _few(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
