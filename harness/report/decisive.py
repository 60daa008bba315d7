"""Which exchanges of a finding show the breach: those that its text names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from harness.http.exchange import Exchange
from harness.rules.finding import Finding


@dataclass(frozen=True)
class Naming:
    """A place in a text that names an exchange, by its summary."""

    start: int
    end: int
    exchange: Exchange


def namings(text: str, exchanges: Iterable[Exchange]) -> list[Naming]:
    """The places of a text that name exchanges, in order.

    Of exchanges with equal summaries it is the one that sent the most fields which the sentence quotes, and of those
    the last.
    """
    by_summary: dict[str, list[Exchange]] = {}
    for exchange in exchanges:
        summary = exchange.summary()
        if summary in text:
            by_summary.setdefault(summary, []).append(exchange)
    if not by_summary:
        return []
    naming = re.compile("|".join(re.escape(one) for one in sorted(by_summary, key=len, reverse=True)))
    found = []
    for match in naming.finditer(text):
        sentence = text[text.rfind("; ", 0, match.start()) + 1 :]
        sentence = sentence[: _end(sentence, match.end() - len(text) + len(sentence))]
        equal = by_summary[match.group()]
        quoted = [_quoted(sentence, one) for one in equal]
        last = len(equal) - 1 - quoted[::-1].index(max(quoted))
        found.append(Naming(match.start(), match.end(), equal[last]))
    return found


def decisive(finding: Finding, exchanges: Iterable[Exchange]) -> list[Exchange]:
    """The exchanges that the observations name, in the order in which they were sent."""
    own = list(exchanges)
    named = {one.exchange.id for breach in finding.breaches for one in namings(breach.observed, own)}
    return [exchange for exchange in own if exchange.id in named]


def _end(text: str, start: int) -> int:
    place = text.find("; ", start)
    return len(text) if place < 0 else place


def _quoted(sentence: str, exchange: Exchange) -> int:
    """How many of the fields of a request a sentence quotes."""
    return sum(bool(value) and f"{name}: {value}" in sentence for name, value in exchange.request_fields)
