"""Whether the status of a provoked error is right, wrong, or due to another check that came first."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from harness.http.exchange import Exchange


class Assessment(Enum):
    """Whether a status meets a requirement."""

    HOLDS = "holds"
    BROKEN = "broken"
    OPEN = "open"
    """Another check answered, or the answer may be lawful for a reason that cannot be observed."""


HOLDS, BROKEN, OPEN = Assessment.HOLDS, Assessment.BROKEN, Assessment.OPEN
# Authentication, firewalls, limits, unsupported methods and gateways answer before the API validates the request.
_GATES = frozenset({401, 403, 405, 407, 408, 413, 414, 421, 423, 425, 429, 431, 451, 501, 502, 503, 504})


def gated(status: int) -> bool:
    """Whether a status comes from a check that may lawfully precede the one under test."""
    return 300 <= status < 400 or status in _GATES


def surely_fine(exchanges: Iterable[Exchange]) -> list[Exchange]:
    """The exchanges whose request was valid, so that the answer cannot describe an error.

    Only 201, and GETs of one URL that succeeded twice, are certain. A single 200 may itself be a defect: the path,
    the parameter or the write was only tried, or the item has been removed.
    """
    removed: set[str] = set()
    read: dict[str, Exchange] = {}
    fine: list[Exchange] = []
    for one in exchanges:
        if one.method == "DELETE":
            removed.add(one.url)
        elif one.status == 201:
            fine.append(one)
        elif one.method == "GET" and one.status == 200 and "?" not in one.url and one.url not in removed:
            # A path that was tried only once may not be a route at all.
            if one.url in read:
                fine += [read[one.url], one]
            read[one.url] = one
    return fine


def absent_item(method: str, status: int, *, hides: bool = False, certain: bool = False) -> Assessment:
    """A request to an item that does not exist (RFC 9110 sections 15.5.5 and 15.5.11).

    PUT and PATCH may create the item; DELETE of a missing item already has its effect.

    Args:
        hides: whether the API answers 403 by design, to hide which items exist.
        certain: whether the id is certain to have the right form, so that 400 would be wrong.
    """
    if status in (404, 410) or (status == 403 and hides):
        return HOLDS
    if gated(status):
        return OPEN
    if status < 300:
        return BROKEN if method == "GET" else OPEN
    if status >= 500:
        return BROKEN
    return BROKEN if certain and method == "GET" else OPEN


def unknown_route(status: int) -> Assessment:
    """A GET of a path without a route; a 4xx other than 404 may come from a route with a path parameter."""
    if status in (404, 410):
        return HOLDS
    if gated(status) or 400 <= status < 500:
        return OPEN
    return BROKEN


def malformed(status: int, *, empty: bool = False, required: bool = False) -> Assessment:
    """Malformed JSON content (RFC 9110 section 15.5.1).

    Args:
        empty: whether there was no content at all, which may also count as incomplete or missing.
        required: whether the API's schema requires a member of the content.
    """
    if status == 400:
        return HOLDS
    if gated(status):
        return OPEN
    if empty and status < 300:
        return BROKEN if required else OPEN
    if empty and status < 500:
        return HOLDS
    return BROKEN


def invalid(status: int) -> Assessment:
    """Well-formed content that violates the schema; success, 404 and 409 may have other reasons."""
    if status in (400, 422):
        return HOLDS
    if status < 300 or gated(status) or status in (404, 409, 415):
        return OPEN
    return BROKEN


def conflict(status: int) -> Assessment:
    """A value that must be unique and is already taken (RFC 9110 section 15.5.10)."""
    if status == 409:
        return HOLDS
    if status in (403, 423):
        # Another value was just created in the same collection, so nothing is locked, and permission is there.
        return BROKEN
    return OPEN if gated(status) or status in (404, 415) else BROKEN
