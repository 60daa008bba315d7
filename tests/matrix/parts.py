"""The whole matrix in parts, for a machine that has not got an hour at a time. No I/O."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def part(given: str) -> tuple[int, int]:
    """The part that `MATRIX_PART` names, and how many there are: 3 and 9 of `3/9`.

    Raises:
        ValueError: it names none; says how one is written.
    """
    found = re.fullmatch(r"([1-9]\d*)/([1-9]\d*)", given)
    if found is None or int(found[1]) > int(found[2]):
        raise ValueError(
            f"MATRIX_PART={given}: write the number of a part and how many there are, such as 3/9"
        )
    return int(found[1]), int(found[2])


def of_part(those: Sequence[T], number: int, parts: int) -> list[T]:
    """Those of one part: each is in one of them, and neighbours, which take alike long, in different ones."""
    return list(those[number - 1 :: parts])
