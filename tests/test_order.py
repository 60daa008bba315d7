"""Slow tests are begun first by each worker."""

from __future__ import annotations

import pytest

from tests.order import slow_first

TESTS = "aBcDefGhi"
"""Slow ones are capitals."""


@pytest.mark.parametrize(
    ("workers", "expected"),
    [(1, "BDGacefhi"), (2, "BaceDGfhi"), (3, "BacDefGhi")],
)
def test_each_worker_begins_with_its_share(workers: int, expected: str) -> None:
    assert "".join(slow_first(TESTS, [name.isupper() for name in TESTS], workers)) == expected


@pytest.mark.parametrize("tests", ["", "A", "a", "ABC", "abc"])
def test_no_test_is_lost(tests: str) -> None:
    ordered = slow_first(tests, [name.isupper() for name in tests], 3)
    assert sorted(ordered) == sorted(tests)
