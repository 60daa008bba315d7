"""Whether an API serves anything at all, by what was requested of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from harness.http.document_places import is_place
from harness.http.exchange import Exchange
from harness.http.item_urls import is_below

UNAVAILABLE = (502, 503, 504)


def available(exchanges: Iterable[Exchange], base: str) -> bool:
    """Whether anything of the API was served: below the target URL, and no document."""
    return any(200 <= (one.status or 0) < 300 for one in _of_the_api(exchanges, base))


def unavailable(exchanges: Iterable[Exchange], base: str) -> str | None:
    """A sentence where something of the API was answered 502 to 504 and nothing was served; None otherwise."""
    asked = [one for one in _of_the_api(exchanges, base) if one.status is not None]
    down = [one for one in asked if one.status in UNAVAILABLE]
    if not down or available(asked, base):
        return None
    return (
        f"nothing of the API was served, and {len(down)} of {len(asked)} requests were answered like "
        f"{down[0].summary()}: it seems to be in maintenance, so nothing is verified; run again when it is up"
    )


def _of_the_api(exchanges: Iterable[Exchange], base: str) -> list[Exchange]:
    return [
        one
        for one in exchanges
        if is_below(one.url, base) and one.url.rstrip("/") != base.rstrip("/") and not is_place(one.url, base)
    ]
