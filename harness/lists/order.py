"""The order of items in a list. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Sequence


def ordered(values: Sequence[float]) -> bool:
    """Whether values rise, or fall, throughout; equal neighbours are neither."""
    rising = all(a <= b for a, b in itertools.pairwise(values))
    falling = all(a >= b for a, b in itertools.pairwise(values))
    return (rising or falling) and len(set(values)) > 1
