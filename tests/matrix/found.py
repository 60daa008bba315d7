"""What the topics' tests list: every defect, wherever it lies."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from tests.matrix.defect import Defect

TESTS = Path(__file__).parent.parent


def defects() -> tuple[Defect, ...]:
    """The defects of all topics: `DEFECTS` of each `tests/<topic>/defects*.py`."""
    names = [f"tests.{path.parent.name}.{path.stem}" for path in sorted(TESTS.glob("*/defects*.py"))]
    return tuple(one for name in names for one in import_module(name).DEFECTS)
