"""From notes to findings: each note once for each operation. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from harness.http.exchange import Exchange
from harness.rules.faults import Fault

from .notes import Note
from .table import Decision, decision

LONGEST = 80


@dataclass(frozen=True)
class LintFinding:
    """A note to report.

    Attributes:
        exchange: the first exchange of its operation with that note.
    """

    decision: Decision
    note: Note
    exchange: Exchange

    @property
    def fault(self) -> Fault:
        """The note in httplint's words, with the field that shows it."""
        value = self.exchange.field(self.note.field) if self.note.field else None
        shown = "" if value is None else f"{self.note.field}: {_cut(value)}"
        return Fault(self.exchange.summary(), self.note.text.rstrip("."), shown)


def found(
    exchanges: Iterable[Exchange], items: Sequence[str], notes: Callable[[Exchange], Iterable[Note]]
) -> list[LintFinding]:
    """The notes to report on some exchanges, one of a kind for each operation.

    Args:
        items: absolute URL templates of items, with `{id}`: requests to different items are one operation.
        notes: gives the notes on an exchange.
    """
    patterns = [
        (re.compile(re.escape(item).replace(r"\{id\}", "[^/?]+") + r"(?=[/?]|\Z)"), item) for item in items
    ]
    reported: dict[tuple[str, str, str, str], LintFinding] = {}
    for exchange in exchanges:
        for note in notes(exchange):
            what = decision(note.kind, note.level, note.field)
            if what is not Decision.SILENT:
                key = (note.kind, note.text, exchange.method, operation(exchange.url, patterns))
                reported.setdefault(key, LintFinding(what, note, exchange))
    return list(reported.values())


def operation(url: str, items: Sequence[tuple[re.Pattern[str], str]]) -> str:
    """The URL without its query, with `{id}` where it names an item."""
    for pattern, item in items:
        matched = pattern.match(url)
        if matched:
            return item + url[matched.end() :].partition("?")[0]
    return url.partition("?")[0]


def _cut(value: str) -> str:
    return value if len(value) <= LONGEST else value[: LONGEST - 1] + "…"
