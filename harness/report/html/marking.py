"""Which lines of an exchange are marked: fields that a finding names, and changes since an earlier exchange. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from harness.http.exchange import Exchange, Fields

# They differ between any two messages and show nothing.
_ALWAYS = {"age", "content-length", "date", "host", "traceparent", "user-agent", "x-request-id"}


@dataclass(frozen=True)
class Text:
    """Lines to show.

    Attributes:
        marked: places of the marked lines.
    """

    lines: tuple[str, ...]
    marked: frozenset[int] = frozenset()

    @property
    def tall(self) -> bool:
        """Whether they take more room than is given without scrolling."""
        return len(self.lines) > 24 or sum(map(len, self.lines)) > 3_000


def named(fields: Fields, text: str) -> frozenset[int]:
    """The places of the fields that a text names; a name that is a word of prose, too, counts in its own case only."""
    found = set()
    for place, (name, _) in enumerate(fields):
        quoted = re.escape(name)
        usual = re.escape("-".join(part.capitalize() for part in name.split("-")))
        loose = rf"(?i:{quoted})(?=:)" if "-" not in name else rf"(?i:{quoted})"
        if re.search(rf"(?<![\w-])(?:{loose}|{quoted}|{usual})(?![\w-])", text):
            found.add(place)
    return frozenset(found)


def changed(before: Sequence[str], after: Sequence[str]) -> frozenset[int]:
    """The places of the lines that `before` does not have; none where most are so, which shows nothing."""
    if not before:
        return frozenset()
    # The comma after a member only shows whether another follows.
    left = Counter(line.rstrip(",") for line in before)
    found = set()
    for place, line in enumerate(after):
        key = line.rstrip(",")
        if left[key]:
            left[key] -= 1
        else:
            found.add(place)
    return frozenset(found) if len(found) * 2 <= len(after) else frozenset()


def changed_fields(before: Fields, after: Fields) -> frozenset[int]:
    """The places of the request fields that an earlier request did not have with that value."""
    had = {(name.lower(), value) for name, value in before}
    return frozenset(
        place
        for place, (name, value) in enumerate(after)
        if name.lower() not in _ALWAYS and (name.lower(), value) not in had
    )


def same_request(exchange: Exchange, earlier: Sequence[tuple[int, Exchange]]) -> tuple[int, Exchange] | None:
    """The last earlier exchange with the same method and URL, and its number."""
    return next(
        (
            (number, one)
            for number, one in reversed(earlier)
            if (one.method, one.url) == (exchange.method, exchange.url) and not one.raw and not exchange.raw
        ),
        None,
    )


def same_resource(exchange: Exchange, earlier: Sequence[tuple[int, Exchange]]) -> tuple[int, Exchange] | None:
    """The last earlier exchange whose answer shows the same resource, and its number.

    A GET is compared with the previous GET: that shows what a write in between did.
    """
    if not _shows(exchange):
        return None
    found = [(number, one) for number, one in earlier if one.url == exchange.url and _shows(one)]
    if exchange.method == "GET":
        found = [one for one in found if one[1].method == "GET"] or found
    return found[-1] if found else None


def _shows(exchange: Exchange) -> bool:
    return exchange.status is not None and exchange.status // 100 == 2 and bool(exchange.response_body.text)
