"""How many requests a survey may still send, after a reserve for those that must be sent."""

from __future__ import annotations

from collections.abc import Callable

MOST = 160
"""Requests of a survey, including removals, without those that the profile's `setup` lists."""
ESSENTIAL = 9
"""Reserved for each resource to come: list, create twice, read three times, look at the second and remove both."""


class Allowance:
    """Counts the requests that are left.

    Args:
        sent: how many requests were sent so far.
        owed: how many removals must still be sent.
    """

    def __init__(self, sent: Callable[[], int], owed: Callable[[], int], most: int = MOST) -> None:
        self._sent, self._owed, self._most = sent, owed, most
        self.aside = 0
        """Reserved for later: resources, provoked errors, rate limits."""

    def spare(self) -> int:
        """Requests left for what is not essential; negative if even the essential ones exceed the limit."""
        return self._most - self._sent() - self._owed() - self.aside
