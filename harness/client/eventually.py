"""Waiting on a condition, for targets that show a completed write a little later."""

from __future__ import annotations

import time
from collections.abc import Callable

STEP = 0.05


def eventually(holds: Callable[[], bool], window: float) -> bool:
    """Whether a condition holds now or within a window.

    Args:
        holds: asks the target; called at least once.
        window: seconds; the profile's `consistency_window`.
    """
    end = time.monotonic() + window
    pause = STEP
    while not holds():
        left = end - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(pause, left))
        pause *= 2
    return True
