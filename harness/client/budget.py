"""The bound on how much a run sends, and how fast: one count and one pace for all workers together."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from harness.client.account import Account, InFile, InProcess, kept, restore
from harness.rules.checks import Undecided
from harness.target.target import Limits

CLEAN_UP = 60.0
"""Seconds that removing what is left may take when the rules, or the time for them, are over."""


class BudgetSpent(Undecided):
    """The run may not send another request."""


class CutShort(BudgetSpent):
    """The time was over while an answer was waited for.

    Attributes:
        sent: whether the request may have reached the target.
    """

    def __init__(self, text: str, *, sent: bool = True) -> None:
        self.sent = sent
        super().__init__(text)


class Budget:
    """Counts and paces requests.

    Args:
        maximum: requests that the run may send, removal of what it created included.
        rps: requests per second; None for no pace.
        account: where the count is kept.
        flood: requests, of these, that all FLOOD rules together may send.
        seconds: of the whole run, from its first request; None for no bound.
        clean_up: seconds that removals may take after that, and at the end of the run.
        load: requests that all LOAD rules together may send.

    Attributes:
        until: when the seconds are over, on the monotonic clock; None where there is no bound, or no request yet.
        given_up: why the target was given up, as far as this process has heard; empty while it was not.
        floods: whether what is sent now is to be refused.
        loads: whether what is sent now is load.
    """

    def __init__(
        self,
        maximum: int,
        rps: float | None = None,
        account: InProcess | InFile | None = None,
        flood: int = 0,
        seconds: float | None = None,
        clean_up: float = CLEAN_UP,
        load: int = 0,
    ) -> None:
        self.maximum = maximum
        self.rps = rps
        self.flood = flood
        self.load = load
        self.seconds = seconds
        self.clean_up = clean_up
        self.until: float | None = None
        self._ends: float | None = None
        self._seeks = False
        self.given_up = ""
        self.floods = False
        self.loads = False
        self._account = account or InProcess()

    @classmethod
    def of(cls, limits: Limits, account: InProcess | InFile) -> Budget:
        """The budget of a run within its limits."""
        return cls(
            limits.max_requests,
            limits.rps,
            account,
            limits.flood_budget,
            limits.max_time,
            limits.cleanup_time,
            limits.load_budget,
        )

    def take(self, requests: int = 1, *, reserved: bool = False, removal: bool = False) -> None:
        """Spend requests, all or none, waiting for their turn.

        Args:
            requests: how many are about to be sent.
            reserved: spend one that was reserved by `reserve()`.
            removal: whether it removes what the run created: neither the end of the time nor a target that was given
                up keeps that from being sent, but the end of the time for cleaning up does.

        Raises:
            BudgetSpent: what is left is reserved for cleaning up, nothing is left, the time is over, or a worker has
                given the target up.
        """
        removal = removal or self._seeks
        with self._account.open() as account:
            self.given_up = account.given_up
            if account.given_up and not removal:
                raise BudgetSpent(account.given_up)
            self._run_clock(account)
            self.check_time(
                account.next_slot - time.monotonic() if self.rps is not None else 0.0, removal=removal
            )
            if reserved and account.reserved > 0:
                account.reserved -= 1
            elif account.sent + account.reserved + requests > self.maximum:
                raise BudgetSpent(f"budget: all {self.maximum} requests of --max-requests are used")
            elif self.floods:
                if account.flooded + requests > self.flood:
                    raise BudgetSpent(f"budget: all {self.flood} requests of --flood-budget are used")
                account.flooded += requests
            elif self.loads:
                if account.loaded + requests > self.load:
                    raise BudgetSpent(f"budget: all {self.load} requests of --load-budget are used")
                account.loaded += requests
            account.sent += requests
            if self.rps is None:
                return
            now = time.monotonic()
            turn = max(now, account.next_slot)
            account.next_slot = turn + requests / self.rps
        time.sleep(max(0.0, turn - now))

    def check_time(self, wait: float = 0.0, *, removal: bool = False) -> None:
        """Continue only if the run has time left.

        Args:
            wait: seconds that would be waited first.
            removal: whether that is for removing what the run created.

        Raises:
            BudgetSpent: it has not.
        """
        then = time.monotonic() + max(0.0, wait)
        if not (removal or self._seeks) and self.until is not None and then >= self.until:
            raise BudgetSpent(self._over)
        if then >= self._clean_until:
            raise BudgetSpent(f"clean-up: the time limit (--cleanup-time {self.clean_up:g}) is reached")

    def sleep(self, seconds: float) -> None:
        """Wait, if the run has time for it.

        Raises:
            BudgetSpent: it has not; at once.
        """
        self.check_time(seconds)
        time.sleep(max(0.0, seconds))

    def end(self, instant: float, *, removal: bool = False) -> float:
        """That instant, or an earlier one at which the time for such a request is over; on the monotonic clock."""
        ends = [instant, self._clean_until]
        if self.until is not None and not (removal or self._seeks):
            ends.append(self.until)
        return min(ends)

    def cut_short(self, what: str, *, sent: bool = True, removal: bool = False) -> None:
        """Say that an answer did not come because the time is over, where it is.

        Args:
            what: the request.
            sent: whether it may have reached the target.

        Raises:
            CutShort: it is.
        """
        try:
            self.check_time(removal=removal)
        except BudgetSpent as over:
            raise CutShort(f"{over}, while {what} waited for its answer", sent=sent) from None

    def left(self) -> float:
        """Seconds of the run's time that are left; infinite where there is no bound."""
        if self.seconds is None:
            return float("inf")
        with self._account.open() as account:
            if account.until:
                return max(0.0, account.until - time.monotonic())
            return account.left if account.left >= 0 else self.seconds

    def pause(self) -> None:
        """Stop the clock until the next request of any process."""
        if self.seconds is None:
            return
        left = self.left()
        with self._account.open() as account:
            account.until, account.left, self.until = 0.0, left, None

    def begin_clean_up(self, share: float = 1.0) -> None:
        """The rules of this process are over: from now on only what is left is removed, and that within a bound.

        Args:
            share: of the time for it that this process may use.
        """
        if self._ends is None:
            self._ends = time.monotonic() + share * self.clean_up

    @contextmanager
    def cleaning_up(self) -> Iterator[None]:
        """Bound what is removed meanwhile, while the run goes on: a target must not hold it with each removal."""
        before = self._ends
        self.begin_clean_up()
        try:
            yield
        finally:
            self._ends = before

    @contextmanager
    def seeking(self) -> Iterator[None]:
        """Requests meanwhile look for what is to be removed: the end of the run's time allows them, too."""
        before, self._seeks = self._seeks, True
        try:
            yield
        finally:
            self._seeks = before

    def _run_clock(self, account: Account) -> None:
        if self.seconds is not None and not account.until:
            account.until = time.monotonic() + (account.left if account.left >= 0 else self.seconds)
        self.until = account.until or None

    @property
    def _over(self) -> str:
        return f"budget: the {self.seconds:g} seconds of --max-time have passed"

    @property
    def _clean_until(self) -> float:
        """When the last removal must be over."""
        after_time = float("inf") if self.until is None else self.until + self.clean_up
        return after_time if self._ends is None else min(after_time, self._ends)

    def give_up(self, why: str) -> None:
        """Let all workers know that the target was given up."""
        self.given_up = why
        with self._account.open() as account:
            account.given_up = account.given_up or why

    @contextmanager
    def flooding(self) -> Iterator[None]:
        """What this process sends meanwhile, removals aside, is spent from `--flood-budget` as well."""
        self.floods = True
        try:
            yield
        finally:
            self.floods = False

    @contextmanager
    def loading(self) -> Iterator[None]:
        """What this process sends meanwhile, removals aside, is spent from `--load-budget` as well."""
        self.loads = True
        try:
            yield
        finally:
            self.loads = False

    def room_to_flood(self, requests: int) -> None:
        """Continue only if a flood of so many requests fits what is left.

        Raises:
            BudgetSpent: says which option is to be raised, and to what.
        """
        with self._account.open() as account:
            used, spent = account.flooded, account.sent + account.reserved
        self._room(requests, used, self.flood, "--flood-budget", spent)

    def room_for_load(self, requests: int) -> None:
        """Continue only if a load of so many requests fits what is left; see `room_to_flood()`."""
        with self._account.open() as account:
            used, spent = account.loaded, account.sent + account.reserved
        self._room(requests, used, self.load, "--load-budget", spent)

    def return_load(self, requests: int) -> None:
        """Give back requests of a load that were taken and not sent."""
        with self._account.open() as account:
            account.loaded -= requests
            account.sent -= requests

    def _room(self, requests: int, used: int, most: int, option: str, spent: int) -> None:
        if used + requests > most:
            raise BudgetSpent(
                f"budget: it takes {requests} requests, and {most - used} of the {most} of "
                f"{option} are left: raise it to {used + requests}"
            )
        if spent + requests > self.maximum:
            raise BudgetSpent(
                f"budget: it takes {requests} requests, and {self.maximum - spent} of the {self.maximum} of "
                f"--max-requests are left: raise it to {spent + requests}"
            )

    def reserve(self, requests: int = 1) -> None:
        """Put requests aside for removing what is about to be created.

        Raises:
            BudgetSpent: there is not enough left to create and remove.
        """
        with self._account.open() as account:
            if account.sent + account.reserved + 1 + requests > self.maximum:
                raise BudgetSpent(
                    f"budget: too few of the {self.maximum} requests of --max-requests are left to create "
                    "and remove a resource"
                )
            account.reserved += requests

    def release(self, requests: int = 1) -> None:
        """Give back what was reserved: nothing was created."""
        with self._account.open() as account:
            account.reserved = max(0, account.reserved - requests)

    def count_create(self, place: str, number: int = 1, most: int | None = None) -> bool:
        """Count creates in a collection.

        Args:
            place: key of the collection.
            number: of creates; negative where some created nothing.
            most: how many there may be in the whole run; None for no bound.

        Returns:
            False, and nothing is counted, where there would be more.
        """
        with self._account.open() as account:
            made = max(0, account.made.get(place, 0) + number)
            if most is not None and made > most:
                return False
            account.made[place] = made
        return True

    def stays(self, place: str, why: str) -> None:
        """Record that an item of a collection could not be removed."""
        with self._account.open() as account:
            account.staying.setdefault(place, why)

    def goes(self, place: str) -> None:
        """Record that items of a collection can be removed after all."""
        with self._account.open() as account:
            account.staying.pop(place, None)

    def why_staying(self, place: str) -> str:
        """Why items of a collection cannot be removed, as a removal has shown; empty if none has."""
        with self._account.open() as account:
            return account.staying.get(place, "")

    def harmed(self, kind: str, shown: str) -> None:
        """Record that a probe has damaged something, so that no process sends its kind again."""
        with self._account.open() as account:
            account.harm.setdefault(kind, shown)

    def harm_of(self, kind: str) -> str:
        """What a kind of probe has damaged; empty if nothing."""
        with self._account.open() as account:
            return account.harm.get(kind, "")

    @property
    def committed(self) -> int:
        """Requests that were sent, and those that are reserved for removals."""
        with self._account.open() as account:
            return account.sent + account.reserved

    @property
    def sent(self) -> int:
        with self._account.open() as account:
            return account.sent

    def snapshot(self) -> dict[str, Any]:
        """What was spent so far and still counts if the run is continued, as JSON has it."""
        left = self.left() if self.seconds is not None else None
        with self._account.open() as account:
            return {**kept(account), "seconds_left": left}

    def resume(self, before: Mapping[str, Any]) -> None:
        """Continue with what an earlier process of this run has spent; see `snapshot()`."""
        with self._account.open() as account:
            restore(account, before)
            if before.get("seconds_left") is not None:
                account.left = before["seconds_left"]
