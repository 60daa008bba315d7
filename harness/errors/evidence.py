"""Findings in words: every breach of a rule in one text, each with the exchange that shows it."""

from __future__ import annotations

from collections.abc import Iterable

from harness.exchange import Exchange

_EXAMPLES = 3


def grouped(found: Iterable[tuple[str, str]]) -> str:
    """Faults with the exchanges that show them: `GET /a -> 404, GET /b -> 404: no content`.

    Args:
        found: an exchange's summary, and what is wrong with it.
    """
    by_fault: dict[str, list[str]] = {}
    for summary, fault in found:
        shown = by_fault.setdefault(fault, [])
        if summary not in shown:
            shown.append(summary)
    parts = []
    for fault, summaries in by_fault.items():
        more = len(summaries) - _EXAMPLES
        listed = ", ".join(summaries[:_EXAMPLES]) + (f" and {more} more" if more > 0 else "")
        parts.append(f"{listed}: {fault}")
    return "; ".join(parts)


def excerpt(exchange: Exchange, most: int = 140) -> str:
    """The content of a response on one line, cut."""
    text = " ".join(exchange.response_body.text.split())
    return text if len(text) <= most else text[: most - 1] + "…"
