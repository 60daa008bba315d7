"""The collections that were found and not surveyed, as a table for a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from harness.survey.outcome import Unsurveyed


def table(rest: Iterable[Unsurveyed]) -> Table:
    """One line for each collection: its path, its methods and those of its items, why it was not surveyed."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name, ratio in (("not surveyed", 3), ("methods", 2), ("because", 3)):
        made.add_column(name, overflow="ellipsis", no_wrap=True, ratio=ratio)
    for one in rest:
        made.add_row(*(Text(_line(text)) for text in (one.collection, one.methods, one.because)))
    return made


def _line(text: str) -> str:
    """One line without control characters: it comes from the target."""
    return "".join(one if one.isprintable() else "?" for one in " ".join(text.split()))
