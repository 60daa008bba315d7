"""`MATRIX_PART=3/9 make matrix` takes the third of nine parts of the whole matrix."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.matrix.parts import of_part, part

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    given = os.environ.get("MATRIX_PART")
    if not given:
        return
    try:
        number, parts = part(given)
    except ValueError as problem:
        raise pytest.UsageError(str(problem)) from None
    whole = [item for item in items if item.get_closest_marker("whole") is not None]
    left = set(whole) - set(of_part(whole, number, parts))
    if number > 1:
        # The runs of all rules on the reference are not repeated in each part.
        left |= {item for item in items if item.path.is_relative_to(HERE)} - set(whole)
    config.hook.pytest_deselected(items=[item for item in items if item in left])
    items[:] = [item for item in items if item not in left]
