"""Which media type the caller accepts (RFC 9110 section 12.5.1)."""

from __future__ import annotations

from harness.reference.call import Call
from harness.reference.errors import Problem


class Negotiator:
    """Proactive negotiation over the one type there is, JSON."""

    offered = "application/json"

    def check(self, call: Call) -> None:
        """406 where Accept excludes JSON."""
        accept = call.values("accept")
        if accept is not None and accept.strip() and not self.acceptable(accept):
            raise Problem("not_acceptable", f"Only {self.offered} is available.", available=[self.offered])

    def acceptable(self, accept: str) -> bool:
        """Whether the most specific matching range has a weight above 0."""
        kind = self.offered.partition("/")[0]
        ranks = {"*/*": 1, f"{kind}/*": 2, self.offered: 3}
        best = (0, 0.0)
        for element in accept.split(","):
            name, *parameters = (part.strip().lower() for part in element.split(";"))
            if name in ranks:
                best = max(best, (ranks[name], self.weight(parameters)))
        return best[1] > 0

    def weight(self, parameters: list[str]) -> float:
        """The q parameter, 1 where absent or not a number (RFC 9110 section 12.4.2)."""
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                try:
                    return float(value)
                except ValueError:
                    return 1.0
        return 1.0
