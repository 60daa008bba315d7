"""Which status a provoked error may have: it holds, it is broken, or something else was found wrong first."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from harness.http.exchange import Exchange


class Ruling(Enum):
    """What a status says of a rule."""

    HOLDS = "holds"
    BROKEN = "broken"
    OPEN = "open"
    """The answer is to something else, or lawful for a reason that cannot be seen."""


HOLDS, BROKEN, OPEN = Ruling.HOLDS, Ruling.BROKEN, Ruling.OPEN
# Credentials, firewalls, limits, methods that are not there, gateways: they answer before the API looks.
_GATES = frozenset({401, 403, 405, 407, 408, 413, 414, 421, 423, 425, 429, 431, 451, 501, 502, 503, 504})


def gated(status: int) -> bool:
    """Whether a status comes from a check that lawfully stands before the one that was meant."""
    return 300 <= status < 400 or status in _GATES


def surely_fine(exchanges: Iterable[Exchange]) -> list[Exchange]:
    """The exchanges whose request was right, so that their answer cannot be that of an error.

    A 200 for what was merely tried may be an error itself: a write, a parameter, a path, or what has been removed.
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
            # What is read again after a write was there; a path that was tried once may be none.
            if one.url in read:
                fine += [read[one.url], one]
            read[one.url] = one
    return fine


def absent_item(method: str, status: int, *, hides: bool = False, certain: bool = False) -> Ruling:
    """A request to an item that does not exist (RFC 9110 sections 15.5.5 and 15.5.11).

    PUT and PATCH may create the item; DELETE of what is not there has its effect already.

    Args:
        hides: whether the API answers 403 by design, so as not to tell what exists.
        certain: whether the id surely has the right form, so that 400 would be wrong.
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


def unknown_route(status: int) -> Ruling:
    """A GET of a path that no route has; 4xx beside 404 may be a route with a parameter that answers."""
    if status in (404, 410):
        return HOLDS
    if gated(status) or 400 <= status < 500:
        return OPEN
    return BROKEN


def malformed(status: int, *, empty: bool = False, required: bool = False) -> Ruling:
    """Content that is no JSON, sent as JSON (RFC 9110 section 15.5.1).

    Args:
        empty: whether there was no content at all, which may as well count as incomplete, or as missing.
        required: whether the API's schema asks for something in the content.
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


def invalid(status: int) -> Ruling:
    """Well-formed content that breaks the schema; success, 404 and 409 may have other reasons."""
    if status in (400, 422):
        return HOLDS
    if status < 300 or gated(status) or status in (404, 409, 415):
        return OPEN
    return BROKEN


def conflict(status: int) -> Ruling:
    """A value that must be unique and is taken (RFC 9110 section 15.5.10)."""
    if status == 409:
        return HOLDS
    if status == 423:
        # Of a collection in which another value was created just before, nothing is locked.
        return BROKEN
    return OPEN if gated(status) or status in (404, 415) else BROKEN
