"""Rate limits in responses and in the OpenAPI document: exchanges in, limits out; no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from harness.http.exchange import Exchange
from harness.profile.models import RateLimit, State
from harness.quota.fields import Quota, QuotaReading, best, dialects, read
from harness.survey.openapi.document import Node, resolve
from harness.survey.openapi.operations import Endpoint, endpoints, parameters

MOST = 3
DOCUMENTED = "OpenAPI documents a limit of GET"
"""Beginning of the evidence of a limit that no response announces."""
_FIELD = re.compile(r"(?:x-)?rate-?limit", re.IGNORECASE)


def documented(document: Node, base_path: str) -> list[str]:
    """Paths whose GET needs no parameter and is documented with quota fields or 429, likeliest first."""
    found = []
    for endpoint in endpoints(document, base_path):
        operation = endpoint.operations.get("GET")
        if operation is None or "{" in endpoint.path or _needs_parameters(document, endpoint, operation):
            continue
        responses = operation.get("responses")
        listed = responses if isinstance(responses, dict) else {}
        names = {
            name
            for one in listed.values()
            for name in _headers(resolve(document, one))
            if _FIELD.match(str(name))
        }
        if names or "429" in listed:
            found.append((not names, len(endpoint.path), endpoint.path))
    return [path for _, _, path in sorted(found)[:MOST]]


def _headers(response: Node) -> Iterable[str]:
    headers = response.get("headers")
    return headers if isinstance(headers, dict) else ()


def _needs_parameters(document: Node, endpoint: Endpoint, operation: Node) -> bool:
    return any(one.get("required") is True for one in parameters(document, endpoint, operation))


def found(
    exchanges: Sequence[Exchange], base: str, promising: Sequence[str], credential: str
) -> list[RateLimit]:
    """The limits that responses announce, one per quota; if none does, one that is only documented.

    Args:
        exchanges: of the survey.
        base: the target's URL.
        promising: paths that are documented to be limited, likeliest first.
        credential: name of the credential that was sent.
    """
    announced: dict[tuple[int | None, float | None], tuple[Exchange, Quota, Sequence[QuotaReading]]] = {}
    for exchange in exchanges:
        quota = best(readings := read(exchange.response_fields))
        usable = exchange.method == "GET" and exchange.credential == credential
        if quota is None or not usable or exchange.status is None or not 200 <= exchange.status < 300:
            continue
        key = quota.limit, quota.window
        other = announced.get(key)
        if other is None or _rank(exchange, base, promising) < _rank(other[0], base, promising):
            announced[key] = exchange, quota, readings
    limits = [
        RateLimit(
            path=_path(exchange, base),
            limit=quota.limit or None,
            window=quota.window or None,
            state=State.DETECTED,
            because=f"{exchange.summary()} with {dialects(readings)}: {quota.shown()}",
        )
        for exchange, quota, readings in announced.values()
        if exchange.url.startswith(f"{base}/")
    ]
    if not limits and promising:
        limits = [
            RateLimit(
                path=promising[0],
                state=State.DETECTED,
                because=f"{DOCUMENTED} {promising[0]}",
            )
        ]
    return _named_apart(limits[:MOST])


def completed(written: RateLimit, exchanges: Sequence[Exchange], base: str) -> RateLimit:
    """A limit that the user wrote, completed by the responses at its path."""
    for exchange in exchanges:
        if exchange.method == "GET" and exchange.url == base + written.path:
            quota = best(read(exchange.response_fields))
            if quota is not None:
                limit = written.limit or quota.limit or None
                window = written.window or (quota.window if quota.limit == limit else None) or None
                return written.model_copy(update={"limit": limit, "window": window})
    return written


def _named_apart(limits: list[RateLimit]) -> list[RateLimit]:
    names = [limit.name for limit in limits]
    return [
        limit.model_copy(update={"name": f"{limit.name}-{names[:place].count(limit.name) + 1}"})
        if limit.name in names[:place]
        else limit
        for place, limit in enumerate(limits)
    ]


def _path(exchange: Exchange, base: str) -> str:
    return exchange.url.removeprefix(base)


def _rank(exchange: Exchange, base: str, promising: Sequence[str]) -> tuple[bool, bool, int]:
    """Cheap endpoints first: documented to be limited, without a query, short."""
    path = _path(exchange, base)
    return path not in promising, "?" in path, len(path)
