"""A run that all workers of pytest-xdist share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from filelock import FileLock

from harness.report.model import Report


def once(
    name: str,
    folders: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
    make: Callable[[], Report],
) -> Report:
    """The report of that name: made by the first who asks, read by the others.

    Args:
        name: unique in the whole run.
    """
    if not hasattr(request.config, "workerinput"):
        return make()
    file = folders.getbasetemp().parent / f"{name}.json"
    with FileLock(f"{file}.lock"):
        if not file.is_file():
            file.write_text(make().model_dump_json())
    return Report.model_validate_json(file.read_bytes())
