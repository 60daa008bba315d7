"""Findings in words: every breach of a rule in one text, each with the exchange that shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harness.http.exchange import Exchange
from harness.rules.checks import expect, warn
from harness.rules.verdict import Impact, Level

_EXAMPLES = 3


@dataclass(frozen=True)
class Fault:
    """One breach.

    Attributes:
        shown_by: the exchange, or what was sent in it.
        what: what is wrong.
        example: the content that shows it; reported once for each `what`.
        minor: whether it hurts hardly anybody, so that it is only advice.
    """

    shown_by: str
    what: str
    example: str = ""
    minor: bool = False


def grouped(found: Iterable[Fault]) -> str:
    """Faults with the exchanges that show them: `GET /a -> 404, GET /b -> 404: no content`."""
    by_fault: dict[str, list[Fault]] = {}
    for fault in found:
        alike = by_fault.setdefault(fault.what, [])
        if fault.shown_by not in (other.shown_by for other in alike):
            alike.append(fault)
    parts = []
    for what, alike in by_fault.items():
        more = len(alike) - _EXAMPLES
        listed = ", ".join(fault.shown_by for fault in alike[:_EXAMPLES])
        parts.append(f"{listed}{f' and {more} more' if more > 0 else ''}: {what}")
        if alike[0].example:
            parts[-1] += f", as in {alike[0].example}"
    return "; ".join(parts)


def expect_none(
    found: Iterable[Fault], expected: str, *, level: Level | None = None, cause: str = ""
) -> None:
    """Break the rule by faults; those of minor impact are a part of their own, so that they hide nothing.

    Args:
        level: the level of what they break, where it is not the rule's own.
        cause: of those that are not minor; see `expect()`.
    """
    found = list(found)
    grave = grouped(fault for fault in found if not fault.minor)
    small = grouped(fault for fault in found if fault.minor)
    if grave and small:
        warn(expected, small, impact=Impact.MINOR)
    expect(not grave, expected, grave, level=level, cause=cause)
    expect(not small, expected, small, level=level, impact=Impact.MINOR)


def excerpt(exchange: Exchange, most: int = 140) -> str:
    """The content of a response on one line, cut."""
    text = " ".join(exchange.response_body.text.split())
    return text if len(text) <= most else text[: most - 1] + "…"
