"""Judgement of a 429: its explanation (RFC 6585 section 4), and whether caches may store it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from harness.http import error_envelope
from harness.http.content import MISSING
from harness.http.error_body import explanation_fault, json_body, json_errors, speaks_json
from harness.http.exchange import Exchange
from harness.rules.faults import excerpt

_STORED = re.compile(r"(?:\A|,)\s*(public|(?:max-age|s-maxage)\s*=\s*\"?0*[1-9]\d*\"?)\s*(?=,|\Z)", re.I)
_FORBIDDEN = re.compile(r"(?:\A|,)\s*(?:no-store|no-cache|private)\b", re.I)


def faults_of_429(exchange: Exchange, seen: Sequence[Exchange]) -> Iterator[tuple[str, str]]:
    """The faults of a 429, each with the content that shows it.

    Args:
        seen: further exchanges with the API, which show its error format.
    """
    fault = explanation_fault(exchange, json_api=speaks_json(seen))
    if fault is not None:
        yield fault, ""
    else:
        strange = _unlike(exchange, seen)
        if strange is not None:
            yield strange, excerpt(exchange)
        quota = _violated(exchange)
        if quota is not None:
            yield quota, excerpt(exchange)
    stored = storable(exchange.field("cache-control") or "")
    if stored is not None:
        yield stored, ""


def storable(cache_control: str) -> str | None:
    """Why a cache may store a response and serve it as fresh, or None."""
    found = _STORED.search(cache_control)
    if found is None or _FORBIDDEN.search(cache_control):
        return None
    return f"Cache-Control: {cache_control} lets caches store it"


def _unlike(exchange: Exchange, seen: Sequence[Exchange]) -> str | None:
    """How its error format differs from that of the API's other errors, or None."""
    errors = [one for one in seen if one.status is not None and 400 <= one.status < 500 and one.status != 429]
    found = [error_envelope.skeleton(body) for _, body in json_errors(errors)]
    known = [one for one in found if one is not None]
    body = json_body(exchange)
    own = None if body is MISSING else error_envelope.skeleton(body)
    if own is None or not known:
        return None
    usual = error_envelope.usual(known)
    if any(error_envelope.agree(own, one) for one in known):
        return None
    return f"an error that differs from the API's others: {error_envelope.difference(own, usual)}"


def _violated(exchange: Exchange) -> str | None:
    """What is wrong with the problem type quota-exceeded (draft-ietf-httpapi-ratelimit-headers section 5.1)."""
    body = json_body(exchange)
    if not isinstance(body, dict) or not str(body.get("type", "")).endswith("#quota-exceeded"):
        return None
    policies = body.get("violated-policies")
    if isinstance(policies, list) and policies and all(isinstance(one, str) for one in policies):
        return None
    return "the problem type quota-exceeded without an array of policy names in violated-policies"
