"""Marks tests with their topic, so that `-m "topic(name='pagination')"` selects them, and those that attack as slow."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.matrix.topics import topic_of_file
from tests.order import slow_first

TESTS = Path(__file__).parent
ATTACKS = ("hostile", "ownership", "safety", "survey/test_bombs.py")
"""Folders and files whose tests attack a run with servers and documents: minutes, not seconds."""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    for item in items:
        attacks, topic = _of(item.path)
        if attacks:
            item.add_marker(pytest.mark.slow)
        if topic is not None and item.get_closest_marker("topic") is None:
            item.add_marker(pytest.mark.topic(name=topic))
    yield
    # What `-m` leaves out is gone now.
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT") or 1)
    if workers > 1:
        items[:] = slow_first(items, [item.get_closest_marker("slow") is not None for item in items], workers)


@cache
def _of(path: Path) -> tuple[bool, str | None]:
    """Whether a file of tests attacks, and its topic."""
    if not path.is_relative_to(TESTS):
        return False, None
    attacks = any(path.is_relative_to(TESTS / place) for place in ATTACKS)
    return attacks, topic_of_file(path.relative_to(TESTS))
