"""Which media type the caller accepts (RFC 9110 section 12.5.1)."""

from __future__ import annotations

import csv
import io
import json

from harness.reference.call import Call, Document
from harness.reference.errors import Problem

JSON = "application/json"
CSV = "text/csv"


class Negotiator:
    """Proactive negotiation: everything is offered as JSON, lists also as CSV (RFC 4180)."""

    def check(self, call: Call) -> None:
        """Choose the media type of the response; 406 where Accept excludes all that are offered."""
        accept = call.values("accept")
        if accept is None or not accept.strip():
            return
        offered = self.offered(call)
        # Of equal weights the first wins.
        best = max(offered, key=lambda kind: self.quality(accept, kind))
        if self.quality(accept, best) <= 0:
            self.refuse(call, offered)
        else:
            call.media_type = best

    def offered(self, call: Call) -> tuple[str, ...]:
        """The media types that the response may have, the preferred one first."""
        if call.offers:
            return call.offers
        listed = hasattr(call, "resource") and "id" not in call.parameters
        return (JSON, CSV) if listed and call.method in ("GET", "HEAD") else (JSON,)

    def refuse(self, call: Call, offered: tuple[str, ...]) -> None:
        """406 (RFC 9110 section 15.5.7)."""
        raise Problem(
            "not_acceptable", f"Only {' and '.join(offered)} is available.", available=list(offered)
        )

    def quality(self, accept: str, kind: str) -> float:
        """The weight of the most specific range that matches a media type; 0 where none does."""
        ranks = {"*/*": 1, f"{kind.partition('/')[0]}/*": 2, kind: 3}
        best = (0, 0.0)
        for element in accept.split(","):
            name, *parameters = (part.strip().lower() for part in element.split(";"))
            if name in ranks:
                best = max(best, (ranks[name], self.weight(parameters)))
        return best[1]

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

    def encode(self, call: Call, document: Document) -> bytes | None:
        """The content in the media type chosen; None where that is JSON."""
        return self.table(document["data"]) if call.media_type == CSV else None

    def table(self, rows: list[Document]) -> bytes:
        """Rows with a header line; values other than strings and numbers are JSON."""
        names = list(dict.fromkeys(name for row in rows for name in row)) or ["id"]
        text = io.StringIO()
        writer = csv.DictWriter(text, names)
        writer.writeheader()
        for row in rows:
            plain = {n: v if isinstance(v, str | int) else json.dumps(v) for n, v in row.items()}
            writer.writerow(plain)
        return text.getvalue().encode()
