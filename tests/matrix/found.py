"""What the topics' tests list: every defect and every lawful API, wherever it lies."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import Path

from tests.matrix.defect import Defect
from tests.matrix.variant import Variant

TESTS = Path(__file__).parent.parent


def defects() -> tuple[Defect, ...]:
    """The defects of all topics: `DEFECTS` of each `tests/<topic>/defects*.py`."""
    return tuple(one for name in _modules("defects") for one in import_module(name).DEFECTS)


def variants() -> tuple[Variant, ...]:
    """The lawful APIs of all topics: `VARIANTS` of each `tests/<topic>/lawful*.py`, where it has some."""
    return tuple(
        replace(one, topic=name.split(".")[1])
        for name in _modules("lawful")
        for one in getattr(import_module(name), "VARIANTS", ())
    )


def _modules(stem: str) -> list[str]:
    return [f"tests.{path.parent.name}.{path.stem}" for path in sorted(TESTS.glob(f"*/{stem}*.py"))]
