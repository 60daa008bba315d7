"""How many requests a survey may still send, after a reserve for those that must be sent."""

from __future__ import annotations

from collections.abc import Callable

MOST = 160
"""Requests of a survey, including removals, without those that the profile's `setup` lists."""
SHARE = 0.1
"""Share of `--max-requests` that the survey of a large API may take, where that is more."""
MOST_RESOURCES = 10
"""Resources that are explored in full within `MOST`."""
EACH = 20
"""Requests for each further resource."""
LOOK = 3
"""Requests of a light look: the list, an item of it, and an item that does not exist."""
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

    def widen(self, resources: int, others: int, budget: int) -> None:
        """Let the survey of a large API take more: `EACH` requests for each further resource, `LOOK` for each of the
        others, and a share of the budget at most.

        Args:
            resources: how many are explored.
            others: how many get a light look.
            budget: requests of the whole run.
        """
        further = resources - MOST_RESOURCES
        # One more: those before may not use up what the last one needs.
        wanted = MOST + (EACH * (further + 1) if further > 0 else 0) + LOOK * others
        self._most = max(self._most, min(wanted, int(SHARE * budget)))

    def spare(self) -> int:
        """Requests left for what is not essential; negative if even the essential ones exceed the limit."""
        return self._most - self._sent() - self._owed() - self.aside
