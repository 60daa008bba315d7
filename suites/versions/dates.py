"""Deprecation (RFC 9745) and Sunset (RFC 8594), judged on the fields of a response. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import http_sf

from harness.http.exchange import Exchange
from harness.http.fields import http_date, imf_fixdate
from harness.http.links import Link, LinkSyntax, links

RELATIONS = ("deprecation", "sunset", "successor-version", "latest-version")
"""Relation types that lead clients from a deprecated resource (RFC 9745 section 3, RFC 8594 section 6, RFC 5829)."""
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_IMF_LENGTH = len("Sun, 06 Nov 1994 08:49:37 GMT")


def deprecation(value: str | None) -> datetime | None:
    """The instant of a Deprecation field; None where there is none, or it is no Date (RFC 9745 section 2.1)."""
    if value is None:
        return None
    try:
        parsed: Any = http_sf.parse(value.strip().encode("latin-1", "replace"), tltype="item")
    except (http_sf.StructuredFieldError, ValueError, OverflowError):
        return None
    made = parsed[0]
    return made if isinstance(made, datetime) else None


def deprecation_fault(exchange: Exchange) -> str | None:
    """What is wrong with the Deprecation field of a response, or None."""
    value = exchange.field("deprecation")
    if value is None or deprecation(value) is not None:
        return None
    shown = f"Deprecation: {value}"
    if value.strip().lower() in ("true", "?1"):
        return f"{shown} is the form of drafts before RFC 9745, which has a date: @1688169599"
    if (moment := imf_fixdate(value)) is not None:
        return f"{shown} is an HTTP-date, the form of drafts before RFC 9745: send @{int(moment.timestamp())}"
    return f"{shown} is not one Date of structured fields, such as @1688169599"


def sunset(value: str | None) -> datetime | None:
    """The instant of a Sunset field; None where there is none, or it is no valid HTTP-date."""
    if value is None or _sunset_syntax(value) is not None:
        return None
    return imf_fixdate(value)


def sunset_fault(exchange: Exchange) -> str | None:
    """What is wrong with the syntax of a Sunset field (RFC 8594 section 3), or None."""
    value = exchange.field("sunset")
    what = _sunset_syntax(value) if value is not None else None
    return None if what is None else f"Sunset: {value} {what}"


def _sunset_syntax(value: str) -> str | None:
    value = value.strip()
    moment = http_date(value)
    if moment is None:
        if value.endswith("UTC") and http_date(f"{value[:-3]}GMT") is not None:
            return "ends with UTC, where an HTTP-date has GMT"
        return "is not one HTTP-date"
    if len(value) != _IMF_LENGTH or value[3] != ",":
        return "is an obsolete form of HTTP-date, which must not be sent"
    day = _DAYS[moment.weekday()]
    if value[:3] != day[:3]:
        return f"names the wrong day: {moment:%Y-%m-%d} is a {day}"
    return None


def past_sunset(exchange: Exchange) -> str | None:
    """Where a successful response has a Sunset before its Date (RFC 8594 section 3: SHOULD be in the future)."""
    moment = sunset(exchange.field("sunset"))
    status = exchange.status or 0
    if moment is None or not 200 <= status < 300:
        return None
    now = http_date(exchange.field("date")) or datetime.now(UTC)
    return (
        f"Sunset: {exchange.field('sunset')} is past, and the response is {status}" if moment < now else None
    )


def early_sunset(exchange: Exchange) -> str | None:
    """Where Sunset is before Deprecation (RFC 9745 section 4), or None; malformed fields are others' to judge."""
    end, begin = sunset(exchange.field("sunset")), deprecation(exchange.field("deprecation"))
    if end is None or begin is None or end >= begin:
        return None
    return f"Sunset {end:%Y-%m-%d} is {_days(begin, end)} days before Deprecation {begin:%Y-%m-%d}"


def span(exchange: Exchange) -> str | None:
    """How long clients have from Deprecation to Sunset, in words; None without both."""
    end, begin = sunset(exchange.field("sunset")), deprecation(exchange.field("deprecation"))
    if end is None or begin is None or end < begin:
        return None
    return f"{_days(end, begin)} days from deprecation ({begin:%Y-%m-%d}) to sunset ({end:%Y-%m-%d})"


def _days(later: datetime, earlier: datetime) -> int:
    return (later - earlier).days


def leading_links(exchange: Exchange) -> list[Link]:
    """The links of a response that lead to notice of a deprecation, or to a successor."""
    try:
        found = links(exchange.field("link") or "")
    except LinkSyntax:
        return []
    return [one for one in found if set(one.relations) & set(RELATIONS)]
