"""How likely a race shows a check-then-act gap: a conservative model, on what was measured.

1. A server with a check-then-act gap of W seconds lets a second request through when its check falls within W after
   the *first* request's check; what comes later finds the act done. Other pairs do not count.
2. The first of k requests is taken to be checked at the very start of a spread of S seconds. The others can have been
   checked no closer to it than they were released: the measured lead L, from the first release to the second, is
   taken off. Over the rest they are taken as spread evenly and independently. Each then falls within the gap with
   probability (W - L) / (S - L), and the race shows it with probability 1 - (1 - (W - L) / (S - L)) ** (k - 1).
3. S is the longer of two measured spreads: of the releases on the client, and of the answers' first bytes. The
   latter holds what the client cannot see, on the way and in the server's queue, and the service's own variation
   on top: as a rule it is wider than the spread of the checks. A client that lost its processor between two releases
   has a long L, and claims nothing for that round.
4. Rounds are taken as independent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """What one race measured, in seconds.

    Attributes:
        members: requests in flight at once.
        spread: over which their checks are taken to be spread (S).
        lead: from the first release to the second (L).
    """

    members: int
    spread: float
    lead: float = 0.0

    def probability(self, window: float) -> float:
        """Probability that the race shows a check-then-act gap of so many seconds."""
        near = window - self.lead
        if self.members < 2 or near <= 0:
            return 0.0
        rest = self.spread - self.lead
        if rest <= near:
            return 1.0
        return 1.0 - (1.0 - near / rest) ** (self.members - 1)


def together(rounds: Iterable[Measured], window: float) -> float:
    """Probability that at least one of several independent rounds shows a gap."""
    missed = 1.0
    for one in rounds:
        missed *= 1.0 - one.probability(window)
    return 1.0 - missed


def smallest_window(rounds: Sequence[Measured], confidence: float) -> float | None:
    """The smallest gap, in seconds, that rounds show with a confidence; None where none is.

    Args:
        rounds: what each measured.
        confidence: probability wanted, above 0 and below 1.
    """
    widest = [max(one.spread, one.lead) for one in rounds if one.members > 1]
    if not widest:
        return None
    # At the bottom no round shows it, at the top every one does.
    low, high = 0.0, 2 * max(widest) + 1e-9
    for _ in range(60):
        middle = (low + high) / 2
        if together(rounds, middle) >= confidence:
            high = middle
        else:
            low = middle
    return high
