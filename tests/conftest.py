"""Marks tests with their topic, so that `-m "topic(name='pagination')"` selects them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.matrix.topics import topic_of_file

TESTS = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(TESTS):
            topic = topic_of_file(item.path.relative_to(TESTS))
            if topic is not None and item.get_closest_marker("topic") is None:
                item.add_marker(pytest.mark.topic(name=topic))
