"""COND: what is looked for in all exchanges: caching fields, and Vary of coded responses. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from harness.http.exchange import Exchange
from harness.rules.faults import Fault
from harness.rules.passive import Judge, Record, each
from harness.rules.verdict import Level

from .caching import cacheability_faults, storable, vary


def fields_of(exchange: Exchange) -> dict[str, str]:
    """The response fields by name in lower case."""
    return {name.lower(): exchange.field(name) or "" for name, _ in exchange.response_fields}


def malformed(found: Record) -> Iterable[Fault]:
    """Caching fields of a 200 to GET that break a MUST."""
    for one in found.exchanges:
        if one.method == "GET" and one.status == 200:
            for fault in cacheability_faults(fields_of(one)):
                if fault.level is Level.MUST:
                    yield Fault(one.summary(), fault.text)


def unlisted_coding(exchange: Exchange) -> str | None:
    """A coded response that a cache may store and serve to clients that cannot decode it, or None."""
    coding = (exchange.field("content-encoding") or "identity").strip().lower()
    if exchange.method != "GET" or exchange.status != 200 or coding == "identity":
        return None
    if exchange.request_field("accept-encoding") in (None, "", "identity"):
        # A coding that nobody asked for is another fault (NEGO-008).
        return None
    fields = fields_of(exchange)
    if {"accept-encoding", "*"} & vary(fields) or not storable(fields):
        return None
    return f"Content-Encoding: {coding} with Vary: {exchange.field('vary')}"


JUDGES = (
    Judge("COND-015", "well-formed caching fields", malformed, Level.MUST),
    Judge("COND-017", "a Vary field that lists Accept-Encoding", each(unlisted_coding)),
)
