"""The order of tests on several workers: what takes minutes is begun first, not when others have nothing left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def slow_first(tests: Sequence[T], slow: Sequence[bool], workers: int) -> list[T]:
    """The tests in as many runs of equal length as there are workers, each with its share of the slow ones first.

    pytest-xdist deals such runs to its workers; a worker that has finished takes others' tests from the end. Tests
    stay in the order of their files within a share, so that fixtures are shared as before.

    Args:
        slow: for each test, whether it is slow.
    """
    heavy = [one for one, is_slow in zip(tests, slow, strict=True) if is_slow]
    light = [one for one, is_slow in zip(tests, slow, strict=True) if not is_slow]
    ordered: list[T] = []
    for worker in range(workers):
        share = heavy[_from(len(heavy), worker, workers) : _from(len(heavy), worker + 1, workers)]
        until = _from(len(tests), worker + 1, workers)
        rest = until - len(ordered) - len(share)
        ordered += [*share, *light[:rest]]
        light = light[rest:]
    return ordered


def _from(number: int, worker: int, workers: int) -> int:
    return number * worker // workers
