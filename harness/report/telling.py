"""Which exchanges of a finding show the breach: those that its text names."""

from __future__ import annotations

from collections.abc import Iterable

from harness.exchange import Exchange
from harness.report.model import Finding


def telling(finding: Finding, exchanges: Iterable[Exchange]) -> list[Exchange]:
    """The exchanges whose summary stands in what was observed, in order; of equal ones the last."""
    told = " ".join(breach.observed for breach in finding.breaches)
    named: dict[str, Exchange] = {}
    for exchange in exchanges:
        summary = exchange.summary()
        if summary in told:
            named.pop(summary, None)
            named[summary] = exchange
    return list(named.values())
