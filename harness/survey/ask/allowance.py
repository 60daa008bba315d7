"""How many requests a survey may send: what is left of them, once what must still be sent is put aside."""

from __future__ import annotations

from collections.abc import Callable

MOST = 120
"""Requests of a survey, removals included; without those that the profile's `setup` lists."""
ESSENTIAL = 9
"""For each resource that is still to come: list, create twice, read three times, look at the second and remove both."""


class Allowance:
    """Counts what is left.

    Args:
        sent: how many requests were sent so far.
        owed: how many removals are to be sent yet.
    """

    def __init__(self, sent: Callable[[], int], owed: Callable[[], int], most: int = MOST) -> None:
        self._sent, self._owed, self._most = sent, owed, most
        self.aside = 0
        """Put aside for what comes later: resources, provoked errors, rate limits."""

    def spare(self) -> int:
        """Requests that may be spent on what is not essential; negative where not even that can be paid."""
        return self._most - self._sent() - self._owed() - self.aside
