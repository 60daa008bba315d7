"""What a load consists of: clients, each with arrivals at a constant rate."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

RETRY_PACE = 0.1
"""Seconds from one attempt to the next of a client that retries at once: ten times a second."""


@dataclass(frozen=True)
class Arrivals:
    """GETs of one client, due at a constant rate whatever comes of those before: an open loop.

    Attributes:
        credential: name of the credential; empty for none.
        url: absolute.
        fields: header fields of the request.
        rate: requests per second.
        start, end: seconds after the beginning, between which they are due.
        retries: attempts after the first that follow a 5xx, a 429 or no response, ten a second; Retry-After is ignored.
        floods: whether it is what the stop rule ends.
        usual: members of ordinary responses that would be signs of an error in others; None where responses with a
            status of success are not looked at.
    """

    credential: str
    url: str
    fields: Mapping[str, str]
    rate: float
    start: float
    end: float
    retries: int = 0
    floods: bool = False
    usual: frozenset[str] | None = None

    @property
    def count(self) -> int:
        """Requests that are due, without retries."""
        return max(0, math.ceil((self.end - self.start) * self.rate - 1e-9))

    @property
    def most(self) -> int:
        """Requests that are sent at most."""
        return self.count * (1 + self.retries)

    def due(self, number: int) -> float:
        """When one is due, of which the first is 0; seconds after the beginning."""
        return self.start + number / self.rate
