"""Server errors (500) that no finding of a run reports become suspicions: no request may crash a server.

So do routes for which no request got a response. Pure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from harness.http.exchange import Exchange
from harness.http.item_urls import is_below
from harness.profile.models import Resource
from harness.rules.finding import Finding
from harness.survey.suspicion import Suspicion

CRASH = 500
UNAVAILABLE = (502, 503, 504)
FACT = "server_error"
CLOSED, LATE = "Server disconnected", "no response within the timeout"
"""How the errors begin where no part of a response came."""
_ID = re.compile(r"(?<=/)(?=[^/]*\d)[^/]+")
_MOST_SHOWN = 5


def unreported(
    exchanges: Iterable[Exchange],
    findings: Iterable[Finding],
    suspicions: Sequence[Suspicion],
    resources: Sequence[Resource],
    base: str,
) -> list[Suspicion]:
    """A suspicion for each method and route that was answered 500 and is in no finding with a breach.

    Args:
        exchanges: those that say something about the API (`harness/rules/passive.py`).
        suspicions: of the survey, which may have the same cause.
        base: the target's URL.
    """
    all_of_them = list(exchanges)
    routes = {one.id: _route(one, resources, base) for one in all_of_them}
    served = {routes[one.id] for one in all_of_them if 200 <= (one.status or 0) < 300}
    tried = Counter(routes.values())
    # 502 to 504 may pass, unless the same request never succeeds while others do. One alone that says
    # when it will be over shows nothing.
    crashed = [
        one
        for one in all_of_them
        if one.status == CRASH
        or (
            one.status in UNAVAILABLE
            and served
            and routes[one.id] not in served
            and (tried[routes[one.id]] > 1 or one.field("retry-after") is None)
        )
    ]
    reported = {id for one in findings if one.breaches for id in one.exchanges}
    reported |= {id for one in suspicions for id in one.exchanges}
    explained = {routes[one.id] for one in crashed if one.id in reported}
    return _by_route(
        [one for one in crashed if routes[one.id] not in explained],
        routes,
        "a server error that no rule reports",
    )


def never_answered(
    exchanges: Iterable[Exchange],
    findings: Iterable[Finding],
    resources: Sequence[Resource],
    base: str,
) -> list[Suspicion]:
    """A suspicion for each method and route for which no request got a response.

    Args:
        exchanges: all of the run.
        base: the target's URL.
    """
    own = [one for one in exchanges if not one.raw and is_below(one.url, base)]
    routes = {one.id: _route(one, resources, base) for one in own}
    answered = {routes[one.id] for one in own if one.status is not None}
    reported = {id for one in findings if one.breaches for id in one.exchanges}
    explained = {routes[id] for id in reported if id in routes}
    silent = [
        one
        for one in own
        if routes[one.id] not in answered
        and routes[one.id] not in explained
        and _silent(one, routes[one.id], resources)
    ]
    return _by_route(silent, routes, "no such request got a response")


def _by_route(
    exchanges: Iterable[Exchange], routes: Mapping[str, tuple[str, str, str]], what: str
) -> list[Suspicion]:
    """A suspicion for each route of these exchanges.

    Args:
        routes: by the id of an exchange; see `_route()`.
        what: is odd about them.
    """
    found: dict[tuple[str, str, str], list[Exchange]] = {}
    for one in exchanges:
        found.setdefault(routes[one.id], []).append(one)
    return [
        Suspicion(
            f"{several[0].summary()}{_times(len(several))}: {what}",
            tuple(one.id for one in several[:_MOST_SHOWN]),
            resource or None,
            fact=FACT,
            place=f"{method} {route}",
        )
        for (method, route, resource), several in found.items()
    ]


def _silent(one: Exchange, route: tuple[str, str, str], resources: Sequence[Resource]) -> bool:
    """Whether a request got no response and should have got one: a GET below an item may wait for an event."""
    error = one.error or ""
    if one.status is not None or not error.startswith((CLOSED, LATE)):
        return False
    plain = {path for known in resources for path in (known.collection, f"{known.collection}/{{id}}")}
    return error.startswith(CLOSED) or one.method not in ("GET", "HEAD") or route[1] in plain


def _times(count: int) -> str:
    return f" ({count} times)" if count > 1 else ""


def _route(one: Exchange, resources: Sequence[Resource], base: str) -> tuple[str, str, str]:
    """Method, path with ids left out, and the name of the resource; empty for none."""
    path = urlsplit(one.url).path.removeprefix(urlsplit(base).path.rstrip("/"))
    for known in sorted(resources, key=lambda each: -len(each.collection or "")):
        if known.collection and path == known.collection:
            return one.method, path, known.name
        if known.collection and path.startswith(f"{known.collection}/"):
            rest = path.removeprefix(f"{known.collection}/").partition("/")[2]
            return one.method, f"{known.collection}/{{id}}" + (f"/{rest}" if rest else ""), known.name
    return one.method, _ID.sub("{id}", path), ""
