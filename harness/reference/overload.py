"""What keeps one client from taking all: a limit for each, a bounded queue, and a refusal for what does not fit."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from harness.reference.call import Call, Reply
from harness.reference.errors import Problem


class Admission:
    """Admits requests to work that is costly.

    Args:
        rate: requests per second of each client, over time.
        burst: requests that a client may send at once.
        places: requests that are worked on at once.
        queue: requests that may wait for a place.
        longest: seconds that one may wait for it.
    """

    def __init__(
        self, rate: float = 30.0, burst: int = 10, places: int = 16, queue: int = 32, longest: float = 0.5
    ) -> None:
        self.rate, self.burst, self.longest = rate, burst, longest
        self._places = threading.Semaphore(places)
        self._queue = threading.Semaphore(queue)
        self._lock = threading.Lock()
        self._tokens: dict[str, tuple[float, float]] = {}

    @contextmanager
    def admitted(self, call: Call) -> Iterator[None]:
        """Work on a request meanwhile; 429 beyond the client's rate, 503 where there is no place."""
        if not self.granted(call.principal.name, time.monotonic()):
            self.refuse(call)
        if not self._queue.acquire(blocking=False):
            self.shed(call)
        try:
            found = self._places.acquire(timeout=self.longest)
        finally:
            self._queue.release()
        if not found:
            self.shed(call)
        try:
            yield
        finally:
            self._places.release()

    def granted(self, client: str, now: float) -> bool:
        """Whether the client has a token, which is taken."""
        with self._lock:
            left, at = self._tokens.get(client, (float(self.burst), now))
            left = min(float(self.burst), left + (now - at) * self.rate)
            self._tokens[client] = (left - 1 if left >= 1 else left), now
            return left >= 1

    def refuse(self, call: Call) -> None:
        """429 (RFC 6585 section 4)."""
        raise Problem("rate_limited", f"At most {self.rate:g} requests a second.", {"Retry-After": "1"})

    def shed(self, call: Call) -> None:
        """503 (RFC 9110 section 15.6.4)."""
        raise Problem("busy", "All places are taken.", {"Retry-After": "1"})


class Rates:
    """Exchange rates: costly to compute, and of interest to every client."""

    rates = {"USD": 1.08, "GBP": 0.85, "CHF": 0.94}

    def get(self, call: Call) -> Reply:
        """The rates of today, as far as the client may have them now."""
        with call.policies.admission.admitted(call):
            return call.policies.representation.selected(call, {"base": "EUR", "rates": self.rates})
