"""The circuit breaker: when a target is given up, so that a run against one that fails ends soon and clean."""

from __future__ import annotations

import httpx

from harness.client.budget import Budget
from harness.client.transport import Endless
from harness.http.exchange import Exchange

UNANSWERED = 3
"""Requests in a row whose connection fails after which a target is given up."""
FAILING = 10
"""Requests in a row that time out, or are answered with server errors, after which it is asked again."""
LAWFUL = frozenset({501, 505})
"""Server errors for unsupported features, which are no sign of a failing server."""


class Breaker:
    """Counts what a target leaves unanswered or answers with server errors.

    Many rules send what a target may fail on. So server errors and timeouts alone do not open the breaker: a GET that
    was fine before must fail as well. One worker's breaker opens those of all.

    Attributes:
        fine: the last GET that was answered without a server error.
    """

    def __init__(self, budget: Budget) -> None:
        self.fine: httpx.Request | None = None
        self._budget = budget
        self._open: str | None = None
        self._unanswered = 0
        self._failing = 0
        self._silent = 0
        self._removals = 0
        self._first = ""
        self._last = ""

    @property
    def open(self) -> str | None:
        """Why the target was given up, if it was; None else."""
        return self._open or self._budget.given_up or None

    @open.setter
    def open(self, why: str) -> None:
        self._open = why

    @property
    def lets_removals_pass(self) -> bool:
        """Whether removals are still tried: until three in a row were in vain."""
        return self._removals < UNANSWERED

    @property
    def doubts(self) -> bool:
        """Whether the target is to be asked again."""
        return self._failing >= FAILING and self._open is None

    def saw(
        self,
        request: httpx.Request,
        exchange: Exchange,
        problem: httpx.TransportError | None,
        *,
        removal: bool,
    ) -> None:
        """Record an exchange.

        Args:
            exchange: the recorded form of the request and its answer.
            problem: why there is no answer.
            removal: whether it was to remove what the run created.
        """
        if isinstance(problem, httpx.LocalProtocolError):
            # A request that HTTP does not allow never left: no fault of the target's.
            return
        what = ", ".join(str(one) for one in (exchange.status, exchange.error) if one)
        self._last = f"{exchange.method} {exchange.url}: {what}"
        failed = failing(exchange)
        if removal:
            self._removals = self._removals + 1 if failed else 0
        if problem is None:
            self._unanswered = 0
        elif not _late(problem) and exchange.status is None:
            self._first = self._first if self._unanswered else self._last
            self._unanswered += 1
        if not failed:
            self._failing = self._silent = 0
            if request.method == "GET":
                self.fine = request
        elif not (self._budget.floods or self._budget.loads):
            # A flood is sent to be refused, and 503 is a way to refuse; a load has a stop rule of its own.
            self._failing += 1
            self._silent += problem is not None
        if self._unanswered >= UNANSWERED and self._open is None:
            self._open = (
                f"the target stopped answering: {self._unanswered} requests in a row without a response, "
                f"the first {self._first}; the last {self._last}"
            )

    def asked(self, exchange: Exchange) -> None:
        """Record what came of a GET that should be fine."""
        if not failing(exchange):
            self._failing = self._silent = 0
            return
        what = f"fails: {self._failing} requests in a row timed out or were answered with server errors"
        if self._silent == self._failing:
            what = f"stopped answering: {self._failing} requests in a row without a response"
        known = "had been" if self.fine is not None else "should be"
        self._open = (
            f"the target {what}, the last {self._last}; then a GET that {known} fine failed, too: {exchange.url}: "
            f"{exchange.status or exchange.error}"
        )
        self._budget.give_up(self._open)


def failing(exchange: Exchange) -> bool:
    """Whether an exchange shows that a target may not work now."""
    return (
        exchange.status is None
        or exchange.error is not None
        or (exchange.status >= 500 and exchange.status not in LAWFUL)
    )


def _late(problem: httpx.TransportError) -> bool:
    """Whether an answer took too long, or does not end, on a connection that was there."""
    return isinstance(problem, (httpx.ReadTimeout, httpx.WriteTimeout, Endless))
